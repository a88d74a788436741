"""People and their roles, as Slack knows them: profiles and user groups, remembered for a while.

A listener has three seconds and should not spend them on look-ups. So people are looked up when they are chosen in the
form, before it is submitted, and groups in the background; from then on the directory answers at once.
"""

import logging
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
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

#: Seconds in which all the people of a form are looked up: of the three that an ack may take, the rest is for checking
#: and storing it. Whoever is found later is remembered for the next submit.
_LOOK_UP_WITHIN: Final = 2.0

#: Look-ups side by side: thirty people are two rounds.
_LOOK_UP_THREADS: Final = 16

#: Members on one page of `users.list`, as Slack recommends, and the pages that are read: a name is looked for among
#: 5,000 people, with as many calls as Slack takes in a minute.
_PAGE: Final = 200
_MOST_PAGES: Final = 25

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
        team_id: returns the workspace's; people of others are outsiders.
    """

    def __init__(self, *, client: WebClient, clock: Clock, ids: RoleIds, team_id: Callable[[], str]) -> None:
        self._client = client
        self._clock = clock
        self._ids = ids
        self._team_id = team_id
        self._lock = threading.Lock()
        self._people: dict[str, tuple[Person, datetime]] = {}
        self._members: dict[str, frozenset[str]] = {}
        self._lookups = ThreadPoolExecutor(_LOOK_UP_THREADS, thread_name_prefix="look-up")

    def close(self) -> None:
        """Start no more look-ups."""
        self._lookups.shutdown(wait=False, cancel_futures=True)

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

    def remembered_name(self, user_id: str) -> str | None:
        """Return the person's name from memory, however old; None where there is none."""
        with self._lock:
            known = self._people.get(user_id)
        return known[0].name if known is not None else None

    def find(self, name: str) -> Sequence[Person]:
        """Return the members who have this name: the whole, the first, the shown one, or the handle.

        Raises:
            SlackUnavailable: Slack did not say.
        """
        wanted = _folded(name)
        return [person for person, names in self._everyone() if wanted in names]

    def members(self, group_id: str) -> Sequence[str]:
        """Return the user ids of a user group's members.

        Raises:
            SlackUnavailable: Slack did not say.
        """
        try:
            return [str(member) for member in self._client.usergroups_users_list(usergroup=group_id)["users"]]
        except NO_ANSWER as error:
            raise SlackUnavailable from error

    def _everyone(self) -> Iterator[tuple[Person, frozenset[str]]]:
        """Yield everyone who may be given a reward, each with the names they go by."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            try:
                page = self._client.users_list(limit=_PAGE, cursor=cursor)
            except NO_ANSWER as error:
                raise SlackUnavailable from error
            for user in page["members"]:
                person = _person(user, self._team_id())
                if not (person.is_bot or person.is_guest or person.is_deactivated or person.is_outsider):
                    yield person, _names_of(user, person)
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def people(self, user_ids: Iterable[str]) -> Sequence[Person]:
        """Return each of these people, from memory, else from Slack: side by side, within the time of an ack.

        Raises:
            SlackUnavailable: Slack did not say, or not in time.
        """
        ids = list(user_ids)
        known = {user_id: self.known(user_id) for user_id in ids}
        asked = {user_id: self._lookups.submit(self.person, user_id) for user_id, one in known.items() if one is None}
        if wait(asked.values(), timeout=_LOOK_UP_WITHIN).not_done:
            raise SlackUnavailable
        return [known[user_id] or asked[user_id].result() for user_id in ids]

    def _ask(self, user_id: str) -> Person:
        try:
            user = self._client.users_info(user=user_id, include_locale=True)["user"]
        except SlackApiError as error:
            if error.response.get("error") in ("user_not_found", "user_not_visible"):
                # A person of another workspace, or an id that somebody made up.
                return Person(user_id=user_id, name=user_id, is_outsider=True)
            raise SlackUnavailable from error
        except NO_ANSWER as error:
            raise SlackUnavailable from error
        return _person(user, self._team_id())

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


def _names_of(user: dict[str, Any], person: Person) -> frozenset[str]:
    shown = user.get("profile", {}).get("display_name") or ""
    return frozenset(map(_folded, (person.name, person.first_name, shown, user.get("name") or ""))) - {""}


def _folded(name: str) -> str:
    """Return a name without accents, in small letters, with one space between words."""
    letters = unicodedata.normalize("NFKD", name)
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).casefold().split())


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
        locale=user.get("locale") or "",
        is_bot=bool(user.get("is_bot")) or user["id"] == _SLACKBOT,
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_deactivated=bool(user.get("deleted")),
        is_outsider=bool(user.get("is_stranger")) or user.get("team_id", team_id) != team_id,
    )
