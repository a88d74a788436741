"""A search as people type it: `@rob failed`, `over 50 usd last week`, `campaign:launch`, `notes:"for the board"`."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from enum import Enum, auto
from typing import Any, Final, TypeVar

from bot.domain.days import Period, read_period, zone_of
from bot.domain.money import read_amount
from bot.domain.order import OrderStatus
from bot.domain.search import OrderSearch
from bot.domain.tango_status import LineItemStatus, TangoStatus
from bot.errors import SearchNotUnderstood
from bot.faults import SearchFault

_V = TypeVar("_V")

#: Phrases of one or two words, each with its meaning.
_Phrases = Mapping[tuple[str, ...], _V]

#: The phrases of statuses and flags.
_STATUSES: Final[_Phrases[OrderStatus]] = {
    ("queued",): OrderStatus.QUEUED,
    ("waiting",): OrderStatus.QUEUED,
    ("submitting",): OrderStatus.SUBMITTING,
    ("placed",): OrderStatus.ACCEPTED,
    ("accepted",): OrderStatus.ACCEPTED,
    ("failed",): OrderStatus.FAILED,
    ("canceled",): OrderStatus.CANCELED,
    ("cancelled",): OrderStatus.CANCELED,
    ("attention",): OrderStatus.NEEDS_ATTENTION,
    ("needs", "attention"): OrderStatus.NEEDS_ATTENTION,
    ("needs_attention",): OrderStatus.NEEDS_ATTENTION,
}
_FLAGS: Final[_Phrases[tuple[str, bool]]] = {
    ("mailed",): ("send_email", True),
    ("unmailed",): ("send_email", False),
    ("not", "mailed"): ("send_email", False),
    ("tango",): ("at_tango", True),
    ("everywhere",): ("at_tango", True),
}


class _Bound(Enum):
    """The side on which the day or the amount after some words limits the search."""

    FROM = auto()
    TO = auto()
    AFTER = auto()
    BEFORE = auto()


_BOUNDS: Final[_Phrases[_Bound]] = {
    **dict.fromkeys([("from",), ("since",), ("over",), ("above",), ("at", "least"), ("more", "than")], _Bound.FROM),
    **dict.fromkeys(
        [("until",), ("till",), ("to",), ("under",), ("below",), ("up", "to"), ("less", "than")], _Bound.TO
    ),
    ("after",): _Bound.AFTER,
    ("before",): _Bound.BEFORE,
}

#: The bounds that an amount can be, and their criteria.
_OF_AMOUNTS: Final[Mapping[_Bound, str]] = {_Bound.FROM: "min_amount", _Bound.TO: "max_amount"}

#: Words that only hold a sentence together.
_IDLE: Final = frozenset({"for", "to", "of", "and", "with", "in", "on", "the", "orders", "order"})

#: The most characters of a search: a button can carry no more from page to page (Slack docs, Block Kit, button).
LONGEST_SEARCH: Final = 2_000

#: The most words that belong together: a bound of two before a period of three, as in `at least last 3 days`.
_MOST_TOGETHER: Final = 5

#: One token: a key with its value, a text in quotes, or a word.
_TOKEN: Final = re.compile(r"""(?:(?P<key>[A-Za-z][A-Za-z-]*):\s*)?(?:"(?P<quoted>[^"]*)"|(?P<word>[^\s"]+))""")

#: The quotation marks that keyboards make of a straight one.
_QUOTES: Final = str.maketrans("\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}„«»", '"""""')

#: Words that are known by their form: an address, our `external_ref_id`, a utid. An address has one way to be read,
#: because its first dot ends the first label: with more ways, a word of thousands of dots takes seconds.
_EMAIL: Final = re.compile(r"[^\s@<>]+@[^\s@<>.]+\.[^\s@<>]+")
_REFERENCE: Final = re.compile(r"[0-9a-f]{32}")
_UTID: Final = re.compile(r"u[0-9]{3,9}")

#: Two amounts or two days with a dash or two points between.
_RANGE: Final = re.compile(r"(?P<low>.+?)(?:-|\N{EN DASH}|\.\.)(?P<high>.+)")
_DAYS: Final = re.compile(r"(?P<first>[0-9-]{7,10})\.\.(?P<last>[0-9-]{7,10})")


