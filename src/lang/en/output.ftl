# Messages of `output`.

## Errors

output-cannot-write = cannot write the output { $path }: { $reason }; the file that was there before is untouched
output-other-workbook = the output { $path } would be no such workbook: name a file that ends in .xlsx or .csv with --output
output-not-regular = it is not a regular file
output-busy = another run is writing it
output-cells-shifted = a row has not one cell for each added column

## The cells `reason` and `detail`

output-refusal = { $column }: { $clause }
output-such-as = { $clause }, and the like
output-refusal-detail = column { $column }; { $code }
output-no-answer = no answer was recorded before the run ended
output-unknown-code = error_code { $code } is not in the API's document
output-no-documented-answer = no documented answer
output-unknown-res = billed, but its res is missing or not in the API's document
output-more-doubts = { $count } more call(s) for this row may have been billed
output-in-doubt = in doubt, asked at { $when }: { $what }; it may have been billed, so it is not asked again until that is settled
output-lost = in doubt: the ledger was set back at { $set_back } to a copy of { $since }, and this row may have been asked about and billed in between, so it is not asked about until that is settled
output-not-asked = not asked yet
output-not-answered = not answered yet, last tried at { $when }
output-not-answered-because = not answered yet, last tried at { $when }: { $seen }
output-made-up = SANDBOX: a made-up answer, not a verification
output-repaired = repaired: { $repairs }
output-repair = { $field } ({ $repair })
output-photo = photo: { $warnings }

## What was seen of a call without a documented answer

seen-certificate = the server's certificate is not valid
seen-refused = the connection was refused
seen-unreachable = the network or host is unreachable
seen-no-connection-in-time = no connection within the time limit
seen-name = the host name could not be resolved
seen-encryption = the encrypted connection could not be set up
seen-no-connection = no connection could be made
seen-lost-before-request = the connection was lost before the request was complete
seen-no-reply-in-time = no complete reply within the time limit
seen-cut-short = the reply was cut short
seen-lost-before-reply = the connection was lost before a reply
seen-too-long = the reply was over 64 KiB
seen-no-json = the reply was not the documented JSON

## Sheets of a workbook

output-sheet-rows = Results
output-sheet-summary = Summary
output-sheet-codes = Codes
output-made-up-sheet = SANDBOX: made-up answers, nothing was paid
output-rows = Rows
output-decision = Decision
output-meaning = Meaning
output-count = Rows
output-factor = Factor
output-billed-rows = Rows whose calls were billed
output-perhaps-billed-rows = Rows with a call that may have been billed
output-billed-calls = Calls that were billed
output-doubtful-calls = Calls that may have been billed
output-cost = Cost of the billed calls, yuan (at { $price } each)
output-doubtful-cost = And if all doubtful calls were billed, yuan more
output-rejected-reasons = Why rows were rejected
output-document = The API's document
output-english = In English
output-code-billed = Billed
output-remedy = What to do
output-yes = yes
output-no = no
output-unknown = unknown
output-decision-match = identity, face and mobile all pass
output-decision-mismatch = at least one factor belongs to somebody else
output-decision-inconclusive = nothing mismatches, but something could not be checked or has no record
output-decision-rejected = never sent because the row cannot be asked about, or refused by the API's own validation: mend it as the reason says
output-decision-unresolved = asked, and the answer is not known: it may have been billed, so it is not asked again by itself
output-decision-pending = not answered yet: the next run asks
