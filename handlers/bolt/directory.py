"""People and their roles, as Slack knows them: profiles and user groups, remembered for a while.

A listener has three seconds and should not spend them on look-ups. So people are looked up when they are chosen in the
form, before it is submitted, and groups in the background; from then on the directory answers at once.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.policy import Person, Roles
from bot.errors import SlackUnavailable
from handlers.bolt.network import NO_ANSWER

logger = logging.getLogger(__name__)

#: The age up to which a profile is believed: a changed address or a departure counts within this time. `user_change`
#: events would need an event subscription for every profile in the workspace.
_PROFILE_FOR: Final = timedelta(minutes=10)

#: The number of profiles that are remembered: far more people than use the form at a time, and a few megabytes.
_MOST_PROFILES: Final = 5_000

#: Slackbot is a user without the flag of a bot.
_SLACKBOT: Final = "USLACKBOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleIds:
    """The ids that the settings name for each role: users, user groups, and `"*"` for senders."""

    senders: frozenset[str]
    approvers: frozenset[str]
    admins: frozenset[str]


class Directory:
    """People and groups of the workspace.

    Args:
        client: Slack's Web API.
        clock: the bot's.
        ids: of each role, from the settings.
        team_id: of this workspace; people of others are outsiders.
    """

    def __init__(self, *, client: WebClient, clock: Clock, ids: RoleIds, team_id: str) -> None:
        self._client = client
        self._clock = clock
        self._ids = ids
        self._team_id = team_id
        self._lock = threading.Lock()
        self._people: dict[str, tuple[Person, datetime]] = {}
        self._members: dict[str, frozenset[str]] = {}

    # --------------------------------------------------------------------------------------- people

    def person(self, user_id: str) -> Person:
        """Return the person, from Slack if not from memory.

        Raises:
            SlackUnavailable: Slack did not say.
        """
        known = self.known(user_id)
        if known is not None:
            return known
        person = self._ask(user_id)
        with self._lock:
            if len(self._people) >= _MOST_PROFILES:
                self._people.clear()
            self._people[user_id] = person, self._clock.now() + _PROFILE_FOR
        return person

    def known(self, user_id: str) -> Person | None:
        """Return the person from memory, if it has a profile that is still believed."""
        now = self._clock.now()
        with self._lock:
            known = self._people.get(user_id)
        return known[0] if known is not None and known[1] > now else None

    def remembered(self, user_id: str) -> Person | None:
        """Return the person as Slack last told of them, however long ago; None if it never did."""
        with self._lock:
            known = self._people.get(user_id)
        return known[0] if known is not None else None

    def people(self, user_ids: Iterable[str]) -> Sequence[Person]:
        """Return each of these people, from Slack if not from memory.

        Raises:
            SlackUnavailable: Slack did not say.
        """
        return [self.person(user_id) for user_id in user_ids]

    def _ask(self, user_id: str) -> Person:
        try:
            user = self._client.users_info(user=user_id)["user"]
        except SlackApiError as error:
            if error.response.get("error") in ("user_not_found", "user_not_visible"):
                # A person of another workspace, or an id that somebody made up.
                return Person(user_id=user_id, name=user_id, is_outsider=True)
            raise SlackUnavailable from error
        except NO_ANSWER as error:
            raise SlackUnavailable from error
        return _person(user, self._team_id)

    # ---------------------------------------------------------------------------------------- roles

    def roles(self) -> Roles:
        """Return the members of each role, with groups as Slack last told them."""
        return Roles(
            everyone_sends="*" in self._ids.senders,
            senders=self._resolved(self._ids.senders - {"*"}),
            approvers=self._resolved(self._ids.approvers),
            admins=self._resolved(self._ids.admins),
        )

    def admins(self) -> frozenset[str] | None:
        """Return the user ids of the admins; None until Slack has told the members of the groups that name them."""
        found = self._resolved(self._ids.admins)
        with self._lock:
            unknown = any(i.startswith("S") and i not in self._members for i in self._ids.admins)
        return None if unknown and not found else found

    def refresh_groups(self) -> None:
        """Ask Slack for the members of every group that the settings name.

        A group that cannot be asked for stays as it was: nobody gains a right by Slack being down, and an unknown
        group has no members.
        """
        for group in (i for i in self._ids.senders | self._ids.approvers | self._ids.admins if i.startswith("S")):
            try:
                members = self._client.usergroups_users_list(usergroup=group)["users"]
            except NO_ANSWER as error:
                logger.warning("The user group %s could not be looked up: %s", group, type(error).__name__)
                continue
            with self._lock:
                self._members[group] = frozenset(members)

    def refresh_admins(self) -> None:
        """Know the admins' profiles, because none of them has a reward mailed to an own address."""
        try:
            self.people(self.admins() or ())
        except SlackUnavailable:
            logger.warning("The admins' profiles could not be looked up")

    def _resolved(self, ids: frozenset[str]) -> frozenset[str]:
        with self._lock:
            groups = [self._members.get(i, frozenset()) for i in ids if i.startswith("S")]
        return frozenset(i for i in ids if not i.startswith("S")).union(*groups)


def _person(user: dict[str, Any], team_id: str) -> Person:
    """Return the person of a user object (Slack docs, users.info)."""
    profile = user.get("profile", {})
    name = profile.get("real_name") or user.get("real_name") or profile.get("display_name") or user.get("name", "")
    return Person(
        user_id=user["id"],
        name=name,
        first_name=profile.get("first_name") or "",
        last_name=profile.get("last_name") or "",
        email=profile.get("email") or None,
        zone=user.get("tz") or "UTC",
        is_bot=bool(user.get("is_bot")) or user["id"] == _SLACKBOT,
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_deactivated=bool(user.get("deleted")),
        is_outsider=bool(user.get("is_stranger")) or user.get("team_id", team_id) != team_id,
    )
