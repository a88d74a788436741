"""`kudos check` on Slack's side. Nothing is sent to anyone."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from socket import gaierror
from ssl import SSLError
from typing import Any, Final
from urllib.error import URLError

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.usecases.undelivered import MESSAGES_TAB_OFF
from handlers.bolt.builder import build_client
from handlers.bolt.network import NO_ANSWER, code_of, is_token_refused, reason_of
from handlers.bolt.profiles import Home, person_of
from handlers.manifest import FILE_SCOPES, SCOPES
from handlers.specimens import messages, modals, tabs
from handlers.views.home import build_home_opening

#: What each kind of trouble on the way to Slack means. A kind comes before the kinds that it is one of.
_TROUBLES: Final[Mapping[type[Exception], str]] = {
    gaierror: "the name of its host isn't found, so the network or DNS is down",
    ConnectionRefusedError: "nothing answers at its address",
    TimeoutError: "it didn't answer in time",
    SSLError: "its certificate isn't trusted on this machine",
    OSError: "the network is down, or the connection was cut",
    HTTPException: "the connection was cut",
    ValueError: "its answer isn't readable, so something else may answer in its place, such as a proxy",
}

#: Slack's codes for a token that is sound and can't do this: an app token without connections:write, for example.
_OTHER_TOKEN: Final = frozenset({"missing_scope", "not_allowed_token_type"})

#: What to do about direct messages that Slack answers with MESSAGES_TAB_OFF.
MESSAGES_TAB_REMEDY: Final = (
    "At https://api.slack.com/apps choose your app, then App Home. Turn on the Messages Tab and tick the box under it. "
    "Messages that wait go out within the hour, or when the bot starts again."
)


#: Slack's code for a Home tab that is off (Slack docs, views.publish).
_HOME_OFF: Final = "not_enabled"

#: What to do where the settings name no admin who could hear of trouble.
NO_ADMINS_REMEDY: Final = "Name one under roles.admins. Admins hear when rewards are on hold or need attention."

#: The version of a tab that Slack never makes.
_NOBODYS_HASH: Final = "0.kudos-check"

#: What nobody but the app's owner can see: only a token for the app's settings reads them (Slack docs,
#: apps.manifest.export), and such a token may change every app of its owner.
_UNSEEN_HINT: Final = (
    "Slack doesn't show me the app's shortcuts and events. In Slack, type / and look for Send a reward, and choose "
    "More actions on a message for Reward this. If one is missing, choose your app at https://api.slack.com/apps, then "
    "App Manifest, and paste `kudos manifest` there."
)

_HOME_TAB_REMEDY: Final = (
    "At https://api.slack.com/apps choose your app, then App Home, and turn on the Home Tab. "
    "Then choose Event Subscriptions, turn them on, and add app_home_opened under bot events."
)


#: Slack's codes for blocks that it would not show (Slack docs, blocks.validate).
_REFUSED_VIEW: Final = frozenset({"invalid_blocks", "invalid_message", "invalid_view"})

_VIEWS_REMEDY: Final = "Update Kudos. If this is the newest version, please report what Slack says."


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        subject: the thing that was checked.
        good: it will do.
        text: the state in which it was found.
        remedy: what to do about it; where it is good, empty, or what the reader alone can see.
        is_warning: the bot can run with it all the same.
    """

    subject: str
    good: bool
    text: str
    remedy: str = ""
    is_warning: bool = False


def check_slack(
    *,
    token: str,
    api_url: str,
    app_token: str | None,
    channel: str | None,
    approvers: frozenset[str],
    thanks_channel: str | None,
    alerts_channel: str | None,
    people: frozenset[str],
    admins: frozenset[str],
    files: bool = False,
) -> Iterator[Finding]:
    """Check token, scopes, Socket Mode, the approvals channel, and everyone whom the settings name.

    Args:
        token: the bot's.
        api_url: the base of Slack's Web API.
        app_token: for Socket Mode; None in http mode.
        channel: the id of the channel where cards go; None where they go to each approver.
        approvers: the user and user group ids under approvals.approvers.
        thanks_channel: the id of the channel for thanks in public; None where there is none.
        alerts_channel: the same of the channel for alerts.
        people: the user and user group ids in the settings.
        admins: those of them that are under roles.admins.
        files: whether people may upload files.
    """
    client = build_client(token=token, api_url=api_url)
    try:
        who = client.auth_test()
    except NO_ANSWER as error:
        yield _unanswered(error, "Slack token", "Copy the Bot User OAuth Token to SLACK_BOT_TOKEN again.")
        return
    yield Finding("Slack token", True, f"{who['user']} in {who['team']}")
    yield _scopes(str(who.headers.get("x-oauth-scopes", "")), files=files)
    if app_token is not None:
        yield _socket_mode(client, app_token)
    if channel is None:
        yield from check_copies(client, approvers, "approvals.approvers")
    else:
        yield check_channel(client, channel, "Approvals channel", "approvals.channel")
    if thanks_channel is not None:
        yield check_channel(client, thanks_channel, "Thanks channel", "thanks_channel")
    if alerts_channel is not None:
        yield check_channel(client, alerts_channel, "Alerts channel", "alerts.channel")
    yield from _direct_messages(client, people)
    yield from _home_tab(client, people)
    yield Finding("Shortcuts", True, "please look once yourself", _UNSEEN_HINT)
    yield _views(client)
    for identifier in sorted(people):
        finding = _group(client, identifier) if identifier.startswith("S") else _person(client, identifier)
        if finding is not None:
            yield finding
    if admins:
        home = Home(
            team_id=str(who["team_id"]),
            enterprise_id=who.get("enterprise_id"),
            is_org_wide=bool(who.get("is_enterprise_install")),
        )
        yield _admins(client, admins, home)


