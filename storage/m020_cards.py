"""The step m020: the message that a request is about, and the copies of a card that each approver has."""

from typing import Final

# requests.permalink: the address of a message on Slack, which goes with the request's texts. card_copies: where each
# approver has the card, by their Slack id; channel and ts are NULL until it is posted.
M020: Final = """
ALTER TABLE requests ADD COLUMN permalink TEXT NOT NULL DEFAULT '';;
CREATE TABLE card_copies (
    request_id      INTEGER NOT NULL REFERENCES requests (id),
    user_id         TEXT    NOT NULL,
    channel         TEXT,
    ts              TEXT,
    posted_again_at INTEGER,
    PRIMARY KEY (request_id, user_id)
) STRICT
"""
