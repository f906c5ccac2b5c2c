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
