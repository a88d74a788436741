"""Every fault of both stand-ins, and how each is drawn: where it acts, how often, and with what in it."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

from bot.sandbox.slack import SlackSandbox
from bot.sandbox.tango import TangoSandbox
from bot.sandbox.tango.faults import EMAIL_FAILURES, ENCODINGS, MISMATCHES
from handlers.outbox.codes import CODES

Draw = Callable[[Random], dict[str, Any]]

#: Seconds of the machine's time: enough for an answer to come after another, and too little to wait for.
_SLOW: Final = 0.02

#: Methods of Slack's that the bot needs.
_METHODS: Final = (
    *("chat.postMessage", "chat.update", "chat.getPermalink", "views.open", "views.update"),
    *("users.info", "users.list", "usergroups.users.list", "auth.test", "apps.connections.open"),
)

_POSTING: Final = ("chat.postMessage", "chat.update")

#: What Slack can take for a block that it can't show.
_BLOCKS: Final = (None, None, "image", "rich_text", "header", "context", "actions", "section")

#: What can fail besides POST /orders.
_ENDPOINTS: Final = ("create", "create", "create", "get", "list", "resend", "accounts", "*")

#: Fields that Tango's answer to an order can leave out.
_FIELDS: Final = (None, "status", "amountCharged", "utid", "recipient", "createdAt")


def _of_slack(random: Random) -> dict[str, Any]:
    """One method fails, or all do; where the answers to a click do too, only for a few times.

    Those are tried again by the machine's clock, which takes seconds.
    """
    match random.randrange(8):
        case 0:
            return {"method": None, "times": random.randint(1, 12)}
        case 1:
            return {"method": _METHODS}
        case _:
            return {"method": random.choice(_METHODS)}


def _cut(random: Random) -> dict[str, Any]:
    """Few times: Slack's client tries each cut call again by the machine's clock."""
    return {"times": random.randint(1, 5), **_of_slack(random)}


def _limited(random: Random) -> dict[str, Any]:
    return {**_of_slack(random), "retry_after": random.choice((1, 3, 30))}


def _slow_slack(random: Random) -> dict[str, Any]:
    return {**_of_slack(random), "seconds": _SLOW, "times": random.randint(1, 3)}


def _refused(random: Random) -> dict[str, Any]:
    return {
        "method": random.choice(_POSTING),
        "code": random.choice((*CODES, "a_code_of_next_year")),
        "block": random.choice(_BLOCKS),
    }


def _once(_random: Random) -> dict[str, Any]:
    return {}


#: How each fault of Slack's is drawn, by its name.
SLACK: Final[Mapping[str, Draw]] = {
    "rate_limited": _limited,
    "outage": _of_slack,
    "cut": _cut,
    "slow": _slow_slack,
    "socket_disconnect": _once,
    "socket_drop": _once,
    "too_many_websockets": _once,
    "drop_acks": _once,
    "internal_error": _of_slack,
    "refused": _refused,
}


def _of_tango(random: Random) -> dict[str, Any]:
    return {"endpoint": random.choice(_ENDPOINTS)}


def _slow_tango(random: Random) -> dict[str, Any]:
    return {"endpoint": random.choice(_ENDPOINTS), "seconds": _SLOW, "times": random.randint(1, 3)}


def _left_out(random: Random) -> dict[str, Any]:
    return {"field": random.choice(_FIELDS)}


def _rejected(random: Random) -> dict[str, Any]:
    return {"times": random.randint(1, 3)}


def _mismatch(random: Random) -> dict[str, Any]:
    return {"field": random.choice(MISMATCHES), "times": random.randint(1, 2)}


def _page(random: Random) -> dict[str, Any]:
    return {**_of_tango(random), "status": random.choice((400, 401, 403, 404, 405, 421, 429, 503))}


def _bounced(random: Random) -> dict[str, Any]:
    return {"field": random.choice(EMAIL_FAILURES), "times": random.randint(1, 4)}


def _encoded(random: Random) -> dict[str, Any]:
    return {"encoding": random.choice(list(ENCODINGS))}


def _pending(random: Random) -> dict[str, Any]:
    return {"after_gets": random.randint(1, 4), "times": random.randint(1, 4)}


#: How each fault of Tango's is drawn, by its name.
TANGO: Final[Mapping[str, Draw]] = {
    "unavailable_before": _of_tango,
    "unavailable_after": _of_tango,
    "cut_before": _of_tango,
    "cut_after": _of_tango,
    "bad_gateway": _of_tango,
    "gateway_page": _page,
    "gateway_page_after": _page,
    "portal_page": _of_tango,
    "rejected": _rejected,
    "internal_error": _of_tango,
    "unreadable": _of_tango,
    "slow": _slow_tango,
    "too_many": _of_tango,
    "unauthorized": _once,
    "forbidden": _once,
    "in_flight": _once,
    "frozen": _once,
    "insufficient_funds": _once,
    "item_out": _once,
    "overcharge": _once,
    "other_letters": _once,
    "other_orders": _once,
    "encoded": _encoded,
    "inexact": _once,
    "left_out": _left_out,
    "mismatch": _mismatch,
    "pending_then_complete": _pending,
    "pending_then_failed": _pending,
    "bounced": _bounced,
    "catalog_down": _once,
    "catalog_empty": _once,
}


#: Each of them, with its stand-in.
EVERY: Final = [("slack", name) for name in SLACK] + [("tango", name) for name in TANGO]


def break_something(side: str, name: str, random: Random, slack: SlackSandbox, tango: TangoSandbox) -> None:
    """Switch a fault of a stand-in on, as it is drawn: for a few times or until it is cleared."""
    facts = (SLACK if side == "slack" else TANGO)[name](random)
    if random.random() < 0.4:
        facts.setdefault("times", random.randint(1, 5))
    if side == "tango":
        tango.faults.set(name, **facts)
        return
    methods = facts.pop("method", None)
    for method in methods if isinstance(methods, tuple) else (methods,):
        slack.faults.set(name, method=method, **facts)
