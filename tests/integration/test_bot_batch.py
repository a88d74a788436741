"""A batch through the bot's own doors: a list is checked whole, asked for once, approved once, and sent row by row."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from bot.domain.batch import MOST_PASTED, SheetFault, UnreadableSheet
from bot.errors import NotAllowed, Rule, StaleReference
from bot.faults import Fault, FaultCode
from bot.sandbox.slack import Person, ShownView, people
from handlers.ids import Action
from handlers.manifest import build_manifest
from handlers.views.batch import build_batch_form, either_text, refusal_lines
from handlers.views.batch_receipt import build_canceled_rest
from handlers.views.faults import fault_text
from handlers.views.messages import asking_text, refusal_text
from tests.kit.bot import CARD, FIXED, World
from tests.kit.rights import forge

LIST: Final = (
    f"rob@acme.example, 25, Thanks for the launch, all of it\n\nKIM@acme.example\t30.50\tYou rock\n{people.LI} 1,000\n"
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, module_database: Path | str) -> Iterator[World]:
    """A workspace in which each test asks in the name of another sender."""
    with World(tmp_path_factory.mktemp("batches"), where=module_database) as world:
        yield world


def checked(who: Person, text: str, reward: str = CARD, delivery: str = "email") -> ShownView:
    """Paste a list and have it checked; what the window shows then."""
    if who.modal is not None:
        who.close(everything=True)
    form = who.command("/kudos", "batch").modal
    assert form is not None
    who.options(form, Action.BATCH_REWARD, "")
    who.submit(form, {"reward": reward, "list": text, "delivery": delivery})
    return who.wait_for(lambda: now if (now := who.modal) and asking_text() not in now.words else None)


def ask(world: World, who: Person, text: str, **more: str) -> int:
    """Ask for a list, and wait for its card; the request's id."""
    before = world.one("SELECT coalesce(max(id), 0) AS id FROM requests")["id"]
    window = checked(who, text, **more)
    assert who.submit(window).closed
    found: int = world.one("SELECT id FROM requests WHERE id > :before", before=before)["id"]
    world.until(lambda: world.is_posted("approval_card", found) and world.is_posted("receipt", found))
    return found


def counted(world: World) -> tuple[int, int]:
    sql = "SELECT (SELECT count(*) FROM requests) AS requests, (SELECT count(*) FROM batches) AS batches"
    row = world.one(sql)
    return row["requests"], row["batches"]


# -------------------------------------------------------------------------------------- the main job


def test_a_list_is_asked_for_once_approved_once_and_sent_row_by_row(world: World):
    window = checked(world.maya, LIST)
    assert "$1,055.50" in window.words
    assert world.rows("SELECT 1 FROM requests") == [], "nobody is asked before somebody says so"

    request_id = ask(world, world.maya, LIST)
    card = world.card(request_id)
    assert "$1,055.50" in card.text
    assert "@acme.example" not in card.text + card.words, "more than one person sees the card"
    assert "Thanks for the launch" not in card.text + card.words
    world.alex.click(card, "approve")
    world.settle()

    sent = {order.recipient["email"]: order for order in world.tango.orders}
    assert {email: (order.amount, order.message) for email, order in sent.items()} == {
        "rob@acme.example": (Decimal(25), "Thanks for the launch, all of it"),
        "kim@acme.example": (Decimal("30.50"), "You rock"),
        "li@acme.example": (Decimal(1000), None),
    }
    references = world.rows("SELECT external_ref_id FROM recipients")
    assert {order.external_ref_id for order in world.tango.orders} == {row["external_ref_id"] for row in references}
    world.tick("batches")
    world.settle()
    assert "up to $1,000.00 each" in world.receipt(request_id).words
    robs, kims = "Thanks for the launch", "You rock"
    for who, own, others in (("rob", robs, kims), ("kim", kims, robs)):
        told = world.said(world.slack.person(who), own)
        assert others not in told.text + told.words
        assert "$1,000.00" not in told.text + told.words


