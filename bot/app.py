"""The composition root: settings in, a bot out, with its start, its readiness and its stop."""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import FrameType
from typing import Final

from starlette.applications import Starlette

from bot.clock import Clock
from bot.errors import ConfigurationError, StorageError
from bot.loop import Worker
from bot.metrics import Metrics
from bot.scheduler import GROUPS_EVERY, Scheduler
from bot.settings import Settings
from bot.sides import SlackSide, build_slack_side, build_tango_side
from bot.usecases.insights import Insights
from bot.usecases.namesakes import Namesakes
from bot.usecases.orphans import Orphans
from bot.usecases.refusals import Refusals
from bot.usecases.reports import Reports
from bot.usecases.tango_account import check_bound, open_bound
from bot.usecases.templates import Templates
from bot.wiring import (
    ShiftBuilder,
    UseCases,
    build_home_tab,
    build_onlookers,
    build_usecases,
)
from bot.worker.shift import Shift, Shifts
from handlers import build_doors
from handlers.bolt.afterwards import Jobs, start_after_answer
from handlers.bolt.builder import build_bolt
from handlers.bolt.connecting import Connecting
from handlers.bolt.conversations import Conversations
from handlers.bolt.countdown import Countdown
from handlers.bolt.desk import Desk
from handlers.bolt.modals import Modals
from handlers.bolt.names import MemberNames
from handlers.bolt.permalinks import Permalinks
from handlers.bolt.posts import Posts
from handlers.bolt.server import bind, build_server, build_web_app
from handlers.bolt.socket_mode import SocketDoor
from storage import Term, Touched

logger = logging.getLogger(__name__)

#: The threads for look-ups and answers that nobody waits for; more would only meet Slack's rate limits.
_BACKGROUND_THREADS: Final = 8

#: The time that orders under way have to end. SIGTERM to exit takes at most 10 s, with a second for each of the other
#: parts that stop; an order that Tango has not answered by then is rescued at the next start.
_GRACE: Final = timedelta(seconds=6)

#: The same where another bot takes over at once: meanwhile nobody sends, and the other sends the same references again.
_GRACE_AMONG_OTHERS: Final = timedelta(seconds=1)

#: The time that a look at the stored catalog has to end.
_GRACE_OF_RELOAD: Final = timedelta(milliseconds=500)


