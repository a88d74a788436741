"""The words that a search understands, each with its meaning."""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum, auto
from typing import Any, Final, TypeVar

from bot.domain.days import PERIOD_WORDS
from bot.domain.search import SearchStatus
from bot.domain.tango_status import LineItemStatus, TangoStatus

_V = TypeVar("_V")

#: Phrases of up to three words, each with its meaning.
Phrases = Mapping[tuple[str, ...], _V]

#: The phrases of statuses and flags.
STATUSES: Final[Phrases[SearchStatus]] = {
    ("waiting",): SearchStatus.WAITING,
    ("waiting", "for", "approval"): SearchStatus.PENDING_APPROVAL,
    ("pending",): SearchStatus.PENDING_APPROVAL,
    ("approved",): SearchStatus.APPROVED,
    ("declined",): SearchStatus.DECLINED,
    ("withdrawn",): SearchStatus.WITHDRAWN,
    ("expired",): SearchStatus.EXPIRED,
    ("queued",): SearchStatus.QUEUED,
    ("scheduled",): SearchStatus.SCHEDULED,
    ("held",): SearchStatus.QUEUED,
    ("on", "hold"): SearchStatus.QUEUED,
    ("submitting",): SearchStatus.SUBMITTING,
    ("sent",): SearchStatus.ACCEPTED,
    ("placed",): SearchStatus.ACCEPTED,
    ("accepted",): SearchStatus.ACCEPTED,
    ("failed",): SearchStatus.FAILED,
    ("canceled",): SearchStatus.CANCELED,
    ("cancelled",): SearchStatus.CANCELED,
    ("attention",): SearchStatus.NEEDS_ATTENTION,
    ("needs", "attention"): SearchStatus.NEEDS_ATTENTION,
    ("needs_attention",): SearchStatus.NEEDS_ATTENTION,
}
FLAGS: Final[Phrases[tuple[str, bool]]] = {
    ("mailed",): ("send_email", True),
    ("unmailed",): ("send_email", False),
    ("not", "mailed"): ("send_email", False),
    ("tango",): ("at_tango", True),
    ("everywhere",): ("at_tango", True),
}

#: The criteria that the person fills who looks.
OWN: Final[Phrases[str]] = {("mine",): "requester_id", ("received",): "recipient_id"}


class Bound(Enum):
    """The side on which the day or the amount after some words limits the search."""

    FROM = auto()
    TO = auto()
    AFTER = auto()
    BEFORE = auto()


BOUNDS: Final[Phrases[Bound]] = {
    **dict.fromkeys([("from",), ("since",), ("over",), ("above",), ("at", "least"), ("more", "than")], Bound.FROM),
    **dict.fromkeys([("until",), ("till",), ("to",), ("under",), ("below",), ("up", "to"), ("less", "than")], Bound.TO),
    ("after",): Bound.AFTER,
    ("before",): Bound.BEFORE,
    **dict.fromkeys([(">",), (">=",)], Bound.FROM),
    **dict.fromkeys([("<",), ("<=",)], Bound.TO),
}

#: The bounds that are said of days first: `since 2026` is a year, `over 2026` an amount.
OF_DAYS: Final = frozenset({"from", "since", "until", "till", "to", "after", "before"})

#: The bounds that an amount can be, and their criteria.
OF_AMOUNTS: Final[Mapping[Bound, str]] = {Bound.FROM: "min_amount", Bound.TO: "max_amount"}

#: Words that only hold a sentence together.
IDLE: Final = frozenset({"for", "to", "of", "and", "with", "in", "on", "the", "orders", "order", "all"})


def _one_of(known: Collection[str]) -> Callable[[str], str | None]:
    return lambda text: found if (found := text.upper().replace(" ", "_")) in known else None


def _code(text: str) -> str | None:
    return text.upper() if len(text) == 3 and text.isalpha() and text.isascii() else None


def _yes_or_no(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text.lower())


def _text(text: str) -> str | None:
    return text.strip() or None


#: The criterion of each key, and the reader of its value.
KEYS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
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

#: The keys whose value may be of several words: it goes on up to the next key, or to the end of what is in quotes.
OF_WORDS: Final = frozenset({"first", "last", "sender-first", "sender-last", "reward", "campaign", "po", "notes"}) | {
    "item-notes"
}

#: The values of a key, where not any text is one.
TAKES: Final[Mapping[str, Sequence[str]]] = {
    "status": tuple(TangoStatus),
    "item": tuple(LineItemStatus),
    "currency": ("USD", "EUR", "…"),
    "mailed": ("yes", "no"),
}


#: The words that somebody may have meant by one that is not understood.
VOCABULARY: Final = sorted(
    ({word for phrase in (*STATUSES, *FLAGS, *OWN, *BOUNDS) for word in phrase} | PERIOD_WORDS | IDLE)
    | {f"{key}:" for key in KEYS}
)
