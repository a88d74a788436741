"""Who is an approver, an admin or a sender: the ids of the settings, with groups and profiles as Slack tells them.

Rights are checked at a click without a call to Slack. So groups, and the profiles of approvers and admins, are asked
for in the background, and believed for a while.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.policy import Person, Roles
from bot.errors import SlackUnavailable
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
    """The ids that the settings name for each role: users, user groups, and `"*"` for senders."""

    senders: frozenset[str]
    approvers: frozenset[str]
    admins: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holders:
    """The people whom the settings name for a role, by what Slack has told of them."""

    trusted: frozenset[str]
    barred: frozenset[str]
    unconfirmed: frozenset[str]


class Membership:
    """The people of each role.

    Args:
        client: Slack's Web API.
        clock: the bot's. Ages are taken from the clock that nobody sets.
        ids: of each role, from the settings.
        ask: asks Slack for a person; raises SlackUnavailable.
    """

    def __init__(self, *, client: WebClient, clock: Clock, ids: RoleIds, ask: Callable[[str], Person]) -> None:
        self._client = client
        self._clock = clock
        self._ids = ids
        self._ask = ask
        self._lock = threading.Lock()
        self._groups: dict[str, tuple[frozenset[str], float]] = {}
        self._profiles: dict[str, tuple[Person, float]] = {}

    def roles(self) -> Roles:
        """Return the members of each role. Approvers and admins are colleagues whom Slack has confirmed lately."""
        approvers, admins = self._holders(self._ids.approvers), self._holders(self._ids.admins)
        with self._lock:
            addresses = {user_id: person.email or "" for user_id, (person, _) in self._profiles.items()}
        return Roles(
            everyone_sends="*" in self._ids.senders,
            senders=self._named(self._ids.senders - {"*"}),
            approvers=approvers.trusted,
            admins=admins.trusted,
            barred=approvers.barred | admins.barred,
            unconfirmed=approvers.unconfirmed | admins.unconfirmed,
            is_incomplete=any(self._lately(self._groups, group) is None for group in self._groups_that_decide()),
            addresses=addresses,
        )

    def admins(self) -> frozenset[str] | None:
        """Return the user ids of the admins for notices; None until Slack has told the members of their groups.

        Who was an admin when Slack was last asked still gets notices: nobody else would.
        """
        holders = self._holders(self._ids.admins)
        found = holders.trusted | holders.unconfirmed
        with self._lock:
            unknown = any(_is_group(i) and i not in self._groups for i in self._ids.admins)
        return None if unknown and not found else found

    def refresh(self) -> None:
        """Ask Slack for every group, and for the profiles of approvers and admins.

        What Slack does not say stays as it was. Nobody gains a right by Slack being down, and after a while nobody
        keeps one.
        """
        for group in filter(_is_group, self._ids.senders | self._ids.approvers | self._ids.admins):
            members = self._members_of(group)
            if members is not None:
                self._remember(self._groups, group, members)
        for user_id in self._named(self._ids.approvers | self._ids.admins):
            if self._lately(self._profiles, user_id, _ASKED_AFTER) is not None:
                continue
            try:
                self._remember(self._profiles, user_id, self._ask(user_id))
            except SlackUnavailable:
                logger.warning("The profile of %s could not be looked up", user_id)

    def _members_of(self, group: str) -> frozenset[str] | None:
        """Ask for a group's members; none where Slack says that the group is gone, None where it says nothing."""
        try:
            return frozenset(self._client.usergroups_users_list(usergroup=group)["users"])
        except SlackApiError as error:
            reason = reason_of(error)
            if reason in _GONE:
                logger.warning("The user group %s gives no rights any more: %s", group, reason)
                return frozenset()
            logger.warning("The user group %s could not be looked up: %s", group, reason)
        except NO_ANSWER as error:
            logger.warning("The user group %s could not be looked up: %s", group, type(error).__name__)
        return None

    def _remember(self, kept: dict[str, tuple[Told, float]], name: str, told: Told) -> None:
        with self._lock:
            kept[name] = told, self._clock.monotonic()

    def _lately(
        self, kept: Mapping[str, tuple[Told, float]], name: str, within: timedelta = _BELIEVED_FOR
    ) -> Told | None:
        """Return what Slack told of it, if that is not older than `within`."""
        with self._lock:
            told = kept.get(name)
        if told is None or self._clock.monotonic() - told[1] > within.total_seconds():
            return None
        return told[0]

    def _groups_that_decide(self) -> list[str]:
        return [i for i in self._ids.approvers | self._ids.admins if _is_group(i)]

    def _named(self, ids: frozenset[str], *, lately: bool = False) -> frozenset[str]:
        """Return the users of these ids, with the members of groups as last told; `lately`: of no older groups."""
        with self._lock:
            groups = {group: members for group, (members, _) in self._groups.items() if group in ids}
        known = [
            members for group, members in groups.items() if not lately or self._lately(self._groups, group) is not None
        ]
        return frozenset(i for i in ids if not _is_group(i)).union(*known)

    def _holders(self, ids: frozenset[str]) -> _Holders:
        named, confirmed = self._named(ids), self._named(ids, lately=True)
        profiles = {user_id: self._lately(self._profiles, user_id) for user_id in named}
        barred = frozenset(user_id for user_id, person in profiles.items() if person and not person.is_colleague)
        trusted = frozenset(user_id for user_id in confirmed if profiles[user_id]) - barred
        return _Holders(trusted=trusted, barred=barred, unconfirmed=named - trusted - barred)


def _is_group(name: str) -> bool:
    return name.startswith("S")
