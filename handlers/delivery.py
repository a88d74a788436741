"""The buttons around a placed order: show it, deliver it again, ask Tango again, order anew."""

from bot.domain.catalog import Reward
from bot.domain.order import Order
from bot.domain.request import Delivery, Request
from handlers.bolt.binding import Answer, Desk, Done, OpenThen, Say
from handlers.bolt.payloads import Click
from handlers.ids import Block
from handlers.requests import open_filled_form
from handlers.views.delivery import build_asking, build_delivering, build_fetching, build_shown_reward
from handlers.views.forms import FormState


def show(desk: Desk, click: Click) -> Answer:
    """Show my reward: in a modal, which is in no history and on nobody else's screen. For the recipient alone."""
    order_id, actor_id = click.id, click.user_id
    desk.rewards.check_may_show(order_id, actor_id)
    return OpenThen(build_fetching(), lambda: build_shown_reward(desk.rewards.show(order_id, actor_id)))


def follow_link(_desk: Desk, _click: Click) -> Answer:
    """A button that opens a page was pressed: Slack opens it, and wants to hear that we know."""
    return Done()


def deliver_again(desk: Desk, click: Click) -> Answer:
    """The recipient did not get it, or could not be reached."""
    return Say(build_delivering(desk.rewards.give_again(click.id, click.user_id)))


def ask_again(desk: Desk, click: Click) -> Answer:
    """An admin has looked, and Tango should be asked on."""
    return Say(build_asking(desk.rewards.ask_again(click.id, click.user_id)))


def order_anew(desk: Desk, click: Click) -> Answer:
    """The form, filled in as the order that came to nothing: a new request, a new decision, a new reference."""
    order, request = desk.rewards.find_to_repeat(click.id, click.user_id)
    desk.requests.check_may_send(desk.directory.person(click.user_id))
    return open_filled_form(desk, _as_asked(request, order, desk.catalog.current.get(request.utid)))


def _as_asked(request: Request, order: Order, reward: Reward | None) -> FormState:
    """What was asked for, for this recipient alone: the request's others have orders of their own."""
    details, address = request.details, request.details.address
    texts = {
        Block.SUBJECT: details.email_subject,
        Block.TEMPLATE: details.template,
        Block.CAMPAIGN: details.campaign,
        Block.PURCHASE_ORDER: details.purchase_order,
        Block.NOTES: details.notes,
        Block.PRINTED_TEMPLATE: details.printed_template,
    }
    if address is not None:
        texts |= {
            Block.STREET_LINE1: address.street_line1,
            Block.STREET_LINE2: address.street_line2,
            Block.CITY: address.city,
            Block.STATE_OR_PROVINCE: address.state_or_province,
            Block.POSTAL_CODE: address.postal_code,
        }
    return FormState(
        recipients=[order.recipient.user_id],
        reward=reward,
        amount=f"{request.amount.amount:f}",
        message=request.message,
        by_message=details.delivery is Delivery.MESSAGE,
        expires_on=details.expires_on,
        country=address.country if address is not None else "",
        texts={block.value: text for block, text in texts.items()},
    )