class Kudos:
    """A bot, wired.

    Args:
        settings: of this installation.
        clock: the machine's, if not another.
        adopt: whether to bind the database to the settings' account at Tango, if it belongs to another.

    Raises:
        StorageError: the database cannot serve.
        ConfigurationError: the database belongs to another account at Tango.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None, *, adopt: bool = False) -> None:
        self._settings = settings
        self._storage = open_bound(settings.storage.where, settings.tango_account, clock or Clock(), adopt=adopt)
        self._duty = self._storage.duty(_name())
        clock = clock or self._duty.clock
        self._metrics = Metrics(self._storage, clock, self._duty.is_held)
        self._storage.on_trouble(self._metrics.count_database_error)
        slack = build_slack_side(settings, clock, self._storage)
        self._slack, self._directory = slack.connection, slack.directory
        tango = build_tango_side(settings, clock, self._storage, slack.directory)
        self._tango, self._catalog = tango.client, tango.catalog
        usecases = build_usecases(settings, clock, self._storage, slack.directory, tango)
        self._requests, self._orders = usecases.requests, usecases.orders
        names = MemberNames(client=slack.connection.worker_client(), clock=clock)
        self._namesakes = Namesakes(storage=self._storage, clock=clock, has_namesake=names.has_namesake)
        self._insights = Insights(
            storage=self._storage,
            clock=clock,
            zone=settings.timezone,
            balance=lambda: self._metrics.balance_as_of,
        )
        self._onlookers = build_onlookers(settings, clock, self._storage, slack)
        self._builder = ShiftBuilder(
            settings=settings,
            clock=clock,
            storage=self._storage,
            duty=self._duty,
            slack=slack,
            tango=tango,
            metrics=self._metrics,
            namesakes=self._namesakes,
            onlookers=self._onlookers,
        )
        self._shifts = Shifts(duty=self._duty, build=self._build_shift, metrics=self._metrics)
        self._reloading = Worker("catalog", self._catalog.reload)
        self._storage.on_commit(lambda touched: start_after_answer(partial(self._hear, touched)))
        self._background = Jobs(_BACKGROUND_THREADS, thread_name_prefix="background")
        self._fetching = Jobs(_BACKGROUND_THREADS, thread_name_prefix="fetching")
        self._countdown = Countdown(clock, self._background)
        self._bolt = build_bolt(slack.connection, build_doors(self._desk(usecases, slack, clock), self._metrics))
        self._door = self._socket_door()
        self._connecting = Connecting(self._connect, self._stop_serving)
        self._scheduler = Scheduler()
        self._scheduler.every(GROUPS_EVERY, self._directory.refresh_roles, name="groups")
        self._server = build_server(self.web_app(), self._say_serving)
        self._alive = self._connected = self._said_serving = False
        self._saying = threading.Lock()
        self._refusal: ConfigurationError | None = None

    def _desk(self, usecases: UseCases, slack: SlackSide, clock: Clock) -> Desk:
        return Desk(
            requests=usecases.requests,
            undo=usecases.undo,
            reminders=usecases.reminders,
            absences=usecases.absences,
            schedules=usecases.schedules,
            approvals=usecases.approvals,
            budgets=usecases.budgets,
            batches=usecases.batches,
            batch_progress=usecases.batch_progress,
            cards=usecases.cards,
            orders=usecases.orders,
            catalog=usecases.catalog,
            inquiries=usecases.inquiries,
            resends=usecases.resends,
            templates=Templates(storage=self._storage, tango=self._tango, clock=clock),
            deliveries=usecases.deliveries,
            searches=usecases.searches,
            reports=Reports(
                storage=self._storage, clock=clock, roles=slack.directory.roles, zone=self._settings.timezone
            ),
            workflows=usecases.workflows,
            function_tokens=slack.function_tokens,
            home_tab=build_home_tab(self._settings, clock, self._storage, slack, self._metrics),
            namesakes=self._namesakes,
            onlookers=self._onlookers,
            insights=self._insights,
            refusals=Refusals(storage=self._storage, clock=clock),
            orphans=Orphans(storage=self._storage, clock=clock),
            directory=slack.directory,
            members=slack.members,
            groups=slack.groups(),
            files=slack.files() if self._settings.slack.files else None,
            thanks_channel=self._settings.thanks_channel,
            permalinks=Permalinks(client=slack.connection.client, api_url=self._settings.slack.api_url),
            conversations=Conversations(self._storage),
            modals=Modals(clock),
            background=self._background,
            fetching=self._fetching,
            countdown=self._countdown,
        )

    def _socket_door(self) -> SocketDoor | None:
        """Return the door of Socket Mode; None in http mode."""
        token = self._settings.slack_app_token
        if self._settings.slack.mode != "socket" or token is None:
            return None
        return SocketDoor(self._bolt, token.get_secret_value())

    def web_app(self) -> Starlette:
        """Return the web application for `slack.host` and `slack.port`."""
        secret = self._settings.slack_signing_secret
        posts = None
        if self._settings.slack.mode == "http" and secret is not None:
            posts = Posts(self._bolt, secret.get_secret_value(), lambda: self._connected)
        return build_web_app(
            is_alive=lambda: self._alive, unready=self.unready, metrics=self._metrics.render, posts=posts
        )

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then stop: nothing new is claimed, and attempts under way are recorded.

        Raises:
            ConfigurationError: the port is taken, or Slack does not accept a token.
        """
        try:
            _on_signals(signal.default_int_handler)  # interrupt a start that waits for the network
            listener = bind(self._settings.slack.host, self._settings.slack.port)
            self.start()
            # uvicorn re-raises signals when it returns; swallow them so that stop() runs.
            _on_signals(self._stop_serving)
            self._server.run(sockets=[listener])
        except KeyboardInterrupt:
            _on_signals(self._stop_serving)
            logger.info("Kudos was stopped before it served")
        finally:
            self.stop()
        logger.info("Kudos has stopped")
        if (refusal := self._refusal or self._connecting.refusal) is not None:
            raise refusal

    def start(self) -> None:
        """Compete for the duty, with all that is done on it, and connect to Slack behind that."""
        if not len(self._catalog.current):
            self._catalog.keep_fresh()  # without it the first form would have nothing to choose from
        self._shifts.start(on_news=self._hear)
        self._reloading.start()
        self._countdown.start()
        self._scheduler.start()
        self._alive = True
        self._connecting.start()

    def unready(self) -> str | None:
        """Say why the bot could not answer a click at this moment; None if it could."""
        if not self._alive:
            return "starting or stopping"
        if not self._connected or (self._door is not None and not self._door.is_open()):
            return "not connected to Slack"
        try:
            self._storage.queue.state()
        except StorageError:
            return "the database does not answer"
        return self._shifts.stalled()

    def stop(self) -> None:
        """Take no more, finish what is under way within the grace, and close. The next on duty rescues what is left."""
        self._alive = False
        self._connecting.stop()
        until = time.monotonic() + _GRACE.total_seconds()
        hanging_up = threading.Thread(target=self._hang_up, daemon=True)
        hanging_up.start()
        self._scheduler.stop()
        self._countdown.stop()
        self._directory.close()
        self._background.shutdown(wait=False, cancel_futures=True)
        self._fetching.shutdown(wait=False, cancel_futures=True)
        self._shifts.stop(_GRACE_AMONG_OTHERS if self._duty.is_shared else _GRACE)
        self._reloading.stop(_GRACE_OF_RELOAD)
        hanging_up.join(max(until - time.monotonic(), 0))
        self._tango.close()
        self._storage.close()

    def _build_shift(self, term: Term) -> Shift:
        try:
            check_bound(self._storage, self._settings.tango_account)
        except ConfigurationError as refusal:
            self._refusal = refusal
            self._stop_serving()
            raise
        return self._builder.build(term)

    def _connect(self) -> None:
        """Learn from Slack who the bot is and who has which role, then let Slack in."""
        self._slack.identify()
        self._directory.refresh_roles()
        if not self._directory.admins():
            logger.warning(
                "No one will hear when rewards are on hold or need attention. Name an active member under roles.admins"
            )
        if self._door is not None:
            self._door.open()
        self._connected = True
        self._say_serving()

    def _say_serving(self) -> None:
        """Log once that the bot serves: when Slack is connected and the port is open, whichever comes last."""
        with self._saying:
            if self._said_serving or not (self._connected and self._server.started):
                return
            self._said_serving = True
        stands_by = self._duty.is_shared and not self._duty.is_held()
        more = ", standing by: another bot sends the orders" if stands_by else ""
        logger.info("Kudos is serving (%s mode)%s", self._settings.slack.mode, more)

    def _stop_serving(self, *_: object) -> None:
        self._server.should_exit = True

    def _hang_up(self) -> None:
        # Slack's client reads for up to three seconds before it can close.
        if self._door is not None:
            self._door.close()

    def _hear(self, touched: frozenset[Touched]) -> None:
        """Have what was just committed, here or by another bot, worked on at once."""
        if Touched.CATALOG in touched:
            self._reloading.wake()
        self._shifts.wake(touched)


def _name() -> str:
    """Return a name that no other bot has, by which an operator finds the machine and the process."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


# -------------------------------------------------------------------------------------------- signals


def _on_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)
