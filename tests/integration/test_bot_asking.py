"""Asking again for what was declined or has expired; and asking once before a second reward within a day."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.days import start_of
from bot.domain.duplicate import OtherReward
from bot.domain.money import Money
from bot.domain.request import Repeated, RequestStatus
from bot.errors import AlreadyDecided
from bot.sandbox.slack import Outcome, Person, ShownView, people
from bot.usecases.duplicates import with_other_rewards
from handlers.ids import Action, Listed
from handlers.views.details import CardDetails, build_card_details
from handlers.views.form_notes import repeated_notes
from handlers.views.messages import refusal_text
from handlers.views.requests import repeat_lines
from handlers.views.warnings import recipient_warnings
from storage import Storage
from tests.kit import wording
from tests.kit.bot import CARD, WHOLE, World
from tests.kit.factories import together
from tests.kit.payloads import a_click, a_request_form, a_submission
from tests.kit.wording import words_in

DAY: Final = 86_400

#: Fields beyond the first four, which are behind *More options*.
MORE: Final = {"campaign": "launch", "purchase_order": "PO-7", "notes": "for the board", "subject": "Well done"}


@pytest.fixture(scope="module")
def one_day(tmp_path_factory: pytest.TempPathFactory, module_database: Path | str) -> Iterator[World]:
    """A bot for all tests, each of which begins when what the one before asked for is long past."""
    with World(tmp_path_factory.mktemp("asking"), where=module_database) as world:
        yield world


@pytest.fixture
def world(one_day: World) -> World:
    one_day.clock.advance(2 * DAY)
    return one_day


@pytest.fixture
def priya(world: World) -> Person:
    """Another sender than Maya."""
    return world.slack.person("priya")


def stored(world: World, request_id: int) -> Any:
    """The request, as the bot reads it."""
    storage: Storage = world.bot._storage
    return storage.requests.get(request_id)


def decline(world: World, request_id: int, reason: str = "Not *this* quarter <!here>") -> None:
    form = world.alex.click(world.card(request_id), Action.DECLINE).modal
    assert form is not None
    assert world.alex.submit(form, {"reason_choice": "other", "reason": reason}).closed
    world.settle()


def ask_again(world: World, text: str) -> ShownView:
    """Press Ask again under what the requester was told last; the form."""
    form = world.maya.click(world.said(world.maya, text), Action.REQUEST_AGAIN).modal
    assert form is not None
    return form


def known(world: World, request_id: int) -> tuple[Sequence[OtherReward], str]:
    """What else was asked for a request's recipients, and how the card warns of them now."""
    request = with_other_rewards(world.bot._storage, stored(world, request_id))
    return request.other_rewards, words_in(recipient_warnings(request, people.TEAM_ID))


def newest(world: World) -> Any:
    return stored(world, world.one("SELECT max(id) AS id FROM requests")["id"])


def rows(world: World) -> list[dict[str, Any]]:
    return world.rows("SELECT * FROM requests ORDER BY id")


def same_again(world: World, who: Person, **values: Any) -> Outcome:
    """Submit the form once, whatever it answers."""
    usual = {"recipients": ["rob"], "reward": CARD, "amount": "25"}
    return who.submit(world.form(who), usual | values)


def asked(outcome: Outcome, *names: str, is_own: bool = False) -> bool:
    """Return whether the form stays, and asks about these people."""
    return outcome.modal is not None and wording.duplicate(*names, is_own=is_own) in outcome.modal.words


# ------------------------------------------------------------------------------------------ asking again


def test_a_declined_request_is_edited_and_asked_for_again(world: World):
    form = world.form()
    world.maya.click(form, Action.MORE)
    unfolded = world.until(lambda: now if (now := world.maya.modal) and "campaign" in now.entered else None)
    values = {"recipients": ["rob", "kim"], "reward": CARD, "amount": "25", "message": "For the *launch*", **MORE}
    assert world.maya.submit(unfolded, values).closed
    old = newest(world)
    world.until(partial(world.is_posted, "approval_card", old.id))
    decline(world, old.id)
    before = rows(world)

    form = ask_again(world, "*this* quarter")
    [note] = repeated_notes(stored(world, old.id))
    assert note in form.words, "the reason is on top"
    assert "∗this∗ quarter &lt;!here&gt;" in note, "as it was typed"
    assert form.entered["recipients"]["request_recipients"] == [people.ROB, people.KIM]
    assert form.entered["message"]["request_message"] == "For the *launch*"
    assert world.maya.submit(form, {"amount": "20"}).closed

    new = newest(world)
    assert (new.amount, new.repeats.id) == (Money(20_00, "USD"), old.id)
    assert new.details == old.details, "with all that was entered"
    assert rows(world)[:-1] == before, "nothing decided is edited"
    world.settle()
    [line] = repeat_lines(new)
    assert line in world.card(new.id).words
    assert line in world.receipt(new.id).words
    world.alex.click(world.card(new.id), "approve")
    world.settle()
    assert line in world.card(new.id).words, "also once it is decided"


