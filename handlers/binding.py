"""Between Bolt and the listeners: payloads in, answers out, refusals as sentences.

A listener is a plain function of what it needs and what Slack sent; it returns an answer and never acks. Here
the answer is carried out, and Slack gets its ack exactly once, whatever the listener raised: with
`process_before_response=True` an exception that Bolt sees would lose the ack, and the person would see
"operation_timeout" for something that was stored.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, assert_never
from uuid import uuid4

from slack_bolt import Ack
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient

from bot.errors import InvalidForm, NoRewards, Refusal, SlackUnavailable, StorageError
from bot.service import Service
from handlers.directory import Directory
from handlers.payloads import Click, Entered, Modal, SlashCommand, Submission
from handlers.views.blocks import Json, Message
from handlers.views.decisions import build_notice
from handlers.views.messages import broken_text, fault_text, refusal_text, storage_text

logger = logging.getLogger(__name__)


# ----------------------------------------------------------------------------------------- answers


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the person alone, where they are."""

    message: Message


@dataclass(frozen=True, slots=True)
class AskAgain(Say):
    """The same, where trying once more may help: a modal stays open with what was typed."""


@dataclass(frozen=True, slots=True)
class Replace:
    """Put this in the place of the message whose button was pressed."""

    message: Message


@dataclass(frozen=True, slots=True)
class ShowAll:
    """Post this where the command was typed, for everyone there."""

    message: Message


@dataclass(frozen=True, slots=True)
class Open:
    """Open this modal; needs a trigger that is three seconds old at the most."""

    view: Json


@dataclass(frozen=True, slots=True)
class Update:
    """Put this in the place of the modal in which somebody acted; what they typed stays."""

    modal: Modal
    view: Json


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """Keep the modal open and say this under its fields."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Options:
    """What a type-ahead field offers."""

    options: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing to say: what was done shows elsewhere."""


Answer = Say | Replace | ShowAll | Open | Update | FieldErrors | Options | Done


@dataclass(frozen=True, slots=True)
class Desk:
    """What the listeners work with.

    Attributes:
        service: what people can do.
        directory: who people are.
        approvals_channel: where cards go.
        background: runs what nobody waits for.
    """

    service: Service
    directory: Directory
    approvals_channel: str
    background: Executor


# ----------------------------------------------------------------------------------------- binding

Listener = Callable[..., None]


class Binding:
    """Makes Bolt's listeners of ours.

    Args:
        desk: what every listener is given first.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def command(self, listener: Callable[[Desk, SlashCommand], Answer]) -> Listener:
        """For a slash command: the answer is in the ack."""

        def bound(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
            command = SlashCommand.of(body)
            answer = _answer(lambda: listener(self._desk, command))
            if isinstance(answer, Open):
                answer = _open(client, command.trigger_id, answer)
            if isinstance(answer, Say):
                ack(text=answer.message.text, blocks=answer.message.blocks, response_type="ephemeral")
            else:
                ack()

        return bound

    def click(self, listener: Callable[[Desk, Click], Answer]) -> Listener:
        """For a button: the ack is empty, the answer goes to its `response_url` without anyone waiting."""

        def bound(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
            click = Click.of(body)
            answer = _answer(lambda: listener(self._desk, click))
            if isinstance(answer, Open):
                answer = _open(client, click.trigger_id, answer)
            if isinstance(answer, Update):
                self._desk.background.submit(_update, client, answer)
            if isinstance(answer, Say | Replace | ShowAll) and click.response_url is not None:
                self._desk.background.submit(_respond, click.response_url, answer)
            ack()

        return bound

    def submission(self, listener: Callable[[Desk, Submission], Answer], *, main_block: str) -> Listener:
        """For a modal's submit: what is wrong is said under its field, what has no field under `main_block`."""

        def bound(ack: Ack, body: dict[str, Any]) -> None:
            submission = Submission.of(body)
            answer = _answer(lambda: listener(self._desk, submission))
            match answer:
                case FieldErrors(errors):
                    ack(response_action="errors", errors=_under_fields(errors, submission.modal.entered, main_block))
                case AskAgain(message):
                    ack(response_action="errors", errors={main_block: message.text})
                case Say(message):
                    ack(response_action="update", view=build_notice(message.text))
                case _:
                    ack()

        return bound

    def options(self, listener: Callable[[Desk, str], Options]) -> Listener:
        """For a type-ahead field."""

        def bound(ack: Ack, body: dict[str, Any]) -> None:
            answer = _answer(lambda: listener(self._desk, str(body.get("value", ""))))
            ack(options=list(answer.options) if isinstance(answer, Options) else [])

        return bound


def _answer(listen: Callable[[], Answer]) -> Answer:
    """The listener's answer, or the sentence for what it raised. Never raises."""
    try:
        return listen()
    except InvalidForm as refusal:
        return FieldErrors({field: fault_text(field, fault) for field, fault in refusal.faults.items()})
    except (NoRewards, SlackUnavailable) as refusal:
        return AskAgain(Message(refusal_text(refusal)))
    except Refusal as refusal:
        return Say(Message(refusal_text(refusal)))
    except StorageError:
        logger.exception("The database could not serve")
        return AskAgain(Message(storage_text()))
    except Exception:
        mark = uuid4().hex[:8]
        logger.exception("A listener broke (%s)", mark)
        return AskAgain(Message(broken_text(mark)))


def _open(client: WebClient, trigger_id: str, answer: Open) -> Answer:
    try:
        client.views_open(trigger_id=trigger_id, view=answer.view)
    except SlackApiError as error:
        logger.warning("Slack did not open a modal: %s", error.response.get("error"))
        return Say(Message("Slack did not open the form in time. Nothing was changed: please try again."))
    except (SlackClientError, OSError) as error:
        logger.warning("Slack did not open a modal: %s", type(error).__name__)
        return Say(Message("Slack could not be reached to open the form. Nothing was changed: please try again."))
    return Done()


def _update(client: WebClient, answer: Update) -> None:
    try:
        client.views_update(view_id=answer.modal.id, hash=answer.modal.hash, view=answer.view)
    except (SlackClientError, OSError) as error:
        # The form was closed, or changed again in the meantime: that change has its own update.
        logger.info("A form was not updated: %s", type(error).__name__)


def _under_fields(errors: Mapping[str, str], entered: Entered, main_block: str) -> dict[str, str]:
    """Each under its field; those of fields that the form does not show, under the main one, by name."""
    told: dict[str, str] = {}
    for field, text in errors.items():
        if field in entered:
            told[field] = text
        else:
            told.setdefault(main_block, f"{field.replace('_', ' ').capitalize()}: {text}")
    return told


def _respond(url: str, answer: Say | Replace | ShowAll) -> None:
    """Answer through a `response_url`; it takes five uses in thirty minutes (Slack docs)."""
    match answer:
        case Say():
            manner = {"response_type": "ephemeral", "replace_original": False}
        case Replace():
            manner = {"replace_original": True}
        case ShowAll():
            manner = {"response_type": "in_channel", "replace_original": False}
        case _:
            assert_never(answer)
    try:
        response = WebhookClient(url).send_dict(
            {"text": answer.message.text, "blocks": answer.message.blocks, **manner}
        )
    except (SlackClientError, OSError) as error:
        logger.warning("An answer could not be given: %s", type(error).__name__)
        return
    if response.status_code != 200:
        logger.warning("An answer was not taken: %d %s", response.status_code, response.body[:100])
