"""A workspace, a Tango and the bot between them, in one process, over real sockets and a real SQLite file.

The bot's clock and Tango's are one, and a test moves it: a minute's wait is over as soon as it is asked for. Only the
Date of Tango's answers is not set with it. Slack's clock is the machine's, because signatures and triggers are judged
by it.
"""

import json
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any, Final, Self, TypeVar

import psycopg
import pytest
from psycopg.rows import dict_row

from bot.app import Kudos
from bot.sandbox.serve import Served, serve
from bot.sandbox.slack import Outcome, Person, ShownMessage, ShownView, SlackSandbox, people
from bot.sandbox.slack.snapshots import message_data
from bot.sandbox.tango import TangoSandbox
from bot.settings import load_settings
from bot.worker.shift import Shift
from handlers.manifest import build_manifest
from handlers.outbox.deliverer import Deliverer
from handlers.outbox.notifier import Notifier
from storage import Term, Touched
from storage.database import to_ms
from storage.dialect import statement_of
from tests.kit.asked import submit
from tests.kit.factories import FakeClock
from tests.kit.fresh import fresh_file, trust_the_power

T = TypeVar("T")

#: Seconds of the machine's time after which something that has not happened will not; far more than it takes.
PATIENCE: Final = 20.0

#: A test that found no order being tried may let so much time pass before the next is.
_LULL: Final = timedelta(seconds=2)

#: Seconds of the machine's time for which time stands still until the bot has done what is due: twenty times what that
#: takes beside other tests. What takes longer is held up, maybe until more time has passed.
_HELD_UP: Final = 0.2

#: Seconds of the machine's time between two looks at whether a thread has come to an end: a tenth of what a round of a
#: worker takes.
_LOOK_EVERY: Final = 0.0005

#: Seconds of the bot's time after which Slack is asked again who the approvers and admins are, as in a real minute.
_ROLES_EVERY: Final = 60.0

#: The same while a test waits in long steps, maybe for days of the bot's time: half as long as an answer is believed.
_ROLES_IN_LONG_STEPS: Final = 300.0

#: All that the bot's workers look at.
_EVERYTHING: Final = frozenset(Touched)

#: Recognisable, so that a test can look for them where they must not be.
BOT_TOKEN: Final = "xoxb-recognisable-bot-token"
APP_TOKEN: Final = "xapp-recognisable-app-token"
SIGNING_SECRET: Final = "recognisable-signing-secret"
PLATFORM_KEY: Final = "recognisable-platform-key"

SECRETS: Final = {
    "SLACK_BOT_TOKEN": BOT_TOKEN,
    "SLACK_APP_TOKEN": APP_TOKEN,
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "TANGO_PLATFORM_NAME": "KudosDemo",
    "TANGO_PLATFORM_KEY": PLATFORM_KEY,
}

#: A reward of 1 to 1,000 dollars, one of 25 dollars, one of whole dollars from 5 to 250.
CARD: Final = "U666425"
FIXED: Final = "U621295"
WHOLE: Final = "U700310"


class WorldClock(FakeClock):
    """A clock by which Slack is asked who the approvers and admins are, as the scheduler does by the machine's."""

    def __init__(self) -> None:
        super().__init__()
        self.on_minute: Callable[[], None] = lambda: None
        self._asked_at = 0.0

    def advance(self, seconds: float, *, roles_every: float = _ROLES_EVERY) -> datetime:
        """Let `seconds` pass; the time then."""
        now = super().advance(seconds)
        if self.monotonic() - self._asked_at >= roles_every:
            self._asked_at = self.monotonic()
            self.on_minute()
        return now


