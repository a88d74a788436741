"""Between Bolt and the listeners: payloads in, answers out, refusals as sentences.

A listener is a plain function of what it needs and what Slack sent; it returns an answer and never acks. Here
the answer is carried out, and Slack gets its ack exactly once, whatever the listener raised: with
`process_before_response=True` an exception that Bolt sees would lose the ack, and the person would see
"operation_timeout" for something that was stored.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final, assert_never
from uuid import uuid4

from slack_bolt import Ack
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient

from bot.errors import InvalidForm, NoRewards, Refusal, SlackUnavailable, StorageError, TangoError
from bot.metrics import Metrics
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.delivery import Deliveries
from bot.usecases.orders import Orders
from bot.usecases.requests import Requests
from bot.usecases.resend import Resends
from bot.usecases.search import Searches
from handlers.bolt.countdown import Countdown
from handlers.bolt.directory import Directory
from handlers.bolt.network import NO_ANSWER, reason_in, reason_of
from handlers.bolt.payloads import Click, Entered, Modal, SlashCommand, Submission
from handlers.views.blocks import Json, Message, escape
from handlers.views.decisions import build_notice, build_window
from handlers.views.messages import (
    asking_text,
    broken_text,
    fault_text,
    not_here_text,
    refusal_text,
    storage_text,
    trouble_text,
)

logger = logging.getLogger(__name__)

#: Seconds between two tries to fill a modal that Slack does not show yet: three in all, as long as an ack may take.
_UNTIL_SHOWN: Final = (0.1, 0.2, 0.4, 0.8, 1.5)


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
class OpenThen(Open):
    """The same at once, and in its place what takes longer to make: nobody waits for Tango before a blank screen."""

    then: Callable[[], Json]


@dataclass(frozen=True, slots=True)
class Update:
    """Put this in the place of the modal in which somebody acted; what they typed stays."""

    modal: Modal
    view: Json


@dataclass(frozen=True, slots=True)
class Later:
    """Tango has to be asked first: nobody waits for what `make` makes, and it is shown when it is there.

    Attributes:
        make: makes the message.
        in_place: whether it takes the place of what was pressed or submitted; else it stands beside it.
    """

    make: Callable[[], Message]
    in_place: bool = False


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


Answer = Say | Replace | ShowAll | Open | Update | Later | FieldErrors | Options | Done


@dataclass(frozen=True, slots=True)
class Desk:
    """What the listeners work with.

    Attributes:
        requests: what people can do with requests.
        orders: what they can do about one order.
        catalog: the rewards on offer.
        resends: what they can do about e-mails that did not arrive.
        rewards: what they can do about orders that are placed, and those that came to nothing.
        searches: what they can look for.
        directory: who people are.
        approvals_channel: where cards go.
        background: runs what nobody waits for.
        fetching: waits for Tango, so that nothing in the background does.
        countdown: goes on telling what is left of a wait.
    """

    requests: Requests
    orders: Orders
    catalog: CatalogKeeper
    resends: Resends
    rewards: Deliveries
    searches: Searches
    directory: Directory
    approvals_channel: str
    background: Executor
    fetching: Executor
    countdown: Countdown


# ----------------------------------------------------------------------------------------- binding

Listener = Callable[..., None]


class Binding:
    """Makes Bolt's listeners of ours.

    Args:
        desk: what every listener is given first.
        metrics: how long the answers take is measured there.
    """

    def __init__(self, desk: Desk, metrics: Metrics) -> None:
        self._desk = desk
        self._metrics = metrics

    def command(self, listener: Callable[[Desk, SlashCommand], Answer]) -> Listener:
        """For a slash command: the answer is in the ack."""

        @self._metrics.ack("command")
        def bound(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
            command = SlashCommand.of(body)
            answer = _answer(lambda: listener(self._desk, command))
            if isinstance(answer, Open):
                answer = self._open(client, command.trigger_id, answer)
            if isinstance(answer, Later):
                self._desk.fetching.submit(_respond_later, command.response_url, answer)
                answer = Say(Message(asking_text()))
            if isinstance(answer, FieldErrors):  # a command has no fields to say it under
                told = "\n".join(f"{_named(field)}: {text}" for field, text in answer.errors.items())
                answer = Say(Message(escape(told)))
            if isinstance(answer, Say):
                ack(text=answer.message.text, blocks=answer.message.blocks, response_type="ephemeral")
            else:
                ack()

        return bound

    def click(self, listener: Callable[[Desk, Click], Answer]) -> Listener:
        """For a button: the ack is empty, the answer goes to its `response_url` without anyone waiting.

        A button in a modal has none: what would stand in a message stands in the modal, or in one on top of it.
        """

        @self._metrics.ack("click")
        def bound(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
            click = Click.of(body)
            answer = _answer(lambda: listener(self._desk, click))
            if click.modal is not None:
                answer = _in_modal(click.modal, answer)
            if isinstance(answer, Open):
                answer = self._open(client, click.trigger_id, answer, on_top=click.modal is not None)
            if isinstance(answer, Update):
                self._desk.background.submit(_update, client, answer)
            if isinstance(answer, Later) and click.modal is not None:
                self._desk.fetching.submit(_fill, client, _as_view(answer), view_id=click.modal.id)
            elif isinstance(answer, Later) and click.response_url is not None:
                self._desk.fetching.submit(_respond_later, click.response_url, answer)
            if isinstance(answer, Say | Replace | ShowAll) and click.response_url is not None:
                self._desk.background.submit(respond, click.response_url, answer)
            ack()

        return bound

    def submission(self, listener: Callable[[Desk, Submission], Answer], *, main_block: str) -> Listener:
        """For a modal's submit: what is wrong is said under its field, what has no field under `main_block`."""

        @self._metrics.ack("submission")
        def bound(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
            submission = Submission.of(body)
            answer = _answer(lambda: listener(self._desk, submission))
            match answer:
                case FieldErrors(errors):
                    ack(response_action="errors", errors=_under_fields(errors, submission.modal.entered, main_block))
                case AskAgain(message):
                    ack(response_action="errors", errors={main_block: message.text})
                case Say(message):
                    ack(response_action="update", view=build_notice(message.text))
                case Replace(message):
                    ack(response_action="update", view=build_window(message))
                case Later():
                    # By a name of its own, because Tango may be faster than Slack with this view.
                    name = uuid4().hex
                    self._desk.fetching.submit(_fill, client, _as_view(answer), external_id=name)
                    ack(response_action="update", view={**build_notice(asking_text()), "external_id": name})
                case _:
                    ack()

        return bound

    def options(self, listener: Callable[[Desk, str], Options]) -> Listener:
        """For a type-ahead field."""

        @self._metrics.ack("options")
        def bound(ack: Ack, body: dict[str, Any]) -> None:
            answer = _answer(lambda: listener(self._desk, str(body.get("value", ""))))
            ack(options=list(answer.options) if isinstance(answer, Options) else [])

        return bound

    def _open(self, client: WebClient, trigger_id: str, answer: Open, *, on_top: bool = False) -> Answer:
        try:
            show = client.views_push if on_top else client.views_open
            opened = show(trigger_id=trigger_id, view=answer.view)
        except SlackApiError as error:
            logger.warning("Slack did not open a modal: %s", reason_of(error))
            return Say(Message("Slack did not open the form in time. Nothing was changed: please try again."))
        except NO_ANSWER as error:
            logger.warning("Slack did not open a modal: %s", type(error).__name__)
            return Say(Message("Slack could not be reached to open the form. Nothing was changed: please try again."))
        if isinstance(answer, OpenThen):
            self._desk.fetching.submit(_fill, client, answer.then, view_id=opened["view"]["id"])
        return Done()


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
    except TangoError as error:
        return AskAgain(Message(trouble_text(error)))
    except StorageError:
        logger.exception("The database could not serve")
        return AskAgain(Message(storage_text()))
    except Exception:
        mark = uuid4().hex[:8]
        logger.exception("A listener broke (%s)", mark)
        return AskAgain(Message(broken_text(mark)))


def _in_modal(modal: Modal, answer: Answer) -> Answer:
    """The same answer where there is no message to answer to."""
    match answer:
        case Say(message):
            return Open(build_window(message))
        case Replace(message):
            return Update(modal, build_window(message))
        case ShowAll():
            return Open(build_notice(not_here_text()))
        case Later(in_place=False):
            return OpenThen(build_notice(asking_text()), _as_view(answer))
    return answer


def _as_view(later: Later) -> Callable[[], Json]:
    return lambda: build_window(later.make())


def _respond_later(url: str, later: Later) -> None:
    # What goes wrong is said beside what was pressed, which is as true as before.
    answer = _answer(lambda: (Replace if later.in_place else Say)(later.make()))
    if isinstance(answer, Say | Replace):
        respond(url, answer)


def _fill(client: WebClient, make: Callable[[], Json], **modal: str) -> None:
    """Make what a modal is to show, and put it there; what went wrong is said in its place."""
    answer = _answer(lambda: Open(make()))
    if isinstance(answer, Say):
        view = build_notice(answer.message.text)
    elif isinstance(answer, Open):
        view = answer.view
    else:
        return
    for wait in (*_UNTIL_SHOWN, None):
        try:
            client.views_update(view=view, **modal)
        except NO_ANSWER as error:
            reason = reason_of(error)
            if wait is not None and reason == "not_found":
                time.sleep(wait)
                continue
            # It was closed in the meantime, or Slack is down: the button is still there.
            logger.info("A modal was not filled: %s", reason)
        return


def _update(client: WebClient, answer: Update) -> None:
    try:
        client.views_update(view_id=answer.modal.id, hash=answer.modal.hash, view=answer.view)
    except NO_ANSWER as error:
        # The form was closed, or changed again in the meantime: that change has its own update.
        logger.info("A form was not updated: %s", type(error).__name__)


def _under_fields(errors: Mapping[str, str], entered: Entered, main_block: str) -> dict[str, str]:
    """Each under its field; those of fields that the form does not show, under the main one, by name."""
    told: dict[str, str] = {}
    for field, text in errors.items():
        if field in entered:
            told[field] = text
        else:
            told.setdefault(main_block, f"{_named(field)}: {text}")
    return told


def _named(field: str) -> str:
    return field.replace("_", " ").capitalize()


def respond(url: str, answer: Say | Replace | ShowAll) -> None:
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
    except NO_ANSWER as error:
        logger.warning("An answer could not be given: %s", type(error).__name__)
        return
    if response.status_code != 200:
        logger.warning("An answer was not taken: %d %s", response.status_code, reason_in(response.body))
