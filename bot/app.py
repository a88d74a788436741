"""The composition root: settings in, a bot out. Everything is wired here and nowhere else."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from types import FrameType
from typing import Final

import uvicorn
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient
from starlette.applications import Starlette

from bot.clock import Clock
from bot.domain.request import Delivery, Details
from bot.errors import ConfigurationError, StorageError, TangoError
from bot.metrics import Metrics
from bot.scheduler import BALANCE_EVERY, CATALOG_EVERY, DAY, MINUTE, Scheduler
from bot.settings import DefaultsSettings, Settings
from bot.tango.client import TangoClient
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.delivery import Rewards
from bot.usecases.form import Payer, RequestForms
from bot.usecases.orders import Orders
from bot.usecases.outcomes import Recorder
from bot.usecases.queue import QueueControl
from bot.usecases.requests import Requests
from bot.usecases.resend import Resends
from bot.usecases.search import Searches
from bot.worker.dispatcher import Dispatcher
from bot.worker.pace import Pace
from bot.worker.retention import clear_old
from handlers import register_listeners
from handlers.bolt.countdown import Countdown
from handlers.bolt.desk import Desk
from handlers.bolt.directory import Directory, RoleIds
from handlers.bolt.network import NO_ANSWER, reason_of
from handlers.bolt.server import SocketDoor, build_web_app
from handlers.outbox.deliverer import Deliverer
from handlers.outbox.notifier import Notifier
from storage import Storage

logger = logging.getLogger(__name__)

#: A listener has three seconds; what it asks Slack for must leave room for the answer.
_LISTENER_TIMEOUT: Final = 2

#: Look-ups and answers that nobody waits for; more at a time would only meet Slack's rate limits.
_BACKGROUND_THREADS: Final = 8

#: SIGTERM to exit takes at most 10 s, with a second for each of the other things that are ended; what Tango has not
#: answered by then is rescued at the next start.
_GRACE: Final = timedelta(seconds=6)

#: A reward that is being given is told again at the next start, if Tango or Slack takes longer than this.
_GRACE_OF_DELIVERY: Final = timedelta(seconds=1)


class Kudos:
    """A bot, wired.

    Raises:
        StorageError: the database cannot serve.
        ConfigurationError: Slack does not accept the token, or cannot be reached.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings = settings
        clock = clock or Clock()
        self._storage = Storage.open_for_run(settings.storage.path)
        self._metrics = Metrics(self._storage, clock)
        self._tango = TangoClient(
            base_url=settings.tango.base_url,
            platform_name=settings.tango_platform_name,
            platform_key=settings.tango_platform_key,
            timeout=settings.tango.timeout,
        )
        token = settings.slack_bot_token.get_secret_value()
        client = WebClient(token=token, base_url=settings.slack.api_url, timeout=_LISTENER_TIMEOUT)
        identity = _who_we_are(WebClient(token=token, base_url=settings.slack.api_url))
        self._directory = Directory(
            client=client,
            clock=clock,
            ids=RoleIds(
                senders=settings.roles.senders,
                approvers=settings.approvals.approvers,
                admins=settings.roles.admins,
            ),
            team_id=identity.team_id or "",
        )
        self._notifier = Notifier(
            storage=self._storage,
            client=WebClient(token=token, base_url=settings.slack.api_url),
            clock=clock,
            admins=self._directory.admins,
            orders_per_second=settings.tango.orders_per_second,
        )
        pace = Pace(settings.tango.orders_per_second)
        recorder = Recorder(
            storage=self._storage,
            admins=self._directory.admins,
            approvals_channel=settings.approvals.channel,
        )
        self._dispatcher = Dispatcher(
            storage=self._storage,
            tango=self._tango,
            pace=pace,
            clock=clock,
            recorder=recorder,
            metrics=self._metrics,
            on_notice=self._wake_outbox,
        )
        self._rewards = Rewards(
            storage=self._storage,
            tango=self._tango,
            clock=clock,
            roles=self._directory.roles,
            recorder=recorder,
            approvals_channel=settings.approvals.channel,
            on_order=self._dispatcher.wake,
            on_notice=self._wake_outbox,
        )
        self._deliverer = Deliverer(
            storage=self._storage,
            client=WebClient(token=token, base_url=settings.slack.api_url),
            clock=clock,
            rewards=self._rewards,
        )
        payer = Payer(customer=settings.tango.customer, account=settings.tango.account)
        self._catalog = CatalogKeeper(
            storage=self._storage,
            tango=self._tango,
            clock=clock,
            roles=self._directory.roles,
            offered=None if settings.rewards == "all" else settings.rewards,
        )
        self._requests = Requests(
            storage=self._storage,
            clock=clock,
            roles=self._directory.roles,
            forms=RequestForms(payer=payer, defaults=_details(settings.defaults), clock=clock),
            catalog=self._catalog,
            approvals_channel=settings.approvals.channel,
            on_order=self._dispatcher.wake,
            on_notice=self._wake_outbox,
        )
        queue = QueueControl(
            storage=self._storage,
            clock=clock,
            approvals_channel=settings.approvals.channel,
            on_order=self._dispatcher.wake,
            on_notice=self._wake_outbox,
        )
        self._orders = Orders(storage=self._storage, clock=clock, roles=self._directory.roles, queue=queue)
        self._resends = Resends(
            storage=self._storage, clock=clock, roles=self._directory.roles, on_resend=self._dispatcher.wake
        )
        self._searches = Searches(
            storage=self._storage,
            tango=self._tango,
            clock=clock,
            roles=self._directory.roles,
            payer=payer,
            catalog=lambda: self._catalog.current,
        )
        self._background = ThreadPoolExecutor(_BACKGROUND_THREADS, thread_name_prefix="background")
        self._fetching = ThreadPoolExecutor(_BACKGROUND_THREADS, thread_name_prefix="fetching")
        self._countdown = Countdown(clock, self._background)
        http = settings.slack.mode == "http"

        # Bolt warns that the token it sees is not what it uses; it is, by the client. A level would not silence
        # it, because Bolt sets its loggers' levels itself.
        def errors_only(record: logging.LogRecord) -> bool:
            return record.levelno >= logging.ERROR

        bolt_logger = logging.getLogger("slack_bolt.App")
        bolt_logger.addFilter(errors_only)
        self._bolt = App(
            # Bolt's other way waits for the ack in 10 ms polls, and loses it when a listener raises after it.
            process_before_response=True,
            client=client,
            # auth.test was asked at the start; asking it for every request would be a call in every listener.
            authorize=lambda: identity,
            signing_secret=settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else "",
            request_verification_enabled=http,
        )
        bolt_logger.removeFilter(errors_only)
        desk = Desk(
            requests=self._requests,
            orders=self._orders,
            catalog=self._catalog,
            resends=self._resends,
            rewards=self._rewards,
            searches=self._searches,
            directory=self._directory,
            approvals_channel=settings.approvals.channel,
            background=self._background,
            fetching=self._fetching,
            countdown=self._countdown,
        )
        register_listeners(self._bolt, desk, self._metrics)
        self._door: SocketDoor | None = None
        if not http and settings.slack_app_token is not None:
            self._door = SocketDoor(self._bolt, settings.slack_app_token.get_secret_value())
        self._scheduler = Scheduler()
        self._scheduler.every(MINUTE, self._directory.refresh_groups, name="groups")
        self._scheduler.every(MINUTE, self._keep_catalog_fresh, name="catalog")
        self._scheduler.every(MINUTE, self._rescue_unrecorded, name="rescue")
        self._scheduler.every(BALANCE_EVERY, self._ask_for_balance, name="balance")
        if settings.storage.retention_days is not None:
            kept_for = timedelta(days=settings.storage.retention_days)
            self._scheduler.every(DAY, partial(clear_old, self._storage, clock, kept_for), name="retention")
        self._serving = False

    def web_app(self) -> Starlette:
        """What is served on `slack.host` and `slack.port`."""
        return build_web_app(
            is_ready=self.is_ready,
            unready=self.unready,
            metrics=self._metrics.render,
            bolt=self._bolt if self._settings.slack.mode == "http" else None,
        )

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then stop: no new claims, what is in flight is recorded."""
        server = uvicorn.Server(
            uvicorn.Config(
                self.web_app(),
                host=self._settings.slack.host,
                port=self._settings.slack.port,
                log_config=None,  # its loggers are configured like all others
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )

        def stop_serving(*_: object) -> None:
            server.should_exit = True

        try:
            _on_signals(signal.default_int_handler)  # a start that waits for the network is broken off
            self.start()
            # Uvicorn takes them while it serves, and then raises them again for whoever started it: for us, who go
            # on to stop().
            _on_signals(stop_serving)
            server.run()
        except KeyboardInterrupt:
            _on_signals(stop_serving)
            logger.info("Kudos was stopped before it served")
        finally:
            self.stop()
        logger.info("Kudos has stopped")

    def start(self) -> None:
        """Rescue what a dead process left, and begin.

        Raises:
            ConfigurationError: Slack does not accept the app token, or cannot be reached.
        """
        self._directory.refresh_groups()
        if not len(self._catalog.current):
            self._keep_catalog_fresh()  # without it the first form would have nothing to choose from
        self._dispatcher.start()
        self._notifier.start()
        self._deliverer.start()
        self._countdown.start()
        self._scheduler.start()
        if self._door is not None:
            _open(self._door)
        self._serving = True
        logger.info("Kudos is serving (%s mode)", self._settings.slack.mode)

    def is_ready(self) -> bool:
        """Whether Slack can reach the bot and the bot can answer."""
        return self._serving and (self._door is None or self._door.is_open())

    def unready(self) -> str | None:
        """Why a click could not be answered at this moment; None if it could."""
        if not self._serving:
            return "starting or stopping"
        if self._door is not None and not self._door.is_open():
            return "not connected to Slack"
        try:
            self._storage.queue.state()
        except StorageError:
            return "the database does not answer"
        return None

    def stop(self) -> None:
        """Take no more, finish what is begun within the grace, and close. What is not finished is rescued later."""
        self._serving = False
        until = time.monotonic() + _GRACE.total_seconds()
        hanging_up = threading.Thread(target=self._hang_up, daemon=True)
        hanging_up.start()
        self._scheduler.stop()
        self._countdown.stop()
        self._background.shutdown(wait=False, cancel_futures=True)
        self._fetching.shutdown(wait=False, cancel_futures=True)
        self._dispatcher.stop(_GRACE)
        self._deliverer.stop(_GRACE_OF_DELIVERY)
        self._notifier.stop(_GRACE_OF_DELIVERY)
        hanging_up.join(max(until - time.monotonic(), 0))
        self._tango.close()
        self._storage.close()

    def _hang_up(self) -> None:
        # Slack's client reads for up to three seconds before it can close.
        if self._door is not None:
            self._door.close()

    def _wake_outbox(self) -> None:
        self._notifier.wake()
        self._deliverer.wake()

    def _keep_catalog_fresh(self) -> None:
        age = self._catalog.age()
        if age is not None and age < CATALOG_EVERY and len(self._catalog.current):
            return
        try:
            count = self._catalog.refresh()
        except TangoError as error:
            logger.warning("The catalog could not be refreshed: %s", error)
        else:
            logger.info("The catalog has %d rewards on offer", count)

    def _ask_for_balance(self) -> None:
        try:
            account = self._tango.get_account(self._settings.tango.account)
        except TangoError as error:
            logger.warning("The account's balance is not known: %s", error)
            self._metrics.set_balance(None)
        else:
            self._metrics.set_balance(account.current_balance, account.currency_code)

    def _rescue_unrecorded(self) -> None:
        # No attempt lasts longer than its timeout twice over (bot/tango/client.py); one that is still open
        # after that could not be recorded.
        self._dispatcher.rescue_stale(timedelta(seconds=2 * self._settings.tango.timeout + 60))


def _open(door: SocketDoor) -> None:
    try:
        door.open()
    except NO_ANSWER as error:
        remedy = "make an app-level token with connections:write"
        raise _not_let_in(error, "SLACK_APP_TOKEN", remedy) from error


def _not_let_in(error: Exception, token: str, remedy: str) -> ConfigurationError:
    reason = reason_of(error)
    if isinstance(error, SlackApiError):
        return ConfigurationError([f"{token}: Slack does not accept it ({reason}); {remedy}"])
    return ConfigurationError([f"slack.api_url: Slack cannot be reached ({reason}); check the address and the network"])


def _details(defaults: DefaultsSettings) -> Details:
    return Details(**{**defaults.model_dump(), "delivery": Delivery(defaults.delivery)})


def _on_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _who_we_are(client: WebClient) -> AuthorizeResult:
    try:
        answer = client.auth_test()
    except NO_ANSWER as error:
        raise _not_let_in(error, "SLACK_BOT_TOKEN", "copy the Bot User OAuth Token again") from error
    return AuthorizeResult(
        enterprise_id=answer.get("enterprise_id"),
        team_id=answer["team_id"],
        bot_user_id=answer["user_id"],
        bot_id=answer.get("bot_id"),
        bot_token=client.token,
    )
