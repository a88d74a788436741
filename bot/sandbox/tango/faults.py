"""The ways in which the stand-in can be made to misbehave."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

#: Every fault and what it does.
NAMES: Final[dict[str, str]] = {
    "unavailable_before": "503, and nothing was done",
    "unavailable_after": "503, although it was done",
    "cut_before": "the connection is cut; nothing was done",
    "cut_after": "the connection is cut after it was done",
    "bad_gateway": "502 with a page of HTML; nothing was done",
    "gateway_page": "`status` with a page of HTML, as from a gateway before Tango; nothing was done",
    "gateway_page_after": "`status` with a page of HTML, although it was done",
    "internal_error": "500; nothing was done",
    "unreadable": "it is done, and the answer is broken JSON",
    "slow": "the answer takes `seconds`; what is asked is done at once",
    "too_many": "429, whatever the pace",
    "unauthorized": "401, whatever the key",
    "forbidden": "403",
    "in_flight": "409, as if the same reference were still being worked on",
    "frozen": "422: the account is frozen",
    "insufficient_funds": "402, whatever the balance",
    "rejected": "400, whatever was sent; nothing was done",
    "other_orders": "GET /orders lists another order than those that were asked for",
    "portal_page": "200 with a page of HTML, as of a network that wants a login; nothing was done",
    "item_out": "503: the supplier has none of the item",
    "overcharge": "the account pays twice the face value, and no fee or rate says why",
    "other_letters": "words such as COMPLETE and USD come as Complete and Usd",
    "encoded": "it is done, and the answer comes in another `encoding`",
    "inexact": "amounts come back off by a binary fraction, as 25.099999999999998",
    "left_out": "it is done, and the answer leaves its `field` out; without one, all but the order's number",
    "mismatch": "200 with an order that differs in its `field`: the amount where none is named",
    "pending_then_complete": "PENDING; COMPLETE after `after_gets` GETs or `seconds`",
    "pending_then_failed": "PENDING; FAILED, with the money back, after `after_gets` GETs or `seconds`",
    "bounced": "the email comes back, as GET /lineItems says: BOUNCE, or its `field`",
    "catalog_down": "GET /catalogs answers 503",
    "catalog_empty": "GET /catalogs answers 200 with no brands",
}

#: What the order of a `mismatch` can have otherwise.
MISMATCHES: Final = (
    *("amount", "currency", "utid", "recipient", "externalRefID"),
    *("customerIdentifier", "accountIdentifier", "sendEmail"),
)

#: What the email of a `bounced` order can come to.
EMAIL_FAILURES: Final = ("BOUNCE", "DROPPED", "BLOCKED")

#: The names by which a fault is aimed at an endpoint; `*` aims at all.
ENDPOINTS: Final = (
    *("create", "get", "list", "resend", "catalogs", "accounts", "customers", "exchangerates"),
    *("line_items", "templates"),
)

#: Faults of the credentials rather than of an endpoint.
_EVERYWHERE: Final = {"unauthorized", "forbidden"}

#: Faults that belong to one endpoint other than POST /orders.
_ELSEWHERE: Final = {"catalog_down": "catalogs", "catalog_empty": "catalogs", "other_orders": "list"}

#: How an answer can be encoded, each with what its Content-Type says: a byte order mark, UTF-16 with and without one,
#: an encoding that is named and is UTF-8 all the same, and one that only its name tells.
ENCODINGS: Final[dict[str, tuple[str, str]]] = {
    "bom": ("utf-8-sig", "application/json"),
    "utf-16": ("utf-16", "application/json"),
    "utf-16-le": ("utf-16-le", "application/json;charset=UTF-16LE"),
    "named": ("utf-8", "application/json;charset=ISO-8859-1"),
    "latin-1": ("iso-8859-1", "application/json;charset=ISO-8859-1"),
}

_CREATE_ONLY: Final = {
    "in_flight",
    "frozen",
    "insufficient_funds",
    "item_out",
    "overcharge",
    "mismatch",
    "pending_then_complete",
    "pending_then_failed",
    "bounced",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is switched on.

    It acts on the next `times` requests that match, or until it is cleared; with an `email`, only on orders for
    that recipient. `seconds` is for `slow` and the pending ones, `after_gets` for the pending ones (how many GETs
    still see PENDING), `field` for `mismatch`, `left_out` and `bounced`, `status` for the gateway's pages, and
    `encoding` for `encoded`: one of ENCODINGS.
    """

    name: str
    endpoint: str
    times: int | None = None
    email: str | None = None
    seconds: float | None = None
    after_gets: int | None = None
    field: str | None = None
    status: int | None = None
    encoding: str | None = None


