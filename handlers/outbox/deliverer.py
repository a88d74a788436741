"""The deliverer: sends the rewards that Kudos delivers itself. It waits for Tango, and delays no other notice."""

from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.notices import RewardDelivery, notice_from
from bot.errors import Refusal, RewardNotReady, TangoError, TangoRefused
from bot.usecases.delivery import Deliveries
from handlers.outbox.worker import OutboxWorker, Postponed
from handlers.views.delivery import build_reward
from storage import QueuedNotice, Storage


class Deliverer(OutboxWorker):
    """Gives recipients their rewards by direct message.

    Args:
        storage: of the outbox.
        client: Slack's Web API.
        clock: tells the time.
        deliveries: fetches rewards from Tango, and records what became of them.
    """

    def __init__(self, *, storage: Storage, client: WebClient, clock: Clock, deliveries: Deliveries) -> None:
        super().__init__(storage=storage, client=client, clock=clock, kinds=[RewardDelivery.kind], others=False)
        self._deliveries = deliveries

    def _send(self, queued: QueuedNotice) -> None:
        order_id = _order_id(queued)
        try:
            gift = self._deliveries.fetch(order_id)
        except (TangoError, RewardNotReady) as error:
            self._deliveries.record_delay(queued, order_id)
            # What Tango refuses or has not made concerns this order alone; a Tango that can't be reached, all of them.
            for_all = not isinstance(error, TangoRefused | RewardNotReady)
            raise Postponed(str(error), for_all=for_all) from error
        except Refusal as refusal:
            self._give_up(queued, str(refusal))
            return
        self._post(queued.audience, build_reward(gift))
        self._deliveries.record_delivery(queued, order_id)

    def _give_up(self, queued: QueuedNotice, reason: str) -> None:
        self._deliveries.record_failure(queued, _order_id(queued), reason)


def _order_id(queued: QueuedNotice) -> int:
    notice = notice_from(queued.kind, queued.facts)
    if not isinstance(notice, RewardDelivery):
        raise TypeError(f"{queued.kind} is sent elsewhere")
    return notice.order_id
