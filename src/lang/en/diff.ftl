# Messages of `diff`.
