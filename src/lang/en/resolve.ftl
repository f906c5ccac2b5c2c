# `reverify resolve` and `reverify reconcile`: what is in doubt, and settling it.

resolve-bad-row = a row is a number from 2 on, or two of them as in 7-9: row 1 is the header
resolve-empty-reason = --reason must say something: it is what the ledger keeps of why
resolve-nothing-to-accept = Nothing was wrong with the ledger, so nothing was accepted.
resolve-accepted = The ledger was accepted as it is. Whoever has no answer in it is held in doubt from now on.
resolve-settled = { $count ->
        [one] { $count } doubt is settled: { $verdict }.
       *[other] { $count } doubts are settled: { $verdict }.
    }
resolve-unprintable = what is in doubt cannot be printed: { $error }
resolve-rows-of-many = --row needs one INPUT, not several: its rows are meant
resolve-row-is-lost = row { $row } has no call of its own in doubt: it may be among those that are lost, which --lost settles together; `reverify run --in-doubt resend` asks again
resolve-row-not-in-doubt = row { $row } is not in doubt: `reverify resolve INPUT` lists the rows that are
resolve-intent-not-in-doubt = call { $intent } is not in doubt: `reverify resolve` lists the calls that are
resolve-nothing-lost = no call is lost: --lost is for a ledger that was accepted as an older copy
resolve-no-answer = no answer was recorded before the run ended
resolve-unknown-code = error_code { $code } is not in the API's document
resolve-none = Nothing is in doubt.
resolve-count = { $count ->
        [one] { $count } call is in doubt: it may have been billed.
       *[other] { $count } calls are in doubt: they may have been billed.
    }
resolve-row = { $file }, row { $row }
resolve-name-the-input = Which rows these are: reverify resolve INPUT
resolve-lost = Calls made between { $since } and { $accepted } are lost with the older copy of the ledger that was accepted then: whoever has no answer is held.
resolve-how =
    To settle: look the calls up in the provider's record by their times, or let `reverify reconcile STATEMENT` do it; then
      reverify resolve --intent N --billed --reason TEXT     billed, its answer is lost: not asked again
      reverify resolve --intent N --unbilled --reason TEXT   not billed: the next run asks
      reverify resolve --intent N --resend --reason TEXT     unknown: ask again, and perhaps pay twice
    or name INPUT and --row N, --lost, or --all.
