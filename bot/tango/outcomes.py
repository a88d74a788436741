"""The outcomes of one attempt: closed sets, told apart here and nowhere else.

Told apart by the HTTP status and Tango's `i18nKey`; never by a message, whose words may change, and never
by `code`, which is not unique. Source: Tango docs, Manage orders, POST /orders and POST …/resends.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from bot.domain.attempt import AttemptOutcome
from bot.domain.queue import HaltCause
from bot.tango.envelope import ErrorBody, read_answer, read_error, request_id_of, wait_of
from bot.tango.models import PlacedOrder, ResentMail
from bot.tango.wire import read_moment, read_number


class Reason(StrEnum):
    """The reason why the outcome of an attempt is unknown."""

    TIMEOUT = "timeout"
    CONNECTION_CUT = "connection cut"
    NOT_CONNECTED = "not connected"  # nothing was written; the same reference again is still right
    SERVER_ERROR = "server error"
    UNREADABLE = "unreadable answer"
    UNEXPECTED = "unexpected status"
    FOREIGN = "not Tango's answer"  # a gateway's page, whatever its status: the request may have gone on to Tango
    IN_FLIGHT = "in flight"  # Tango still works on an earlier attempt under this reference
    TOO_MANY = "too many requests"  # of a read or a resend; an order's own 429 is `Throttled`


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The order exists at Tango: made by this attempt (201), or by an earlier one (200).

    A 200 answers the order as it was first made, whatever was sent now: see `bot.tango.differences`.
    """

    kind: ClassVar[AttemptOutcome] = AttemptOutcome.ACCEPTED
    status: int
    request_id: str | None
    order: PlacedOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Tango will not place this order, and there is nothing wrong beyond it.

    `field` is Tango's dotted name of the wrong field, such as `recipient.email`, where it gave one.
    """

    kind: ClassVar[AttemptOutcome] = AttemptOutcome.REJECTED
    status: int
    i18n_key: str | None
    request_id: str | None
    message: str = dataclass_field(repr=False)  # may quote what was sent
    field: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """Too early: the order was not looked at. Again after `wait` seconds; it is no attempt."""

    kind: ClassVar[AttemptOutcome] = AttemptOutcome.THROTTLED
    status: int
    i18n_key: str | None
    request_id: str | None
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """The order may exist or not. Only the same reference, again, after `minimum_wait` seconds tells."""

    kind: ClassVar[AttemptOutcome] = AttemptOutcome.AMBIGUOUS
    status: int | None
    i18n_key: str | None
    request_id: str | None
    reason: Reason
    minimum_wait: float

    @property
    def is_of_everyone(self) -> bool:
        """Return whether any order would have been answered so: Tango, or the way to it, is down."""
        return self.reason is not Reason.IN_FLIGHT and self.i18n_key not in _OF_ONE_REWARD

    @property
    def may_be_of_one_order(self) -> bool:
        """Return whether Tango, or a firewall before it, may answer so to this order alone."""
        return self.reason is not Reason.NOT_CONNECTED and self.i18n_key not in _OF_ONE_REWARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """No order can be placed until `cause` is gone. This order has not failed."""

    kind: ClassVar[AttemptOutcome] = AttemptOutcome.HALTED
    status: int
    i18n_key: str | None
    request_id: str | None
    cause: HaltCause


Outcome = Accepted | Rejected | Throttled | Ambiguous | Halted


@dataclass(frozen=True, slots=True, kw_only=True)
class Resent:
    """Tango sent the email again (which promises no delivery), to `email`, at `created_at`."""

    email: str | None = dataclass_field(repr=False)
    created_at: datetime | None
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendRefused:
    """Tango did not send it again, and will not."""

    status: int
    i18n_key: str | None
    message: str = dataclass_field(repr=False)
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendThrottled:
    """Too early after the last send. At most `seconds_left` remain, by Tango's own clock; None where it did not say.

    `last_sent_at` is Tango's, in UTC.
    """

    seconds_left: int | None
    last_sent_at: datetime | None
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendAmbiguous:
    """The e-mail may have gone out or not. With `Reason.NOT_CONNECTED` and `TOO_MANY` it has not."""

    status: int | None
    reason: Reason
    request_id: str | None


ResendOutcome = Resent | ResendRefused | ResendThrottled | ResendAmbiguous

#: In seconds. "Wait 1 second and try again": the least between any two attempts.
_WAIT: Final = 1.0

#: In seconds. Tango asks for at least two after a 409.002, an order still in process.
_IN_FLIGHT_WAIT: Final = 2.0

#: "Account has been frozen." Documented as 422; with any 4xx the key is enough, or every order in the queue would
#: fail, one after the other.
_FROZEN: Final = "404.142"

#: A 403 stops the queue, for the next order would meet the same: wrong permission, customer not ours, platform
#: not admitted, fraud limit. These two are of one order alone: its email template is not of this platform, or not
#: of this account.
_ORDER_SPECIFIC_403: Final = frozenset({"403.008", "403.021"})

#: What is true of the payer, with whatever 4xx it comes: the customer or the account is not there, not active, or not
#: the other's. Every order in the queue would meet the same.
_OF_ACCOUNT: Final = frozenset(
    {
        *("404.002", "404.003", "404.004", "404.015", "404.016", "404.020", "404.089", "404.096"),
        *("422.053", "422.156"),
    }
)

#: The 5xx that are of one reward: its supplier has none, or doesn't answer Tango.
_OF_ONE_REWARD: Final = frozenset({"503.002", "503.003", "503.004", "503.005", "503.035", "503.042"})

#: "At most once in 30 seconds."
_RESEND_TOO_SOON: Final = "403.005"

#: The one 5xx that is a plain refusal: nothing was sent, because there is no reward yet.
_NOT_COMPLETE: Final = "500.021"

#: In seconds. The first version of the API let a day pass between two sends; nothing longer is a cooldown.
_LONGEST_COOLDOWN: Final = 86_400

#: A moment within a text.
_ISO_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Tell the outcome of an attempt from the answer to POST /orders. Never raises.

    Source: Tango docs, Manage orders, POST /orders, "The response message for this endpoint is".
    """
    if status in {200, 201}:
        return _accepted(status, headers, body)
    error = read_error(headers, body)
    key, request_id = error.i18n_key, error.request_id
    match _verdict(status, error):
        case HaltCause() as cause:
            return Halted(status=status, i18n_key=key, request_id=request_id, cause=cause)
        case Reason.TOO_MANY:
            wait = wait_of(headers, _WAIT)
            return Throttled(status=status, i18n_key=key, request_id=request_id, wait=wait)
        case Reason() as reason:
            least = _IN_FLIGHT_WAIT if reason is Reason.IN_FLIGHT else _WAIT
            return Ambiguous(
                status=status,
                i18n_key=key,
                request_id=request_id,
                reason=reason,
                minimum_wait=wait_of(headers, least),
            )
        case None:
            return _rejected(status, error)


