"""The faults of a field: of a form, of an order, of a search. handlers/views/messages.py words them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FaultCode(StrEnum):
    """The kinds of faults: one sentence each in handlers/views/messages.py.

    The text below a code names the facts that its sentence needs.
    """

    REQUIRED = "required"
    NOT_APPLICABLE = "not_applicable"
    """The field is for another kind of reward."""
    TOO_SHORT = "too_short"
    """`least`, in characters."""
    TOO_LONG = "too_long"
    """`limit` and `length`, in characters."""
    CHARACTERS = "characters"
    """`found`: the characters that are not allowed, each once."""
    MALFORMED = "malformed"
    TAKEN = "taken"
    """`number`: of the order that has it."""
    UNKNOWN_CODE = "unknown_code"
    """`country`: the one whose states or provinces are meant."""
    REVERSED = "reversed"
    """An end before its start."""
    TOO_SOON = "too_soon"
    """`least`: the first moment that is allowed."""
    TOO_LATE = "too_late"
    """`limit`: the last moment that is allowed."""

    # Numbers
    NOT_POSITIVE = "not_positive"
    TOO_LARGE = "too_large"
    """`limit`."""
    TOO_MANY_DECIMALS = "too_many_decimals"
    """`limit`: Tango's, in any currency."""

    # Amounts as people type them: `text`, `currency`, `bound` and `amounts`, as `InvalidAmount` has them
    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    ZERO = "zero"
    DECIMAL_COMMA = "decimal_comma"
    FINER_THAN_CURRENCY = "finer_than_currency"
    OTHER_CURRENCY = "other_currency"
    BELOW_MINIMUM = "below_minimum"
    ABOVE_MAXIMUM = "above_maximum"
    NOT_THE_FIXED_VALUE = "not_the_fixed_value"
    NOT_WHOLE = "not_whole"

    # Budgets and limits, see the module budget
    OVER_BUDGET = "over_budget"
    """`room` and `total`."""
    OVER_LIMIT = "over_limit"
    """`limit`: of one reward."""
    OVER_YEARLY_LIMIT = "over_yearly_limit"
    """`name`, and `limit`: of what one person may get in a year."""
    NO_BUDGET_IN_CURRENCY = "no_budget_in_currency"
    """`currency`, and `currencies`: those that there are budgets in."""
    NO_LIMIT_IN_CURRENCY = "no_limit_in_currency"
    """`currency`, and `currencies`: those that the limits list."""

    # The reward
    UNAVAILABLE = "unavailable"
    """It is not on offer, or no longer."""

    # The recipients: `name`
    IS_ONESELF = "is_oneself"
    IS_BOT = "is_bot"
    IS_DEACTIVATED = "is_deactivated"
    IS_GUEST = "is_guest"
    IS_OUTSIDER = "is_outsider"
    HAS_NO_EMAIL = "has_no_email"
    NAME_UNUSABLE = "name_unusable"
    """No letter that can be seen is left of the name, in what Tango accepts."""
    TOO_MANY_PEOPLE = "too_many_people"
    """`limit`."""
    ONE_ADDRESS = "one_address"
    """A physical reward for several people."""

    # A row of a list: see the module batch
    UNNAMED = "unnamed"
    NO_SUCH_PERSON = "no_such_person"
    """`text`: an email address or a Slack id that no member has."""
    ONLY_A_NAME = "only_a_name"
    """`text`, and `suggested`: members with that name, as names with their Slack ids; perhaps none."""
    SEVERAL_ACCOUNTS = "several_accounts"
    """`text`: an email address that several members have."""
    SAME_PERSON = "same_person"
    """`row`: another row of the same list, for the same person."""
    CELLS_LEFT = "cells_left"
    """There are cells behind the message."""

    NOBODY_APPROVES = "nobody_approves"
    """Each approver asks for it or receives it."""
    ONE_APPROVER_LEFT = "one_approver_left"
    """It needs two, and all others ask for it or receive it."""

    # A recipient's profile: `name`, and `field`, Tango's dotted name of it
    PROFILE_INCOMPLETE = "profile_incomplete"
    PROFILE_CHARACTERS = "profile_characters"
    """`found`."""
    PROFILE_TOO_LONG = "profile_too_long"
    """`limit`, in characters."""
    PROFILE_MALFORMED = "profile_malformed"


class SearchFault(StrEnum):
    """The reason why a word of a search is not understood: one sentence each in handlers/views/messages.py."""

    UNKNOWN = "unknown"
    VALUE = "value"
    """The key is known, and has no such value."""
    TWICE = "twice"
    """It repeats a criterion, with another value."""
    ONE_PERSON = "one_person"
    NO_ADDRESS = "no_address"
    """Tango knows people by their address, and the profile has none."""
    REVERSED = "reversed"
    """An end before its start."""
    TOO_LONG = "too_long"
    """More than a button can carry from page to page."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one field.

    Attributes:
        code: the kind of the fault.
        facts: the facts of its sentence, such as a limit, a name, an amount; see `FaultCode`.
    """

    code: FaultCode
    facts: Mapping[str, object] = field(default_factory=dict)