class Faults:
    """The switchboard. Safe in any thread."""

    def __init__(self, changed: Callable[[list[dict[str, Any]]], None] | None = None) -> None:
        """Begin with nothing switched on. `changed` is called with the active faults whenever they change."""
        self._lock = threading.Lock()
        self._active: list[Fault] = []
        self._changed = changed

    def set(
        self,
        name: str,
        *,
        times: int | None = None,
        email: str | None = None,
        endpoint: str | None = None,
        seconds: float | None = None,
        after_gets: int | None = None,
        field: str | None = None,
        status: int | None = None,
        encoding: str | None = None,
    ) -> Fault:
        """Switch a fault on. It replaces the same fault for the same endpoint and email address."""
        where = endpoint or _home(name)
        fault = _checked(Fault(name, where, times, email, seconds, after_gets, field, status, encoding))
        with self._lock:
            self._active = [f for f in self._active if not _same(f, fault)] + [fault]
        self._tell()
        return fault

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all."""
        with self._lock:
            self._active = [] if name is None else [f for f in self._active if f.name != name]
        self._tell()

    def active(self) -> list[Fault]:
        """Return what is switched on now."""
        with self._lock:
            return list(self._active)

    def take(self, name: str, *, endpoint: str, email: str | None = None) -> Fault | None:
        """Return the fault of that name that acts on this request, counted as used; None where none does."""
        with self._lock:
            for fault in self._active:
                if fault.name == name and _matches(fault, endpoint, email):
                    break
            else:
                return None
            if fault.times is None:
                return fault
            left = replace(fault, times=fault.times - 1)
            self._active = [left if f is fault else f for f in self._active if f is not fault or left.times]
        self._tell()
        return fault

    def is_on(self, name: str) -> bool:
        """Tell whether the fault is on at all, for showing; nothing is counted as used."""
        return any(fault.name == name for fault in self.active())

    def _tell(self) -> None:
        if self._changed is not None:
            self._changed([asdict(fault) for fault in self.active()])


def _home(name: str) -> str:
    if name in _EVERYWHERE:
        return "*"
    return _ELSEWHERE.get(name, "create")


def _checked(fault: Fault) -> Fault:
    """Return the fault with its defaults filled in; ValueError or TypeError says what cannot be."""
    if fault.name not in NAMES:
        raise ValueError(f"There is no fault {fault.name!r}. There are: {', '.join(NAMES)}.")
    if fault.endpoint not in {"*", *ENDPOINTS}:
        raise ValueError(f"There is no endpoint {fault.endpoint!r}. There are: *, {', '.join(ENDPOINTS)}.")
    if fault.name in _CREATE_ONLY and fault.endpoint not in {"create", "*"}:
        raise ValueError(f"The fault {fault.name!r} belongs to POST /orders.")
    _check_numbers(fault)
    if fault.name == "slow" and fault.seconds is None:
        raise ValueError("The fault 'slow' needs its seconds.")
    if fault.name.startswith("pending") and fault.seconds is None and fault.after_gets is None:
        return replace(fault, after_gets=1)
    if fault.name == "mismatch":
        if fault.field not in {None, *MISMATCHES}:
            raise ValueError(f"The fault 'mismatch' can differ in: {', '.join(MISMATCHES)}.")
        return replace(fault, field=fault.field or "amount")
    if fault.name == "bounced":
        if fault.field not in {None, *EMAIL_FAILURES}:
            raise ValueError(f"An email comes to one of: {', '.join(EMAIL_FAILURES)}.")
        return replace(fault, field=fault.field or "BOUNCE")
    if fault.name.startswith("gateway_page"):
        if not 400 <= (fault.status or 404) <= 599:
            raise ValueError(f"The fault {fault.name!r} has a status from 400 to 599.")
        return replace(fault, status=fault.status or 404)
    if fault.name == "encoded":
        if fault.encoding not in {None, *ENCODINGS}:
            raise ValueError(f"The fault 'encoded' has one of these encodings: {', '.join(ENCODINGS)}.")
        return replace(fault, encoding=fault.encoding or "bom")
    return fault


def _check_numbers(fault: Fault) -> None:
    said: dict[str, Any] = asdict(fault)  # by HTTP anything may have been said
    if not isinstance(said["email"], str | None):
        raise TypeError("An e-mail address is a text.")
    if not all(isinstance(said[name], int | None) for name in ("times", "after_gets", "status")):
        raise TypeError("Times, GETs and a status are whole numbers.")
    if fault.times is not None and fault.times < 1:
        raise ValueError("A fault acts at least once.")
    if (fault.seconds or 0) < 0 or (fault.after_gets or 0) < 0:
        raise ValueError("Seconds and GETs cannot be negative.")


def _same(one: Fault, other: Fault) -> bool:
    return (one.name, one.endpoint, one.email) == (other.name, other.endpoint, other.email)


def _matches(fault: Fault, endpoint: str, email: str | None) -> bool:
    if fault.endpoint not in {"*", endpoint}:
        return False
    return fault.email is None or (email is not None and fault.email.casefold() == email.casefold())
