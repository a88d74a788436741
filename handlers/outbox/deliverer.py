"""The deliverer: sends the rewards that Kudos delivers itself. It waits for Tango, and delays no other notice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.notice_kinds import notice_from
from bot.domain.notices import RewardDelivery
from bot.domain.order import wait_before_retry
from bot.errors import Refusal, RewardNotReady, TangoError, TangoUnavailable
from bot.usecases.delivery import Deliveries
from handlers.outbox.worker import OutboxWorker, Postponed
from handlers.views.delivery import build_reward
from storage import QueuedNotice, Storage

#: While Tango is down, one reward a minute is asked for, and its end is noticed within that time.
_LONGEST_REST: Final = timedelta(minutes=1)


class Deliverer(OutboxWorker):
    """Gives recipients their rewards by direct message.

    Args:
        storage: of the outbox.
        client: Slack's Web API.
        clock: tells the time.
        is_on_duty: tell whether this bot still sends what is due.
        deliveries: fetches rewards from Tango, and records what became of them.
    """

    sends_deliveries = True

    def __init__(
        self,
        *,
        storage: Storage,
        client: WebClient,
        clock: Clock,
        is_on_duty: Callable[[], bool],
        deliveries: Deliveries,
    ) -> None:
        super().__init__(storage=storage, client=client, clock=clock, is_on_duty=is_on_duty)
        self._deliveries = deliveries
        self._unanswered = 0  # times in a row that Tango could not be reached

    def _send(self, queued: QueuedNotice) -> None:
        order_id = _order_id(queued)
        try:
            gift = self._deliveries.fetch(order_id)
        except (TangoError, RewardNotReady) as error:
            self._deliveries.record_delay(queued, order_id)
            raise Postponed(str(error), alone=True, rest=self._rest_after(error)) from error
        except Refusal as refusal:
            self._give_up(queued, str(refusal))
            return
        self._unanswered = 0
        self._post(queued.audience, build_reward(gift))
        self._deliveries.record_delivery(queued, order_id)

    def _rest_after(self, error: TangoError | RewardNotReady) -> timedelta | None:
        """Return how long no other reward is fetched: for longer each time that Tango can't be reached.

        What Tango refuses or has not made concerns that order alone. Half as long as the reward itself waits, so that
        the others have a turn before it: it may be the one that Tango can't give.
        """
        self._unanswered = self._unanswered + 1 if isinstance(error, TangoUnavailable) else 0
        return min(wait_before_retry(self._unanswered) / 2, _LONGEST_REST) if self._unanswered else None

    def _give_up(self, queued: QueuedNotice, reason: str) -> None:
        self._deliveries.record_failure(queued, _order_id(queued), reason)


def _order_id(queued: QueuedNotice) -> int:
    notice = notice_from(queued.kind, queued.facts)
    if not isinstance(notice, RewardDelivery):
        raise TypeError(f"{queued.kind} is sent elsewhere")
    return notice.order_id