def test_an_approver_looks_through_the_rows_and_others_do_not(world: World):
    request_id = ask(world, world.maya, LIST)
    rows = world.alex.click(world.card(request_id), Action.BATCH_ROWS).modal
    assert rows is not None
    for shown in ("Rob Hale", "rob@acme.example", "$30.50", "Thanks for the launch, all of it"):
        assert shown in rows.words
    reference = world.reference("requests", request_id)
    refused = forge(world.slack, world.maya, Action.BATCH_ROWS, reference)
    assert refused is None
    rule = NotAllowed(Rule.APPROVERS_ONLY, who_may=[people.ALEX, people.SAM], waits=True)
    assert world.said(world.maya, refusal_text(rule))


# ------------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("line", "field", "fault"),
    [
        ("nobody@acme.example 25", "person", Fault(FaultCode.NO_SUCH_PERSON, {"text": "nobody@acme.example"})),
        ("U0NOBODY1 25", "person", Fault(FaultCode.NO_SUCH_PERSON, {"text": "U0NOBODY1"})),
        (
            "@rob 25",
            "person",
            Fault(FaultCode.ONLY_A_NAME, {"text": "@rob", "suggested": [f"Rob Hale ({people.ROB})"]}),
        ),
        ("Zed\t25", "person", Fault(FaultCode.ONLY_A_NAME, {"text": "Zed", "suggested": []})),
        ("\t25", "person", Fault(FaultCode.UNNAMED)),
        ("priya@acme.example 25", "person", Fault(FaultCode.IS_ONESELF)),
        ("gus@studio.example 25", "person", Fault(FaultCode.IS_GUEST, {"name": "Gus Guest"})),
        ("dora@acme.example 25", "person", Fault(FaultCode.IS_DEACTIVATED, {"name": "Dora Former"})),
        (f"{people.NOEMAIL} 25", "person", Fault(FaultCode.HAS_NO_EMAIL, {"name": "Noor Haddad"})),
        ("rob@acme.example 25,50", "amount", Fault(FaultCode.DECIMAL_COMMA)),
        ("rob@acme.example 25 EUR", "amount", Fault(FaultCode.OTHER_CURRENCY, {"currency": "USD"})),
        ("rob@acme.example 0", "amount", Fault(FaultCode.ZERO)),
        ("rob@acme.example 1001", "amount", Fault(FaultCode.ABOVE_MAXIMUM, {"bound": "$1,000.00"})),
        ("rob@acme.example Thanks", "amount", Fault(FaultCode.EMPTY, {"amounts": "$1 to $1,000"})),
    ],
)
def test_each_faulty_row_is_named_and_nothing_is_kept(shared: World, line: str, field: str, fault: Fault):
    priya, before = shared.slack.person("priya"), counted(shared)
    window = checked(priya, f"kim@acme.example 25\n{line}")
    assert f"Row 2: {fault_text(field, fault)}" in window.words.replace("&lt;", "<").replace("&gt;", ">")
    assert window.entered["list"]["batch_list"] == f"kim@acme.example 25\n{line}", "what was typed stays"
    assert counted(shared) == before


def test_all_that_is_wrong_is_said_at_once(shared: World):
    priya = shared.slack.person("priya")
    twice = f"rob@acme.example 25\n{people.ROB} 0\nnobody@acme.example x"
    words = checked(priya, twice).words
    for number, field, fault in (
        (1, "person", Fault(FaultCode.SAME_PERSON, {"row": 2})),
        (2, "person", Fault(FaultCode.SAME_PERSON, {"row": 1})),
        (3, "person", Fault(FaultCode.NO_SUCH_PERSON, {"text": "nobody@acme.example"})),
    ):
        assert f"Row {number}: {fault_text(field, fault)}" in words
    for fault in (Fault(FaultCode.ZERO), Fault(FaultCode.EMPTY, {"amounts": "$1 to $1,000"})):
        assert fault_text("amount", fault) in words


