"""The request form as people fill it in: nothing typed is lost, all faults are said, a parcel has a name that fits."""

from typing import Any, Final

import pytest

from bot.faults import FaultCode
from bot.sandbox.slack import Outcome, ShownView, people
from tests.kit import wording
from tests.kit.bot import CARD, FIXED, World
from tests.kit.payloads import a_request_form, a_submission

PHYSICAL: Final = "U700801"
PRINTED: Final = "U561601"
PROMO: Final = "U561610"

ADDRESS: Final = {
    "street_line1": "1 Main St",
    "street_line2": "Floor 2",
    "city": "Springfield",
    "state_or_province": "IL",
    "postal_code": "62701",
    "country": "US",
}
MORE: Final = {
    "subject": "A thank-you",
    "template": "E000001",
    "campaign": "launch",
    "purchase_order": "PO-7",
    "notes": "for the board",
}


def _now(world: World, before: ShownView) -> ShownView:
    """The form, once it is reshaped."""
    return world.until(
        lambda: form if (form := world.maya.modal) and form.data["hash"] != before.data["hash"] else None
    )


def _choose(world: World, form: ShownView, field: str, value: Any, **typed: Any) -> ShownView:
    world.maya.select(form, f"request_{field}", value, values=typed or None)
    return _now(world, form)


def _posted(world: World, who: str, reward: str = PHYSICAL) -> ShownView:
    form = _choose(world, world.form(), "reward", reward)
    world.maya.options(form, "country", "united states")
    return _choose(world, form, "recipients", [who], amount="25", **ADDRESS)


def _names(form: ShownView) -> tuple[Any, Any]:
    return tuple(next(iter(form.entered[name].values())) for name in ("first_name", "last_name"))


def _said(form: ShownView) -> dict[str, Any]:
    """What is entered, by block."""
    return {block: next(iter(held.values())) for block, held in form.entered.items() if held}


def _requests(world: World) -> int:
    return len(world.rows("SELECT 1 FROM requests"))


# ------------------------------------------------------------------------------- names on a parcel


@pytest.mark.parametrize(
    ("name", "refused", "typed"),
    [
        ("Pat O'Brien", {"last_name": "'"}, ("Pat", "OBrien")),
        ("Jos\u00e9 Silva", {"first_name": "\u00e9"}, ("Jose", "Silva")),
    ],
)
def test_who_has_letters_that_a_parcel_cannot_have_is_posted_one_under_typed_names(
    world: World, name: str, refused: dict[str, str], typed: tuple[str, str]
):
    world.slack.change_user("kim", real_name=name)
    form = _posted(world, "kim")
    assert " ".join(_names(form)) == name, "the names are the profile's, whole"
    outcome = world.maya.submit(form, {})
    assert outcome.errors == {
        field: wording.fault(field, FaultCode.CHARACTERS, found=found) for field, found in refused.items()
    }
    outcome = world.maya.submit(form, dict(zip(("first_name", "last_name"), typed, strict=True)))
    assert outcome.closed, outcome.errors
    world.until(lambda: world.is_posted("approval_card", 1))
    assert name in world.card(1).words.replace("&#39;", "'"), "the card has the name of the profile"
    assert " ".join(typed) in world.card(1).words, "and the typed one, because it is another"
    world.alex.click(world.card(1), "approve")
    world.settle()
    (order,) = world.tango.orders
    assert (order.recipient["firstName"], order.recipient["lastName"]) == typed


def test_who_has_one_name_alone_is_asked_for_the_other(world: World):
    world.slack.change_user("kim", real_name="Cher")
    form = _posted(world, "kim")
    assert _names(form) == ("Cher", None)
    assert set(world.maya.submit(form, {}).errors or ()) == {"last_name"}
    assert world.maya.submit(form, {"last_name": "Sarkisian"}).closed


def test_a_name_that_is_too_long_for_a_parcel_is_not_cut(world: World):
    world.slack.change_user("kim", real_name=f"{'K' * 26} Park")
    form = _posted(world, "kim")
    assert _names(form) == ("K" * 26, "Park")
    outcome = world.maya.submit(form, {})
    assert outcome.errors == {"first_name": wording.fault("first_name", FaultCode.TOO_LONG, limit=25, length=26)}


