"""Between Bolt and the listeners: a payload in, an answer out, and exactly one ack, whatever happens.

A listener is a plain function of the desk and of what Slack sent. It returns an answer and never acks. With
`process_before_response=True` an exception that reaches Bolt loses the ack: the person sees "operation_timeout" for
something that was stored. So each door is guarded twice: `answer_of` words what a listener raises, and `_bound` answers
for what goes wrong before and after it.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any, Final, TypeVar, assert_never
from uuid import uuid4

from slack_bolt import Ack
from slack_sdk.web import WebClient

from bot.domain.notices import ApprovalCard, Receipt
from bot.errors import NotAllowed, NotFound, StaleReference, StorageError
from bot.metrics import Metrics
from handlers.bolt.acks import Reply, ephemeral, field_errors, options_reply, told
from handlers.bolt.afterwards import start_after_answer
from handlers.bolt.answers import (
    AskAgain,
    ClickAnswer,
    CommandAnswer,
    Done,
    EventAnswer,
    FieldErrors,
    FunctionAnswer,
    Open,
    OpenThen,
    OptionsAnswer,
    Replace,
    ReplaceLater,
    Say,
    SayLater,
    ShortcutAnswer,
    ShowAll,
    ShowHome,
    SubmissionAnswer,
    Trouble,
    Update,
    UpdateLater,
    UpdateThen,
    WindowAnswer,
)
from handlers.bolt.desk import Desk
from handlers.bolt.functions import FunctionExecution, bound_function
from handlers.bolt.guard import answer_of, broken, by_reference, message_of, under_fields
from handlers.bolt.modals import fill_modal, in_window, open_modal, window_of
from handlers.bolt.payloads import Click, HomeOpened, Modal, ShortcutChoice, SlashCommand, Spot, Submission
from handlers.bolt.replies import UNTIL_TAKEN, answer_at, answer_at_later, respond, run_job, tell_in_person
from handlers.ids import Action
from handlers.views.blocks import Json, Message
from handlers.views.decisions import build_notice, build_window
from handlers.views.messages import asking_text
from storage import Post

logger = logging.getLogger(__name__)

#: The buttons that stand on a card or on a receipt, and in no other message that stays.
STANDS_ON: Final[Mapping[str, type[ApprovalCard | Receipt]]] = {
    Action.APPROVE: ApprovalCard,
    Action.DECLINE: ApprovalCard,
    Action.CARD_DETAILS: ApprovalCard,
    Action.ADDRESS_SHOW: ApprovalCard,
    Action.WITHDRAW: Receipt,
}

Listened = TypeVar("Listened")

CommandListener = Callable[[Desk, SlashCommand], CommandAnswer]
ClickListener = Callable[[Desk, Click], ClickAnswer]
SubmissionListener = Callable[[Desk, Submission], SubmissionAnswer]
OptionsListener = Callable[[Desk, str], OptionsAnswer]
ShortcutListener = Callable[[Desk, ShortcutChoice], ShortcutAnswer]
EventListener = Callable[[Desk, HomeOpened], EventAnswer]
FunctionListener = Callable[[Desk, FunctionExecution], FunctionAnswer]

#: A listener as the doors call it (bolt/doors.py).
Bound = Callable[..., None]


class Binding:
    """Makes Bolt's listeners of ours.

    Args:
        desk: given to every listener.
        metrics: measures how long each ack takes.
    """

    def __init__(self, desk: Desk, metrics: Metrics) -> None:
        self._desk = desk
        self._metrics = metrics

    def command(self, listeners: Mapping[str, CommandListener]) -> Bound:
        """Bind a slash command: the answer is in the ack.

        Args:
            listeners: by sub-command; under `""` the one for everything else.
        """

        def reply(body: Json, client: WebClient) -> Reply:
            command = SlashCommand.of(body)
            listen = listeners.get(command.sub_command, listeners[""])
            listened = self._noting(command.user_id, command.name, lambda: listen(self._desk, command), typed=True)
            return self._command_reply(client, command, answer_of(listened))

        return self._bound("command", reply, lambda _, text: ephemeral(Message(text)))

    def click(self, listen: ClickListener) -> Bound:
        """Bind a button or a field that tells of changes: the ack is empty, the answer follows without anyone waiting.

        In a message the answer goes to the `response_url`. A modal has none: there it is shown in a modal.
        """
        listen = by_reference(listen)

        def reply(body: Json, client: WebClient) -> Reply:
            click = Click.of(body)
            listened = self._noting(click.user_id, click.action_id, lambda: listen(self._desk, click))
            if click.message_ts:  # others could see the message: in a direct message, there is only the app
                self._desk.conversations.learn(click.channel_id)
            if click.spot is not None:
                self._answer_in_message(client, click, click.spot, answer_of(listened))
                self._look_for_orphan(click)
            else:
                shown = answer_of(lambda: in_window(listened(), click.modal))
                self._answer_in_window(client, click, shown)
            if click.is_on_home:
                self._show_home(click.user_id)
            return {}

        return self._bound("click", reply, self._tell_beside)

    def submission(self, listen: SubmissionListener, *, main_block: str) -> Bound:
        """Bind a modal's submit: the answer is in the ack.

        Args:
            listen: the listener.
            main_block: the block id of the field under which stands what belongs to no field that is shown.
        """
        listen = by_reference(listen)

        def reply(body: Json, client: WebClient) -> Reply:
            submission = Submission.of(body)
            form = str(body["view"].get("callback_id", ""))
            answer = answer_of(self._noting(submission.user_id, form, lambda: listen(self._desk, submission)))
            replied = self._submission_reply(client, submission.modal, answer, main_block)
            if replied.get("response_action") != "errors":
                self._desk.modals.leave(submission.modal)
            return replied

        return self._bound("submission", reply, lambda _, text: field_errors({main_block: text}))

    def options(self, listen: OptionsListener) -> Bound:
        """Bind a type-ahead field: the options are in the ack; a trouble offers none."""

        def reply(body: Json, _client: WebClient) -> Reply:
            return options_reply(answer_of(lambda: listen(self._desk, str(body.get("value", "")))))

        return self._bound("options", reply, lambda *_: {"options": []})

    def shortcut(self, listen: ShortcutListener) -> Bound:
        """Bind a shortcut: the ack is empty, and every answer is a modal."""

        def reply(body: Json, client: WebClient) -> Reply:
            choice = ShortcutChoice.of(body)
            listened = self._noting(choice.user_id, choice.callback_id, lambda: listen(self._desk, choice))
            self._answer_shortcut(client, choice, answer_of(listened))
            return {}

        return self._bound("shortcut", reply, self._tell_beside)

    def event(self, listen: EventListener) -> Bound:
        """Bind an event: the ack is empty, and a trouble has no place to be told."""

        def reply(body: Json, _client: WebClient) -> Reply:
            opened = HomeOpened.of(body)
            self._desk.conversations.learn(opened.channel_id)
            answer = answer_of(lambda: listen(self._desk, opened))
            match answer:
                case ShowHome(user_id):
                    self._show_home(user_id)
                case Done() | Say() | AskAgain() | FieldErrors():
                    pass
                case _:
                    assert_never(answer)
            return {}

        return self._bound("event", reply, lambda *_: {})

    def function(self, listen: FunctionListener) -> Bound:
        """Bind a function of Workflow Builder: the ack waits for what is told before it (bolt/functions.py)."""
        return bound_function(lambda given: listen(self._desk, given), self._metrics.ack("function"))

    def _placed(self, spot: Spot) -> Spot:
        """Return the spot with whether it is the app's own conversation."""
        return replace(spot, is_own=self._desk.conversations.is_own(spot.channel_id))

    def _show_home(self, user_id: str) -> None:
        run_job(self._desk.background, self._desk.home_tab.rewrite, user_id)

    def _bound(
        self, kind: str, reply: Callable[[Json, WebClient], Reply], apology: Callable[[Json, str], Reply]
    ) -> Bound:
        """Return the listener for Bolt, which acks once whatever is raised: with the reply, else with the apology.

        Args:
            kind: of the door, for the metrics.
            reply: makes the ack's arguments of a payload.
            apology: makes them of the payload and the general sentence; raises nothing.
        """
        observe = self._metrics.ack(kind)

        def bound(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
            began = perf_counter()
            try:
                ack(**reply(body, client))
            except Exception as error:  # noqa: BLE001 (an exception that passes loses the ack)
                ack(**apology(body, broken("An answer could not be carried out", error)))
            start_after_answer(partial(observe, perf_counter() - began))

        return bound

    def _noting(
        self, actor_id: str, what: str, listen: Callable[[], Listened], *, typed: bool = False
    ) -> Callable[[], Listened]:
        """Return the listener with its refusals noted in the audit log.

        Args:
            actor_id: who acted.
            what: the command, button or form, by its name.
            listen: the listener.
            typed: a person typed what it is about, and may have mistyped: what is not there is no attempt at anything.
        """

        def listened() -> Listened:
            try:
                return listen()
            except NotFound as refusal:
                if not typed or refusal.request_id is not None:
                    self._note(refusal, actor_id, what)
                raise
            except (NotAllowed, StaleReference) as refusal:
                self._note(refusal, actor_id, what)
                raise

        return listened

    def _note(self, refusal: NotAllowed | NotFound | StaleReference, actor_id: str, what: str) -> None:
        try:
            self._desk.refusals.note(refusal, actor_id=actor_id, what=what)
        except StorageError:
            logger.exception("A refused attempt could not be noted")  # the person is refused all the same

    # ------------------------------------------------------------------------------------- commands

    def _command_reply(self, client: WebClient, command: SlashCommand, answer: CommandAnswer | Trouble) -> Reply:
        spot = self._placed(command.spot)
        match answer:
            case Say() | AskAgain() | FieldErrors():
                return told(message_of(answer), spot)
            case SayLater():
                run_job(self._desk.fetching, answer_at_later, client, spot, answer)
                return told(Message(asking_text()), spot)
            case Open() | OpenThen():
                unopened = self._open(client, command.trigger_id, answer, on_top=False)
                return {} if unopened is None else told(unopened, spot)
            case _:
                assert_never(answer)

    # --------------------------------------------------------------------------------------- clicks

    def _answer_in_message(self, client: WebClient, click: Click, spot: Spot, answer: ClickAnswer | Trouble) -> None:
        desk = self._desk
        match answer:
            case Say() | Replace() | ShowAll():
                run_job(desk.background, answer_at, client, self._placed(spot), answer)
            case AskAgain() | FieldErrors():
                run_job(desk.background, answer_at, client, self._placed(spot), Say(message_of(answer)))
            case SayLater() | ReplaceLater():
                run_job(desk.fetching, answer_at_later, client, self._placed(spot), answer)
            case Open() | OpenThen():
                unopened = self._open(client, click.trigger_id, answer, on_top=click.modal is not None)
                if unopened is not None:
                    run_job(desk.background, answer_at, client, self._placed(spot), Say(unopened))
            case Update() | UpdateLater():
                self._desk.modals.change(desk.background, client, click, answer)
            case Done():
                pass
            case _:
                assert_never(answer)

    def _answer_in_window(self, client: WebClient, click: Click, answer: WindowAnswer | Trouble) -> None:
        desk = self._desk
        match answer:
            case Open() | OpenThen():
                # Where Slack opens nothing, there is no other place to say so: the button is still there.
                self._open(client, click.trigger_id, answer, on_top=click.modal is not None)
            case Say() | AskAgain() | FieldErrors():
                window = Open(build_window(message_of(answer)))
                self._open(client, click.trigger_id, window, on_top=click.modal is not None)
            case Update() | UpdateLater():
                self._desk.modals.change(desk.background, client, click, answer)
            case UpdateThen():
                self._desk.modals.fill(desk.fetching, client, answer)
            case Done():
                pass
            case _:
                assert_never(answer)

    def _answer_shortcut(self, client: WebClient, choice: ShortcutChoice, answer: ShortcutAnswer | Trouble) -> None:
        match answer:
            case Open() | OpenThen():
                unopened = self._open(client, choice.trigger_id, answer, on_top=False)
            case Say() | AskAgain() | FieldErrors():
                window = Open(build_window(message_of(answer)))
                unopened = self._open(client, choice.trigger_id, window, on_top=False)
            case _:
                assert_never(answer)
        if unopened is None:
            return
        if choice.spot is not None:
            run_job(self._desk.background, answer_at, client, choice.spot, Say(unopened))
        else:
            run_job(self._desk.background, tell_in_person, client, choice.user_id, unopened)

    def _open(self, client: WebClient, trigger_id: str, answer: Open | OpenThen, *, on_top: bool) -> Message | None:
        """Open the modal, have it filled where it is filled later; return what to say where it did not open."""
        opened = open_modal(client, trigger_id, answer.view, on_top=on_top)
        if isinstance(opened, Message):
            return opened
        if isinstance(answer, OpenThen):
            run_job(self._desk.fetching, fill_modal, client, answer.then, view_id=opened)
        return None

    def _look_for_orphan(self, click: Click) -> None:
        """Have the clicked message replaced, if it is a copy of a card or a receipt. The click acts all the same."""
        kind = STANDS_ON.get(click.action_id)
        if kind is None or not click.message_ts:
            return
        there = Post(channel=click.channel_id, ts=click.message_ts)
        with suppress(RuntimeError):  # the bot is stopping; the next click looks again
            run_job(self._desk.background, self._desk.orphans.point_from, click.value, kind, there)

    def _tell_beside(self, body: Json, text: str) -> Reply:
        """Tell the person beside the button, as far as the payload says where that is and the bot still runs."""
        url = body.get("response_url")
        if isinstance(url, str) and url:
            with suppress(RuntimeError):  # the bot is stopping; the log has it
                run_job(self._desk.background, respond, url, Say(Message(text)), waits=UNTIL_TAKEN)
        return {}

    # ---------------------------------------------------------------------------------- submissions

    def _submission_reply(
        self, client: WebClient, modal: Modal, answer: SubmissionAnswer | Trouble, main_block: str
    ) -> Reply:
        match answer:
            case Update(view=view):
                return {"response_action": "update", "view": view}
            case FieldErrors(errors):
                return field_errors(under_fields(errors, modal.entered, main_block))
            case AskAgain(text):
                return field_errors({main_block: text})
            case Say(message):
                return {"response_action": "update", "view": build_notice(message.text)}
            case Replace(message):
                return {"response_action": "update", "view": build_window(message)}
            case ReplaceLater(make):
                return self._filled_later(client, window_of(make))
            case UpdateThen(then=then):
                return self._filled_later(client, then)
            case Done():
                return {}
            case _:
                assert_never(answer)

    def _filled_later(self, client: WebClient, make: Callable[[], Json]) -> Reply:
        """Say that it takes a moment, and have the modal filled."""
        # By a name of its own, because Tango may be faster than Slack with this view.
        name = uuid4().hex
        run_job(self._desk.fetching, fill_modal, client, make, external_id=name)
        return {"response_action": "update", "view": {**build_notice(asking_text()), "external_id": name}}
