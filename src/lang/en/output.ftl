# Messages of `output`.

## Errors

output-cannot-write = cannot write the output { $path }: { $reason }; the file that was there before is untouched
output-other-workbook = the output { $path } would be no such workbook: name a file that ends in .xlsx or .csv with --output
output-not-regular = it is not a regular file
output-busy = another run is writing it
output-cells-shifted = a row has not one cell for each added column

## The cells `reason` and `detail`

output-refusal = { $column }: { $clause }
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
output-photo-no-path = no photo is named
output-photo-outside-folder = the photo's path leaves the photo folder; write it relative to the folder, without ".."
output-photo-symbolic-link = the photo's path goes through a symbolic link; put the file itself in the folder
output-photo-missing = the photo's file does not exist
output-photo-not-a-file = the photo's path names something that is not a regular file
output-photo-no-permission = the photo's file may not be read by this user
output-photo-unreadable = the photo's file cannot be read
output-photo-empty = the photo's file is empty
output-photo-file-too-large = the photo's file is too large
output-photo-not-a-picture = the file is not a picture
output-photo-foreign-format = the file is in a format that is not read; convert it to JPEG
output-photo-unsupported-kind = a rare kind of picture that is not read; save it as an ordinary JPEG
output-photo-animated = an animated picture; save one picture of it as JPEG
output-photo-truncated = the picture is cut off before its end; copy the original again
output-photo-damaged = the picture is damaged and does not decode; copy the original again
output-photo-too-many-pixels = the picture has more pixels than are decoded; save it smaller
output-photo-too-small = the picture is too small or too narrow to recognise a face on
output-photo-no-face = no face is found on the photo; use a photo of the face from the front
output-photo-face-too-small = the face on the photo is too small; use a photo taken closer

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