def classify_look(status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Tell the outcome of an attempt from the answer to GET /orders/{referenceOrderID}. Never raises.

    For an order that Tango made, and whose making it answered incompletely. A refusal is of this order alone, except
    for a wrong key: the next order is made, and not looked at.

    Source: Tango docs, Manage orders, GET /orders/{referenceOrderID}.
    """
    outcome = classify(status, headers, body)
    if not isinstance(outcome, Halted) or outcome.cause is HaltCause.UNAUTHORIZED:
        return outcome
    return _rejected(status, read_error(headers, body))


def never_made() -> Rejected:
    """Return the outcome of a look at an order whose id no order can have."""
    return _rejected(404, read_error({}, b""))


def unanswered(reason: Reason) -> Ambiguous:
    """Return the outcome of an attempt that got no answer."""
    return Ambiguous(status=None, i18n_key=None, request_id=None, reason=reason, minimum_wait=_WAIT)


def doubt(status: int, error: ErrorBody) -> Reason | None:
    """Return why this error answer leaves the outcome unknown; None where it is a plain refusal of Tango's (4xx).

    408 comes from gateways: the request may have gone on to Tango before they gave up on it.
    """
    match status:
        case 408:
            return Reason.TIMEOUT
        case _ if 400 <= status < 500 and not error.is_tangos:
            return Reason.FOREIGN
        case 409:
            return Reason.IN_FLIGHT
        case 429:
            return Reason.TOO_MANY
        case _ if 400 <= status < 500:
            return None
        case _ if 500 <= status < 600:
            return Reason.SERVER_ERROR
        case _:
            return Reason.UNEXPECTED


def classify_resend(status: int, headers: Mapping[str, str], body: bytes) -> ResendOutcome:
    """Tell the outcome of a resend from the answer to POST /orders/{referenceOrderID}/resends. Never raises.

    A 409 counts as refused: a resend has no reference under which it could be in flight.
    """
    if status in {200, 201}:
        return _resent(status, headers, body)
    error = read_error(headers, body)
    if status == 403 and error.i18n_key == _RESEND_TOO_SOON:
        return _too_soon(error)
    reason = doubt(status, error)
    if reason in (None, Reason.IN_FLIGHT) or error.i18n_key == _NOT_COMPLETE:
        return ResendRefused(
            status=status,
            i18n_key=error.i18n_key,
            message=error.message,
            request_id=error.request_id,
        )
    return ResendAmbiguous(status=status, reason=reason, request_id=error.request_id)


def _verdict(status: int, error: ErrorBody) -> HaltCause | Reason | None:
    """Return what halts the queue or leaves the outcome unknown; None for a fault of this order alone."""
    key = error.i18n_key
    match status:
        case _ if not error.is_tangos:
            return doubt(status, error)
        case 401:
            return HaltCause.UNAUTHORIZED
        case 402:
            return HaltCause.INSUFFICIENT_FUNDS
        case _ if 400 <= status < 500 and key == _FROZEN:
            return HaltCause.ACCOUNT_FROZEN
        case _ if 400 <= status < 500 and key in _OF_ACCOUNT:
            return HaltCause.ACCOUNT_UNUSABLE
        case 403 if key not in _ORDER_SPECIFIC_403:
            return HaltCause.FORBIDDEN
        case _:
            return doubt(status, error)


def _rejected(status: int, error: ErrorBody) -> Rejected:
    return Rejected(
        status=status,
        i18n_key=error.i18n_key,
        request_id=error.request_id,
        message=error.message,
        field=error.field,
    )


def _accepted(status: int, headers: Mapping[str, str], body: bytes) -> Accepted | Ambiguous:
    request_id = request_id_of(headers)
    try:
        order = PlacedOrder.model_validate(read_answer(headers, body))
    except ValueError:  # no JSON, or an order without its number
        return Ambiguous(
            status=status,
            i18n_key=None,
            request_id=request_id,
            reason=Reason.UNREADABLE,
            minimum_wait=_WAIT,
        )
    return Accepted(status=status, request_id=request_id, order=order)


def _resent(status: int, headers: Mapping[str, str], body: bytes) -> Resent | ResendAmbiguous:
    request_id = request_id_of(headers)
    try:
        mail = ResentMail.model_validate(read_answer(headers, body))
    except ValueError:
        return ResendAmbiguous(status=status, reason=Reason.UNREADABLE, request_id=request_id)
    return Resent(email=mail.email, created_at=mail.created_at, request_id=request_id)


def _too_soon(error: ErrorBody) -> ResendThrottled:
    """Work out what is left of the cooldown, by Tango's clock: Tango gives its length and the last send.

    The last send is read from the message where the replacements do not have it: it is a fact to show and
    tells no two outcomes apart.
    """
    lengths = (read_number(token) for token in error.replacements)
    cooldown = next((math.ceil(seconds) for seconds in lengths if seconds and 0 < seconds <= _LONGEST_COOLDOWN), None)
    stamp = _ISO_MOMENT.search(" ".join([*error.replacements, error.message]))
    last_sent_at = read_moment(stamp[0]) if stamp else None
    left = cooldown
    if cooldown is not None and last_sent_at is not None and error.at is not None:
        until = last_sent_at + timedelta(seconds=cooldown)
        left = min(max(math.ceil((until - error.at).total_seconds()), 1), cooldown)
    return ResendThrottled(seconds_left=left, last_sent_at=last_sent_at, request_id=error.request_id)
