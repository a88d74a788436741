"""Answers that reach the person outside the ack: by a `response_url`, else by a message to them alone."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, ParamSpec, assert_never

from slack_sdk.web import SlackResponse, WebClient
from slack_sdk.webhook import WebhookClient

from handlers.bolt.afterwards import Jobs, start_after_answer
from handlers.bolt.answers import Replace, ReplaceLater, Say, SayLater, ShowAll
from handlers.bolt.guard import answer_of, message_of
from handlers.bolt.network import NO_ANSWER, reason_in, reason_of, ssl_context
from handlers.bolt.payloads import Spot
from handlers.outbox.forms import next_form, send_plainer
from handlers.views.blocks import Json, Message
from handlers.views.messages import unshown_text
from handlers.views.plain import plainer

logger = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")

#: Seconds before each further try of a `response_url`: a hiccup is over by then, and a person waits no longer.
UNTIL_TAKEN: Final = (0.5, 2.0)

#: Seconds for one answer through a `response_url`, which nobody but the person waits for.
_RESPONSE_TIMEOUT: Final = 10


def run_job(
    executor: Jobs, job: Callable[Arguments, object], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> None:
    """Run a job that nobody waits for, once the answer has left. What it raises is logged: nobody reads its future.

    Raises:
        RuntimeError: the bot is stopping; the answer must not promise what the job would have done.
    """
    if executor.is_shut:
        raise RuntimeError("the bot is stopping")

    def logged() -> None:
        try:
            job(*args, **kwargs)
        except Exception:
            logger.exception("An answer could not be given")

    def begin() -> None:
        try:
            executor.submit(logged)
        except RuntimeError:  # the bot began to stop when the answer had left
            logger.info("What follows an answer was not begun: the bot is stopping")

    start_after_answer(begin)


# ----------------------------------------------------------------------------------- response_url


def answer_at(client: WebClient, spot: Spot, answer: Say | Replace | ShowAll) -> None:
    """Answer where somebody acted; where the `response_url` fails, by a message to them alone."""
    if not respond(spot.response_url, answer, waits=UNTIL_TAKEN, is_own=spot.is_own):
        message = Message(unshown_text()) if isinstance(answer, ShowAll) else answer.message
        _tell_alone(client, spot, message)


def answer_at_later(client: WebClient, spot: Spot, later: SayLater | ReplaceLater) -> None:
    """Make the message, then answer with it; a trouble is told beside what was pressed, which is still true."""
    made = answer_of(later.make)
    if not isinstance(made, Message):
        answer_at(client, spot, Say(message_of(made)))
    elif isinstance(later, ReplaceLater):
        answer_at(client, spot, Replace(made))
    else:
        answer_at(client, spot, Say(made))


def respond(url: str, answer: Say | Replace | ShowAll, *, waits: Iterable[float] = (), is_own: bool = False) -> bool:
    """Answer through a `response_url`, which takes five uses in thirty minutes (Slack docs).

    Args:
        url: the `response_url`.
        answer: refused blocks are sent in a plainer form.
        waits: seconds before each further try, where Slack was not reached.
        is_own: whether it is the app's own conversation with the person.

    Returns:
        Whether Slack has taken the answer.
    """
    forms, left = plainer(answer.message), iter(waits)
    message = answer.message
    while (trouble := _post(url, message, _manner_of(answer, is_own=is_own))) is not None:
        logger.warning("An answer was not taken: %s", trouble)
        if (form := next_form(forms, trouble.reason)) is not None:
            message = form
        elif trouble.passes and (wait := next(left, None)) is not None:
            time.sleep(wait)
        else:
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Untaken:
    """An answer that Slack did not take: the HTTP status, if there was one; Slack's code, or what went wrong."""

    status: int | None
    reason: str

    @property
    def passes(self) -> bool:
        return self.status is None or self.status == 429 or self.status >= 500

    def __str__(self) -> str:
        return self.reason if self.status is None else f"{self.status} {self.reason}"


def _post(url: str, message: Message, manner: Json) -> _Untaken | None:
    client = WebhookClient(url, timeout=_RESPONSE_TIMEOUT, ssl=ssl_context())
    try:
        response = client.send_dict({"text": message.text, "blocks": message.blocks, **manner})
    except NO_ANSWER as error:
        return _Untaken(None, type(error).__name__)
    if response.status_code == 200:
        return None
    return _Untaken(response.status_code, reason_in(response.body))


def _manner_of(answer: Say | Replace | ShowAll, *, is_own: bool) -> Json:
    match answer:
        case Say():
            return {"response_type": "in_channel" if is_own else "ephemeral", "replace_original": False}
        case Replace():
            return {"replace_original": True}
        case ShowAll():
            return {"response_type": "in_channel", "replace_original": False}
        case _:
            assert_never(answer)


def _tell_alone(client: WebClient, spot: Spot, message: Message) -> None:
    """Tell somebody alone: where they acted, else by direct message, because the bot may be no member there."""
    here = _is_told(
        message,
        lambda form: client.chat_postEphemeral(
            channel=spot.channel_id, user=spot.user_id, text=form.text, blocks=form.blocks
        ),
    )
    if not here:
        tell_in_person(client, spot.user_id, message)


def tell_in_person(client: WebClient, user_id: str, message: Message) -> None:
    """Tell somebody by direct message, where they acted in no place that takes an answer."""
    _is_told(message, lambda form: client.chat_postMessage(channel=user_id, text=form.text, blocks=form.blocks))


def _is_told(message: Message, way: Callable[[Message], SlackResponse]) -> bool:
    try:
        send_plainer(message, way)
    except NO_ANSWER as error:
        logger.warning("An answer could not be given: %s", reason_of(error))
        return False
    return True