def test_what_was_withdrawn_is_asked_for_again_from_the_list(world: World):
    old = world.ask()
    world.maya.click(world.receipt(old), Action.WITHDRAW)
    listed = world.maya.command("/orders", "withdrawn", channel="general").ephemeral
    assert listed is not None
    reference = world.reference("requests", old)
    form = world.maya.select(listed, Action.REQUEST_LISTED, f"{Listed.AGAIN}-{reference}").modal
    assert form is not None
    assert world.maya.submit(form).closed, "what was withdrawn is no first reward"
    assert newest(world).repeats.id == old


def test_an_order_that_failed_is_asked_for_again_by_a_request_that_names_its_request(world: World):
    world.tango.faults.set("rejected", times=1)
    old = world.place(recipients=["li"])
    failed = world.one("SELECT status, external_ref_id FROM orders WHERE request_id = :id", id=old)
    assert failed["status"] == "failed"
    detail = world.maya.command("/orders", f"R-{old}", channel="general").ephemeral
    assert detail is not None
    click = a_click(world.slack, people.MAYA, Action.ORDER_ANEW, failed["external_ref_id"])
    world.slack.deliver("interactive", click)
    form = world.until(lambda: world.maya.modal)
    assert world.maya.submit(form).closed, "what failed is no first reward"
    assert newest(world).repeats.id == old
    world.settle()
    [line] = repeat_lines(newest(world))
    assert line in world.card(newest(world).id).words
    assert line != repeat_lines(replace(newest(world), repeats=Repeated(old, RequestStatus.APPROVED)))[0]


def test_who_got_the_reward_of_what_is_asked_for_again_is_asked_about(world: World):
    world.tango.faults.set("rejected", times=1)
    old = world.place(recipients=["li", "rob"])
    (failed,) = world.rows("SELECT external_ref_id FROM orders WHERE request_id = :id AND status = 'failed'", id=old)
    click = a_click(world.slack, people.MAYA, Action.ORDER_ANEW, failed["external_ref_id"])
    world.slack.deliver("interactive", click)
    form = world.until(lambda: world.maya.modal)
    sent_to = world.one("SELECT recipient_id FROM orders WHERE request_id = :id AND status = 'accepted'", id=old)
    kept = world.maya.submit(form, {"recipients": ["li", "rob"]})
    assert kept.modal is not None
    name = {one.user_id: one.name for one in stored(world, old).recipients}[sent_to["recipient_id"]]
    assert asked(kept, name, is_own=True)
    assert world.maya.submit(kept.modal).closed
    assert newest(world).repeats == Repeated(old, RequestStatus.APPROVED, orders=2, unsent=1)
    world.settle()
    decline(world, newest(world).id)


def test_what_is_approved_while_the_form_is_open_is_not_asked_for_again(world: World):
    old = world.ask()
    click = a_click(world.slack, people.MAYA, Action.REQUEST_AGAIN, world.reference("requests", old))
    world.slack.deliver("interactive", click)
    form = world.until(lambda: world.maya.modal)
    world.alex.click(world.card(old), "approve")
    world.settle()
    before = rows(world)
    refused = world.maya.submit(form)
    decided = stored(world, old)
    text = refusal_text(AlreadyDecided(status="approved", by=people.ALEX, at=decided.decided_at))
    assert text in str(refused.ack) + str(refused.errors)
    assert rows(world) == before


def test_a_submit_that_was_stored_is_taken_though_what_it_repeats_is_approved_since(world: World):
    old = world.ask()
    metadata = json.dumps({"repeats": world.reference("requests", old), "asked_about": f"{CARD} {people.ROB}"})
    view_id = f"VAGAIN{old}"
    form = a_submission(
        world.slack,
        people.MAYA,
        "request",
        a_request_form([people.ROB], CARD, "25"),
        private_metadata=metadata,
        view_id=view_id,
    )
    assert world.slack.deliver("interactive", form) is None
    assert newest(world).repeats.id == old
    world.until(partial(world.is_posted, "approval_card", newest(world).id))
    world.alex.click(world.card(old), "approve")
    world.settle()
    before = rows(world)
    assert world.slack.deliver("interactive", form) is None, "its answer was lost"
    assert rows(world) == before
    decline(world, newest(world).id)


