"""Slack's side, built: the clients of the Web API, who the bot is, and Bolt's app."""

import logging
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware import Middleware
from slack_sdk.web import WebClient

from bot.errors import SlackUnavailable
from handlers.bolt.doors import Doors
from handlers.bolt.network import NO_ANSWER, is_token_refused, ssl_context, token_refused
from handlers.bolt.profiles import Home

#: Seconds that a listener waits for Slack: of the three that an ack may take, the rest is for the answer.
_LISTENER_TIMEOUT: Final = 2

#: The hosts of Slack's `response_url`s (Slack docs, Handling user interaction; GovSlack has its own).
_HOOKS: Final = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})

logger = logging.getLogger(__name__)


def build_client(*, token: str, api_url: str) -> WebClient:
    """Return a client of the Web API with slack_sdk's own timeout.

    Args:
        token: the bot's.
        api_url: the base of Slack's Web API.
    """
    return WebClient(token=token, base_url=api_url, ssl=ssl_context())


class Connection:
    """The bot's place in a workspace, which is known once Slack has said who the bot is.

    Args:
        token: the bot's.
        api_url: the base of Slack's Web API.

    Attributes:
        api_url: the base of Slack's Web API.
        client: for listeners, with a timeout that leaves room for the ack.
    """

    def __init__(self, *, token: str, api_url: str) -> None:
        self._token = token
        self._known: tuple[AuthorizeResult, Home] | None = None
        self.api_url = api_url
        self.client = WebClient(token=token, base_url=api_url, timeout=_LISTENER_TIMEOUT, ssl=ssl_context())

    def worker_client(self) -> WebClient:
        """Return a client for a worker, which waits for Slack as long as slack_sdk does."""
        return build_client(token=self._token, api_url=self.api_url)

    def identify(self) -> None:
        """Ask Slack who the bot is.

        Raises:
            ConfigurationError: Slack does not accept the token.
            Exception: one of NO_ANSWER; asking again may help.
        """
        try:
            answer = self.worker_client().auth_test()
        except NO_ANSWER as error:
            if is_token_refused(error):
                raise token_refused(error, "SLACK_BOT_TOKEN", "Copy the Bot User OAuth Token again.") from error
            raise
        identity = AuthorizeResult(
            enterprise_id=answer.get("enterprise_id"),
            team_id=answer["team_id"],
            bot_user_id=answer["user_id"],
            bot_id=answer.get("bot_id"),
            bot_token=self._token,
        )
        home = Home(
            team_id=answer["team_id"],
            enterprise_id=answer.get("enterprise_id") or None,
            is_org_wide=bool(answer.get("is_enterprise_install")),
        )
        self._known = identity, home

    @property
    def identity(self) -> AuthorizeResult:
        """Who the bot is.

        Raises:
            SlackUnavailable: Slack has not said it yet.
        """
        return self._told()[0]

    def home(self) -> Home:
        """Return where the bot is installed.

        Raises:
            SlackUnavailable: Slack has not said it yet.
        """
        return self._told()[1]

    def _told(self) -> tuple[AuthorizeResult, Home]:
        if self._known is None:
            raise SlackUnavailable
        return self._known


def build_bolt(connection: Connection, doors: Doors) -> App:
    """Return Bolt's app behind the doors. What reaches it in http mode was verified before (bolt/posts.py)."""
    bolt_logger = logging.getLogger("slack_bolt.App")
    # Bolt warns that it does not use the token that it sees; the client does use it. A level would not silence the
    # warning, because Bolt sets its loggers' levels itself.
    bolt_logger.addFilter(_is_error)
    bolt = App(
        name="kudos",  # else Bolt looks through the whole stack for the file that called it
        # Bolt's other way waits for the ack in 10 ms polls, and loses it when a listener raises after it.
        process_before_response=True,
        client=connection.client,
        before_authorize=_Entrance(connection, doors),
        # auth.test was asked at the start; asking it for every request would be a call in every listener.
        authorize=lambda: connection.identity,
        request_verification_enabled=False,
    )
    bolt_logger.removeFilter(_is_error)
    return bolt


class _Entrance(Middleware):
    """Refuses a payload whose `response_url` is not Slack's: Kudos would post there. All others go to the doors.

    It comes before Bolt's authorization, which looks up anew for each payload what is known since the start.

    Args:
        connection: knows the token.
        doors: answer what there is a listener for.
    """

    def __init__(self, connection: Connection, doors: Doors) -> None:
        self._connection = connection
        self._doors = doors

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], Any]) -> BoltResponse | None:  # noqa: A002 (as Bolt has it)
        """Pass the payload on, or refuse it."""
        url = req.body.get("response_url")
        if url and not is_slacks_url(str(url), api_url=self._connection.api_url):
            logger.warning("A payload was refused: its response_url is not Slack's")
            return BoltResponse(status=400, body="invalid response_url")
        # Bolt makes a client for each payload. A workflow's function is ended with the token that it came with.
        req.context.client.token = req.context.function_bot_access_token or self._connection.identity.bot_token
        return self._doors.process(req=req, resp=resp, next=next)


def is_slacks_url(url: str, *, api_url: str) -> bool:
    """Tell whether an answer may be posted to the URL: https on Slack's host, or the host of the Web API.

    Args:
        url: a `response_url`.
        api_url: the base of Slack's Web API, with its scheme.
    """
    try:
        asked, api = urlsplit(url), urlsplit(api_url)
        host = asked.hostname
    except ValueError:
        return False
    if host == api.hostname:
        return asked.scheme in ("https", api.scheme)
    return asked.scheme == "https" and host in _HOOKS


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
