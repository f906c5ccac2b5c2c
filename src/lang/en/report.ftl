# What is told of a run: progress, status, metrics, signals, and the report.

## While a run is on

progress-of = { $done } of { $due }
progress-left = { $time } left
progress-speed = { $speed }/s
progress-comma = ,{ " " }
progress-semicolon = ;{ " " }
progress-reading = reading the input
progress-writing = writing the output
progress-waiting = waiting until { $until }: { $why }
progress-stopping =
    stopping: { $why }; { $calls ->
        [0] no call is in flight
        [one] { $calls } call in flight is being finished
       *[other] { $calls } calls in flight are being finished
    }
progress-told-to-stop =
    stopping: { $calls ->
        [0] nothing is in flight
        [one] { $calls } call in flight is being finished and recorded
       *[other] { $calls } calls in flight are being finished and recorded
    }; once more leaves at once
progress-in-flight = { $calls } in flight
progress-count = { $count } { $what }
progress-cost = { $yuan } yuan
progress-line = { $done } of { $due } rows, { $speed } calls/s, eta { $left }, { $rest }

signal-first =
    stopping: { $calls ->
        [0] no call is in flight
        [one] { $calls } call in flight is being finished and recorded
       *[other] { $calls } calls in flight are being finished and recorded
    }, then the output is written; once more leaves at once
signal-second =
    left at once: { $calls ->
        [0] no call was in flight
        [one] { $calls } call in flight is in doubt
       *[other] { $calls } calls in flight are in doubt
    }, everything recorded is safe
signal-refused = signals cannot be received: { $error }
log-not-opened = the log file { $path } cannot be opened: { $error }
program-error = an error in the program itself at { $place }; what is in the ledger is safe, run again to go on

hook-failed = the command of --on-finish failed: { $status }
hook-took-too-long = the command of --on-finish took longer than { $seconds } s and was ended
hook-not-started = the command of --on-finish cannot be started: { $error }
metrics-not-written = the metrics file { $path } cannot be written: { $error }; the run goes on without it
man-written = the manual pages are in { $path }
man-not-written = the manual pages cannot be written to { $path }: { $error }

## Status

status-ledger =
    { $path }: { $runs ->
        [one] { $runs } run
       *[other] { $runs } runs
    }
status-sandbox = , SANDBOX: made-up answers, nothing was paid
status-applicants = applicants asked about
status-today = today { $day }
status-in-all = in all
status-this-run = this run
status-calls = calls
status-billed = billed
status-in-doubt = in doubt
status-doubts =
    { $calls ->
        [one] { $calls } call is
       *[other] { $calls } calls are
    } in doubt, the oldest since { $since }: what may have been billed is not asked again by itself.
status-run-on = { $path }: a run is on, process { $pid }, since { $since }
status-silent = the run has told nothing for { $seconds } s: is its machine or its disk busy?
status-ahead = { $done } of { $due } rows, { $speed } calls/s, eta { $left }, { $in_flight } in flight
status-stopping =
    stopping, { $calls ->
        [0] no call is in flight
        [one] { $calls } call in flight is being finished
       *[other] { $calls } calls in flight are being finished
    }
status-slowed =
    { $answers ->
        [one] { $answers } answer
       *[other] { $answers } answers
    } 10011 (too many calls from this address); the rate is { $rate }/s now
status-last-ended = No run is on. The last one ended at { $at } with exit code { $code }.
status-last-broke-off =
    No run is on. The last one broke off at { $at } or a little later, with { $calls ->
        [0] no call
        [one] { $calls } call
       *[other] { $calls } calls
    } in flight: run again to go on.
status-not-printed = the status cannot be printed: { $error }

## The report

report-number = { $count }
report-title = Verification report
report-made-at = made at
report-ledger = ledger
report-program = by
report-written = the report is in { $path }
report-sandbox = made-up answers: nobody was verified, and nothing was paid.
report-this-machine = The answers came from an endpoint on this machine, which may be an imitation of the API.
report-foot = Made from the input and the ledger without any call. Times are those of Asia/Shanghai (UTC+8).
report-share = { $count } ({ $percent }%)
report-list-now = the list now
report-last-run = last run
report-run-before = run before
report-in-all = in all
report-count = count
report-others = others