def test_nobody_asks_again_for_what_another_asked(world: World):
    old = world.ask()
    decline(world, old)
    before = rows(world)
    metadata = json.dumps({"repeats": world.reference("requests", old)})
    entered = a_request_form([people.KIM], CARD, "25")
    forged = a_submission(world.slack, people.PRIYA, "request", entered, private_metadata=metadata)
    assert wording.STALE in str(world.slack.deliver("interactive", forged))
    assert rows(world) == before


# -------------------------------------------------------------------------------------------- duplicates


def test_a_second_sender_is_asked_once_and_the_approver_sees_who_and_when(world: World, priya: Person):
    first = world.ask(amount="25")
    kept = same_again(world, priya, amount="40", message="And mine")
    assert asked(kept, "Rob Hale")
    assert kept.modal is not None
    note = kept.modal.words.splitlines()[0]
    assert "Maya" not in note
    assert people.MAYA not in note
    assert "25" not in note, "no names and no amounts"
    assert newest(world).id == first, "nothing is asked for yet"
    assert priya.submit(kept.modal).closed

    second = newest(world)
    assert (second.message, second.requester_id) == ("And mine", people.PRIYA)
    world.until(partial(world.is_posted, "approval_card", second.id))
    [other], said = known(world, second.id)
    assert (other.request_id, other.is_same, other.is_approved) == (first, True, False)
    assert said in world.card(second.id).words
    for fact in ("|Maya Lindqvist>", f"<!date^{int(stored(world, first).created_at.timestamp())}^", f"R-{first}"):
        assert fact in said
    world.alex.click(world.card(first), "approve")
    world.settle()
    pending = world.alex.command("/orders", "pending", channel="general").ephemeral
    assert pending is not None
    [other], now = known(world, second.id)
    assert other.is_approved
    assert said not in pending.words
    assert now in pending.words, "the list says it as it is now"
    decline(world, second.id)


def test_the_approver_of_the_first_is_warned_once_the_second_is_approved_before(world: World, priya: Person):
    first, second = world.ask(), world.ask(priya)
    pending = world.alex.command("/orders", "pending", channel="general").ephemeral
    assert pending is not None
    assert known(world, first)[1] in pending.words, "the list knows both"
    world.alex.click(world.card(second), "approve")
    world.settle()
    [other], said = known(world, first)
    assert (other.request_id, other.requester_id, other.is_approved) == (second, people.PRIYA, True)
    assert said in world.card(first).words


@pytest.mark.parametrize("ended", ["declined", "withdrawn", "expired"])
def test_a_card_no_longer_warns_of_what_came_to_nothing(world: World, priya: Person, ended: str):
    first = world.ask()
    world.clock.advance(DAY - 600)
    second = world.ask(priya)
    assert known(world, second)[1] in world.card(second).words
    if ended == "declined":
        decline(world, first)
    elif ended == "withdrawn":
        world.maya.click(world.receipt(first), Action.WITHDRAW)
    else:
        world.tick("expiry")  # from where the clock is believed
        world.clock.advance(29 * DAY + 600)
        world.tick("expiry")
    world.until(lambda: stored(world, first).status == ended)
    world.settle()
    assert known(world, second) == ((), "")
    assert f"R-{first}" not in world.card(second).words


def test_another_reward_is_not_asked_about_and_the_card_says_that_there_was_one(world: World, priya: Person):
    first = world.place()
    assert same_again(world, priya, reward=WHOLE).closed
    second = newest(world)
    world.until(partial(world.is_posted, "approval_card", second.id))
    [other], said = known(world, second.id)
    assert (other.request_id, other.is_same, other.is_approved) == (first, False, True)
    assert said in world.card(second.id).words


def test_of_several_rewards_the_one_that_matters_most_is_said(world: World, priya: Person):
    first = world.ask()
    same = world.place(priya)
    world.ask(priya, reward=WHOLE)
    assert f" R-{same}" in known(world, first)[1], "approved, and the same"


def test_ones_own_second_reward_is_asked_about_as_ones_own(world: World):
    world.ask()
    kept = same_again(world, world.maya)
    assert asked(kept, "Rob Hale", is_own=True)


def test_only_those_are_named_who_are_rewarded_twice_and_each_once(world: World, priya: Person):
    world.ask(recipients=["rob"])
    world.ask(recipients=["kim"])
    kept = same_again(world, priya, recipients=["rob", "ana"])
    assert asked(kept, "Rob Hale")
    assert kept.modal is not None
    also = priya.submit(kept.modal, {"recipients": ["rob", "kim", "ana"]})
    assert asked(also, "Kim Park"), "about whom nobody asked yet"
    assert also.modal is not None
    assert priya.submit(also.modal).closed


