"""The outbox's worker for rewards that the bot gives itself. It waits for Tango, and holds up no other notice."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.notices import RewardDelivery, notice_from
from bot.errors import Refusal, RewardNotReady, TangoError, TangoRefused
from bot.usecases.delivery import Deliveries
from handlers.outbox.worker import OutboxWorker, Postponed
from handlers.views.delivery import build_reward
from storage import QueuedNotice, Storage


class Deliverer(OutboxWorker):
    """Gives recipients their rewards.

    Args:
        storage: where the outbox is.
        client: Slack's Web API.
        clock: what time it is.
        deliveries: asks Tango for a reward, and writes down that it was given.
    """

    def __init__(self, *, storage: Storage, client: WebClient, clock: Clock, deliveries: Deliveries) -> None:
        super().__init__(storage=storage, client=client, clock=clock, kinds=[RewardDelivery.kind], others=False)
        self._deliveries = deliveries

    def _tell(self, queued: QueuedNotice) -> None:
        order_id = _order_id(queued)
        try:
            gift = self._deliveries.fetch(order_id)
        except (TangoError, RewardNotReady) as error:
            self._deliveries.record_delay(queued, order_id)
            # What Tango refuses or has not made concerns this order; when it cannot be reached, all of them.
            for_all = not isinstance(error, TangoRefused | RewardNotReady)
            raise Postponed(str(error), for_all=for_all) from error
        except Refusal as refusal:
            self._give_up(queued, str(refusal))
            return
        try:
            self._post(queued.audience, build_reward(gift))
        except SlackApiError as error:
            if error.response.get("error") != "invalid_blocks":
                raise
            # Slack loads pictures itself, and refuses a message with one that it cannot have.
            self._post(queued.audience, build_reward(gift, pictures=False))
        self._deliveries.record_delivery(queued, order_id)

    def _give_up(self, queued: QueuedNotice, reason: str) -> None:
        self._deliveries.record_failure(queued, _order_id(queued), reason)


def _order_id(queued: QueuedNotice) -> int:
    notice = notice_from(queued.kind, queued.facts)
    if not isinstance(notice, RewardDelivery):
        raise TypeError(f"{queued.kind} is told elsewhere")
    return notice.order_id
