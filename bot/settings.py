"""The settings of one installation: app.yaml, each overridden by `KUDOS_<SECTION>__<KEY>`; secrets by environment.

A wrong or missing setting stops the start with every fault listed, by name, with what would be right.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from dotenv import load_dotenv
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.domain.approval import BY_DM, PolicySettings, Route, SenderRoute
from bot.domain.budget import EVERYONE
from bot.domain.request import Delivery, Details
from bot.domain.tango_account import TangoAccount
from bot.errors import ConfigurationError
from bot.settings_alerts import AlertsSettings
from bot.settings_budgets import Budgets, BudgetSettings, LimitsSettings
from bot.settings_file import is_of_kubernetes, read_file
from bot.settings_hash import settings_hash
from bot.settings_occasions import Occasions, OccasionSettings
from bot.settings_storage import StorageSettings
from bot.settings_values import (
    ALL_OR_LISTED,
    ENTRIES,
    LISTED,
    Amounts,
    ApprovalsChannel,
    ChannelId,
    EmailAddress,
    Etid,
    Hours,
    PersonId,
    PersonName,
    PlatformName,
    Secret,
    SenderId,
    TangoIdentifier,
    TimeZone,
    Url,
    UserOrGroupId,
    Utid,
    has_password,
    within,
)
from bot.settings_words import SECRETS, SECRETS_FILE, URL, listed, meant, worded
from bot.tango.limits import (
    CAMPAIGN_LIMIT,
    EMAIL_LIMIT,
    NAME_LIMIT,
    NOTES_LIMIT,
    PURCHASE_ORDER_LIMIT,
    SUBJECT_LIMIT,
)

#: Tango's sandbox (Tango docs, API endpoint overview).
TANGO_SANDBOX: Final = "https://integration-api.tangocard.com/raas/v2"
#: Slack's Web API (Slack docs, Web API). Another base is for stand-ins and gateways.
SLACK_API: Final = "https://slack.com/api/"

#: Days. A decision about what somebody asked for more than a year ago is a decision about something else.
EXPIRE_AFTER_MOST: Final = 365
#: Minutes. Card and receipt give a clock time until which an approval can be undone: it names one moment within a day.
HOLD_MOST: Final = 24 * 60


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SlackSettings(_Section):
    """The connection to Slack."""

    mode: Literal["socket", "http"] = "socket"
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)
    api_url: Url = SLACK_API
    files: bool = False
    workflow_requester: PersonId | None = None


class TangoSettings(_Section):
    """Tango's address, and the account that pays."""

    base_url: Url = TANGO_SANDBOX
    customer: TangoIdentifier
    account: TangoIdentifier
    orders_per_second: float = Field(default=1.0, gt=0, le=10_000)
    timeout: float = Field(default=60.0, gt=0, le=300)


class RouteSettings(_Section):
    """Who decides about the requests of some senders, and where."""

    senders: Annotated[frozenset[UserOrGroupId], LISTED] = Field(min_length=1)
    channel: ApprovalsChannel
    approvers: Annotated[frozenset[UserOrGroupId], LISTED] = Field(min_length=1)


class ApprovalsSettings(_Section):
    """Who decides about requests, where, and by how many."""

    channel: ApprovalsChannel
    approvers: Annotated[frozenset[UserOrGroupId], LISTED] = Field(min_length=1)
    expire_after_days: int = Field(default=30, ge=1, le=EXPIRE_AFTER_MOST)
    remind_after_hours: Hours = (24, 72)
    hold_minutes: int = Field(default=0, ge=0, le=HOLD_MOST)
    second_above: Amounts = Field(default_factory=dict)
    automatic_up_to: Amounts = Field(default_factory=dict)
    routes: Annotated[tuple[RouteSettings, ...], ENTRIES] = ()

    @property
    def by_dm(self) -> bool:
        """Return whether cards go to each approver by direct message, and to no channel."""
        return self.channel == BY_DM

    @property
    def policy(self) -> PolicySettings:
        """Return the same as the policy takes it."""
        return PolicySettings(
            usual=Route(self.channel, self.approvers),
            routes=[SenderRoute(one.senders, Route(one.channel, one.approvers)) for one in self.routes],
            second_above=self.second_above,
            automatic_up_to=self.automatic_up_to,
        )

    @property
    def expire_after(self) -> timedelta:
        """Return how long a request waits for a decision."""
        return timedelta(days=self.expire_after_days)

    @property
    def remind_after(self) -> Sequence[timedelta]:
        """Return how long a request has waited at each reminder."""
        return [timedelta(hours=hours) for hours in self.remind_after_hours]

    @property
    def undo_within(self) -> timedelta:
        """Return how long approved orders are held, so that the approval can be undone."""
        return timedelta(minutes=self.hold_minutes)


