"""The network to Slack: its errors, and their reasons in a word that is fit for a log.

Slack's client passes a whole answer that is not JSON off as an error code. A proxy that answers in Slack's place may
repeat what it was sent: tokens, addresses, typed text.
"""

import re
import ssl
from datetime import timedelta
from functools import cache
from http.client import HTTPException
from json import JSONDecodeError
from typing import Final

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import ConfigurationError

#: The errors of slack_sdk where Slack gave no answer, or one that was cut or garbled on the way: slack_sdk lets through
#: what `http.client` and its own reading of the answer raise. A refusal of Slack's, SlackApiError, is a
#: SlackClientError too: code that tells the two apart catches SlackApiError first.
NO_ANSWER: Final = (SlackClientError, OSError, HTTPException, JSONDecodeError, UnicodeDecodeError)

#: Slack's codes for a token that no second try makes right (Slack docs, auth.test and apps.connections.open, errors).
#: Every other code and every missing answer passes: a limit, an outage, a proxy that speaks for Slack.
_TOKEN_REFUSED: Final = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})

#: The longest wait that is believed. Slack asks for seconds; a proxy in between may say anything.
_LONGEST_WAIT: Final = timedelta(days=1)

#: The form of Slack's error codes, such as `channel_not_found` (Slack docs, the errors of each method).
_CODE: Final = re.compile(r"[a-z0-9_]{1,60}")

#: Slack's error code in the answer of a `response_url`, which is JSON or the code alone.
_CODE_IN_BODY: Final = re.compile(r'(?:\A|"error": ?")([a-z0-9_]{1,60})(?:\Z|")')


@cache
def ssl_context() -> ssl.SSLContext:
    """Return the one context of all calls to Slack: reading the system's certificates takes about 20 ms each time."""
    return ssl.create_default_context()


def code_of(error: Exception) -> str | None:
    """Return Slack's code for the error; None where Slack gave none, or something else spoke in its place."""
    code = error.response.get("error") if isinstance(error, SlackApiError) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


def reason_of(error: Exception) -> str:
    """Return Slack's code for the error where there is one, else the error's class name."""
    return code_of(error) or type(error).__name__


def reason_in(body: str) -> str:
    """Return Slack's code in the answer of a `response_url`, or say that there is none."""
    found = _CODE_IN_BODY.search(body)
    return found[1] if found else "without a reason"


def is_token_refused(error: Exception) -> bool:
    """Tell whether the token is the error's cause, and not Slack or the network."""
    return isinstance(error, SlackApiError) and reason_of(error) in _TOKEN_REFUSED


def token_refused(error: Exception, token_name: str, remedy: str) -> ConfigurationError:
    """Return what to put right about a token.

    Args:
        error: what slack_sdk raised.
        token_name: the environment variable of the token that was used.
        remedy: what to do.
    """
    return ConfigurationError([f"{token_name}: Slack doesn't accept this token ({reason_of(error)}). {remedy}"])


def wait_asked_for(error: Exception) -> timedelta:
    """Return the wait that Slack asks for in whole seconds (Slack docs, Rate limits); zero where it asks for none."""
    asked = str(error.response.headers.get("Retry-After", "")) if isinstance(error, SlackApiError) else ""
    seconds = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 9 else 0
    return min(timedelta(seconds=seconds), _LONGEST_WAIT)