def test_another_person_has_other_names_and_the_same_keeps_the_typed_ones(world: World):
    form = _posted(world, "rob")
    assert _names(form) == ("Rob", "Hale")
    form = _choose(world, form, "reward", CARD, first_name="Robert")
    assert "first_name" not in form.entered
    form = _choose(world, form, "reward", PHYSICAL)
    assert _names(form) == ("Robert", "Hale")
    form = _choose(world, form, "recipients", ["kim"])
    assert _names(form) == ("Kim", "Park")


def test_a_parcel_whose_names_nobody_saw_has_the_profiles(world: World):
    form = _choose(world, world.form(), "reward", PHYSICAL)
    world.maya.options(form, "country", "united states")
    assert world.maya.submit(form, {"recipients": ["rob"], "amount": "25", **ADDRESS}).closed
    world.slack.change_user("kim", real_name="Jos\u00e9 Silva")
    form = _choose(world, world.form(), "reward", PHYSICAL)
    world.maya.options(form, "country", "united states")
    shown = world.maya.submit(form, {"recipients": ["kim"], "amount": "25", **ADDRESS}).modal
    assert shown is not None
    assert _names(shown) == ("Jos\u00e9", "Silva"), "they are shown now, with the fault"
    assert wording.fault("first_name", FaultCode.CHARACTERS, found="\u00e9") in shown.words
    assert world.maya.submit(shown, {"first_name": "Jose"}).closed


# --------------------------------------------------------------------------- what was typed survives


def test_all_that_was_typed_survives_another_reward_and_back(world: World):
    form = world.form(text="@rob 25 well done")
    world.maya.click(form, "request_more")
    form = _now(world, form)
    form = _choose(world, form, "reward", PROMO, **MORE)
    form = _choose(world, form, "reward", PHYSICAL, expires_on="2026-06-01")
    world.maya.options(form, "country", "united states")
    form = _choose(world, form, "reward", FIXED, **ADDRESS)
    form = _choose(world, form, "delivery", "message")
    assert not {"subject", "template", "amount", "expires_on", "city"} & set(form.entered)
    world.maya.click(form, "request_fewer")
    form = _now(world, form)
    form = _choose(world, form, "reward", PROMO)
    assert _said(form)["delivery"] == "message", "the delivery is the chosen one"
    assert _said(form)["expires_on"] == "2026-06-01"
    form = _choose(world, form, "delivery", "email")
    world.maya.click(form, "request_more")
    form = _now(world, form)
    said = _said(form)
    assert {name: said[name] for name in MORE} == MORE
    assert (said["amount"], said["message"], said["recipients"]) == ("25", "well done", [people.ROB])
    form = _choose(world, form, "reward", PHYSICAL)
    said = _said(form)
    assert {name: said[name] for name in ADDRESS} == ADDRESS


def test_news_of_a_delivery_is_offered_where_kudos_delivers_and_its_tick_survives(world: World):
    form = world.form(text="@rob 25")
    assert "tell_delivered" not in form.entered
    form = _choose(world, form, "delivery", "message", reward=CARD)
    form = _choose(world, form, "delivery", "email", tell_delivered=["yes"])
    assert "tell_delivered" not in form.entered
    form = _choose(world, form, "delivery", "message")
    assert _said(form)["tell_delivered"] == ["yes"]
    form = _choose(world, form, "delivery", "email")
    assert world.maya.submit(form).closed
    world.settle()
    assert "tell_delivered" not in world.one("SELECT details FROM requests")["details"], "Tango emails this one"


def test_a_delivery_by_message_survives_a_reward_that_is_posted(world: World):
    form = _choose(world, world.form(), "delivery", "message")
    form = _choose(world, form, "reward", PHYSICAL)
    assert "delivery" not in form.entered
    form = _choose(world, form, "reward", CARD)
    assert world.maya.submit(form, {"recipients": ["noemail"], "amount": "25"}).closed
    world.settle()
    assert '"delivery": "message"' in world.one("SELECT details FROM requests")["details"]


def test_a_typed_amount_does_not_count_for_a_reward_of_one_value(world: World):
    form = _choose(world, world.form(), "reward", FIXED, amount="10")
    assert world.maya.submit(form, {"recipients": ["rob"]}).closed
    assert world.one("SELECT amount_minor FROM requests")["amount_minor"] == 25_00


