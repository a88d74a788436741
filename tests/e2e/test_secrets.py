"""A whole story by a real process with recognisable secrets in it; and a search for them in all that is left behind.

What the bot writes is read as whoever runs it reads it: the log from its standard error, the console's answers, the
metrics over HTTP, the bytes of the database and of a backup.
"""

import base64
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from bot.domain.numbers import order_number
from bot.sandbox.slack import Person, ShownMessage, ShownView, people
from bot.sandbox.slack.delivery import Unanswered
from bot.sandbox.tango.records import Order
from bot.worker.retention import clear_old
from storage import Storage
from tests.kit import wording
from tests.kit.asked import submit
from tests.kit.crash import COMMAND, PATIENCE, REWARD, Play
from tests.kit.factories import FakeClock
from tests.kit.mirror import Mirror
from tests.kit.payloads import a_click, a_command, a_submission
from tests.kit.tango_answers import Answers, refusal

pytestmark = pytest.mark.timeout(300)  # the machine may be busy with the other tests

#: The bot, with all that its own modules could log. Those of the libraries are left as the program sets them.
TALKATIVE: Final = """
import logging
for name in ("bot", "handlers", "storage"):
    logging.getLogger(name).setLevel(logging.DEBUG)
from bot.__main__ import main
main()
"""

TOKENS: Final = {
    "SLACK_BOT_TOKEN": "xoxb-recognisable-bot-token",
    "SLACK_APP_TOKEN": "xapp-recognisable-app-token",
    "SLACK_SIGNING_SECRET": "recognisable-signing-secret",
    "TANGO_PLATFORM_KEY": "recognisable-platform-key",
}
BASIC: Final = base64.b64encode(f"KudosDemo:{TOKENS['TANGO_PLATFORM_KEY']}".encode()).decode()
KEYS: Final = {*TOKENS.values(), BASIC}

PHYSICAL: Final = "U561601"
STREET: Final = "221 Recognisable Street"
NEW_ADDRESS: Final = "rob@recognisable-new.example"
TYPED: Final = "Thank you, recognisably"
ADDRESSES: Final = {
    f"{name}@acme.example" for name in ("maya", "priya", "sam", "alex", "ada", "rob", "kim", "ana", "li")
}

#: Where e-mail addresses have their places in the file: beside a name, with the sender's, and in what Tango is sent.
PLACES_OF_ADDRESSES: Final = {
    ("requests", "details"),
    ("requests", "requester_email"),
    ("recipients", "email"),
    ("orders", "email"),
    ("orders", "body"),
}


