"""Accounts and user groups, and the stable ids of everybody and everything in the workspace.

Every id that tests and the demo rely on is here, and only here.
"""

import time
from dataclasses import dataclass, field
from typing import Any, Final

TEAM_ID: Final = "T00ACME00"
TEAM_NAME: Final = "Acme"
TEAM_DOMAIN: Final = "acme"
OTHER_TEAM_ID: Final = "T00GLOBEX"
ENTERPRISE_NAME: Final = "Acme Group"  # of the Grid organization, where a test puts the workspace into one

APP_ID: Final = "A00KUDOS0"
BOT_USER: Final = "U00KUDOS0"
BOT_ID: Final = "B00KUDOS0"

MAYA: Final = "U00MAYA00"  # a manager: sends rewards
PRIYA: Final = "U00PRIYA0"  # a second sender
ALEX: Final = "U00ALEX00"  # approver
SAM: Final = "U00SAM000"  # approver
ADA: Final = "U00ADA000"  # admin
FIONA: Final = "U00FIONA0"  # finance: reads reports
ROB: Final = "U00ROB000"  # recipients …
KIM: Final = "U00KIM000"
LI: Final = "U00LI0000"
ANA: Final = "U00ANA000"  # display name "Ana/Bo", real name with < and >
NOEMAIL: Final = "U0NOEMAIL"  # has no email address in the profile
DORA: Final = "U00DORA00"  # deactivated
GUS: Final = "U00GUS000"  # multi-channel guest
GINA: Final = "U00GINA00"  # single-channel guest
OTHER_BOT: Final = "U00LUNCH0"  # another app's bot user …
OTHER_BOT_ID: Final = "B00LUNCH0"  # … and the id under which its messages come
OLGA: Final = "U00OLGA00"  # of another company, seen through a shared channel

GENERAL: Final = "C00GENERAL"
APPROVALS: Final = "C00APPROVALS"
TEAM_BLUE: Final = "C00TEAMBLUE"
RANDOM: Final = "C00RANDOM0"  # the bot is not a member

APPROVERS_GROUP: Final = "S00APPROVERS"


@dataclass(slots=True)
class User:
    """One account. ``handle`` is the name people type after ``@``; offsets are in seconds east of UTC.

    On Enterprise Grid ``team_id`` is one of the person's workspaces or the organization, and ``grid_teams`` are all.
    """

    id: str
    handle: str
    real_name: str
    display_name: str = ""
    title: str = ""
    email: str | None = None
    tz: str = "Europe/London"
    tz_label: str = "Greenwich Mean Time"
    tz_offset: int = 0
    locale: str = "en-GB"
    color: str = "4bbe2e"
    team_id: str = TEAM_ID
    is_bot: bool = False
    is_admin: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    grid_teams: tuple[str, ...] = ()
    enterprise_id: str | None = None
    bot_id: str | None = None
    updated: int = field(default_factory=lambda: int(time.time()))

    def profile(self, *, with_email: bool = True) -> dict[str, Any]:
        """Return the ``profile`` object; the address is in it only for apps with ``users:read.email``."""
        first, _, last = self.real_name.partition(" ")
        found: dict[str, Any] = {
            "title": self.title,
            "phone": "",
            "skype": "",
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "status_text": "",
            "status_emoji": "",
            "avatar_hash": "g" + self.color,
            "first_name": first,
            "last_name": last,
            "team": self.team_id,
        }
        if with_email and self.email is not None:
            found["email"] = self.email
        if self.is_bot:
            found |= {"api_app_id": APP_ID if self.id == BOT_USER else "A00LUNCH0", "bot_id": self.bot_id}
        return found

    def to_slack(self, *, with_email: bool = True, with_locale: bool = False) -> dict[str, Any]:
        """Return the user object of ``users.info``. Deactivated accounts have fewer fields, as in Slack."""
        common = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.handle,
            "deleted": self.deleted,
            "profile": self.profile(with_email=with_email),
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": self.updated,
        }
        if self.deleted:
            return common
        full = common | {
            "color": self.color,
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": self.tz_label,
            "tz_offset": self.tz_offset,
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_email_confirmed": self.email is not None,
            "who_can_share_contact_card": "EVERYONE",
        }
        if self.is_stranger:
            full["is_stranger"] = True
        if self.grid_teams or self.enterprise_id:
            full["enterprise_user"] = {
                "id": self.id,
                "enterprise_id": self.enterprise_id or "",
                "enterprise_name": ENTERPRISE_NAME,
                "is_admin": False,
                "is_owner": False,
                "is_primary_owner": False,
                "teams": list(self.grid_teams),
            }
        if with_locale:
            full["locale"] = self.locale
        return full

    def to_page(self) -> dict[str, Any]:
        """Return what the control API says of a person."""
        words = (self.display_name or self.real_name).split()
        return {
            "id": self.id,
            "name": self.handle,
            "real_name": self.real_name,
            "display_name": self.display_name,
            "title": self.title,
            "email": self.email,
            "tz": self.tz,
            "locale": self.locale,
            "color": self.color,
            "initials": "".join(word[0] for word in words[:2]).upper(),
            "is_bot": self.is_bot,
            "is_admin": self.is_admin,
            "deleted": self.deleted,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_stranger": self.is_stranger,
            "can_act": not (self.is_bot or self.deleted),
        }


@dataclass(slots=True)
class UserGroup:
    """A user group: people write ``@handle``, messages carry ``<!subteam^id>``. ``gone``: Slack's error for it."""

    id: str
    handle: str
    name: str
    users: list[str]
    gone: str = ""

    def to_slack(self, *, include_users: bool) -> dict[str, Any]:
        """Return the object of ``usergroups.list``."""
        found: dict[str, Any] = {
            "id": self.id,
            "team_id": TEAM_ID,
            "is_usergroup": True,
            "name": self.name,
            "handle": self.handle,
            "description": "",
            "is_external": False,
            "date_delete": 0,
            "user_count": len(self.users),
        }
        if include_users:
            found["users"] = list(self.users)
        return found
