"""The settings: every fault named at once, each with what would be right; never a secret's value."""

import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from bot.domain.approval import PolicySettings, Route
from bot.domain.budget import Per
from bot.domain.money import Money
from bot.domain.occasion import Occasion
from bot.errors import ConfigurationError
from bot.settings import (
    SLACK_API,
    TANGO_SANDBOX,
    LocalSettings,
    Settings,
    load_local_settings,
    load_settings,
    names_of_settings,
)
from bot.settings_file import SlackExtras, app_extras_in
from bot.settings_values import has_password, without_password

OWN_FILE: Final = Path(__file__).parents[2] / "app.yaml"

#: What the repository's file has in the place of an installation's own, and what that could be.
EXAMPLES: Final = {
    "your-customer": "acme-hr",
    "your-account": "acme-rewards",
    "C0123456789": "C0REWARDS",
    "U0123456789": "U0ALEX001",
}

SECRETS: Final = {
    "SLACK_BOT_TOKEN": "xoxb-recognisable-1",
    "SLACK_APP_TOKEN": "xapp-recognisable-2",
    "TANGO_PLATFORM_NAME": "recognisable-3",
    "TANGO_PLATFORM_KEY": "recognisable-4",
}
SIGNING_SECRET: Final = "recognisable-5"

LEAST: Final[dict[str, Any]] = {
    "tango": {"customer": "acme-hr", "account": "acme-rewards"},
    "approvals": {"channel": "C0REWARDS", "approvers": ["U0ALEX001"]},
}

Load = Callable[..., Settings]
Faults = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Read an app.yaml of these sections (or this text) with the secrets and `env` set, and nothing else."""

    def load(written: dict[str, Any] | str, env: dict[str, str | None] | None = None) -> Settings:
        for name in list(os.environ):
            if name.startswith("KUDOS_") or name in (*SECRETS, "SLACK_SIGNING_SECRET"):
                monkeypatch.delenv(name)
        for name, value in (SECRETS | (env or {})).items():
            if value is not None:
                monkeypatch.setenv(name, value)
        path = tmp_path / "app.yaml"
        path.write_text(written if isinstance(written, str) else yaml.safe_dump(written), encoding="utf-8")
        return load_settings(path)

    return load


@pytest.fixture
def faults(load: Load) -> Faults:
    """The faults of settings that cannot work."""

    def faults(written: dict[str, Any] | str, env: dict[str, str | None] | None = None) -> list[str]:
        with pytest.raises(ConfigurationError) as refusal:
            load(written, env)
        assert all(f"- {fault}" in str(refusal.value) for fault in refusal.value.faults)
        return list(refusal.value.faults)

    return faults


def own_file() -> str:
    """Return the repository's file, filled in as the README says."""
    text = OWN_FILE.read_text(encoding="utf-8")
    for example, own in EXAMPLES.items():
        text = text.replace(example, own)
    return text


def having(section: str, **settings: Any) -> dict[str, Any]:
    """The least settings with some more in a section."""
    return {**LEAST, section: {**LEAST.get(section, {}), **settings}}


# --------------------------------------------------------------------------------------- what works


def test_the_repositorys_own_file_loads_and_says_the_defaults(load: Load):
    own = load(own_file())
    least = load(LEAST)

    assert own.slack == least.slack
    assert own.tango == least.tango
    assert own.storage == least.storage
    assert own.roles == least.roles
    assert own.rewards == least.rewards == "all"


def test_what_is_not_set_has_its_default(load: Load):
    settings = load(LEAST)

    assert (settings.slack.mode, settings.slack.host, settings.slack.port) == ("socket", "127.0.0.1", 3000)
    assert settings.slack.api_url == SLACK_API
    assert settings.tango.base_url == TANGO_SANDBOX
    assert (settings.tango.orders_per_second, settings.tango.timeout) == (1.0, 60.0)
    assert settings.storage.path == Path("kudos.db")
    assert settings.storage.retention_days is None
    assert settings.roles.senders == {"*"}
    assert settings.roles.admins == frozenset()
    assert settings.approvals.approvers == {"U0ALEX001"}
    assert settings.approvals.expire_after_days == 30
    assert settings.approvals.hold_minutes == 0
    assert settings.approvals.remind_after_hours == (24, 72)
    assert settings.slack_bot_token.get_secret_value() == SECRETS["SLACK_BOT_TOKEN"]


def test_each_setting_is_overridden_by_the_environment_and_its_neighbours_stay(load: Load):
    settings = load(
        having("slack", port=4000, host="0.0.0.0") | {"rewards": ["U111111"]},  # noqa: S104 (a setting's value)
        {
            "KUDOS_SLACK__PORT": "5000",
            "KUDOS_STORAGE__PATH": "/var/lib/kudos/kudos.db",
            "KUDOS_ROLES__ADMINS": '["U0ADA0001", "S0ADMINS1"]',
            "KUDOS_REWARDS": '["U561593"]',
            "KUDOS_TANGO__ORDERS_PER_SECOND": "0.5",
        },
    )

    assert (settings.slack.port, settings.slack.host) == (5000, "0.0.0.0")  # noqa: S104
    assert settings.storage.path == Path("/var/lib/kudos/kudos.db")
    assert settings.roles.admins == {"U0ADA0001", "S0ADMINS1"}
    assert settings.rewards == frozenset({"U561593"})
    assert settings.tango.orders_per_second == 0.5
    assert settings.tango.customer == "acme-hr"


def test_the_whole_of_an_installation_can_come_from_the_environment(load: Load):
    settings = load(
        "",
        {
            "KUDOS_TANGO__CUSTOMER": "acme-hr",
            "KUDOS_TANGO__ACCOUNT": "acme-rewards",
            "KUDOS_APPROVALS__CHANNEL": "C0REWARDS",
            "KUDOS_APPROVALS__APPROVERS": '["U0ALEX001"]',
        },
    )

    assert settings.tango == load(LEAST).tango
    assert settings.approvals == load(LEAST).approvals