class Story(Play):
    """A play in which every secret can be recognised, with something in front of both stand-ins.

    Attributes:
        mirror: in front of Slack's.
        answers: in front of Tango's.
        printed: what the commands beside the bot have said.
    """

    def __init__(self, folder: Path, *, http: bool) -> None:
        super().__init__(folder, http=http, orders_per_second=20)
        self._command = [sys.executable, "-c", TALKATIVE, "run"]
        state = self.slack._state
        state.bot_token, state.app_token = TOKENS["SLACK_BOT_TOKEN"], TOKENS["SLACK_APP_TOKEN"]
        state.signing_secret = TOKENS["SLACK_SIGNING_SECRET"]
        state.limiter.enabled = False
        self.tango._middleware._key = f"KudosDemo:{TOKENS['TANGO_PLATFORM_KEY']}"
        self.slack.app = self.mirror = Mirror(self.slack.app)
        self.tango.app = self.answers = Answers(self.tango.app)
        self.printed: list[str] = []

    def _environment(self) -> Mapping[str, str]:
        return {**super()._environment(), **TOKENS}

    def console(self, *command: str, **environment: str) -> str:
        """What a command beside the bot says."""
        ended = subprocess.run(
            [*COMMAND[:-1], *command, "--config", str(self.folder / "app.yaml")],
            capture_output=True,
            text=True,
            check=False,
            env={**self._environment(), **environment},
            timeout=PATIENCE,
        )
        self.printed.append(ended.stdout + ended.stderr)
        return self.printed[-1]

    def fetch(self, path: str) -> str:
        """What the bot's own server answers."""
        (port,) = re.findall(r"port: (\d+)", (self.folder / "app.yaml").read_text())
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
                return str(answer.read().decode())
        except HTTPError as error:
            with error:
                return error.read().decode()

    def opened(self, who: Person) -> ShownView:
        """Somebody's form."""
        return self.until(lambda: who.command("/kudos").modal, "the form")

    def place(self, handle: str = "maya", form: ShownView | None = None, **values: Any) -> None:
        """File a request, have it approved, and wait until Tango has answered once to each of its orders."""
        usual = {"recipients": ["rob"], "amount": "25", "message": TYPED, **({} if form else {"reward": REWARD})}
        who = self.slack.person(handle)  # not the same each time: a person is told one thing a second
        outcome = submit(who, form or self.opened(who), usual | values)
        assert outcome.closed, outcome.errors
        number = self.rows("SELECT max(id) AS id FROM requests")[0]["id"]
        self.alex.click(self.until(lambda: self.posted(number), "the card"), "approve")
        unanswered = """SELECT 1 FROM orders WHERE request_id = :number AND NOT EXISTS
            (SELECT 1 FROM attempts WHERE order_id = orders.id AND finished_at IS NOT NULL)"""
        self.until(lambda: not self.rows(unanswered, number=number), "Tango's answers")

    def posted(self, number: int) -> ShownMessage | None:
        """The card of a request, once it is posted."""
        cards = self.alex.messages(people.APPROVALS)
        return next((card for card in cards if f"R-{number} ·" in card.words), None)

    def told(self, who: Person, act: Callable[[], object], words: str) -> ShownMessage:
        """Do something, and return the message with these words that comes of it, at once or later."""

        def found() -> list[ShownMessage]:
            return [message for message in who.ephemerals() if words in message.words]

        before = len(found())
        act()
        return self.until(lambda: found()[-1] if len(found()) > before else None, f"{words!r}")

    def after_a_minute(self) -> None:
        """Start the bot again, and have it believe that its e-mails went out a minute before they did."""
        self.kill_bot()
        with closing(sqlite3.connect(self.database)) as db:
            db.execute("UPDATE orders SET last_sent_at = last_sent_at - 60000")
            db.commit()
        self.tango._desk.resend_cooldown = 0
        self.start_bot()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """All that goes right and all that goes wrong has happened; the bot has stopped."""
    with Story(tmp_path_factory.mktemp("secrets"), http=True) as story:
        story.start_bot()
        rewards_are_given(story)
        people_look(story)
        tango_quotes(story)
        slack_quotes(story)
        listeners_break(story)
        whoever_runs_it_looks(story)
        story.settle()
        assert story.stop_bot() == 0
        yield story


# ---------------------------------------------------------------------------------------- the story


def rewards_are_given(story: Story) -> None:
    """By e-mail, by message, by post."""
    kim, sam = story.slack.person("kim"), story.slack.person("sam")
    story.place()
    story.place("priya", recipients=["kim", "ana"], delivery="message")
    gift = story.until(lambda: next((m for m in kim.dms() if "reward_show" in m.action_ids), None), "the gift")
    kim.click(gift, "reward_show")
    code = order_for(story, "kim").code
    story.until(lambda: (modal := kim.modal) and code in modal.words, "the reward")

    sam.select(story.opened(sam), "request_reward", PHYSICAL)
    form = story.until(lambda: modal if (modal := sam.modal) and "city" in modal.entered else None, "the fields")
    assert sam.options(form, "request_country", "US")
    where = {"street_line1": STREET, "city": "Springfield", "state_or_province": "IL", "postal_code": "62701"}
    story.place("sam", form, **where, country="US", printed_template="P000001", recipients=["li"])
    assert STREET.encode() in story.tango.arrivals[-1].body


