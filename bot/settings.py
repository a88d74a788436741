"""The settings of one installation: app.yaml, each overridden by `KUDOS_<SECTION>__<KEY>`; secrets by environment.

A wrong or missing setting stops the start with every fault listed, by name, with what would be right.
"""

import json
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    TypeAdapter,
    ValidationError,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.domain.lengths import length
from bot.domain.request import Delivery, Details
from bot.domain.tango_account import TangoAccount
from bot.errors import ConfigurationError
from bot.tango.limits import (
    CAMPAIGN_LIMIT,
    EMAIL,
    EMAIL_LIMIT,
    ETID,
    IDENTIFIER,
    IDENTIFIER_LEAST,
    IDENTIFIER_LIMIT,
    NAME,
    NAME_LIMIT,
    NOTES_LIMIT,
    PURCHASE_ORDER_LIMIT,
    SUBJECT_LIMIT,
)

#: Tango's sandbox (Tango docs, API endpoint overview).
TANGO_SANDBOX: Final = "https://integration-api.tangocard.com/raas/v2"
#: Slack's Web API (Slack docs, Web API). Another base is for stand-ins and gateways.
SLACK_API: Final = "https://slack.com/api/"

_URL: Final = TypeAdapter(HttpUrl)


def _matching(pattern: str, right: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"must be {right}")
        return value

    return AfterValidator(check)


def _url(value: str) -> str:
    url = _URL.validate_python(value)
    if url.scheme != "https" and url.host not in ("127.0.0.1", "localhost", "[::1]"):
        raise ValueError("must begin with https:// (keys and tokens go there)")
    return value


def _identifier(value: str) -> str:
    """Refuse what cannot be a customer or an account at Tango."""
    if not IDENTIFIER_LEAST <= len(value) <= IDENTIFIER_LIMIT or not IDENTIFIER.fullmatch(value):
        raise ValueError(f"must be {IDENTIFIER_LEAST} to {IDENTIFIER_LIMIT} letters, digits or hyphens")
    return value


def _listed(value: object) -> object:
    """Read a list from the environment, which has it as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError('must be a list; in the environment as JSON: ["U0123456789"]') from None


UserOrGroupId = Annotated[
    str, _matching(r"[UWS][A-Z0-9]{5,}", "a Slack user id (U…) or user group id (S…), as Copy member ID gives it")
]
SenderId = Annotated[str, _matching(r"\*|[UWS][A-Z0-9]{5,}", 'a user id (U…), a user group id (S…) or "*"')]
ChannelId = Annotated[str, _matching(r"[CG][A-Z0-9]{5,}", "a channel id (C…), at the end of Copy link")]
TangoIdentifier = Annotated[str, AfterValidator(_identifier)]
Utid = Annotated[str, _matching(r"[uU][0-9]+", "a utid such as U561593")]
Url = Annotated[str, AfterValidator(_url)]
_LIST: Final = BeforeValidator(_listed)

#: What an HTTP header carries everywhere (RFC 9110, field values).
_PRINTABLE: Final = re.compile(r"[ -~]*")


def _trimmed(value: object) -> object:
    """Take off the white space that a file leaves at the end of a line, such as a carriage return."""
    return value.strip() if isinstance(value, str) else value


def _can_be_sent(value: SecretStr) -> SecretStr:
    """Refuse a secret that no HTTP header can carry: the error of the HTTP client would quote it."""
    if not _PRINTABLE.fullmatch(value.get_secret_value()):
        raise ValueError("has a line break, or a letter that is not ASCII, within; copy it again")
    return value


_TRIMMED: Final = BeforeValidator(_trimmed)
Secret = Annotated[SecretStr, AfterValidator(_can_be_sent), _TRIMMED]


def _within(most: int) -> AfterValidator:
    """Refuse what is longer than Tango takes, counted as Tango may count."""

    def check(value: str) -> str:
        if length(value) > most:
            raise ValueError(f"must have at most {most} characters")
        return value

    return AfterValidator(check)


#: Days. A decision about what somebody asked for more than a year ago is a decision about something else.
EXPIRE_AFTER_MOST: Final = 365


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SlackSettings(_Section):
    """The connection to Slack."""

    mode: Literal["socket", "http"] = "socket"
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)
    api_url: Url = SLACK_API


class TangoSettings(_Section):
    """Tango's address, and the account that pays."""

    base_url: Url = TANGO_SANDBOX
    customer: TangoIdentifier
    account: TangoIdentifier
    orders_per_second: float = Field(default=1.0, gt=0, le=10_000)
    timeout: float = Field(default=60.0, gt=0, le=300)


