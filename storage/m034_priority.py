"""The step m034: an order that somebody asks for by hand is sent before those of a batch."""

from typing import Final

# orders.priority: 0 of an order by hand, 1 of a batch's: the lesser goes first. orders_due begins with it, so that the
# claim finds the next order of either at once, however many of the other wait.
M034: Final = """
ALTER TABLE orders ADD COLUMN priority INTEGER NOT NULL DEFAULT 0 CHECK (priority IN (0, 1));;
DROP INDEX orders_due;;
CREATE INDEX orders_due ON orders (status, is_held, priority, available_at, id)
"""
