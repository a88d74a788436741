"""What `kudos check` makes of the facts about a PostgreSQL server."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from bot.ops.check_postgres import judge
from storage import ServerFacts

SAFE: Final = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on", "synchronous_standby_names": ""}
GOOD: Final = ServerFacts(named="The database kudos on db.example", version="18.4", settings=SAFE)


def test_a_server_that_is_well_has_no_fault():
    findings = list(judge(GOOD))

    assert [finding.subject for finding in findings] == ["Database", "Database's clock"]
    assert all(finding.good and not finding.remedy for finding in findings)
    assert findings[0].text == "The database kudos on db.example is PostgreSQL 18.4, and is up to date"


def test_a_server_that_is_too_old_is_asked_for_nothing_else():
    [finding] = judge(replace(GOOD, version="13.9", is_too_old=True))

    assert not finding.good
    assert "13.9" in finding.text
    assert "14" in finding.remedy


TRAPS: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "encoding": ({"encoding": "LATIN1"}, "keeps texts as LATIN1", "ENCODING 'UTF8'"),
    "copy": ({"is_copy": True}, "can only be read", "target_session_attrs=read-write"),
    "rights": (
        {"missing_rights": ("GRANT CREATE ON SCHEMA a TO b",)},
        "lacks rights",
        "GRANT CREATE ON SCHEMA a TO b;",
    ),
    "fsync": ({"settings": SAFE | {"fsync": "off"}}, "fsync = off", "Set fsync = on"),
    "pages": ({"settings": SAFE | {"full_page_writes": "off"}}, "full_page_writes = off", "Set full_page_writes = on"),
    "commit": ({"settings": SAFE | {"synchronous_commit": "off"}}, "commit = off", "Set synchronous_commit = on"),
    "pooler": ({"is_direct": False}, "behind a pooler", "pool_mode = session"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_a_fault_with_its_remedy(trap: str):
    facts, text, remedy = TRAPS[trap]
    [fault] = [finding for finding in judge(replace(GOOD, **facts)) if not finding.good]

    assert not fault.is_warning
    assert text in fault.text
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("commit", "names", "told"),
    [
        ("on", "", ["Standbys"]),
        ("on", "ANY 1 (a, b)", []),
        ("local", "ANY 1 (a, b)", ["Standbys"]),
        ("remote_apply", "a", []),
    ],
)
def test_standbys_that_no_commit_waits_for_are_a_warning(commit: str, names: str, told: list[str]):
    settings = SAFE | {"synchronous_commit": commit, "synchronous_standby_names": names}
    found = [finding for finding in judge(replace(GOOD, standbys=2, settings=settings)) if not finding.good]

    assert [finding.subject for finding in found if finding.is_warning] == told
    assert all(finding.is_warning for finding in found)
    assert all("synchronous_standby_names" in one.remedy and "kudos restored" in one.remedy for one in found)
    assert all(finding.good for finding in judge(replace(GOOD, standbys=0)))


def test_a_connection_that_others_can_read_is_a_warning():
    [found] = [finding for finding in judge(replace(GOOD, is_private=False)) if not finding.good]

    assert found.is_warning
    assert "isn't encrypted" in found.text
    assert "sslmode=verify-full" in found.remedy


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        (timedelta(0), "the same as this machine's"),
        (timedelta(seconds=0.9), "0.9 seconds ahead of this machine's"),
        (timedelta(seconds=1.1), "1.1 seconds ahead of this machine's"),
        (timedelta(hours=-1), "3,600.0 seconds behind this machine's"),
    ],
)
def test_a_clock_that_is_not_this_machines_is_a_warning(ahead: timedelta, text: str):
    *_, clock = judge(replace(GOOD, clock_ahead=ahead))

    assert clock.text == text
    assert clock.good == (abs(ahead) <= timedelta(seconds=1))
    assert bool(clock.remedy) != clock.good
