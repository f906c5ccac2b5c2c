# Messages of `plan`.

plan-title = { $input }: { $rows ->
    [one] one row
   *[other] { $rows } rows
} ({ $shape })
plan-due = due
plan-settled = settled already
plan-rejected = rejected
plan-held = in doubt, not asked again by itself
plan-out-of-reach = to be asked anew, but the photo is gone
plan-orphans = { $count ->
    [one] one call has no answer, because an earlier run broke off
   *[other] { $count } calls have no answer, because an earlier run broke off
}
plan-no-ledger = there is no ledger { $ledger } yet, so nothing is known; the first run makes it
plan-reasons = Rejected:
plan-more-reasons = { $count ->
    [one] and one more kind
   *[other] and { $count } more kinds
}
plan-repairs = { $count ->
    [one] Repaired before sending, in one row:
   *[other] Repaired before sending, in { $count } rows:
}
plan-same-applicant = The same applicant more than once:
plan-repeated = rows whose applicant and photo stand above
plan-calls-saved = calls that they save
plan-other-photos = due again because of another photo
plan-conflicts = { $count ->
    [one] One ID number stands with different values; find out which is right:
   *[other] { $count } ID numbers stand with different values; find out which are right:
}
plan-conflict = { $rows }: { $what }
plan-more-conflicts = { $count ->
    [one] and one more
   *[other] and { $count } more
}
plan-other-name = the names differ
plan-other-mobile = the mobiles differ
plan-other-name-and-mobile = names and mobiles differ
plan-rows-named = { $count ->
    [one] row { $rows }
   *[other] rows { $rows }
}
plan-rows-named-and-more = rows { $rows } and { $more } more
plan-photos = Photos:
plan-photos-missing = rows whose photo is missing or unfit
plan-photos-hint = only looked for; --photos-too prepares each one as it would be sent
plan-photos-prepared = prepared
plan-photos-bad = cannot be sent
plan-photos-looked-at = { $count } photos looked at
plan-alarm = ALARM: { $count } of { $rows } ID numbers end in 000: a spreadsheet has probably rounded them, and every call about a wrong number is paid for; take the file from its source again with ID numbers as text
plan-ids-ending-in-000 = ID numbers that end in 000 (one in 1,000 does)
plan-calls = Calls:
plan-calls-at-worst = at worst
plan-cost-at-worst = cost at worst
plan-calls-of-one-run = of one run, within its limits
plan-cost-of-one-run = cost of one run at worst
plan-yuan = { $amount } yuan
plan-free = nothing
plan-price-unknown = see --price
plan-time = time at { $rate }, or more
plan-concurrency = with { $concurrency } in flight, { $rate } is kept as long as a call takes no longer than { $time }
plan-calls-today = calls today already
plan-calls-a-night = calls a night
plan-nights = nights
plan-never = never
plan-problems-written = { $count ->
    [one] { $path }: one problem, to hand back to whoever made the list
   *[other] { $path }: { $count } problems, to hand back to whoever made the list
}
plan-problems-hint = --problems FILE.csv writes one line per problem, to hand back to whoever made the list.
plan-nothing-was-sent = Nothing was sent, and nothing written down.
plan-no-random = the system gives no random bytes: { $error }
plan-unprintable = the plan cannot be printed: { $error }
plan-other-endpoint = a run would be refused: { $refusal }

## The list of problems

problems-row = row
problems-column = column
problems-problem = problem
problems-what-to-do = what_to_do
problems-name = name
problems-idcard = idcard
problems-mobile = mobile
problems-code = code
problems-refused-by-api = Juhe refused a value of this row in an earlier run
problems-correct-row = compare the row with the documents and correct it
problems-other-name = the same ID number stands in row { $row } with another name
problems-other-mobile = the same ID number stands in row { $row } with another mobile
problems-which-is-right = find out which is right, and correct or delete the other
problems-repeated = the same applicant with the same photo stands in row { $row } already
problems-repeated-remedy = nothing has to be done: both rows get the one answer; delete one if it is here by mistake
problems-ends-in-000 = the ID number ends in 000, as too many in this file do: a spreadsheet has probably rounded it
problems-take-again = take the number from its source again, into a column that was formatted as text before
problems-fill-in = fill it in
problems-whole-number = write the whole number, without *
problems-correct-name = write the name as it stands on the ID card
problems-correct-idcard = compare it with the ID card and correct it
problems-correct-mobile = correct the number: 11 digits that start with 13 to 19
problems-photo-path = put the photo into the photo folder, and write its path relative to that folder
problems-photo-permission = let the photo be read, or copy it anew
problems-new-photo = get a new photo of the person: the face from the front, as JPEG
problems-better-photo = it is sent all the same; a better photo would make the answer more certain
