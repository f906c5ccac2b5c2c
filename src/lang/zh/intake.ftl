# Messages of `intake`.