def test_budgets_and_limits_are_read_from_the_file_and_from_the_environment(load: Load):
    leads = {"name": "Team leads", "senders": ["S0LEADS01"], "each": True, "amount": "1,500.50 USD", "per": "quarter"}
    limits = {"per_reward": ["200 USD", "20000 JPY"]}

    settings = load({**LEAST, "budgets": [leads], "limits": limits, "timezone": "Europe/Berlin"})
    other = load(LEAST, {"KUDOS_BUDGETS": json.dumps([leads]), "KUDOS_LIMITS__PER_REWARD": '["200 USD", "20000 JPY"]'})

    [budget] = [one.budget for one in settings.budgets]
    assert budget.senders == {"S0LEADS01"}
    assert (budget.name, budget.each) == ("Team leads", True)
    assert (budget.amount, budget.per) == (Money(150_050, "USD"), Per.QUARTER)
    assert settings.limits.per_reward == {"USD": Money(20_000, "USD"), "JPY": Money(20_000, "JPY")}
    assert settings.limits.per_recipient_per_year == {}
    assert settings.timezone == "Europe/Berlin"
    assert (other.budgets, other.limits) == (settings.budgets, settings.limits)
    assert (load(LEAST).budgets, load(LEAST).timezone) == ((), "UTC")


def test_alerts_are_read_from_the_file_and_from_the_environment(load: Load):
    settings = load({**LEAST, "alerts": {"balance_below": ["500 USD"], "channel": "C0ALERTS1"}})
    other = load(LEAST, {"KUDOS_ALERTS__BALANCE_BELOW": '["500 USD"]', "KUDOS_ALERTS__CHANNEL": "C0ALERTS1"})

    assert settings.alerts.balance_below == {"USD": Money(500_00, "USD")}
    assert settings.alerts.channel == "C0ALERTS1"
    assert other.alerts == settings.alerts
    assert (load(LEAST).alerts.balance_below, load(LEAST).alerts.channel) == ({}, None)


def test_the_hash_is_of_what_is_set_wherever_it_is_written(load: Load):
    written, set_outside = load(having("slack", port=4000)), load(LEAST, {"KUDOS_SLACK__PORT": "4000"})

    assert written.hash == set_outside.hash != load(LEAST).hash


def test_occasions_are_names_or_names_with_whether_they_are_taxable(load: Load):
    written = ["Birthday", {"name": "Work anniversary", "taxable": True}, {"name": "Thanks", "taxable": False}]

    settings = load({**LEAST, "occasions": written})

    assert [one.occasion for one in settings.occasions] == [
        Occasion("Birthday"),
        Occasion("Work anniversary", is_taxable=True),
        Occasion("Thanks", is_taxable=False),
    ]
    assert load(LEAST, {"KUDOS_OCCASIONS": json.dumps(written)}).occasions == settings.occasions
    assert load(LEAST).occasions == ()


def test_the_gift_log_keeps_names_for_its_own_years_or_as_long_as_requests(load: Load):
    def kept(**storage: Any) -> timedelta | None:
        return load(having("storage", **storage)).storage.gift_log_kept

    assert kept(retention_days=30, gift_log_years=7) == timedelta(days=7 * 366)
    assert kept(retention_days=30) == timedelta(days=30)
    assert kept() is None


def test_finance_is_named_like_admins(load: Load):
    assert load(having("roles", finance=["S0FINANCE", "U0FIONA01"])).roles.finance == {"S0FINANCE", "U0FIONA01"}
    assert load(LEAST).roles.finance == frozenset()


def test_a_policy_is_read_from_the_file_and_from_the_environment(load: Load):
    route = {"senders": ["S0SALES01", "U0MAYA001"], "channel": "dm", "approvers": ["U0SAM0001"]}
    policy = {"second_above": ["250 USD", "1,000 EUR"], "automatic_up_to": ["25 USD"], "routes": [route]}
    budgets = budgeted({})["budgets"]
    settings = load({**having("approvals", **policy), "budgets": budgets}).approvals
    variables = {f"KUDOS_APPROVALS__{name.upper()}": json.dumps(value) for name, value in policy.items()}

    assert settings.second_above == {"USD": Money(250_00, "USD"), "EUR": Money(1_000_00, "EUR")}
    assert settings.automatic_up_to == {"USD": Money(25_00, "USD")}
    [found] = settings.policy.routes
    assert found.senders == {"S0SALES01", "U0MAYA001"}
    assert found.route == Route("dm", frozenset({"U0SAM0001"}))
    assert load({**LEAST, "budgets": budgets}, variables).approvals == settings
    assert load(LEAST).approvals.policy == PolicySettings(usual=settings.policy.usual, routes=[])


def test_a_fault_in_the_file_is_mended_by_the_environment(load: Load):
    assert load(having("slack", port="many"), {"KUDOS_SLACK__PORT": "3001"}).slack.port == 3001


@pytest.mark.parametrize(
    ("mode", "env"),
    [
        ("socket", {}),
        ("http", {"SLACK_APP_TOKEN": None, "SLACK_SIGNING_SECRET": SIGNING_SECRET}),
    ],
)
def test_each_mode_needs_its_own_secret_and_not_the_others(load: Load, mode: str, env: dict[str, str | None]):
    assert load(having("slack", mode=mode), env).slack.mode == mode


def test_settings_are_frozen_and_keep_their_secrets_out_of_their_text(load: Load):
    settings = load(LEAST, {"SLACK_SIGNING_SECRET": SIGNING_SECRET})

    with pytest.raises(ValueError, match="frozen"):
        settings.rewards = "all"  # type: ignore[misc]
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "TANGO_PLATFORM_KEY"):
            assert SECRETS[name] not in shown
        assert SIGNING_SECRET not in shown


# ------------------------------------------------------------------------------------------- faults


