"""The step m018: the place of an order among those of its request, for the number by which people know it."""

from typing import Final

# place: from 1, in the order of approval; 0 for the only order of its request.
M018: Final = """
ALTER TABLE orders ADD COLUMN place INTEGER NOT NULL DEFAULT 0 CHECK (place >= 0);;
UPDATE orders
SET place = (SELECT count(*) FROM orders AS older WHERE older.request_id = orders.request_id AND older.id <= orders.id)
WHERE EXISTS (SELECT 1 FROM orders AS other WHERE other.request_id = orders.request_id AND other.id <> orders.id)
"""
