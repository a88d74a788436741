"""The step m021: the rewards that go to a charity, which the form shows in a group of their own."""

from typing import Final

M021: Final = """
ALTER TABLE catalog ADD COLUMN is_donation INTEGER NOT NULL DEFAULT 0 CHECK (is_donation IN (0, 1))
"""
