"""The gift log: who got what, when and why, from whom, and who approved it. Payroll and auditors read it.

It is only appended to. What becomes known later is a row of its own, with the difference: so a period that is over
never changes, and the sum of all rows is what was paid.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP
from enum import StrEnum

from bot.domain.charge import Charge
from bot.domain.money import Money, decimals_of


class GiftKind(StrEnum):
    """What a row of the gift log says of a reward."""

    SENT = "sent"
    """Tango has made it; once for each order."""
    CHARGED = "charged"
    """Tango told what it cost, or another cost, after the reward was logged."""
    ENDED = "ended"
    """Tango ended it without a reward: all that was logged of it, with a minus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftRecord:
    """A row of the gift log.

    Attributes:
        id: ours, counted up.
        order_id: of the order.
        kind: what it says of the reward.
        at: when that was known here, UTC: reports go by it.
        number: the order's, for people: 8.2.
        requester_id: the Slack id of who asked for the reward.
        requester_name: their name; empty once names are no longer kept.
        recipient_id: the Slack id of who got it.
        recipient_name: their name; the same.
        approved_by: the Slack id of who approved it, or BY_RULE.
        first_approved_by: the Slack id of the first of two approvers; empty where one was enough.
        utid: Tango's id of the reward.
        reward_name: the reward's name.
        brand: whose reward it is.
        face: the face value; nothing for a charge, with a minus at the end.
        charged: what left the account, to the smallest unit of its currency; None where Tango has not said.
        occasion: empty where nobody was asked.
        is_taxable: None where the settings don't say.
        team: the budgets that the request drew on; empty where there are none.
        campaign: as the requester typed it; removed with the names.
        purchase_order: the same.
    """

    id: int
    order_id: int
    kind: GiftKind
    at: datetime
    number: str
    requester_id: str
    requester_name: str
    recipient_id: str
    recipient_name: str
    approved_by: str
    first_approved_by: str
    utid: str
    reward_name: str
    brand: str
    face: Money
    charged: Money | None
    occasion: str
    is_taxable: bool | None
    team: str
    campaign: str
    purchase_order: str


@dataclass(frozen=True, slots=True)
class GiftChange:
    """What is to be appended for an order.

    Attributes:
        kind: what it says.
        face_minor: in minor units of the reward's currency.
        charged: what left the account; None where that is not known, or does not change.
    """

    kind: GiftKind
    face_minor: int
    charged: Money | None


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log has of an order.

    Attributes:
        face_minor: the sum, in minor units of the reward's currency.
        charged: the sums by currency, in minor units.
        is_ended: whether its end is logged, after which nothing follows.
    """

    face_minor: int
    charged: Mapping[str, int]
    is_ended: bool


def logged_of(rows: Sequence[GiftChange]) -> Logged | None:
    """Return what these rows of one order come to; None where there are none."""
    if not rows:
        return None
    charged: Counter[str] = Counter()
    for row in rows:
        if row.charged is not None:
            charged[row.charged.currency] += row.charged.minor
    return Logged(
        face_minor=sum(row.face_minor for row in rows),
        charged={currency: minor for currency, minor in charged.items() if minor},
        is_ended=any(row.kind is GiftKind.ENDED for row in rows),
    )


def missing_rows(logged: Logged | None, face: Money, charge: Charge | None, *, is_sent: bool) -> Sequence[GiftChange]:
    """Return the rows that the log lacks of an order, so that it says of it what is true now.

    Args:
        logged: what the log has of it.
        face: its face value.
        charge: what it cost, if Tango has said so.
        is_sent: whether Tango has made the reward, and not ended it.
    """
    charged = charged_of(charge)
    if logged is None:
        return [GiftChange(GiftKind.SENT, face.minor, charged)] if is_sent else []
    if logged.is_ended:
        return []
    if not is_sent:
        return _ending(logged)
    wanted = Counter({charged.currency: charged.minor} if charged else logged.charged)
    return [
        GiftChange(GiftKind.CHARGED, 0, Money(minor, currency))
        for currency in sorted({*wanted, *logged.charged})
        if (minor := wanted[currency] - logged.charged.get(currency, 0))
    ]


def _ending(logged: Logged) -> Sequence[GiftChange]:
    """Take back all that was logged: the face value, and the charge in each currency, in as few rows as that needs."""
    back = [Money(-minor, currency) for currency, minor in sorted(logged.charged.items())]
    others = [GiftChange(GiftKind.CHARGED, 0, charged) for charged in back[1:]]
    return [*others, GiftChange(GiftKind.ENDED, -logged.face_minor, back[0] if back else None)]


def charged_of(charge: Charge | None) -> Money | None:
    """Return what left the account, to the smallest unit of its currency: so rows and their sum agree to the cent."""
    if charge is None:
        return None
    minor = charge.total.scaleb(decimals_of(charge.currency)).to_integral_value(ROUND_HALF_UP)
    return Money(int(minor), charge.currency)
