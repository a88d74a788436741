"""The whole bot under everything at once: people, double clicks, clock jumps, faults of Tango and Slack, deaths.

Files are backed up, restored and changed for others, so that cards outlive the file they were posted for; approvers and
admins come and go. Whatever happens, Tango gets no order without the approvals that the settings asked for when the
request was filed: by two people, one or none, who saw the card of that very request and had the right at that moment. A
request is told apart by its message, which no two share.

The bot runs between the stand-ins, over real HTTP and on a real file, but in this process and step by step: time
passes only where a rule lets it pass, so that a run can be told again. It dies by its own clock: asked for the time
once too often, the clock raises what nothing catches, there and from then on everywhere, so that a transaction is
rolled back and nothing more is written. What a dead process leaves in SQLite's own files is for test_crashes.py.

`KUDOS_TEST_EXAMPLES` says how many runs there are; without it they are the same few each time.
"""

import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Final, NoReturn

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.app import Kudos
from bot.clock import Clock
from bot.domain.approval import BY_RULE
from bot.domain.numbers import order_number
from bot.domain.request import RequestStatus
from bot.sandbox.serve import Served, serve
from bot.sandbox.slack import Outcome, Person, ShownMessage, SlackSandbox, people
from bot.sandbox.slack.delivery import Unanswered
from bot.sandbox.slack.errors import NotPossible, SlackTrouble
from bot.sandbox.slack.snapshots import message_data
from bot.sandbox.tango import TangoSandbox
from bot.settings import load_settings
from handlers.manifest import build_manifest
from tests.kit import wording
from tests.kit.asked import POLICIES, Asked, AskedPolicy, submit
from tests.kit.bot import shift_of, take_duty, tellers_of
from tests.kit.factories import FakeClock
from tests.kit.gift_log import check_gift_log
from tests.kit.history import ADMINS_GROUP, VERA, Files, Rights
from tests.kit.payloads import a_click
from tests.kit.reservations import check_reservations

EXAMPLES: Final = os.environ.get("KUDOS_TEST_EXAMPLES")

REWARD: Final = "U666425"  # any amount from 1 to 1,000 dollars

SECRETS: Final = {
    "SLACK_BOT_TOKEN": "xoxb-demo",
    "SLACK_SIGNING_SECRET": "demo-signing-secret",
    "TANGO_PLATFORM_NAME": "KudosDemo",
    "TANGO_PLATFORM_KEY": "demo-key",
}

SENDERS: Final = ("maya", "priya", "alex")
APPROVERS: Final = ("alex", "sam")
#: Who presses Approve: Vera may become anything, and Priya is no approver at first.
DECIDERS: Final = ("sam", "alex", "vera", "sam", "alex", "priya")
RECIPIENTS: Final = ("rob", "kim", "li", "ana", "sam")

#: After each of these the order is placed in the end; the others need a person, and have tests of their own.
TANGO_FAULTS: Final = (
    "unavailable_before",
    "unavailable_after",
    "cut_before",
    "cut_after",
    "bad_gateway",
    "internal_error",
    "unreadable",
    "too_many",
    "unauthorized",
    "forbidden",
    "in_flight",
    "frozen",
    "insufficient_funds",
    "item_out",
)
#: Those of them that an e-mail which is sent again can meet.
ON_RESEND: Final = ("unavailable_before", "unavailable_after", "cut_before", "cut_after", "unreadable", "too_many")

SLACK_FAULTS: Final = ("outage", "cut", "rate_limited", "internal_error", "drop_acks")
SLACK_METHODS: Final = ("chat.postMessage", "chat.update", "views.open", "users.info")

FEW: Final = st.integers(1, 4)
WHICH: Final = st.integers(0, 30)

#: What becomes of people, besides their coming and going in groups.
CHANGES: Final = ("guest", "left", "outsider", "second account", "group gone")

#: What people call themselves: as a colleague does, with a letter that looks like another, or as before.
NAMES: Final = ("Rob Hale", "R\u043eb Hale", "Kim Park")

#: How many databases there are in a history: one, and two that are taken for it.
MOST_FILES: Final = 3

#: In cents: what all may ask for. A history that runs long is refused some of it.
IN_ALL: Final = 8_000_00

#: Nothing is so slow: retries wait ten minutes at the most, a halt five.
HOURS_TO_HEAL: Final = 6


class Killed(BaseException):
    """The process is gone. No `except` of the bot's catches it."""


def _die(*_: object) -> NoReturn:
    raise Killed


class Life(Clock):
    """The clock of one life of the bot: the true time, put forward or back; deadly once it was doomed."""

    def __init__(self, truth: FakeClock, offset: timedelta) -> None:
        self._truth = truth
        self._lock = Lock()
        self.offset = offset
        self.looks_left: int | None = None
        self.is_over = False

    def now(self) -> datetime:
        """The time; or the end."""
        with self._lock:
            if self.looks_left is not None:
                self.looks_left -= 1
                self.is_over |= self.looks_left < 0
            if self.is_over:
                raise Killed
        return self._truth.now() + self.offset

    def monotonic(self) -> float:
        """What passes evenly is the true time, wherever the clock is put."""
        return self._truth.monotonic()


