"""The buttons under a request: Approve, Decline with its reason, Who is this?, Show address, Withdraw, Undo."""

from handlers.bolt.answers import Done, Open, Say, SayLater
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, Submission
from handlers.ids import Block
from handlers.views.addresses import build_address
from handlers.views.decisions import build_decline_form, reason_text
from handlers.views.people import build_who


def approve(desk: Desk, click: Click) -> Done:
    """Approve the request. The outbox rewrites the card and tells the requester."""
    desk.requests.approve(click.reference, click.user_id)
    return Done()


def ask_for_reason(desk: Desk, click: Click) -> Open:
    """Open the form for the reason; who may not decline the request is refused here already."""
    return Open(build_decline_form(desk.requests.find_to_decide(click.reference, click.user_id)))


def decline(desk: Desk, submission: Submission) -> Done:
    """Decline the request, with the reason."""
    modal = submission.modal
    entered = modal.entered
    reason = reason_text(entered.option(Block.REASON_CHOICE), entered.text(Block.REASON))
    desk.requests.decline(modal.reference, submission.user_id, reason)
    return Done()


def tell_who(desk: Desk, click: Click) -> SayLater:
    """Tell an approver alone who the recipients are, when Slack has answered."""
    request = desk.requests.find_to_review(click.reference, click.user_id)
    directory, ids = desk.directory, [one.user_id for one in request.recipients]
    return SayLater(lambda: build_who(request, directory.people(ids), directory.home().team_id))


def show_address(desk: Desk, click: Click) -> Say:
    """Show who may decide where a posted reward would go, to them alone."""
    return Say(build_address(desk.requests.show_address(click.reference, click.user_id)))


def withdraw(desk: Desk, click: Click) -> Done:
    """Withdraw one's own request."""
    desk.requests.withdraw(click.reference, click.user_id)
    return Done()


def undo(desk: Desk, click: Click) -> Done:
    """Undo an approval whose orders are held. The outbox rewrites card and receipt."""
    desk.undo.undo(click.reference, click.user_id)
    return Done()
