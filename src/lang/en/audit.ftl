# `reverify audit`: whether the ledger is what was written.

audit-sound = { $path }: the ledger is sound, every entry is as it was written
audit-unsound = { $path }: the ledger is NOT sound, and no call is made with it
audit-unprintable = the audit cannot be printed: { $error }
audit-groups = groups of entries, all verified
audit-groups-from = groups of entries, verified from group { $from } on: before it stands what was taken over or accepted as it was
audit-groups-unverified = groups of entries, NOT verified to the end
audit-anchor = the group that the anchor names
audit-runs = runs
audit-intents = calls written down before they were made
audit-answers = answers
audit-resolutions = words of operators on doubts
audit-rollbacks = words of operators on older copies that were accepted
audit-billed = calls billed for certain
audit-in-doubt = calls in doubt
audit-remedy =
    What to do: put the newest copy of all its files back (the ledger, its -wal, .anchor and .key, and .reserve where there is one).
    If there is none, go on with this one: reverify resolve --accept-rollback --reason TEXT
    Then whoever has no answer in it is held in doubt, because he may have been asked and paid for in what is missing.
audit-remedy-damaged = What to do: restore all its files from a backup; the damage is in the file itself, and no word makes it good.
