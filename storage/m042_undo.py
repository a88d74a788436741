"""The step m042: held orders whose approval can be undone are found without reading those that wait for a date."""

from typing import Final

# orders_undoable: those that are held for no civil time, and no others. The dispatcher looks at it each time it comes
# round, while thousands may wait for a date for months.
M042: Final = """
CREATE INDEX orders_undoable ON orders (id) WHERE is_held = 1 AND send_at IS NULL
"""
