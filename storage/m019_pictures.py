"""The step m019: the picture of a reward's brand, and what the brand wants said."""

from typing import Final

# Both are empty until the catalog is fetched again.
M019: Final = """
ALTER TABLE catalog ADD COLUMN picture TEXT NOT NULL DEFAULT '';;
ALTER TABLE catalog ADD COLUMN disclaimer TEXT NOT NULL DEFAULT ''
"""
