# Why a ledger cannot be used. Whatever the reason, no call is made without it.

ledger-locked = the ledger { $path } is in use by process { $pid }: wait until that run has ended, or name another with --ledger
ledger-missing = there is no ledger at { $path }: name it with --ledger, or run `reverify run` first
ledger-key-missing = the ledger { $ledger } is there, but its key file { $key } is not: without it no applicant can be recognised and everyone would be paid for again; restore the key file, or name it with --ledger-key-file
ledger-key-damaged = the ledger key file { $path } is damaged: it must hold 64 hexadecimal digits; restore it from a backup
ledger-key-of-another = the key file { $key } belongs to another ledger than { $ledger }: name the right one with --ledger-key-file
ledger-not-a-ledger = { $path } is not a reverify ledger, or it is damaged: restore it from a backup, or name another with --ledger
ledger-newer = the ledger { $path } was written by a newer reverify (schema { $found }, this program knows { $known }): use that version
ledger-other-endpoint = the ledger { $path } was used with { $bound }, so it cannot be used with { $wanted }: their answers must not mix; name another with --ledger
ledger-half = { $there } belongs to a ledger that is not there: { $path } is missing or empty, and everyone whom it knew would be paid for again; put it back, or, if it was deleted on purpose, delete { $there } too
ledger-unsound = the ledger { $path } is not what it was: { $fault }; nothing was sent, because what is missing may have been paid for; put the newest copy of all its files back (`reverify audit` tells more), or go on with this one by `reverify resolve --accept-rollback --reason TEXT`, which holds everyone without an answer in doubt
ledger-unsound-damaged = the ledger { $path } is damaged: { $fault }; nothing was sent; restore all its files from a backup (`reverify audit` tells more)
ledger-io = cannot use { $path } for the ledger: { $source }
ledger-sql = the ledger { $path } cannot be read or written: { $source }
ledger-damaged = the ledger { $path } is damaged: { $what }; restore it from a backup
ledger-failed = the ledger could not be written, so no further call is made

endpoint-sandbox = the built-in sandbox
endpoint-this-machine = an endpoint on this machine
endpoint-remote = an endpoint elsewhere

## How it shows that a ledger is older than it was, changed, or damaged. Each is part of a sentence.

fault-anchor-missing = its anchor { $anchor } is missing, so that nothing tells whether this is the newest copy
fault-anchor-unreadable = its anchor { $anchor } is damaged, so that nothing tells whether this is the newest copy
fault-behind = it ends with group { $found } of its entries, and { $written } were written: it is an older copy, or its -wal file is missing or damaged
fault-diverged = group { $at } of its entries is another than the one that was written: it is a copy with another history
fault-lacks-a-call = { $reserve } has an answer to a call that it knows nothing of: it is an older copy
fault-broken = its entries are not as they were written, from group { $group } on: { $what }
fault-broken-since = its entries are not as they were written, from group { $group } on ({ $time }): { $what }
fault-link-missing = a link of the chain is missing
fault-row-missing = a row of { $table } is missing
fault-changed = a value was changed
fault-rows-added = { $table } has rows that were not written by reverify
fault-tables-changed = its tables, indexes or triggers are not those that reverify makes
fault-damaged = SQLite says "{ $what }"
