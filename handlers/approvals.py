"""The buttons under a request: Approve, Decline with its reason, Withdraw."""

from handlers.bolt.binding import Answer, Desk, Done, Open
from handlers.bolt.payloads import Click, Submission, an_id
from handlers.ids import Block
from handlers.views.decisions import build_decline_form


def approve(desk: Desk, click: Click) -> Answer:
    """Decide for it. The card is rewritten and the requester told by the outbox."""
    desk.requests.approve(click.id, click.user_id)
    return Done()


def ask_for_reason(desk: Desk, click: Click) -> Answer:
    """Open the form for the reason; refused here already if it could not be declined."""
    return Open(build_decline_form(desk.requests.find_to_decide(click.id, click.user_id)))


def decline(desk: Desk, submission: Submission) -> Answer:
    """Decide against it, with the reason."""
    modal = submission.modal
    desk.requests.decline(an_id(modal.private_metadata), submission.user_id, modal.entered.text(Block.REASON))
    return Done()


def withdraw(desk: Desk, click: Click) -> Answer:
    """Take one's own request back."""
    desk.requests.withdraw(click.id, click.user_id)
    return Done()
