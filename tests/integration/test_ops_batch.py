"""`kudos batch`: a file is checked on the terminal, and asked for in Slack."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from bot.__main__ import main
from bot.domain.batch import MOST_BYTES, SheetFault, UnreadableSheet
from bot.domain.schedule import Schedule, civil_text
from bot.errors import NotAllowed, Rule
from bot.faults import Fault, FaultCode
from bot.sandbox.slack import people
from handlers.ids import Action
from handlers.views.batch import refusal_lines
from handlers.views.faults import fault_text
from handlers.views.messages import refusal_text
from handlers.views.schedule import schedule_text
from tests.kit.bot import CARD, SECRETS, World, environment

GOOD = "email;amount;message\nrob@acme.example;25;Schöne Grüße\nkim@acme.example;30.5;\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot that runs."""
    with World(tmp_path_factory.mktemp("files")) as world:
        world.clock.set(datetime.now(UTC))  # the command has the machine's clock
        yield world


def typed(
    world: World,
    file: Path,
    who: str = people.MAYA,
    *more: str,
    reward: str = CARD,
    occasion: str = "",
    occasions: str = "[]",
) -> Result:
    config = world.folder / "app.yaml"
    named = [*more, *(["--reward", reward] if reward else []), *(["--occasion", occasion] if occasion else [])]
    with environment(SECRETS | {"KUDOS_OCCASIONS": occasions}):
        return CliRunner().invoke(main, ["batch", str(file), "--for", who, *named, "--config", str(config)])


def written(world: World, name: str, data: bytes) -> Path:
    path = world.folder / name
    path.write_bytes(data)
    return path


def batches(world: World) -> int:
    count: int = world.one("SELECT count(*) AS n FROM batches")["n"]
    return count


def test_a_good_file_is_handed_to_who_may_ask_for_it(world: World):
    result = typed(world, written(world, "good.csv", GOOD.encode("windows-1252")))
    assert result.exit_code == 0, result.output
    for said in ("2 rewards", "$55.50", "Maya Lindqvist", "Windows-1252"):
        assert said in result.output
    ready = world.said(world.maya, "$55.50")
    world.maya.click(ready, Action.BATCH_ASK)
    request = world.until(lambda: world.rows("SELECT id, batch FROM requests"))[0]
    assert request["batch"] == 1
    gets = world.rows("SELECT user_id, own_minor, own_message FROM recipients ORDER BY position")
    assert gets == [
        {"user_id": people.ROB, "own_minor": 25_00, "own_message": "Schöne Grüße"},
        {"user_id": people.KIM, "own_minor": 30_50, "own_message": ""},
    ]
    again = typed(world, written(world, "again.csv", GOOD.encode("windows-1252")))
    assert again.exit_code == 1
    assert f"R-{request['id']}" in again.output


def test_a_faulty_file_comes_back_with_what_is_wrong(world: World):
    before = batches(world)
    book = Workbook()
    for row in (("person", "amount", "message"), ("rob@acme.example", 25, "=1+1"), ("nobody@acme.example", 0, "Hi")):
        book.active.append(row)
    packed = BytesIO()
    book.save(packed)
    result = typed(world, written(world, "faulty.xlsx", packed.getvalue()))

    assert result.exit_code == 1
    missing = fault_text("person", Fault(FaultCode.NO_SUCH_PERSON, {"text": "nobody@acme.example"}))
    zero = fault_text("amount", Fault(FaultCode.ZERO))
    assert f"Row 3: {missing} {zero}" in result.output
    back = (world.folder / "faulty.problems.csv").read_text(encoding="utf-8-sig").splitlines()
    assert back[0] == "person,amount,message,problem"
    assert back[2] == f"nobody@acme.example,0,Hi,{missing} {zero}"
    assert batches(world) == before


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", UnreadableSheet(SheetFault.EMPTY)),
        (b"x" * (MOST_BYTES * 2), UnreadableSheet(SheetFault.TOO_BIG, limit=MOST_BYTES)),
        (b"PK\x03\x04 not packed", UnreadableSheet(SheetFault.NOT_A_WORKBOOK)),
    ],
    ids=["empty", "20 MB", "damaged"],
)
def test_what_is_no_list_is_refused_in_words(world: World, data: bytes, refusal: UnreadableSheet):
    result = typed(world, written(world, "bad.csv", data))
    assert (result.exit_code, result.output.strip()) == (1, "\n".join(refusal_lines(refusal)))