class StorageSettings(_Section):
    """Where the data is, and how long it stays."""

    path: Path = Path("kudos.db")
    retention_days: int | None = Field(default=None, ge=1)


class ApprovalsSettings(_Section):
    """Who decides about requests, and where."""

    channel: ChannelId
    approvers: Annotated[frozenset[UserOrGroupId], _LIST] = Field(min_length=1)
    expire_after_days: int = Field(default=30, ge=1, le=EXPIRE_AFTER_MOST)

    @property
    def expire_after(self) -> timedelta:
        """Return how long a request waits for a decision."""
        return timedelta(days=self.expire_after_days)


class RolesSettings(_Section):
    """Who may send rewards, and who may put orders right."""

    senders: Annotated[frozenset[SenderId], _LIST] = frozenset({"*"})
    admins: Annotated[frozenset[UserOrGroupId], _LIST] = frozenset()


class DefaultsSettings(_Section):
    """The details of an order whose form leaves them empty (Tango docs, Manage orders, POST /orders)."""

    delivery: Literal["email", "message"] = "email"
    sender_first_name: Annotated[str, _within(NAME_LIMIT)] = Field(default="", pattern=f"^{NAME.pattern}$")
    sender_last_name: Annotated[str, _within(NAME_LIMIT)] = Field(default="", pattern=f"^{NAME.pattern}$")
    sender_email: Annotated[str, _matching(rf"|{EMAIL.pattern}", "an email address such as rewards@acme.com")] = Field(
        default="", max_length=EMAIL_LIMIT
    )
    email_subject: Annotated[str, _within(SUBJECT_LIMIT)] = ""
    template: Annotated[str, _matching(rf"|{ETID.pattern}", "an etid such as E000000")] = ""
    campaign: Annotated[str, _within(CAMPAIGN_LIMIT)] = ""
    purchase_order: Annotated[str, _within(PURCHASE_ORDER_LIMIT)] = ""
    notes: Annotated[str, _within(NOTES_LIMIT)] = ""

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
    tango: TangoSettings
    storage: StorageSettings = StorageSettings()
    approvals: ApprovalsSettings
    roles: RolesSettings = RolesSettings()
    rewards: Literal["all"] | Annotated[frozenset[Utid], _LIST, Field(min_length=1)] = "all"
    defaults: DefaultsSettings = DefaultsSettings()

    slack_bot_token: Secret = Field(validation_alias="SLACK_BOT_TOKEN", min_length=1)
    slack_signing_secret: Secret | None = Field(default=None, validation_alias="SLACK_SIGNING_SECRET")
    slack_app_token: Secret | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    tango_platform_name: Annotated[str, _TRIMMED] = Field(validation_alias="TANGO_PLATFORM_NAME", min_length=1)
    tango_platform_key: Secret = Field(validation_alias="TANGO_PLATFORM_KEY", min_length=1)

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

    storage: StorageSettings = StorageSettings()
    approvals: ApprovalsSettings


_SECTIONS: Final = ("slack", "tango", "storage", "approvals", "roles", "rewards", "defaults")
_SECRETS: Final = (
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_APP_TOKEN",
    "TANGO_PLATFORM_NAME",
    "TANGO_PLATFORM_KEY",
)

#: Slack's tokens begin like this; an @ is in email addresses, and in URLs with a password.
_PRIVATE: Final = re.compile(r"xox[a-z]-|xapp-|@")

#: A value that begins with `*`, `&` or `!`, as a secret may: YAML reads it as a name, and its error quotes it.
_NAMED_IN_YAML: Final = re.compile(r"'[^'<\s]{3,}'")


