"""The names of orders in sentences: "Rob Weiss's $25.00 Reward Link" first, and small at the end its number.

Messages about a request end with its number in the same way.
"""

from bot.domain.numbers import named_number
from bot.domain.order import Order
from bot.domain.people import visible_name
from bot.domain.request import Recipient, Request
from handlers.ids import Action
from handlers.views.blocks import Json, Message, button, context, escape, mention, name_text, say, section


def recipient_text(recipient: Recipient) -> str:
    """Name a recipient without pinging them; mention the account once its name is no longer kept."""
    name = visible_name(recipient.name)
    return name_text(name) if name else mention(recipient.user_id)


def reward_text(order: Order) -> str:
    """Name the reward: "$25.00 Reward Link"."""
    return f"{order.amount} {escape(order.reward_name)}"


def order_text(order: Order) -> str:
    """Name the order where nothing else is said: "Rob Weiss's $25.00 Reward Link"."""
    return of_order(order, "{name}'s {amount} {reward}")


def of_order(order: Order, told: str, **facts: object) -> str:
    """Fill in a whole sentence about an order.

    Args:
        order: gives the `name` of its recipient, the `amount` and the `reward`.
        told: the sentence, with the names of its facts in braces.
        **facts: the others, escaped.
    """
    name, reward = recipient_text(order.recipient), escape(order.reward_name)
    return say(told, name=name, amount=order.amount, reward=reward, **facts)


def number_text(order: Order) -> str:
    """Give the number of the order: 8.2, or R-8 for the only order of its request."""
    return named_number(order.number)


def about(order: Order, text: str, *blocks: Json, facts: str = "") -> Message:
    """Build a message about an order, with its number and other facts for machines last and small.

    Args:
        order: the order.
        text: what happened, what it means and what to do.
        blocks: what follows the text, such as buttons.
        facts: more for the small line, such as Tango's code.
    """
    small = _small(number_text(order), facts)
    return Message(f"{text} ({small})", [section(text), *blocks, context(small)])


def about_request(request: Request, text: str, *blocks: Json, facts: str = "") -> Message:
    """Build a message about a request, with its number and other facts for machines last and small.

    Args:
        request: the request.
        text: what happened, what it means and what to do.
        blocks: what follows the text, such as buttons.
        facts: more for the small line, such as Slack's code.
    """
    return Message(f"{text} ({request.number})", [section(text), *blocks, context(_small(request.number, facts))])


def _small(number: str, facts: str) -> str:
    return f"{number} · {facts}" if facts else number


def details_button(order: Order) -> Json:
    """Build the button that shows an order's detail, under a message about it."""
    return button("Details", Action.ORDER_DETAILS, order.external_ref_id)
