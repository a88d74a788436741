"""The step m026: orders that are held after the approval, and who undid one."""

from typing import Final

# orders.not_before: the end of the hold; NULL where there was none. is_held: 1 until the hold has ended, or the order
# was canceled. A bot of the version before brings forward what waits for long: the CHECK lets it send nothing early.
# requests.undone_by: the Slack id of who undid the approval.
# orders_due: the claim looks at no order that is held. orders_held: those that are, and no others.
M026: Final = """
ALTER TABLE orders ADD COLUMN not_before INTEGER;;
ALTER TABLE orders ADD COLUMN is_held INTEGER NOT NULL DEFAULT 0
    CHECK (is_held IN (0, 1) AND (is_held = 0 OR available_at >= not_before));;
ALTER TABLE requests ADD COLUMN undone_by TEXT;;
ALTER TABLE requests ADD COLUMN undone_at INTEGER;;
DROP INDEX orders_due;;
CREATE INDEX orders_due ON orders (status, is_held, available_at, id);;
CREATE INDEX orders_held ON orders (id) WHERE is_held = 1
"""