def test_notes_stay_when_the_form_changes(world: World):
    form = world.form(text="@rob @here 25")
    assert "@here" in form.words
    assert "@here" in _choose(world, form, "reward", FIXED).words


# ----------------------------------------------------------------------------------- all the faults


def _faulty(world: World) -> Outcome:
    form = world.form()
    world.maya.click(form, "request_more")
    form = _now(world, form)
    form = _choose(world, form, "reward", CARD, template="E12", campaign="launch")
    world.maya.click(form, "request_fewer")
    form = _now(world, form)
    assert "template" not in form.entered
    return world.maya.submit(form, {"recipients": ["gus", "maya", "noemail", "gina"], "amount": "-5"})


def test_all_faults_are_said_at_once_and_folded_fields_are_shown_for_it(world: World):
    outcome = _faulty(world)
    form = outcome.modal
    assert form is not None
    assert form.callback_id == "request"
    assert _requests(world) == 0
    said = _said(form)
    assert (said["template"], said["campaign"], said["amount"]) == ("E12", "launch", "-5")
    order = [block.get("block_id") for block in form.blocks]
    for field, code, facts in [
        ("recipients", FaultCode.IS_GUEST, {"name": "Gus Guest, Gina Visitor"}),
        ("recipients", FaultCode.IS_ONESELF, {}),
        ("recipients", FaultCode.HAS_NO_EMAIL, {"name": "Noor Haddad"}),
        ("amount", FaultCode.NEGATIVE, {}),
        ("template", FaultCode.MALFORMED, {}),
    ]:
        below = form.blocks[order.index(field) + 1]
        assert wording.fault(field, code, **facts) in str(below["elements"][0]["text"]), field
    assert world.maya.submit(form, {"recipients": ["rob"], "amount": "25", "template": "E000001"}).closed


def test_each_person_with_a_fault_is_named(calm: World):
    outcome = calm.fill_in(recipients=["rob", "gus", "dora", "gina", "lunchbot"])
    assert outcome.errors is not None
    assert all(name in outcome.errors["recipients"] for name in ("Gus", "Dora", "Gina", "Lunch Bot"))
    assert "Rob" not in outcome.errors["recipients"]


def test_faults_of_an_address_are_said_with_the_others(world: World):
    form = _posted(world, "rob", PRINTED)
    outcome = world.maya.submit(
        form, {"amount": "x", "postal_code": "627", "printed_template": "7", "message": "\N{PARTY POPPER}" * 1_500}
    )
    assert set(outcome.errors or ()) == {"amount", "postal_code", "printed_template"}


def test_a_form_that_does_not_show_its_address_yet_shows_it_with_the_faults(world: World):
    form = world.form()
    values = a_request_form([people.ROB], PHYSICAL, "25")
    answer = world.slack.deliver("interactive", a_submission(world.slack, people.MAYA, "request", values))
    assert answer["response_action"] == "update"
    shown = {block.get("block_id"): block for block in answer["view"]["blocks"]}
    assert {"street_line1", "city", "country", "first_name"} <= set(shown)
    assert shown["first_name"]["element"]["initial_value"] == "Rob"
    assert form.callback_id == "request"
    assert _requests(world) == 0


def test_required_fields_are_not_marked_optional(world: World):
    form = _posted(world, "rob", PRINTED)
    optional = {block["block_id"] for block in form.blocks if block["type"] == "input" and block.get("optional")}
    assert optional == {"message", "street_line2"}


def test_lengths_are_counted_as_tango_may_count_them(calm: World):
    values = a_request_form([people.ROB], CARD, "25", "\N{PARTY POPPER}" * 1_501)
    answer = calm.slack.deliver("interactive", a_submission(calm.slack, people.MAYA, "request", values))
    assert answer["errors"] == {"message": wording.fault("message", FaultCode.TOO_LONG, limit=3_000, length=3_002)}


@pytest.mark.parametrize(
    "metadata", ["[]", "{", '{"expires_on": "soon"}', '{"delivery": 7, "names_of": {}}', "x" * 3_000]
)
def test_hand_made_metadata_counts_as_nothing(world: World, metadata: str):
    values = a_request_form([people.ROB], CARD, "25")
    payload = a_submission(world.slack, people.MAYA, "request", values, private_metadata=metadata)
    assert world.slack.deliver("interactive", payload) in (None, {}, "")
    assert _requests(world) == 1
