"""The sentence of every fault of a form, which stands under its field. Plain text: Slack formats nothing there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.domain.money import decimals_of
from bot.domain.numbers import named_number
from bot.domain.people import visible_name
from bot.faults import Fault, FaultCode
from handlers.views.budgets import left_text, no_budget_text, no_limit_text, over_limit_text

Facts = Mapping[str, Any]


def _decimals_text(currency: str) -> str:
    match decimals_of(currency):
        case 0:
            return f"{currency} amounts have no decimals. Use a whole amount, like 25."
        case 2:
            return f"{currency} amounts have at most two decimals, like 25.50."
        case most:
            return f"{currency} amounts have at most {most} decimals."


_FAULTS: Final[Mapping[FaultCode, Callable[[Facts], str]]] = {
    FaultCode.REQUIRED: lambda _: "Please fill this in. Tango needs it for this reward.",
    FaultCode.NOT_APPLICABLE: lambda _: "Please leave this blank. This reward doesn't use it.",
    FaultCode.TOO_SHORT: lambda f: f"Use at least {f['least']} characters.",
    FaultCode.TOO_LONG: lambda f: f"Use at most {f['limit']:,} characters. This is {f['length']:,}.",
    FaultCode.CHARACTERS: lambda f: f"Tango doesn't accept {f['found']} here. Please use something else.",
    FaultCode.MALFORMED: lambda _: "That doesn't look right. Please check the hint below the field.",
    FaultCode.TAKEN: lambda f: (
        f"Tango has that number for {visible_name(f['name']) or 'someone'}'s {f['amount']} {f['reward']} "
        f"({named_number(f['number'])})."
    ),
    FaultCode.UNKNOWN_CODE: lambda _: (
        "I don't know that state or province. In the US and Canada, use its two capital letters, like CA or ON."
    ),
    FaultCode.REVERSED: lambda _: "The start has to come before the end.",
    FaultCode.TOO_SOON: lambda _: "Please choose tomorrow or a later day.",
    FaultCode.TOO_LATE: lambda _: "Please choose a day within the next year.",
    FaultCode.NOT_POSITIVE: lambda _: "Use a number above zero.",
    FaultCode.TOO_LARGE: lambda _: "That's more than Tango allows.",
    FaultCode.TOO_MANY_DECIMALS: lambda _: "That has more decimals than Tango allows.",
    FaultCode.EMPTY: lambda f: f"Please type an amount: {f['amounts']}.",
    FaultCode.NOT_A_NUMBER: lambda _: "I can't read that amount. Type it like 25, 25.00 or 1000.",
    FaultCode.NEGATIVE: lambda _: "Use an amount above zero.",
    FaultCode.ZERO: lambda _: "Use an amount above zero.",
    FaultCode.DECIMAL_COMMA: lambda _: "Please use a point for decimals: 25.00. A comma separates thousands: 1,000.",
    FaultCode.FINER_THAN_CURRENCY: lambda f: _decimals_text(f["currency"]),
    FaultCode.OTHER_CURRENCY: lambda f: f"This reward is in {f['currency']}. Please type the amount in that currency.",
    FaultCode.BELOW_MINIMUM: lambda f: f"The minimum for this reward is {f['bound']}.",
    FaultCode.ABOVE_MAXIMUM: lambda f: f"The maximum for this reward is {f['bound']}.",
    FaultCode.NOT_THE_FIXED_VALUE: lambda f: f"This reward is always {f['bound']}.",
    FaultCode.NOT_WHOLE: lambda _: "This reward comes in whole amounts, like 25.",
    FaultCode.OVER_BUDGET: lambda f: (
        f"{left_text(f['room'])} This is {f['total']}. Please choose a smaller amount, or ask an admin of Kudos."
    ),
    FaultCode.OVER_LIMIT: lambda f: f"{over_limit_text(f['limit'])} Please choose a smaller amount.",
    FaultCode.OVER_YEARLY_LIMIT: lambda f: (
        f"That's more than the {f['limit']} that one person can get in a year: {f['name']}. Please choose a smaller "
        "amount, or other people."
    ),
    FaultCode.NO_BUDGET_IN_CURRENCY: lambda f: no_budget_text(f["currency"], f["currencies"]),
    FaultCode.NO_LIMIT_IN_CURRENCY: lambda f: no_limit_text(f["currency"], f["currencies"]),
    FaultCode.UNAVAILABLE: lambda _: "This reward is no longer available. Please choose another.",
    FaultCode.IS_ONESELF: lambda _: "You can't reward yourself. Please remove your name.",
    FaultCode.IS_BOT: lambda f: f"Apps can't get rewards: {f['name']}. Please choose people.",
    FaultCode.IS_DEACTIVATED: lambda f: f"No longer in this workspace: {f['name']}. Please choose someone else.",
    FaultCode.IS_GUEST: lambda f: f"Guests can't get rewards: {f['name']}. Please choose members.",
    FaultCode.IS_OUTSIDER: lambda f: f"Not a member of this workspace: {f['name']}. Please choose members.",
    FaultCode.HAS_NO_EMAIL: lambda f: (
        f"No email address in the Slack profile of {f['name']}. They can add one, or you can choose delivery by "
        "direct message."
    ),
    FaultCode.NAME_UNUSABLE: lambda f: (
        f"Tango can't use the name in the Slack profile of {f['name']}. They can change it there."
    ),
    FaultCode.TOO_MANY_PEOPLE: lambda f: f"Choose at most {f['limit']} people. For more, please send a second request.",
    FaultCode.ONE_ADDRESS: lambda _: "A posted reward goes to one person. Please choose one.",
    FaultCode.UNNAMED: lambda _: "Please name the person by email address or Slack ID.",
    FaultCode.NO_SUCH_PERSON: lambda f: f"Nobody in this workspace has {f['text']}. Please check it.",
    FaultCode.ONLY_A_NAME: lambda f: (
        f"Please use an email address or a Slack ID instead of “{f['text']}”."
        + (f" Do you mean {' or '.join(f['suggested'])}?" if f["suggested"] else "")
    ),
    FaultCode.SEVERAL_ACCOUNTS: lambda f: f"Several people have the address {f['text']}. Please use a Slack ID.",
    FaultCode.SAME_PERSON: lambda f: f"Row {f['row']:,} is for the same person. Please keep one of the two.",
    FaultCode.CELLS_LEFT: lambda _: "There's more behind the message. A message with commas needs quotation marks.",
    FaultCode.NOBODY_APPROVES: lambda _: (
        "Nobody is left who could approve this. Please ask an admin of Kudos to name another approver."
    ),
    FaultCode.ONE_APPROVER_LEFT: lambda _: (
        "This needs two approvers, and only one is left who could approve it. Please ask for less, or ask an admin of "
        "Kudos to name another approver."
    ),
    FaultCode.PROFILE_INCOMPLETE: lambda f: (
        f"No {_FIELD_WORDS.get(f['field'], 'data')} in the Slack profile of {f['name']}. Tango needs it for this "
        "reward. They can add it there."
    ),
    FaultCode.PROFILE_CHARACTERS: lambda f: (
        f"Tango can't use {f['found']} in the {_FIELD_WORDS.get(f['field'], 'profile')} of {f['name']}. They can "
        "change it in their Slack profile."
    ),
    FaultCode.PROFILE_TOO_LONG: lambda f: (
        f"Tango allows at most {f['limit']:,} characters in the {_FIELD_WORDS.get(f['field'], 'profile')} of "
        f"{f['name']}. They can shorten it in their Slack profile."
    ),
    FaultCode.PROFILE_MALFORMED: lambda f: (
        f"Tango can't use the email address of {f['name']}. They can change it in their Slack profile, or you can "
        "choose delivery by direct message."
    ),
}

#: The fields that a posted reward alone has.
_OF_PARCELS: Final = (
    "first_name",
    "last_name",
    "street_line1",
    "city",
    "state_or_province",
    "postal_code",
    "country",
    "printed_template",
)

#: The faults that a field words in its own way.
_AT_FIELD: Final[Mapping[tuple[str, FaultCode], str]] = {
    ("recipients", FaultCode.REQUIRED): "Please choose at least one person.",
    ("reward", FaultCode.REQUIRED): "Please choose a reward.",
    ("amount", FaultCode.TOO_LARGE): "That's more than Tango allows in one order.",
    ("occasion", FaultCode.REQUIRED): "Please choose an occasion.",
    ("occasion", FaultCode.UNAVAILABLE): "This occasion is no longer in the list. Please choose another.",
    ("country", FaultCode.UNKNOWN_CODE): "I don't know that country. Please choose one from the list.",
    ("reason", FaultCode.REQUIRED): "Please say why, so that the requester knows what to change.",
    **dict.fromkeys(
        [("new_template", FaultCode.MALFORMED), ("template", FaultCode.MALFORMED)],
        "That doesn't look right. Use E and six digits, like E000002.",
    ),
    ("printed_template", FaultCode.MALFORMED): "That doesn't look right. Use P and six digits, like P000001.",
    **{(name, FaultCode.REQUIRED): "Needed to post this card." for name in _OF_PARCELS},
    ("sent_as", FaultCode.REQUIRED): "Please type Tango's number of the order.",
    ("sent_as", FaultCode.MALFORMED): "That isn't one of Tango's order numbers. They look like RA180426-1401-64.",
    ("new_email", FaultCode.MALFORMED): "That isn't an email address that Tango can use.",
    ("send_on", FaultCode.TOO_SOON): "Please choose a time that is still to come, for everyone who gets it.",
    ("send_on", FaultCode.REQUIRED): "Please choose a day.",
    ("send_on", FaultCode.REVERSED): "Please choose a day before the reward expires.",
}

_FIELD_WORDS: Final[Mapping[str, str]] = {
    "recipient.firstName": "first name",
    "recipient.lastName": "last name",
    "recipient.email": "email address",
}


def faults_text(field: str, faults: Sequence[Fault]) -> str:
    """Word all that is wrong with a field. People with the same fault are named in one sentence."""
    alike: dict[tuple[object, ...], list[Fault]] = {}
    for fault in faults:
        kind = (fault.code, *(fault.facts.get(fact) for fact in ("field", "found", "limit")))
        alike.setdefault(kind, []).append(fault)
    return " ".join(fault_text(field, _together(found)) for found in alike.values())


def _together(faults: Sequence[Fault]) -> Fault:
    first = faults[0]
    if len(faults) == 1:
        return first
    return Fault(first.code, {**first.facts, "name": ", ".join(str(fault.facts.get("name")) for fault in faults)})


def fault_text(field: str, fault: Fault) -> str:
    """Word what is wrong with a field; plain text, because Slack formats nothing there."""
    return _AT_FIELD.get((field, fault.code)) or _FAULTS[fault.code](fault.facts)
