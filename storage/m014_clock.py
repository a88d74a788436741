"""The step m014: when the machine's clock was last believed."""

from typing import Final

# clock.seen_at: empty in a fresh file; at an upgrade the last event tells it.
M014: Final = """
CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), seen_at INTEGER) STRICT;;
INSERT INTO clock (id, seen_at) VALUES (1, (SELECT at FROM audit ORDER BY id DESC LIMIT 1))
"""