def people_look(story: Story) -> None:
    """For an address, in the file and at Tango; and show in the channel what they found."""
    ada, maya = story.slack.person("ada"), story.maya
    story.told(maya, lambda: maya.command("/orders", "rob@acme.example", channel="general"), "R-1")
    story.told(ada, lambda: ada.command("/orders", "tango rob@acme.example", channel="general"), "Marlow")
    asked = [request for request in story.tango.requests if "rob@acme.example" in request.query.values()]
    assert asked, "Tango was searched by an address in the query"
    detail = story.told(maya, lambda: maya.command("/orders", "1", channel="general"), "rob@acme.example")
    maya.click(detail, "order_show")
    story.until(
        lambda: any(wording.public_order(1) in m.text for m in maya.messages("general") if not m.ephemeral), "it"
    )


def tango_quotes(story: Story) -> None:
    """An order is refused in words that quote its address; so is a resend to another one, and one is taken."""
    ada = story.slack.person("ada")
    story.place("priya", amount="30")
    story.answers.orders(400, refusal("422.134", "ana@acme.example is not well-formed"))
    story.place(recipients=["ana"], amount="31")
    story.answers.orders(200, {"unreadable": "ana@acme.example"})
    story.place("sam", recipients=["ana"])
    story.settle()
    assert any("(address) is not well-formed" in message.words for message in story.maya.dms())
    story.after_a_minute()
    ada.command("/resend", f"1 {NEW_ADDRESS}")
    story.settle()
    story.answers.resends(400, refusal("422.134", f"{NEW_ADDRESS} is not well-formed"))
    ada.command("/resend", f"{order_of(story, 30)} {NEW_ADDRESS}")
    story.settle()
    assert [resend.email for resend in story.tango.resends] == [NEW_ADDRESS]
    assert any("(address) is not well-formed" in message.words for message in ada.dms())


def slack_quotes(story: Story) -> None:
    """Whoever answers in Slack's place shows what it was sent."""
    maya, mirror = story.maya, story.mirror
    mirror.hold_up("/api/chat.postMessage", status=500)
    mirror.hold_up("/api/chat.postMessage", having="Claim Code")
    mirror.hold_up("/api/chat.update", status=429, headers={"Retry-After": "rob@acme.example"})
    story.place("sam", amount="35", delivery="message", recipients=["kim"])
    story.until(lambda: mirror.done, "the mirror's answers")
    form = story.opened(maya)
    mirror.hold_up("/api/users.info", times=9)  # when somebody is chosen, when anything else is, and in the end
    asked = maya.submit(form, {"recipients": ["li"], "reward": REWARD, "amount": "25"})
    assert not asked.closed, "who that is could not be asked"
    mirror.let_go()
    mirror.hold_up("/api/views.")
    maya.command("/kudos")
    detail = story.told(maya, lambda: maya.command("/orders", "1", channel="general"), "rob@acme.example")
    for status in (200, 404):
        mirror.hold_up("/actions/", status=status)
        maya.click(detail, "order_resend")
    mirror.hold_up("/commands/", status=500)
    story.slack.person("ada").command("/orders", "tango rob@acme.example", channel="general")
    story.until(lambda: mirror.done, "the mirror's answers")
    shown = "".join(mirror.shown)
    assert TOKENS["SLACK_BOT_TOKEN"] in shown
    assert "rob@acme.example" in shown
    assert any(order.code in shown for order in story.tango.orders)


def listeners_break(story: Story) -> None:
    """Payloads that no listener expects, and requests that are not Slack's."""
    slack = story.slack
    day = {"expires_on": {"request_expires_on": {"type": "datepicker", "selected_date": "rob@acme.example"}}}
    slack.deliver("interactive", a_submission(slack, people.MAYA, "request", day))
    typing = a_click(slack, people.MAYA, "nothing_of_ours", "") | {
        "type": "block_suggestion",
        "action_id": "nothing_of_ours",
        "value": "rob@acme.example",
    }
    slack._courier.ack_seconds = 0.1  # no answer comes to what nobody listens for
    for payload in (a_click(slack, people.MAYA, "nothing_of_ours", STREET), typing):
        with suppress(Unanswered):
            slack.deliver("interactive", payload)
    story.until(lambda: story.log.read_text().count("Unhandled request") == 2, "both to be met")
    slack._courier.ack_seconds = PATIENCE
    if slack.mode == "http":
        body = urlencode(a_command(slack, people.MAYA, "/orders", f"rob@acme.example {STREET}")).encode()
        assert slack.deliver_raw(body, slack.sign(body, secret="another")).status_code == 401


