"""`/resend`: send a reward email again, at most once in 30 seconds; also the buttons that do."""

from dataclasses import replace
from functools import partial

from bot.domain.numbers import Number
from bot.errors import NotAllowed, NotFound, NotMailed, ResendTooSoon, WrongState
from handlers.bolt.answers import AskAgain, Open, Replace, Say
from handlers.bolt.countdown import Look
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, SlashCommand, Submission
from handlers.bolt.resend import entered_changes, typed_changes
from handlers.ids import Command
from handlers.views.blocks import Message
from handlers.views.delivery import build_on_its_way
from handlers.views.help import build_help
from handlers.views.messages import refusal_text
from handlers.views.orders import build_order_detail
from handlers.views.resend import (
    WITH_CHANGES,
    build_not_mailed_any_more,
    build_resend_choice,
    build_resend_form,
    build_resend_list,
    build_resending,
    build_too_soon,
    mine_resending_text,
    mine_text,
    not_understood_text,
)
from handlers.views.search import build_request_found


def resend(desk: Desk, command: SlashCommand) -> Say:
    """Offer the recent ones; with `<number> [template <etid>] [<new address>]`, send that one again.

    Of a request with several orders, offer these: an email to somebody else can't be taken back.
    """
    words = command.words()
    if not words and not command.mentions():
        return Say(build_resend_list(desk.resends.recent(command.user_id)))
    changes = None if command.mentions() else typed_changes(words[1:])
    if changes is None:
        return Say(build_help(Command.RESEND, not_understood_text(command.text)))
    reference = words[0]
    if (offered := _orders_of_request(desk, command.user_id, reference)) is not None:
        return Say(offered)
    try:
        order = desk.resends.send_again(command.user_id, reference, changes)
    except ResendTooSoon as refusal:
        if changes:  # the button under the refusal would send it without them
            raise
        look = partial(_refusal, desk, command.user_id, reference)
        desk.countdown.tell_at_the_end((command.user_id, refusal.number), look, command.response_url)
        return Say(look()[0])
    return Say(build_resending(order, command.user_id))


def resend_from_detail(desk: Desk, click: Click) -> Say | Replace:
    """Send it again by the button in an order's detail."""
    return _resend(desk, click, partial(_detail, desk, click.user_id, click.reference))


def resend_from_list(desk: Desk, click: Click) -> Say | Replace | Open:
    """Send it again by its menu in the list that `/resend` offers, or ask for changes first."""
    if (form := _asked_for_changes(desk, click)) is not None:
        return form
    return _resend(desk, click, partial(_list, desk, click.user_id, click.reference))


def resend_after_refusal(desk: Desk, click: Click) -> Say | Replace | Open:
    """Send it again by the button under a refusal, or by its menu among the orders of a request."""
    if (form := _asked_for_changes(desk, click)) is not None:
        return form
    return _resend(desk, click, partial(_refusal, desk, click.user_id, click.reference))


def resend_mine(desk: Desk, click: Click) -> Say | Replace:
    """Send a recipient their own reward email again: to the original address, under the same cooldown."""
    try:
        order = desk.resends.send_again(click.user_id, click.reference)
    except ResendTooSoon as refusal:
        look = partial(_mine, desk, click.user_id, click.reference)
        return Replace(desk.countdown.show((click.user_id, refusal.number), look, click.response_url))
    except (WrongState, NotMailed):
        return Say(build_not_mailed_any_more())
    return Replace(build_on_its_way(desk.resends.present(order), mine_resending_text(order)))


def show_received(desk: Desk, click: Click) -> Say:
    """Show recipients the message about their reward once more, with its button. Admins are no exception."""
    try:
        received = desk.resends.find_received(click.user_id, click.reference)
        return Say(build_on_its_way(desk.resends.present(received)))
    except NotMailed:
        return Say(build_not_mailed_any_more())


def ask_for_changes(desk: Desk, click: Click) -> Open:
    """Open the form for changes; an order that cannot be sent again at all is refused here already."""
    return Open(build_resend_form(desk.resends.look_up(click.user_id, click.reference), desk.templates.offered()))


def resend_with_changes(desk: Desk, submission: Submission) -> Replace | AskAgain:
    """Send it again as the submitted form says."""
    modal = submission.modal
    try:
        order = desk.resends.send_again(submission.user_id, modal.reference, entered_changes(modal.entered))
    except ResendTooSoon as refusal:
        return AskAgain(refusal_text(refusal))
    return Replace(build_resending(order, submission.user_id))


def _orders_of_request(desk: Desk, actor_id: str, typed: str) -> Message | None:
    """Return the orders of the request whose number was typed; None where an order's was, or no number."""
    number = Number.of(typed)
    if number is None:
        return None
    try:
        request, orders = desk.orders.find_request(actor_id, number, typed)
    except (NotFound, NotAllowed) as refusal:
        if refusal.order_id is None:
            raise
        return None  # who may not see the request may be the recipient of this order
    if number.place or number.pick(orders) is not None:
        return None
    return build_resend_choice(request, orders) if orders else build_request_found(request, [], actor_id)


def _asked_for_changes(desk: Desk, click: Click) -> Open | None:
    """Open the form for changes if the chosen line of a menu means with changes."""
    if not click.value.startswith(WITH_CHANGES):
        return None
    return ask_for_changes(desk, replace(click, value=click.value.removeprefix(WITH_CHANGES)))


def _resend(desk: Desk, click: Click, look: Look) -> Say | Replace:
    """Send it again, or count down in the message itself until it can be."""
    try:
        order = desk.resends.send_again(click.user_id, click.reference)
    except ResendTooSoon as refusal:
        return Replace(desk.countdown.show((click.user_id, refusal.number), look, click.response_url))
    return Say(build_resending(order, click.user_id))


# --------------------------------- messages with a "Send again" button as they are now, and the seconds left


def _refusal(desk: Desk, actor_id: str, reference: str) -> tuple[Message, int]:
    mailed = desk.resends.look_up(actor_id, reference)
    return build_too_soon(mailed.order, mailed.seconds_left), mailed.seconds_left


def _detail(desk: Desk, actor_id: str, reference: str) -> tuple[Message, int]:
    story = desk.orders.story(actor_id, reference)
    return build_order_detail(story), story.seconds_to_resend


def _list(desk: Desk, actor_id: str, reference: str) -> tuple[Message, int]:
    mailed = desk.resends.recent(actor_id)
    waits = (one.seconds_left for one in mailed if one.order.external_ref_id == reference)
    return build_resend_list(mailed), max(waits, default=0)


def _mine(desk: Desk, actor_id: str, reference: str) -> tuple[Message, int]:
    mine = desk.resends.look_up(actor_id, reference)
    shown = build_on_its_way(desk.resends.present(mine.order), mine_text(mine.order, mine.seconds_left))
    return shown, mine.seconds_left