def test_a_list_that_can_not_be_read_is_told_under_its_field(shared: World):
    priya = shared.slack.person("priya")
    form = priya.command("/kudos", "batch").modal
    assert form is not None
    priya.options(form, Action.BATCH_REWARD, "")
    outcome = priya.submit(form, {"reward": CARD, "list": "a@b.cd 1\n" * (MOST_PASTED + 1)})
    too_long = UnreadableSheet(SheetFault.TOO_MANY_ROWS, limit=MOST_PASTED)
    assert outcome.errors == {"list": "\n".join(refusal_lines(too_long))}


def test_a_reward_of_one_value_needs_no_amounts(shared: World):
    words = checked(shared.slack.person("priya"), "rob@acme.example\nkim@acme.example", reward=FIXED).words
    assert "$50.00" in words


def test_who_may_not_send_gets_no_form(shared: World):
    gus = shared.slack.person("gus")
    told = shared.answer(gus, lambda: gus.command("/kudos", "batch"))
    assert refusal_text(NotAllowed(Rule.GUESTS_MAY_NOT_SEND)) in told.text


# ------------------------------------------------------------------------------------------ only once


def test_the_same_list_within_a_day_is_one_batch(world: World):
    first = checked(world.maya, LIST)
    assert checked(world.maya, LIST).words == first.words
    assert counted(world) == (0, 1)
    request_id = ask(world, world.maya, LIST)
    assert f"R-{request_id}" in checked(world.maya, LIST).words, "it was asked for"
    assert counted(world) == (1, 1)
    world.maya.click(world.receipt(request_id), "withdraw")
    assert ask(world, world.maya, LIST) != request_id, "it came to nothing"


def test_another_persons_batch_is_not_there(world: World):
    checked(world.maya, LIST)
    reference = world.one("SELECT reference FROM batches")["reference"]
    forge(world.slack, world.sam, Action.BATCH_ASK, reference)
    assert world.said(world.sam, refusal_text(StaleReference()))
    assert counted(world) == (0, 1)


# ------------------------------------------------------------------------------- budgets, limits, policy


def test_a_batch_is_held_against_budgets_and_limits_and_policy_by_its_total(tmp_path: Path):
    settings = {
        "budgets": [{"name": "All", "senders": ["*"], "amount": "100 USD", "per": "year"}],
        "limits": {"per_reward": ["60 USD"]},
        "approvals": {"second_above": ["80 USD"]},
    }
    with World(tmp_path, settings=settings) as world:
        over = checked(world.maya, "rob@acme.example 61\nkim@acme.example 50").words
        assert "Row 1: " in over
        assert "$111.00" in over
        request_id = ask(world, world.maya, "rob@acme.example 60\nkim@acme.example 30")
        row = world.one("SELECT reserved_minor, approvals_needed FROM requests WHERE id = :id", id=request_id)
        assert row == {"reserved_minor": 90_00, "approvals_needed": 2}
        assert "$10.00" in checked(world.maya, "li@acme.example 11").words
        world.maya.click(world.receipt(request_id), "withdraw")
        assert "$11.00" in checked(world.maya, "li@acme.example 11").words


# ---------------------------------------------------------------------------------- while it is sent


def test_the_rest_of_a_batch_is_canceled_at_once(world: World):
    world.bot._storage.queue.pause(world.clock.now())
    request_id = ask(world, world.maya, LIST)
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: Action.BATCH_CANCEL in world.receipt(request_id).action_ids)
    told = world.answer(world.maya, lambda: world.maya.click(world.receipt(request_id), Action.BATCH_CANCEL))
    assert told.text == build_canceled_rest(3).text
    assert [row["status"] for row in world.rows("SELECT status FROM orders")] == ["canceled"] * 3
    assert world.tango.orders == []
    world.until(lambda: Action.BATCH_CANCEL not in world.receipt(request_id).action_ids)


def test_an_order_by_hand_overtakes_a_batch(world: World):
    world.bot._storage.queue.pause(world.clock.now())
    batch = ask(world, world.maya, LIST)
    world.alex.click(world.card(batch), "approve")
    world.approve(world.slack.person("priya"), recipients=["ana"], amount="5")
    world.until(lambda: len(world.rows("SELECT 1 FROM orders")) == 4)
    world.bot._storage.queue.unpause()
    world.settle()
    first = world.tango.orders[0]
    assert first.recipient["email"] == "ana@acme.example"
    assert len(world.tango.orders) == 4