def whoever_runs_it_looks(story: Story) -> None:
    """By the commands beside the bot, and over HTTP."""
    story.console("check")
    story.console("queue", "list")
    story.console("queue", "retry", "1")
    story.console("queue", "cancel", "99")
    story.console("backup", str(story.folder / "backup.db"))
    assert "verified" in story.printed[-1]
    story.printed += [story.fetch(path) for path in ("/metrics", "/healthz", "/readyz", "/slack/events", "/?rob")]
    assert "kudos_order_attempts_total" in story.printed[-5]


def order_of(story: Story, amount: int) -> str:
    """The number of the order of this many dollars."""
    (row,) = story.rows("SELECT request_id, place FROM orders WHERE amount_minor = :amount", amount=amount * 100)
    return order_number(row["request_id"], row["place"])


def order_for(story: Story, handle: str) -> Order:
    """The one order that Tango has for somebody."""
    address = story.slack.person(handle).account.email
    return next(order for order in story.tango.orders if order.recipient_email == address)


# ------------------------------------------------------------------------------- what is left behind


def credentials(story: Story) -> set[str]:
    """Codes and links of all rewards, and what makes a link one's own."""
    orders = story.tango.orders
    assert len(orders) >= 6
    return {secret for order in orders for secret in (order.code, order.link, order.link[-20:]) if secret}


def found(secrets: Iterable[str], text: str) -> set[str]:
    """Which of them are in it."""
    return {secret for secret in secrets if secret in text}


def addresses_to_answer_at(story: Story) -> set[str]:
    """What makes a `response_url` one: whoever reads it can post as the bot."""
    return set(story.slack._state.response_urls)


def private_of(story: Story) -> set[str]:
    """All that whoever runs the bot has no need to see."""
    said = {NEW_ADDRESS, STREET, TYPED, "acme.example", "rob%40"}
    return KEYS | credentials(story) | ADDRESSES | addresses_to_answer_at(story) | said


def test_nothing_of_it_is_in_the_log(story: Story):
    written = story.log.read_text()
    lines = [json.loads(line) for line in written.splitlines()]
    told = "\n".join(line["message"] for line in lines)

    assert found(private_of(story), written) == set()
    assert {line["logger"].partition(".")[0] for line in lines} >= {"bot", "handlers", "slack_bolt", "slack_sdk"}
    for line in (
        "A listener broke",
        "Unhandled request",
        "was not taken",
        "An answer was not taken: 404",
        "GET /orders: ",
    ):
        assert line in told, "it was reached"


def test_nothing_of_it_is_in_what_the_commands_and_the_server_say(story: Story):
    said = "\n".join(story.printed)

    assert found(private_of(story), said) == set()


def test_codes_are_on_the_screen_of_their_recipient_alone_and_in_no_notification(story: Story):
    secrets = credentials(story)
    for channel in story.slack.workspace.channels.values():
        reader = story.slack.workspace.users.get(channel.user or "")
        own = {
            secret
            for order in story.tango.orders
            if reader is not None and order.recipient_email == reader.email and not order.send_email
            for secret in (order.code, order.link, order.link[-20:])
        }
        for message in story.slack.workspace.messages(channel.id):
            assert found(secrets, str(message.text)) == set()
            assert found(secrets - own, str(message.stored())) == set()
    kim = story.slack.person("kim")
    assert order_for(story, "kim").code in str([message.data for message in kim.dms()])


def test_no_address_is_in_a_channel_and_no_key_on_any_screen(story: Story):
    for channel in story.slack.workspace.channels.values():
        for message in story.slack.workspace.messages(channel.id):
            assert found(KEYS, str(message.stored())) == set()
            if not channel.is_dm and message.visible_to is None:
                assert found(ADDRESSES | {NEW_ADDRESS, STREET, "acme.example"}, str(message.stored())) == set()


