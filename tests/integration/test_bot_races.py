"""Two people at once, and one person twice: one effect, and a clear sentence to whoever came second."""

from collections import Counter
from functools import partial
from typing import Final

import pytest

from bot.errors import AlreadyDecided
from bot.sandbox.slack import Person, people
from handlers.views.messages import refusal_text
from storage.database import from_ms
from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.factories import at_once
from tests.kit.payloads import a_request_form, a_submission

#: Twice over, in two tests that can run side by side.
_ROUNDS: Final = 100


def _heard(world: World, who: Person) -> list[str]:
    """What that person alone was told in the approvals channel."""
    return [
        message.text for message in world.slack.workspace.messages(people.APPROVALS) if message.visible_to == who.id
    ]


@pytest.mark.parametrize("half", [1, 2])
def test_two_approvers_clicking_together_decide_once(world: World, half: int):
    winners: Counter[str] = Counter()
    for n in range(1, _ROUNDS + 1):
        payload = a_submission(world.slack, people.MAYA, "request", a_request_form([people.ROB], CARD, "1"))
        world.slack.deliver("interactive", payload)
        world.until(partial(world.is_posted, "approval_card", n))
        card = world.card(n)
        at_once(partial(world.alex.click, card, "approve"), partial(world.sam.click, card, "approve"))
        decided = world.one("SELECT decided_by, decided_at FROM requests WHERE id = :n AND status = 'approved'", n=n)
        winner = decided["decided_by"]
        winners[winner] += 1
        loser = world.sam if winner == people.ALEX else world.alex
        lost_so_far = n - winners[loser.id]
        loser.wait_for(lambda who=loser, lost=lost_so_far: len(_heard(world, who)) == lost)  # type: ignore[misc]
        refusal = AlreadyDecided(status="approved", by=winner, at=from_ms(decided["decided_at"]))
        assert _heard(world, loser)[-1] == refusal_text(refusal)
    world.settle()
    assert len(_heard(world, world.alex)) == winners[people.SAM], "a loss is told once, a win is told by the card"
    assert len(_heard(world, world.sam)) == winners[people.ALEX]
    assert len(world.rows("SELECT 1 FROM audit WHERE event = 'request.approved'")) == _ROUNDS
    ours = {
        row["external_ref_id"] for row in world.rows("SELECT external_ref_id FROM orders WHERE status = 'accepted'")
    }
    assert len(ours) == _ROUNDS
    assert Counter(order.external_ref_id for order in world.tango.orders) == Counter(ours)
    assert len(world.tango.arrivals) == _ROUNDS


def test_an_approval_a_decline_and_a_withdrawal_at_once_are_one_decision(world: World):
    for n in range(1, 11):
        assert world.ask() == n
        card, receipt = world.card(n), world.receipt(n)
        form = world.sam.click(card, "decline").modal
        assert form is not None
        at_once(
            partial(world.alex.click, card, "approve"),
            partial(world.sam.submit, form, {"reason_choice": "other", "reason": "No"}),
            partial(world.maya.click, receipt, "withdraw"),
        )
        row = world.one("SELECT status FROM requests WHERE id = :n", n=n)
        orders = world.rows("SELECT 1 FROM orders WHERE request_id = :n", n=n)
        assert len(orders) == (1 if row["status"] == "approved" else 0)
        decisions = world.rows(
            "SELECT 1 FROM audit WHERE request_id = :n AND event <> 'request.filed' AND event LIKE 'request.%'", n=n
        )
        assert len(decisions) == 1
        if world.sam.modal is not None:
            world.sam.close(everything=True)
        world.settle()
    approved = world.rows("SELECT 1 FROM requests WHERE status = 'approved'")
    assert len(world.tango.orders) == len(approved)


def test_a_modal_that_is_submitted_twice_at_once_is_one_request(world: World):
    for n in range(1, 21):
        payload = a_submission(world.slack, people.MAYA, "request", a_request_form([people.ROB], CARD, "1"))
        answers = at_once(*[partial(world.slack.deliver, "interactive", payload)] * 3)
        assert answers == [None] * 3, "the second is told nothing else: the request is filed"
        assert len(world.rows("SELECT 1 FROM requests")) == n
    world.settle()
    assert len(world.alex.messages(people.APPROVALS)) == 20


def test_two_resends_at_once_are_one_e_mail(world: World):
    world.place()
    world.clock.advance(31)

    acts = [partial(who.command, "/resend", "1") for who in (world.maya, world.ada)]
    outcomes = at_once(*acts)
    told = sorted(outcome.ephemeral.text for outcome in outcomes if outcome.ephemeral is not None)
    assert wording.sending_again(1) in told[0]
    assert wording.TOO_SOON in told[1]
    world.settle()
    assert len(world.tango.resends) == 1


def test_a_retry_that_is_pressed_twice_at_once_is_one(world: World):
    world.tango.faults.set("mismatch", times=1)
    world.place()
    assert world.one("SELECT status FROM orders")["status"] == "needs_attention"
    # The retried order must not be set aside again between the clicks: then the second would be a retry of its own.
    world.tango.faults.set("unavailable_before", endpoint="create")
    detail = world.answer(world.ada, lambda: world.ada.command("/orders", "1", channel="general"))
    at_once(*[partial(world.ada.click, detail, "order_retry")] * 2)
    assert len(world.rows("SELECT 1 FROM audit WHERE event = 'order.retried'")) == 1
