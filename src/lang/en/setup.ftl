# First contact: init, config, doctor.

## reverify init

init-input = an example list of two made-up persons
init-photo = a portrait for both (NASA, public domain)
init-configuration = every option of a run, with its meaning and default
init-key = the file of the API key, which only you can read
init-made = made   { $path }: { $what }
init-kept = kept   { $path }: it was there already
init-no-key = no key { $path } was not made: put the API key into it when you have one, and chmod 600 it
init-ask-key = API key from juhe.cn (it is not shown; Enter for none yet):{" "}
init-key-unread = the key cannot be read from the terminal: { $error }
init-key-unusable = what was typed is no key: { $error }; nothing was written
init-failed = { $path } cannot be made: { $error }; name a folder that you may write into
init-next = What to do next:
init-try = # no key, no cost
init-check = # is everything in place?
init-run = # the first ten for real

## The documented reverify.toml

sample-head = Options of reverify. Each line below that begins with # and a name shows one option; take the # off to put it in force. A flag on the command line beats the environment (REVERIFY_RATE for rate), which beats this file. The API key does not belong here: it has a file of its own.
sample-general = General

## reverify config

config-file-read = Options of `reverify run`, with { $path }:
config-no-file = Options of `reverify run`; there is no reverify.toml here:
config-from-flag = command line
config-from-environment = ${ $name }
config-from-file = { $path }
config-from-default = default
config-key-set = The API key is set: { $place }
config-key-not-set = The API key is not set: name its file with --key-file, or put it into $JUHE_KEY

## reverify doctor

doctor-ok = ok
doctor-warning = warning
doctor-problem = problem
doctor-all-fine = Everything is in place.
doctor-sum =
    { $problems ->
        [one] 1 problem
       *[other] { $problems } problems
    }, { $warnings ->
        [one] 1 warning
       *[other] { $warnings } warnings
    }.
doctor-key = key
doctor-key-sandbox = the sandbox needs none
doctor-key-open = other users may read { $path } (mode { $mode }): chmod 600 it
doctor-key-fine = { $path } holds a key, mode { $mode }; whether Juhe knows it, only a call can tell
doctor-key-variable = { $place } holds a key: a file that only you can read is safer
doctor-ledger = ledger
doctor-ledger-unused = nothing yet
doctor-ledger-fine = { $path } can be used with its key; it holds answers of { $bound }
doctor-ledger-none = there is none at { $path } yet: the first run makes it
doctor-ledger-held = { $path } is in use by process { $pid }: a run is on, so it was not looked into
doctor-ledger-folder = its folder
doctor-output-folder = folder
doctor-folder-fine = files can be made in { $path }
doctor-folder-bad = no file can be made in { $path } ({ $error }): give this user the right to write there, or name another place
doctor-output = output
doctor-output-new = { $path } is not there yet
doctor-output-fine = { $path } can be replaced as a whole
doctor-output-no-file = { $path } is not a file: name another with --output
doctor-output-mounted = { $path } is on another file system than its folder, so it cannot be replaced as a whole: mount the folder, or name another with --output
doctor-output-unseen = { $path } cannot be looked at: { $error }
doctor-privacy = privacy
doctor-privacy-fine = no file with personal data or keys is open to all users
doctor-privacy-open = all users of this machine may read { $paths }: chmod 600 what holds personal data or keys
doctor-photos = photos
doctor-photos-fine = { $path } can be read
doctor-disk = disk
doctor-disk-fine = { $free } MiB are free in { $path }
doctor-disk-low = only { $free } MiB are free in { $path }: make room before a long run
doctor-disk-full = { $free } MiB are free in { $path }: a run would break off, make room first
doctor-disk-unknown = the free space cannot be found out
doctor-connection = connection
doctor-connection-sandbox = the sandbox needs none
doctor-connection-fine = { $host } answers (HTTP { $status }); the API itself was not asked
doctor-connection-none = { $host } does not answer ({ $seen }): check the network, the firewall and --endpoint
doctor-connection-certificate = the certificate of { $host } is not valid: check this machine's clock, its CA certificates (Debian: the package ca-certificates), and who is in between
doctor-clock = clock
doctor-clock-fine =
    { $seconds ->
        [0] as the server's
        [one] 1 second off the server's
       *[other] { $seconds } seconds off the server's
    }
doctor-clock-wrong = { $seconds } seconds off the server's: turn on time synchronisation, or --stop-at, --daily-limit and the times in the output are wrong
doctor-clock-unknown = not compared: the server did not tell the time