def test_three_faults_in_one_file_are_all_three_named(faults: Faults):
    found = faults(
        {
            "slack": {"mode": "carrier pigeon"},
            "tango": {"customer": "acme-hr"},
            "approvals": {"channel": "#rewards", "approvers": ["U0ALEX001"]},
        }
    )

    assert [fault.split(":")[0] for fault in found] == ["slack.mode", "tango.account", "approvals.channel"]
    assert "Use socket or http." in found[0]
    assert "KUDOS_TANGO__ACCOUNT" in found[1]
    assert "the id of a channel" in found[2]
    assert "#rewards" in found[2]


def test_faults_of_every_kind_are_told_together(faults: Faults):
    found = faults(
        having("slack", port=70_000, mood="good") | {"colour": "red"},
        {"SLACK_BOT_TOKEN": None, "SLACK_APP_TOKEN": None, "KUDOS_PORT": "3000"},
    )

    assert {fault.split(":")[0] for fault in found} == {
        "colour",
        "KUDOS_PORT",
        "slack.port",
        "slack.mood",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
    }


def test_an_empty_file_names_each_setting_that_must_be_there(faults: Faults):
    assert [fault.split(":")[0] for fault in faults("")] == [
        "tango.customer",
        "tango.account",
        "approvals.channel",
        "approvals.approvers",
    ]


@pytest.mark.parametrize(
    ("section", "setting", "value"),
    [
        ("slack", "mode", "HTTP"),
        ("slack", "mode", ["socket"]),
        ("slack", "port", -1),
        ("slack", "port", 65_536),
        ("slack", "port", "http"),
        ("slack", "api_url", "slack.com/api"),
        ("slack", "workflow_requester", "priya"),
        ("slack", "workflow_requester", "S0SALES01"),
        ("slack", "workflow_requester", "*"),
        ("slack", "workflow_requester", ["U0ALEX001"]),
        ("defaults", "sender_email", "rewards"),
        ("defaults", "sender_email", "rewards@b\u00fccher.example"),
        ("tango", "base_url", "ftp://tango"),
        ("tango", "customer", "acme"),
        ("tango", "customer", "acme hr"),
        ("tango", "customer", "a" * 101),
        ("tango", "customer", 1_000_000),
        ("tango", "account", ""),
        ("tango", "orders_per_second", 0),
        ("tango", "orders_per_second", -1),
        ("tango", "timeout", 0),
        ("tango", "timeout", 301),
        ("tango", "timeout", float("nan")),
        ("approvals", "channel", "D0REWARDS"),
        ("approvals", "channel", "c0rewards"),
        ("approvals", "channel", "DM"),
        ("approvals", "approvers", []),
        ("approvals", "approvers", "U0ALEX001"),
        ("approvals", "approvers", ["alex"]),
        ("approvals", "approvers", ["*"]),
        ("approvals", "approvers", ["U0ALEX001\n"]),
        ("approvals", "remind_after_hours", [72, 24]),
        ("approvals", "remind_after_hours", [24, 24]),
        ("approvals", "remind_after_hours", [0]),
        ("approvals", "remind_after_hours", 24),
        ("approvals", "hold_minutes", -1),
        ("approvals", "hold_minutes", 1441),
        ("approvals", "hold_minutes", "10 minutes"),
        ("approvals", "expire_after_days", 0),
        ("approvals", "expire_after_days", 366),
        ("approvals", "expire_after_days", 1.5),
        ("approvals", "expire_after_days", "a month"),
        ("roles", "senders", ["everyone"]),
        ("roles", "admins", ["*"]),
        ("roles", "admins", ["@ada"]),
        ("storage", "path", 3),
        ("storage", "retention_days", 0),
        ("storage", "retention_days", "a year"),
    ],
)
def test_a_value_that_cannot_work_is_named_with_its_setting(faults: Faults, section: str, setting: str, value: Any):
    [fault] = faults(having(section, **{setting: value}))

    assert fault.startswith(f"{section}.{setting}")


@pytest.mark.parametrize("value", [3, "here", ["here"]], ids=str)
def test_a_section_that_is_none_is_told_what_it_must_be(faults: Faults, value: Any):
    [fault] = faults(LEAST | {"slack": value})

    assert fault.startswith("slack: ")
    assert repr(value) in fault


def test_the_manifest_needs_three_settings_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "app.yaml"
    for name in ("FILES", "WORKFLOW_REQUESTER"):
        monkeypatch.delenv(f"KUDOS_SLACK__{name}", raising=False)
    monkeypatch.delenv("KUDOS_OCCASIONS", raising=False)
    none = SlackExtras(files=False, workflow_requester=None)
    assert app_extras_in(path).slack == none, "the app is made before there is a file"
    path.write_text("slack: {workflow_requester: U0PRIYA01, files: true, mode: neither}\ntango: nothing", "utf-8")
    assert app_extras_in(path).slack == SlackExtras(files=True, workflow_requester="U0PRIYA01")
    monkeypatch.setenv("KUDOS_SLACK__WORKFLOW_REQUESTER", "U0ALEX001")
    monkeypatch.setenv("KUDOS_SLACK__FILES", "false")
    assert app_extras_in(path).slack == SlackExtras(files=False, workflow_requester="U0ALEX001")
    monkeypatch.setenv("KUDOS_SLACK__WORKFLOW_REQUESTER", "alex")
    with pytest.raises(ConfigurationError) as refusal:
        app_extras_in(path)
    assert refusal.value.faults[0].startswith("slack.workflow_requester: ")
    monkeypatch.setenv("KUDOS_SLACK__FILES", "perhaps")
    with pytest.raises(ConfigurationError) as refusal:
        app_extras_in(path)
    assert refusal.value.faults[0].startswith("slack.files: ")
    monkeypatch.setenv("KUDOS_SLACK__FILES", "true")
    monkeypatch.setenv("KUDOS_SLACK__WORKFLOW_REQUESTER", "U0ALEX001")
    assert not app_extras_in(path).occasions
    path.write_text("occasions: [Birthday, {name: Thanks, taxable: true}]", "utf-8")
    assert app_extras_in(path).occasions
    monkeypatch.setenv("KUDOS_OCCASIONS", "[]")
    assert not app_extras_in(path).occasions


