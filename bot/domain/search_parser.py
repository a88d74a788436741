"""A search as people type it: `@rob failed`, `over 50 usd last week`, `campaign:launch`, `notes:"for the board"`."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, TypeVar

from bot.domain.days import Period, is_year, read_period, zone_of
from bot.domain.money import read_amount
from bot.domain.search import OrderSearch
from bot.domain.search_words import (
    BOUNDS,
    FLAGS,
    IDLE,
    KEYS,
    OF_AMOUNTS,
    OF_DAYS,
    OF_WORDS,
    OWN,
    STATUSES,
    TAKES,
    VOCABULARY,
    Bound,
    Phrases,
)
from bot.errors import SearchNotUnderstood
from bot.faults import SearchFault

_V = TypeVar("_V")

#: The most characters of a search: a button can carry no more from page to page (Slack docs, Block Kit, button).
LONGEST_SEARCH: Final = 2_000

#: The most words of a person's name: `maria del mar`.
_MOST_OF_NAME: Final = 3

#: A word that looks so much like one that is understood was meant to be that one: `faild`, `cancled`, `yesterdya`.
_ALIKE: Final = 0.75

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

#: An amount with its bound in the same word: `50+`, `>50`, `<=100`.
_BOUNDED: Final = re.compile(r"(?P<sign>[<>]=?)(?P<amount>[^<>=+]+)|(?P<least>[^<>=+]+)\+")

#: Two amounts or two days with a dash or two points between.
_RANGE: Final = re.compile(r"(?P<low>.+?)(?:-|\N{EN DASH}|\.\.)(?P<high>.+)")
_DAYS: Final = re.compile(r"(?P<first>[0-9-]{7,10})\.\.(?P<last>[0-9-]{7,10})")


def parse_search(
    text: str,
    people: Sequence[str],
    *,
    actor_id: str,
    now: datetime,
    zone: str,
    currencies: Collection[str],
    is_name: Callable[[str], bool],
) -> OrderSearch:
    """Read a search.

    Args:
        text: the words after the command, without mentions.
        people: the Slack ids of the people mentioned.
        actor_id: who looks: `mine` and `received` are theirs.
        now: UTC.
        zone: where the person is: days are days there.
        currencies: the codes that are read as a currency without a key.
        is_name: tells whether somebody of that name is among the recipients.

    Raises:
        SearchNotUnderstood: the first word that has no meaning here, and why; or the text is too long.
    """
    if len(text) > LONGEST_SEARCH:
        raise SearchNotUnderstood(SearchFault.TOO_LONG, "")
    if len(people) > 1:
        raise SearchNotUnderstood(SearchFault.ONE_PERSON, people[1])
    today = now.astimezone(zone_of(zone)).date()
    parser = _Parser(text, actor_id, today, {code.lower() for code in currencies}, is_name)
    if people:
        parser.found["recipient_id"] = people[0]
    while parser.left:
        parser.read()
    search = OrderSearch(zone=zone, **parser.found)
    if _is_reversed(search.since, search.until) or _is_reversed(search.min_amount, search.max_amount):
        raise SearchNotUnderstood(SearchFault.REVERSED, text)
    return search


def corrected(text: str, refusal: SearchNotUnderstood) -> str | None:
    """Return the text with the word that was probably meant; None where nothing looks like it."""
    if refusal.fault is not SearchFault.UNKNOWN or not refusal.known:
        return None
    return re.sub(rf"(?<!\S){re.escape(refusal.word)}", refusal.known[0], text, count=1)


class _Token(NamedTuple):
    """A word, a text in quotes, or a key with the first of its words."""

    key: str | None
    text: str
    is_quoted: bool


class _Parser:
    """The words that are left to read, and the criteria found."""

    def __init__(
        self, text: str, actor_id: str, today: date, currencies: Collection[str], is_name: Callable[[str], bool]
    ) -> None:
        self.left = [
            _Token(m["key"], m["quoted"] or m["word"] or "", m["word"] is None)
            for m in _TOKEN.finditer(text.translate(_QUOTES))
        ]
        self.found: dict[str, Any] = {}
        self._actor_id = actor_id
        self._today = today
        self._currencies = currencies
        self._is_name = is_name

    def read(self) -> None:
        """Read the next criterion."""
        key, word, _ = self.left[0]
        readers = (self._flag, self._bound, self._bounded, self._period, self._range, self._known)
        if key is not None:
            self._pair(key.lower())
        elif any(reader() for reader in readers):
            return
        elif word.lower() in IDLE:
            self._take(1)
        elif not self._name():
            raise _unknown(word)

    def _pair(self, key: str) -> None:
        if key not in KEYS:
            raise _unknown(f"{key}:")
        name, read = KEYS[key]
        used = self._length_of_value() if key in OF_WORDS else 1
        value = " ".join(token.text for token in self.left[:used])
        meant = read(value)
        if meant is None:
            raise SearchNotUnderstood(SearchFault.VALUE, f"{key}:{value}", known=TAKES.get(key, ()))
        self._put(used, **{name: meant})

    def _length_of_value(self) -> int:
        """Return how many tokens are the value of the key that is read."""
        if self.left[0].is_quoted:
            return 1
        ends = (at for at, token in enumerate(self.left) if at and (token.key is not None or token.is_quoted))
        return next(ends, len(self.left))

    def _name(self) -> bool:
        """Read the name of a recipient, written without @: the longest that somebody has."""
        words = self._plain()[:_MOST_OF_NAME]
        for length in range(len(words), 0, -1):
            name = " ".join(words[:length])
            if self._is_name(name):
                return self._put(length, recipient_name=name)
        return False

    def _flag(self) -> bool:
        if status := self._phrase(STATUSES):
            return self._put(status[1], status=status[0])
        if flag := self._phrase(FLAGS):
            name, value = flag[0]
            return self._put(flag[1], **{name: value})
        if own := self._phrase(OWN):
            return self._put(own[1], **{own[0]: self._actor_id})
        return False

    def _bound(self) -> bool:
        """`since monday`, `over 50`, `before 2026-11-01`."""
        opened = self._phrase(BOUNDS)
        if opened is None:
            return False
        bound, used = opened
        words = self._plain()
        if words[:used] == ["to"] and not self.found.keys() & {"since", "min_amount"}:
            return False  # "to @rob last week" names no end: the mention stood between
        after = words[used:]
        readers = (self._bound_of_days, self._bound_of_amounts)
        if words[0] not in OF_DAYS:
            readers = readers[::-1]
        return any(reader(bound, used, after) for reader in readers)

    def _bound_of_days(self, bound: Bound, used: int, after: Sequence[str]) -> bool:
        period = read_period(after, self._today)
        return period is not None and self._put(used + period[1], **_days(bound, period[0]))

    def _bound_of_amounts(self, bound: Bound, used: int, after: Sequence[str]) -> bool:
        if not after or bound not in OF_AMOUNTS:
            return False
        amount = read_amount(after[0])
        return amount is not None and self._put(used + 1, **{OF_AMOUNTS[bound]: amount[0]}, **_of(amount[1]))

    def _bounded(self) -> bool:
        """`50+`, `>50`, `<$100`."""
        typed = _BOUNDED.fullmatch(self._plain()[0])
        amount = read_amount(typed["amount"] or typed["least"]) if typed else None
        if typed is None or amount is None:
            return False
        name = "max_amount" if (typed["sign"] or ">").startswith("<") else "min_amount"
        return self._put(1, **{name: amount[0]}, **_of(amount[1]))

    def _period(self) -> bool:
        words = self._plain()
        if is_year(words[0]) and words[1:] and words[1] in self._currencies:
            return False  # `2000 usd` is an amount
        if found := read_period(words, self._today):
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
            return self._put(1, recipient_email=self.left[0].text)
        if _REFERENCE.fullmatch(word):
            return self._put(1, external_ref_id=word)
        if _UTID.fullmatch(word):
            return self._put(1, utid=word.upper())
        if word in self._currencies:
            return self._put(1, currency_code=word.upper())
        if amount := read_amount(word):
            return self._put(1, min_amount=amount[0], max_amount=amount[0], **_of(amount[1]))
        return False

    def _phrase(self, table: Phrases[_V]) -> tuple[_V, int] | None:
        words = self._plain()
        for length in (3, 2, 1):
            phrase = tuple(words[:length])
            if len(phrase) == length and phrase in table:
                return table[phrase], length
        return None

    def _plain(self) -> list[str]:
        """Return the next words up to the next key, in lower case: as many as can belong together."""
        words = []
        for token in self.left[:_MOST_TOGETHER]:
            if token.key is not None:
                break
            words.append(token.text.lower())
        return words

    def _put(self, used: int, **found: Any) -> bool:
        """Keep the criteria of `used` words. None may come twice: which of the two was meant?"""
        said = " ".join(token.text for token in self.left[:used])
        if found.keys() & self.found.keys():
            raise SearchNotUnderstood(SearchFault.TWICE, said)
        self.found |= found
        self._take(used)
        return True

    def _take(self, used: int) -> None:
        del self.left[:used]


def _unknown(word: str) -> SearchNotUnderstood:
    """Return the refusal of a word that has no meaning, with the word that it looks like."""
    alike = get_close_matches(word.lower(), VOCABULARY, 1, _ALIKE)
    return SearchNotUnderstood(SearchFault.UNKNOWN, word, known=[one for one in alike if one != word.lower()])


def _days(bound: Bound, period: Period) -> dict[str, date]:
    """Return the criterion of a bound by days."""
    match bound:
        case Bound.FROM:
            return {"since": period.first}
        case Bound.TO:
            return {"until": period.last}
        case Bound.AFTER:
            return {"since": date.fromordinal(period.last.toordinal() + 1)}
        case Bound.BEFORE:
            return {"until": date.fromordinal(period.first.toordinal() - 1)}


def _of(currency: str | None) -> dict[str, str]:
    """Return the criterion of a currency, where the amount's sign names one."""
    return {} if currency is None else {"currency_code": currency}


def _is_reversed(low: Any, high: Any) -> bool:
    return low is not None and high is not None and high < low
