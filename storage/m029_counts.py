"""The step m029: what a search by recipient counts and looks for is in its index."""

from typing import Final

# The status is read from the index, so that no order is read for it: somebody may have received very many.
M029: Final = """
DROP INDEX orders_by_recipient;;
CREATE INDEX orders_by_recipient ON orders (recipient_id, id, status)
"""
