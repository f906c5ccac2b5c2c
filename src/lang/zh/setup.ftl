# Messages of `setup`.
