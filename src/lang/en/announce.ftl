# Messages of `announce`.