@pytest.mark.parametrize("rewards", ["some", ["561593"], ["U561593", "gift"], {"U561593": True}, None])
def test_rewards_are_all_or_a_list_of_utids(faults: Faults, rewards: Any):
    assert all(fault.startswith("rewards") for fault in faults({**LEAST, "rewards": rewards}))


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"KUDOS_SLACK_MODE": "http"}, "KUDOS_SLACK_MODE"),
        ({"KUDOS_COLOUR": "red"}, "KUDOS_COLOUR"),
        ({"KUDOS_COLOUR__SHADE": "red"}, "KUDOS_COLOUR__SHADE"),
        ({"KUDOS_SLACK__MOOD": "good"}, "slack.mood"),
        ({"KUDOS_SLACK_BOT_TOKEN": "recognisable-6"}, "KUDOS_SLACK_BOT_TOKEN"),
        ({"KUDOS_SLACK__PORT": "many"}, "slack.port"),
    ],
)
def test_a_variable_that_is_no_setting_is_named_not_ignored(faults: Faults, env: dict[str, str], named: str):
    [fault] = faults(LEAST, dict(env))

    assert fault.startswith(f"{named}: ")
    assert "recognisable" not in fault


def test_a_list_in_the_environment_that_is_no_json_is_told_how_to_write_it(faults: Faults):
    [fault] = faults(LEAST, {"KUDOS_ROLES__ADMINS": "U0ADA0001"})

    assert "roles" in fault
    assert '["U' in fault, "an example"


# ------------------------------------------------------------------------------------------ secrets


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", [None, ""], ids=["unset", "empty"])
def test_a_missing_secret_is_named(faults: Faults, name: str, value: str | None):
    assert [fault.split(":")[0] for fault in faults(LEAST, {name: value})] == [name]


@pytest.mark.parametrize("value", [None, ""], ids=["unset", "empty"])
def test_http_mode_needs_the_signing_secret(faults: Faults, value: str | None):
    [fault] = faults(having("slack", mode="http"), {"SLACK_SIGNING_SECRET": value})

    assert fault.startswith("SLACK_SIGNING_SECRET: ")
    assert "slack.mode http" in fault


def test_the_mode_that_asks_for_a_secret_is_the_one_of_the_environment_also_beside_other_faults(faults: Faults):
    found = faults(having("slack", port=-1), {"KUDOS_SLACK__MODE": "http", "SLACK_APP_TOKEN": None})

    assert [fault.split(":")[0] for fault in found] == ["slack.port", "SLACK_SIGNING_SECRET"]


@pytest.mark.parametrize("name", [*SECRETS, "SLACK_SIGNING_SECRET"])
def test_a_secret_in_the_file_is_refused_and_not_repeated(faults: Faults, name: str):
    [fault] = faults({**LEAST, name: "recognisable-6"})

    assert fault.startswith(f"{name}: ")
    assert "app.yaml" in fault
    assert "recognisable" not in fault


@pytest.mark.parametrize(
    "written",
    [
        {**LEAST, "slack_bot_token": "recognisable-6"},
        {**LEAST, "slack": {"bot_token": "recognisable-6"}},
        {**LEAST, "tango": {**LEAST["tango"], "TANGO_PLATFORM_KEY": "recognisable-6"}},
    ],
    ids=["top, small", "in its section", "in its section, by its name"],
)
def test_a_secret_written_under_another_name_is_refused_and_not_repeated(faults: Faults, written: dict[str, Any]):
    assert "recognisable" not in "".join(faults(written))


def test_no_error_text_has_a_secret_of_the_environment(load: Load):
    broken = having("slack", port=-1, mode="http") | {"colour": "red"}

    with pytest.raises(ConfigurationError) as refusal:
        load(broken, {"TANGO_PLATFORM_KEY": "", "KUDOS_COLOUR": "red"})

    assert len(refusal.value.faults) == 5
    assert "recognisable" not in str(refusal.value)
    assert "recognisable" not in repr(refusal.value)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("around", ["{}\r", "{}\r\n", " {} "])
def test_the_end_of_a_line_is_no_part_of_a_secret(load: Load, name: str, around: str):
    settings = load(LEAST, {name: around.format(SECRETS[name])})

    found = getattr(settings, name.lower())
    assert (found if isinstance(found, str) else found.get_secret_value()) == SECRETS[name]


@pytest.mark.parametrize("name", [name for name in SECRETS if name != "TANGO_PLATFORM_NAME"])
@pytest.mark.parametrize("value", ["recognisable\n6", "recognisable\r6", "recognisable—6"])
def test_a_secret_that_cannot_be_sent_is_named_and_not_repeated(faults: Faults, name: str, value: str):
    [fault] = faults(LEAST, {name: value})

    assert fault.startswith(f"{name}: ")
    assert "recognisable" not in fault


@pytest.mark.parametrize(
    ("section", "setting", "value"),
    [
        ("approvals", "channel", "xoxb-recognisable-6"),
        ("roles", "admins", ["xapp-recognisable-6"]),
        ("tango", "account", f"{SECRETS['TANGO_PLATFORM_KEY']}!"),
        ("tango", "base_url", "http://me:recognisable-6@tango.example/raas/v2"),
        ("roles", "admins", ["recognisable@acme.example"]),
        ("slack", "port", {"token": "recognisable-6"}),
    ],
)
def test_a_value_that_may_be_private_is_not_repeated(faults: Faults, section: str, setting: str, value: Any):
    [fault] = faults(having(section, **{setting: value}))

    assert fault.startswith(f"{section}.{setting}")
    assert "recognisable" not in fault


def test_a_value_that_cannot_be_private_is_repeated(faults: Faults):
    [fault] = faults(having("slack", port="many"))

    assert fault == "slack.port: This isn't a whole number. It says 'many'."


@pytest.mark.parametrize("name", [*SECRETS, "SLACK_SIGNING_SECRET"])
@pytest.mark.parametrize("around", ['"{}"', "'{}'", '"{}"\r', ' "{}" '])
def test_quotes_around_a_secret_are_a_fault_because_they_would_be_sent(faults: Faults, name: str, around: str):
    [fault] = faults(LEAST, {name: around.format("recognisable-6")})

    assert fault.startswith(f"{name}: This begins and ends with a quote")
    assert "recognisable" not in fault