class World:
    """Both stand-ins and a bot. `with World(folder) as world:` starts it all.

    Args:
        folder: where the settings and the database are.
        mode: how Slack reaches the bot.
        settings: what is set otherwise than usual: settings by section, and those that are in none.
        where: the database, if not a file in the folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        mode: str = "http",
        settings: Mapping[str, Any] | None = None,
        where: Path | str | None = None,
    ) -> None:
        self.folder = folder
        self.where = where or folder / "kudos.db"
        self.mode = mode
        self.clock = WorldClock()
        self.clock.on_minute = self.refresh_roles
        self.slack = SlackSandbox(bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret=SIGNING_SECRET)
        self.tango = TangoSandbox(
            platform_key=PLATFORM_KEY,
            balance="1000000",
            min_interval=0,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
            date=self.clock.right,
        )
        self.slack.manifest(build_manifest())
        self._more = settings or {}
        self._open = ExitStack()
        self._bot: Kudos | None = None
        self._door: Served | None = None
        self._reads = Lock()
        self._reading: sqlite3.Connection | None = None
        self._held_up: frozenset[object] = frozenset()

    def __enter__(self) -> Self:
        if isinstance(self.where, Path) and not self.where.exists():
            fresh_file(self.where)
        self.tango_server = self._open.enter_context(serve(self.tango.app))
        # Named, so that a Tango that goes away comes back where it was.
        self.tango_server._wanted_port = self.tango_server.port
        self.slack_server = self._open.enter_context(serve(self.slack.app))
        self.slack.url = self.slack_server.url
        self._open.callback(self.slack.close)
        try:
            self.start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.slack.faults.clear()
            self.tango.faults.clear()
            self.stop()
        finally:
            self._open.close()

    # ------------------------------------------------------------------------------------- the bot

    @property
    def bot(self) -> Kudos:
        """The bot, while it runs."""
        assert self._bot is not None, "the bot does not run"
        return self._bot

    @property
    def shift(self) -> Shift:
        """What the bot does on duty."""
        return shift_of(self.bot)

    @property
    def database(self) -> Path:
        """The bot's file."""
        assert isinstance(self.where, Path), "for tests on a file: @pytest.mark.file"
        return self.where

    def start(self) -> None:
        """Start the bot, and return when it serves."""
        bot = self.begin()
        self.until(lambda: self.slack.mode == self.mode and bot.unready() is None, step=0)
        assert len(bot._catalog.current)

    def begin(self) -> Kudos:
        """Start the bot, whether Slack answers or not."""
        self._bot = bot = Kudos(self._settings(), self.clock)
        trust_the_power(bot._storage)
        bot.start()
        self.until(lambda: bot._shifts.current, step=0)
        if isinstance(self.where, str):
            self.clock.advance(1.1)  # the first order waits: another bot may have sent one a moment ago
        if self.mode == "http":
            self._door = serve(bot.web_app()).start()
            self.slack.request_url = f"{self._door.url}/slack/events"
        return bot

    def stop(self) -> None:
        """Stop the bot; its file stays."""
        if self._reading is not None:
            self._reading.close()  # else the bot, as it closes the file, leaves the log beside it
            self._reading = None
        if self._door is not None:
            self._door.stop()
            self._door = None
        if self._bot is not None:
            if self._bot._door is not None:
                # Slack hangs up first: else Slack's client waits three seconds for a goodbye.
                self._bot._door._handler.client.auto_reconnect_enabled = False
                self.slack._sockets.disconnect()
            self._bot.stop()
            self._bot = None

    def wake(self) -> None:
        """Let the bot's workers look at the clock."""
        self.bot._shifts.wake(_EVERYTHING)
        self.bot._countdown.wake()

    def jobs(self) -> list[Any]:
        """The bot's jobs at intervals, as APScheduler has them."""
        schedulers: list[Any] = [self.bot._scheduler, self.shift.ticks]
        return [job for scheduler in schedulers for job in scheduler._scheduler.get_jobs()]

    def tick(self, name: str) -> None:
        """Have the bot do now what it does at intervals."""
        (job,) = [job for job in self.jobs() if job.name == name]
        job.func()

    def refresh_roles(self) -> None:
        """Have Slack asked who the approvers and admins are."""
        if self._bot is not None:
            self._bot._directory.refresh_roles()

    def _settings(self) -> Any:
        config = self.folder / "app.yaml"
        usual: dict[str, dict[str, Any]] = {
            "slack": {"mode": self.mode, "port": 0, "api_url": f"{self.slack.url}/api/"},
            "tango": {
                "base_url": f"{self.tango_server.url}/raas/v2",
                "customer": self.tango.customer,
                "account": self.tango.account,
                "orders_per_second": 50,
                "timeout": 10,
            },
            "storage": {"path": str(self.where)} if isinstance(self.where, Path) else {"url": self.where},
            "approvals": {"channel": people.APPROVALS, "approvers": [people.APPROVERS_GROUP]},
            "roles": {"admins": [people.ADA]},
        }
        sections = {name: part | self._more.get(name, {}) for name, part in usual.items()}
        config.write_text(json.dumps({**self._more, **sections}))  # which is YAML, and written ten times as fast
        with environment(SECRETS):
            return load_settings(config)

    # ---------------------------------------------------------------------------------------- time

    def until(self, look: Callable[[], T | None], *, step: float = 1.0) -> T:
        """Let time pass for the bot, `step` seconds at a time, until there is something to see; that."""
        end = time.monotonic() + PATIENCE
        roles_every = _ROLES_EVERY if step <= 1 else _ROLES_IN_LONG_STEPS
        while not (found := look()):
            assert time.monotonic() < end, "it did not happen"
            self._pass(step, roles_every)
        return found

    def _pass(self, seconds: float, roles_every: float) -> None:
        """Let time pass, and wait until each worker has looked at the clock and each call to Tango is answered.

        Else a busy machine's clock runs far ahead of its bot. What is held up is waited for once: it may end only after
        more time has passed, or when the test says so.
        """
        under_way = self._under_way()
        self.clock.advance(seconds, roles_every=roles_every)
        self.wake()
        if not seconds or self._held_up:  # then it is the machine's time that something takes
            with self.slack.workspace.changed:
                self.slack.workspace.changed.wait(0.003)
        end = time.monotonic() + _HELD_UP
        while (left := self._under_way() & under_way) - self._held_up and time.monotonic() < end:
            time.sleep(_LOOK_EVERY)
        self._held_up = left

    def _under_way(self) -> frozenset[object]:
        """The rounds of the bot's workers, and the calls to Tango, that have not come to their end."""
        workers, calls = [self.bot._countdown._worker], list[object]()
        if (shift := self.bot._shifts.current) is not None:
            workers += [shift.dispatcher._worker, *(teller._worker for teller in _tellers_of(shift))]
            calls += shift.dispatcher._slots.under_way()
        return frozenset([*calls, *((worker, worker.rounds) for worker in workers if worker._thread.is_alive())])

    def until_none_is_tried(self) -> None:
        """Let time pass until a halted queue tries no order, nor will before more time passes.

        Who looks for an order that waits may find one that is being tried by the next look.
        """
        waits = (
            "SELECT 1 FROM queue"
            " WHERE probe_at > :soon AND NOT EXISTS (SELECT 1 FROM orders WHERE status = 'submitting')"
        )
        self.until(lambda: self.rows(waits, soon=to_ms(self.clock.now() + _LULL)))

    def set_since_mailed(self, seconds: float) -> None:
        """Put the clock to this long after the one order was mailed."""
        (mailed,) = self.rows("SELECT last_sent_at FROM orders")
        self.clock.set(datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=mailed["last_sent_at"], seconds=seconds))

    def settle(self, *, step: float = 1.0) -> None:
        """Let time pass until the bot has nothing left to send or to tell."""
        self.until(self.is_idle, step=step)

    def settle_resends(self) -> None:
        """Let time pass until no resend is under way."""
        self.until(lambda: not self.rows("SELECT 1 FROM resends WHERE status IN ('claimed', 'sending')"))

    def await_answers(self) -> None:
        """Wait until the bot has given all that it tells behind its acks, and looks nothing up. No time passes."""
        pools = (self.bot._background, self.bot._fetching)
        self._await(lambda: all(_is_idle(pool) for pool in pools))

    def _await(self, look: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not look():
            assert time.monotonic() < end, "a thread of the bot's does not come to an end"
            time.sleep(_LOOK_EVERY)

    def is_idle(self) -> bool:
        """Whether no order, resend or notice is under way, and Tango is asked nothing that somebody waits for."""
        return not self.rows(
            "SELECT 1 FROM orders WHERE status IN ('queued', 'submitting')"
            " UNION ALL SELECT 1 FROM resends WHERE status IN ('claimed', 'sending')"
            " UNION ALL SELECT 1 FROM inquiries WHERE due_at IS NOT NULL AND (quiet = 1 OR requested_by IS NOT NULL)"
            " UNION ALL SELECT 1 FROM outbox WHERE status IN ('pending', 'sending')"
        )

    def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """What the database holds, read beside the bot."""
        if isinstance(self.where, str):
            return self._beside.execute(_statement(sql), params).fetchall()
        if self._bot is None:
            with closing(self._reader()) as db:
                return [dict(row) for row in db.execute(sql, params)]
        if self._reading is None:
            self._reading = self._reader()
        with self._reads:
            return [dict(row) for row in self._reading.execute(sql, params)]

    def _reader(self) -> sqlite3.Connection:
        db = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10, check_same_thread=False)
        db.row_factory = sqlite3.Row
        return db

    def write(self, sql: str, **params: Any) -> None:
        """Put the database into a state that a dead bot leaves; not while one runs."""
        self.write_each(sql, [params])

    def write_each(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Do so with each of these rows."""
        assert self._bot is None
        if isinstance(self.where, str):
            with self._beside.cursor() as cursor:
                cursor.executemany(_statement(sql), rows)
            return
        with closing(sqlite3.connect(self.database)) as db:
            db.execute("PRAGMA synchronous = OFF")  # as `trust_the_power`
            db.executemany(sql, rows)
            db.commit()

    @cached_property
    def _beside(self) -> psycopg.Connection[dict[str, Any]]:
        """A connection to PostgreSQL beside the bot's."""
        connection = psycopg.connect(str(self.where), autocommit=True, row_factory=dict_row)
        self._open.callback(connection.close)
        return connection

    def damage_file(self) -> None:
        """Overwrite the file under the bot: no read and no write works from now on."""
        with closing(sqlite3.connect(self.database)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sound = self.database.stat().st_size
        with self.database.open("r+b") as file:
            file.seek(100)  # the header stays
            file.write(b"\xff" * (sound - 100))

    def tables(self) -> list[str]:
        """The names of the database's tables."""
        on_file = "SELECT name FROM sqlite_master WHERE type = 'table'"
        beside = "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"
        return [row["name"] for row in self.rows(beside if isinstance(self.where, str) else on_file)]

    def one(self, sql: str, **params: Any) -> dict[str, Any]:
        """The one row of an answer."""
        (row,) = self.rows(sql, **params)
        return row

    # -------------------------------------------------------------------------------------- people

    @property
    def maya(self) -> Person:
        """A sender."""
        return self.slack.person("maya")

    @property
    def alex(self) -> Person:
        """An approver."""
        return self.slack.person("alex")

    @property
    def sam(self) -> Person:
        """Another approver."""
        return self.slack.person("sam")

    @property
    def ada(self) -> Person:
        """The admin."""
        return self.slack.person("ada")

    # --------------------------------------------------------------------------------- the main job

    def form(self, who: Person | None = None, text: str = "") -> ShownView:
        """Open the form."""
        who = who or self.maya
        if who.modal is not None:
            who.close(everything=True)
        form = who.command("/kudos", text).modal
        assert form is not None
        return form

    def fill_in(self, who: Person | None = None, **values: Any) -> Outcome:
        """Open the form, fill it in, submit it; what is not named is as usual: 25 dollars for Rob."""
        who = who or self.maya
        usual = {"recipients": ["rob"], "reward": CARD, "amount": "25", "message": "Thank you for the launch"}
        return submit(who, self.form(who), usual | values)

    def ask(self, who: Person | None = None, **values: Any) -> int:
        """File a request, wait for its card, and return its id."""
        before = self.one("SELECT coalesce(max(id), 0) AS id FROM requests")["id"]
        outcome = self.fill_in(who, **values)
        assert outcome.closed, outcome.errors
        found: int = self.one("SELECT id FROM requests WHERE id > :before", before=before)["id"]
        self.until(lambda: self.is_posted("approval_card", found) and self.is_posted("receipt", found))
        return found

    def approve(self, who: Person | None = None, **values: Any) -> int:
        """File a request, and have Alex approve it; its id."""
        request_id = self.ask(who, **values)
        self.alex.click(self.card(request_id), "approve")
        return request_id

    def place(self, who: Person | None = None, **values: Any) -> int:
        """File a request, have Alex approve it, and wait until all is done; its id."""
        request_id = self.approve(who, **values)
        self.settle()
        return request_id

    def place_in_halt(self, **values: Any) -> int:
        """File a request and have it approved, while Tango takes no orders; its id, once the queue is halted."""
        request_id = self.approve(**values)
        self.until(lambda: self.rows("SELECT 1 FROM queue WHERE halted_at IS NOT NULL"))
        return request_id

    def reference(self, table: str, number: int) -> str:
        """What the buttons about a request or an order carry."""
        column = {"requests": "reference", "orders": "external_ref_id"}[table]
        found: str = self.one(f"SELECT {column} AS carried FROM {table} WHERE id = :id", id=number)["carried"]  # noqa: S608
        return found

    def is_posted(self, kind: str, request_id: int) -> bool:
        """Whether the request's card or receipt is on the screen."""
        sql = "SELECT 1 FROM posts WHERE kind = :kind AND request_id = :id"
        return bool(self.rows(sql, kind=kind, id=request_id))

    def card(self, request_id: int) -> ShownMessage:
        """The request's card, as it is now."""
        return self._post("approval_card", request_id)

    def receipt(self, request_id: int) -> ShownMessage:
        """The requester's copy of the request, as it is now."""
        return self._post("receipt", request_id)

    def _post(self, kind: str, request_id: int) -> ShownMessage:
        sql = "SELECT channel, ts FROM posts WHERE kind = :kind AND request_id = :id"
        place = self.one(sql, kind=kind, id=request_id)
        with self.slack.workspace.lock:
            message = self.slack.workspace.message(place["channel"], place["ts"])
            assert message is not None, "it was deleted"
            return ShownMessage(message_data(self.slack._state, message))

    def said(self, who: Person, words: str) -> ShownMessage:
        """The direct message to that person with these words; waits for it."""
        return self.until(lambda: next((m for m in reversed(who.dms()) if words in m.text + m.words), None))

    def answer(self, who: Person, act: Callable[[], object]) -> ShownMessage:
        """Do something and return what that person alone is told, at once or through the response_url.

        In the app's own conversation that is an ordinary message; a notice that comes meanwhile is none.
        """
        before = {message.ts for message in who.answers()}
        act()

        def told() -> ShownMessage | None:
            return next((message for message in who.answers() if message.ts not in before), None)

        return who.wait_for(told, PATIENCE)


def _statement(sql: str) -> bytes:
    """A test's own SQL, as PostgreSQL takes it: the facts of an event are text, of which a test reads one."""
    sql = re.sub(r"json_extract\((\w+), '\$\.(\w+)'\)", r"(\1::json ->> '\2')", sql)
    return statement_of(re.sub(r"\b(\w+) ->> ", r"\1::json ->> ", sql)).sql


def _is_idle(pool: ThreadPoolExecutor) -> bool:
    """Whether none of its threads works, and no job waits."""
    return pool._work_queue.empty() and pool._idle_semaphore._value >= len(pool._threads)


def shift_of(bot: Kudos) -> Shift:
    """What that bot does on duty."""
    assert bot._shifts.current is not None, "the bot is not on duty"
    return bot._shifts.current


def tellers_of(bot: Kudos) -> tuple[Notifier, Deliverer]:
    """Who sends notices and rewards while that bot is on duty."""
    return _tellers_of(shift_of(bot))


def _tellers_of(shift: Shift) -> tuple[Notifier, Deliverer]:
    notifier, deliverer = shift.notifier, shift.deliverer
    assert isinstance(notifier, Notifier)
    assert isinstance(deliverer, Deliverer)
    return notifier, deliverer


def take_duty(bot: Kudos) -> Shift:
    """Put a bot on duty that is not started; its workers take their turns in the test's own thread."""
    gained: SimpleQueue[Term] = SimpleQueue()
    bot._duty.run(on_gain=gained.put, on_loss=lambda: None, on_news=bot._hear)
    shift = bot._shifts.current = bot._shifts._build(gained.get(timeout=PATIENCE))
    return shift


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """These settings in the environment, and none that the machine has."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("KUDOS_", "SLACK_", "TANGO_")):
                patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


def open_details(who: Person, page: ShownMessage | ShownView) -> Outcome:
    """Choose Details in the menu of the first order of a list."""
    menu = page.find("order_listed").element
    return who.select(page, "order_listed", menu["options"][0]["value"])
