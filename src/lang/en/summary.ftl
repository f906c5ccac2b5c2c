# What a run came to.

summary-files =
    { $input } -> { $output }: { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    }
summary-sandbox = SANDBOX: made-up answers, nothing was paid
summary-calls =
    This run: { $calls ->
        [one] 1 call
       *[other] { $calls } calls
    }, { $billed } billed, { $doubts } in doubt
summary-nothing-paid = nothing was paid
summary-cost = { $cost } yuan
summary-cost-and-doubts = { $cost } yuan, and { $more } more if all doubts were billed
summary-rejected = Rejected without a call:
summary-more-kinds =
    and { $kinds ->
        [one] 1 more kind
       *[other] { $kinds } more kinds
    }: see the column `reason`
summary-stopped = Stopped early: { $why }.
summary-old-answers =
    { $rows ->
        [one] 1 row keeps its
       *[other] { $rows } rows keep their
    } old answer: it was to be asked for anew, but the photo is gone.
summary-input-changed = The input was changed while the run was on: the output shows the input as it is now.
summary-nothing-left = Nothing is left to do.
summary-next = What to do next:
summary-next-doubts =
    { $rows ->
        [one] 1 row is
       *[other] { $rows } rows are
    } in doubt: the calls may have been billed, so they are not repeated. To settle them by Juhe's bill or call record, or by hand:
summary-statement = STATEMENT.csv
summary-next-doubts-resend = To ask again, and perhaps pay twice:
summary-next-old-answers =
    { $rows ->
        [one] 1 row keeps its
       *[other] { $rows } rows keep their
    } old answer, since the run did not come to asking anew; to go on:
summary-next-rejected =
    { $rows ->
        [one] 1 row is
       *[other] { $rows } rows are
    } rejected: mend them in the input as `reason` says, and run again; nothing that is settled is paid for again.
summary-next-pending =
    { $rows ->
        [one] 1 row is
       *[other] { $rows } rows are
    } not answered yet; to go on:

## Why a run stopped, and what to do about it

stop-max-calls = --max-calls is reached
stop-max-cost = --max-cost is reached: calls in doubt count as spent
stop-daily-limit = --daily-limit is reached; the next day begins at midnight in Shanghai
stop-answered = the API answered { $answer }
stop-key-refused = the API refuses this key or address with { $answer }
stop-deadline = the time set by --stop-at or --max-duration has come
stop-deadline-last = the time set by --stop-at or --max-duration has come; the last call ended with { $answer }
stop-signal = it was told to stop
stop-address-limit = the API has answered 10011 (too many calls from this address) for half an hour: run again later with a lower --rate
stop-access-refused = the API refuses access (HTTP { $status }): check the key and that this machine's address is allowed
stop-certificate = the server's certificate is not valid, so nothing was sent: check --endpoint, this machine's clock, its CA certificates, and who is in between
stop-unreachable = the API could not be reached ({ $seen }): check the network and --endpoint
stop-no-connection = no connection
stop-busy = the API has answered nothing but HTTP 429 or 503 (asking to wait) for half an hour: run again later
stop-doubts = five calls in a row went without a documented answer: check the network, and whether Juhe has a disturbance
stop-unknown-codes = three answers in a row had codes that the API's document lacks, the last { $answer }
stop-unknown-res = three billed answers in a row had no `res` that the API's document knows: the API has changed, ask Juhe
stop-fields-refused = the API refused five rows in a row, the last with { $answer }: are the columns the right ones?
stop-client-error = the endpoint answered HTTP { $status }: check --endpoint
stop-ledger-failed = the ledger could not be written
answer-known = { $code } { $text } ({ $english }): { $remedy }
answer-unknown-code = { $code }, which is not in the API's document: ask Juhe what it means
answer-seen = this: { $seen }
answer-none = no code

## Why nothing is being started just now

pause-rate = for its slot
pause-address-limit = 10011, slowing down
pause-quota = the day's quota is used up
pause-internal-errors = 10014 several times
pause-maintenance = 10020, maintenance
pause-asked-to-wait = the API asked to wait
pause-unreachable = no connection
summary-photo-warnings =
    { $rows ->
        [one] { $rows } row has a photo with a warning: see its column `detail`, or `reverify photo`.
       *[other] { $rows } rows have photos with warnings: see the column `detail`, or `reverify photo`.
    }
