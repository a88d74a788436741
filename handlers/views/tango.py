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


#: To a reader who may not be an admin.
_FOR_ADMINS: Final = "An admin can fix this."

_OTHER_REWARD: Final = "Choose another reward in a new request."
_OTHER_AMOUNT: Final = "Choose another amount in a new request."
_OTHER_TEMPLATE: Final = "Use another template, or none."
_AGAIN: Final = (
    "I'll retry an order automatically with the same reference. For anything else, please try again in a minute."
)
_SETTINGS: Final = "Check tango.customer and tango.account in the settings."
_OUR_FAULT: Final = "This is a fault in Kudos, or on the way to Tango. Please tell the operator of Kudos."
_CONTACT: Final = "Ask your Tango contact"

_TABLE: Final[Mapping[tuple[str, ...], Words]] = {
    # 400: what was sent
    ("400.009", "400.501"): Words("Tango couldn't read what was sent", _OUR_FAULT, Mender.ADMIN),
    ("400.021",): Words(
        "the search goes beyond the 10,000 orders that Tango shows", "Narrow it, for example by dates.", Mender.ASKER
    ),
    ("http_400",): Words(
        "Tango found something wrong with what was sent",
        "Please correct it in a new request.",
        Mender.ASKER,
        quotes=True,
    ),
    # 401, 402: the platform and its money
    ("401.501", "http_401"): Words(
        "Tango doesn't accept the platform name and key",
        "Check TANGO_PLATFORM_NAME and TANGO_PLATFORM_KEY, and restart the bot with the right ones.",
        Mender.ADMIN,
    ),
    ("401.502",): Words(
        "the platform name and key didn't reach Tango",
        "Set TANGO_PLATFORM_NAME and TANGO_PLATFORM_KEY, and make sure that no proxy removes the Authorization header.",
        Mender.ADMIN,
    ),
    ("402.001", "http_402"): Words("the Tango account is out of funds", "Add funds in the Tango portal.", Mender.ADMIN),
    # 403: what is not permitted
    ("403.003",): Words(
        "Tango didn't send the first email of this order, so it can't send another",
        "Find the reward in the Tango portal, and deliver it another way.",
        Mender.ADMIN,
    ),
    ("403.004", "403.023"): Words(
        "Tango can't send this email again for some hours",
        "Try again tomorrow.",
        Mender.ASKER,
        quotes=True,
    ),
    ("403.005",): Words(
        "Tango sends a reward email at most once in 30 seconds", "Try again in 30 seconds.", Mender.ASKER
    ),
    ("403.007",): Words(
        "the platform isn't allowed to act for the customer in the settings",
        "Check tango.customer, or have Tango authorize the platform for it.",
        Mender.ADMIN,
    ),
    ("403.008",): Words("the email template belongs to another platform", _OTHER_TEMPLATE, Mender.ASKER),
    ("403.021",): Words("the email template belongs to another account", _OTHER_TEMPLATE, Mender.ASKER),
    ("403.016",): Words(
        "Tango's fraud protection has stopped the account",
        f"{_CONTACT} to lift it, and confirm that the orders are yours.",
        Mender.TANGO,
    ),
    ("403.018",): Words("Tango has rejected the platform", f"{_CONTACT} why.", Mender.TANGO),
    ("403.020",): Words("the platform isn't active at Tango", f"{_CONTACT} to activate the platform.", Mender.TANGO),
    ("403.022",): Words(
        "the reward was reissued five times, which is Tango's maximum", "Please make a new request.", Mender.ASKER
    ),
    ("http_403",): Words(
        "Tango doesn't allow this platform to order for this customer and account",
        f"{_SETTINGS} If they're right, ask Tango.",
        Mender.ADMIN,
    ),
    # 404: what is not there
    ("404.002",): Words("Tango doesn't know the customer in the settings", "Check tango.customer.", Mender.ADMIN),
    ("404.003",): Words("Tango doesn't know the account in the settings", "Check tango.account.", Mender.ADMIN),
    ("404.015", "404.016"): Words(
        "Tango doesn't know the customer or the account in the settings", _SETTINGS, Mender.ADMIN
    ),
    ("404.004", "404.020", "404.089", "404.096", "422.053", "422.156"): Words(
        "the Tango account isn't active, or belongs to another customer",
        f"{_SETTINGS} The Tango portal shows whether the account is active.",
        Mender.ADMIN,
    ),
    ("404.005", "404.017"): Words(
        "Tango doesn't know this order",
        "Look for it in the Tango portal. If it's there, tango.base_url points to another environment.",
        Mender.ADMIN,
    ),
    ("404.110",): Words(
        "Tango has nothing under this reference", "Search by the person or the date instead.", Mender.ASKER
    ),
    ("404.142",): Words("Tango has frozen the account", f"{_CONTACT} to lift it.", Mender.TANGO),
    ("http_404",): Words(
        "Tango doesn't know what was asked for",
        f"{_SETTINGS} Check that tango.base_url ends in /raas/v2, too.",
        Mender.ADMIN,
    ),
    ("405.001", "406.001", "415.001"): Words(
        "Tango couldn't handle the call",
        "Check that tango.base_url ends in /raas/v2, and that no proxy changes what is sent.",
        Mender.ADMIN,
    ),
    # 409, 428, 429: not now
    ("409.002", "409.024", "http_409"): Words(
        "Tango already has an order with this reference, or is still working on it",
        "I'll keep asking with the same reference, so nobody can be paid twice.",
        Mender.KUDOS,
    ),
    ("428.001",): Words(
        "Tango has to approve this reward for the platform first",
        f"{_CONTACT} to approve it, or choose another reward in a new request.",
        Mender.TANGO,
    ),
    ("429.001", "429.008", "http_429"): Words("Tango is getting too many calls", _AGAIN, Mender.KUDOS),
    # 422: fields of an order
    ("422.024", "422.147"): Words("the reward isn't in this platform's catalog", _OTHER_REWARD, Mender.ASKER),
    ("422.030", "422.097"): Words("the reward is no longer active", _OTHER_REWARD, Mender.ASKER),
    ("422.025", "422.059", "422.098"): Words(
        "the amount is outside this reward's limits", _OTHER_AMOUNT, Mender.ASKER, quotes=True
    ),
    ("422.026",): Words("this reward comes in whole amounts only", _OTHER_AMOUNT, Mender.ASKER),
    ("422.027", "422.099"): Words(
        "this reward has a fixed value, and the amount is different", _OTHER_AMOUNT, Mender.ASKER, quotes=True
    ),
    ("422.105", "422.140"): Words(
        "the amount has more than six digits before the point, or more than two after it", _OTHER_AMOUNT, Mender.ASKER
    ),
    ("422.013", "422.141"): Words("the amount isn't more than zero", _OTHER_AMOUNT, Mender.ASKER),
    ("422.166",): Words(
        "the amount isn't in the reward's currency",
        "Refresh the catalog with `/kudos catalog refresh`. Then make a new request.",
        Mender.ADMIN,
    ),
    ("422.028",): Words(
        "something about the recipient is missing",
        "They can add it to their Slack profile. Then make a new request.",
        Mender.ASKER,
        quotes=True,
    ),
    ("422.029",): Words(
        "the recipient has no email address",
        "They can add one to their Slack profile. Then make a new request.",
        Mender.ASKER,
    ),
    ("422.009", "422.134"): Words(
        "Tango doesn't accept an email address in this order",
        "The recipient can change theirs in their Slack profile. Then make a new request.",
        Mender.ASKER,
        quotes=True,
    ),
    ("422.111",): Words(
        "a name has a character that Tango doesn't accept, such as < > /",
        "It can be changed in the Slack profile. Then make a new request.",
        Mender.ASKER,
    ),
    ("422.007", "422.128", "422.135"): Words(
        "something that Tango needs is missing", "Please add it in a new request.", Mender.ASKER, quotes=True
    ),
    ("422.006",): Words("a text is too long for Tango", "Shorten it in a new request.", Mender.ASKER, quotes=True),
    ("422.031",): Words("Tango doesn't know the email template", _OTHER_TEMPLATE, Mender.ASKER),
    ("422.124",): Words("the email template isn't an E and six digits", _OTHER_TEMPLATE, Mender.ASKER),
    ("422.110",): Words("the reference is too long for Tango", _OUR_FAULT, Mender.ADMIN),
    ("422.162",): Words(
        "this reward has no expiration date", "Leave “Last day to use it” blank in a new request.", Mender.ASKER
    ),
    ("422.167", "422.169"): Words(
        "the postal address is missing", "Please add it in a new request.", Mender.ASKER, quotes=True
    ),
    ("422.168",): Words(
        "this reward isn't posted, so it can't have a postal address",
        "Please make a new request without one.",
        Mender.ASKER,
    ),
    ("422.501",): Words(
        "the customer or the account in the settings isn't 5 to 100 letters, digits and hyphens",
        _SETTINGS,
        Mender.ADMIN,
    ),
    ("422.502",): Words(
        "the campaign has more than letters, digits and spaces", "Choose another in a new request.", Mender.ASKER
    ),
    ("http_422",): Words(
        "Tango can't do this as it was requested", "Please correct it in a new request.", Mender.ASKER, quotes=True
    ),
    # 422: searches
    ("422.041",): Words("the search ends before it begins", "Please swap its two dates.", Mender.ASKER),
    ("422.042",): Words("Tango shows at most 100 orders at a time", _OUR_FAULT, Mender.ADMIN),
    ("422.043",): Words("the search spans too many days for Tango", "Narrow its dates.", Mender.ASKER),
    ("422.044",): Words("a date isn't of the form 2026-01-31", "Type it like that.", Mender.ASKER),
    ("422.045",): Words("a date isn't in the past", "Choose an earlier one.", Mender.ASKER),
    ("422.145", "422.146"): Words(
        "Tango can't continue the list from there", "Search again from the first page.", Mender.ASKER
    ),
    # 5xx: the outcome is unknown
    ("500.001", "500.005", "http_500"): Words("something failed inside Tango", _AGAIN, Mender.KUDOS),
    ("500.003",): Words("Tango couldn't process the payment", _AGAIN, Mender.KUDOS),
    ("500.004", "500.006"): Words("Tango couldn't send the email", _AGAIN, Mender.KUDOS),
    ("500.021",): Words("Tango hasn't finished this order yet", "Try again in a few minutes.", Mender.ASKER),
    ("502.001", "503.501", "503.502", "http_502", "http_503"): Words(
        "Tango can't be reached right now", _AGAIN, Mender.KUDOS
    ),
    ("503.002",): Words(
        "the supplier of this reward has none right now",
        "I'll keep trying with the same reference. It may take a day.",
        Mender.KUDOS,
    ),
    ("503.003", "503.004", "503.005", "503.035"): Words(
        "the supplier of this reward isn't answering Tango", _AGAIN, Mender.KUDOS
    ),
    ("503.042",): Words(
        "Tango is maintaining this reward right now", "I'll keep trying with the same reference.", Mender.KUDOS
    ),
}