class TheBot(RuleBasedStateMachine):
    """Everything that can happen, in any order; what must hold is checked when all is healed."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.folder = Path(self._open.enter_context(TemporaryDirectory(prefix="kudos-machine-")))
        self.truth = FakeClock()
        # An event comes once: a thread of the stand-in's would repeat it whenever it comes to that.
        self.slack = SlackSandbox(rate_limits=True, retry_waits=(), now=lambda: self.truth.now().timestamp())
        self.tango = TangoSandbox(
            balance="1000000", now=self.truth.now, monotonic=lambda: self.truth.now().timestamp(), min_interval=1.0
        )
        self.slack.manifest(build_manifest())
        self.tango_url = self._open.enter_context(serve(self.tango.app)).url
        self.slack.url = self._open.enter_context(serve(self.slack.app)).url
        self._open.callback(self.slack.close)
        self.life = Life(self.truth, timedelta(0))
        self.bot: Kudos | None = None
        self.door: Served | None = None
        self.kept: sqlite3.Connection | None = None
        self.files = Files(self.folder)
        self.rights = Rights(self.slack)
        self.policy = POLICIES[0]
        self.asked: dict[str, Asked] = {}
        self.pressed: set[tuple[str, str, str]] = (
            set()
        )  # (Approve or Decline, message on the card, who): with the right
        self.canceled: set[str] = set()  # references of orders whose Cancel was pressed by who could
        self.hold_minutes = 0
        self.undoable: list[ShownMessage] = []  # everybody's cards and receipts with Undo, some of which have lost it
        self.stale: list[ShownMessage] = []
        self.stale_details: list[tuple[str, ShownMessage]] = []  # (reference, order detail with its buttons)

    def teardown(self) -> None:
        """Heal everything, let the bot finish, and look at what has become of it."""
        try:
            if self.kept is not None:
                self.check_all()
        finally:
            if self.bot is not None:
                self.bury()
            if self.kept is not None:
                self.kept.close()
            self._open.close()

    @invariant()
    def reservations_equal_a_recount(self) -> None:
        """At any moment, also of a database that a dead bot leaves."""
        if self.kept is not None:
            check_reservations(self.rows, most=IN_ALL)

    @invariant()
    def the_gift_log_agrees_with_the_orders(self) -> None:
        """At any moment, too."""
        if self.kept is not None:
            check_gift_log(self.rows)

    # ---------------------------------------------------------------------------------- life and death

    @initialize(requests=st.integers(1, 4), policy=st.sampled_from(POLICIES), hold=st.sampled_from([0, 0, 1]))
    def begin(self, requests: int, policy: AskedPolicy = POLICIES[0], hold: int = 0) -> None:
        self.policy, self.hold_minutes = policy, hold
        self.start()
        self.files.back_up()
        for number in range(requests):
            self.file(SENDERS[number % 3], {RECIPIENTS[number], "li"}, 10 + number, twice=False)
        assert len(self.rows("SELECT 1 FROM requests")) == requests, "nothing stands in the way yet"
        for who in APPROVERS:
            self.slack.person(who).open_home()
        self.work(3)

    def start(self) -> None:
        offset = self.life.offset
        self.life = Life(self.truth, offset)
        self.bot = bot = Kudos(self._settings(), self.life)
        bot._connect()
        if not len(bot._catalog.current):
            bot._catalog.keep_fresh()
        take_duty(bot).dispatcher.rescue_all()
        with bot._storage.transaction():
            bot._storage.outbox.rescue(self.life.now())
        self.rights.tell()
        self.door = serve(bot.web_app()).start()
        self.slack.request_url = f"{self.door.url}/slack/events"
        if self.kept is None:
            self.kept = sqlite3.connect(f"{self.files.path.as_uri()}?mode=ro", uri=True, timeout=10)
            self.kept.row_factory = sqlite3.Row

    @rule(looks=st.integers(0, 12))
    def doom(self, looks: int) -> None:
        """Let it die soon, in the middle of something; once dead, its next life is not concerned."""
        self.life.looks_left = looks

    @rule(claimed=st.booleans())
    def kill(self, *, claimed: bool) -> None:
        """Now; or after the next claim, before the call is made.

        No precondition says that it lives: when exactly it died is for threads to say, and what Hypothesis draws
        must not depend on that.
        """
        if self.bot is None:
            return
        if claimed:
            pool = shift_of(self.bot).dispatcher._slots._pool
            pool.shutdown()
            pool.submit = _die  # type: ignore[assignment,method-assign]
            with suppress(Killed):
                shift_of(self.bot).dispatcher.run_once()
        self.bury()

    def mostly_up(self, chance: int) -> None:
        """People meet a dead bot, but not often."""
        if self.bot is None and chance % 4:
            self.start()

    def bury(self) -> None:
        """It is gone: what it had sent is answered to nobody, and its file and port are free."""
        bot, door = self.bot, self.door
        self.bot = self.door = None
        self.life.is_over = True
        assert bot is not None
        if door is not None:
            door.stop()
        shift_of(bot).dispatcher._slots._pool.shutdown()
        bot._background.shutdown()
        bot._tango.close()
        bot._storage.close()

    @rule(kind=st.sampled_from(["restore", "back_up", "change"]), which=WHICH)
    def handle_files(self, kind: str, which: int) -> None:
        """Back the database up; restore it, or go on with another one, which is fresh at first."""
        if kind == "back_up":
            self.files.back_up()
            return
        with self.no_bot():
            if kind == "restore":
                self.files.restore(which, self.truth.now() + self.life.offset)
            else:
                self.files.change(which, most=MOST_FILES)
        self.approve("sam", which, twice=False)  # by a card of before, if there is one

    @rule(policy=st.sampled_from(POLICIES))
    def change_policy(self, policy: AskedPolicy) -> None:
        """Set another policy: what was filed before keeps its own."""
        with self.no_bot():
            self.policy = policy

    @contextmanager
    def no_bot(self) -> Iterator[None]:
        """Nothing has the database open; afterwards the bot is started, which takes longer than a second."""
        if self.bot is not None:
            self.bury()
        if self.kept is not None:
            self.kept.close()
            self.kept = None
        yield
        self.truth.advance(1.1)
        self.start()

    @contextmanager
    def mortal(self) -> Iterator[None]:
        """Whatever happens to the bot inside: if it dies, it is buried."""
        with suppress(Killed):
            yield
        if self.bot is not None and self.life.is_over:
            self.bury()

    # -------------------------------------------------------------------------------------------- time

    @rule(seconds=st.sampled_from([0.3, 1, 3, 10, 60]))
    def work(self, seconds: float) -> None:
        """Let the bot do what is to be done, while so much time passes. If it is dead, it is started."""
        if self.bot is None:
            self.start()
        until = self.truth.now() + timedelta(seconds=seconds)
        while self.bot is not None and (left := until - self.truth.now()) > timedelta(0):
            wait = self.turn()
            self.truth.advance(min(wait, left).total_seconds())

    @rule(asleep=st.sampled_from([0, 31, 3600]), put=st.sampled_from([0, -60, -1, 1, 600]))
    def jump(self, asleep: float, put: float) -> None:
        """The machine sleeps while everybody else goes on; or its clock is put forward or back."""
        # The pace is kept by this clock: to set it takes longer than from one order to the next.
        self.truth.advance(max(asleep, 1.1))
        self.ask_for_roles()
        self.life.offset += timedelta(seconds=put)

    def ask_for_roles(self) -> None:
        """Ask Slack who approves, as the scheduler does every minute of the machine's."""
        if self.bot is not None:
            with self.mortal():
                self.bot._directory.refresh_roles()
                self.rights.tell()

    def turn(self) -> timedelta:
        """Each worker does what it can at this moment; how long until there may be more."""
        self.ask_for_roles()
        wait = timedelta(0)
        with self.mortal():
            if self.bot is None:
                return wait
            notifier, _ = tellers_of(self.bot)
            while notifier.run_once():
                pass
            while (wait := shift_of(self.bot).dispatcher.run_once()) <= timedelta(0):
                self.until_answered()
            self.until_answered()
        return wait

    def until_answered(self) -> None:
        """Wait for the answers under way: they come in no time of ours."""
        end = time.monotonic() + 20
        while not self.life.is_over and self.rows(
            "SELECT 1 FROM orders WHERE status = 'submitting' UNION ALL SELECT 1 FROM resends WHERE status = 'sending'"
        ):
            assert time.monotonic() < end, "an attempt was never recorded"
            time.sleep(0.001)

    # ------------------------------------------------------------------------------------------ faults

    @rule(name=st.sampled_from(TANGO_FAULTS), endpoint=st.sampled_from(["create", "create", "resend"]), times=FEW)
    def tango_fails(self, name: str, endpoint: str, times: int) -> None:
        if endpoint == "create" or name in ON_RESEND:
            self.tango.faults.set(name, times=times, endpoint=endpoint)

    @rule(name=st.sampled_from(SLACK_FAULTS), method=st.sampled_from(SLACK_METHODS), times=FEW)
    def slack_fails(self, name: str, method: str, times: int) -> None:
        # An answer to Slack is lost whatever it answers.
        self.slack.faults.set(name, method=None if name == "drop_acks" else method, times=times, retry_after=3)

    def the_faults_pass(self) -> None:
        self.tango.faults.clear()
        self.slack.faults.clear()

    # ------------------------------------------------------------------------------------------ people

    @rule(
        who=st.sampled_from(SENDERS),
        recipients=st.sets(st.sampled_from(RECIPIENTS), min_size=1, max_size=3),
        amount=st.integers(1, 1000),
        twice=st.booleans(),
        approver=st.sampled_from(["sam", "alex", None]),
    )
    def file(self, who: str, recipients: set[str], amount: int, *, twice: bool, approver: str | None = None) -> None:
        """Ask for a reward; somebody may look at its card at once."""
        person = self.slack.person(who)
        needed = self.policy.needed(recipients, amount)
        asked = Asked(who, tuple(sorted(recipients)), amount, f"Thanks no. {len(self.asked) + 1}.", needed)
        self.asked[asked.message] = asked
        self.mostly_up(amount)
        values = {
            "recipients": list(asked.recipients),
            "reward": REWARD,
            "amount": str(amount),
            "message": asked.message,
        }
        with self.mortal():
            opened = self.act(lambda: person.command("/kudos"))
            if opened is None or opened.modal is None:
                return
            form = opened.modal
            done = self.act(lambda: submit(person, form, values))
            if twice:
                self.deliver_again()
            if done is not None and done.closed:  # what was acked is stored
                assert self.rows("SELECT 1 FROM requests WHERE message = :m", m=asked.message)
            elif person.modal is not None:
                person.close(everything=True)
        self.turn()
        if approver is not None:
            self.approve(approver, -1, twice=twice)
            self.turn()

    @rule(
        kind=st.sampled_from(
            [*["approve"] * 6, "together", "decline", "decline", "withdraw", "ask_again", "ask_again"]
        ),
        who=st.sampled_from(DECIDERS),
        which=WHICH,
        twice=st.booleans(),
    )
    def decide(self, kind: str, who: str, which: int, *, twice: bool) -> None:
        self.mostly_up(which)
        match kind:
            case "approve":
                self.approve(who, which, twice=twice)
            case "together":
                self.approve_together(which)
            case "decline":
                self.decline(who, which)
            case "ask_again":
                self.ask_again(SENDERS[which % 3], which, twice=twice)
            case _:
                self.withdraw(SENDERS[which % 3], which)
        self.turn()

    @rule(
        kind=st.sampled_from(["resend", "resend", "cancel", "undo", "resume", "remind", "ask", "away", "away"]),
        which=WHICH,
        twice=st.booleans(),
    )
    def look_after(self, kind: str, which: int, *, twice: bool) -> None:
        self.mostly_up(which)
        match kind:
            case "resend":
                self.resend(which, twice=twice)
            case "cancel":
                self.cancel("ada" if which % 2 else "priya", which)
            case "undo":
                self.undo((*DECIDERS, "maya", "rob")[which % 8], which, twice=twice)
            case "remind":
                self.remind()
            case "ask":
                self.ask_another(SENDERS[which % 3], which, twice=twice)
            case "away":
                self.leave_or_return(APPROVERS[which % 2], days=1 + which % 5)
            case _:
                self.resume()
        self.turn()

    @rule(kind=st.sampled_from([*CHANGES, "approver", "approver", "admin", "name"]), which=WHICH)
    def change_people(self, kind: str, which: int) -> None:
        """Let people come and go, and take each other's names; and press Approve on a new card nevertheless."""
        who = "vera"
        self.file("maya", {"kim"}, which + 1, twice=False)
        match kind:
            case "approver":
                who = ("alex", "sam", "vera", "priya")[which % 4]
                self.rights.move(self.slack.person(who).id, self.rights.approvers)
            case "admin":
                self.rights.move(people.PRIYA, self.rights.admins)
            case "name":
                self.slack.person(RECIPIENTS[which % 5]).account.real_name = NAMES[which % 3]
            case _:
                self.rights.change(self.truth.monotonic(), kind)
        self.turn()
        self.approve(who, -1, twice=False)

    def approve(self, who: str, which: int, *, twice: bool) -> None:
        card, person = self.some_card(which), self.slack.person(who)
        if card is None:
            return
        with self.mortal():
            message, rightful = self.press("approve", who, card)
            before, told = self.statuses(message), len(person.ephemerals())
            done = self.act(lambda: person.click(card, "approve"))
            if twice:
                self.deliver_again()
            if not rightful:
                assert self.statuses(message) == before, f"{who} has no right to decide about this"
            if done is not None and self.statuses(message) == before and self.life.looks_left is None:
                person.wait_for(lambda: len(person.ephemerals()) > told, 20)  # told why, in the background

    def approve_together(self, which: int) -> None:
        card = self.some_card(which)
        if card is None:
            return
        for who in APPROVERS:
            self.press("approve", who, card)

        def click(who: str) -> None:
            self.act(lambda: self.slack.person(who).click(card, "approve"))

        with self.mortal(), ThreadPoolExecutor(4) as pool:
            list(pool.map(click, APPROVERS * 2))

    def decline(self, who: str, which: int) -> None:
        card, person = self.some_card(which), self.slack.person(who)
        if card is None:
            return
        with self.mortal():
            message, rightful = self.press("decline", who, card)
            before = self.statuses(message)
            opened = self.act(lambda: person.click(card, "decline"))
            if opened is not None and opened.modal is not None:
                form = opened.modal
                self.act(lambda: person.submit(form, {"reason_choice": "other", "reason": "Not this time"}))
            if person.modal is not None:
                person.close(everything=True)
            if not rightful:
                assert self.statuses(message) == before, f"{who} has no right to decide about this"

    def withdraw(self, who: str, which: int) -> None:
        person = self.slack.person(who)
        receipts = [m for m in person.dms() if "withdraw" in m.action_ids]
        if receipts:
            with self.mortal():
                self.act(lambda: person.click(receipts[which % len(receipts)], "withdraw"))

    def ask_again(self, who: str, which: int, *, twice: bool) -> None:
        """Ask again, for more or less, for what was declined; also from a message of another file."""
        person = self.slack.person(who)
        told = [m for m in person.dms() if "request_again" in m.action_ids]
        if not told:
            return
        with self.mortal():
            opened = self.act(lambda: person.click(told[which % len(told)], "request_again"))
            form = opened.modal if opened is not None else None
            if form is None or "message" not in form.entered:
                return
            old = self.asked[form.entered["message"]["request_message"]]
            needed = self.policy.needed(old.recipients, which + 1)
            asked = Asked(who, old.recipients, which + 1, f"Thanks no. {len(self.asked) + 1}.", needed)
            self.asked[asked.message] = asked
            values = {"amount": str(asked.amount), "message": asked.message}
            done = self.act(lambda: submit(person, form, values))
            if twice:
                self.deliver_again()
            if done is not None and done.closed:
                found = "SELECT requester_id, repeats FROM requests WHERE message = :m"
                (row,) = self.rows(found, m=asked.message)
                (before,) = self.rows("SELECT * FROM requests WHERE id = :id", id=row["repeats"])
                assert (row["requester_id"], before["message"]) == (person.id, old.message)
        if person.modal is not None:
            person.close(everything=True)

    def resend(self, which: int, *, twice: bool) -> None:
        placed = self.rows("SELECT request_id, place, requester_id FROM orders WHERE status = 'accepted'")
        if not placed:
            return
        order = placed[which % len(placed)]
        with self.mortal():
            number = order_number(order["request_id"], order["place"])
            self.act(lambda: self.slack.person(order["requester_id"]).command("/resend", number))
            if twice:
                self.deliver_again()

    def cancel(self, who: str, which: int) -> None:
        """Cancel an order, also from a detail of before: of another file, or from when one was an admin."""
        person = self.slack.person(who)
        orders = self.rows("SELECT request_id, place FROM orders WHERE status = 'queued'")
        with self.mortal():
            if orders:
                order = orders[which % len(orders)]
                number = order_number(order["request_id"], order["place"])
                shown = self.act(lambda: person.command("/orders", number, channel="general"))
                detail = shown.ephemeral if shown is not None else None
                if detail is not None and "order_cancel" in detail.action_ids:
                    self.stale_details.append((who, detail))
            mine = [detail for whose, detail in self.stale_details if whose == who]
            if not mine:
                return
            detail = mine[-1 - which % len(mine)]
            reference = str(detail.find("order_cancel").element["value"])
            before = self.rows("SELECT status, requester_id FROM orders WHERE external_ref_id = :r", r=reference)
            rightful = self.rights.is_admin(person.id) or any(row["requester_id"] == person.id for row in before)
            if rightful:
                self.canceled.add(reference)
            self.act(lambda: person.click(detail, "order_cancel"))
            if not rightful:
                after = self.rows("SELECT status, requester_id FROM orders WHERE external_ref_id = :r", r=reference)
                assert after == before, f"{who} has no right to cancel this"

    def undo(self, who: str, which: int, *, twice: bool) -> None:
        """Undo an approval by a card or a receipt, as it is or as it was."""
        person = self.slack.person(who)
        dms = [message for sender in SENDERS for message in self.slack.person(sender).dms()]
        shown = [*self.slack.person("alex").messages(people.APPROVALS), *dms]
        self.undoable += [message for message in shown if "undo" in message.action_ids]
        if not self.undoable:
            return
        pressed = self.undoable[-1 - which % len(self.undoable)]
        (message,) = [message for message in self.asked if message in pressed.words]
        asked = self.asked[message]
        parties = {self.slack.person(handle).id for handle in (asked.requester, *asked.recipients)}
        rightful = who == asked.requester or self.rights.could_decide(person.id, parties, self.truth.monotonic())
        if rightful:
            of_request = (
                "SELECT external_ref_id FROM orders JOIN requests ON requests.id = request_id WHERE message = :m"
            )
            self.canceled |= {order["external_ref_id"] for order in self.rows(of_request, m=message)}
        with self.mortal():
            self.press_undo(person, pressed)
            if twice:
                self.deliver_again()
            by_them = "SELECT 1 FROM requests WHERE message = :m AND undone_by = :by"
            assert rightful or not self.rows(by_them, m=message, by=person.id), f"{who} has no right to undo this"

    def press_undo(self, person: Person, shown: ShownMessage) -> None:
        """Press Undo; where that is on another's screen alone, by a payload made by hand."""
        with suppress(SlackTrouble, Unanswered):
            try:
                person.click(shown, "undo")
            except NotPossible:
                reference = str(shown.find("undo").element["value"])
                click = a_click(self.slack, person.id, "undo", reference, channel=person.dm_channel)
                self.slack.deliver("interactive", click)

    def remind(self) -> None:
        """Have the approvers reminded, as the scheduler does."""
        if self.bot is not None:
            ticks: Any = shift_of(self.bot).ticks
            (job,) = [job for job in ticks._scheduler.get_jobs() if job.name == "reminders"]
            with self.none_of_the_absent_addressed(), self.mortal():
                job.func()

    def ask_another(self, who: str, which: int, *, twice: bool) -> None:
        """Ask another approver to look at a request, by a receipt of now or of before."""
        person = self.slack.person(who)
        receipts = [m for m in person.dms() if "ask_another" in m.action_ids]
        if receipts:
            with self.none_of_the_absent_addressed(), self.mortal():
                self.act(lambda: person.click(receipts[which % len(receipts)], "ask_another"))
                if twice:
                    self.deliver_again()

    def leave_or_return(self, who: str, *, days: int) -> None:
        """Set on Home that an approver is away, or is back. It changes nobody's rights, which each press shows.

        Home is that of the last opening: the next one comes a moment later, by a thread.
        """
        person = self.slack.person(who)
        home = person.home
        with self.mortal():
            if home is not None and "back" in home.action_ids:
                self.act(lambda: person.click(home, "back"))
            elif home is not None and "away" in home.action_ids:
                self.act(lambda: person.click(home, "away"))
                until = (self.truth.now() + timedelta(days=days)).date().isoformat()
                if (form := person.modal) is not None:
                    self.act(lambda: person.submit(form, {"away_until": until}))
                if person.modal is not None:
                    person.close(everything=True)
            person.open_home()

    def away(self) -> set[str]:
        """Who is away by what the file holds, and by the bot's clock."""
        now = int((self.truth.now() + self.life.offset).timestamp() * 1000)
        return {row["user_id"] for row in self.rows("SELECT user_id FROM absences WHERE until > :now", now=now)}

    def addressed(self) -> Counter[str]:
        """How often each approver was reminded, or asked by a requester."""
        told = "SELECT audience AS who FROM outbox WHERE kind IN ('reminder', 'approver_asked')"
        return Counter(row["who"] for row in self.rows(told))

    @contextmanager
    def none_of_the_absent_addressed(self) -> Iterator[None]:
        """Reminders go to the others, and who is away is not asked."""
        away, before = self.away(), self.addressed()
        yield
        told = set(self.addressed() - before)
        assert not told & away, "somebody who is away was reminded or asked"

    def resume(self) -> None:
        ada = self.slack.person("ada")
        told = [m for m in ada.dms() if "queue_resume" in m.action_ids]
        if told:
            with self.mortal():
                self.act(lambda: ada.click(told[-1], "queue_resume"))

    def act(self, do: Callable[[], Outcome]) -> Outcome | None:
        """What came of it; None where Slack showed that it failed, or the screen has moved on."""
        try:
            return do()
        except (SlackTrouble, NotPossible):
            return None

    def deliver_again(self) -> None:
        """A double click: the same payload once more."""
        last = self.slack.deliveries[-1]
        kind = "slash_commands" if "command" in last.payload else "interactive"
        with suppress(Exception):
            self.slack.deliver(kind, last.payload)

    def some_card(self, which: int) -> ShownMessage | None:
        """A card with its buttons, as it is or as it was on a screen that is behind."""
        now = [m for m in self.slack.person("alex").messages(people.APPROVALS) if "approve" in m.action_ids]
        cards = self.stale + now
        card = cards[which % len(cards)] if cards else None
        if card is not None and card in now:
            self.stale.append(card)
        return card

    def press(self, action: str, who: str, card: ShownMessage) -> tuple[str, bool]:
        """Return the message on the card, and whether this person may decide about it.

        The press is noted before it is made: of a click whose answer is lost nobody knows what came of it.
        """
        (message,) = [message for message in self.asked if message in card.words]
        asked = self.asked[message]
        parties = {self.slack.person(handle).id for handle in (asked.requester, *asked.recipients)}
        person = self.slack.person(who)
        rightful = self.rights.could_decide(person.id, parties, self.truth.monotonic())
        if rightful:
            self.pressed.add((action, message, person.id))
        return message, rightful

    def statuses(self, message: str) -> list[str]:
        """How the request of that message stands, with the first of two approvers; nothing where this file has none."""
        rows = self.rows("SELECT status, first_approved_by FROM requests WHERE message = :m", m=message)
        return [f"{row['status']} {row['first_approved_by']}" for row in rows]

    # --------------------------------------------------------------------------------------- in the end

    def check_all(self) -> None:
        """Heal each database and look at it, then at Tango."""
        wanted: Counter[tuple[Any, ...]] = Counter()
        resends: Counter[str] = Counter()
        for path in [self.files.path, *(path for path in self.files.all if path != self.files.path)]:
            if path != self.files.path:
                self.the_faults_pass()
                self.life.looks_left = None
                with self.no_bot():
                    self.files.path = path
            self.heal()
            wanted += self.check()
            resends.update(row["status"] for row in self.rows("SELECT status FROM resends"))
        self.check_tango(wanted)
        self.check_resends(resends)

    def heal(self) -> None:
        """No more faults; the bot runs until it has nothing left to do."""
        self.the_faults_pass()
        if self.bot is not None and self.life.is_over:
            self.bury()
        if self.bot is None:
            self.start()
        self.life.looks_left = None
        end = self.truth.now() + timedelta(hours=HOURS_TO_HEAL)
        patience = 1.0
        while not self.is_idle():
            assert self.truth.now() < end, "it does not come to an end"
            before = self.rows("SELECT total(attempts) AS n FROM outbox"), len(self.tango.requests)
            wait = self.turn()
            idle = before == (self.rows("SELECT total(attempts) AS n FROM outbox"), len(self.tango.requests))
            patience = min(2 * patience, 60) if idle else 1.0
            self.truth.advance(max(wait.total_seconds(), patience))

    def is_idle(self) -> bool:
        return not self.rows(
            "SELECT 1 FROM orders WHERE status IN ('queued', 'submitting')"
            " UNION ALL SELECT 1 FROM resends WHERE status IN ('claimed', 'sending')"
            " UNION ALL SELECT 1 FROM outbox WHERE status IN ('pending', 'sending')"
        )

    def check(self) -> Counter[tuple[Any, ...]]:
        """What must hold in a database, whatever happened; the orders that Tango must have by it."""
        requests = {row["id"]: row for row in self.rows("SELECT * FROM requests")}
        orders = self.rows("SELECT * FROM orders")
        assert self.tango.early == 0
        assert self.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        assert self.rows("SELECT * FROM outbox WHERE status NOT IN ('sent', 'superseded')") == []
        assert self.rows("SELECT * FROM attempts WHERE finished_at IS NULL OR outcome IS NULL") == []
        each_day = "SELECT 1 FROM outbox WHERE kind = 'reminder' GROUP BY audience, created_at / 86400000"
        assert self.rows(f"{each_day} HAVING count(*) > 1") == [], "two digests on one day"
        # A halt stands while no order is left that could end it: all that met its cause were canceled.
        ended_by = "SELECT 1 FROM attempts WHERE http_status = 201 AND outcome = 'accepted' AND id > halted_attempt"
        assert self.rows(f"SELECT * FROM queue WHERE halted_at IS NOT NULL AND EXISTS ({ended_by})") == []  # noqa: S608
        self.check_decisions(requests, orders)
        self.check_audit(requests, orders)
        for request in requests.values():
            self.check_notices(request, [order for order in orders if order["request_id"] == request["id"]])
        return self.check_orders(requests, orders)

    def check_decisions(self, requests: dict[int, dict[str, Any]], orders: list[dict[str, Any]]) -> None:
        """Nothing is approved that too few approved; what is approved has an order for each recipient."""
        assert len({row["message"] for row in requests.values()}) == len(requests), "a form made two requests"
        recipients = Counter(order["request_id"] for order in orders)
        for request in requests.values():
            asked = self.asked[request["message"]]
            assert request["requester_id"] == self.slack.person(asked.requester).id
            assert request["approvals_needed"] == asked.needed
            if request["status"] == "declined":
                assert ("decline", request["message"], request["decided_by"]) in self.pressed
            if request["status"] == "approved":
                by = [request["first_approved_by"], request["decided_by"]][2 - max(asked.needed, 1) :]
                assert len(set(by)) == max(asked.needed, 1)
                assert by == [BY_RULE] or all(("approve", request["message"], one) in self.pressed for one in by)
                assert (by == [BY_RULE]) == (asked.needed == 0)
                assert recipients.pop(request["id"]) == len(asked.recipients)
        assert not recipients, "orders of requests that nobody approved"

    def check_orders(
        self, requests: dict[int, dict[str, Any]], orders: list[dict[str, Any]]
    ) -> Counter[tuple[Any, ...]]:
        """Each approved order was sent as it was typed in; what was canceled was not. Return what Tango must have."""
        wanted: Counter[tuple[Any, ...]] = Counter()
        at_tango = {order.external_ref_id for order in self.tango.orders}
        attempts = Counter(
            row["external_ref_id"]
            for row in self.rows("SELECT external_ref_id FROM attempts JOIN orders ON orders.id = order_id")
        )
        arrivals = Counter(str(arrival.external_ref_id) for arrival in self.tango.arrivals)
        for order in orders:
            reference = order["external_ref_id"]
            assert order["status"] in {"accepted", "canceled"}, order["problem"]
            assert {a.body for a in self.tango.arrivals if a.external_ref_id == reference} <= {order["body"]}
            if self.files.path not in self.files.restored:
                assert arrivals[reference] <= attempts[reference], "a POST that is in no attempt"
            if order["status"] == "canceled":
                assert reference in self.canceled
                assert reference not in at_tango, "it was paid all the same"
                continue
            asked = self.asked[requests[order["request_id"]]["message"]]
            person = self.slack.person(order["recipient_id"])
            assert person.account.handle in asked.recipients
            wanted[reference, person.account.email, Decimal(asked.amount), REWARD, asked.message] += 1
        return wanted

    def check_tango(self, wanted: Counter[tuple[Any, ...]]) -> None:
        """Tango has each order once, and none that nobody approved; what a restore has forgotten was approved too."""
        placed = Counter((o.external_ref_id, o.recipient_email, o.amount, o.utid, o.message) for o in self.tango.orders)
        assert wanted <= placed
        if not self.files.restored:
            assert placed == wanted
        approved = Counter(
            message for message, _ in {(m, who) for action, m, who in self.pressed if action == "approve"}
        )
        paid = Counter((order.message, order.recipient_email) for order in self.tango.orders)
        assert set(paid.values()) <= {1}, "it was paid twice"
        for order in self.tango.orders:
            asked = self.asked[order.message or ""]
            assert approved[asked.message] >= asked.needed, "too few of those who could have approved it"
            assert order.recipient_email in {self.slack.person(who).account.email for who in asked.recipients}
            assert (order.amount, order.utid) == (Decimal(asked.amount), REWARD)
        sent = {(arrival.external_ref_id, arrival.body) for arrival in self.tango.arrivals}
        assert len(sent) == len({reference for reference, _ in sent}), "other bytes under the same reference"

    def check_resends(self, rows: Counter[str]) -> None:
        """No resend was tried twice by machine, and what is told as sent was sent."""
        assert rows["sent"] <= len(self.tango.resends)
        if not self.files.restored:
            tried = [r for r in self.tango.requests if r.method == "POST" and r.path.endswith("/resends")]
            assert len(tried) <= rows.total()
            assert len(self.tango.resends) <= rows["sent"] + rows["unclear"]

    def check_audit(self, requests: dict[int, dict[str, Any]], orders: list[dict[str, Any]]) -> None:
        """Each change of state has its entry, once."""
        log = self.rows("SELECT * FROM audit ORDER BY id")
        told = Counter((row["event"], row["request_id"], row["order_id"]) for row in log)
        actors = {(row["event"], row["request_id"]): row["actor"] for row in log if row["order_id"] is None}
        expected: Counter[tuple[str, int, int | None]] = Counter()
        for request in requests.values():
            expected["request.filed", request["id"], None] += 1
            assert actors["request.filed", request["id"]] == request["requester_id"]
            if request["first_approved_by"]:
                expected["request.first_approved", request["id"], None] += 1
                assert actors["request.first_approved", request["id"]] == request["first_approved_by"]
            if request["status"] != "pending_approval":
                by = None if request["decided_by"] == BY_RULE else request["decided_by"]
                expected[f"request.{request['status']}", request["id"], None] += 1
                assert actors[f"request.{request['status']}", request["id"]] == by
            if request["undone_by"] is not None:
                of_it = {order["status"] for order in orders if order["request_id"] == request["id"]}
                assert of_it == {"canceled"}, "it was undone in part"
                expected["request.undone", request["id"], None] += 1
                assert actors["request.undone", request["id"]] == request["undone_by"]
        for row in self.rows("SELECT request_id FROM reminders WHERE asked_at IS NOT NULL"):
            expected["request.approver_asked", row["request_id"], None] += 1
        for order in orders:
            expected["order.queued", order["request_id"], order["id"]] += 1
            expected[f"order.{order['status']}", order["request_id"], order["id"]] += 1
        for row in self.rows("SELECT r.status, o.id, o.request_id FROM resends r JOIN orders o ON o.id = r.order_id"):
            expected["order.resend_requested", row["request_id"], row["id"]] += 1
            expected[f"order.resend_{row['status']}", row["request_id"], row["id"]] += 1
        interrupted = self.rows(
            "SELECT o.id, o.request_id FROM attempts a JOIN orders o ON o.id = order_id WHERE detail = 'interrupted'"
        )
        rescued = Counter({key: n for key, n in told.items() if key[0] == "order.rescued"})
        rescued.subtract(("order.rescued", row["request_id"], row["id"]) for row in interrupted)
        asked_about = {row["order_id"] for row in self.rows("SELECT order_id FROM inquiries")}
        # An order that Tango is asked about is out of the queue meanwhile, without an attempt.
        assert all(n == 0 or (n > 0 and key[2] in asked_about) for key, n in rescued.items())
        # What is rescued is counted above; the others are of no request, of nobody who could, or a question.
        beside = ("order.rescued", "queue.", "attempt.", "order.inquiry")
        assert Counter({key: n for key, n in told.items() if not key[0].startswith(beside)}) == expected
        queued = {row["order_id"]: json.loads(row["facts"]) for row in log if row["event"] == "order.queued"}
        for order in orders:
            assert queued[order["id"]]["external_ref_id"] == order["external_ref_id"]

    def check_notices(self, request: dict[str, Any], orders: list[dict[str, Any]]) -> None:
        """Everybody has heard, at least once, how it ended."""
        asked, number = self.asked[request["message"]], request["id"]
        requester = self.slack.person(asked.requester)
        said = [message.text for message in requester.dms()]
        status = RequestStatus(request["status"])
        pending = status is RequestStatus.PENDING_APPROVAL
        for shown in (self.post("approval_card", number), self.post("receipt", number)):
            by_rule = request["decided_by"] == BY_RULE
            assert pending or (wording.BY_RULE if by_rule else wording.decision(status)).lower() in _seen(shown)
            assert ("approve" in shown.action_ids or "withdraw" in shown.action_ids) == pending
        if status is RequestStatus.DECLINED:
            assert any(wording.DECLINED in text and f"(R-{number})" in text for text in said)
        placed = [order for order in orders if order["status"] == "accepted"]
        if len(placed) == len(asked.recipients):
            assert wording.SENT in self.post("receipt", number).words
        for order in placed:
            mail = [m.text for m in self.slack.person(order["recipient_id"]).dms()]
            assert any(wording.ON_ITS_WAY in text and f"${asked.amount:,}.00" in text for text in mail)

    def post(self, kind: str, number: int) -> ShownMessage:
        """The request's card or receipt, as it is now."""
        (place,) = self.rows("SELECT channel, ts FROM posts WHERE kind = :k AND request_id = :n", k=kind, n=number)
        with self.slack.workspace.lock:
            message = self.slack.workspace.message(place["channel"], place["ts"])
            assert message is not None, "it was deleted"
            return ShownMessage(message_data(self.slack._state, message))

    def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """What the file holds."""
        assert self.kept is not None
        return [dict(row) for row in self.kept.execute(sql, params)]

    def _settings(self) -> Any:
        config = self.folder / "app.yaml"
        written = {
            "slack": {"mode": "http", "api_url": f"{self.slack.url}/api/"},
            "tango": {
                "base_url": f"{self.tango_url}/raas/v2",
                "customer": self.tango.customer,
                "account": self.tango.account,
            },
            "storage": {"path": str(self.files.path)},
            "approvals": {
                "channel": people.APPROVALS,
                "approvers": [people.APPROVERS_GROUP],
                "hold_minutes": self.hold_minutes,
                "remind_after_hours": [1, 2],
                **self.policy.settings(),
            },
            "roles": {"admins": [people.ADA, ADMINS_GROUP]},
            "budgets": [
                {"name": "Everyone", "amount": f"{IN_ALL // 100} USD", "per": "year"},
                {"name": "Each", "each": True, "amount": "4,000 USD", "per": "month"},
            ],
        }
        config.write_text(json.dumps(written))  # which is YAML, and written ten times as fast
        with pytest.MonkeyPatch.context() as patch:
            for name in list(os.environ):
                if name.startswith(("KUDOS_", "SLACK_", "TANGO_")):
                    patch.delenv(name)
            for name, value in SECRETS.items():
                patch.setenv(name, value)
            return load_settings(config)


