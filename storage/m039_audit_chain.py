"""The step m039: each row of the audit log is chained to the row before it."""

from typing import Final

# audit.hash: over the row's ids and facts and the hash before (storage/audit_chain.py). NULL in the rows that an
# earlier version wrote; the first row after them covers them. The indexes find the last head that left the file, and
# the last review of who has which role.
M039: Final = """
ALTER TABLE audit ADD COLUMN hash TEXT CHECK (hash IS NULL OR length(hash) = 64);;
CREATE INDEX audit_heads ON audit (id) WHERE event = 'audit.head_told';;
CREATE INDEX audit_reviews ON audit (id) WHERE event = 'access.reviewed'
"""
