# The command line, its settings, and what is wrong with them.

## The command line

usage-error = error: { $what }
usage-usage = Usage: { $usage }
usage-more = For more information, try '--help'.
usage-from-environment = the value comes from { $variable } in the environment
usage-no-value = a value is required for '{ $argument }' but none was supplied
usage-not-one-of = invalid value '{ $value }' for '{ $argument }': possible values are { $known }
usage-bad-value = invalid value '{ $value }' for '{ $argument }': { $why }
usage-unknown = unexpected argument '{ $argument }' found
usage-unknown-similar = unexpected argument '{ $argument }' found: is it '{ $known }'?
usage-no-command = unrecognized subcommand '{ $name }'
usage-no-command-similar = unrecognized subcommand '{ $name }': is it '{ $known }'?
usage-missing = the following required arguments were not provided: { $arguments }
usage-conflict = the argument '{ $argument }' cannot be used with '{ $other }'
usage-how-many = a different number of values is needed for '{ $argument }'
usage-not-text = an argument is not text in UTF-8

## Values

bad-count = a count is a whole number, such as 5000
bad-concurrency = from 1 to 10000 calls can be in flight
bad-duration = a time is a number with its unit, such as 90d, 6h or 60s
bad-duration-zero = a time must be longer than nothing
bad-clock = a time of day is HH:MM from 00:00 to 23:59, such as 06:00
bad-date = a date is YYYY-MM-DD, such as 2026-11-01
bad-column = write FIELD=NAME with realname, idcard, mobile or photo, such as realname=客户
bad-rate = a rate is a whole number of calls from 1 to 10000000 with its unit, such as 10/s or 300/min
bad-yuan = an amount of yuan is digits with at most four decimals, such as 0.55
bad-field = not a field: use realname, idcard, mobile or photo
bad-language = a language is en or zh
bad-key-empty = it is empty
bad-key-strange = it holds more than one line, or characters that no key has
bad-endpoint-address = it is not a web address such as { $example }
bad-endpoint-http = plain http is allowed to this machine only (127.0.0.1, localhost): use https
bad-endpoint-protocol = only https, or http to this machine, is possible
bad-endpoint-credentials = it must not contain a user name or password: they would end up in logs
bad-endpoint-fragment = it must not contain `#`
bad-fault-form = expected CALL:KIND or FIRST-LAST:KIND, such as 3:10011
bad-fault-calls = calls are numbered from 1, and a range goes up, such as 3 or 3-9
bad-fault-kind = unknown kind of fault: expected an error_code, http-300 to http-599, reset-before-body, reset-after-body, reset-after-body-billed, close-after-body-billed, hang, hang-billed, truncate, not-json, slow or unknown-res

## Settings

config-wrong = { $path }: { $what }
config-unreadable = the configuration cannot be read: { $error }
config-not-toml = line { $line } is not TOML: { $error }
config-holds-key = the API key does not belong into this file: put it into a file of its own and name that as key-file
config-no-option = `{ $name }` is not an option; `reverify run --help` lists them
config-no-option-similar = `{ $name }` is not an option: is it `{ $known }`?
config-not-switch = `{ $name }` is true or false
config-not-value = `{ $name }` takes a text or a number
output-is-input = the output { $path } is the input: name another file with --output
output-is-ledger = the output { $path } is the ledger: name another file with --output
output-is-ledger-key = the output { $path } is the ledger's key: name another file with --output
output-is-key-file = the output { $path } is the file of the API key: name another file with --output
endpoint-unusable = --endpoint cannot be used: { $error }
key-variable-not-text = the key in $JUHE_KEY is not text
key-variable-unusable = the key in $JUHE_KEY cannot be used: { $error }
key-missing =
    no API key: get one for 人脸四要素核验 at juhe.cn (个人中心 -> 我的数据), put it into a file that only you can read, and name that with --key-file
    To try everything without a key and without cost, add --sandbox.
key-file-unreadable = the key file { $path } cannot be read: { $error }
key-file-no-key = the key file { $path } holds no key: { $error }
key-file-open-to-others = other users may read the key file { $path }: chmod 600 it
max-cost-needs-price = --max-cost needs --price, the price of a billed call in yuan
since-in-future = --since lies in the future, so that every run until then would pay for every row again: name a day that has begun
no-tls = the encrypted connection cannot be set up on this machine (are CA certificates installed?)
no-threads = the system gives no threads: { $error }
no-signals = signals cannot be received: { $error }

## Running

run-sandbox-and-endpoint = --sandbox and --endpoint cannot be used together
run-no-sandbox = the sandbox cannot be started: { $error }
run-output-later = { $error }; all answers are in the ledger: once the output can be written, `reverify render { $input }` writes it without any call
run-stopped = stopped early: { $why }

## The sandbox

sandbox-serves = sandbox: --endpoint { $endpoint } with the key "{ $key }"
sandbox-summary = sandbox: { $calls } calls, { $billed } billed, { $refused } refused, { $faults } faults; { $subjects } subjects, { $twice } of them billed twice; at most { $in_flight } in flight and { $in_a_second } calls in one second
sandbox-no-address = the sandbox cannot listen on { $address }: { $error }; choose another address with --listen, or port 0 for a free one
sandbox-bad-address = expected an address and a port, such as 127.0.0.1:8787
sandbox-not-loopback = the sandbox listens on loopback addresses only, such as 127.0.0.1:8787
sandbox-no-output = the sandbox cannot write to standard output: { $error }

## Codes

codes-remedy = what to do: { $remedy }
codes-old = old resultcode: { $code }
codes-unknown = the API's document has no code `{ $code }`: an answer with an unknown code may have been billed, and its row is held
codes-settled = the row is settled
codes-rejected = the row is rejected
codes-inconclusive = the row is inconclusive, asked three times in all
codes-stops = the run stops
codes-slows = all pause, the rate halves
codes-quota = the run stops, or waits for tomorrow
codes-once-more = asked once more after a minute
codes-waits = the run stops, or waits
codes-held = the row is held
not-printed = the text cannot be written to standard output: { $error }
