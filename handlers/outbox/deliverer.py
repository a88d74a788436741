"""The outbox's worker for rewards that the bot gives itself. It waits for Tango, and holds up no other notice."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.notices import RewardDelivery, notice_from
from bot.errors import Refusal, RewardNotReady, TangoError, TangoRefused
from bot.usecases.delivery import Rewards
from handlers.outbox.worker import OutboxWorker, Postponed
from handlers.views.delivery import build_reward
from storage import Delivery, Storage


class Deliverer(OutboxWorker):
    """Gives recipients their rewards.

    Args:
        storage: where the outbox is.
        client: Slack's Web API.
        clock: what time it is.
        rewards: asks Tango for a reward, and writes down that it was given.
    """

    def __init__(self, *, storage: Storage, client: WebClient, clock: Clock, rewards: Rewards) -> None:
        super().__init__(storage=storage, client=client, clock=clock, kinds=[RewardDelivery.kind], others=False)
        self._rewards = rewards

    def _tell(self, delivery: Delivery) -> None:
        order_id = _order_id(delivery)
        try:
            gift = self._rewards.fetch(order_id)
        except (TangoError, RewardNotReady) as error:
            self._rewards.delayed(delivery, order_id)
            # What Tango refuses or has not made concerns this order; when it cannot be reached, all of them.
            for_all = not isinstance(error, TangoRefused | RewardNotReady)
            raise Postponed(str(error), for_all=for_all) from error
        except Refusal as refusal:
            self._give_up(delivery, str(refusal))
            return
        try:
            self._post(delivery.audience, build_reward(gift))
        except SlackApiError as error:
            if error.response.get("error") != "invalid_blocks":
                raise
            # Slack loads pictures itself, and refuses a message with one that it cannot have.
            self._post(delivery.audience, build_reward(gift, pictures=False))
        self._rewards.given(delivery, order_id)

    def _give_up(self, delivery: Delivery, reason: str) -> None:
        self._rewards.not_given(delivery, _order_id(delivery), reason)


def _order_id(delivery: Delivery) -> int:
    notice = notice_from(delivery.kind, delivery.facts)
    if not isinstance(notice, RewardDelivery):
        raise TypeError(f"{delivery.kind} is told elsewhere")
    return notice.order_id
