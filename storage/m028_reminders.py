"""The step m028: who was reminded of a request or asked to look at it, and which approvers are away.

All of it are Slack's ids and times. An absence is removed once it is over.
"""

from typing import Final

# reminders.told: how many reminders of the request this approver has had. asked_at: when its requester asked them.
# digests.day: the last day, where the approver is, on which they were reminded of all that waits for them.
# absences.until: the first moment of until_day, which is a day in the approver's zone.
M028: Final = """
CREATE TABLE reminders (
    request_id  INTEGER NOT NULL REFERENCES requests (id),
    approver_id TEXT    NOT NULL,
    told        INTEGER NOT NULL DEFAULT 0,
    asked_at    INTEGER,
    PRIMARY KEY (request_id, approver_id)
) STRICT, WITHOUT ROWID;;
CREATE TABLE digests (
    approver_id TEXT NOT NULL PRIMARY KEY,
    day         TEXT NOT NULL
) STRICT;;
CREATE TABLE absences (
    user_id   TEXT    NOT NULL PRIMARY KEY,
    until     INTEGER NOT NULL,
    until_day TEXT    NOT NULL
) STRICT
"""
