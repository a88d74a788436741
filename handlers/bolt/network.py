"""The network to Slack: its errors, and their reasons in a word that is fit for a log.

Slack's client passes a whole answer that is not JSON off as an error code. A proxy that answers in Slack's place may
repeat what it was sent: tokens, addresses, typed text.
"""

import re
from http.client import HTTPException
from json import JSONDecodeError
from typing import Final

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import ConfigurationError

#: The errors of slack_sdk where Slack gave no answer, or one that was cut or garbled on the way: slack_sdk lets through
#: what `http.client` and its own reading of the answer raise. A refusal of Slack's, SlackApiError, is a
#: SlackClientError too: code that tells the two apart catches SlackApiError first.
NO_ANSWER: Final = (SlackClientError, OSError, HTTPException, JSONDecodeError, UnicodeDecodeError)

#: The form of Slack's error codes, such as `channel_not_found` (Slack docs, the errors of each method).
_CODE: Final = re.compile(r"[a-z0-9_]{1,60}")

#: Slack's error code in the answer of a `response_url`, which is JSON or the code alone.
_CODE_IN_BODY: Final = re.compile(r'(?:\A|"error": ?")([a-z0-9_]{1,60})(?:\Z|")')


def reason_of(error: Exception) -> str:
    """Return Slack's code for the error where there is one, else the error's class name."""
    code = error.response.get("error") if isinstance(error, SlackApiError) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else type(error).__name__


def reason_in(body: str) -> str:
    """Return Slack's code in the answer of a `response_url`, or say that there is none."""
    found = _CODE_IN_BODY.search(body)
    return found[1] if found else "without a reason"


def cannot_start(error: Exception, token_name: str, remedy: str) -> ConfigurationError:
    """Return what to put right, where Slack does not let the bot in or cannot be reached.

    Args:
        error: what slack_sdk raised.
        token_name: the environment variable of the token that was used.
        remedy: what to do if Slack does not accept that token.
    """
    reason = reason_of(error)
    if isinstance(error, SlackApiError):
        return ConfigurationError([f"{token_name}: Slack does not accept it ({reason}); {remedy}"])
    return ConfigurationError([f"slack.api_url: Slack cannot be reached ({reason}); check the address and the network"])