def load_settings(path: Path) -> Settings:
    """Read `path` and the environment.

    Raises:
        ConfigurationError: every fault, by the setting's name, with what would be right.
    """
    written = _read(path)
    faults = [
        f"{key}: not a setting; there are {', '.join(_SECTIONS)}"
        if key not in _SECRETS
        else f"{key}: a secret does not belong in {path.name}; take it out and set it in the environment"
        for key in written
        if key not in _SECTIONS
    ]
    faults += [
        f"{name}: not a setting; there are KUDOS_{'__…, KUDOS_'.join(_SECTIONS).upper()}"
        for name in sorted(os.environ)
        if name.startswith("KUDOS_") and name.removeprefix("KUDOS_").split("__")[0].lower() not in _SECTIONS
    ]
    # A section that is missing or has nothing in it counts as empty, so that each setting it lacks is named.
    given = {key: {} if value is None and key != "rewards" else value for key, value in written.items()}
    sections = {"tango": {}, "approvals": {}, **{key: value for key, value in given.items() if key in _SECTIONS}}
    settings: Settings | None = None
    try:
        settings = Settings(**sections)
    except ValidationError as error:
        faults += [_worded(fault) for fault in error.errors(include_url=False)]
    mode = settings.slack.mode if settings else _mode_of(written)
    secret = {"socket": "SLACK_APP_TOKEN", "http": "SLACK_SIGNING_SECRET"}.get(mode)
    if secret and not os.environ.get(secret, "").strip():
        faults.append(f"{secret}: missing; slack.mode {mode} needs it in the environment")
    if faults or settings is None:
        raise ConfigurationError(faults)
    return settings


def load_local_settings(path: Path) -> LocalSettings:
    """Read from `path` and the environment the settings that need no secret: where the file is, and where cards go.

    Raises:
        ConfigurationError: every fault of these, by the setting's name.
    """
    written = _read(path)
    sections: dict[str, Any] = {name: written.get(name) or {} for name in LocalSettings.model_fields}
    try:
        return LocalSettings(**sections)
    except ValidationError as error:
        raise ConfigurationError([_worded(fault) for fault in error.errors(include_url=False)]) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError([f"{path}: there is no such file; copy app.yaml from the repository"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}: cannot be read ({type(error).__name__})"]) from error
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}" if place else ""
        problem = _NAMED_IN_YAML.sub("…", str(getattr(error, "problem", error)))
        raise ConfigurationError([f"{path}{where}: not YAML ({problem})"]) from error
    except ValueError as error:  # a date or a number that there is not
        raise ConfigurationError([f"{path}: has a value that cannot be read ({error})"]) from error
    if written is None:
        return {}
    if not isinstance(written, dict):
        raise ConfigurationError([f"{path}: must be a list of sections: {', '.join(_SECTIONS)}"])
    return {str(key): value for key, value in written.items()}


def _mode_of(written: Mapping[str, Any]) -> str:
    slack = written.get("slack")
    return os.environ.get("KUDOS_SLACK__MODE") or str((slack if isinstance(slack, dict) else {}).get("mode", "socket"))


def _worded(fault: Mapping[str, Any]) -> str:
    """Word one fault: the setting's name, what is wrong, what would be right. Never a value that may be a secret."""
    place = [str(part) for part in fault["loc"] if not str(part).startswith(("literal", "frozenset", "function"))]
    name = ".".join(place)
    if name in _SECRETS:
        unfit = fault["type"] == "value_error"
        return f"{name}: {fault['ctx']['error'] if unfit else 'missing; set it in the environment'}"
    variable = f"KUDOS_{'__'.join(place).upper()}"
    if fault["type"] == "missing":
        return f"{name}: missing; set it in app.yaml, or as {variable}"
    if fault["type"] == "extra_forbidden":
        return f"{name}: not a setting; see app.yaml for those there are"
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "model_type":
        message = "must be a section with settings of its own"
    source = f", from {variable}" if variable in os.environ else ""
    return f"{name}: {message[:1].lower()}{message[1:]} ({_it_is(fault['input'])}{source})"


def _it_is(value: object) -> str:
    """Repeat the wrong value, but none that looks like a token, an address with a name in it, or one of our secrets.

    Whole sections, which may have anything in them, are not repeated either.
    """
    text = repr(value)
    ours = (os.environ.get(name, "").strip() for name in _SECRETS)
    if isinstance(value, dict) or _PRIVATE.search(text) or any(secret in text for secret in ours if secret):
        return "it is not repeated, because it may be private"
    return f"it is {text}"