#: By `i18nKey`, or `http_` and the status.
PROBLEMS: Final[Mapping[str, Words]] = {key: words for keys, words in _TABLE.items() for key in keys}

_UNKNOWN: Final = Words(
    "Tango gave a reason that I don't know",
    "Please show this to an admin. Tango's support can find it by the request id.",
    Mender.ASKER,
    quotes=True,
)


def words_of(key: str | None, status: int | None) -> Words:
    """Return the words for Tango's key; for the status alone where there is no key."""
    return PROBLEMS.get(key or f"http_{status}", _UNKNOWN)


def tango_text(
    key: str | None,
    status: int | None,
    *,
    said: str | None = None,
    request_id: str | None = None,
    to_admin: bool = True,
    in_full: bool = True,
) -> str:
    """Say what happened, what to do and who can, with what Tango's support asks for.

    Args:
        key: Tango's `i18nKey`, where it gave one.
        status: the HTTP status, where there was one.
        said: Tango's text.
        request_id: Tango's `X-REQUEST-ID`.
        to_admin: whether the reader may be an admin; others aren't sent to what they can't open.
        in_full: whether the key and the request id follow.
    """
    words = words_of(key, status)
    quoted = f" Tango says: “{escape(clip(said, _MOST_QUOTED))}”" if said and words.quotes else ""
    by_admins = words.mender in (Mender.ADMIN, Mender.TANGO)
    remedy = f"{_FOR_ADMINS} {words.remedy}" if by_admins and to_admin else _FOR_ADMINS if by_admins else words.remedy
    reference = reference_text(key or status, request_id) if in_full else ""
    return f"{sentence(words.what)}. {remedy}{quoted}{f' ({reference})' if reference else ''}"


def reference_text(key: str | int | None, request_id: str | None) -> str:
    """Give the key and the request id, by which Tango's support finds it; or nothing."""
    found = [f"Tango {key}"] if key else []
    found += [f"request {request_id}"] if request_id else []
    return escape(" · ".join(found))
