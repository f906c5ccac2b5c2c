# Messages of `plan`.
