"""The step m040: who has which role, since when, and until when; and what Tango's account was last known to hold.

Roles are Slack ids and times.
"""

from typing import Final

# access.user_id: a Slack id, or * for every full member. until: NULL while the person has the role.
# balance: one row, as Tango last told it. below_since: since when it is below the amount of the settings, so that
# admins hear once of each crossing. spent_minor: what the account was charged in the thirty days before spent_at.
M040: Final = """
CREATE TABLE access (
    role    TEXT    NOT NULL,
    user_id TEXT    NOT NULL,
    since   INTEGER NOT NULL,
    until   INTEGER,
    PRIMARY KEY (role, user_id, since)
) STRICT, WITHOUT ROWID;;
CREATE INDEX access_held ON access (role, user_id, since) WHERE until IS NULL;;
CREATE TABLE balance (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    minor       INTEGER NOT NULL,
    currency    TEXT    NOT NULL CHECK (length(currency) = 3),
    told_at     INTEGER NOT NULL,
    below_since INTEGER,
    spent_minor INTEGER NOT NULL,
    spent_at    INTEGER NOT NULL
) STRICT
"""
