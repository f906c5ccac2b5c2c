# Messages of `output`.
