"""The approval card again, and `/orders pending`: what waits for the viewer's decision, with the card's buttons."""

from bot.domain.request import Request
from bot.errors import NotAllowed, Rule
from handlers.bolt.answers import Replace, Say, SayLater
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, SlashCommand
from handlers.orders import look_up
from handlers.views.blocks import Message
from handlers.views.cards import MOST_PENDING, build_pending, build_posting_again


def post_again(desk: Desk, click: Click) -> Say:
    """Have a request's card posted once more. The outbox posts it, and makes the old one a pointer to it."""
    return Say(build_posting_again(desk.cards.post_again(click.reference, click.user_id)))


def list_pending(desk: Desk, command: SlashCommand) -> Say | SayLater:
    """Show approvers what waits for their decision, the oldest first; to others, what of theirs waits for one."""
    try:
        return Say(_page(desk, command.user_id))
    except NotAllowed as refusal:
        if refusal.rule is not Rule.APPROVERS_ONLY:
            raise
    return look_up(desk, command)


def show_pending(desk: Desk, click: Click) -> Say:
    """Show an approver what waits for their decision: from the request on that the button is about, if any."""
    return Say(_page(desk, click.user_id, start=click.value))  # a reference; of a digest it is the word "pending"


def show_more(desk: Desk, click: Click) -> Replace:
    """Show the next page in the place of this one."""
    return Replace(_page(desk, click.user_id, after=click.reference))


def approve_listed(desk: Desk, click: Click) -> Replace:
    """Approve a request of the list, and show what still waits in the list's place."""
    request = desk.requests.find_to_decide(click.reference, click.user_id)
    desk.requests.approve(click.reference, click.user_id)
    return Replace(_page(desk, click.user_id, approved=request))


def _page(
    desk: Desk, actor_id: str, *, after: str | None = None, start: str | None = None, approved: Request | None = None
) -> Message:
    # One more than is shown tells whether there are more.
    found = desk.cards.pending_for(actor_id, MOST_PENDING + 1, after=after, start=start)
    return build_pending(found, desk.directory.home().team_id, approved=approved, undo_within=desk.requests.undo_within)