def _one_of(known: Collection[str]) -> Callable[[str], str | None]:
    return lambda text: found if (found := text.upper().replace(" ", "_")) in known else None


def _code(text: str) -> str | None:
    return text.upper() if len(text) == 3 and text.isalpha() and text.isascii() else None


def _yes_or_no(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text.lower())


def _text(text: str) -> str | None:
    return text.strip() or None


#: The criterion of each key, and the reader of its value.
_KEYS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "status": ("tango_status", _one_of(tuple(TangoStatus))),
    "item": ("line_item_status", _one_of(tuple(LineItemStatus))),
    "email": ("recipient_email", _text),
    "first": ("recipient_first_name", _text),
    "last": ("recipient_last_name", _text),
    "sender": ("sender_email", _text),
    "sender-first": ("sender_first_name", _text),
    "sender-last": ("sender_last_name", _text),
    "reward": ("reward_name", _text),
    "utid": ("utid", lambda text: text.upper() or None),
    "ptid": ("ptid", lambda text: text.upper() or None),
    "currency": ("currency_code", _code),
    "campaign": ("campaign", _text),
    "po": ("purchase_order_number", _text),
    "notes": ("notes", _text),
    "item-notes": ("line_item_notes", _text),
    "mailed": ("send_email", _yes_or_no),
    "ref": ("external_ref_id", _text),
}

#: The values of a key, where not any text is one.
_TAKES: Final[Mapping[str, Sequence[str]]] = {
    "status": tuple(TangoStatus),
    "item": tuple(LineItemStatus),
    "currency": ("USD", "EUR", "…"),
    "mailed": ("yes", "no"),
}


def parse_search(
    text: str, people: Sequence[str], *, now: datetime, zone: str, currencies: Collection[str]
) -> OrderSearch:
    """Read a search.

    Args:
        text: the words after the command, without mentions.
        people: the Slack ids of the people mentioned.
        now: UTC.
        zone: where the person is: days are days there.
        currencies: the codes that are read as a currency without a key.

    Raises:
        SearchNotUnderstood: the first word that has no meaning here, and why; or the text is too long.
    """
    if len(text) > LONGEST_SEARCH:
        raise SearchNotUnderstood(SearchFault.TOO_LONG, "")
    if len(people) > 1:
        raise SearchNotUnderstood(SearchFault.ONE_PERSON, people[1])
    parser = _Parser(text, now.astimezone(zone_of(zone)).date(), {code.lower() for code in currencies})
    if people:
        parser.found["recipient_id"] = people[0]
    while parser.left:
        parser.read()
    search = OrderSearch(zone=zone, **parser.found)
    if _is_reversed(search.since, search.until) or _is_reversed(search.min_amount, search.max_amount):
        raise SearchNotUnderstood(SearchFault.REVERSED, text)
    return search


