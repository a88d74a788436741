"""The refusals of Tango in words: what happened, what to do about it, and who can.

Told apart by Tango's `i18nKey`, and by the HTTP status where an answer has none; never by Tango's text, which is
shown where it adds a fact or where nothing better is known (Tango docs, Manage orders, "The response message for this
endpoint is"; Response classes; i18nkey codes).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handlers.views.blocks import clip, escape, sentence

#: The characters quoted of Tango's text: enough to see what is meant, and several must fit into one message.
_MOST_QUOTED: Final = 300


class Mender(StrEnum):
    """The person who can do something about it."""

    ASKER = "asker"
    """Who asked for it."""
    ADMIN = "admin"
    """An admin of Kudos, here or in the Tango portal."""
    TANGO = "tango"
    """Tango alone, asked by an admin."""
    KUDOS = "kudos"
    """Nobody: Kudos tries again."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words for one refusal.

    Attributes:
        what: what happened, as a clause.
        remedy: what to do, as a sentence.
        mender: who can do it.
        quotes: whether Tango's text adds a fact, such as a limit.
    """

    what: str
    remedy: str
    mender: Mender
    quotes: bool = False


_FOR: Final[Mapping[Mender, str]] = {
    Mender.ASKER: "",
    Mender.ADMIN: "For an admin of Kudos: ",
    Mender.TANGO: "For an admin of Kudos, with Tango: ",
    Mender.KUDOS: "",
}

_OTHER_REWARD: Final = "Choose another reward in a new request."
_OTHER_AMOUNT: Final = "Choose another amount in a new request."
_OTHER_TEMPLATE: Final = "Use another template, or none."
_AGAIN: Final = "Kudos tries an order again by itself, under the same reference; anything else, try again in a minute."
_SETTINGS: Final = "Check tango.customer and tango.account in the settings."
_OUR_FAULT: Final = "This is a fault in Kudos, or in what lies between it and Tango: tell the operator of Kudos."
_CONTACT: Final = "Ask your Tango contact"

_TABLE: Final[Mapping[tuple[str, ...], Words]] = {
    # 400: what was sent
    ("400.009", "400.501"): Words("Tango could not read what was sent", _OUR_FAULT, Mender.ADMIN),
    ("400.021",): Words(
        "the search goes beyond the 10,000 orders that Tango shows", "Narrow it, by dates for example.", Mender.ASKER
    ),
    ("http_400",): Words(
        "Tango found something wrong with what was sent", "Put it right in a new request.", Mender.ASKER, quotes=True
    ),
    # 401, 402: the platform and its money
    ("401.501", "http_401"): Words(
        "Tango does not accept the platform name and key",
        "Check TANGO_PLATFORM_NAME and TANGO_PLATFORM_KEY, and restart the bot with the right ones.",
        Mender.ADMIN,
    ),
    ("401.502",): Words(
        "the platform name and key did not reach Tango",
        "Set TANGO_PLATFORM_NAME and TANGO_PLATFORM_KEY, and let no proxy take the Authorization header away.",
        Mender.ADMIN,
    ),
    ("402.001", "http_402"): Words(
        "the Tango account has not enough funds", "Add funds in the Tango portal.", Mender.ADMIN
    ),
    # 403: what is not permitted
    ("403.003",): Words(
        "Tango did not send the first e-mail of this order, so it sends no second",
        "Look the reward up in the Tango portal, and hand it over another way.",
        Mender.ADMIN,
    ),
    ("403.004", "403.023"): Words(
        "Tango sends the e-mail of this order again only after some hours",
        "Try again tomorrow.",
        Mender.ASKER,
        quotes=True,
    ),
    ("403.005",): Words(
        "Tango sends a reward e-mail at most once in 30 seconds", "Try again when they have passed.", Mender.ASKER
    ),
    ("403.007",): Words(
        "the platform may not act for the customer in the settings",
        "Check tango.customer, or have Tango authorise the platform for it.",
        Mender.ADMIN,
    ),
    ("403.008",): Words("the e-mail template is not of this platform", _OTHER_TEMPLATE, Mender.ASKER),
    ("403.021",): Words("the e-mail template is not of this account", _OTHER_TEMPLATE, Mender.ASKER),
    ("403.016",): Words(
        "Tango's protection against fraud has stopped the account",
        f"{_CONTACT} to lift it, and say that the orders are meant.",
        Mender.TANGO,
    ),
    ("403.018",): Words("Tango has rejected the platform", f"{_CONTACT} what it lacks.", Mender.TANGO),
    ("403.020",): Words(
        "the platform's status at Tango does not permit it", f"{_CONTACT} to activate the platform.", Mender.TANGO
    ),
    ("403.022",): Words(
        "the reward was reissued five times, and Tango does it no more often", "File a new request.", Mender.ASKER
    ),
    ("http_403",): Words(
        "Tango does not permit this platform to order for this customer and account",
        f"{_SETTINGS} If they are right, ask Tango.",
        Mender.ADMIN,
    ),
    # 404: what is not there
    ("404.002",): Words("Tango does not know the customer in the settings", "Check tango.customer.", Mender.ADMIN),
    ("404.003",): Words("Tango does not know the account in the settings", "Check tango.account.", Mender.ADMIN),
    ("404.015", "404.016"): Words(
        "Tango does not know the customer or the account in the settings", _SETTINGS, Mender.ADMIN
    ),
    ("404.004", "404.020", "404.089", "404.096", "422.053", "422.156"): Words(
        "the Tango account is not active, or is not the customer's",
        f"{_SETTINGS} The Tango portal shows whether the account is active.",
        Mender.ADMIN,
    ),
    ("404.005", "404.017"): Words(
        "Tango does not know this order",
        "Look for it in the Tango portal. If it is there, tango.base_url is another environment's.",
        Mender.ADMIN,
    ),
    ("404.110",): Words(
        "Tango has nothing under this reference", "Search by the person or the date instead.", Mender.ASKER
    ),
    ("404.142",): Words("Tango has frozen the account", f"{_CONTACT} to lift it.", Mender.TANGO),
    ("http_404",): Words(
        "Tango does not know what was asked for",
        f"{_SETTINGS} tango.base_url ends in /raas/v2.",
        Mender.ADMIN,
    ),
    ("405.001", "406.001", "415.001"): Words(
        "Tango did not take the call as it was made",
        "Check that tango.base_url ends in /raas/v2, and that no proxy changes what is sent.",
        Mender.ADMIN,
    ),
    # 409, 428, 429: not now
    ("409.002", "409.024", "http_409"): Words(
        "Tango has an order under this reference already, or still works on it",
        "Kudos asks again under the same reference until Tango tells; nobody can be paid twice.",
        Mender.KUDOS,
    ),
    ("428.001",): Words(
        "Tango has to approve this reward for the platform first",
        f"{_CONTACT} to approve it, or have another reward chosen in a new request.",
        Mender.TANGO,
    ),
    ("429.001", "429.008", "http_429"): Words("Tango is asked more often than it takes", _AGAIN, Mender.KUDOS),
    # 422: fields of an order
    ("422.024", "422.147"): Words("the reward is not in this platform's catalog", _OTHER_REWARD, Mender.ASKER),
    ("422.030", "422.097"): Words("the reward is no longer active", _OTHER_REWARD, Mender.ASKER),
    ("422.025", "422.059", "422.098"): Words(
        "the amount is below or above what this reward takes", _OTHER_AMOUNT, Mender.ASKER, quotes=True
    ),
    ("422.026",): Words("this reward takes whole amounts only", _OTHER_AMOUNT, Mender.ASKER),
    ("422.027", "422.099"): Words(
        "this reward has a fixed value, and the amount is another", _OTHER_AMOUNT, Mender.ASKER, quotes=True
    ),
    ("422.105", "422.140"): Words(
        "the amount has more than six digits before the point, or more than two after it", _OTHER_AMOUNT, Mender.ASKER
    ),
    ("422.013", "422.141"): Words("the amount is not more than zero", _OTHER_AMOUNT, Mender.ASKER),
    ("422.166",): Words(
        "the currency is not the reward's",
        "`/kudos catalog refresh` asks for the catalog again; then a new request has the right one.",
        Mender.ADMIN,
    ),
    ("422.028",): Words(
        "something about the recipient is missing",
        "They can add it to their Slack profile; then file a new request.",
        Mender.ASKER,
        quotes=True,
    ),
    ("422.029",): Words(
        "the recipient has no e-mail address",
        "They can add one to their Slack profile; then file a new request.",
        Mender.ASKER,
    ),
    ("422.009", "422.134"): Words(
        "an e-mail address is none that Tango takes",
        "The recipient's can be changed in their Slack profile; then file a new request.",
        Mender.ASKER,
        quotes=True,
    ),
    ("422.111",): Words(
        "a name has a character that Tango does not take, such as < > /",
        "It can be changed in the Slack profile; then file a new request.",
        Mender.ASKER,
    ),
    ("422.007", "422.128", "422.135"): Words(
        "something that Tango needs is missing", "Fill it in in a new request.", Mender.ASKER, quotes=True
    ),
    ("422.006",): Words("a text is longer than Tango takes", "Shorten it in a new request.", Mender.ASKER, quotes=True),
    ("422.031",): Words("Tango does not know the e-mail template", _OTHER_TEMPLATE, Mender.ASKER),
    ("422.124",): Words("the e-mail template is not an E and six digits", _OTHER_TEMPLATE, Mender.ASKER),
    ("422.110",): Words("the reference is longer than Tango takes", _OUR_FAULT, Mender.ADMIN),
    ("422.162",): Words("this reward has no expiration date", "Leave the date empty in a new request.", Mender.ASKER),
    ("422.167", "422.169"): Words(
        "the postal address is missing", "Fill it in in a new request.", Mender.ASKER, quotes=True
    ),
    ("422.168",): Words(
        "this reward is not posted, so Tango takes no postal address for it",
        "File a new request without.",
        Mender.ASKER,
    ),
    ("422.501",): Words(
        "the customer or the account in the settings is not 5 to 100 letters, digits and hyphens",
        _SETTINGS,
        Mender.ADMIN,
    ),
    ("422.502",): Words(
        "the campaign has more than letters, digits and spaces", "Choose another in a new request.", Mender.ASKER
    ),
    ("http_422",): Words(
        "Tango does not carry this out as it was asked", "Put it right in a new request.", Mender.ASKER, quotes=True
    ),
    # 422: searches
    ("422.041",): Words("the search ends before it begins", "Turn its two dates round.", Mender.ASKER),
    ("422.042",): Words("Tango shows at most 100 orders at a time", _OUR_FAULT, Mender.ADMIN),
    ("422.043",): Words("the search spans more days than Tango takes", "Narrow its dates.", Mender.ASKER),
    ("422.044",): Words("a date is not of the form 2026-01-31", "Type it like that.", Mender.ASKER),
    ("422.045",): Words("a date is not in the past", "Choose an earlier one.", Mender.ASKER),
    ("422.145", "422.146"): Words(
        "Tango cannot go on with the list from there", "Search again from the first page.", Mender.ASKER
    ),
    # 5xx: the outcome is unknown
    ("500.001", "500.005", "http_500"): Words("something failed inside Tango", _AGAIN, Mender.KUDOS),
    ("500.003",): Words("Tango could not take the payment", _AGAIN, Mender.KUDOS),
    ("500.004", "500.006"): Words("Tango could not send the e-mail", _AGAIN, Mender.KUDOS),
    ("500.021",): Words(
        "Tango has not finished this order yet", "Try again once `/orders` says that it is complete.", Mender.ASKER
    ),
    ("502.001", "503.501", "503.502", "http_502", "http_503"): Words(
        "Tango cannot be reached at present", _AGAIN, Mender.KUDOS
    ),
    ("503.002",): Words(
        "the supplier of this reward has none at present",
        "Kudos keeps trying, under the same reference; it may take a day.",
        Mender.KUDOS,
    ),
    ("503.003", "503.004", "503.005", "503.035"): Words(
        "the supplier of this reward does not answer Tango", _AGAIN, Mender.KUDOS
    ),
    ("503.042",): Words(
        "Tango maintains this reward at present", "Kudos keeps trying, under the same reference.", Mender.KUDOS
    ),
}

#: By `i18nKey`, or `http_` and the status.
PROBLEMS: Final[Mapping[str, Words]] = {key: words for keys, words in _TABLE.items() for key in keys}

_UNKNOWN: Final = Words(
    "Tango gave a reason that Kudos does not know",
    "Show this to an admin: Tango's support finds it by the request id.",
    Mender.ASKER,
    quotes=True,
)


def words_of(key: str | None, status: int | None) -> Words:
    """Return the words for Tango's key; for the status alone where there is no key."""
    return PROBLEMS.get(key or f"http_{status}", _UNKNOWN)


def tango_text(key: str | None, status: int | None, *, said: str | None = None, request_id: str | None = None) -> str:
    """Say what happened, what to do and who can, with what Tango's support asks for.

    Args:
        key: Tango's `i18nKey`, where it gave one.
        status: the HTTP status, where there was one.
        said: Tango's text.
        request_id: Tango's `X-REQUEST-ID`.
    """
    words = words_of(key, status)
    quoted = f" Tango says: “{escape(clip(said, _MOST_QUOTED))}”" if said and words.quotes else ""
    return (
        f"{sentence(words.what)}. {_FOR[words.mender]}{words.remedy}{quoted}{reference_text(key or status, request_id)}"
    )


def reference_text(key: str | int | None, request_id: str | None) -> str:
    """Give the key and the request id, by which Tango's support finds it; with a space before, or empty."""
    found = [f"Tango {key}"] if key else []
    found += [f"request {request_id}"] if request_id else []
    return f" ({escape(', '.join(found))})" if found else ""
