"""The step m017: who has opened the Home tab, and when."""

from typing import Final

# homes: Slack ids alone. opened_at: when the tab was last opened; after a working day the row goes.
M017: Final = """
CREATE TABLE homes (
    user_id   TEXT    NOT NULL PRIMARY KEY,
    opened_at INTEGER NOT NULL
) STRICT;;
CREATE INDEX homes_by_time ON homes (opened_at)
"""
