"""Socket Mode: the bot calls Slack, and needs no public address."""

import logging
from contextlib import suppress
from datetime import timedelta
from typing import Final

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.loop import Worker
from handlers.bolt.afterwards import held_back, start_all
from handlers.bolt.network import NO_ANSWER, is_token_refused, token_refused

#: Between two pings. A connection that takes longer for the answer is of no use: Slack gives an ack three seconds.
_PING_EVERY: Final = timedelta(seconds=2)

#: The number of pings in a row without an answer after which a connection is dead. One may be under way.
_MOST_UNANSWERED: Final = 2

#: The time that closing has to end the watch. A look takes milliseconds, or waits for Slack's client to hang up.
_GRACE: Final = timedelta(seconds=1)

logger = logging.getLogger(__name__)


class SocketDoor:
    """The door through which Slack's payloads come in Socket Mode.

    Slack's client pings and reconnects. It takes a connection that died without a CLOSE frame for alive until five
    pings failed, or for ever if none was ever answered; so the answers are watched here.

    Args:
        bolt: answers the payloads.
        app_token: opens connections.
    """

    def __init__(self, bolt: App, app_token: str) -> None:
        self._app_token = app_token
        self._handler = _Handler(bolt, app_token, ping_interval=_PING_EVERY.total_seconds())
        self._watch = Worker("socket watch", self._look)
        self._watched: tuple[Connection | None, float | None] = (None, None)
        self._unanswered = 0

    def open(self) -> None:
        """Connect; from then on the door reconnects by itself.

        Raises:
            ConfigurationError: Slack does not accept the app token.
            Exception: one of NO_ANSWER; opening again may help.
        """
        client = self._handler.client
        try:
            # Slack's client would sleep through a rate limit here, and nobody could end it.
            client.wss_uri = client.web_client.apps_connections_open(app_token=self._app_token)["url"]
        except NO_ANSWER as error:
            if is_token_refused(error):
                remedy = "Make an app-level token with connections:write."
                raise token_refused(error, "SLACK_APP_TOKEN", remedy) from error
            raise
        self._handler.connect()  # type: ignore[no-untyped-call]  # Bolt has no type here
        self._watch.start()

    def is_open(self) -> bool:
        """Tell whether Slack can reach the bot now."""
        return bool(self._handler.client.is_connected()) and self._unanswered < _MOST_UNANSWERED

    def close(self) -> None:
        """Disconnect."""
        self._watch.stop(_GRACE)
        try:
            self._handler.close()  # type: ignore[no-untyped-call]  # the same
        except AttributeError:
            # The receiver disconnected at the same moment: slack_sdk looks before it locks. Close what is left.
            self._handler.close()  # type: ignore[no-untyped-call]  # the same

    def _look(self) -> timedelta:
        """Count the pings without an answer, and hang up a dead connection: Slack's client then makes a new one."""
        connection = self._handler.client.current_session
        # The time of the last ping that was answered, which changes with each answer.
        seen = (connection, connection.last_ping_pong_time if connection is not None else None)
        self._unanswered = 0 if seen != self._watched else self._unanswered + 1
        self._watched = seen
        if connection is not None and connection.is_active() and self._unanswered >= _MOST_UNANSWERED:
            logger.warning("Slack doesn't answer on its connection any more; connecting again")
            with suppress(AttributeError):  # Slack's client did it at the same moment: it looks before it locks
                connection.disconnect()
        return _PING_EVERY


class _Handler(SocketModeHandler):
    """Bolt's handler, which begins what an answer sets off when the answer has left."""

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as Bolt has it
        """Answer a payload."""
        with held_back() as held:
            super().handle(client, req)
        start_all(held)
