"""Canceling an order: the button, in the order's detail and on the receipt, and what the requester is told."""

from bot.domain.order import Order
from handlers.ids import Action
from handlers.views.blocks import Json, Message, actions, button, confirm, escape, mention, section, sentence
from handlers.views.people import name_of


def cancel_button(action: Action, reference: str) -> Json:
    """Build the button that cancels an order, with its question."""
    question = confirm(
        title="Cancel this order?",
        text="It leaves the queue and is never sent. This cannot be undone.",
        yes="Cancel the order",
        danger=True,
    )
    return button("Cancel order", action, reference, style="danger", confirm=question)


def anew_button(order: Order) -> Json:
    """Build the button to the form, filled in: a new request with a new approval, and a new reference."""
    return button("Order anew", Action.ORDER_ANEW, order.external_ref_id)


def build_canceled(order: Order, canceled_by: str) -> Message:
    """Tell the requester who canceled the order."""
    text = (
        f"{sentence(name_of(canceled_by))} canceled order #{order.id}: {order.amount} ({escape(order.reward_name)}) "
        f"for {mention(order.recipient.user_id)}. It was not sent, and nothing was paid."
    )
    return Message(text, [section(text), actions(anew_button(order))])