class RolesSettings(_Section):
    """Who may send rewards, who may put orders right, and who sees what all of it comes to."""

    senders: Annotated[frozenset[SenderId], LISTED] = frozenset({"*"})
    admins: Annotated[frozenset[UserOrGroupId], LISTED] = frozenset()
    finance: Annotated[frozenset[UserOrGroupId], LISTED] = frozenset()


class DefaultsSettings(_Section):
    """The details of an order whose form leaves them empty (Tango docs, Manage orders, POST /orders)."""

    delivery: Literal["email", "message"] = "email"
    sender_first_name: Annotated[PersonName, within(NAME_LIMIT)] = ""
    sender_last_name: Annotated[PersonName, within(NAME_LIMIT)] = ""
    sender_email: EmailAddress = Field(default="", max_length=EMAIL_LIMIT)
    email_subject: Annotated[str, within(SUBJECT_LIMIT)] = ""
    template: Etid = ""
    campaign: Annotated[str, within(CAMPAIGN_LIMIT)] = ""
    purchase_order: Annotated[str, within(PURCHASE_ORDER_LIMIT)] = ""
    notes: Annotated[str, within(NOTES_LIMIT)] = ""

    @property
    def details(self) -> Details:
        """The same, as a request has them."""
        return Details(**{**self.model_dump(), "delivery": Delivery(self.delivery)})


