"""Access: who has which role, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.approval import is_group
from bot.domain.policy import Roles

#: In the place of a person: every full member of the workspace. No Slack id looks like it.
EVERY_MEMBER: Final = "*"


class RoleName(StrEnum):
    """A role that the settings give."""

    SENDER = "sender"
    APPROVER = "approver"
    ADMIN = "admin"
    FINANCE = "finance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role that a person has, or had.

    Attributes:
        role: which.
        user_id: the Slack id, or EVERY_MEMBER.
        since: when Kudos first saw it, UTC.
        until: when Kudos first saw it gone, UTC; None while the person has it.
    """

    role: RoleName
    user_id: str
    since: datetime
    until: datetime | None = None


def holders(roles: Roles, senders: frozenset[str]) -> Mapping[RoleName, frozenset[str]]:
    """Return who has each role now; no role of which Slack has not told lately who has it.

    Args:
        roles: as Slack has told them.
        senders: the ids that the settings name as senders.
    """
    found: dict[RoleName, frozenset[str]] = {}
    if all(one in roles.groups_lately for one in senders if is_group(one)):
        found[RoleName.SENDER] = roles.senders | (frozenset({EVERY_MEMBER}) if roles.everyone_sends else frozenset())
    if not roles.is_incomplete and not roles.unconfirmed:
        found[RoleName.APPROVER] = roles.all_approvers
        found[RoleName.ADMIN] = roles.admins
        found[RoleName.FINANCE] = roles.finance
    return found