@pytest.mark.parametrize("value", ['recognisable"6', "'recognisable-6", 'recognisable-6"', "\"recognisable-6'"])
def test_a_quote_within_a_secret_is_a_part_of_it(load: Load, value: str):
    assert load(LEAST, {"TANGO_PLATFORM_KEY": value}).tango_platform_key.get_secret_value() == value


# ---------------------------------------------------------------------------------- the environment

#: What Kubernetes sets in a container beside a service "kudos", and beside one "kudos-slack".
SERVICE: Final[dict[str, str | None]] = {
    "KUDOS_SERVICE_HOST": "10.0.0.11",
    "KUDOS_SERVICE_PORT": "3000",
    "KUDOS_SERVICE_PORT_HTTP": "3000",
    "KUDOS_PORT": "tcp://10.0.0.11:3000",
    "KUDOS_PORT_3000_TCP": "tcp://10.0.0.11:3000",
    "KUDOS_PORT_3000_TCP_PROTO": "tcp",
    "KUDOS_PORT_3000_TCP_PORT": "3000",
    "KUDOS_PORT_3000_TCP_ADDR": "10.0.0.11",
    "KUDOS_SLACK_SERVICE_HOST": "10.0.0.12",
    "KUDOS_SLACK_PORT": "udp://10.0.0.12:53",
    "KUDOS_SLACK_PORT_53_UDP_ADDR": "10.0.0.12",
}


def test_what_kubernetes_tells_of_its_services_is_no_setting(load: Load):
    assert load(LEAST, SERVICE) == load(LEAST)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KUDOS_PORT", "3000"),
        ("KUDOS_SLACK_PORT", "3000"),
        ("KUDOS_SERVICE", "tcp://10.0.0.11:3000"),
        ("KUDOS_PORT_HTTP_TCP", "3000"),
        ("KUDOS_COLOUR__PORT", "tcp://10.0.0.11:3000"),
    ],
)
def test_what_only_looks_like_it_is_still_named(faults: Faults, name: str, value: str):
    [fault] = faults(LEAST, {**SERVICE, name: value})

    assert fault.startswith(f"{name}: ")


def test_a_setting_of_a_section_is_no_service(load: Load):
    assert load(LEAST, {**SERVICE, "KUDOS_SLACK__PORT": "3001"}).slack.port == 3001


# ----------------------------------------------------------------------------------------- the file


def test_each_value_that_is_still_the_examples_is_a_fault(faults: Faults):
    assert faults(OWN_FILE.read_text(encoding="utf-8")) == [
        "tango.customer: This is still the example. Put your own here. It says 'your-customer'.",
        "tango.account: This is still the example. Put your own here. It says 'your-account'.",
        "approvals.channel: This is still the example. Put your own here. It says 'C0123456789'.",
        "approvals.approvers: This is still the example. Put your own here. It says 'U0123456789'.",
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("SLACK_BOT_TOKEN", "xoxb-…"), ("SLACK_APP_TOKEN", "xapp-…"), ("TANGO_PLATFORM_NAME", "…")]
)
def test_so_is_a_secret_of_the_readme(faults: Faults, name: str, value: str):
    assert faults(LEAST, {name: value}) == [f"{name}: This is still the example. Put your own here."]


def test_a_section_and_a_setting_that_are_written_twice_are_faults_with_their_lines(faults: Faults):
    found = faults(
        "approvals:\n  channel: C0REWARDS\n  approvers: [U0ALEX001]\n"
        "tango:\n  customer: acme-hr\n  account: acme-rewards\n"
        "approvals:\n  channel: C0REWARDS\n  approvers: [U0ALEX001]\n  channel: C0OTHER01\n"
        "colour: red\n"
    )

    assert [fault.partition("app.yaml, ")[2] for fault in found[:2]] == [
        "line 7: approvals is here twice, first in line 1. Put both together.",
        "line 10: approvals.channel is here twice, first in line 8. Put both together.",
    ]
    assert found[2].startswith("colour: ")
    assert len(found) == 3


def test_what_yaml_takes_over_twice_and_what_names_itself_is_nothing_written_twice(load: Load, faults: Faults):
    taken_over = f"{yaml.safe_dump(LEAST)}storage: &s\n  path: a.db\nslack:\n  <<: {{port: 1}}\n  <<: {{host: b}}\n"
    assert load(taken_over).slack.port == 1
    [fault] = faults(f"{yaml.safe_dump(LEAST)}slack: &itself\n  port: *itself\n")
    assert fault.startswith("slack.port: ")


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml: .*app\.yaml"):
        load_settings(tmp_path / "nowhere.yaml")


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="IsADirectoryError"):
        load_settings(tmp_path)


def test_a_file_in_another_encoding_cannot_be_read(tmp_path: Path):
    path = tmp_path / "app.yaml"
    path.write_bytes("slack: {host: \u00fc}".encode("latin-1"))

    with pytest.raises(ConfigurationError, match="UnicodeDecodeError"):
        load_settings(path)


@pytest.mark.parametrize(
    ("text", "line"),
    [("slack: a: b", 1), ("slack:\n  mode: [socket\nrewards: all", 3), ("slack:\n\tmode: http", 2), ("a: 'b", 1)],
)
def test_what_is_not_yaml_is_told_with_its_line(faults: Faults, text: str, line: int):
    [fault] = faults(text)

    assert f"app.yaml, line {line}: " in fault


@pytest.mark.parametrize("text", ["a: *recognisable", "a: !recognisable b"])
def test_what_yaml_takes_for_a_name_is_not_repeated(faults: Faults, text: str):
    [fault] = faults(text)

    assert "app.yaml, line 1: " in fault
    assert "recognisable" not in fault


def test_a_day_that_there_is_not_is_a_fault_like_any_other(faults: Faults):
    [fault] = faults("a: 2026-02-31")

    assert "app.yaml: " in fault
    assert "(day is out of range for month)" in fault, "what Python says"


