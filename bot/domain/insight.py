"""Insight: what approvers alone see behind *Details*, beyond the request itself. What isn't known is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.money import Money
from bot.domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The rewards that a requester has had approved since the month began, failed and canceled ones left out.

    Attributes:
        rewards: how many.
        totals: their values, one sum for each currency.
    """

    rewards: int
    totals: Sequence[Money]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The account's money, and what is to be paid from it.

    Attributes:
        balance: what Tango last said that the account holds.
        at: when Tango said it, UTC.
        waiting: the value of approved rewards that are still to be sent, in the currency of the balance.
        left: what is left after those and after this request; None where the request is in another currency.
    """

    balance: Money
    at: datetime
    waiting: Money
    left: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """All that is known around a request.

    Attributes:
        month: of the requester; None where nothing was approved in it.
        rewards: the last rewards of each recipient, by Slack id, newest first; nothing of who had none.
        cover: None where this bot isn't told the balance.
    """

    month: Month | None = None
    rewards: Mapping[str, Sequence[Order]]
    cover: Cover | None = None
