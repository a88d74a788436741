"""Every door acks exactly once, whatever a listener raises, answers or is sent: signed payloads, through Bolt."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import fields
from threading import Event
from typing import Any, Final, NoReturn, cast

import pytest
from slack_bolt import Ack, App
from slack_sdk.web import WebClient
from starlette.applications import Starlette

from bot.errors import InvalidForm, Refusal, TangoError
from bot.faults import Fault, FaultCode
from bot.metrics import Metrics
from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox, people
from bot.sandbox.slack.person import PATIENCE
from handlers.bolt.afterwards import Jobs
from handlers.bolt.answers import (
    FieldErrors,
    Open,
    OpenThen,
    Replace,
    ReplaceLater,
    Say,
    SayLater,
    ShowAll,
)
from handlers.bolt.binding import Binding, Bound
from handlers.bolt.conversations import Conversations
from handlers.bolt.desk import Desk
from handlers.bolt.modals import Modals
from handlers.bolt.posts import Posts
from handlers.bolt.server import build_web_app
from handlers.views.blocks import Message
from handlers.views.faults import fault_text
from handlers.views.messages import asking_text, broken_text, not_here_text
from storage import Storage
from tests.kit.factories import FakeClock
from tests.kit.payloads import a_click, a_command, a_submission
from tests.kit.slack import actions, button, modal

pytestmark = pytest.mark.file

Json = dict[str, Any]

_SHOWN: Final = modal(actions(button("press", "Press")))


class OverBudget(Refusal):
    """A refusal that nobody has worded."""


class NoWords(TangoError):
    """A trouble that breaks whoever prints it."""

    def __str__(self) -> str:
        raise ValueError


_RAISED: Final[dict[str, Exception]] = {
    "a refusal without a sentence": OverBudget(),
    "a fault without a sentence": InvalidForm({"amount": Fault(cast("Any", "over_budget"))}),
    "a fault without its facts": InvalidForm({"message": Fault(FaultCode.TOO_LONG)}),
    "something broken": KeyError("reward"),
    "something too deep": RecursionError(),
}

raised = pytest.mark.parametrize("error", _RAISED.values(), ids=_RAISED.keys())


class Doors:
    """A Bolt app with one listener behind each door, which each test sets: `doors.listen = lambda …`."""

    def __init__(self, slack: SlackSandbox, storage: Storage, caplog: pytest.LogCaptureFixture) -> None:
        self.slack = slack
        self.maya = slack.person("maya")
        self.listen: Callable[[], Any] = lambda: None
        self.pool = Jobs(2)
        self._caplog = caplog
        parts: Json = dict.fromkeys(field.name for field in fields(Desk)) | {
            "background": self.pool,
            "fetching": self.pool,
            "conversations": Conversations(storage),
            "modals": Modals(FakeClock()),
        }
        bind = Binding(Desk(**cast("Any", parts)), Metrics(storage, FakeClock(), lambda: True))
        self.app = App(
            client=WebClient(token="xoxb-demo", base_url=f"{slack.url}/api/"),
            signing_secret="demo-signing-secret",
            process_before_response=True,
        )
        self.acks: list[list[Json]] = []  # for each payload that came, what was acked
        command = bind.command({"": lambda *_: self.listen(), "open": lambda *_: Open(_SHOWN)})
        self.app.command("/kudos")(self._counted(command))
        self.app.block_action("press")(self._counted(bind.click(lambda *_: self.listen())))
        self.app.view_submission("form")(self._counted(bind.submission(lambda *_: self.listen(), main_block="main")))
        self.app.options("press")(self._counted(bind.options(lambda *_: self.listen())))

    def _counted(self, bound: Bound) -> Bound:
        """Return the listener with its acks written down. Of two acks Slack would see one."""

        def counted(ack: Ack, body: Json, client: WebClient) -> None:
            acks: list[Json] = []
            self.acks.append(acks)

            def ack_and_note(**arguments: Any) -> None:
                ack(**arguments)
                acks.append(arguments)

            bound(ack_and_note, body, client)

        return counted

    def web_app(self) -> Starlette:
        posts = Posts(self.app, "demo-signing-secret", lambda: True)
        return build_web_app(is_alive=lambda: True, unready=lambda: None, metrics=bytes, posts=posts)

    def raise_(self, error: Exception) -> None:
        def listen() -> NoReturn:
            raise error

        self.listen = listen

    # Each returns the content of the ack; a payload without an ack raises `Unanswered`.

    def command(self, text: str = "") -> Any:
        return self.slack.deliver("slash_commands", a_command(self.slack, people.MAYA, "/kudos", text))

    def click(self) -> Any:
        return self.slack.deliver("interactive", a_click(self.slack, people.MAYA, "press", "1", channel=people.GENERAL))

    def submit(self, **values: str) -> Any:
        entered = {name: {"_": {"value": text}} for name, text in values.items()}
        return self.slack.deliver("interactive", a_submission(self.slack, people.MAYA, "form", entered))

    def type_ahead(self) -> Any:
        asked = a_click(self.slack, people.MAYA, "press", "")
        return self.slack.deliver(
            "interactive", asked | {"type": "block_suggestion", "action_id": "press", "value": "x"}
        )

    def click_in_modal(self) -> None:
        self.command("open")
        shown = self.maya.modal
        assert shown is not None
        self.maya.click(shown, "press")

    # What the person sees.

    def told(self) -> str:
        """The next thing that the person alone is told beside what they pressed."""
        return self.maya.wait_for(lambda: next(iter(self.maya.ephemerals(people.GENERAL)), None)).text

    def general(self) -> str:
        """The general sentence, with the mark under which the log has a traceback."""
        record = next(one for one in self._caplog.records if one.name.startswith("handlers") and one.exc_info)
        mark = record.getMessage().rpartition("(")[2].rstrip(")")
        assert len(mark) == 8
        return broken_text(mark)

    def in_window(self, words: str) -> bool:
        return self.maya.wait_for(lambda: (self.maya.modal is not None and words in self.maya.modal.words) or None)


@pytest.fixture
def doors(storage: Storage, caplog: pytest.LogCaptureFixture) -> Iterator[Doors]:
    slack = SlackSandbox()
    with serve(slack.app) as slack_server:
        slack.url = slack_server.url
        doors = Doors(slack, storage, caplog)
        with serve(doors.web_app()) as server, doors.pool:
            slack.request_url = f"{server.url}/slack/events"
            yield doors
            slack.close()
        assert doors.acks
        assert all(len(acks) == 1 for acks in doors.acks), "each payload is acked exactly once"


# ------------------------------------------------------------------------- what a listener raises


@raised
def test_a_command_says_so(doors: Doors, error: Exception):
    doors.raise_(error)
    answer = doors.command()
    assert answer["text"] == doors.general()
    assert answer["response_type"] == "ephemeral"


@raised
def test_a_click_in_a_message_is_answered_beside_it(doors: Doors, error: Exception):
    doors.raise_(error)
    assert doors.click() is None, "the ack is empty"
    assert doors.told() == doors.general()


@raised
def test_a_click_in_a_modal_is_answered_in_a_window(doors: Doors, error: Exception):
    doors.raise_(error)
    doors.click_in_modal()
    assert doors.in_window(doors.general())


@raised
def test_a_submit_keeps_the_form(doors: Doors, error: Exception):
    doors.raise_(error)
    assert doors.submit(main="x") == {"response_action": "errors", "errors": {"main": doors.general()}}


@raised
def test_a_type_ahead_field_offers_nothing(doors: Doors, error: Exception):
    doors.raise_(error)
    assert doors.type_ahead() == {"options": []}
    assert doors.general()


def test_an_error_that_cannot_be_printed_does_not_lose_the_ack(doors: Doors):
    doors.raise_(NoWords())
    assert doors.command()["text"]


def test_the_log_has_the_refusal_that_lacks_a_sentence(doors: Doors, caplog: pytest.LogCaptureFixture):
    doors.raise_(OverBudget())
    doors.command()
    assert "OverBudget" in caplog.text
    assert [record.levelno for record in caplog.records if record.name.startswith("handlers")] == [logging.ERROR]


# --------------------------------------------------------------------------- what a door is sent


def test_a_sub_command_is_the_whole_text(doors: Doors):
    doors.listen = lambda: Say(Message("Everything else"))
    for text in ("open sesame", "opening", ""):
        assert doors.command(text)["text"] == "Everything else"
    assert doors.maya.modal is None
    assert doors.command("  OPEN ") is None
    assert doors.maya.modal is not None


@pytest.mark.parametrize("lacking", ["user_id", "trigger_id", "response_url"])
def test_a_command_without_a_part_is_answered(doors: Doors, lacking: str):
    body = a_command(doors.slack, people.MAYA, "/kudos", "")
    del body[lacking]
    assert doors.slack.deliver("slash_commands", body)["text"] == doors.general()


def test_a_click_without_a_trigger_is_answered(doors: Doors):
    body = a_click(doors.slack, people.MAYA, "press", "1", channel=people.GENERAL)
    del body["trigger_id"]
    assert doors.slack.deliver("interactive", body) is None
    assert doors.told() == doors.general()


def test_a_click_with_a_garbled_modal_is_acked(doors: Doors):
    body = a_click(doors.slack, people.MAYA, "press", "1", channel=people.GENERAL)
    del body["response_url"]
    assert doors.slack.deliver("interactive", body | {"view": {"type": "modal"}}) is None
    assert doors.general()


@pytest.mark.parametrize("state", [None, {"values": {"main": "x"}}], ids=["none", "no fields"])
def test_a_submit_with_garbled_fields_keeps_the_form(doors: Doors, state: Json | None):
    body = a_submission(doors.slack, people.MAYA, "form", {})
    body["view"]["state"] = state
    assert doors.slack.deliver("interactive", body)["errors"] == {"main": doors.general()}


def test_a_click_that_has_no_place_is_answered_in_a_window(doors: Doors):
    doors.listen = lambda: Say(Message("Hello"))
    body = a_click(doors.slack, people.MAYA, "press", "1", channel=people.GENERAL)
    del body["response_url"]
    doors.slack.deliver("interactive", body)
    assert doors.in_window("Hello")


# ------------------------------------------------------------- what an answer cannot be carried out


_UNFIT: Final = Message("Hello", cast("Any", [object()]))


def test_blocks_that_are_no_json_are_said_in_a_commands_ack(doors: Doors):
    doors.listen = lambda: Say(_UNFIT)
    assert doors.command()["text"] == doors.general()


def test_blocks_that_are_no_json_are_said_in_a_submits_ack(doors: Doors):
    doors.listen = lambda: Replace(_UNFIT)
    assert doors.submit(main="x")["errors"] == {"main": doors.general()}


def test_errors_without_a_field_are_said_all_the_same(doors: Doors):
    doors.listen = lambda: FieldErrors({})
    assert doors.submit(main="x")["errors"] == {"main": doors.general()}


def test_a_window_that_cannot_be_built_is_said_in_another(doors: Doors):
    doors.listen = lambda: Say(Message("Hello", cast("Any", 1)))
    doors.click_in_modal()
    assert doors.in_window(doors.general())


def test_an_answer_that_breaks_in_the_background_is_logged(doors: Doors, caplog: pytest.LogCaptureFixture):
    doors.listen = lambda: Say(_UNFIT)
    assert doors.click() is None
    doors.pool.submit(lambda: None).result()
    doors.maya.wait_for(lambda: "An answer could not be given" in caplog.text or None)
    assert "TypeError" in caplog.text


def test_a_stopping_bot_still_acks(doors: Doors):
    """What the listener stored is stored; only who would have told of it is gone."""
    doors.pool.shutdown()
    doors.listen = lambda: Say(Message("Stored"))
    assert doors.click() is None
    assert doors.general()


@pytest.mark.parametrize("answer", [SayLater, ReplaceLater])
def test_a_stopping_bot_promises_nothing(doors: Doors, answer: Callable[..., Any]):
    doors.pool.shutdown()
    doors.listen = lambda: answer(lambda: Message("Later"))
    said = doors.command() if answer is SayLater else doors.submit(main="x")
    assert asking_text() not in str(said)
    assert doors.general() in str(said)


def test_a_stopping_bot_acks_a_click_in_a_modal(doors: Doors):
    doors.command("open")
    doors.pool.shutdown()
    doors.listen = lambda: OpenThen(_SHOWN, lambda: _SHOWN)
    shown = doors.maya.modal
    assert shown is not None
    doors.maya.click(shown, "press")
    assert doors.general()


# --------------------------------------------------------------------------- what comes in the end

_FAULT: Final = Fault(FaultCode.IS_ONESELF)
_FAULTS: Final = InvalidForm({"recipients": _FAULT})


def _faulty() -> NoReturn:
    raise _FAULTS


def test_a_wrong_field_is_said_where_there_are_no_fields(doors: Doors):
    said = f"Recipients: {fault_text('recipients', _FAULT)}"
    doors.raise_(_FAULTS)
    assert doors.command()["text"] == said
    doors.click()
    assert doors.told() == said


def test_a_wrong_field_is_said_in_a_window(doors: Doors):
    doors.raise_(_FAULTS)
    doors.click_in_modal()
    assert doors.in_window(fault_text("recipients", _FAULT))


@pytest.mark.parametrize("answer", [SayLater, ReplaceLater])
def test_what_goes_wrong_later_is_said_beside_the_button(doors: Doors, answer: Callable[..., Any]):
    doors.listen = lambda: answer(_faulty)
    doors.click()
    assert fault_text("recipients", _FAULT) in doors.told()


@pytest.mark.parametrize("answer", [SayLater, ReplaceLater])
def test_what_goes_wrong_later_does_not_leave_a_window_asking(doors: Doors, answer: Callable[..., Any]):
    doors.listen = lambda: answer(_faulty)
    doors.click_in_modal()
    assert doors.in_window(fault_text("recipients", _FAULT))


def test_nobody_else_sees_a_modal(doors: Doors):
    doors.listen = lambda: ShowAll(Message("For everyone"))
    doors.click_in_modal()
    assert doors.in_window(not_here_text())


# ---------------------------------------------------------------------- what takes its time in a modal


def test_an_answer_of_tangos_does_not_replace_what_a_later_act_has_shown(doors: Doors):
    asked = Event()

    def answer() -> Message:
        assert asked.wait(PATIENCE)
        return Message("What Tango said")

    doors.command("open")
    shown = doors.maya.modal
    assert shown is not None
    doors.listen = lambda: ReplaceLater(answer)
    doors.maya.click(shown, "press")
    doors.listen = lambda: Replace(Message("Canceled"))
    doors.maya.click(shown, "press")
    assert doors.in_window("Canceled")
    asked.set()
    doors.pool.shutdown()
    assert doors.in_window("Canceled")
