# Messages of `summary`.
