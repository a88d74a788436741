"""The forms of a message: as it was built, then plainer for as long as Slack refuses how it is built."""

import logging
from collections.abc import Callable, Iterator

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from handlers.bolt.network import reason_of
from handlers.outbox.codes import CODES, Remedy
from handlers.views.blocks import Message
from handlers.views.plain import plainer

logger = logging.getLogger(__name__)


def send_plainer(message: Message, send: Callable[[Message], SlackResponse]) -> SlackResponse:
    """Send a message; where Slack refuses how it is built, in ever plainer forms.

    Raises:
        SlackApiError: Slack refused the message for another reason, or in every form.
        NO_ANSWER: nobody knows whether Slack took it.
    """
    forms = plainer(message)
    while True:
        try:
            return send(message)
        except SlackApiError as error:
            form = next_form(forms, reason_of(error))
            if form is None:
                raise
            message = form


def next_form(forms: Iterator[Message], code: str) -> Message | None:
    """Return the next form of a message that Slack answered with this code; None where another one changes nothing."""
    row = CODES.get(code)
    if row is None or row.remedy is not Remedy.SEND_PLAINER:
        return None
    logger.warning("A message is sent in a plainer form: %s", code)
    return next(forms, None)
