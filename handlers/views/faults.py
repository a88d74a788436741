"""The sentence of every fault of a form, which stands under its field. Plain text: Slack formats nothing there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.faults import Fault, FaultCode

Facts = Mapping[str, Any]

_FAULTS: Final[Mapping[FaultCode, Callable[[Facts], str]]] = {
    FaultCode.REQUIRED: lambda _: "Fill this in: Tango needs it for this reward.",
    FaultCode.NOT_APPLICABLE: lambda _: "Leave this empty: this reward does not take it.",
    FaultCode.TOO_SHORT: lambda f: f"At least {f['least']} characters.",
    FaultCode.TOO_LONG: lambda f: f"At most {f['limit']:,} characters; this is {f['length']:,}.",
    FaultCode.CHARACTERS: lambda f: f"Tango does not take {f['found']} here. Leave it out.",
    FaultCode.MALFORMED: lambda _: "Tango does not take it in this form. See the hint below the field.",
    FaultCode.TAKEN: lambda f: f"That is Tango's number of order {f['number']}.",
    FaultCode.UNKNOWN_CODE: lambda _: (
        "There is no such code. In the US and Canada it is two capitals, such as CA or ON."
    ),
    FaultCode.REVERSED: lambda _: "The end is before the start. Turn the two round.",
    FaultCode.TOO_SOON: lambda _: "Choose a day that is at least one day ahead.",
    FaultCode.TOO_LATE: lambda _: "Choose a day that is at most one year ahead.",
    FaultCode.NOT_POSITIVE: lambda _: "It must be more than zero.",
    FaultCode.TOO_LARGE: lambda _: "That is more than Tango takes.",
    FaultCode.TOO_MANY_DECIMALS: lambda _: "That has more decimals than Tango takes.",
    FaultCode.EMPTY: lambda f: f"Type an amount: {f['amounts']}.",
    FaultCode.NOT_A_NUMBER: lambda _: "That is not an amount. Type it like 25, 25.00 or 1000.",
    FaultCode.NEGATIVE: lambda _: "The amount must be more than zero.",
    FaultCode.ZERO: lambda _: "The amount must be more than zero.",
    FaultCode.DECIMAL_COMMA: lambda _: "Please use a point for decimals: 25.00. A comma separates thousands: 1,000.",
    FaultCode.FINER_THAN_CURRENCY: lambda f: f"That is finer than {f['currency']} can be paid. Type fewer decimals.",
    FaultCode.OTHER_CURRENCY: lambda f: f"This reward is in {f['currency']}. Type the amount in {f['currency']}.",
    FaultCode.BELOW_MINIMUM: lambda f: f"The least for this reward is {f['bound']}.",
    FaultCode.ABOVE_MAXIMUM: lambda f: f"The most for this reward is {f['bound']}.",
    FaultCode.NOT_THE_FIXED_VALUE: lambda f: f"This reward is always {f['bound']}. Leave the amount empty.",
    FaultCode.NOT_WHOLE: lambda _: "This reward takes whole amounts only, such as 25.",
    FaultCode.UNAVAILABLE: lambda _: "This reward is no longer offered. Choose another.",
    FaultCode.IS_ONESELF: lambda _: "You can't reward yourself. Please remove your name.",
    FaultCode.IS_BOT: lambda f: f"Apps can't get rewards: {f['name']}. Please choose people.",
    FaultCode.IS_DEACTIVATED: lambda f: f"No longer in this workspace: {f['name']}. Please choose someone else.",
    FaultCode.IS_GUEST: lambda f: f"Guests can't get rewards: {f['name']}. Please choose members.",
    FaultCode.IS_OUTSIDER: lambda f: f"Not a member of this workspace: {f['name']}. Please choose members.",
    FaultCode.HAS_NO_EMAIL: lambda f: (
        f"No email address in the Slack profile of {f['name']}. They can add one there, or you deliver by direct "
        "message."
    ),
    FaultCode.NAME_UNUSABLE: lambda f: (
        f"No name that Tango takes in the Slack profile of {f['name']}. They can change it there."
    ),
    FaultCode.TOO_MANY_PEOPLE: lambda f: f"At most {f['limit']} people in one request. File a second one.",
    FaultCode.ONE_ADDRESS: lambda _: "A reward that is posted goes to one person: choose one.",
    FaultCode.PROFILE_INCOMPLETE: lambda f: (
        f"No {_FIELD_WORDS.get(f['field'], 'data')} in the Slack profile of {f['name']}, and Tango needs it for this "
        "reward. They can add it there."
    ),
    FaultCode.PROFILE_CHARACTERS: lambda f: (
        f"Tango doesn't take {f['found']} in the {_FIELD_WORDS.get(f['field'], 'profile')} of {f['name']}. They can "
        "change it in their Slack profile."
    ),
    FaultCode.PROFILE_TOO_LONG: lambda f: (
        f"Too long for Tango, which takes {f['limit']} characters: the {_FIELD_WORDS.get(f['field'], 'profile')} of "
        f"{f['name']}. They can change it in their Slack profile."
    ),
    FaultCode.PROFILE_MALFORMED: lambda f: (
        f"Tango doesn't take the email address of {f['name']}. They can change it in their Slack profile, or you "
        "deliver by direct message."
    ),
}

#: The faults that a field words in its own way.
_AT_FIELD: Final[Mapping[tuple[str, FaultCode], str]] = {
    ("recipients", FaultCode.REQUIRED): "Choose at least one person.",
    ("reward", FaultCode.REQUIRED): "Choose a reward.",
    ("amount", FaultCode.TOO_LARGE): "That is more than Tango takes in one order.",
    ("reason", FaultCode.REQUIRED): "Say why, so that the requester knows what to change.",
    ("new_template", FaultCode.MALFORMED): "A template's number is an E and six digits, such as E000002.",
    ("sent_as", FaultCode.REQUIRED): "Type Tango's number of the order.",
    ("sent_as", FaultCode.MALFORMED): "That isn't an order number of Tango's. They look like RA180426-1401-64.",
    ("new_email", FaultCode.MALFORMED): "That is no e-mail address that Tango takes.",
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
