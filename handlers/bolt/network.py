"""The way to Slack: what goes wrong on it, and why, in a word that is fit for a log.

Slack's client passes an answer that is not JSON off as an error code, whole; and whoever answers in Slack's place, such
as a proxy, may repeat what it was sent: tokens, addresses, what people typed.
"""

import re
from http.client import HTTPException
from json import JSONDecodeError
from typing import Final

from slack_sdk.errors import SlackApiError, SlackClientError

#: What slack_sdk raises where Slack gave no answer, or one that was cut or garbled on the way: it lets through what
#: `http.client` and its own reading of the answer raise. A refusal, SlackApiError, is among them: who tells the two
#: apart catches that first.
NO_ANSWER: Final = (SlackClientError, OSError, HTTPException, JSONDecodeError, UnicodeDecodeError)

#: What Slack's error codes look like: `channel_not_found` (Slack docs, the errors of each method).
_CODE: Final = re.compile(r"[a-z0-9_]{1,60}")

#: In an answer to a `response_url`, which is JSON or the code alone.
_CODE_IN_BODY: Final = re.compile(r'(?:\A|"error": ?")([a-z0-9_]{1,60})(?:\Z|")')


def reason_of(error: Exception) -> str:
    """Slack's code for it, where there is one; else what kind of error it is."""
    code = error.response.get("error") if isinstance(error, SlackApiError) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else type(error).__name__


def reason_in(body: str) -> str:
    """Slack's code in the answer of a `response_url`; or that there is none."""
    found = _CODE_IN_BODY.search(body)
    return found[1] if found else "without a reason"
