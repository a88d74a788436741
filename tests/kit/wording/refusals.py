"""Refusals, and the faults of a form."""

from datetime import timedelta
from typing import Final

from bot.domain.duplicate import DuplicateRequest
from bot.domain.order import OrderStatus
from bot.errors import (
    AlreadyDecided,
    NotAllowed,
    NotFound,
    Refusal,
    ResendTooSoon,
    Rule,
    SearchNotUnderstood,
    StaleReference,
    Wish,
    WrongState,
)
from bot.faults import Fault, FaultCode, SearchFault
from bot.sandbox.slack import people
from handlers.views.faults import fault_text
from handlers.views.messages import refusal_text
from tests.kit.factories import ADA, ALEX, NOON
from tests.kit.wording.common import common


def not_found(reference: object) -> str:
    """Say that there is no such thing, or none that the person may see."""
    return refusal_text(NotFound(str(reference)))


def not_allowed(rule: Rule, *who_may: str, waits: bool = False) -> str:
    """Say which rule forbids it, and who may instead: as a World has them, where nobody is named."""
    usual = {Rule.ADMINS_ONLY: [people.ADA], Rule.APPROVERS_ONLY: [people.ALEX, people.SAM]}
    named = sorted(who_may) or usual.get(rule, [])
    return refusal_text(NotAllowed(rule, who_may=named, waits=waits))


def too_soon(seconds: int) -> str:
    """Say when the e-mail can be sent again."""
    return refusal_text(ResendTooSoon(number="1", again_at=NOON + timedelta(seconds=seconds)))


def wrong_state(number: object, status: OrderStatus, move: Wish) -> str:
    """Say that the order's state does not allow it."""
    return refusal_text(WrongState(number=str(number), status=status, move=move))


def fault(field: str, code: FaultCode, **facts: object) -> str:
    """Say what is wrong with a field."""
    return fault_text(field, Fault(code, facts))


def always(refusal: Refusal, *others: Refusal) -> str:
    """Return what refusals of one kind say whatever their facts are."""
    return common(refusal_text(refusal), *map(refusal_text, others))


def duplicate(*names: str, is_own: bool = False) -> str:
    """Ask whether a second reward within a day is meant for these people."""
    return refusal_text(DuplicateRequest(recipient_ids=(), names=names, is_own=is_own))


#: Of every form that asks whether a second reward within a day is meant.
ASKED_TWICE: Final = common(duplicate("Rob Hale"), duplicate("Kim Park", "Li"))

#: Of every thing that is not found.
NOT_FOUND: Final = always(NotFound("1"), NotFound("another"))

#: Of every request that somebody has decided before.
ALREADY_DECIDED: Final = always(
    AlreadyDecided(status="approved", by=ALEX, at=NOON), AlreadyDecided(status="withdrawn", by=ADA, at=NOON)
)

#: Of every word that no command knows.
UNKNOWN_WORD: Final = always(*(SearchNotUnderstood(SearchFault.UNKNOWN, word) for word in ("x", "yy")))

#: Of everybody without an address, by which Tango could find them.
NO_ADDRESS: Final = always(*(SearchNotUnderstood(SearchFault.NO_ADDRESS, word) for word in ("x", "yy")))

#: Say that a button is from before a restore.
STALE: Final = refusal_text(StaleReference())
