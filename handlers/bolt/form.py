"""The state of the request form: as typed after `/kudos`, as entered in the modal, as an order was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from bot.domain.catalog import Catalog
from bot.domain.lengths import cut, length
from bot.domain.numbers import number_of
from bot.domain.policy import Person
from bot.domain.request import Delivery, Details, Request
from bot.errors import SlackUnavailable
from bot.tango.limits import MESSAGE_LIMIT
from bot.usecases.form import MOST_RECIPIENTS
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, Entered, Modal
from handlers.bolt.typed import TypedRequest
from handlers.ids import Action, Block
from handlers.views.blocks import MOST_IN_AMOUNT
from handlers.views.form_notes import (
    crowd_text,
    cut_text,
    date_notes,
    found_text,
    group_text,
    left_out_text,
    names_unknown_text,
    nobody_text,
    oneself_text,
    repeated_notes,
    several_text,
)
from handlers.views.forms import ASKED, ASKED_ABOUT, NAMES_OF, NOTES, PERMALINK, REPEATS, TEXTS, FormState, hidden
from handlers.views.groups import MOST_CHOSEN, Group, many_text
from handlers.views.schedule import MINE, NO_DATE, SendOn

#: The names of the texts: an enum's `value` is two calls, and a submit reads thirteen.
_TEXTS: Final = tuple(block.value for block in TEXTS)


def typed_state(typed: TypedRequest, *, by_message: bool) -> FormState:
    """Return the form as filled in by what was typed; its groups and names are not looked up yet.

    Args:
        typed: what was typed.
        by_message: the delivery that the settings name.
    """
    notes = [crowd_text(crowd) for crowd in typed.crowds]
    if length(typed.message) > MESSAGE_LIMIT:
        notes.append(cut_text(MESSAGE_LIMIT))
    return with_room(
        FormState(
            recipients=typed.people,
            amount=typed.amount if len(typed.amount) <= MOST_IN_AMOUNT else "",
            message=cut(typed.message, MESSAGE_LIMIT),
            by_message=by_message,
            notes=notes,
        )
    )


def looked_up_state(desk: Desk, requester_id: str, typed: TypedRequest, state: FormState) -> FormState:
    """Return the form with the members of the typed groups and the people of the typed names. Asks Slack."""
    state = _with_groups(desk, requester_id, typed, state)
    for name in typed.names:
        try:
            found = [person.user_id for person in desk.directory.find(name) if person.user_id != requester_id]
        except SlackUnavailable:
            return replace(state, notes=[*state.notes, names_unknown_text()])
        if not found:
            whole = replace(state, recipients=(), amount="", message=cut(typed.text, MESSAGE_LIMIT))
            return replace(whole, notes=[*state.notes, nobody_text(name)])
        one = found if len(found) == 1 else []
        note = found_text(name, found[0]) if one else several_text(name, found)
        state = replace(state, recipients=[*state.recipients, *one], notes=[*state.notes, note])
    return with_room(state)


def _with_groups(desk: Desk, requester_id: str, typed: TypedRequest, state: FormState) -> FormState:
    """Return the form with the people of the typed groups, one by one if a card can show all of them."""
    people, known, notes = list(state.recipients), [], list(state.notes)
    for group_id, typed_handle in typed.groups:
        handle = typed_handle or "@group"
        try:
            members = desk.directory.members(group_id)
        except SlackUnavailable:
            notes.append(group_text(handle))
            continue
        known.append(Group(id=group_id, handle=handle))
        notes += [oneself_text(handle)] if requester_id in members else []
        people += [member for member in members if member != requester_id]
    people = list(dict.fromkeys(people))
    if known and len(people) > MOST_RECIPIENTS:
        return replace(state, groups=known, notes=[*state.notes, many_text(len(people))])
    return replace(state, recipients=people, notes=notes)


def with_room(state: FormState) -> FormState:
    """Return the form with as many people as it has room for, each once, and a note of who is left out."""
    people = list(dict.fromkeys(state.recipients))
    notes, out = state.notes, people[MOST_CHOSEN:]
    if out:
        notes = [*notes, left_out_text(out)]
    return replace(state, recipients=people[:MOST_CHOSEN], notes=notes)


def entered_state(modal: Modal, catalog: Catalog, *, by_message: bool, more: bool = False) -> FormState:
    """Return the form as it is filled in, with what is entered and not shown.

    Args:
        modal: the form.
        catalog: the rewards on offer.
        by_message: the delivery where nobody has chosen one.
        more: show the less used fields.
    """
    entered, kept = modal.entered, hidden(modal.private_metadata)
    delivery = entered.option(Block.DELIVERY) or kept.get(Block.DELIVERY, "")
    _, named, names_of = entered.action_id(Block.FIRST_NAME).partition(":")
    return FormState(
        recipients=entered.users(Block.RECIPIENTS),
        groups=[Group(id=group_id, handle=handle) for group_id, handle in entered.options(Block.GROUPS)],
        reward=catalog.get(entered.option(Block.REWARD)),
        amount=entered.text(Block.AMOUNT) if Block.AMOUNT in entered else kept.get(Block.AMOUNT, ""),
        message=entered.text(Block.MESSAGE),
        by_message=delivery == Delivery.MESSAGE if delivery else by_message,
        in_public=entered.is_ticked(Block.IN_PUBLIC),
        tell_delivered=_tells_delivered(modal, kept),
        send=entered_date(entered) if Block.SEND_ON in entered else SendOn.from_text(kept.get(Block.SEND_ON, "")),
        expires_on=entered.day(Block.EXPIRES_ON) if Block.EXPIRES_ON in entered else _day(kept),
        country=entered.option(Block.COUNTRY) or kept.get(Block.COUNTRY, ""),
        texts={name: entered.text_or_option(name) if name in entered else kept.get(name, "") for name in _TEXTS},
        more=more,
        notes=kept.get(NOTES, "").splitlines(),
        names_of=names_of if named else kept.get(NAMES_OF, ""),
        asked=number_of(kept.get(ASKED, "")) or 0,
        permalink=kept.get(PERMALINK, ""),
        repeats=kept.get(REPEATS, ""),
        occasion=entered.option(Block.OCCASION),
        asked_about=kept.get(ASKED_ABOUT, "").split(),
    )


def entered_date(entered: Entered) -> SendOn:
    """Return the date as it is filled in."""
    return SendOn(
        day=entered.day(Block.SEND_ON),
        at=entered.time(Block.SEND_AT) or NO_DATE.at,
        is_mine=entered.option(Block.SEND_ZONE) == MINE,
    )


def _tells_delivered(modal: Modal, kept: Mapping[str, str]) -> bool:
    block = Block.TELL_DELIVERED
    return modal.entered.is_ticked(block) if block in modal.entered else block in kept


def _day(kept: Mapping[str, str]) -> date | None:
    text = kept.get(Block.EXPIRES_ON)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def shows_more(click: Click, modal: Modal) -> bool:
    """Tell whether the form shows the less used fields after this click; another reward leaves them as they are."""
    if click.action_id in (Action.MORE, Action.FEWER):
        return click.action_id == Action.MORE
    return Block.CAMPAIGN in modal.entered


def unnamed(state: FormState) -> str | None:
    """Return the user id of whose names a parcel needs and the form does not have; None where nobody's are missing."""
    if state.reward is None or not state.reward.kind.is_posted or len(state.recipients) != 1:
        return None
    return state.recipients[0] if state.recipients[0] != state.names_of else None