def _unanswered(error: Exception, subject: str, remedy: str) -> Finding:
    """Return the finding of a call that failed: the token's fault, or Slack's and the network's."""
    reason = reason_of(error)
    if is_token_refused(error) or reason in _OTHER_TOKEN:
        return Finding(subject, False, f"Slack doesn't accept it ({reason})", remedy)
    text = f"I can't reach Slack, so I couldn't check this: {_why(error)}"
    remedy = "Check this machine's network, its proxy and slack.api_url, then try again. The token may be right."
    return Finding(subject, False, text, remedy)


def _why(error: Exception) -> str:
    """Say why Slack gave no answer of its own, in words for each kind of trouble on the way."""
    cause = error.reason if isinstance(error, URLError) else error
    for kind, words in _TROUBLES.items():
        if isinstance(cause, kind):
            return words
    if isinstance(error, SlackApiError) and code_of(error) is None:
        status = error.response.status_code
        return _TROUBLES[ValueError] if status == HTTPStatus.OK else f"HTTP status {status}"
    return reason_of(error)


def _scopes(granted: str, *, files: bool) -> Finding:
    needed = {**SCOPES, **(FILE_SCOPES if files else {})}
    missing = [scope for scope in needed if scope not in [name.strip() for name in granted.split(",")]]
    if not missing:
        return Finding("Slack scopes", True, "all granted")
    why = "; ".join(f"{scope} ({needed[scope]})" for scope in missing)
    remedy = "Paste `kudos manifest` under App Manifest, then choose Install App and reinstall it."
    return Finding("Slack scopes", False, f"missing: {why}", remedy)


def _socket_mode(client: WebClient, app_token: str) -> Finding:
    try:
        client.apps_connections_open(app_token=app_token)
    except NO_ANSWER as error:
        remedy = "Make an app-level token with connections:write, and set it as SLACK_APP_TOKEN."
        return _unanswered(error, "Socket Mode", remedy)
    return Finding("Socket Mode", True, "Slack accepts the app token")


def check_channel(client: WebClient, channel: str, subject: str, setting: str) -> Finding:
    """Tell whether the bot is in the channel of a setting."""
    try:
        found = client.conversations_info(channel=channel)["channel"]
    except NO_ANSWER as error:
        text = f"I can't see {channel} ({_why(error)})"
        remedy = f"Check {setting}. If the channel is private, type there: /invite @Kudos."
        return Finding(subject, False, text, remedy)
    name = f"#{found.get('name', channel)}"
    if not found.get("is_member"):
        return Finding(subject, False, f"the bot isn't in {name}", "Type there: /invite @Kudos.")
    return Finding(subject, True, f"the bot is in {name}")


def check_copies(client: WebClient, approvers: frozenset[str], setting: str) -> Iterator[Finding]:
    """Tell which approvers of a setting can be sent a card, by a message without words, which Slack never posts."""
    found = list(dict.fromkeys(_readers(client, approvers)))
    reasons = {one: _refusal_of(client, one) for one in found}
    # The Messages tab has a finding of its own.
    refused = {one: reason for one, reason in reasons.items() if reason not in ("no_text", MESSAGES_TAB_OFF)}
    for one, reason in refused.items():
        text = f"{one} can't be sent cards ({reason})"
        yield Finding("Approvers", False, text, f"Take the id out of {setting}, or let Kudos write to them.")
    if not found:
        text = f"nobody under {setting} can be sent a card"
        yield Finding("Approvers", False, text, "Name a person, or a user group that has members.")
    elif not refused:
        yield Finding("Approvers", True, f"{len(found)} under {setting} can be sent cards")


def _refusal_of(client: WebClient, reader: str) -> str:
    """Return why Slack takes no message without words to this person: `no_text` where nothing else is wrong."""
    try:
        client.api_call("chat.postMessage", json={"channel": reader})
    except NO_ANSWER as error:
        return reason_of(error)
    return "no_text"


