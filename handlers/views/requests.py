"""A request on the screen: the approval card, the requester's receipt, and the messages about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.order import OrderStatus, Progress
from bot.domain.request import Delivery, Request, RequestStatus
from handlers.ids import Action
from handlers.views.addresses import address_blocks, address_button, name_on_parcel, posted_to
from handlers.views.blocks import (
    Json,
    Message,
    actions,
    button,
    clip,
    confirm,
    context,
    escape,
    fields,
    header,
    mention,
    quote,
    section,
    sentence,
    small_print,
    time_of,
    verbatim,
)
from handlers.views.cancel import cancel_button
from handlers.views.charges import charges_text
from handlers.views.messages import STATUS
from handlers.views.people import names_text, namesake_warning, payees
from handlers.views.queue import Hold, hold_text, wait_on_hold_text
from handlers.views.review import obstacles_text

_DELIVERY: Final[Mapping[Delivery, str]] = {
    Delivery.EMAIL: "by e-mail from Tango",
    Delivery.MESSAGE: "by direct message from Kudos",
    Delivery.POST: "by post",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The queue before a request's orders.

    Attributes:
        ahead: orders that are sent before the request's first.
        seconds: until its last is sent, at the pace.
        hold: why nothing is sent at present; None while orders are sent.
    """

    ahead: int
    seconds: int
    hold: Hold | None = None


def build_card(request: Request, progress: Progress, team_id: str, hold: Hold | None = None) -> Message:
    """Build the card in the approvals channel. More than one person sees it: no addresses, codes or links.

    What the bot says of payee, amount and reward comes first; the requester's own words come after it, as a quote.
    """
    gist = f"Reward request #{request.id}: {_what(request)} for {_names(request)}"
    blocks = card_facts(request, team_id)
    if request.is_pending:
        blocks += decision_blocks(request, Action.APPROVE)
        return Message(f"{gist}, by {mention(request.requester_id)}. It waits for approval.", blocks)
    outcome = decision_text(request)
    blocks.append(section(f"*{outcome}*"))
    if request.status is RequestStatus.APPROVED:
        blocks += map(context, _progress_texts(progress, hold))
        outcome = "\n".join([outcome, *_progress_texts(progress, hold)])
    return Message(f"{gist}. {outcome}", blocks)


def card_facts(request: Request, team_id: str) -> list[Json]:
    """Show what an approver decides about, wherever that is."""
    return [
        header(f"Reward request #{request.id}"),
        payees(request, team_id),
        fields(
            [
                ("From", mention(request.requester_id)),
                ("Reward", escape(request.reward_name)),
                ("Amount", _amounts(request)),
                ("Delivery", _DELIVERY[request.details.delivery]),
            ]
        ),
        *namesake_warning(request),
        *_words_of_requester(request),
        *_details(request),
        *posted_to(request),
    ]


def decision_blocks(request: Request, approve: Action, *more: Json) -> list[Json]:
    """Say what stands against a pending request, and build the buttons that decide about it.

    Args:
        request: the request.
        approve: the action of the Approve button.
        more: further buttons.
    """
    buttons = (
        _approve_button(request, approve),
        button("Decline", Action.DECLINE, request.reference, style="danger"),
        button("Who is this?", Action.WHO, request.reference),
        *address_button(request),
        *more,
    )
    return [*_obstacle_blocks(request), actions(*buttons), context(f"Filed {time_of(request.created_at)}")]


def build_receipt(request: Request, progress: Progress, hold: Hold | None = None) -> Message:
    """Build the requester's own copy: the request, its state, and Withdraw while that is possible."""
    names = ", ".join(f"{mention(r.user_id)} (as “{escape(r.name)}”)" for r in request.recipients)
    blocks = [
        section(f"*Your request #{request.id}*: {_what(request)} for {names}, {_DELIVERY[request.details.delivery]}"),
        *message_blocks(request),
        *_details(request),
        *address_blocks(request),
    ]
    if request.is_pending:
        blocks += _obstacle_blocks(request)
        standing = "It waits for an approver. You will hear what they decide."
        blocks.append(section(standing))
        blocks.append(actions(withdraw_button(request), card_again_button(request)))
    else:
        standing = decision_text(request)
        if progress.numbers:
            standing += f" {sentence(orders_text(progress.numbers))}."
        blocks.append(section(standing))
        if request.status is RequestStatus.APPROVED:
            blocks += map(context, _progress_texts(progress, hold))
            standing = "\n".join([standing, *_progress_texts(progress, hold)])
        if len(progress.numbers) == 1:  # of several orders, each has the button in its own detail
            blocks += [actions(cancel_button(Action.RECEIPT_CANCEL, one)) for one in progress.cancelable]
        if progress.charges:
            blocks.append(context(f"Charged: {charges_text(progress.charges)}"))
    return Message(f"Your request #{request.id}: {_what(request)} for {_names(request)}. {standing}", blocks)