@pytest.mark.parametrize("name", ["kudos.db", "backup.db"])
def test_the_file_and_its_backup_have_addresses_in_their_columns_and_nothing_else_of_it(story: Story, name: str):
    path = story.folder / name
    held = path.read_bytes().decode("latin-1")
    cells = list(cells_of(path))

    assert found(KEYS | credentials(story) | addresses_to_answer_at(story) | {NEW_ADDRESS}, held) == set()
    assert {place for place, text in cells if found(ADDRESSES, text)} == PLACES_OF_ADDRESSES
    assert {place for place, text in cells if STREET in text} == {("requests", "details"), ("orders", "body")}
    assert {place for place, text in cells if TYPED in text} == {("requests", "message"), ("orders", "body")}


def test_when_it_has_been_kept_long_enough_nothing_of_it_is_left(story: Story, tmp_path: Path):
    path = tmp_path / "kudos.db"
    path.write_bytes((story.folder / "kudos.db").read_bytes())
    storage = Storage.open(path)
    clear_old(storage, FakeClock(datetime.now(UTC) + timedelta(days=2)), timedelta(days=1))
    storage.close()

    held = path.read_bytes().decode("latin-1")
    assert found(ADDRESSES | {STREET, TYPED, "acme.example", "Springfield"}, held) == set()
    assert "order.accepted" in held, "the audit log stays"


def cells_of(path: Path) -> Iterator[tuple[tuple[str, str], str]]:
    """Everything that a file of ours holds, by table and column."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in db.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 (the file's own names)
                for column in row.keys():  # noqa: SIM118 (a row's iterator gives its values)
                    value = row[column]
                    yield (table, column), value.decode() if isinstance(value, bytes) else str(value)


# ------------------------------------------------------------------------------------ wrong settings


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Both stand-ins, and settings for a bot that does not run."""
    with Story(tmp_path_factory.mktemp("wrong"), http=False) as stage:
        stage.start_bot()
        stage.kill_bot()
        yield stage


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        (
            {"SLACK_BOT_TOKEN": "xoxb-recognisable-other"},
            "SLACK_BOT_TOKEN: Slack doesn't accept this token (invalid_auth)",
        ),
        (
            {"SLACK_APP_TOKEN": "xapp-recognisable-other"},
            "SLACK_APP_TOKEN: Slack doesn't accept this token (invalid_auth)",
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxb-\nrecognisable"},
            "SLACK_BOT_TOKEN: This has a line break or a letter that isn't ASCII in it. Copy it again.",
        ),
        (
            {"KUDOS_APPROVALS__CHANNEL": "xoxb-recognisable-other"},
            (
                "approvals.channel: This isn't the id of a channel (C…), or dm. The id is at the end of the channel's "
                "Copy link. KUDOS_APPROVALS__CHANNEL may be private, so it isn't shown."
            ),
        ),
    ],
)
def test_a_start_that_fails_repeats_no_token(stage: Story, environment: dict[str, str], told: str):
    said = stage.console("run", **environment)
    assert told in said
    assert "Traceback" not in said
    assert "recognisable" not in said


@pytest.mark.parametrize("path", ["/api/auth.test", "/api/apps.connections.open"])
def test_a_start_that_is_held_up_repeats_no_token(stage: Story, path: str):
    before = len(stage.log.read_text())
    stage.mirror.hold_up(path)
    stage.start_bot()
    stage.kill_bot()
    assert stage.mirror.done
    said = stage.log.read_text()[before:]
    assert "Slack can't be reached (SlackApiError)" in said
    assert "Traceback" not in said
    assert "recognisable" not in said


@pytest.mark.parametrize("path", ["/api/auth.test", "/api/apps.connections.open", "/api/conversations.info"])
def test_a_check_that_fails_repeats_no_token(stage: Story, path: str):
    stage.mirror.hold_up(path)
    said = stage.console("check")
    assert stage.mirror.done
    assert "I can't" in said
    assert "recognisable" not in said


def test_a_check_of_tokens_with_a_carriage_return_finds_them_good(stage: Story):
    said = stage.console("check", **{name: f"{token}\r" for name, token in TOKENS.items()})
    assert "FAIL" not in said
    assert "recognisable" not in said
