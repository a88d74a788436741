"""Rewards that Kudos delivers."""

from dataclasses import replace
from typing import Final

from bot.domain.order import Order, Progress
from bot.tango.models import TangoReward
from bot.usecases.delivery import Gift
from handlers.views import addresses, delivery
from handlers.views.blocks import Message
from tests.kit.factories import a_recipient, a_request
from tests.kit.wording.common import begins, of_requests, told


def _given(order: Order) -> Message:
    return delivery.build_reward(Gift(order=order, request=a_request(), reward=TangoReward()))


#: A recipient gets the reward by direct message.
GIVEN: Final = told(_given)
POSTED: Final = told(lambda order: delivery.build_posted(order, None))

#: A recipient hears that others now know of the wrong address; they hear which.
ADDRESS_NOTED: Final = told(delivery.build_address_noted)
ADDRESS_DISPUTED: Final = told(delivery.build_address_disputed)

#: An approver sees a postal address.
ADDRESS_SHOWN: Final = of_requests(addresses.build_address)
DELAYED: Final = told(delivery.build_delayed)
UNFINISHED: Final = told(delivery.build_unfinished)
NOT_DELIVERED: Final = told(delivery.build_not_delivered)


def delivering(order_id: int) -> str:
    """Say that an order's reward is given again."""
    return told(delivery.build_delivering, order_id)


def asking_tango(order_id: int) -> str:
    """Say that Tango is asked again."""
    return told(delivery.build_asking, order_id)


def _all_delivered(people: int) -> str:
    request = a_request(recipients=(a_recipient(),) * people)
    return delivery.build_all_delivered(request, Progress(counts={}, delivered=people)).text


#: How the message begins that tells the requester that the rewards are given.
DELIVERED: Final = begins(_all_delivered(1), _all_delivered(2))


def all_delivered(request_id: int) -> str:
    """Tell the requester that the three rewards of a request are given."""
    return of_requests(
        lambda request: delivery.build_all_delivered(
            replace(request, recipients=request.recipients * 3), Progress(counts={}, delivered=3)
        ),
        request_id,
    )
