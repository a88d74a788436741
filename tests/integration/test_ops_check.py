"""`kudos check`: what of the settings, the files and the clock is told before it hurts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from bot.__main__ import main
from tests.kit.bot import SECRETS, World, environment


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot that runs, whose Tango has the machine's time."""
    with World(tmp_path_factory.mktemp("checked")) as world:
        world.tango._middleware._date = lambda: datetime.now(UTC)
        yield world


def check(world: World, **tango: Any) -> tuple[int, str]:
    """Type `kudos check` with some settings of Tango's changed; its exit status, and what it says."""
    world._settings()  # written anew
    config = world.folder / "app.yaml"
    written = yaml.safe_load(config.read_text())
    written["tango"] |= {"orders_per_second": 1.0} | tango
    config.write_text(yaml.safe_dump(written))
    with environment(SECRETS):
        result = CliRunner().invoke(main, ["check", "--config", str(config)])
    return result.exit_code, result.output


def lines(said: str, subject: str) -> list[str]:
    return [line for line in said.splitlines() if f" {subject}: " in line]


def test_a_bot_that_is_well_has_no_fault_and_no_warning(checked: World):
    status, said = check(checked)
    assert (status, "FAIL" in said, "warn" in said) == (0, False, False), said
    assert lines(said, "Files")[0].startswith("ok")
    assert lines(said, "Clock")[0].startswith("ok")


def test_slack_validates_every_view_and_where_it_does_not_is_a_warning(checked: World):
    _, said = check(checked)
    assert lines(said, "Messages and forms")[0].startswith("ok   Messages and forms: Slack accepts all")
    assert "paste `kudos manifest` there" in said, "what Slack doesn't show is left to the reader, with the way there"
    checked.slack.faults.set("rate_limited", method="blocks.validate", times=1)
    status, said = check(checked)
    assert lines(said, "Messages and forms")[0].startswith("warn Messages and forms: I could only check 0 of")
    assert status == 0


@pytest.mark.parametrize("named", ["orders_per_second", "base_url"])
def test_what_can_work_and_seldom_does_is_a_warning(checked: World, named: str):
    value = {"orders_per_second": 5, "base_url": f"{checked.tango_server.url}/raas/v1"}[named]
    status, said = check(checked, **{named: value})
    [line] = [line for line in lines(said, "Settings") if f"tango.{named}" in line]
    assert line.startswith("warn")
    assert str(value) in line
    assert "      → " not in said
    assert status == (0 if named == "orders_per_second" else 1), "another address is also answered with 404"


def test_keys_go_nowhere_in_the_clear(checked: World):
    status, said = check(checked, base_url="http://tango.example/raas/v2")
    assert status == 1
    assert lines(said, "Settings")[0].startswith("FAIL Settings: tango.base_url: ")


@contextmanager
def opened(path: Path, mode: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(mode)
    yield
    path.chmod(before)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", ".lock"])
def test_a_file_that_others_can_read_is_named_and_left_to_the_operator(checked: World, suffix: str):
    path = Path(f"{checked.database}{suffix}")
    with opened(path, 0o644):
        status, said = check(checked)
        assert path.stat().st_mode & 0o777 == 0o644
    [line] = lines(said, "Files")
    assert line.startswith("FAIL")
    assert f"{path.name} (mode 0644)" in line
    assert f"chmod 600 {path}" in said
    assert status == 1


@pytest.mark.parametrize(
    ("moved", "mark"), [(timedelta(minutes=4), "ok"), (timedelta(minutes=6), "FAIL"), (timedelta(days=-800), "FAIL")]
)
def test_a_clock_that_is_not_tangos_is_told(checked: World, moved: timedelta, mark: str):
    before: Callable[[], datetime] = checked.tango._middleware._date
    checked.tango._middleware._date = lambda: datetime.now(UTC) + moved
    _, said = check(checked)
    checked.tango._middleware._date = before
    [line] = lines(said, "Clock")
    assert line.startswith(mark)
