# The lines before the first call.

announce-input = { $input }: { $rows } rows ({ $form }): { $due } due, { $settled } settled already, { $rejected } rejected, { $held } in doubt
announce-no-call = no call to make
announce-calls =
    at most { $calls ->
        [one] 1 call
       *[other] { $calls } calls
    } at { $rate } with { $concurrency } in flight, { $time } or more
announce-sandbox = SANDBOX: made-up answers, nothing is paid
announce-cost = at worst { $cost } yuan
announce-no-price = --price would tell the cost
announce-orphans =
    { $calls ->
        [one] 1 call has
       *[other] { $calls } calls have
    } no answer, because an earlier run broke off: what may have been billed is held in doubt
announce-alarm = ALARM: { $count } of { $rows } ID numbers end in 000: a spreadsheet has probably rounded them, and every call about a wrong number is paid for; take the file from its source again with ID numbers as text
announce-photo-warnings =
    { $rows ->
        [one] { $rows } due row has a photo with a warning: see its column `detail`
       *[other] { $rows } due rows have photos with warnings: see the column `detail`
    }
