"""Canceling an order: the button, in the order's detail and on the receipt, and what the requester is told."""

from bot.domain.notices import RECIPIENT_LEFT
from bot.domain.order import Order
from bot.usecases.queue import CONSOLE
from handlers.ids import Action
from handlers.views.blocks import Json, Message, actions, button, confirm, mention
from handlers.views.names import about, of_order


def cancel_button(action: Action, reference: str) -> Json:
    """Build the button that cancels an order, with its question."""
    question = confirm(
        title="Cancel this reward?",
        text="It won't be sent, and nothing is paid. You can't undo this.",
        yes="Cancel the reward",
        danger=True,
    )
    return button("Cancel reward", action, reference, style="danger", confirm=question)


def anew_button(order: Order) -> Json:
    """Build the button to the form, filled in: a new request with a new approval, and a new reference."""
    return button("Ask again", Action.ORDER_ANEW, order.external_ref_id)


def build_canceled(order: Order, canceled_by: str) -> Message:
    """Tell the requester who canceled the order, or why it was."""
    if canceled_by == RECIPIENT_LEFT:
        told = "🚫 {name} has left this workspace, so the {amount} {reward} wasn't sent, and nothing was paid."
        return about(order, of_order(order, told))
    if canceled_by == CONSOLE:
        told = "🚫 The operator of Kudos canceled {name}'s {amount} {reward}. It wasn't sent, and nothing was paid."
    else:
        told = "🚫 {by} canceled {name}'s {amount} {reward}. It wasn't sent, and nothing was paid."
    text = of_order(order, told, by=mention(canceled_by))
    return about(order, text, actions(anew_button(order)))