@pytest.mark.parametrize("text", ["- slack", "just words", "3", "true"])
def test_a_file_that_has_no_sections_is_told_so(faults: Faults, text: str):
    [fault] = faults(text)

    assert "slack, tango, storage, approvals, roles, rewards" in fault


def test_yaml_runs_no_code(faults: Faults):
    [fault] = faults("slack: !!python/object/apply:os.getcwd []")

    assert "app.yaml, line 1: " in fault


# ----------------------------------------------------------------------------------------- the words


def routed(**route: Any) -> dict[str, Any]:
    """Return settings with a route, which is right but for what is given of it."""
    usual = {"senders": ["S0SALES01"], "channel": "C0SALES01", "approvers": ["U0SAM0001"]}
    return having("approvals", routes=[usual | route])


def budgeted(*budgets: dict[str, Any]) -> dict[str, Any]:
    """Return settings with these budgets, which are right but for what is given of each."""
    usual = {"name": "Team leads", "amount": "500 USD", "per": "month"}
    return LEAST | {"budgets": [usual | budget for budget in budgets]}


#: What is told of a fault in the file.
SAID_OF_FILE: Final[tuple[tuple[dict[str, Any] | str, str], ...]] = (
    (
        having("storage", path="kudos.db", url="postgresql://kudos@db.example/kudos"),
        "storage: Keep either path (one bot on a file) or url (bots on PostgreSQL), not both.",
    ),
    (
        having("storage", url="postgresql://kudos:recognisable-6@db.example/kudos"),
        "storage.url: A password doesn't belong in app.yaml. Set the whole address as KUDOS_STORAGE__URL.",
    ),
    (
        having("storage", path="postgresql://db.example/kudos?password=recognisable-6"),
        "storage.path: This is an address. Write it as storage.url. It may be private, so it isn't shown.",
    ),
    (
        LEAST | {"slack": 3},
        "slack: This isn't a section. Put its settings below it, each on a line of its own. It says 3.",
    ),
    (
        having("slack", port={"token": "recognisable-6"}),
        "slack.port: This isn't a whole number. It may be private, so it isn't shown.",
    ),
    (
        {**LEAST, "SLACK_BOT_TOKEN": "recognisable-6"},
        "SLACK_BOT_TOKEN: A secret doesn't belong in app.yaml. Put it into secrets.env or into the environment.",
    ),
    ("a: 2026-02-31", "app.yaml: A value in this file can't be read (day is out of range for month)."),
    ("a: *b", "app.yaml, line 1: This isn't YAML (found undefined alias 'b')."),
    (
        "3",
        (
            "app.yaml: This file has no sections. Give it slack, tango, storage, approvals, roles, rewards, defaults, "
            "thanks_channel, timezone, budgets, limits, occasions and alerts."
        ),
    ),
    (
        having("slack", mode="sockets"),
        "slack.mode: This isn't a choice. Did you mean socket? Use socket or http. It says 'sockets'.",
    ),
    (having("slack", port=70_000), "slack.port: This is too large. Use 65535 or less. It says 70000."),
    (having("slack", port=None), "slack.port: There's no value here. Write one, or remove the line."),
    (having("slack", prot=3000), "slack.prot: There's no such setting. Did you mean port?"),
    (having("roles", bosses=[]), "roles.bosses: There's no such setting. roles has senders, admins and finance."),
    (having("tango", customer=1_000_000), "tango.customer: This isn't text. Put it in quotes. It says 1000000."),
    (
        having("tango", base_url="http://tango.example/raas/v2"),
        (
            "tango.base_url: Keys and tokens would travel unencrypted to this address. Use one that "
            "begins with https://. It says 'http://tango.example/raas/v2'."
        ),
    ),
    (having("approvals", approvers=[]), "approvals.approvers: This is empty. Name at least one."),
    (
        having("approvals", approvers=["ada"]),
        (
            "approvals.approvers: This isn't the id of a person (U…) or a user group (S…). A profile has it under ⋮, "
            "Copy member ID. It says 'ada'."
        ),
    ),
    (
        {**LEAST, "rewards": "some"},
        "rewards: This isn't a choice. Use all, or a list of utids such as [U561593]. It says 'some'.",
    ),
    ({**LEAST, "rewards": ["gift"]}, "rewards: This isn't a utid such as U561593. It says 'gift'."),
    (
        {**LEAST, "timezone": "Europe/Berln"},
        "timezone: This isn't a time zone. Did you mean Europe/Berlin? It says 'Europe/Berln'.",
    ),
    (budgeted({}, {}), "budgets: Two budgets are called 'Team leads'. Give each a name of its own."),
    (
        budgeted({"amount": "500"}),
        "budgets[1].amount: This isn't an amount with its currency. Write it like 25 USD. It says '500'.",
    ),
    (
        budgeted({"amount": "5.50 JPY"}),
        "budgets[1].amount: This has more decimals than JPY. Use at most 0. It says '5.50 JPY'.",
    ),
    (budgeted({"amount": "0 USD"}), "budgets[1].amount: This is nothing. Write an amount above zero. It says '0 USD'."),
    (
        budgeted({}, {"name": "B", "per": "week"}),
        "budgets[2].per: This isn't a choice. Use month or quarter or year. It says 'week'.",
    ),
    (budgeted({"each": "maybe"}), "budgets[1].each: This is neither true nor false. It says 'maybe'."),
    (
        budgeted({"senders": ["leads"]}),
        "budgets[1].senders: This isn't the id of a person (U…) or a user group (S…), or \"*\". It says 'leads'.",
    ),
    (budgeted({"nme": "B"}), "budgets[1].nme: There's no such setting. Did you mean name?"),
    (
        having("approvals", second_above="250 USD"),
        "approvals.second_above: This isn't a list of amounts. Write one, such as [\"25 USD\"]. It says '250 USD'.",
    ),
    (
        having("approvals", automatic_up_to=["25 USD"]),
        (
            "approvals.automatic_up_to: There's no budget, so nothing would limit it. Add one under budgets, or remove "
            "this."
        ),
    ),
    (
        having("approvals", remind_after_hours=24),
        "approvals.remind_after_hours: This isn't a list. Write one, such as [24, 72]. It says 24.",
    ),
    (routed(approvers=[]), "approvals.routes[1].approvers: This is empty. Name at least one."),
    (
        routed(channel="#sales"),
        (
            "approvals.routes[1].channel: This isn't the id of a channel (C…), or dm. The id is at the end of the "
            "channel's Copy link. It says '#sales'."
        ),
    ),
    (routed(chanel="C0SALES01"), "approvals.routes[1].chanel: There's no such setting. Did you mean channel?"),
    (
        having("approvals", routes={"senders": ["S0SALES01"]}),
        "approvals.routes: This isn't a list. Begin each entry with a dash.",
    ),
    ({**LEAST, "budgets": {"name": "B"}}, "budgets: This isn't a list. Begin each entry with a dash."),
    ({**LEAST, "occasions": "Birthday"}, "occasions: This isn't a list. Begin each entry with a dash."),
    (
        {**LEAST, "occasions": ["Birthday", {"name": "birthday", "taxable": True}]},
        "occasions: Two occasions are called 'Birthday'. Give each a name of its own.",
    ),
    (
        {**LEAST, "occasions": ["Birthday", {"name": "Bonus", "taxable": "maybe"}]},
        "occasions[2].taxable: This is neither true nor false. It says 'maybe'.",
    ),
    (
        {**LEAST, "occasions": [{"name": "Bonus", "taxabel": True}]},
        "occasions[1].taxabel: There's no such setting. Did you mean taxable?",
    ),
    (having("storage", gift_log_years=0), "storage.gift_log_years: This is too small. Use 1 or more. It says 0."),
    (having("storage", gift_log_years=99), "storage.gift_log_years: This is too large. Use 30 or less. It says 99."),
    (
        having("limits", per_reward="200 USD"),
        "limits.per_reward: This isn't a list of amounts. Write one, such as [\"25 USD\"]. It says '200 USD'.",
    ),
    (
        having("limits", per_reward=["200 USD", "300 USD"]),
        "limits.per_reward: This has two amounts in one currency. Keep one of them. It says ['200 USD', '300 USD'].",
    ),
    (
        having("alerts", balance_below="500 USD"),
        "alerts.balance_below: This isn't a list of amounts. Write one, such as [\"25 USD\"]. It says '500 USD'.",
    ),
    ({**LEAST, "apprvals": {}}, "apprvals: There's no such section. Did you mean approvals?"),
)

