"""A search on the screen: every criterion with its field in the Filter form, and its words over a list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import Final

from bot.domain.order import OrderStatus
from bot.domain.request import RequestStatus
from bot.domain.search import OrderSearch, SearchStatus
from bot.domain.tango_status import LineItemStatus, TangoStatus
from bot.tango.limits import (
    CAMPAIGN_LIMIT,
    CURRENCY_LENGTH,
    EMAIL_LIMIT,
    NAME_LIMIT,
    NOTES_LIMIT,
    PURCHASE_ORDER_LIMIT,
    REFERENCE_LIMIT,
)
from handlers.ids import Action, View
from handlers.views.blocks import (
    MOST_IN_AMOUNT,
    Json,
    actions,
    button,
    escape,
    input_block,
    mention,
    option,
    plain,
    sentence,
)
from handlers.views.states import ORDER_STATES, REQUEST_STATES


class FieldKind(Enum):
    """The way in which a criterion is filled in."""

    TEXT = auto()
    PERSON = auto()
    DAY = auto()
    CHOICE = auto()


#: The value of a choice that is not made: not every screen lets a person empty a select that was used.
ANY: Final = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterField:
    """One criterion on the screen.

    Attributes:
        name: of the criterion, and of the field's block.
        label: over the field.
        says: its words over a list; `{}` stands for its value.
        kind: the way in which it is filled in.
        hint: under the field.
        most: the most characters of a text.
        choices: the values of a choice, each with its words.
        any_words: the words of a choice that is not made.
        for_admins: whether admins alone see it.
        is_usual: whether it is shown before somebody asks for more fields.
    """

    name: str
    label: str
    says: str = "{}"
    kind: FieldKind = FieldKind.TEXT
    hint: str | None = None
    most: int = 150
    choices: Mapping[str, str] = field(default_factory=dict)
    any_words: str = "any"
    for_admins: bool = False
    is_usual: bool = False


#: The states of a request and of an order, as the form offers them.
_STATES: Final[Mapping[str, str]] = {
    SearchStatus.WAITING: f"{REQUEST_STATES[RequestStatus.PENDING_APPROVAL].icon} Waiting, for approval or to be sent",
    **{SearchStatus(status): str(state) for status, state in REQUEST_STATES.items()},
    **{SearchStatus(status): str(state) for status, state in ORDER_STATES.items()},
    SearchStatus.SCHEDULED: f"{ORDER_STATES[OrderStatus.QUEUED].icon} Scheduled for a date",
}

#: Every criterion, the usual ones first (Tango docs, Manage orders, GET /orders, and what Kudos alone knows).
FIELDS: Final = (
    FilterField(name="recipient_id", label="For", says="for {}", kind=FieldKind.PERSON, is_usual=True),
    FilterField(
        name="status",
        label="Status",
        kind=FieldKind.CHOICE,
        choices=_STATES,
        is_usual=True,
    ),
    FilterField(name="reward_name", label="Reward", says="reward {}", hint="Part of its name.", is_usual=True),
    FilterField(name="since", label="First day", says="since {}", kind=FieldKind.DAY, is_usual=True),
    FilterField(name="until", label="Last day", says="until {}", kind=FieldKind.DAY, is_usual=True),
    FilterField(
        name="at_tango",
        label="Where to look",
        kind=FieldKind.CHOICE,
        choices={"true": "everything that Tango knows"},
        any_words="what was sent with Kudos",
        for_admins=True,
    ),
    FilterField(
        name="requester_id", label="Requested by", says="requested by {}", kind=FieldKind.PERSON, for_admins=True
    ),
    FilterField(name="min_amount", label="Lowest amount", says="from {}", most=MOST_IN_AMOUNT),
    FilterField(name="max_amount", label="Highest amount", says="to {}", most=MOST_IN_AMOUNT),
    FilterField(name="currency_code", label="Currency", hint="Three letters, like USD.", most=CURRENCY_LENGTH),
    FilterField(name="recipient_name", label="Recipient's name", says="for {}", hint="First, last or both."),
    FilterField(name="recipient_email", label="Email address", says="for {}", most=EMAIL_LIMIT),
    FilterField(
        name="tango_status",
        label="Tango's status",
        says="Tango's status {}",
        kind=FieldKind.CHOICE,
        choices={word.value: word.value for word in TangoStatus},
    ),
    FilterField(name="campaign", label="Campaign", says="campaign {}", most=CAMPAIGN_LIMIT),
    FilterField(
        name="purchase_order_number", label="Purchase order number", says="purchase order {}", most=PURCHASE_ORDER_LIMIT
    ),
    FilterField(name="notes", label="Notes", says="notes {}", most=NOTES_LIMIT),
    FilterField(
        name="send_email",
        label="Delivery",
        kind=FieldKind.CHOICE,
        choices={"true": "emailed by Tango", "false": "not emailed by Tango"},
    ),
    FilterField(name="recipient_first_name", label="Recipient's first name", says="first name {}", most=NAME_LIMIT),
    FilterField(name="recipient_last_name", label="Recipient's last name", says="last name {}", most=NAME_LIMIT),
    FilterField(name="sender_first_name", label="Sender's first name", says="sender {}", most=NAME_LIMIT),
    FilterField(name="sender_last_name", label="Sender's last name", says="sender {}", most=NAME_LIMIT),
    FilterField(name="sender_email", label="Sender's email address", says="sender {}", most=EMAIL_LIMIT),
    FilterField(
        name="external_ref_id",
        label="Reference",
        says="reference {}",
        hint="The order's externalRefID: letters and digits.",
        most=REFERENCE_LIMIT,
    ),
    FilterField(name="utid", label="Reward's utid", hint="Tango's id of the reward, like U561593."),
    FilterField(name="ptid", label="Printed template", says="template {}", hint="Its ptid, like P000001."),
    FilterField(
        name="line_item_status",
        label="Status of the line item",
        says="line item {}",
        kind=FieldKind.CHOICE,
        hint="I'll ask Tango, because only Tango knows it.",
        choices={word.value: word.value for word in LineItemStatus},
    ),
    FilterField(
        name="line_item_notes",
        label="Notes of the line item",
        says="line item's notes {}",
        hint="I'll ask Tango, because only Tango knows them.",
    ),
)


def build_search_form(wanted: OrderSearch, carried: str, *, everyone: bool, in_full: bool = False) -> Json:
    """Build the Filter form, filled in with the present search.

    Args:
        wanted: the present search.
        carried: the same, as a button carries it.
        everyone: whether the viewer may look for everyone's orders.
        in_full: show every field; they are shown anyway where one that is less usual is filled in.
    """
    offered = [one for one in FIELDS if everyone or not one.for_admins]
    unusual = {one.name for one in FIELDS if not one.is_usual}
    in_full = in_full or wanted.at_tango or not wanted.criteria.isdisjoint(unusual)
    more = actions(button("More filters", Action.ORDERS_MORE_FILTERS, carried))
    return {
        "type": "modal",
        "callback_id": View.SEARCH.value,
        "title": plain("Find rewards", 24),
        "submit": plain("Find", 24),
        "close": plain("Cancel", 24),
        "blocks": [
            *(
                input_block(one.name, one.label, _element(one, wanted), hint=one.hint, optional=True)
                for one in offered
                if in_full or one.is_usual
            ),
            *([] if in_full else [more]),
        ],
    }


def search_text(wanted: OrderSearch) -> str:
    """Say what a search looks for, in a few words for each criterion; empty where that is everything."""
    said = []
    for one in FIELDS:
        value = getattr(wanted, one.name)
        if one.name not in wanted.criteria:
            continue
        match one.kind:
            case FieldKind.PERSON:
                shown = mention(value)
            case FieldKind.CHOICE:
                shown = escape(one.choices.get(_as_option(value), str(value)))
            case FieldKind.DAY:
                shown = f"{value} ({escape(wanted.zone)})"
            case FieldKind.TEXT:
                shown = f"{value:,}" if isinstance(value, Decimal) else escape(value)
        said.append(one.says.format(shown))
    return "; ".join(said)


def _element(one: FilterField, wanted: OrderSearch) -> Json:
    """Build the field's input, which holds the criterion's value."""
    value: str | Decimal | date | bool | None = getattr(wanted, one.name)
    action = {"action_id": f"find_{one.name}"}
    match one.kind:
        case FieldKind.PERSON:
            return {"type": "users_select", **action, **_initial("initial_user", value)}
        case FieldKind.DAY:
            return {"type": "datepicker", **action, **_initial("initial_date", value)}
        case FieldKind.TEXT:
            held = {} if value is None else {"initial_value": str(value)[: one.most]}
            return {"type": "plain_text_input", **action, "max_length": one.most, **held}
        case FieldKind.CHOICE:
            words = {ANY: one.any_words, **one.choices}
            options = {key: option(sentence(said), key) for key, said in words.items()}
            chosen = options.get(_as_option(value), options[ANY])
            return {"type": "static_select", **action, "options": list(options.values()), "initial_option": chosen}


def _initial(key: str, value: object) -> Json:
    return {} if value is None else {key: str(value)}


def _as_option(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
