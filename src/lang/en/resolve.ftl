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

## `reverify reconcile`

reconcile-bad-column = a column is named as orderid=…, time=…, amount=… or code=…
reconcile-bad-stretch = a stretch of time is FROM..TO, such as 2026-11-01..2026-11-30 or 2026-11-24 22:00..2026-11-25 06:00
reconcile-no-columns = { $path } has neither a column of orderids nor one of times that is known here, only { $found }: name them with --column orderid=…,time=…
reconcile-no-such-column = { $path } has no column { $name }, only { $found }: correct --column
reconcile-head = { $path }: { $lines } lines, taken to be complete from { $from } to { $until }
reconcile-head-timeless = { $path }: { $lines } lines without a time, so that nothing is settled by time
reconcile-passed-over = { $count } lines are about no call (sums and the like)
reconcile-matched = lines and answers with the same orderid
reconcile-unexplained = lines that the ledger cannot explain
reconcile-twice = lines that charge an orderid a second time
reconcile-though-unbilled = lines that charge for an answer that is not billed
reconcile-not-charged = lines that charge nothing for a billed answer
reconcile-missing = billed answers that the statement lacks
reconcile-settled-billed = doubts settled: billed
reconcile-settled-unbilled = doubts settled: not billed
reconcile-in-doubt = doubts that stay
reconcile-outside = billed answers before or after the time that the statement covers
reconcile-not-covered = the statement does not cover its time
reconcile-ambiguous =
    { $lines ->
        [one] 1 unexplained line
       *[other] { $lines } unexplained lines
    } could be about { $doubts ->
        [one] 1 doubt
       *[other] { $doubts } doubts
    }
reconcile-without-time =
    { $lines ->
        [one] 1 unexplained line has
       *[other] { $lines } unexplained lines have
    } no readable time and could be about it
reconcile-lost-settled = No line of the time that is lost is unexplained: none of the lost calls was billed, and everyone may be asked again.
reconcile-lost-stays = Calls that are lost with an older copy of the ledger stay in doubt: { $why }.
reconcile-row = row { $row }
reconcile-call = call { $intent }
reconcile-more = and { $count } more: --differences FILE writes all of them
reconcile-month = month
reconcile-lines = lines
reconcile-yuan = yuan
reconcile-billed = ledger
reconcile-doubts = in doubt
reconcile-dry-run = Nothing was written: this was a dry run.