def test_what_came_to_nothing_or_is_a_day_ago_is_no_first_reward(world: World, priya: Person):
    decline(world, world.ask())
    assert same_again(world, priya).closed, "the first was declined"
    world.clock.advance(DAY)
    assert same_again(world, world.maya).closed, "that was a day ago"


def test_a_submit_that_was_stored_is_not_asked_about(world: World):
    entered = a_request_form([people.ROB], CARD, "25")

    def submit(who: str, view_id: str) -> Any:
        form = a_submission(world.slack, who, "request", entered, private_metadata="", view_id=view_id)
        return world.slack.deliver("interactive", form)

    first = f"VFIRST{newest(world).id}" if rows(world) else "VFIRST"
    assert submit(people.MAYA, first) is None
    assert submit(people.PRIYA, f"{first}P") is not None
    with_metadata = a_submission(world.slack, people.PRIYA, "request", entered, view_id=f"{first}Q")
    assert world.slack.deliver("interactive", with_metadata) is None
    count = len(rows(world))
    assert submit(people.MAYA, first) is None, "the answer was lost, and another asked meanwhile"
    assert len(rows(world)) == count


def test_of_two_senders_at_the_same_instant_one_is_asked(world: World):
    entered = a_request_form([people.ANA], CARD, "25")
    forms = [
        a_submission(world.slack, who, "request", entered, private_metadata="") for who in (people.MAYA, people.PRIYA)
    ]
    before = len(rows(world))
    answers = together(2, lambda n: world.slack.deliver("interactive", forms[n]))
    assert sorted(answer is None for answer in answers) == [False, True]
    assert len(rows(world)) == before + 1


# ----------------------------------------------------------------------------------------------- details


def test_an_approver_alone_sees_what_helps_to_decide(world: World, priya: Person):
    world.place(recipients=["kim"], amount="30")
    request_id = world.ask(priya, recipients=["kim"], reward=WHOLE, amount="10")
    world.tick("balance")
    told = world.answer(world.alex, lambda: world.alex.click(world.card(request_id), Action.CARD_DETAILS))
    insight = world.bot._insights.of(stored(world, request_id))
    assert [order.requester_id for order in insight.rewards[people.KIM]][:1] == [people.MAYA]
    assert insight.cover is not None
    assert insight.cover.left == Money(insight.cover.balance.minor - 10_00, "USD"), "nothing waits"
    shown = words_in(
        build_card_details(CardDetails(request=stored(world, request_id), insight=insight), "T").blocks[1:]
    )
    assert shown in told.words
    refused = world.answer(
        world.slack.person("ada"),
        lambda: world.slack.deliver(
            "interactive",
            a_click(world.slack, people.ADA, Action.CARD_DETAILS, world.reference("requests", request_id)),
        ),
    )
    assert "Kim" not in refused.words + refused.text


def test_the_requesters_month_begins_where_the_settings_say(tmp_path: Path):
    zone = "Pacific/Kiritimati"  # fourteen hours ahead
    with World(tmp_path, settings={"timezone": zone}) as world:
        first = (world.clock.now().replace(day=1) + timedelta(days=62)).replace(day=1).date()
        world.clock.advance((start_of(first, zone) - world.clock.now()).total_seconds() - 3_600)
        world.place(recipients=["kim"])
        request = stored(world, world.ask())
        assert world.bot._insights.of(request).month is not None
        world.clock.advance(3_600)
        assert world.bot._insights.of(request).month is None


# --------------------------------------------------------------------------------- who can read the card


def test_the_card_warns_of_a_recipient_who_can_read_it(world: World):
    request_id = world.ask(recipients=["alex", "rob"])
    world.until(lambda: stored(world, request_id).recipients[0].in_channel is not None)
    world.settle()
    assert [one.in_channel for one in stored(world, request_id).recipients] == [True, False]
    assert known(world, request_id)[1] in world.card(request_id).words


def test_who_is_in_the_channel_is_asked_again_where_slack_did_not_tell(world: World):
    world.slack.faults.set("internal_error", method="conversations.members", times=1)
    request_id = world.ask(recipients=["sam"])
    world.until(lambda: not world.slack.faults.to_page())
    assert stored(world, request_id).recipients[0].in_channel is None

    def is_known_now() -> Any:
        world.tick("onlookers")  # does nothing while the first look is on its way out
        return stored(world, request_id).recipients[0].in_channel

    assert world.until(is_known_now, step=0) is True


def test_cards_in_direct_messages_are_read_by_nobody_else(tmp_path: Path):
    with World(tmp_path, settings={"approvals": {"channel": "dm"}}) as world:
        assert same_again(world, world.maya, recipients=["alex"]).closed
        world.settle()
        world.tick("onlookers")
        assert newest(world).recipients[0].in_channel is False
