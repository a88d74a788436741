"""One attempt to send an order to Tango, and its outcome."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AttemptOutcome(StrEnum):
    """The outcome of one attempt."""

    ACCEPTED = "accepted"
    """Tango has the order."""
    REJECTED = "rejected"
    """Tango refused this order alone."""
    THROTTLED = "throttled"
    """Too early: Tango did not look at the order."""
    AMBIGUOUS = "ambiguous"
    """Nobody knows whether Tango has the order."""
    HALTED = "halted"
    """Tango takes no orders at present, whoever they are for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to place an order with Tango.

    Attributes:
        started_at: UTC.
        finished_at: UTC; None while the attempt is under way.
        outcome: None while the attempt is under way.
        http_status: of Tango's answer, where one came.
        i18n_key: Tango's key for the reason, where it gave one.
        tango_request_id: Tango's `X-REQUEST-ID`.
        detail: the reason of an ambiguous outcome, in a few words.
    """

    started_at: datetime
    finished_at: datetime | None
    outcome: AttemptOutcome | None
    http_status: int | None
    i18n_key: str | None
    tango_request_id: str | None
    detail: str | None
