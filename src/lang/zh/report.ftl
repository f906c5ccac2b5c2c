# Messages of `report`.
