"""The buttons under a request: Approve, Decline with its reason, Details, Show address, Withdraw, Undo."""

from handlers.bolt.answers import Done, Open, Say, SayLater
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, Submission
from handlers.ids import Block
from handlers.views.addresses import build_address
from handlers.views.blocks import Message
from handlers.views.decisions import build_decline_form, reason_text
from handlers.views.details import CardDetails, build_card_details


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


def show_card_details(desk: Desk, click: Click) -> SayLater:
    """Show an approver alone what the card doesn't, when Slack has told who the recipients are."""
    request = desk.requests.find_to_review(click.reference, click.user_id)
    # Those of a batch are behind See all, with their accounts: Slack would be asked for thousands.
    directory, ids = desk.directory, [] if request.is_batch else [one.user_id for one in request.recipients]

    def make() -> Message:
        details = CardDetails(request=request, people=directory.people(ids), insight=desk.insights.of(request))
        return build_card_details(details, directory.home().team_id)

    return SayLater(make)


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
