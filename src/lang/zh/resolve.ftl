# Messages of `resolve`.
