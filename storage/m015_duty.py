"""The step m015: which bot is on duty."""

from typing import Final

# queue.term: grows with each change of duty. queue.holder: the bot that took the duty last. Who writes on duty proves
# by both that nobody else has taken it since.
M015: Final = """
ALTER TABLE queue ADD COLUMN term INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE queue ADD COLUMN holder TEXT
"""
