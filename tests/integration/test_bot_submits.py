"""A form that is submitted again, because the answer to its first submit was lost."""

from typing import Any

from bot.errors import AlreadyAsked
from bot.sandbox.slack import people
from handlers.views.messages import refusal_text
from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.payloads import a_request_form, a_submission


def submit(world: World, view_id: str, *, who: str = people.MAYA, metadata: str = "", amount: str = "25") -> Any:
    """Submit a form whose answer is lost on its way to the screen; the answer."""
    entered = a_request_form([people.ROB], CARD, amount)
    form = a_submission(world.slack, who, "request", entered, private_metadata=metadata, view_id=view_id)
    return world.slack.deliver("interactive", form)


def requests(world: World) -> list[int]:
    """The amounts that were asked for, in cents."""
    return [row["amount_minor"] for row in world.rows("SELECT amount_minor FROM requests ORDER BY id")]


def already(number: int, amount: str) -> str:
    return refusal_text(AlreadyAsked(number=f"R-{number}", amount=amount, names=["Rob Hale"]))


def test_the_same_again_is_asked_for_once(world: World):
    assert submit(world, "V0LOST") == submit(world, "V0LOST")
    assert requests(world) == [25_00]


def test_a_form_that_was_changed_is_kept_and_asks_for_a_request_of_its_own(world: World):
    form = world.form()
    submit(world, form.id)
    values = {"recipients": ["rob"], "reward": CARD, "amount": "40", "message": "And this too"}
    kept = world.maya.submit(form, values).modal
    assert kept is not None
    assert kept.id == form.id
    assert already(1, "$25.00") in kept.words
    assert requests(world) == [25_00], "nothing was dropped, and nothing was asked for yet"
    assert world.maya.submit(kept, values).closed
    assert requests(world) == [25_00, 40_00]
    assert world.one("SELECT message FROM requests ORDER BY id DESC LIMIT 1")["message"] == "And this too"


def test_what_was_typed_survives_where_nothing_is_typed_anew(world: World):
    form = world.form()
    submit(world, form.id)
    kept = world.maya.submit(form, {"recipients": ["rob"], "reward": CARD, "amount": "40", "message": "Also"}).modal
    assert kept is not None
    assert world.maya.submit(kept, {}).closed
    assert requests(world) == [25_00, 40_00]


def test_each_change_is_asked_about_and_each_repetition_is_dropped(world: World):
    submit(world, "V0LOST")
    metadata = submit(world, "V0LOST", amount="40")["view"]["private_metadata"]
    assert submit(world, "V0LOST", amount="40", metadata=metadata) is None
    assert submit(world, "V0LOST", amount="40", metadata=metadata) is None
    assert submit(world, "V0LOST", amount="25") is None, "what was taken before is still taken once"
    asked = submit(world, "V0LOST", amount="60", metadata=metadata)
    second = world.one("SELECT max(id) AS id FROM requests")["id"]
    assert already(second, "$40.00") in str(asked)
    assert submit(world, "V0LOST", amount="60", metadata=asked["view"]["private_metadata"]) is None
    assert requests(world) == [25_00, 40_00, 60_00]


def test_folding_a_form_keeps_that_it_has_made_a_request(world: World):
    form = world.form()
    submit(world, form.id)
    values = {"recipients": ["rob"], "reward": CARD, "amount": "40"}
    kept = world.maya.submit(form, values).modal
    assert kept is not None
    world.maya.click(kept, "request_more")
    unfolded = world.maya.wait_for(
        lambda: next((view for view in world.maya.modals if "campaign" in view.entered), None)
    )
    assert world.maya.submit(unfolded, {**values, "campaign": "launch"}).closed
    assert requests(world) == [25_00, 40_00]


def test_nobody_hears_what_was_asked_for_in_anothers_form(world: World):
    submit(world, "V0LOST")
    answer = submit(world, "V0LOST", who=people.PRIYA, amount="40")
    assert wording.STALE in str(answer)
    assert "25.00" not in str(answer)
    assert requests(world) == [25_00]
