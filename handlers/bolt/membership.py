"""Who has which role: the ids of the settings, with user groups and profiles as Slack tells them.

Rights are checked at a click without a call to Slack. So groups, and the profiles of approvers and admins, are asked
for in the background, and believed for a while.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.approval import is_group
from bot.domain.policy import Person, Roles
from bot.errors import SlackUnavailable, StorageError
from handlers.bolt.network import NO_ANSWER, reason_of

logger = logging.getLogger(__name__)

Told = TypeVar("Told")

#: The age up to which membership and profiles count for deciding: Slack is seldom down for longer, and who was taken
#: out of a group must not go on deciding because Slack can't be asked.
_BELIEVED_FOR: Final = timedelta(minutes=10)

#: The age at which a profile is asked for again: twice within the time for which it is believed, and few calls for a
#: large group.
_ASKED_AFTER: Final = timedelta(minutes=4)

#: Slack's answers that mean that a group has no members any more (Slack docs, usergroups.users.list): it was disabled
#: or deleted, the plan has no user groups, or the bot may not look at them.
_GONE: Final = frozenset({"no_such_subteam", "plan_upgrade_required", "missing_scope"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleIds:
    """The ids that the settings name for each role: users, user groups, and `"*"` for senders.

    Attributes:
        senders: who may make requests.
        approvers: who may decide about requests that keep no route.
        admins: who may put things right.
        finance: who may see what everyone gave.
        routed: who may decide on any route of the policy.
        others: whom the settings name beside roles, such as the senders of budgets: of these only groups matter.
    """

    senders: frozenset[str]
    approvers: frozenset[str]
    admins: frozenset[str]
    finance: frozenset[str] = frozenset()
    routed: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    @property
    def deciders(self) -> frozenset[str]:
        """Return the ids of approvers, admins and finance: their profiles count too."""
        return self.approvers | self.admins | self.finance | self.routed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holders:
    """The people whom the settings name for a role, by what Slack has told of them."""

    trusted: frozenset[str]
    barred: frozenset[str]
    unconfirmed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What Slack has told, and when, in seconds of the clock that nobody sets.

    Attributes:
        groups: the members of each user group; none of one that is gone.
        gone: the groups that Slack says are gone.
        profiles: of people who are named for a role.
        since: what was told before is too old to decide by.
    """

    groups: Mapping[str, tuple[frozenset[str], float]]
    gone: frozenset[str]
    profiles: Mapping[str, tuple[Person, float]]
    since: float

    def named(self, ids: frozenset[str]) -> frozenset[str]:
        """Return the users of these ids, with the members of groups as last told."""
        return self._named(ids, float("-inf"))

    def holders(self, ids: frozenset[str]) -> _Holders:
        """Tell apart the people whom these ids name."""
        named, confirmed = self.named(ids), self._named(ids, self.since)
        told = {user_id: self.profiles[user_id] for user_id in named if user_id in self.profiles}
        colleagues = {user_id: person.is_colleague for user_id, (person, at) in told.items() if at >= self.since}
        trusted = frozenset(user_id for user_id, is_one in colleagues.items() if is_one) & confirmed
        barred = frozenset(user_id for user_id, is_one in colleagues.items() if not is_one)
        return _Holders(trusted=trusted, barred=barred, unconfirmed=named - trusted - barred)

    def last_told_no_colleagues(self) -> frozenset[str]:
        """Return those who were no colleagues when Slack last told of them, however long ago."""
        return frozenset(user_id for user_id, (person, _) in self.profiles.items() if not person.is_colleague)

    def is_incomplete(self, ids: frozenset[str]) -> bool:
        """Tell whether the members of a group are not known, or not lately."""
        return any(group not in self.groups or self.groups[group][1] < self.since for group in filter(is_group, ids))

    def is_unsure(self, ids: frozenset[str]) -> bool:
        """Tell whether somebody whom these ids name is not confirmed, or may not be known."""
        return self.is_incomplete(ids) or bool(self.holders(ids).unconfirmed)

    def outdated(self) -> frozenset[str]:
        """Return the groups of which Slack has not told lately."""
        return frozenset(group for group, (_, at) in self.groups.items() if at < self.since)

    def until(self) -> float:
        """Return until when none is too old that is not so yet."""
        times = [at for _, at in (*self.groups.values(), *self.profiles.values()) if at >= self.since]
        return min(times, default=float("inf")) + _BELIEVED_FOR.total_seconds()

    def _named(self, ids: frozenset[str], since: float) -> frozenset[str]:
        members = [people for group, (people, at) in self.groups.items() if group in ids and at >= since]
        return frozenset(i for i in ids if not is_group(i)).union(*members)


