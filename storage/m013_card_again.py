"""The step m013: when a card was posted again, and which cards Slack refused."""

from typing import Final

# posts.posted_again_at: who presses once more right after gets no second card. audit_card_refused: admins hear once an
# hour of cards that are refused alike.
M013: Final = """
ALTER TABLE posts ADD COLUMN posted_again_at INTEGER;;
CREATE INDEX audit_card_refused ON audit (at) WHERE event = 'request.card_refused'
"""