def build_decision(request: Request, wait: Wait | None) -> Message:
    """Tell the requester what was decided, by whom and why."""
    by = mention(request.decided_by) if request.decided_by else "nobody in time"
    what = f"your request #{request.id} ({_what(request)} for {_names(request)})"
    match request.status:
        case RequestStatus.APPROVED:
            text = f"{by} approved {what}. {_wait_text(request, wait)}".strip()
            return Message(text, [section(text)])
        case RequestStatus.DECLINED:
            text = f"{by} declined {what}."
            reason = request.reason or ""
            return Message(f"{text} Reason: {escape(reason)}", [section(f"{text} Their reason:"), verbatim(reason)])
        case _:
            text = f"Nobody decided about {what} in time: it has {request.status.value}."
            return Message(text, [section(text), actions(_again_button(request))])


def build_changed(request: Request) -> Message:
    """Tell the requester what stands against their request now, and that they can ask again."""
    what = f"your request #{request.id} ({_what(request)} for {_names(request)})"
    if not request.obstacles:
        text = f"Nothing stands in the way of {what} any more."
        return Message(text, [section(text)])
    text = (
        f"{sentence(what)} can't be approved as it is: {obstacles_text(request.named_obstacles())} "
        "You can withdraw it and ask again."
    )
    return Message(text, [section(text), actions(_again_button(request))])


def build_settled(request: Request, progress: Progress) -> Message:
    """To the requester: the last of the request's orders is done."""
    placed, failed = progress.accepted, progress.counts.get(OrderStatus.FAILED, 0)
    how = _DELIVERY[request.details.delivery]
    if placed == 1 and len(request.recipients) == 1:
        which = f"order {numbers_text(progress.numbers)}"
        text = f"Placed: {which}, {_what(request)} for {_names(request)} (request #{request.id}), {how}."
    else:
        rest = f" {failed} failed." if failed else ""
        of_all = f"{placed} of {len(request.recipients)} rewards of request #{request.id}"
        which = f"orders {numbers_text(progress.numbers)}"
        text = f"Placed: {of_all}, {which}: {_what(request)}, {how}.{rest}"
    return Message(text, [section(text)])


def decision_text(request: Request) -> str:
    """Say the decision, who made it and when, in a line."""
    when = time_of(request.decided_at or request.created_at)
    by = f" by {mention(request.decided_by)}" if request.decided_by else ""
    match request.status:
        case RequestStatus.DECLINED:
            return f"Declined{by}, {when}."
        case RequestStatus.WITHDRAWN:
            return f"Withdrawn{by}, {when}."
        case RequestStatus.EXPIRED:
            return f"Expired, {when}: nobody decided in time."
        case _:
            return f"Approved{by}, {when}."


def numbers_text(numbers: Sequence[str]) -> str:
    """List all orders of a request by their numbers: 8, or 8.1 to 8.5 as a run."""
    return f"{numbers[0]}\N{EN DASH}{numbers[-1]}" if len(numbers) > 1 else "".join(numbers)


def orders_text(numbers: Sequence[str]) -> str:
    """Say which orders a request has become, as a clause."""
    return f"its order{' is' if len(numbers) == 1 else 's are'} {numbers_text(numbers)}"


def _progress_texts(progress: Progress, hold: Hold | None) -> list[str]:
    """Say how far the request's orders are, and why those wait that do."""
    waits = progress.counts.get(OrderStatus.QUEUED, 0)
    return [progress_text(progress), *([hold_text(hold)] if hold and waits else [])]


def progress_text(progress: Progress) -> str:
    """Say how far the request's orders are."""
    counts = progress.counts
    total = sum(counts.values())
    if not total:
        return "No orders yet."
    if total == 1:
        return f"Order {STATUS[next(iter(counts))]}{_after_placing(progress, '')}"
    parts = [f"{count} {STATUS[status]}" for status, count in counts.items()]
    return f"{total} orders: {', '.join(parts)}{_after_placing(progress, '{} ')}"


