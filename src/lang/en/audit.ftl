# Messages of `audit`.
