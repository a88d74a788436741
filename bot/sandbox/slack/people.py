"""Who is in the workspace: the team, its people, channels and the user group, with their stable ids.

Every id that tests and the demo rely on is here, and only here. Profiles have the shape and the habits of real ones:
names with ``<``, ``>`` and ``/``, a person without an e-mail address, guests, a deactivated account, another bot and
somebody of another company.
"""

import time
from dataclasses import dataclass, field
from typing import Any

TEAM_ID = "T00ACME00"
TEAM_NAME = "Acme"
TEAM_DOMAIN = "acme"
OTHER_TEAM_ID = "T00GLOBEX"

APP_ID = "A00KUDOS0"
BOT_USER = "U00KUDOS0"
BOT_ID = "B00KUDOS0"

MAYA = "U00MAYA00"  # a manager: sends rewards
PRIYA = "U00PRIYA0"  # a second sender
ALEX = "U00ALEX00"  # approver
SAM = "U00SAM000"  # approver
ADA = "U00ADA000"  # admin
ROB = "U00ROB000"  # recipients …
KIM = "U00KIM000"
LI = "U00LI0000"
ANA = "U00ANA000"  # display name "Ana/Bo", real name with < and >
NOEMAIL = "U0NOEMAIL"  # has no e-mail address in the profile
DORA = "U00DORA00"  # deactivated
GUS = "U00GUS000"  # multi-channel guest
GINA = "U00GINA00"  # single-channel guest
OTHER_BOT = "U00LUNCH0"  # another app's bot user
OLGA = "U00OLGA00"  # of another company, seen through a shared channel

GENERAL = "C00GENERAL"
APPROVALS = "C00APPROVALS"
TEAM_BLUE = "C00TEAMBLUE"
RANDOM = "C00RANDOM0"  # the bot is not a member

APPROVERS_GROUP = "S00APPROVERS"


@dataclass(slots=True)
class User:
    """One account. ``handle`` is the name people type after ``@``; offsets are in seconds east of UTC."""

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
    bot_id: str | None = None
    updated: int = field(default_factory=lambda: int(time.time()))

    def profile(self, *, with_email: bool = True) -> dict[str, Any]:
        """The ``profile`` object; the address is in it only for apps with ``users:read.email``."""
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
        """The user object of ``users.info``. Deactivated accounts have fewer fields, as in Slack."""
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
        if with_locale:
            full["locale"] = self.locale
        return full

    def to_page(self) -> dict[str, Any]:
        """What the control API says of a person."""
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
    """A user group: people write ``@handle``, messages carry ``<!subteam^id>``."""

    id: str
    handle: str
    name: str
    users: list[str]

    def to_slack(self, *, include_users: bool) -> dict[str, Any]:
        """The object of ``usergroups.list``."""
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


NEW_YORK: dict[str, Any] = {
    "tz": "America/New_York",
    "tz_label": "Eastern Standard Time",
    "tz_offset": -18000,
}
BERLIN: dict[str, Any] = {"tz": "Europe/Berlin", "tz_label": "Central European Time", "tz_offset": 3600}
KOLKATA: dict[str, Any] = {"tz": "Asia/Kolkata", "tz_label": "India Standard Time", "tz_offset": 19800}
LOS_ANGELES: dict[str, Any] = {
    "tz": "America/Los_Angeles",
    "tz_label": "Pacific Standard Time",
    "tz_offset": -28800,
}
SHANGHAI: dict[str, Any] = {"tz": "Asia/Shanghai", "tz_label": "China Standard Time", "tz_offset": 28800}


def seeded_users() -> list[User]:
    """The people of Acme, fresh objects on each call."""
    return [
        User(MAYA, "maya", "Maya Lindqvist", "Maya", "Engineering Manager", "maya@acme.example", **NEW_YORK),
        User(
            PRIYA,
            "priya",
            "Priya Nair",
            "Priya",
            "Support Lead",
            "priya@acme.example",
            color="9f69e7",
            **KOLKATA,
        ),
        User(
            ALEX,
            "alex",
            "Alex Moreau",
            "Alex",
            "Head of People",
            "alex@acme.example",
            color="e7392d",
            **BERLIN,
        ),
        User(SAM, "sam", "Sam Okafor", "Sam", "Finance Partner", "sam@acme.example", color="3c989f"),
        User(
            ADA,
            "ada",
            "Ada Kowalska",
            "Ada",
            "IT",
            "ada@acme.example",
            color="674b1b",
            is_admin=True,
            **BERLIN,
        ),
        User(ROB, "rob", "Rob Hale", "Rob", "Developer", "rob@acme.example", color="e96699", **LOS_ANGELES),
        User(KIM, "kim", "Kim Park", "Kim", "Designer", "kim@acme.example", color="5b89d5", **NEW_YORK),
        User(LI, "li", "Li Wei", "Li", "Data Analyst", "li@acme.example", color="99a949", **SHANGHAI),
        User(
            ANA,
            "ana",
            "Ana <Bo> Ortiz/Silva",
            "Ana/Bo",
            "Writer",
            "ana@acme.example",
            color="df3dc0",
            **BERLIN,
        ),
        User(NOEMAIL, "noemail", "Noor Haddad", "Noor", "Warehouse", None, color="4d5e26", **BERLIN),
        User(DORA, "dora", "Dora Former", "Dora", "", "dora@acme.example", color="aba727", deleted=True),
        User(
            GUS,
            "gus",
            "Gus Guest",
            "Gus",
            "Contractor",
            "gus@studio.example",
            color="827327",
            is_restricted=True,
        ),
        User(
            GINA,
            "gina",
            "Gina Visitor",
            "Gina",
            "Auditor",
            "gina@audit.example",
            color="d58247",
            is_restricted=True,
            is_ultra_restricted=True,
        ),
        User(OTHER_BOT, "lunchbot", "Lunch Bot", "Lunch Bot", color="8f4a2b", is_bot=True, bot_id="B00LUNCH0"),
        User(
            OLGA,
            "olga",
            "Olga Petrova",
            "Olga",
            "Partner",
            "olga@globex.example",
            color="e06b56",
            team_id=OTHER_TEAM_ID,
            is_stranger=True,
            **BERLIN,
        ),
        User(BOT_USER, "kudos", "Kudos", "", color="2b6f6b", is_bot=True, bot_id=BOT_ID),
    ]


def seeded_usergroups() -> list[UserGroup]:
    """The one user group: who may approve."""
    return [UserGroup(APPROVERS_GROUP, "approvers", "Reward approvers", [ALEX, SAM])]


def seeded_channels() -> list[dict[str, Any]]:
    """Channels as keyword arguments of :class:`bot.sandbox.slack.model.Channel`."""
    colleagues = [MAYA, PRIYA, ALEX, SAM, ADA, ROB, KIM, LI, ANA, NOEMAIL]
    return [
        {
            "id": GENERAL,
            "name": "general",
            "members": [*colleagues, DORA, GUS, OLGA, OTHER_BOT, BOT_USER],
            "topic": "Company-wide announcements",
        },
        {
            "id": APPROVALS,
            "name": "rewards-approvals",
            "members": [ALEX, SAM, ADA, BOT_USER],
            "topic": "Rewards that wait for a yes",
            "is_private": True,
        },
        {
            "id": TEAM_BLUE,
            "name": "team-blue",
            "members": [MAYA, PRIYA, ROB, KIM, LI, ANA, GINA, BOT_USER],
            "topic": "Team Blue",
        },
        {"id": RANDOM, "name": "random", "members": [*colleagues, OTHER_BOT], "topic": "Anything else"},
    ]