def test_without_a_reward_those_on_offer_are_listed(world: World):
    result = typed(world, written(world, "unnamed.csv", GOOD.encode()), reward="")
    assert result.exit_code == 1
    assert f"--reward {CARD}" in result.output


def test_where_the_settings_have_occasions_one_is_named(world: World):
    file = written(world, "occasion.csv", GOOD.encode())
    assert typed(world, file, occasion="Birthday").exit_code == 1, "the settings have none"
    occasions = '["Birthday", "Work anniversary"]'
    for wrong in ("", "birthday"):
        result = typed(world, file, occasion=wrong, occasions=occasions)
        assert result.exit_code == 1
        assert "--occasion 'Work anniversary'" in result.output
    assert typed(world, file, people.PRIYA, occasion="Birthday", occasions=occasions).exit_code == 0
    batch = world.one("SELECT asks_for FROM batches WHERE requester_id = :priya", priya=people.PRIYA)
    assert '"occasion":"Birthday"' in batch["asks_for"].replace(": ", ":")


@pytest.mark.parametrize(("flags", "zone"), [([], ""), (["--requesters-clock"], "America/New_York")])
def test_a_file_is_sent_on_a_date(world: World, flags: list[str], zone: str):
    at = datetime.now(UTC).replace(tzinfo=None, hour=9, minute=0, second=0, microsecond=0) + timedelta(days=30)
    file = written(world, f"dated{len(flags)}.csv", f"rob@acme.example,{20 + len(flags)},Thanks\n".encode())
    result = typed(world, file, people.MAYA, "--send-on", civil_text(at), *flags)
    assert result.exit_code == 0, result.output
    schedule = Schedule(at, zone)
    assert schedule_text(schedule) in result.output
    stored = world.one("SELECT reference FROM batches ORDER BY id DESC LIMIT 1")["reference"]
    kept = world.bot._storage.batches.by_reference(stored)
    assert kept is not None
    assert kept.new.details.schedule == schedule


def test_a_date_of_a_file_goes_by_the_rules_of_the_form(world: World):
    file = written(world, "late.csv", b"rob@acme.example,23,Thanks\n")
    before = batches(world)
    over = typed(world, file, people.MAYA, "--send-on", "2020-12-24T09:00")
    assert over.exit_code == 1
    assert fault_text("send_on", Fault(FaultCode.TOO_SOON)) in over.output
    assert typed(world, file, people.MAYA, "--send-on", "tomorrow").exit_code == 2
    assert batches(world) == before


def test_a_clock_without_a_date_is_refused(world: World):
    before = batches(world)
    result = typed(
        world, written(world, "undated.csv", b"rob@acme.example,24,Thanks\n"), people.MAYA, "--requesters-clock"
    )
    assert result.exit_code == 2
    assert "--send-on" in result.output
    assert batches(world) == before


def test_a_file_that_is_not_there_is_named(world: World):
    result = typed(world, world.folder / "nowhere.csv")
    assert result.exit_code == 1
    assert "nowhere.csv" in result.output


def test_who_may_not_send_is_refused_as_in_slack(world: World):
    result = typed(world, written(world, "guest.csv", GOOD.encode()), people.GUS)
    assert result.exit_code == 1
    assert refusal_text(NotAllowed(Rule.GUESTS_MAY_NOT_SEND)) in result.output