def _direct_messages(client: WebClient, people: frozenset[str]) -> Iterator[Finding]:
    """Tell whether direct messages go out, by a message without words, which Slack never posts."""
    for reader in _readers(client, people):
        reason = _refusal_of(client, reader)
        if reason == MESSAGES_TAB_OFF:
            yield Finding("Direct messages", False, "the app's Messages tab is off", MESSAGES_TAB_REMEDY)
            return
        if reason == "no_text":
            yield Finding("Direct messages", True, "the app's Messages tab is on")
            return


def _home_tab(client: WebClient, people: frozenset[str]) -> Iterator[Finding]:
    """Tell whether Home is on, by publishing the tab that waits for its opening over a version that nobody has.

    Who has a Home keeps it: Slack answers `hash_conflict` (Slack docs, views.publish). Whether the event of its opening
    is subscribed to can't be asked.
    """
    for reader in _readers(client, people):
        try:
            client.views_publish(user_id=reader, view=build_home_opening(), hash=_NOBODYS_HASH)
        except NO_ANSWER as error:
            reason = reason_of(error)
            if reason == _HOME_OFF:
                yield Finding("Home tab", False, "the app's Home tab is off", _HOME_TAB_REMEDY, is_warning=True)
                return
            if reason != "hash_conflict":
                continue
        yield Finding("Home tab", True, "the app's Home tab is on")
        return


def _views(client: WebClient) -> Finding:
    """Have Slack validate each modal, Home, the card and the receipt at their longest, without posting them.

    Slack takes a form, and tells each fault with its place (Slack docs, blocks.validate).
    """
    views = [(name, {"view": json.dumps(view)}) for name, view in (*modals(), *tabs())]
    views += [
        (name, {"message": json.dumps({"text": message.text, "blocks": list(message.blocks)})})
        for name, message in messages()
    ]
    for done, (name, payload) in enumerate(views):
        try:
            client.api_call("blocks.validate", data=payload)
        except NO_ANSWER as error:
            if reason_of(error) in _REFUSED_VIEW:
                text = f"Slack refuses {name}{_first_fault(error)}"
                return Finding("Messages and forms", False, text, _VIEWS_REMEDY, is_warning=True)
            text = f"I could only check {done} of {len(views)}: {_why(error)}"
            return Finding("Messages and forms", False, text, "Try again in a minute.", is_warning=True)
    return Finding("Messages and forms", True, f"Slack accepts all {len(views)}")


def _first_fault(error: Exception) -> str:
    """Return Slack's words about the first fault, and its place."""
    errors: Any = error.response.get("errors") if isinstance(error, SlackApiError) else None
    if not isinstance(errors, list) or not errors or not isinstance(errors[0], dict):
        return ""
    return f": {errors[0].get('message', '')} ({errors[0].get('pointer', '')})"


def _readers(client: WebClient, people: frozenset[str]) -> Iterator[str]:
    """Yield the people whom the settings name, then the members of the groups."""
    groups = [identifier for identifier in sorted(people) if identifier.startswith("S")]
    yield from sorted(people.difference(groups))
    for group in groups:
        with suppress(*NO_ANSWER):  # a finding of its own says so
            yield from client.usergroups_users_list(usergroup=group)["users"]


def _group(client: WebClient, group: str) -> Finding:
    try:
        members = client.usergroups_users_list(usergroup=group)["users"]
    except NO_ANSWER as error:
        text = f"I can't look up {group} ({_why(error)})"
        return Finding("User group", False, text, "Check the id under approvals, roles and budgets.")
    if not members:
        return Finding("User group", False, f"{group} has no members", "Add members, or name another group.")
    text = f"{group} has 1 member" if len(members) == 1 else f"{group} has {len(members)} members"
    return Finding("User group", True, text)


def _admins(client: WebClient, admins: frozenset[str], home: Home) -> Finding:
    """Tell whether somebody hears that orders are on hold or need a person: active full members, as for rights."""
    found: set[str] = set()
    try:
        for identifier in admins:
            is_group = identifier.startswith("S")
            found |= set(client.usergroups_users_list(usergroup=identifier)["users"]) if is_group else {identifier}
        hear = [one for one in sorted(found) if person_of(client.users_info(user=one)["user"], home).is_colleague]
    except NO_ANSWER as error:
        return Finding("Admins", False, f"I can't look them up ({_why(error)})", "Check the ids under roles.admins.")
    if not hear:
        text = "no one under roles.admins is an active full member"
        return Finding("Admins", False, text, NO_ADMINS_REMEDY)
    return Finding("Admins", True, f"{len(hear)} will hear when rewards are on hold")


def _person(client: WebClient, user_id: str) -> Finding | None:
    try:
        user = client.users_info(user=user_id)["user"]
    except NO_ANSWER as error:
        text = f"I can't look up {user_id} ({_why(error)})"
        return Finding("Person", False, text, "Check the id under approvals, roles and budgets.")
    if user.get("deleted"):
        return Finding("Person", False, f"{user_id} is deactivated", "Remove the id from approvals, roles and budgets.")
    return None
