# Messages of `rejection`.
