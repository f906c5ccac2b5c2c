# Messages of `photo`.
