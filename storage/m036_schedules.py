"""The step m036: orders that are held until a civil time."""

from typing import Final

# orders.send_at: the civil time as 2026-12-24T09:00, NULL where the order has none; send_zone: where that is, as an
# IANA name. not_before is the moment as it was found last. A bot of the version before ends such a hold by that moment.
# orders_scheduled: those that are held for it, and no others.
M036: Final = """
ALTER TABLE orders ADD COLUMN send_at TEXT CHECK (length(send_at) = 16);;
ALTER TABLE orders ADD COLUMN send_zone TEXT CHECK (send_at IS NULL OR send_zone IS NOT NULL);;
CREATE INDEX orders_scheduled ON orders (not_before) WHERE is_held = 1 AND send_at IS NOT NULL
"""