class _Read(BaseSettings):
    """The base of settings that are read from app.yaml and the environment."""

    # Lists are read below: pydantic-settings would stop at the first that is not JSON, and name no variable.
    model_config = SettingsConfigDict(
        env_prefix="KUDOS_", env_nested_delimiter="__", enable_decoding=False, extra="forbid", frozen=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment override app.yaml (given as arguments), and app.yaml the defaults."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


#: Hexadecimal digits of a platform's fingerprint: 64 bits tell any two platforms apart, and don't give a name away.
_FINGERPRINT: Final = 16


class Settings(_Read):
    """Everything one installation can set."""

    slack: SlackSettings = SlackSettings()
    timezone: TimeZone = "UTC"
    tango: TangoSettings
    storage: StorageSettings = StorageSettings()
    approvals: ApprovalsSettings
    budgets: Budgets = ()
    limits: LimitsSettings = LimitsSettings()
    occasions: Occasions = ()
    roles: RolesSettings = RolesSettings()
    rewards: Annotated[Literal["all"] | Annotated[frozenset[Utid], Field(min_length=1)], ALL_OR_LISTED] = "all"
    defaults: DefaultsSettings = DefaultsSettings()
    thanks_channel: ChannelId | None = None
    alerts: AlertsSettings = AlertsSettings()

    slack_bot_token: Secret = Field(validation_alias="SLACK_BOT_TOKEN", min_length=1)
    slack_signing_secret: Secret | None = Field(default=None, validation_alias="SLACK_SIGNING_SECRET")
    slack_app_token: Secret | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    tango_platform_name: PlatformName = Field(validation_alias="TANGO_PLATFORM_NAME", min_length=1)
    tango_platform_key: Secret = Field(validation_alias="TANGO_PLATFORM_KEY", min_length=1)

    @property
    def named_by_budgets(self) -> frozenset[str]:
        """The ids of the people and user groups that budgets are for."""
        return frozenset[str]().union(*(budget.senders for budget in self.budgets)) - {EVERYONE}

    @property
    def hash(self) -> str:
        """The hash of all settings, which each decision keeps."""
        return settings_hash(self.model_dump())

    @property
    def tango_account(self) -> TangoAccount:
        """The account at Tango that pays, as the database is bound to it."""
        return TangoAccount(
            host=urlsplit(self.tango.base_url).hostname or "",
            platform=sha256(self.tango_platform_name.encode()).hexdigest()[:_FINGERPRINT],
            customer=self.tango.customer,
            account=self.tango.account,
        )


class LocalSettings(_Read):
    """The settings of the commands that work on the file alone: they run beside the bot, without its secrets."""

    model_config = SettingsConfigDict(extra="ignore")

    timezone: TimeZone = "UTC"
    storage: StorageSettings = StorageSettings()
    approvals: ApprovalsSettings
    alerts: AlertsSettings = AlertsSettings()


_SECTIONS: Final = (
    *("slack", "tango", "storage", "approvals", "roles", "rewards", "defaults", "thanks_channel"),
    *("timezone", "budgets", "limits", "occasions", "alerts"),
)

#: The settings that are no sections.
_SINGLE: Final = ("timezone", "budgets", "occasions", "rewards", "thanks_channel")

#: The settings of each entry of a list.
_OF_ENTRIES: Final = {
    "approvals.routes": list(RouteSettings.model_fields),
    "budgets": list(BudgetSettings.model_fields),
    "occasions": list(OccasionSettings.model_fields),
}


#: The fault of what would approve without an end.
_NOTHING_LIMITS: Final = (
    "approvals.automatic_up_to: There's no budget, so nothing would limit it. Add one under budgets, or remove this."
)


def load_settings(path: Path) -> Settings:
    """Read `path`, the secrets beside it, and the environment.

    Raises:
        ConfigurationError: every fault, by the setting's name, with what would be right.
    """
    written, faults = _read(path)
    faults += [_no_section(key, path) for key in written if key not in _SECTIONS]
    faults += _passwords(written, path)
    faults += [
        f"{name}: There's no such setting.{meant(name, _variables()) or ' Use KUDOS_<SECTION>__<KEY>.'}"
        for name, value in sorted(os.environ.items())
        if name.startswith("KUDOS_") and name.removeprefix("KUDOS_").split("__")[0].lower() not in _SECTIONS
        if not is_of_kubernetes(name, value)
    ]
    # A section that is missing or has nothing in it counts as empty, so that each setting it lacks is named.
    given = {key: {} if value is None and key not in _SINGLE else value for key, value in written.items()}
    sections = {"tango": {}, "approvals": {}, **{key: value for key, value in given.items() if key in _SECTIONS}}
    settings: Settings | None = None
    try:
        settings = Settings(**sections)
    except ValidationError as error:
        faults += worded(error.errors(include_url=False), names_of_settings() | _OF_ENTRIES)
    if settings is not None and settings.approvals.automatic_up_to and not settings.budgets:
        faults.append(_NOTHING_LIMITS)
    mode = settings.slack.mode if settings else _mode_of(written)
    secret = {"socket": "SLACK_APP_TOKEN", "http": "SLACK_SIGNING_SECRET"}.get(mode)
    if secret and not os.environ.get(secret, "").strip():
        faults.append(
            f"{secret}: This is missing. Set it in {SECRETS_FILE} or in the environment, for slack.mode {mode}."
        )
    if faults or settings is None:
        raise ConfigurationError(faults)
    return settings


def load_local_settings(path: Path) -> LocalSettings:
    """Read from `path` and the environment the settings that need no secret: the file, the zone and the approvals.

    Raises:
        ConfigurationError: every fault of these, by the setting's name.
    """
    written, faults = _read(path)  # the secrets too: an address of PostgreSQL may be among them
    faults += _passwords(written, path)
    sections: dict[str, Any] = {
        name: written.get(name) if name in _SINGLE else written.get(name) or {}
        for name in LocalSettings.model_fields
        if name in written or name not in _SINGLE
    }
    try:
        settings = LocalSettings(**sections)
    except ValidationError as error:
        faults += worded(error.errors(include_url=False), names_of_settings() | _OF_ENTRIES)
        raise ConfigurationError(faults) from error
    if faults:
        raise ConfigurationError(faults)
    return settings


def _read(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    """Add the secrets beside `path` to the environment; return what `path` has, by section, and its faults.

    Raises:
        ConfigurationError: a file can't be read at all.
    """
    secrets = path.parent / SECRETS_FILE
    try:
        load_dotenv(secrets, interpolate=False)
    except PermissionError:
        pass  # root's alone: systemd has read it before it changed the user, and what is missing is named below
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{secrets}: I can't read this file ({type(error).__name__})."]) from None
    return read_file(path, listed(_SECTIONS))


def _passwords(written: Mapping[str, Any], path: Path) -> list[str]:
    """Find the password that is written into the file."""
    storage = written.get("storage")
    if not isinstance(storage, dict) or not has_password(str(storage.get("url", ""))):
        return []
    return [f"{URL}: A password doesn't belong in {path.name}. Set the whole address as KUDOS_STORAGE__URL."]


def _no_section(key: str, path: Path) -> str:
    if key in SECRETS:
        return f"{key}: A secret doesn't belong in {path.name}. Put it into {SECRETS_FILE} or into the environment."
    return f"{key}: There's no such section.{meant(key, _SECTIONS) or f' Use {listed(_SECTIONS)}.'}"


def names_of_settings() -> dict[str, list[str]]:
    """Return the names of the settings in each section that has some."""
    sections = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {
        name: list(kind.model_fields)
        for name, kind in sections.items()
        if isinstance(kind, type) and issubclass(kind, BaseModel)
    }


def _variables() -> list[str]:
    """Return the variable of each setting, and of each secret."""
    sections = names_of_settings()
    nested = [f"KUDOS_{section}__{name}".upper() for section, names in sections.items() for name in names]
    return [*nested, *(f"KUDOS_{name}".upper() for name in _SECTIONS if name not in sections), *SECRETS]


def _mode_of(written: Mapping[str, Any]) -> str:
    slack = written.get("slack")
    return os.environ.get("KUDOS_SLACK__MODE") or str((slack if isinstance(slack, dict) else {}).get("mode", "socket"))