def _seen(shown: ShownMessage) -> str:
    return f"{shown.text} {shown.words}".lower()


def test_a_quiet_history_pays():
    """The histories below begin like this one: without it, a machine in which nobody gets through would hold, too."""
    bot = TheBot()
    try:
        bot.begin(requests=2)
        for _ in range(2):
            bot.approve("sam", -1, twice=True)
            bot.work(10)
    finally:
        bot.teardown()
    assert len(bot.tango.orders) == 4


def test_a_quiet_history_reaches_those_who_are_here():
    bot = TheBot()
    try:
        bot.begin(requests=2)
        alex = bot.slack.person("alex")
        alex.wait_for(lambda: alex.home is not None and "away" in alex.home.action_ids)
        bot.leave_or_return("alex", days=2)
        bot.turn()
        assert bot.away() == {people.ALEX}
        bot.jump(3_600, 1)
        bot.remind()
        assert bot.addressed() == {people.SAM: 1, VERA: 1}
        for _ in range(3):
            bot.ask_another("maya", 0, twice=False)
        assert bot.addressed() == {people.SAM: 2, VERA: 2}
        alex.wait_for(lambda: alex.home is not None and "back" in alex.home.action_ids)
        bot.leave_or_return("alex", days=2)
        bot.ask_another("maya", 0, twice=False)
        assert bot.addressed() == {people.SAM: 2, VERA: 2, people.ALEX: 1}, "back again"
    finally:
        bot.teardown()


@pytest.mark.parametrize("who", ["rob", "maya"])
def test_an_undo_by_who_has_no_right_comes_to_the_bot(who: str):
    """The request is Priya's, and both are outside the approvers' channel: there is no such button on their screens."""
    bot = TheBot()
    try:
        bot.begin(requests=2, hold=1)
        bot.approve("sam", -1, twice=False)
        bot.work(1)
        bot.undo(who, 0, twice=False)
        refused = "SELECT 1 FROM audit WHERE event = 'attempt.refused' AND actor = :by"
        assert bot.rows(refused, by=bot.slack.person(who).id)
    finally:
        bot.teardown()


# To find the shortest run that fails takes Hypothesis up to five minutes.
TestTheBot = pytest.mark.timeout(600 + 20 * int(EXAMPLES or 10))(TheBot.TestCase)
TestTheBot.settings = settings(
    max_examples=int(EXAMPLES or 10),
    stateful_step_count=40,
    derandomize=EXAMPLES is None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
