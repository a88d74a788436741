"""A request on the screen: the approval card, and what card, receipt and messages say of a request alike."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot.domain.catalog import Reward
from bot.domain.progress import Progress
from bot.domain.request import Delivery, Recipient, Repeated, Request, RequestStatus
from handlers.ids import Action
from handlers.views.addresses import address_button, name_on_parcel, posted_to
from handlers.views.approval import first_blocks, first_text, rule_text
from handlers.views.blocks import (
    Json,
    Message,
    actions,
    button,
    clip,
    confirm,
    context,
    escape,
    mention,
    paragraph,
    pieces_of,
    quote,
    rich_text,
    say,
    section,
    small_print,
    time_of,
    verbatim,
    words,
)
from handlers.views.budgets import drawn_texts
from handlers.views.headline import headline_of
from handlers.views.messages import DECIDED
from handlers.views.occasions import occasion_text
from handlers.views.people import MOST_NAMED, few_names, names_text, namesake_warning, payee_links, profile_link
from handlers.views.pictures import disclaimer_blocks, picture_of
from handlers.views.queue import Hold
from handlers.views.review import obstacles_text
from handlers.views.schedule import schedule_text
from handlers.views.shortcuts import about_message
from handlers.views.undo import NEVER, undo_blocks, way_back_text
from handlers.views.warnings import recipient_warnings
from handlers.views.workflows import from_text, requested_text

#: The reward and the way in which it comes, as a line.
_REWARD: Final[Mapping[Delivery, str]] = {
    Delivery.EMAIL: "{reward}, by email",
    Delivery.MESSAGE: "{reward}, by direct message",
    Delivery.POST: "{reward}, by post",
}

#: Which request this one asks for again, and what became of that one: as a request; where its approval was undone;
#: where all or some of its orders came to nothing.
_REPEATS: Final[Mapping[RequestStatus, str]] = {
    RequestStatus.PENDING_APPROVAL: "Asked again for {number}, which was still waiting",
    RequestStatus.APPROVED: "Asked again for {number}, which was approved",
    RequestStatus.DECLINED: "Asked again for {number}, which was declined",
    RequestStatus.WITHDRAWN: "Asked again for {number}, which was withdrawn",
    RequestStatus.EXPIRED: "Asked again for {number}, which expired",
}
_REPEATS_UNDONE: Final = "Asked again for {number}, whose approval was undone"
_REPEATS_UNSENT: Final = "Asked again for {number}, which wasn't sent"
_REPEATS_PARTLY_UNSENT: Final = "Asked again for {number}, which wasn't sent to everyone"

#: Who would like to thank several people, over their names.
_GIST_OF_SEVERAL: Final = "🎁 {by} would like to thank {people} people with {each}, {total} in all"

#: What each of several people gets, as a fact of a sentence; and the same of a batch, whose largest amount is named.
_EACH: Final[Mapping[str, tuple[str, str]]] = {
    "each": ("{amount} each", "up to {amount} each"),
    "reward_each": ("{amount} {reward} each", "up to {amount} each ({reward})"),
    "gift_each": ("a {amount} {reward} each", "rewards of up to {amount} each ({reward})"),
}

#: The names of a batch in a sentence: beside how many more there are, and what they get, there is no room for five.
_MOST_OF_BATCH: Final = 2


def build_card(
    request: Request,
    progress: Progress,
    team_id: str,
    hold: Hold | None = None,
    look: Reward | None = None,
    *,
    undo_within: timedelta = NEVER,
) -> Message:
    """Build the card in the approvals channel. More than one person sees it: no addresses, codes or links.

    What the bot says of payee, amount and reward comes first; the requester's own words come after it, as a quote.
    A decided card begins with the state, and the rest of it is small.
    """
    headline = headline_of(request, progress, hold)
    if request.is_pending:
        blocks = [
            *card_facts(request, team_id, look),
            *decision_blocks(request, Action.APPROVE, undo_within=undo_within),
            *disclaimer_blocks(look),
        ]
        said = " ".join(filter(None, [_gist(request), headline.text, first_text(request)]))
        return Message(f"{said} · {request.number}", blocks)
    blocks = [
        section(headline.marked),
        *_undelivered_blocks(request, progress),
        *reason_blocks(request),
        context(f"{_gist(request)} {reward_line(request)}."),
        *message_blocks(request),
        *terms_blocks(request),
        *posted_to(request),
        *undo_blocks(request, progress, to_requester=False),
        context(_decided_facts(request)),
    ]
    return Message(f"{headline.text}{reason_clause(request)} · {_gist(request)} {request.number}", blocks)


def card_facts(request: Request, team_id: str, look: Reward | None = None) -> list[Json]:
    """Show what an approver decides about, wherever that is; `look` is the reward in the catalog, with its picture."""
    return [
        *_gist_blocks(request, team_id),
        section(reward_line(request), picture_of(look)),
        *_words_of_requester(request, team_id),
        *about_message(request),
        *namesake_warning(request),
        *recipient_warnings(request, team_id),
        *terms_blocks(request),
        *posted_to(request),
    ]


def decision_blocks(request: Request, approve: Action, *more: Json, undo_within: timedelta = NEVER) -> list[Json]:
    """Say what stands against a pending request, and build the buttons that decide about it.

    Args:
        request: the request.
        approve: the action of the Approve button.
        more: further buttons.
        undo_within: for how long an approval can be undone.
    """
    buttons = (
        _approve_button(request, approve, undo_within),
        button("Decline…", Action.DECLINE, request.reference),
        *_details_buttons(request),
        *address_button(request),
        *more,
    )
    facts = [request.number, requested_text(request), *drawn_texts(request), rule_text(request)]
    asked = context("\n".join([*repeat_lines(request), " · ".join(filter(None, facts))]))
    return [*first_blocks(request), *obstacle_blocks(request), actions(*buttons), asked]


def _details_buttons(request: Request) -> list[Json]:
    """Build the button to all that the card has no room for; of a batch, one more to its rows."""
    people = len(request.recipients)
    details = "Details" if people <= MOST_NAMED or request.is_batch else f"See all {people}"
    more = button(details, Action.CARD_DETAILS, request.reference)
    return [button(f"See all {people:,}", Action.BATCH_ROWS, request.reference), more] if request.is_batch else [more]


def _gist(request: Request) -> str:
    """Say who would like to thank whom with how much, in a sentence for a text."""
    if request.by_workflow:  # which asks for one recipient
        told = "🎁 A workflow would like to thank {names} with {amount} in the name of {by}."
        return of_request(request, told, told, by=mention(request.requester_id))
    return of_request(
        request,
        "🎁 {by} would like to thank {names} with {amount}.",
        "🎁 {by} would like to thank {people} people with {each}, {total} in all. They are {names}.",
        by=mention(request.requester_id),
    )


def _gist_blocks(request: Request, team_id: str) -> list[Json]:
    """Say the same in a bold line, with each name linked to the profile of its account."""
    by = profile_link(team_id, request.requester_id, request.requester_name, bold=True)
    people = len(request.recipients)
    if people == 1:
        gist = pieces_of(
            "🎁 A workflow would like to thank {name} with {amount} in the name of {by}"
            if request.by_workflow
            else "🎁 {by} would like to thank {name} with {amount}",
            bold=True,
            by=[by],
            name=payee_links(request, team_id, bold=True),
            amount=[words(f"{request.amount}", bold=True)],
        )
        return [rich_text(paragraph(*gist))]
    gist = pieces_of(
        _GIST_OF_SEVERAL,
        bold=True,
        by=[by],
        people=[words(f"{people:,}", bold=True)],
        each=[words(_each_texts(request)["each"], bold=True)],
        total=[words(f"{request.total}", bold=True)],
    )
    return [rich_text(paragraph(*gist), paragraph(*payee_links(request, team_id)))]


def reward_line(request: Request) -> str:
    """Name the reward, and say how it comes."""
    return _REWARD[request.details.delivery].format(reward=escape(request.reward_name))


def of_request(request: Request, one: str, several: str, **facts: object) -> str:
    """Fill in a whole sentence about a request.

    Args:
        request: gives the `names` of a few recipients, how many `people` they are, the `amount`, the `total` and the
            `reward`; and in a sentence for more what each gets, as `_EACH` has it.
        one: the sentence for one recipient, with the names of its facts in braces.
        several: the same for more.
        **facts: the others, escaped; they go before the request's.
    """
    people = len(request.recipients)
    known = {
        "names": few_names(request.recipients, _MOST_OF_BATCH if request.is_batch else MOST_NAMED),
        "people": f"{people:,}",
        "amount": request.amount,
        "total": request.total,
        "reward": escape(request.reward_name),
        **facts,
    }
    return say(one if people == 1 else several, **_each_texts(request, known["reward"]), **known)


def _each_texts(request: Request, reward: object = "") -> Mapping[str, str]:
    """Say what each of several people gets, by the names of `_EACH`; `reward` is the name of the reward, escaped."""
    return {
        name: say(of_batch if request.is_batch else alike, amount=request.amount, reward=reward)
        for name, (alike, of_batch) in _EACH.items()
    }


def reason_blocks(request: Request) -> list[Json]:
    """Give the reason of a decline, as it was typed."""
    is_declined = request.status is RequestStatus.DECLINED
    return [verbatim(request.reason)] if is_declined and request.reason else []


def reason_clause(request: Request) -> str:
    """Give the reason of a decline in a text, after the decision."""
    is_declined = request.status is RequestStatus.DECLINED
    return f" · {escape(request.reason)}" if is_declined and request.reason else ""


def _decided_facts(request: Request) -> str:
    """Say from whom the request was, and when it was decided."""
    at = time_of(request.decided_at or request.created_at)
    facts = [request.number, from_text(request), f"{DECIDED[request.status]} {at}"]
    facts += [*drawn_texts(request), rule_text(request)] if request.is_automatic else []
    return "\n".join([*repeat_lines(request), " · ".join(facts)])


def repeat_lines(request: Request) -> list[str]:
    """Say which request this one asks for again, and what became of that one; nothing where there is none."""
    repeats = request.repeats
    return [_repeats(repeats).format(number=repeats.number)] if repeats else []


def _repeats(repeats: Repeated) -> str:
    if repeats.is_undone:
        return _REPEATS_UNDONE
    if repeats.unsent:
        return _REPEATS_UNSENT if repeats.unsent == repeats.orders else _REPEATS_PARTLY_UNSENT
    return _REPEATS[repeats.status]


def message_blocks(request: Request) -> list[Json]:
    """Quote the message to the recipients, as it was typed."""
    return [quote(request.message)] if request.message else []


def _words_of_requester(request: Request, team_id: str) -> list[Json]:
    """Quote the message, and say whose words they are: a message may be written to look like the card."""
    if not request.message:
        return []
    by = profile_link(team_id, request.requester_id, request.requester_name)
    told = "A workflow wrote in the name of {by}:" if request.by_workflow else "{by} wrote:"
    return [rich_text(paragraph(*pieces_of(told, by=[by]))), *message_blocks(request)]


def obstacle_blocks(request: Request) -> list[Json]:
    """Say what stands against a pending request now: to approvers on the card, to the requester on the receipt."""
    if not request.obstacles:
        return []
    return [section(f"⚠️ *This can't be approved as it is.* {obstacles_text(request.named_obstacles())}")]


def details_blocks(request: Request) -> list[Json]:
    """List all that was said besides, for the requester, a line each. No address: that has its own place."""
    return _lines({**_terms(request), **_accounting(request)})


def terms_blocks(request: Request) -> list[Json]:
    """List what else is approved: what recipients or others get to see, and until when. No address."""
    return _lines(_terms(request))


def accounting_blocks(request: Request) -> list[Json]:
    """List what is for accounting and for Tango, which stands behind *Details*."""
    return _lines(_accounting(request))


def _terms(request: Request) -> dict[str, str]:
    details = request.details
    return {
        "Occasion": occasion_text(request.occasion),
        "Subject": details.email_subject,
        "Expires": details.expires_on.isoformat() if details.expires_on else "",
        "Name on the parcel": name_on_parcel(request),
        "Send on": _send_on_text(request),
        "In public": "also thanked there, without the amount" if details.in_public else "",
    }


def _send_on_text(request: Request) -> str:
    """Say on which date it is sent, and what follows from an approval after that."""
    on = schedule_text(request.details.schedule)
    return f"{on}, or once it's approved if that's later" if on and request.is_pending else on


def _accounting(request: Request) -> dict[str, str]:
    details = request.details
    return {
        "Purchase order": details.purchase_order,
        "Campaign": details.campaign,
        "Notes": details.notes,
        "Email template": details.template,
        "Printed template": details.printed_template,
    }


def _lines(said: Mapping[str, str]) -> list[Json]:
    lines = [f"{label}: {clip(' '.join(text.split()), 255)}" for label, text in said.items() if text]
    return [small_print("\n".join(lines))] if lines else []


def _undelivered_blocks(request: Request, progress: Progress) -> list[Json]:
    """Tell the approvers whose rewards could not be delivered, and who goes on with it."""
    if not progress.undelivered:
        return []
    left = undelivered_to(request, progress)
    if len(left) == 1:
        paid = "The reward is paid for, and {by} can have it delivered again."
    else:
        paid = "Their rewards are paid for, and {by} can have them delivered again."
    said = paid.format(by=mention(request.requester_id))
    return [section(f"I can't send a direct message to {few_names(left)}. {said}")]


def undelivered_to(request: Request, progress: Progress) -> list[Recipient]:
    """Return the recipients whose rewards could not be delivered."""
    left = frozenset(progress.undelivered)  # of a batch there may be thousands
    return [one for one in request.recipients if one.external_ref_id in left]


def _approve_button(request: Request, action: Action, undo_within: timedelta) -> Json:
    one = len(request.recipients) == 1
    question = confirm(
        title="Approve this reward?" if one else "Approve these rewards?",
        text=question_text(request, undo_within),
        yes="Approve",
    )
    return button(f"Approve {request.total}", action, request.reference, style="primary", confirm=question)


#: The question before an approval, for one and for several.
_QUESTIONS: Final = (
    "Send {names} a {amount} {reward}? {way_back}",
    "Send {people} people {gift_each}, {total} in all? {way_back} They are {names}",
)


def question_text(request: Request, undo_within: timedelta = NEVER) -> str:
    """Ask before the approval: to whom, how many and how much in all. Slack takes 300 characters."""
    one, several = _QUESTIONS
    way_back = (
        _before_second_text(request) if request.needs_another else way_back_text(undo_within, request.details.schedule)
    )
    is_long = request.needs_another or request.details.schedule is not None
    for_one, for_several = (90, 60) if is_long else (150, 100)
    return of_request(
        request,
        one,
        several,
        names=clip(names_text(request.recipients), for_one if len(request.recipients) == 1 else for_several),
        reward=clip(request.reward_name, 60),
        way_back=way_back,
    )


def _before_second_text(request: Request) -> str:
    """Say to the first of two approvers what follows."""
    if request.details.schedule is None:
        return "It's sent once a second approver says yes too."
    return f"It needs a second approver too, and is sent {schedule_text(request.details.schedule)}."
