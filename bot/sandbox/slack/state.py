"""The state that the parts of the stand-in share: the workspace, the app's installation, triggers, response URLs."""

import threading
from dataclasses import dataclass, field
from typing import Any, Final

from bot.sandbox.slack import ids, people
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.faults import Faults, PostLimiter
from bot.sandbox.slack.functions import Execution
from bot.sandbox.slack.manifest import problems_of_functions, problems_of_shortcuts
from bot.sandbox.slack.model import Json, StoredFile
from bot.sandbox.slack.workspace import Workspace

#: Slack docs, "Handling user interaction": a trigger_id expires 3 seconds after it was issued.
TRIGGER_SECONDS: Final = 3.0

#: Slack docs, "Handling user interaction": a response_url is good for 5 uses within 30 minutes.
RESPONSE_URL_SECONDS: Final = 30 * 60.0
RESPONSE_URL_USES: Final = 5

#: The scopes of the app until a manifest or a test sets others: all that the stand-in knows of, but for
#: ``chat:write.public``, with which an app may post where it is no member.
DEFAULT_SCOPES: Final = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "team:read",
        "usergroups:read",
        "users:read",
        "users:read.email",
    }
)


@dataclass(slots=True)
class Trigger:
    """The right to open one modal for one person."""

    user: str
    issued: float
    view_id: str | None = None
    channel: str | None = None
    used: bool = False
    opened: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ResponseUrl:
    """The right to answer an act: where it was, whose it was, and which message it was on."""

    user: str
    channel: str
    issued: float
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


class State:
    """The installation of one app in one workspace."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        bot_token: str,
        app_token: str,
        signing_secret: str,
        limiter: PostLimiter,
    ) -> None:
        self.workspace = workspace
        self.bot_token = bot_token
        self.app_token = app_token
        self.signing_secret = signing_secret
        self.limiter = limiter
        self.faults = Faults()
        self.faults.on_change = lambda: workspace.event_log.publish("faults")
        self.scopes: frozenset[str] = DEFAULT_SCOPES
        self.app_name = "Kudos"
        self.home_enabled = True
        self.messages_enabled = True
        self.messages_read_only = False
        self.commands: dict[str, Json] | None = None
        self.shortcuts: list[Json] = []
        self.events: frozenset[str] | None = None
        self.functions: dict[str, Json] = {}
        self.executions: dict[str, Execution] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.uploads: dict[str, StoredFile] = {}
        self.offered: dict[tuple[str, str, str], list[Json]] = {}
        self._url: str | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Return where the stand-in is reached, ``http://127.0.0.1:…``: set, or learned from the first request."""
        if self._url is None:
            raise RuntimeError("The stand-in's address is not known yet: set SlackSandbox.url to its server's")
        return self._url

    @url.setter
    def url(self, url: str) -> None:
        self._url = url.rstrip("/")

    def learn_url(self, host: str) -> None:
        """Take the address from a request's Host header, unless it is known."""
        if self._url is None:
            self._url = f"http://{host}"

    def install(self, manifest: Json) -> None:
        """Take over what an app manifest registers: commands, shortcuts, events, functions, scopes, the name, the tabs.

        A tab that the manifest does not turn on is off (Slack docs, App manifest reference, app_home).

        Raises:
            ValueError: Slack refuses the manifest.
        """
        faults = [*problems_of_shortcuts(manifest), *problems_of_functions(manifest)]
        if faults:
            raise ValueError("; ".join(faults))
        features = manifest.get("features", {})
        tabs = features.get("app_home", {})
        self.commands = {one["command"]: one for one in features.get("slash_commands", ())}
        self.shortcuts = list(features.get("shortcuts", ()))
        scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot")
        if scopes is not None:
            self.scopes = frozenset(scopes)
        subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
        self.events = frozenset(subscriptions.get("bot_events", ()))
        self.functions = dict(manifest.get("functions", {}))
        self.app_name = manifest.get("display_information", {}).get("name", self.app_name)
        self.home_enabled = tabs.get("home_tab_enabled", False)
        self.messages_enabled = tabs.get("messages_tab_enabled", False)
        self.messages_read_only = tabs.get("messages_tab_read_only_enabled", False)
        self.workspace.event_log.publish("manifest")

    def needs(self, *scopes: str) -> None:
        """Refuse a call whose token has none of these scopes."""
        if not self.scopes.intersection(scopes):
            raise ApiError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(self.scopes)))

    def execution_of(self, token: str | None) -> Execution | None:
        """Return the execution whose token this is; None where it is no execution's."""
        with self.workspace.lock:
            return next((one for one in self.executions.values() if one.token == token), None)

    def issue_trigger(self, user: str, *, view_id: str | None = None, channel: str | None = None) -> str:
        """Issue a trigger_id."""
        identifier = self.workspace.stamps.trigger_id()
        with self._lock:
            now = self.workspace.now()
            self.triggers[identifier] = Trigger(user, now, view_id=view_id, channel=channel)
            if len(self.triggers) > 1000:
                # Long expired ones are of no use to anybody: keep the newest half.
                for old in list(self.triggers)[:500]:
                    del self.triggers[old]
        return identifier

    def exchange(self, trigger_id: str) -> Trigger:
        """Use a trigger up (Slack docs, views.open: expired_trigger_id, exchanged_trigger_id, invalid_trigger_id)."""
        with self._lock:
            trigger = self.triggers.get(trigger_id)
            if trigger is None:
                raise ApiError("invalid_trigger_id")
            if trigger.used:
                raise ApiError("exchanged_trigger_id")
            if self.workspace.now() - trigger.issued > TRIGGER_SECONDS:
                raise ApiError("expired_trigger_id")
            trigger.used = True
            return trigger

    def issue_response_url(
        self, kind: str, user: str, channel: str, *, message_ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        """Issue a response_url for an act of this person in this channel."""
        token = ids.token()
        with self._lock:
            self.response_urls[token] = ResponseUrl(
                user, channel, self.workspace.now(), message_ts=message_ts, thread_ts=thread_ts
            )
        return f"{self.url}/{kind}/{people.TEAM_ID}/{int(self.workspace.now())}/{token}"

    def team(self) -> dict[str, Any]:
        """Return the workspace's own id, name and domain."""
        return {"id": people.TEAM_ID, "name": people.TEAM_NAME, "domain": people.TEAM_DOMAIN}