#: Values of every kind, some of which suit some settings.
UNFIT: Final[tuple[Any, ...]] = (None, -1, 1.5, float("inf"), "x" * 3_000, "", [], [[]], {}, True)

#: What is told of a fault in the environment.
SAID_OF_ENVIRONMENT: Final[tuple[tuple[dict[str, str | None], str], ...]] = (
    (
        {"TANGO_PLATFORM_NAME": None},
        "TANGO_PLATFORM_NAME: This is missing. Set it in secrets.env or in the environment.",
    ),
    (
        {"SLACK_APP_TOKEN": None},
        "SLACK_APP_TOKEN: This is missing. Set it in secrets.env or in the environment, for slack.mode socket.",
    ),
    (
        {"SLACK_BOT_TOKEN": "recognisable—6"},
        "SLACK_BOT_TOKEN: This has a line break or a letter that isn't ASCII in it. Copy it again.",
    ),
    (
        {"KUDOS_STORAGE__URL": "mysql://kudos:recognisable-6@db.example/kudos"},
        (
            "storage.url: This isn't an address of "
            "PostgreSQL. Use one that begins with postgresql://. KUDOS_STORAGE__URL may be private, so it isn't shown."
        ),
    ),
    ({"KUDOS_SLACK__MOOD": "good"}, "slack.mood: There's no such setting. Did you mean mode?"),
    (
        {"KUDOS_SLACK_MODE": "http"},
        "KUDOS_SLACK_MODE: There's no such setting. Did you mean KUDOS_SLACK__MODE?",
    ),
    (
        {"KUDOS_SLACK_BOT_TOKEN": "recognisable-6"},
        "KUDOS_SLACK_BOT_TOKEN: There's no such setting. Did you mean SLACK_BOT_TOKEN?",
    ),
    ({"KUDOS_COLOUR": "y"}, "KUDOS_COLOUR: There's no such setting. Use KUDOS_<SECTION>__<KEY>."),
    ({"KUDOS_X": "y"}, "KUDOS_X: There's no such setting. Use KUDOS_<SECTION>__<KEY>."),
    (
        {"KUDOS_SLACK__PORT": "many"},
        "slack.port: This isn't a whole number. KUDOS_SLACK__PORT says 'many'.",
    ),
)


@pytest.mark.parametrize(("written", "words"), SAID_OF_FILE)
def test_a_fault_in_the_file_is_told_in_these_words(faults: Faults, written: dict[str, Any] | str, words: str):
    [fault] = faults(written)

    assert fault.endswith(words)


@pytest.mark.parametrize(("env", "words"), SAID_OF_ENVIRONMENT)
def test_a_fault_in_the_environment_is_told_in_these_words(faults: Faults, env: dict[str, str | None], words: str):
    assert faults(LEAST, env) == [words]


@pytest.mark.parametrize(
    ("section", "setting", "value"),
    [
        (section, setting, value)
        for section, names in names_of_settings().items()
        for setting in names
        for value in UNFIT
    ],
)
def test_no_fault_is_told_in_the_librarys_words(faults: Faults, section: str, setting: str, value: Any):
    try:
        found = faults(having(section, **{setting: value}))
    except pytest.fail.Exception:
        return  # a value that works
    for fault in found:
        assert re.fullmatch(rf"{section}\.{setting}: .*\.", fault)
        assert not re.search(r"[Ii]nput|valid|should|type|<class", fault), fault


