"""The step m029: what a search for orders counts is in its indexes."""

from typing import Final

# The status is read from the index, so that no order is read for it: somebody may have received very many. The few
# rewards that could not be delivered have an index of their own, which no submit and no approval writes.
M029: Final = """
DROP INDEX orders_by_recipient;;
CREATE INDEX orders_by_recipient ON orders (recipient_id, id, status);;
CREATE INDEX orders_undelivered ON orders (id) WHERE problem = 'undelivered' AND status = 'accepted'
"""
