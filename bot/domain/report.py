"""A report: what was given in a time, by sender, team, occasion, reward or recipient. One value, however it is shown.

It is made of the rows of the gift log alone. Amounts of different currencies are never added up, and no row is in two
groups: so the sum of the groups is the sum of the rows.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final

from bot.domain.days import Period
from bot.domain.gift_log import GiftKind, GiftRecord
from bot.domain.money import Money
from bot.domain.policy import Roles
from bot.errors import NotAllowed, Rule


class ReportBy(StrEnum):
    """What the rewards of a report are put together by."""

    SENDER = "sender"
    TEAM = "team"
    """The budgets that the request drew on: a company names them for its teams."""
    OCCASION = "occasion"
    REWARD = "reward"
    RECIPIENT = "recipient"


#: What a row counts as: the end of a reward takes back what was counted when it was sent.
_COUNTS: Final[Mapping[GiftKind, int]] = {GiftKind.SENT: 1, GiftKind.CHARGED: 0, GiftKind.ENDED: -1}

#: The key and the name of the group in which a row is.
_GROUPS: Final[Mapping[ReportBy, Callable[[GiftRecord], tuple[str, str]]]] = {
    ReportBy.SENDER: lambda row: (row.requester_id, row.requester_name),
    ReportBy.TEAM: lambda row: (row.team, row.team),
    ReportBy.OCCASION: lambda row: (row.occasion, row.occasion),
    ReportBy.REWARD: lambda row: (row.utid, row.reward_name),
    ReportBy.RECIPIENT: lambda row: (row.recipient_id, row.recipient_name),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """What one group comes to in one currency.

    Attributes:
        key: a Slack id, a utid, an occasion or a team; empty where there is none, and of what is left over.
        name: for people; empty where it is no longer kept, or there is none.
        rewards: how many were sent, less those that were ended.
        face: their face value.
        charged: what left the account for them, by its currency.
        groups: how many groups are in it: several where it has what is left over.
    """

    key: str
    name: str
    rewards: int
    face: Money
    charged: Sequence[Money] = ()
    groups: int = 1


@dataclass(frozen=True, slots=True)
class Chart:
    """The face values of one currency, as bars.

    Attributes:
        currency: of all bars.
        bars: each with its row, the largest first; the last one may have all that is left over.
    """

    currency: str
    bars: Sequence[ReportRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was given in a time.

    Attributes:
        period: whole days in the zone, both included.
        zone: in which days begin, as an IANA name.
        by: what it is put together by.
        rows: by currency, the one with most rewards first; in each the largest amount first.
        everyone: whether it is of all senders, or of the viewer alone.
        is_over: whether the period is over, so that nothing in it changes any more.
    """

    period: Period
    zone: str
    by: ReportBy
    rows: Sequence[ReportRow]
    everyone: bool
    is_over: bool

    @property
    def totals(self) -> Sequence[ReportRow]:
        """Return what all groups come to, one row for each currency."""
        return [_together(rows) for rows in self._by_currency().values()]

    def shown(self, most: int) -> Sequence[ReportRow]:
        """Return up to `most` rows: where there are more, the last one of each currency has all that is left of it."""
        if len(self.rows) <= most:
            return self.rows
        parts = list(self._by_currency().values())
        left = most - len(parts)
        shown: list[ReportRow] = []
        for rows in parts:  # of the currency with most rewards as many as there is room for
            more = min(left, len(rows) - 1)
            shown += _fitted(rows, 1 + more)
            left -= more
        return shown

    def charts(self, most: int, bars: int) -> Sequence[Chart]:
        """Return a chart for each of the `most` currencies with most rewards, of up to so many bars."""
        parts = islice(self._by_currency().items(), most)
        return [Chart(currency, _fitted(rows, bars)) for currency, rows in parts]

    def _by_currency(self) -> Mapping[str, Sequence[ReportRow]]:
        found: dict[str, list[ReportRow]] = {}
        for row in self.rows:
            found.setdefault(row.face.currency, []).append(row)
        return found


def _fitted(rows: Sequence[ReportRow], most: int) -> Sequence[ReportRow]:
    return rows if len(rows) <= most else [*rows[: most - 1], _together(rows[most - 1 :])]


def _together(rows: Sequence[ReportRow]) -> ReportRow:
    charged: Counter[str] = Counter()
    for row in rows:
        for money in row.charged:
            charged[money.currency] += money.minor
    return ReportRow(
        key="",
        name="",
        rewards=sum(row.rewards for row in rows),
        face=Money(sum(row.face.minor for row in rows), rows[0].face.currency),
        charged=_moneys(charged),
        groups=len(rows),
    )


@dataclass(slots=True)
class _Sum:
    """What a group comes to so far."""

    rewards: int = 0
    face: int = 0
    charged: Counter[str] = field(default_factory=Counter)

    def add(self, row: GiftRecord) -> None:
        self.rewards += _COUNTS[row.kind]
        self.face += row.face.minor
        if row.charged is not None:
            self.charged[row.charged.currency] += row.charged.minor

    @property
    def is_something(self) -> bool:
        return bool(self.rewards or self.face or any(self.charged.values()))


def report_of(
    records: Iterable[GiftRecord], by: ReportBy, *, period: Period, zone: str, everyone: bool, is_over: bool
) -> Report:
    """Return the report of these rows of the gift log, which are all those of the period."""
    sums: dict[tuple[str, str], _Sum] = {}
    names: dict[str, str] = {}
    in_currency: Counter[str] = Counter()
    for row in records:
        key, name = _GROUPS[by](row)
        names[key] = name or names.get(key, "")  # the newest that is still kept
        sums.setdefault((key, row.face.currency), _Sum()).add(row)
        in_currency[row.face.currency] += _COUNTS[row.kind]
    rows = [
        ReportRow(
            key=key,
            name=names[key],
            rewards=found.rewards,
            face=Money(found.face, currency),
            charged=_moneys(found.charged),
        )
        for (key, currency), found in sums.items()
        if found.is_something
    ]
    rows.sort(key=lambda row: (-in_currency[row.face.currency], row.face.currency, -row.face.minor, row.name, row.key))
    return Report(period=period, zone=zone, by=by, rows=rows, everyone=everyone, is_over=is_over)


def _moneys(minor: Mapping[str, int]) -> Sequence[Money]:
    return [Money(amount, currency) for currency, amount in sorted(minor.items()) if amount]


# -------------------------------------------------------------------------------------------- rights


def sees_all_gifts(actor_id: str, roles: Roles) -> bool:
    """Return whether a person may see in reports what everyone gave: finance and admins may, others see their own."""
    return actor_id in roles.finance | roles.admins


def check_is_finance(actor_id: str, roles: Roles) -> None:
    """Refuse who is neither finance nor an admin.

    Raises:
        NotAllowed: neither of them.
    """
    if not sees_all_gifts(actor_id, roles):
        rule = roles.rule_for(actor_id, Rule.FINANCE_ONLY)
        raise NotAllowed(rule, who_may=sorted(roles.finance or roles.admins))
