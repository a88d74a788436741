"""Occasions: the form asks for one of the settings', and card, receipt, order and gift log show it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from bot.domain.occasion import Occasion
from bot.errors import InvalidForm
from bot.faults import Fault, FaultCode
from bot.sandbox.slack import people
from handlers.ids import Action, Block, Function, Input
from handlers.manifest import build_manifest
from handlers.views.faults import fault_text
from handlers.views.occasions import occasion_text
from handlers.views.workflows import refused_text
from tests.kit.bot import CARD, World
from tests.kit.payloads import a_click, a_request_form, a_submission

OCCASIONS: Final = ["Birthday", {"name": "Work anniversary", "taxable": True}, {"name": "Thanks", "taxable": False}]
ANNIVERSARY: Final = occasion_text(Occasion("Work anniversary", is_taxable=True))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot whose settings name three occasions."""
    with World(tmp_path_factory.mktemp("occasions"), settings={"occasions": OCCASIONS}) as world:
        yield world


def test_the_form_asks_for_one_and_does_not_go_without(world: World):
    assert Block.OCCASION in world.form(text="@rob 25").entered
    assert set(world.fill_in().errors or ()) == {Block.OCCASION}, "Slack itself asks for it"
    world.maya.close(everything=True)
    forged = a_submission(world.slack, people.MAYA, "request", a_request_form([people.ROB], CARD, "25"))
    assert fault_text("occasion", Fault(FaultCode.REQUIRED)) in str(world.slack.deliver("interactive", forged))
    assert not world.rows("SELECT 1 FROM requests")


def test_card_receipt_order_and_gift_log_show_it(world: World):
    request_id = world.ask(occasion="Work anniversary")
    assert ANNIVERSARY in world.card(request_id).words
    assert ANNIVERSARY in world.receipt(request_id).words
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    detail = world.answer(world.maya, lambda: world.maya.command("/orders", f"R-{request_id}"))
    logged = world.one("SELECT occasion, taxable FROM gift_log")

    assert ANNIVERSARY in detail.words
    assert logged == {"occasion": "Work anniversary", "taxable": 1}


def test_a_list_of_many_asks_for_one_too(world: World):
    window = world.maya.command("/kudos", "batch").modal
    assert window is not None
    assert Block.OCCASION in window.entered
    world.maya.options(window, Action.BATCH_REWARD, "")
    listed = {"reward": CARD, "list": "rob@acme.example, 25, Thanks", "delivery": "email"}
    assert set(world.maya.submit(window, listed).errors or ()) == {Block.OCCASION}
    world.maya.submit(window, {**listed, "occasion": "Work anniversary"})
    ready = world.until(lambda: now if (now := world.maya.modal) and "$25.00" in now.words else None)
    before = world.one("SELECT coalesce(max(id), 0) AS id FROM requests")["id"]
    assert world.maya.submit(ready).closed
    asked = world.until(lambda: world.rows("SELECT id, occasion, taxable FROM requests WHERE id > :id", id=before))[0]

    assert (asked["occasion"], asked["taxable"]) == ("Work anniversary", 1)
    world.until(lambda: world.is_posted("approval_card", asked["id"]))
    assert ANNIVERSARY in world.card(asked["id"]).words


def test_the_step_in_workflows_asks_for_one_too(tmp_path: Path, database: Path | str):
    settings = {"occasions": OCCASIONS, "slack": {"workflow_requester": people.PRIYA}}
    with World(tmp_path, where=database, settings=settings) as world:
        world.slack.manifest(build_manifest(workflows=True, occasions=True))
        builder = world.slack.workflow_builder
        offered = builder.options(Function.ASK_FOR_REWARD, Input.OCCASION, "ANNI")
        given = {Input.RECIPIENT: people.ROB, Input.REWARD: CARD, Input.AMOUNT: "25"}
        ran = [
            builder.run(Function.ASK_FOR_REWARD, {name.value: value for name, value in (given | more).items()})
            for more in ({Input.OCCASION: "Work anniversary"}, {Input.OCCASION: "No such"})
        ]
        world.settle()
        made = world.rows("SELECT occasion, taxable, by_workflow FROM requests")
        kept = world.rows("SELECT occasion FROM workflow_runs")

    assert [one["value"] for one in offered] == ["Work anniversary"]
    assert made == [{"occasion": "Work anniversary", "taxable": 1, "by_workflow": 1}]
    refusal = InvalidForm({"occasion": Fault(FaultCode.UNAVAILABLE)})
    assert [(one.status, one.error or "") for one in ran] == [("completed", ""), ("failed", refused_text(refusal))]
    assert kept == [{"occasion": ""}] * 2


def test_what_was_chosen_survives_a_change_of_the_form_and_is_there_again(world: World):
    form = world.form(text="@kim 25")
    world.maya.select(form, "request_occasion", "Birthday")
    world.maya.click(form, "request_more")
    unfolded = world.until(lambda: now if (now := world.maya.modal) and "campaign" in now.entered else None)
    assert "Birthday" in str(unfolded.entered[Block.OCCASION])
    world.maya.close(everything=True)

    asked = world.ask(recipients=["kim"], occasion="Thanks")
    world.maya.click(world.receipt(asked), "withdraw")
    world.settle()
    reference = world.reference("requests", asked)
    world.slack.deliver("interactive", a_click(world.slack, people.MAYA, "request_again", reference))
    again = world.until(lambda: world.maya.modal)
    assert "Thanks" in str(again.entered[Block.OCCASION])
    world.maya.close(everything=True)


def test_an_occasion_that_is_not_in_the_settings_any_more_is_refused(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"occasions": OCCASIONS}) as world:
        form = world.form(text="@rob 25")
        world.stop()
        world._more = {"occasions": ["Birthday"]}
        world.start()
        values = {"recipients": ["rob"], "reward": CARD, "amount": "25", "occasion": "Thanks"}
        refused = world.maya.submit(form, values)

    assert refused.errors == {Block.OCCASION: fault_text("occasion", Fault(FaultCode.UNAVAILABLE))}


def test_without_occasions_in_the_settings_nothing_is_asked(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database) as world:
        assert Block.OCCASION not in world.form().entered
        world.place()
        assert world.one("SELECT occasion, taxable FROM gift_log") == {"occasion": "", "taxable": None}
