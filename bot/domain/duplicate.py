"""Duplicates: the same reward for the same person within a day, whoever asks for it.

Its sender is asked once whether it is meant. Its approver sees who else asked for a reward for that person, and when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.numbers import request_number
from bot.errors import Refusal

#: The time within which a second reward is worth a question. Two managers who thank for one thing do so within a day;
#: who thanks for another thing on the next day should not be asked.
DUPLICATE_WITHIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherReward:
    """Another request for one of the recipients of a request, made within a day before or after it.

    It waits, or was approved; and it has not failed or been canceled for that recipient.

    Attributes:
        request_id: of the other one.
        recipient_id: the Slack id.
        requester_id: who asked.
        requester_name: for a link that pings nobody; empty once names are no longer kept.
        is_approved: whether it was approved.
        is_same: whether it is for the same reward.
        requested_at: UTC.
    """

    request_id: int
    recipient_id: str
    requester_id: str
    requester_name: str
    is_approved: bool
    is_same: bool
    requested_at: datetime

    @property
    def number(self) -> str:
        """Return the number by which people know the request: R-8."""
        return request_number(self.request_id)


class DuplicateRequest(Refusal):
    """The same reward was asked for, for some of the recipients, within a day; the requester was not asked about them.

    Attributes:
        recipient_ids: the recipients' Slack ids.
        names: the recipients' names.
        is_own: whether the requester has asked for all of them.
    """

    def __init__(self, *, recipient_ids: Sequence[str], names: Sequence[str], is_own: bool) -> None:
        self.recipient_ids = tuple(recipient_ids)
        self.names = tuple(names)
        self.is_own = is_own
        super().__init__(", ".join(recipient_ids))
