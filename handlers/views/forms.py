"""The form of a request: a pure function of its state. The fields follow the kind of the chosen reward."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from bot.domain.budget import Limits, Room
from bot.domain.catalog import Catalog, Reward, RewardKind
from bot.domain.lengths import cut
from bot.domain.occasion import Occasion
from bot.domain.request import Delivery
from bot.domain.template import Template
from bot.tango.limits import (
    CAMPAIGN_LIMIT,
    CITY_LIMIT,
    MESSAGE_LIMIT,
    NAME_LIMIT,
    NOTES_LIMIT,
    PURCHASE_ORDER_LIMIT,
    REGION_LIMIT,
    STREET_LIMIT,
    SUBJECT_LIMIT,
)
from bot.tango.places import COUNTRIES
from handlers.ids import Action, Block, View
from handlers.views.blocks import (
    MOST_IN_AMOUNT,
    MOST_OPTIONS,
    TICKED,
    Json,
    actions,
    button,
    context,
    escape,
    input_block,
    option,
    plain,
    section,
)
from handlers.views.budgets import limits_for
from handlers.views.choices import limits_text, reward_choices, reward_option
from handlers.views.delivery import delivery_select, tell_delivered_block
from handlers.views.form_notes import review_text, with_faults
from handlers.views.groups import Group, recipients_blocks
from handlers.views.occasions import occasion_block
from handlers.views.schedule import SendOn, send_on_blocks
from handlers.views.templates import with_picker
from handlers.views.thanks import thanks_block

#: The characters of a modal's private_metadata (Slack docs): what is typed and not shown is kept there.
_MOST_METADATA: Final = 3_000

#: An E and six digits.
_ETID_LENGTH: Final = 7

#: Tango limits the length of neither postal codes nor ptids. Postal codes have up to ten characters; the rest is
#: room for spaces and slips.
_MOST_IN_CODE: Final = 20

_ASK: Final = "An admin of Kudos can tell you which."

_PARCEL: Final = "Letters A to Z, digits, spaces and . , - only. At most 25 characters."

#: The fields behind "More options": label, hint, most characters (Tango docs, Manage orders, POST /orders).
_MORE_MAILED: Final[Mapping[Block, tuple[str, str, int]]] = {
    Block.SUBJECT: ("Email subject", "Leave blank to use Tango's standard subject.", SUBJECT_LIMIT),
    Block.TEMPLATE: ("Email template", f"An E and six digits, like E000002. {_ASK}", _ETID_LENGTH),
}
_MORE: Final[Mapping[Block, tuple[str, str, int]]] = {
    Block.CAMPAIGN: ("Campaign", "For your reports.", CAMPAIGN_LIMIT),
    Block.PURCHASE_ORDER: ("Purchase order number", "For accounting.", PURCHASE_ORDER_LIMIT),
    Block.NOTES: ("Notes", "For accounting. Recipients don't see them.", NOTES_LIMIT),
}
_POSTED_TO: Final[Mapping[Block, tuple[str, str, int]]] = {
    # Longer than the 25 that fit on a parcel: a longer name is said to be too long, and not cut.
    Block.FIRST_NAME: ("First name on the parcel", _PARCEL, NAME_LIMIT),
    Block.LAST_NAME: ("Last name on the parcel", _PARCEL, NAME_LIMIT),
}
_ADDRESS: Final[Mapping[Block, tuple[str, str, int]]] = {
    Block.STREET_LINE1: ("Street and number", "", STREET_LIMIT),
    Block.STREET_LINE2: ("Second line", "Apartment, floor or company.", STREET_LIMIT),
    Block.CITY: ("City", "", CITY_LIMIT),
    Block.STATE_OR_PROVINCE: (
        "State, province or region",
        "In the US and Canada, two capital letters like CA.",
        REGION_LIMIT,
    ),
    Block.POSTAL_CODE: ("Postal code", "Letters and digits. In the US, five digits.", _MOST_IN_CODE),
}

#: Where the metadata has how many requests the form has made: no field has this name.
ASKED: Final = "asked"

#: Where the metadata has the address of the message that the request is about.
PERMALINK: Final = "permalink"

#: Where the metadata has the reference of the request that is asked for again.
REPEATS: Final = "repeats"

#: Where the metadata has the reward and the recipients about whom the requester was asked whether a second is meant.
ASKED_ABOUT: Final = "asked_about"

#: Every field that is a text and no more.
TEXTS: Final = (*_MORE_MAILED, *_MORE, *_POSTED_TO, *_ADDRESS, Block.PRINTED_TEMPLATE)

#: The fields that are folded away.
_FOLDED: Final = frozenset({*_MORE_MAILED, *_MORE, Block.SEND_ON})

#: The texts that need not be filled in.
_OPTIONAL: Final = _FOLDED | {Block.STREET_LINE2}

#: The fields that everyone fills in, in their order.
_MAIN: Final = (Block.RECIPIENTS, Block.REWARD, Block.AMOUNT, Block.MESSAGE)

#: The names, in private_metadata, of what is no field.
NAMES_OF: Final = "names_of"
NOTES: Final = "notes_shown"

_MOST_IN: Final[Mapping[Block, int]] = {
    **{block: most for said in (_MORE_MAILED, _MORE, _POSTED_TO, _ADDRESS) for block, (_, _, most) in said.items()},
    Block.PRINTED_TEMPLATE: _MOST_IN_CODE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState:
    """The state of the form: what is filled in, and whether all of it is unfolded.

    Attributes:
        recipients: user ids.
        groups: the user groups whose members get one too.
        reward: the chosen one.
        amount: as typed.
        message: as typed.
        by_message: whether Kudos delivers the reward.
        expires_on: the last day of a Promo Link.
        in_public: whether the box for thanks in public is ticked.
        tell_delivered: whether the box for news of the delivery is ticked.
        send: the date on which it is sent.
        country: two capitals.
        texts: every other field, by block id.
        more: whether the less used fields are shown.
        notes: how the typed text was read, in formatted text.
        names_of: the user id of whose the names on the parcel are.
        faults: what is wrong with fields, by block id, where Slack cannot show it itself.
        asked: how many requests the form has made already.
        permalink: the address of the message that the request is about.
        repeats: the reference of the request that is asked for again.
        occasion: the name of the chosen one.
        asked_about: the utid of a reward, and the user ids about whom the requester was asked if a second is meant.
    """

    recipients: Sequence[str] = ()
    groups: Sequence[Group] = ()
    reward: Reward | None = None
    amount: str = ""
    message: str = ""
    by_message: bool = False
    expires_on: date | None = None
    in_public: bool = False
    tell_delivered: bool = False
    send: SendOn = field(default_factory=SendOn)
    country: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    more: bool = False
    notes: Sequence[str] = ()
    names_of: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    asked: int = 0
    permalink: str = ""
    repeats: str = ""
    occasion: str = ""
    asked_about: Sequence[str] = ()

    def with_faults(self, faults: Mapping[str, str]) -> "FormState":
        """Return it with the words for what is wrong under its fields, unfolded where one of these is folded."""
        return replace(self, faults=faults, more=self.more or not _FOLDED.isdisjoint(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFacts:
    """What the form shows beside its state.

    Attributes:
        catalog: the rewards on offer.
        review: says who approves the request; empty where that is not known.
        currency: the rewards of this currency come first.
        thanks_channel: the Slack id of the channel for thanks in public; None where the settings name none.
        rooms: what the requester's budgets have left, in all currencies.
        limits: of the settings.
        occasions: of the settings.
        templates: of Tango's emails; none where only etids can be typed.
    """

    catalog: Catalog
    review: str = ""
    currency: str = ""
    thanks_channel: str | None = None
    rooms: Sequence[Room] = ()
    limits: Limits = field(default_factory=Limits)
    occasions: Sequence[Occasion] = ()
    templates: Sequence[Template] = ()


def build_request_form(state: FormState, facts: FormFacts) -> Json:
    """Build the form, filled in with its state."""
    blocks = _blocks(state, facts)
    _focus(blocks)
    return {
        "type": "modal",
        "callback_id": View.REQUEST.value,
        "title": plain("Send a reward", 24),
        "submit": plain("Ask for approval", 24),
        "close": plain("Cancel", 24),
        "private_metadata": _hidden(state, {block["block_id"] for block in blocks if "block_id" in block}),
        "blocks": with_faults(blocks, state.faults),
    }


def _blocks(state: FormState, facts: FormFacts) -> list[Json]:
    kind = state.reward.kind if state.reward else RewardKind.DIGITAL
    blocks = [
        *map(section, state.notes),
        *recipients_blocks(state.recipients, state.groups, is_folded=kind.is_posted or not state.more),
        # dispatch: the fields follow the reward
        input_block(Block.REWARD, "Reward", _reward_select(state, facts), dispatch=True),
        _amount_block(state, facts),
        input_block(
            Block.MESSAGE,
            "Message",
            _text_input(Action.MESSAGE, state.message, MESSAGE_LIMIT, multiline=True, placeholder="What did they do?"),
            hint="They get it with the reward. Approvers see it too.",
            optional=True,
        ),
    ]
    if facts.occasions:
        blocks.append(occasion_block(facts.occasions, state.occasion))
    if facts.thanks_channel is not None:
        blocks.append(thanks_block(facts.thanks_channel, ticked=state.in_public))
    if kind.is_posted:
        blocks += _address_blocks(state)
    else:
        # dispatch: the fields of Tango's email go with it
        choice = delivery_select(by_message=state.by_message)
        blocks.append(input_block(Block.DELIVERY, "Delivery", choice, dispatch=True))
        if state.by_message:
            blocks.append(tell_delivered_block(ticked=state.tell_delivered))
    if kind is RewardKind.PRINTED:
        said = ("Printed template", f"A P and six digits, like P000001. {_ASK}", _MOST_IN_CODE)
        blocks.append(_text_block(state, Block.PRINTED_TEMPLATE, said))
    if kind is RewardKind.PROMO:
        blocks.append(_expiry_block(state))
    more = _more_blocks(state, mailed=not kind.is_posted and not state.by_message)
    blocks += with_picker(more, Block.TEMPLATE, facts.templates)
    blocks.append(context(facts.review or review_text([])))
    return blocks


def _focus(blocks: Sequence[Json]) -> None:
    """Put the cursor into the first of the main fields that is empty."""
    for block in blocks:
        if block.get("block_id") in _MAIN and not any(name.startswith("initial_") for name in block["element"]):
            block["element"]["focus_on_load"] = True
            return


def hidden(private_metadata: str) -> Mapping[str, str]:
    """Return what was entered in fields that the form does not show. Hand-made metadata counts as typed text."""
    if not private_metadata:
        return {}
    try:
        kept = json.loads(private_metadata)
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in kept.items()} if isinstance(kept, dict) else {}


def _hidden(state: FormState, shown: Collection[str]) -> str:
    """Keep what is entered and not shown in private_metadata: it counts where it applies, and comes back."""
    entered = {
        **{block.value: cut(state.texts.get(block, ""), _MOST_IN[block]) for block in TEXTS},
        Block.AMOUNT.value: cut(state.amount, MOST_IN_AMOUNT),
        Block.DELIVERY.value: str(Delivery.MESSAGE if state.by_message else Delivery.EMAIL),
        Block.EXPIRES_ON.value: state.expires_on.isoformat() if state.expires_on else "",
        Block.COUNTRY.value: state.country,
        Block.TELL_DELIVERED.value: TICKED if state.tell_delivered else "",
        Block.SEND_ON.value: str(state.send),
        NAMES_OF: state.names_of,
        NOTES: "\n".join(state.notes),
        ASKED: str(state.asked or ""),
        PERMALINK: state.permalink,
        REPEATS: state.repeats,
        ASKED_ABOUT: " ".join(state.asked_about),
    }
    kept = {name: text for name, text in entered.items() if text and name not in shown}
    for droppable in ((), (NOTES,), kept.keys() - {ASKED, REPEATS, ASKED_ABOUT}):
        text = json.dumps({name: text for name, text in kept.items() if name not in droppable}, ensure_ascii=False)
        if len(text) <= _MOST_METADATA:
            break
    return text


def _reward_select(state: FormState, facts: FormFacts) -> Json:
    select: Json = {"action_id": Action.REWARD.value}
    if len(facts.catalog) <= MOST_OPTIONS:
        select |= {
            "type": "static_select",
            "placeholder": plain("Choose a reward", 150),
            **reward_choices(facts.catalog.rewards, facts.currency),
        }
    else:
        select |= {
            "type": "external_select",
            "placeholder": plain("Type a brand, a name or a currency", 150),
            "min_query_length": 0,
        }
    if state.reward is not None:
        select["initial_option"] = reward_option(state.reward)
    return select


def _amount_block(state: FormState, facts: FormFacts) -> Json:
    allowed = limits_for(state.reward, facts.rooms, facts.limits)
    if state.reward is not None and state.reward.fixed is not None:
        return context(" ".join([f"This reward is always *{state.reward.amounts}*.", *map(escape, allowed)]))
    typed = _text_input(Action.AMOUNT, state.amount, MOST_IN_AMOUNT, placeholder="25.00")
    hint = " ".join([limits_text(state.reward), *allowed])
    return input_block(Block.AMOUNT, "Amount for each person", typed, hint=hint)


def _address_blocks(state: FormState) -> list[Json]:
    country: Json = {
        "type": "external_select",
        "action_id": Action.COUNTRY.value,
        "placeholder": plain("Type a country", 150),
        "min_query_length": 1,
    }
    if state.country in COUNTRIES:
        country["initial_option"] = option(COUNTRIES[state.country], state.country)
    # The names are known once a person is chosen; until then the profile's are meant.
    fields = {**(_POSTED_TO if state.names_of else {}), **_ADDRESS}
    return [
        *(_text_block(state, block, said) for block, said in fields.items()),
        input_block(Block.COUNTRY, "Country", country),
        context(_address_text(state)),
    ]


def _address_text(state: FormState) -> str:
    whom = escape(state.texts.get(Block.FIRST_NAME, "")) or "the recipient"
    return f"Please check the address with {whom}. Tango doesn't verify it and won't send a replacement."


def _expiry_block(state: FormState) -> Json:
    picker: Json = {"type": "datepicker", "action_id": Action.EXPIRES_ON.value}
    if state.expires_on is not None:
        picker["initial_date"] = state.expires_on.isoformat()
    hint = "Between tomorrow and a year from now. Leave blank to use Tango's standard date."
    return input_block(Block.EXPIRES_ON, "Last day to use it", picker, hint=hint, optional=True)


def _more_blocks(state: FormState, *, mailed: bool) -> list[Json]:
    if not state.more:
        filled = sum(1 for block in _FOLDED if state.texts.get(block)) + (state.send.day is not None)
        label = f"More options ({filled} filled in)" if filled else "More options"
        return [actions(button(label, Action.MORE, "more"))]
    fields = {**(_MORE_MAILED if mailed else {}), **_MORE}
    return [
        *(_text_block(state, block, said) for block, said in fields.items()),
        *send_on_blocks(state.send),
        actions(button("Fewer options", Action.FEWER, "fewer")),
    ]


def _text_block(state: FormState, block: Block, said: tuple[str, str, int]) -> Json:
    label, hint, most = said
    action_id = f"request_{block}"
    if block in _POSTED_TO:  # another person's names are another field, which begins with them
        action_id = f"{action_id}:{state.names_of}"
    typed = _text_input(action_id, state.texts.get(block, ""), most)
    return input_block(block, label, typed, hint=hint or None, optional=block in _OPTIONAL)


def _text_input(
    action_id: str, value: str, most: int, *, multiline: bool = False, placeholder: str | None = None
) -> Json:
    element: Json = {"type": "plain_text_input", "action_id": str(action_id), "max_length": most}
    if multiline:
        element["multiline"] = True
    if placeholder is not None:
        element["placeholder"] = plain(placeholder, 150)
    if value:
        element["initial_value"] = cut(value, most)
    return element