class _Parser:
    """The words that are left to read, and the criteria found."""

    def __init__(self, text: str, today: date, currencies: Collection[str]) -> None:
        self.left = [(m["key"], m["quoted"] or m["word"] or "") for m in _TOKEN.finditer(text.translate(_QUOTES))]
        self.found: dict[str, Any] = {}
        self._today = today
        self._currencies = currencies

    def read(self) -> None:
        """Read the next criterion."""
        key, word = self.left[0]
        readers = (self._flag, self._bound, self._period, self._range, self._known)
        if key is not None:
            self._pair(key.lower(), word)
        elif any(reader() for reader in readers):
            return
        elif word.lower() in _IDLE:
            self._take(1)
        else:
            raise SearchNotUnderstood(SearchFault.UNKNOWN, word)

    def _pair(self, key: str, value: str) -> None:
        if key not in _KEYS:
            raise SearchNotUnderstood(SearchFault.UNKNOWN, f"{key}:")
        name, read = _KEYS[key]
        meant = read(value)
        if meant is None:
            raise SearchNotUnderstood(SearchFault.VALUE, f"{key}:{value}", known=_TAKES.get(key, ()))
        self._put(1, **{name: meant})

    def _flag(self) -> bool:
        if status := self._phrase(_STATUSES):
            return self._put(status[1], status=status[0])
        if flag := self._phrase(_FLAGS):
            name, value = flag[0]
            return self._put(flag[1], **{name: value})
        return False

    def _bound(self) -> bool:
        """`since monday`, `over 50`, `before 2026-11-01`."""
        opened = self._phrase(_BOUNDS)
        if opened is None:
            return False
        bound, used = opened
        words = self._plain()
        if words[:used] == ["to"] and not self.found.keys() & {"since", "min_amount"}:
            return False  # "to @rob last week" names no end: the mention stood between
        after = words[used:]
        if period := read_period(after, self._today):
            return self._put(used + period[1], **_days(bound, period[0]))
        if after and bound in _OF_AMOUNTS and (amount := read_amount(after[0])):
            return self._put(used + 1, **{_OF_AMOUNTS[bound]: amount[0]}, **_of(amount[1]))
        return False

    def _period(self) -> bool:
        if found := read_period(self._plain(), self._today):
            period, used = found
            return self._put(used, since=period.first, until=period.last)
        return False

    def _range(self) -> bool:
        """`50-100`, `2026-11-01..2026-11-30`."""
        word = self._plain()[0]
        if days := _DAYS.fullmatch(word):
            first, last = (read_period([days[side]], self._today) for side in ("first", "last"))
            return bool(first and last) and self._put(1, since=first[0].first, until=last[0].last)  # type: ignore[index]  # both are there
        if amounts := _RANGE.fullmatch(word):
            low, high = read_amount(amounts["low"]), read_amount(amounts["high"])
            if low and high:
                return self._put(1, min_amount=low[0], max_amount=high[0], **_of(high[1] or low[1]))
        return False

    def _known(self) -> bool:
        """Read a word that is known by its form: an address, a reference, a utid, a currency, an amount."""
        word = self._plain()[0]
        if _EMAIL.fullmatch(word):
            return self._put(1, recipient_email=self.left[0][1])
        if _REFERENCE.fullmatch(word):
            return self._put(1, external_ref_id=word)
        if _UTID.fullmatch(word):
            return self._put(1, utid=word.upper())
        if word in self._currencies:
            return self._put(1, currency_code=word.upper())
        if amount := read_amount(word):
            return self._put(1, min_amount=amount[0], max_amount=amount[0], **_of(amount[1]))
        return False

    def _phrase(self, table: _Phrases[_V]) -> tuple[_V, int] | None:
        words = self._plain()
        for length in (2, 1):
            phrase = tuple(words[:length])
            if len(phrase) == length and phrase in table:
                return table[phrase], length
        return None

    def _plain(self) -> list[str]:
        """Return the next words up to the next key, in lower case: as many as can belong together."""
        words = []
        for key, word in self.left[:_MOST_TOGETHER]:
            if key is not None:
                break
            words.append(word.lower())
        return words

    def _put(self, used: int, **found: Any) -> bool:
        """Keep the criteria of `used` words. None may come twice: which of the two was meant?"""
        said = " ".join(word for _, word in self.left[:used])
        if found.keys() & self.found.keys():
            raise SearchNotUnderstood(SearchFault.TWICE, said)
        self.found |= found
        self._take(used)
        return True

    def _take(self, used: int) -> None:
        del self.left[:used]


def _days(bound: _Bound, period: Period) -> dict[str, date]:
    """Return the criterion of a bound by days."""
    match bound:
        case _Bound.FROM:
            return {"since": period.first}
        case _Bound.TO:
            return {"until": period.last}
        case _Bound.AFTER:
            return {"since": date.fromordinal(period.last.toordinal() + 1)}
        case _Bound.BEFORE:
            return {"until": date.fromordinal(period.first.toordinal() - 1)}


def _of(currency: str | None) -> dict[str, str]:
    """Return the criterion of a currency, where the amount's sign names one."""
    return {} if currency is None else {"currency_code": currency}


def _is_reversed(low: Any, high: Any) -> bool:
    return low is not None and high is not None and high < low