def with_names(state: FormState, person: Person) -> FormState:
    """Return the form with the person's names for the parcel, as the profile has them."""
    first, last = person.first_name, person.last_name
    if not first:
        first, _, last = person.name.partition(" ")
    texts = {**state.texts, Block.FIRST_NAME.value: first, Block.LAST_NAME.value: last}
    return replace(state, texts=texts, names_of=person.user_id)


def repeated_texts(details: Details) -> dict[str, str]:
    """Return the less used fields as a request has them, by block id, without those of an address."""
    return {
        Block.SUBJECT.value: details.email_subject,
        Block.TEMPLATE.value: details.template,
        Block.CAMPAIGN.value: details.campaign,
        Block.PURCHASE_ORDER.value: details.purchase_order,
        Block.NOTES.value: details.notes,
        Block.PRINTED_TEMPLATE.value: details.printed_template,
    }


def repeated_state(desk: Desk, request: Request, recipients: Sequence[str], actor_id: str) -> FormState:
    """Return the form as the request was asked for, for these of its recipients (Slack ids).

    One's own names the request on which it follows; what an admin asks again for somebody else doesn't.
    """
    details, address, texts = request.details, request.details.address, repeated_texts(request.details)
    passed = desk.schedules.passed_for(request, recipients)
    if address is not None:
        texts |= {
            Block.FIRST_NAME.value: address.first_name,
            Block.LAST_NAME.value: address.last_name,
            Block.STREET_LINE1.value: address.street_line1,
            Block.STREET_LINE2.value: address.street_line2,
            Block.CITY.value: address.city,
            Block.STATE_OR_PROVINCE.value: address.state_or_province,
            Block.POSTAL_CODE.value: address.postal_code,
        }
    return FormState(
        recipients=recipients,
        reward=desk.catalog.current.get(request.utid),
        amount=f"{request.amount.amount:f}",
        message=request.message,
        by_message=details.delivery is Delivery.MESSAGE,
        expires_on=details.expires_on,
        in_public=details.in_public,
        tell_delivered=details.tell_delivered,
        send=SendOn.of(None if passed else details.schedule),
        country=address.country if address is not None else "",
        texts=texts,
        names_of=recipients[0] if address is not None and address.first_name else "",
        permalink=request.permalink,
        notes=[*repeated_notes(request), *date_notes(len(passed), len(recipients))],
        repeats=request.reference if request.requester_id == actor_id else "",
        occasion=request.occasion.name if request.occasion else "",
    )
