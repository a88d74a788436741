"""The buttons around an order: show it, deliver it again, ask about it, dispute its address, repeat it."""

from handlers.bolt.answers import Done, Open, OpenThen, Say
from handlers.bolt.desk import Desk
from handlers.bolt.form import repeated_state
from handlers.bolt.payloads import Click
from handlers.requests import open_filled_form
from handlers.views.delivery import (
    build_address_noted,
    build_asking,
    build_delivering,
    build_fetching,
    build_shown_reward,
)


def show(desk: Desk, click: Click) -> OpenThen:
    """Show the recipient their reward in a modal, which is in no history and on nobody else's screen."""
    reference, actor_id = click.reference, click.user_id
    desk.deliveries.check_may_show(reference, actor_id)
    return OpenThen(build_fetching(), lambda: build_shown_reward(desk.deliveries.show(reference, actor_id)))


def follow_link(_desk: Desk, _click: Click) -> Done:
    """Acknowledge a button that opens a page: Slack opens it by itself and wants an ack all the same."""
    return Done()


def deliver_again(desk: Desk, click: Click) -> Say:
    """Deliver a reward again that did not reach its recipient."""
    return Say(build_delivering(desk.deliveries.give_again(click.reference, click.user_id)))


def ask_again(desk: Desk, click: Click) -> Say:
    """Have Tango asked on about an order. Admins only."""
    return Say(build_asking(desk.deliveries.ask_again(click.reference, click.user_id)))


def dispute_address(desk: Desk, click: Click) -> Say:
    """Tell the requester and the admins that a posted reward goes to an address that is not its recipient's."""
    return Say(build_address_noted(desk.deliveries.dispute_address(click.reference, click.user_id)))


def order_anew(desk: Desk, click: Click) -> Open:
    """Open the form, filled in as an order that failed: a new request, a new decision, a new reference."""
    order, request = desk.deliveries.find_to_repeat(click.reference, click.user_id)
    desk.requests.check_may_send(desk.directory.person(click.user_id))
    state = repeated_state(desk, request, [order.recipient.user_id], click.user_id)
    return open_filled_form(desk, state, click.user_id)
