"""The way to Slack, and what goes wrong on it."""

from http.client import HTTPException
from json import JSONDecodeError
from typing import Final

from slack_sdk.errors import SlackClientError

#: What slack_sdk raises where Slack gave no answer, or one that was cut or garbled on the way: it lets through what
#: `http.client` and its own reading of the answer raise. A refusal, SlackApiError, is among them: who tells the two
#: apart catches that first.
NO_ANSWER: Final = (SlackClientError, OSError, HTTPException, JSONDecodeError, UnicodeDecodeError)