def test_a_file_that_there_is_not_and_one_that_cannot_be_read_are_told_in_these_words(tmp_path: Path):
    for path, words in (
        (tmp_path / "nowhere.yaml", "nowhere.yaml: There's no such file. Copy app.yaml from the repository."),
        (tmp_path, ": I can't read this file (IsADirectoryError)."),
    ):
        with pytest.raises(ConfigurationError) as refusal:
            load_settings(path)
        [fault] = refusal.value.faults
        assert fault.endswith(words)


# ----------------------------------------------------------------------------------- the database

URL: Final = "postgresql://kudos:recognisable-6@db.example:5433/kudos"


def test_the_database_is_a_file_or_at_an_address(load: Load):
    assert load(LEAST).storage.where == Path("kudos.db")
    assert load(having("storage", path="/srv/k.db")).storage.where == Path("/srv/k.db")
    assert load(having("storage", url="postgres://db.example/k")).storage.where == "postgres://db.example/k"
    assert load(LEAST, {"KUDOS_STORAGE__URL": f" {URL}\n"}).storage.where == URL


def test_a_file_in_the_settings_and_an_address_in_the_environment_are_one_too_many(faults: Faults):
    [fault] = faults(having("storage", path="kudos.db"), {"KUDOS_STORAGE__URL": URL})

    assert fault.startswith("storage: Keep either path")
    assert "recognisable" not in fault


@pytest.mark.parametrize("value", [URL, "postgresql:///kudos?user=kudos&password=recognisable-6", "recognisable-6"])
def test_a_password_of_the_database_is_never_repeated(faults: Faults, value: str):
    elsewhere = [*faults(having("slack", port=value)), *faults({**LEAST, "storage": f"postgresql://{value}"})]
    told = "\n".join([*faults(having("storage", url=value)), *faults(LEAST, {"KUDOS_STORAGE__URL": f"'{value}'"})])

    assert "recognisable" not in told
    assert value == "recognisable-6" or "recognisable" not in "\n".join(elsewhere)


def test_an_address_with_a_password_stays_out_of_the_text_of_the_settings(load: Load):
    settings = load(LEAST, {"KUDOS_STORAGE__URL": URL})

    for text in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.storage)):
        assert "recognisable-6" not in text


@pytest.mark.parametrize("url", ["postgresql://kudos@db.example/kudos", "postgresql://db:5433/kudos?sslmode=require"])
def test_an_address_without_a_password_may_be_in_the_file(load: Load, url: str):
    assert load(having("storage", url=url)).storage.where == url


@pytest.mark.parametrize(
    ("url", "without"),
    [
        (URL, "postgresql://kudos@db.example:5433/kudos"),
        ("postgresql://kudos:a:b/c?d@db/kudos", "postgresql://kudos@db/kudos"),
        ("postgresql://db:5433/kudos?sslmode=require", "postgresql://db:5433/kudos?sslmode=require"),
        ("postgresql:///kudos?user=kudos&password=recognisable-6", "postgresql:///kudos?user=kudos"),
        ("postgresql:///kudos?password=recognisable-6&user=kudos", "postgresql:///kudos?user=kudos"),
        ("postgresql:///kudos?password=recognisable-6", "postgresql:///kudos"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, without: str):
    assert without_password(url) == without
    assert has_password(url) == (url != without)


# ------------------------------------------------------------------------------- without the secrets


@pytest.fixture
def load_local(tmp_path: Path) -> Callable[..., LocalSettings]:
    """The same for the commands that work on the file alone: no secret is set."""

    def load_local(written: dict[str, Any] | str, env: dict[str, str | None] | None = None) -> LocalSettings:
        with pytest.MonkeyPatch.context() as patch:
            for name in list(os.environ):
                if name.startswith("KUDOS_") or name in (*SECRETS, "SLACK_SIGNING_SECRET"):
                    patch.delenv(name)
            for name, value in (env or {}).items():
                patch.setenv(name, str(value))
            path = tmp_path / "app.yaml"
            path.write_text(written if isinstance(written, str) else yaml.safe_dump(written), encoding="utf-8")
            return load_local_settings(path)

    return load_local


def test_cards_go_to_a_channel_or_to_each_approver(load_local: Callable[..., LocalSettings]):
    assert not load_local(own_file()).approvals.by_dm
    assert load_local(having("approvals", channel="dm")).approvals.by_dm


def test_a_command_on_the_file_needs_no_secret(load_local: Callable[..., LocalSettings]):
    own = load_local(own_file())
    elsewhere = load_local(LEAST, {"KUDOS_STORAGE__PATH": "/var/lib/kudos/kudos.db"})

    assert own.storage.path == Path("kudos.db")
    assert own.storage.retention_days is None
    assert elsewhere.storage.path == Path("/var/lib/kudos/kudos.db")
    assert elsewhere.approvals.channel == "C0REWARDS"
    assert load_local(LEAST, {"KUDOS_STORAGE__URL": URL}).storage.where == URL
    with pytest.raises(ConfigurationError, match="A password doesn't belong in app"):
        load_local(having("storage", url=URL))


def test_a_command_on_the_file_is_stopped_by_its_own_settings_alone(load_local: Callable[..., LocalSettings]):
    load_local({**LEAST, "tango": {"customer": "?"}})
    with pytest.raises(ConfigurationError) as refusal:
        load_local({"approvals": {"channel": "here"}, "storage": {"retention_days": 0}})

    assert [fault.split(":")[0] for fault in refusal.value.faults] == [
        "storage.retention_days",
        "approvals.channel",
        "approvals.approvers",
    ]


def test_a_command_on_the_file_is_told_of_a_section_that_is_written_twice(load_local: Callable[..., LocalSettings]):
    with pytest.raises(ConfigurationError, match=r"app\.yaml, line 6: storage is here twice, first in line 4"):
        load_local(
            "approvals:\n  channel: C0REWARDS\n  approvers: [U0ALEX001]\n"
            "storage:\n  path: a.db\nstorage:\n  path: b.db\n"
        )