def test_the_failed_ones_are_tried_again_by_a_new_batch(world: World):
    world.tango.faults.set("rejected", email="kim@acme.example")
    request_id = ask(world, world.maya, LIST)
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    world.tick("batches")
    receipt = world.until(lambda: now if Action.BATCH_AGAIN in (now := world.receipt(request_id)).action_ids else None)
    assert "Kim Park" in receipt.words
    world.tango.faults.clear()
    again = world.answer(world.maya, lambda: world.maya.click(receipt, Action.BATCH_AGAIN))
    assert "$30.50" in again.words
    world.maya.click(again, Action.BATCH_ASK)
    new = world.until(lambda: world.rows("SELECT id FROM requests WHERE id > :id", id=request_id))[0]["id"]
    gets = world.rows("SELECT user_id, own_minor, own_message FROM recipients WHERE request_id = :id", id=new)
    assert gets == [{"user_id": people.KIM, "own_minor": 30_50, "own_message": "You rock"}]


# ------------------------------------------------------------------------------------------ files


@pytest.fixture(scope="module")
def with_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("files"), settings={"slack": {"files": True}}) as world:
        world.slack.manifest(build_manifest(files=True))
        yield world


def uploaded(who: Person, name: str, content: bytes) -> ShownView:
    """Choose a file in the form and have it checked; what the window shows then."""
    if who.modal is not None:
        who.close(everything=True)
    form = who.command("/kudos", "batch").modal
    assert form is not None
    who.options(form, Action.BATCH_REWARD, "")
    who.submit(form, {"reward": CARD, "file": [who.upload(name, content)]})
    return who.wait_for(lambda: now if (now := who.modal) and asking_text() not in now.words else None)


def test_a_file_is_checked_and_asked_for_like_a_list(with_files: World):
    maya = with_files.maya
    rows = b"email;amount;message\r\nrob@acme.example;25;Thanks\r\nkim@acme.example;30;\r\n"
    window = uploaded(maya, "list.csv", rows)
    assert "$55.00" in window.words
    assert maya.submit(window).closed
    assert with_files.one("SELECT count(*) AS n FROM recipients")["n"] == 2


def test_a_file_with_faults_comes_back(with_files: World):
    maya, workspace = with_files.maya, with_files.slack.workspace
    window = uploaded(maya, "list.csv", b"email,amount\nrob@acme.example,25\nnobody@acme.example,=1+1\n")
    assert "Row 3: " in window.words
    assert build_batch_form(is_sent_back=True)["blocks"][0]["text"]["text"] in window.words
    back = list(workspace.files.values())[-1]
    [first, right, wrong] = back.content.decode("utf-8-sig").splitlines()
    assert first == "email,amount,problem"
    assert right == "rob@acme.example,25,"
    assert wrong.startswith("nobody@acme.example,'=1+1,")
    assert with_files.said(maya, "Row 3: ")
    assert back.channels == [maya.dm_channel]


def test_what_is_no_list_is_said(with_files: World):
    window = uploaded(with_files.maya, "list.csv", b"\x89PNG\r\n\x1a\n\x00\x00")
    assert refusal_lines(UnreadableSheet(SheetFault.NOT_TEXT))[0] in window.words


def test_a_list_and_a_file_are_two(with_files: World):
    maya = with_files.maya
    if maya.modal is not None:
        maya.close(everything=True)
    form = maya.command("/kudos", "batch").modal
    assert form is not None
    maya.options(form, Action.BATCH_REWARD, "")
    both = {"reward": CARD, "list": "rob@acme.example 5", "file": [maya.upload("list.csv", b"a,b\n")]}
    assert maya.submit(form, both).errors == {"file": either_text()}


def test_without_the_setting_there_is_no_field_for_a_file(world: World):
    form = world.maya.command("/kudos", "batch").modal
    assert form is not None
    assert Action.BATCH_FILE not in form.action_ids
