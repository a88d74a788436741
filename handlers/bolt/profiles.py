"""A person of a user object, as `users.info` and `users.list` give it (Slack docs, the user object)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.policy import Person

#: Slackbot is a user without the flag of a bot.
_SLACKBOT: Final = "USLACKBOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The place where the bot is installed, as `auth.test` said at the start.

    Attributes:
        team_id: of the workspace.
        enterprise_id: of the Enterprise Grid organization, where the workspace belongs to one.
        is_org_wide: the bot is installed for the whole organization.
    """

    team_id: str
    enterprise_id: str | None = None
    is_org_wide: bool = False


def person_of(user: Mapping[str, Any], home: Home) -> Person:
    """Return the person of a user object, as seen from where the bot is installed."""
    profile = user.get("profile", {})
    name = profile.get("real_name") or user.get("real_name") or profile.get("display_name") or user.get("name", "")
    return Person(
        user_id=user["id"],
        name=name,
        first_name=profile.get("first_name") or "",
        last_name=profile.get("last_name") or "",
        email=profile.get("email") or None,
        handle=user.get("name") or "",
        title=profile.get("title") or "",
        zone=user.get("tz") or "UTC",
        locale=user.get("locale") or "",
        is_bot=bool(user.get("is_bot")) or user["id"] == _SLACKBOT,
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_deactivated=bool(user.get("deleted")),
        is_outsider=not _is_of(user, home),
    )


def _is_of(user: Mapping[str, Any], home: Home) -> bool:
    """Tell whether the account belongs to the workspace, or to the organization of an org-wide install.

    On Enterprise Grid `team_id` may name another of the person's workspaces or the organization, and `is_stranger` is
    said of colleagues from other workspaces. `enterprise_user.teams` has all workspaces of the person.
    """
    grid = user.get("enterprise_user") or {}
    if home.team_id in (grid.get("teams") or ()):
        return True
    if home.is_org_wide and home.enterprise_id and grid.get("enterprise_id") == home.enterprise_id:
        return True
    if grid.get("teams"):
        return False
    return not user.get("is_stranger") and user.get("team_id", home.team_id) == home.team_id