def _after_placing(progress: Progress, count: str) -> str:
    """Say how many of the accepted ones Tango works on, and how many are delivered; `count` formats the numbers."""
    unfinished = f", {count.format(progress.unfinished)}not finished by Tango yet" if progress.unfinished else ""
    delivered = f", {count.format(progress.delivered)}delivered" if progress.delivered else ""
    return f"{unfinished}{delivered}"


def _what(request: Request) -> str:
    each = " each" if len(request.recipients) > 1 else ""
    return f"{request.amount}{each} ({escape(request.reward_name)})"


def _names(request: Request) -> str:
    """List recipients by name: a mention would ping them, and they hear nothing before the order is accepted."""
    return escape(names_text(request.recipients))


def _amounts(request: Request) -> str:
    people = len(request.recipients)
    if people == 1:
        return f"{request.amount}"
    return f"{request.amount} each, *{request.total}* in all for {people} people"


def message_blocks(request: Request) -> list[Json]:
    """Quote the message to the recipients, as it was typed."""
    return [quote(request.message)] if request.message else []


def _words_of_requester(request: Request) -> list[Json]:
    """Quote the message, and say whose words they are: a message may be written to look like the card."""
    if not request.message:
        return []
    return [section(f"{mention(request.requester_id)} wrote:"), *message_blocks(request)]


def _obstacle_blocks(request: Request) -> list[Json]:
    """Say what stands against a pending request now: to approvers on the card, to the requester on the receipt."""
    if not request.obstacles:
        return []
    return [section(f":warning: *It can't be approved as it is.* {obstacles_text(request.named_obstacles())}")]


def _details(request: Request) -> list[Json]:
    """List the details for accounting, a line each. No address: more than one person sees a card."""
    details = request.details
    said = {
        "Subject": details.email_subject,
        "Template": details.template,
        "Campaign": details.campaign,
        "Purchase order": details.purchase_order,
        "Notes": details.notes,
        "Expires": details.expires_on.isoformat() if details.expires_on else "",
        "Printed template": details.printed_template,
        "Name on the parcel": name_on_parcel(request),
    }
    lines = [f"{label}: {clip(' '.join(text.split()), 255)}" for label, text in said.items() if text]
    return [small_print("\n".join(lines))] if lines else []


def card_again_button(request: Request) -> Json:
    """Build the button that has a pending request's card posted once more."""
    return button("Post the card again", Action.CARD_AGAIN, request.reference)


def withdraw_button(request: Request) -> Json:
    """Build the button that withdraws a pending request."""
    question = confirm(
        title="Withdraw this request?",
        text="Nobody will be asked to approve it any more. You can file a new one.",
        yes="Withdraw",
        danger=True,
    )
    return button("Withdraw", Action.WITHDRAW, request.reference, confirm=question)


def _approve_button(request: Request, action: Action) -> Json:
    one = len(request.recipients) == 1
    question = confirm(
        title="Approve this reward?" if one else "Approve these rewards?", text=question_text(request), yes="Approve"
    )
    return button(f"Approve {request.total}", action, request.reference, style="primary", confirm=question)


def _again_button(request: Request) -> Json:
    """Build the button to the form, filled in: a new request with a new approval."""
    return button("Ask again", Action.REQUEST_AGAIN, request.reference)


def question_text(request: Request) -> str:
    """Ask before the approval: to whom, how many and how much in all. Slack takes 300 characters."""
    names, reward = names_text(request.recipients), clip(request.reward_name, 60)
    people = len(request.recipients)
    if people == 1:
        return f"Send {clip(names, 150)} {request.amount} ({reward})? You can't undo this."
    each = f"{request.amount} each ({reward}), {request.total} in all"
    return f"Send {people} people {each}? You can't undo this. They are {clip(names, 100)}"


def _wait_text(request: Request, wait: Wait | None) -> str:
    if wait is None:
        return ""
    if wait.hold is not None:
        return wait_on_hold_text(wait.hold)
    if wait.ahead == 0 and len(request.recipients) == 1:
        return "It is being placed now."
    ahead = f"{wait.ahead:,} orders are before it; " if wait.ahead else ""
    return sentence(f"{ahead}about {_duration(wait.seconds)} to go.")


def _duration(seconds: int) -> str:
    if seconds < 90:
        return f"{max(seconds, 1)} s"
    return f"{round(seconds / 60)} min" if seconds < 5_400 else f"{round(seconds / 3_600)} h"
