"""Rewards that Kudos delivers."""

from typing import Final

from bot.domain.order import Order
from bot.tango.models import TangoReward
from bot.usecases.delivery import Gift
from handlers.views import addresses, delivery
from handlers.views.blocks import Message
from tests.kit.factories import a_present, a_request
from tests.kit.wording.common import of_requests, told


def _given(order: Order) -> Message:
    return delivery.build_reward(Gift(order=order, request=a_request(), look=None, reward=TangoReward()))


#: A recipient gets the reward by direct message.
GIVEN: Final = told(_given)
POSTED: Final = told(lambda order: delivery.build_posted(a_present(order)))

#: A recipient hears that others now know of the wrong address; they hear which.
ADDRESS_NOTED: Final = told(delivery.build_address_noted)
ADDRESS_DISPUTED: Final = told(delivery.build_address_disputed)

#: An approver sees a postal address.
ADDRESS_SHOWN: Final = of_requests(addresses.build_address)
DELAYED: Final = told(delivery.build_delayed)
UNFINISHED: Final = told(delivery.build_unfinished)
NOT_DELIVERED: Final = told(delivery.build_not_delivered)

#: A requester who asked for it hears that the recipient has the reward.
TOLD_OF_DELIVERY: Final = told(delivery.build_delivered)


def delivering(order_id: int) -> str:
    """Say that an order's reward is given again."""
    return told(delivery.build_delivering, order_id)


def asking_tango(order_id: int) -> str:
    """Say that Tango is asked again."""
    return told(delivery.build_asking, order_id)
