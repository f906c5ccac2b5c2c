# Messages of `ledger`.