report-decisions = How the list stands
report-decision = decision
report-verdict =
    { $settled } of { $rows } rows are settled, { $percent }% of all rows match. { $left ->
        [0] Nothing is left to do.
        [one] { $left } row needs something done: it is rejected, in doubt, or not asked yet.
       *[other] { $left } rows need something done: they are rejected, in doubt, or not asked yet.
    }
report-decisions-note = The list counts rows, the runs count answers: rows of the same person with the same photo share one answer, and rows rejected before a call are in no run.

report-factors-title = Identity, face and mobile
report-mobile = mobile
report-identity-is = identity { $check }
report-face-is = face { $check }
report-factors-note = “Failed” and “no record” say that a factor could not be checked. They are no mismatch.
report-nothing-answered = Nothing has been answered yet.

report-scores = Face scores by decision
report-least = lowest
report-median = median
report-most = highest
report-no-scores = No answer had a score.
report-scores-note = The API's document does not say what the scale of the score is. The decisions do not rest on it.
report-scores-unreadable =
    { $count ->
        [one] { $count } score is
       *[other] { $count } scores are
    } no number and left out.

report-carriers = Carriers
report-carrier = carrier
report-no-carriers = No answer named a carrier.

report-rejected = Rejected rows and what to mend
report-nothing-rejected = No row is rejected.
report-by-the-api = refused by the API
report-column = column
report-what-to-mend = what is wrong
report-rejected-note = Rejected rows cost nothing. Mend them in the input and run again: what is settled is not paid for again.

report-doubts = In doubt
report-no-doubts = Nothing is in doubt: every call has its answer.
report-doubts-lead =
    { $rows ->
        [one] { $rows } row is
       *[other] { $rows } rows are
    } in doubt: the calls may have been billed, so they are not repeated. Look them up in Juhe's call record by these times.
report-row = row
report-asked-at = asked at
report-seen = what was seen
report-lost = the calls from then until { $until } are lost: this row may be among them
report-no-answer = no answer was recorded
report-more-doubts =
    { $rows ->
        [one] { $rows } more row is
       *[other] { $rows } more rows are
    } in the output, with their times in the column “detail”.

report-runs = The last run and the one before
report-no-runs = No run has asked about this list yet.
report-no-run-before = There was no run before this one.
report-no-calls = no call was made.
report-runs-note = Runs of this ledger, without those that asked about other lists only.
report-number-of-run = number
report-began = began
report-took = last answer after
report-calls = calls
report-billed = billed
report-cost = cost at { $price } yuan a call
report-perhaps-cost = more if all doubts were billed
report-yuan = { $yuan } yuan
report-in-doubt = in doubt
report-address-limit = answers 10011 (too many calls)
report-not-sent = not sent (no connection)
report-calls-per-minutes =
    { $minutes ->
        [one] calls per minute
       *[other] calls per { $minutes } minutes
    }
report-slowed =
    The API answered 10011 { $answers ->
        [one] once
       *[other] { $answers } times
    }, from { $first } to { $last }: the run paused and went on more slowly.
report-part-billed = billed
report-part-unbilled = answered, not billed
report-part-limit = 10011, paused
report-part-doubt = in doubt
report-part-unsent = not sent
report-as-table = the same as a table
report-time = time

report-answers = What was asked and answered
report-nothing-asked = Nothing was asked.
report-meaning = meaning
report-api-words = the API's words
report-is-billed = billed
report-yes = yes
report-no = no
report-unknown = unknown
report-not-documented = not in the API's document
report-answers-note = The API's words are those of one answer of its kind.

report-rows = Rows
report-rows-note = Names and numbers are masked. The output has them in full.
report-name = name
report-id-number = ID number
report-factors = identity / face / mobile
report-answer = answer
report-score = score
report-verified-at = answered at

report-words = What the words mean
report-word-match = Identity, face and mobile number all belong to this person.
report-word-mismatch = At least one of them does not.
report-word-inconclusive = Nothing mismatches, but something could not be checked or has no record.
report-word-rejected = Something is wrong with the row itself, so nothing was learnt about the person.
report-word-unresolved = The row was asked about, but the answer was lost. The call may have been billed.
report-word-pending = Not asked, or not answered yet.
