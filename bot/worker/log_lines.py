"""The facts of the dispatcher's lines in the log: numbers, statuses and codes, never what Tango or people wrote."""

import re
from typing import Final

from bot.domain.order import Order
from bot.tango.outcomes import Accepted, Ambiguous, Halted, Outcome

#: A key of Tango's that may stand in the log. It is a code such as `422.025`; anything else might quote somebody.
_KEY: Final = re.compile(r"[0-9A-Za-z_.-]{1,40}")


def why(outcome: Outcome) -> str:
    """Return the status and the reason of an outcome for its line of the log, in brackets; never Tango's free text."""
    facts: list[object] = [outcome.status]
    if not isinstance(outcome, Accepted) and _KEY.fullmatch(outcome.i18n_key or ""):
        facts.append(outcome.i18n_key)
    match outcome:
        case Ambiguous(reason=reason):
            facts.append(reason)
        case Halted(cause=cause):
            facts.append(cause)
    said = ", ".join(str(fact) for fact in facts if fact is not None)
    return f" ({said})" if said else ""


def ids_of(order: Order) -> dict[str, int | str]:
    """Return the fields of an order's line of the log."""
    return {"request_id": order.request_id, "order": order.number}
