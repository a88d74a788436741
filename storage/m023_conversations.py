"""The step m028: the conversations in which the app is alone with somebody."""

from typing import Final

# conversations: Slack's ids of direct messages alone, one for each person who has opened the app or pressed a
# button there. No personal data: the id names nobody outside of Slack.
M028: Final = """
CREATE TABLE conversations (
    channel TEXT NOT NULL PRIMARY KEY
) STRICT
"""
