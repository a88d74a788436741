"""A busy workspace over days of its own clock: people at work, every fault drawn at random, a bot that goes on.

The bot runs between the stand-ins, over real HTTP and on a real file. Its workers take their turns one after another
in this thread, and time passes between the turns alone: a day takes seconds, and the same seed tells the same story.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, NoReturn, Self

from bot.app import Kudos
from bot.sandbox.serve import serve
from bot.sandbox.slack import ShownMessage, SlackSandbox, people
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.snapshots import message_data
from bot.sandbox.tango import TangoSandbox
from handlers.bolt.network import NO_ANSWER
from handlers.manifest import build_manifest
from tests.kit.bot import APP_TOKEN, BOT_TOKEN, PLATFORM_KEY, SIGNING_SECRET, World, take_duty, tellers_of
from tests.kit.soak_faults import EVERY, break_something

APPROVERS: Final = ("alex", "sam")

#: Who may leave, and come back.
LEAVERS: Final = ("rob", "kim", "ana", "priya", "sam")

#: The account holds this much after somebody has topped it up.
FUNDS: Final = "20000"

#: Requests that nobody has decided expire in this time, and what is done is forgotten in this.
EXPIRE_AFTER: Final = timedelta(days=3)
KEPT_FOR: Final = timedelta(days=5)

#: Seconds that the bot sleeps at the most while nothing is to be done: its jobs of each minute are late by that.
_LONGEST_SLEEP: Final = 600.0

#: Seconds for which something stays wrong.
_LASTS: Final = (*[60, 600, 600, 3_600, 3_600, 6 * 3_600] * 6, 30 * 3_600)

#: By how much somebody puts the clock wrong, in seconds: by less than what counts as a jump, and by more.
_JUMPS: Final = (-90_000_000, -100_000, -3_600, -60, 60, 3_600, 80_000, 100_000, 90_000_000)

_SETTINGS: Final[Mapping[str, dict[str, Any]]] = {
    "tango": {"orders_per_second": 1, "timeout": 3},
    "storage": {"retention_days": KEPT_FOR.days},
    "approvals": {"expire_after_days": EXPIRE_AFTER.days},
}


class Soak(World):
    """Both stand-ins, people who use the bot, and a bot that works step by step.

    Args:
        folder: where the settings and the database are.
        seed: of all that is drawn.

    Attributes:
        broken: what the bot logged that nobody had foreseen.
        drawn: names of the faults and mishaps that came, in order.
        faulty_until: the time by the right clock up to which something was wrong; None while something is.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder, settings=_SETTINGS)
        self.random = Random(seed)
        self.clock.on_minute = lambda: None  # the scheduler's jobs ask for roles
        right = self.clock.right
        self.slack = SlackSandbox(
            bot_token=BOT_TOKEN,
            app_token=APP_TOKEN,
            signing_secret=SIGNING_SECRET,
            rate_limits=True,
            now=lambda: right().timestamp(),
        )
        self.slack.manifest(build_manifest())
        self.tango = TangoSandbox(
            platform_key=PLATFORM_KEY, balance=FUNDS, now=right, monotonic=self.clock.monotonic, min_interval=1.0
        )
        self.broken = _Broken()
        self.drawn: list[str] = []
        self.faulty_until: float | None = 0.0
        self._to_come: list[tuple[str, str]] = []
        self._undo: list[tuple[float, Callable[[], object]]] = []
        self._due: dict[str, float] = {}
        self._sleep = 1.0
        self._connected = False

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self.broken)
        self._open.callback(logging.getLogger().removeHandler, self.broken)
        return super().__enter__()

    # ------------------------------------------------------------------------------------- the bot

    def begin(self) -> Kudos:
        """Start the bot without its threads: they take their turns in `turn`."""
        self._bot = bot = Kudos(self._settings(), self.clock)
        self._due.clear()
        self._connected = False
        if not len(bot._catalog.current):
            bot._catalog.keep_fresh()
        take_duty(bot).dispatcher.rescue_all()
        with bot._storage.transaction():
            bot._storage.outbox.rescue(self.clock.now())
        self.slack.request_url = None
        if self.mode == "http":
            self._door = serve(bot.web_app()).start()
            self.slack.request_url = f"{self._door.url}/slack/events"
        return bot

    def start(self) -> None:
        """Start the bot, and have it connect, now or when Slack answers."""
        self.begin()
        self._connect()

    def restart(self) -> None:
        """Stop the bot, sometimes between the claim of an order and its call, and start it a moment later."""
        if self.random.random() < 0.5:
            slots = self.shift.dispatcher._slots
            slots._pool.submit = _die  # type: ignore[assignment,method-assign]
            with suppress(_Died):
                self.shift.dispatcher.run_once()
            for job in slots.under_way():
                slots._leave(job)
        self.stop()
        self.clock.advance(self.random.choice((2, 30, 900)))
        self.mode = self.random.choice(("http", "http", "socket"))
        self.drawn.append(f"started ({self.mode})")
        self.start()

    def _connect(self) -> None:
        with suppress(*NO_ANSWER):
            self.bot._connect()
            self._connected = True

    # ---------------------------------------------------------------------------------------- time

    def live(self, seconds: float) -> None:
        """Let so much time pass, with the bot at work."""
        until = self.clock.monotonic() + seconds
        while (left := until - self.clock.monotonic()) > 0:
            self._sleep = 1.0 if self.turn() else min(self._sleep * 4, _LONGEST_SLEEP)
            self.clock.advance(min(self._sleep, left))
            self._undo_what_is_over()

    def turn(self) -> bool:
        """Let each worker do what it can at this moment; return whether there was something to do."""
        if not self._connected:
            self._connect()
        elif self.bot._door is not None and not self.slack.faults.to_page():
            self._await(self.bot._door.is_open)  # Slack's client connects anew by the machine's clock
        self._run_jobs()
        bot, busy = self.bot, False
        notifier, deliverer = tellers_of(bot)
        while notifier.run_once() or deliverer.run_once():
            busy = True
        while self.shift.dispatcher.run_once() <= timedelta(0):
            self._await_orders()
            busy = True
        self._await_orders()
        bot._countdown.run_once()
        self.await_answers()
        return busy

    def _run_jobs(self) -> None:
        """Run each of the scheduler's jobs whose time has come, by this clock instead of the machine's."""
        now = self.clock.monotonic()
        for job in self.jobs():
            if self._due.get(job.name, 0.0) <= now:
                self._due[job.name] = now + job.trigger._every.total_seconds()
                try:
                    job.func()
                except Exception:
                    logging.getLogger("bot").exception("the job %s broke off", job.name)

    def _await_orders(self) -> None:
        self._await(lambda: not self.shift.dispatcher._slots.under_way())

    # ---------------------------------------------------------------------------------- what goes wrong

    def go_wrong(self) -> None:
        """Let something go wrong that is drawn; it is put right after minutes, or after hours."""
        kinds = [self.break_stand_in] * 8 + [self.set_clock, self.archive, self.leave, self.empty_group, self.spend]
        kind = self.random.choice(kinds)
        lasts = self.random.choice(_LASTS)
        self._undo.append((self.clock.monotonic() + lasts, kind()))
        self.faulty_until = None

    def break_stand_in(self) -> Callable[[], object]:
        """Switch on a fault of a stand-in, each once before one comes again; return how to put it right."""
        if not self._to_come:
            self._to_come = self.random.sample(EVERY, len(EVERY))
        side, name = self._to_come.pop()
        break_something(side, name, self.random, self.slack, self.tango)
        self.drawn.append(f"{name} ({side})")

        def mend() -> None:
            (self.slack if side == "slack" else self.tango).faults.clear(name)

        return mend

    def set_clock(self) -> Callable[[], object]:
        """Put the machine's clock wrong."""
        by = self.random.choice(_JUMPS)
        self.drawn.append(f"clock {by:+}")
        self.clock.advance(1.1)  # to set a clock takes longer than from one order to the next
        self.clock.set(self.clock.right() + timedelta(seconds=by))

        def mend() -> None:
            self.clock.advance(1.1)
            self.clock.set(self.clock.right())

        return mend

    def archive(self) -> Callable[[], object]:
        """Archive the approvals channel."""
        channel = self.slack.workspace.channels[people.APPROVALS]
        self.drawn.append("archived")
        channel.is_archived = True
        return lambda: setattr(channel, "is_archived", False)

    def leave(self) -> Callable[[], object]:
        """Deactivate somebody."""
        who = self.random.choice(LEAVERS)
        self.drawn.append(f"{who} left")
        self.slack.person(who).account.deleted = True
        return lambda: setattr(self.slack.person(who).account, "deleted", False)

    def empty_group(self) -> Callable[[], object]:
        """Take everybody out of the approvers' group, or disable it."""
        group = self.slack.workspace.usergroups[people.APPROVERS_GROUP]
        self.drawn.append("group emptied")
        kept = [self.slack.person(who).id for who in APPROVERS]
        group.users, group.gone = [], self.random.choice(("", "no_such_subteam"))

        def mend() -> None:
            group.users, group.gone = kept, ""

        return mend

    def spend(self) -> Callable[[], object]:
        """Let the account's money go elsewhere."""
        self.drawn.append("spent")
        self.tango.balance = str(self.random.choice((0, 15, 100)))
        return lambda: setattr(self.tango, "balance", FUNDS)

    def has_been_right_for(self, seconds: float) -> bool:
        """Tell whether nothing was wrong for so long."""
        return self.faulty_until is not None and self.clock.monotonic() - self.faulty_until >= seconds

    def put_all_right(self) -> None:
        """End everything that is wrong."""
        for _, undo in self._undo:
            undo()
        self._undo.clear()
        self.slack.faults.clear()
        self.tango.faults.clear()
        self.tango.balance = FUNDS
        if self.faulty_until is None:
            self.faulty_until = self.clock.monotonic()

    def _undo_what_is_over(self) -> None:
        now = self.clock.monotonic()
        for at, undo in [one for one in self._undo if one[0] <= now]:
            undo()
            self._undo.remove((at, undo))
        if not self._undo and self.faulty_until is None:
            self.put_all_right()

    # ------------------------------------------------------------------------------------- screens

    def posted(self, kind: str, request_id: int) -> ShownMessage:
        """Return a request's card or receipt, as it is now."""
        for row in self.rows(
            "SELECT channel, ts FROM posts WHERE kind = :kind AND request_id = :id", kind=kind, id=request_id
        ):
            return self.shown(row["channel"], row["ts"])
        raise NotPossible("It is not on the screen")

    def shown(self, channel: str, ts: str) -> ShownMessage:
        with self.slack.workspace.lock:
            message = self.slack.workspace.message(channel, ts)
            if message is None:
                raise NotPossible("It was deleted")
            return ShownMessage(message_data(self.slack._state, message))


class _Died(BaseException):
    """The process is gone: no `except` of the bot's catches it."""


def _die(*_: object) -> NoReturn:
    raise _Died


class _Broken(logging.Handler):
    """Keeps what the bot logs with an exception: what nobody foresaw."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        if record.exc_info:
            self.found.append(f"{record.getMessage()}: {record.exc_info[1]!r}")