class Membership:
    """The people of each role.

    Args:
        client: Slack's Web API.
        clock: the bot's. Ages are taken from the clock that nobody sets.
        ids: of each role, from the settings.
        ask: asks Slack for a person; raises SlackUnavailable.
        kept: return the approvers' ids that waiting requests keep, which the settings may not name any more.
    """

    def __init__(
        self,
        *,
        client: WebClient,
        clock: Clock,
        ids: RoleIds,
        ask: Callable[[str], Person],
        kept: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._client = client
        self._clock = clock
        self._ids = ids
        self._ask = ask
        self._ask_kept = kept
        self._kept: frozenset[str] = frozenset()
        self._lock = threading.RLock()
        self._groups: dict[str, tuple[frozenset[str], float]] = {}
        self._gone: frozenset[str] = frozenset()
        self._profiles: dict[str, tuple[Person, float]] = {}
        self._roles: tuple[Roles, float] | None = None  # and until when nothing of what they are made of is too old

    def roles(self) -> Roles:
        """Return the members of each role. Approvers and admins are colleagues whom Slack has confirmed lately."""
        with self._lock:
            if self._roles is None or self._clock.monotonic() > self._roles[1]:
                known = self._known()
                self._roles = self._roles_of(known), known.until()
            return self._roles[0]

    def _roles_of(self, known: _Known) -> Roles:
        routed = self._ids.routed | self._kept
        approvers, admins = known.holders(self._ids.approvers), known.holders(self._ids.admins)
        others, finance = known.holders(routed), known.holders(self._ids.finance)
        return Roles(
            everyone_sends="*" in self._ids.senders,
            senders=known.named(self._ids.senders - {"*"}),
            approvers=approvers.trusted,
            named={name: known.holders(frozenset([name])).trusted for name in routed},
            admins=admins.trusted,
            finance=finance.trusted,
            barred=approvers.barred | admins.barred | others.barred | finance.barred,
            unconfirmed=approvers.unconfirmed | admins.unconfirmed | others.unconfirmed | finance.unconfirmed,
            is_incomplete=known.is_incomplete(self._ids.deciders | routed),
            addresses={user_id: person.email or "" for user_id, (person, _) in known.profiles.items()},
            groups={group: members for group, (members, _) in known.groups.items() if group not in known.gone},
            outdated=known.outdated(),
            unsure=frozenset(name for name in routed if known.is_unsure(frozenset([name]))),
            is_unsure=known.is_unsure(self._ids.approvers),
        )

    def admins(self) -> frozenset[str] | None:
        """Return the user ids of the admins for notices; None until Slack has told the members of their groups.

        Who was an admin when Slack was last asked still gets notices: nobody else would.
        """
        found, is_whole = self._told(self._ids.admins)
        return found if is_whole or found else None

    def approvers(self, ids: frozenset[str]) -> frozenset[str] | None:
        """Return whom these approvers' ids name, for cards; None until Slack has told the members of all the groups.

        A card is handed out once, so that whom a group adds later gets none. Rights are checked at the click.
        """
        found, is_whole = self._told(ids)
        return found if is_whole else None

    def _told(self, ids: frozenset[str]) -> tuple[frozenset[str], bool]:
        """Return whom these ids name, barring who is no colleague, and whether every group has been told of."""
        known = self._known()
        holders = known.holders(ids)
        gone = known.last_told_no_colleagues()  # of whom Slack has said so, however long ago
        found = holders.trusted | (holders.unconfirmed - gone)
        return found, all(i in known.groups for i in filter(is_group, ids))

    def refresh(self) -> None:
        """Ask Slack for every group, and for the profiles of approvers and admins.

        What Slack does not say stays as it was. Nobody gains a right by Slack being down, and after a while nobody
        keeps one.
        """
        self._look_up_kept()
        deciders = self._ids.deciders | self._kept
        for group in filter(is_group, deciders | self._ids.senders | self._ids.others):
            try:
                members = self._members_of(group)
            except SlackUnavailable:
                continue
            self._remember_group(group, members)
        known = self._known(_ASKED_AFTER)
        for user_id in known.named(deciders):
            if user_id in known.profiles and known.profiles[user_id][1] >= known.since:
                continue
            try:
                self._remember(self._profiles, user_id, self._ask(user_id))
            except SlackUnavailable:
                logger.warning("The profile of %s could not be looked up", user_id)

    def _look_up_kept(self) -> None:
        """Learn whom waiting requests name; what the database does not say now stays as it was."""
        with suppress(StorageError):
            kept = self._ask_kept()
            with self._lock:
                self._kept, self._roles = kept, None

    def _members_of(self, group: str) -> frozenset[str] | None:
        """Ask for a group's members; None where Slack says that the group is gone.

        Raises:
            SlackUnavailable: Slack says nothing.
        """
        try:
            return frozenset(self._client.usergroups_users_list(usergroup=group)["users"])
        except SlackApiError as error:
            reason = reason_of(error)
            if reason in _GONE:
                logger.warning("The user group %s is gone, and gives no rights any more: %s", group, reason)
                return None
            logger.warning("The user group %s could not be looked up: %s", group, reason)
            raise SlackUnavailable from error
        except NO_ANSWER as error:
            logger.warning("The user group %s could not be looked up: %s", group, type(error).__name__)
            raise SlackUnavailable from error

    def _remember_group(self, group: str, members: frozenset[str] | None) -> None:
        with self._lock:
            self._gone = self._gone | {group} if members is None else self._gone - {group}
            self._remember(self._groups, group, members or frozenset())

    def _remember(self, kept: dict[str, tuple[Told, float]], name: str, told: Told) -> None:
        with self._lock:
            kept[name] = told, self._clock.monotonic()
            self._roles = None

    def _known(self, age: timedelta = _BELIEVED_FOR) -> _Known:
        """Return what Slack has told by now; what is older than `age` is too old."""
        with self._lock:
            groups, gone, profiles = dict(self._groups), self._gone, dict(self._profiles)
        return _Known(groups=groups, gone=gone, profiles=profiles, since=self._clock.monotonic() - age.total_seconds())
