"""The people, the user group and the channels with which the workspace starts.

Profiles have the shape and the habits of real ones: names with ``<``, ``>`` and ``/``, a person without an email
address, guests, a deactivated account, another bot and somebody of another company.
"""

from typing import Any, Final

from bot.sandbox.slack.model import Channel
from bot.sandbox.slack.people import (
    ADA,
    ALEX,
    ANA,
    APPROVALS,
    APPROVERS_GROUP,
    BOT_ID,
    BOT_USER,
    DORA,
    FIONA,
    GENERAL,
    GINA,
    GUS,
    KIM,
    LI,
    MAYA,
    NOEMAIL,
    OLGA,
    OTHER_BOT,
    OTHER_BOT_ID,
    OTHER_TEAM_ID,
    PRIYA,
    RANDOM,
    ROB,
    SAM,
    TEAM_BLUE,
    User,
    UserGroup,
)

_NEW_YORK: Final[dict[str, Any]] = {"tz": "America/New_York", "tz_label": "Eastern Standard Time", "tz_offset": -18000}
_BERLIN: Final[dict[str, Any]] = {"tz": "Europe/Berlin", "tz_label": "Central European Time", "tz_offset": 3600}
_KOLKATA: Final[dict[str, Any]] = {"tz": "Asia/Kolkata", "tz_label": "India Standard Time", "tz_offset": 19800}
_LOS_ANGELES: Final[dict[str, Any]] = {
    "tz": "America/Los_Angeles",
    "tz_label": "Pacific Standard Time",
    "tz_offset": -28800,
}
_SHANGHAI: Final[dict[str, Any]] = {"tz": "Asia/Shanghai", "tz_label": "China Standard Time", "tz_offset": 28800}

_COLLEAGUES: Final = (MAYA, PRIYA, ALEX, SAM, ADA, FIONA, ROB, KIM, LI, ANA, NOEMAIL)


def seeded_users() -> list[User]:
    """Make the accounts that Acme sees, afresh on each call."""
    return [*_colleagues(), *_others()]


def _colleagues() -> list[User]:
    def acme(user: str, handle: str, name: str, called: str, title: str, **more: Any) -> User:
        return User(user, handle, name, called, title, **{"email": f"{handle}@acme.example", **more})

    return [
        acme(MAYA, "maya", "Maya Lindqvist", "Maya", "Engineering Manager", color="4bbe2e", **_NEW_YORK),
        acme(PRIYA, "priya", "Priya Nair", "Priya", "Support Lead", color="9f69e7", **_KOLKATA),
        acme(ALEX, "alex", "Alex Moreau", "Alex", "Head of People", color="e7392d", **_BERLIN),
        acme(SAM, "sam", "Sam Okafor", "Sam", "Finance Partner", color="3c989f"),
        acme(ADA, "ada", "Ada Kowalska", "Ada", "IT", color="674b1b", is_admin=True, **_BERLIN),
        acme(FIONA, "fiona", "Fiona Brandt", "Fiona", "Payroll", color="2f7d5b", **_BERLIN),
        acme(ROB, "rob", "Rob Hale", "Rob", "Developer", color="e96699", **_LOS_ANGELES),
        acme(KIM, "kim", "Kim Park", "Kim", "Designer", color="5b89d5", **_NEW_YORK),
        acme(LI, "li", "Li Wei", "Li", "Data Analyst", color="99a949", **_SHANGHAI),
        acme(ANA, "ana", "Ana <Bo> Ortiz/Silva", "Ana/Bo", "Writer", color="df3dc0", **_BERLIN),
        acme(NOEMAIL, "noemail", "Noor Haddad", "Noor", "Warehouse", color="4d5e26", email=None, **_BERLIN),
        acme(DORA, "dora", "Dora Former", "Dora", "", color="aba727", deleted=True),
    ]


def _others() -> list[User]:
    guest: dict[str, Any] = {"is_restricted": True}
    single_channel: dict[str, Any] = guest | {"is_ultra_restricted": True}
    stranger: dict[str, Any] = _BERLIN | {"team_id": OTHER_TEAM_ID, "is_stranger": True}
    gus, gina, olga = "gus@studio.example", "gina@audit.example", "olga@globex.example"
    return [
        User(GUS, "gus", "Gus Guest", "Gus", "Contractor", gus, color="827327", **guest),
        User(GINA, "gina", "Gina Visitor", "Gina", "Auditor", gina, color="d58247", **single_channel),
        User(OTHER_BOT, "lunchbot", "Lunch Bot", "Lunch Bot", color="8f4a2b", is_bot=True, bot_id=OTHER_BOT_ID),
        User(OLGA, "olga", "Olga Petrova", "Olga", "Partner", olga, color="e06b56", **stranger),
        User(BOT_USER, "kudos", "Kudos", "", color="2b6f6b", is_bot=True, bot_id=BOT_ID),
    ]


def seeded_usergroups() -> list[UserGroup]:
    """Make the one user group: who may approve."""
    return [UserGroup(APPROVERS_GROUP, "approvers", "Reward approvers", [ALEX, SAM])]


def seeded_channels() -> list[Channel]:
    """Make the channels; the bot is in all but one."""
    return [
        Channel(GENERAL, "general", [*_COLLEAGUES, DORA, GUS, OLGA, OTHER_BOT, BOT_USER], "Company-wide announcements"),
        Channel(
            APPROVALS, "rewards-approvals", [ALEX, SAM, ADA, BOT_USER], "Rewards that wait for a yes", is_private=True
        ),
        Channel(TEAM_BLUE, "team-blue", [MAYA, PRIYA, ROB, KIM, LI, ANA, GINA, BOT_USER], "Team Blue"),
        Channel(RANDOM, "random", [*_COLLEAGUES, OTHER_BOT], "Anything else"),
    ]
