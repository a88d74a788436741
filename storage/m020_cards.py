"""The step m020: the message that a request is about, and the copy of its card that each approver has.

A permalink goes with the request's texts; a copy holds Slack ids alone.
"""

from typing import Final

# requests.permalink: the address of a message on Slack. card_copies: channel and ts are NULL until the copy is posted.
M020: Final = """
ALTER TABLE requests ADD COLUMN permalink TEXT NOT NULL DEFAULT '';;
CREATE TABLE card_copies (
    request_id      INTEGER NOT NULL REFERENCES requests (id),
    approver_id     TEXT    NOT NULL,
    channel         TEXT,
    ts              TEXT,
    posted_again_at INTEGER,
    PRIMARY KEY (request_id, approver_id)
) STRICT
"""
