"""Sending a reward email again: the list, the form and the messages, also to the recipient."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.addresses import masked
from bot.domain.order import Order
from bot.domain.request import Request
from bot.domain.resend import RESEND_COOLDOWN, Resend, ResendStatus
from bot.domain.template import Template
from bot.tango.limits import EMAIL_LIMIT
from bot.usecases.resend import MOST_OFFERED, Mailed
from handlers.ids import Action, Block, View
from handlers.views.blocks import (
    Json,
    Message,
    actions,
    button,
    clock_time_of,
    context,
    escape,
    header,
    input_block,
    mention,
    option,
    overflow,
    plain,
    section,
    time_of,
)
from handlers.views.names import about, number_text, of_order, order_text, recipient_text, reward_text
from handlers.views.states import order_state
from handlers.views.tango import reference_text, tango_text
from handlers.views.templates import with_picker

#: Stands before the reference where a menu's line means with changes.
WITH_CHANGES: Final = "changes-"


def build_resend_list(mailed: Sequence[Mailed]) -> Message:
    """List the newest emails, each with its menu, to the viewer alone."""
    title = "Resend a reward email"
    if not mailed:
        text = "No reward of yours has been emailed yet, so there's nothing to resend."
        return Message(text, [section(text)])
    entries = (section(_entry(one.order, one.seconds_left), _menu(one.order, Action.RESEND_LISTED)) for one in mailed)
    blocks = [header(title), *entries]
    return Message(f"{title}: {len(mailed)} to choose from.", blocks)


def not_understood_text(typed: str) -> str:
    """Say that what was typed after the command is not understood."""
    return f"I don't know `{escape(typed[:100])}`."


def build_resend_choice(request: Request, orders: Sequence[Order]) -> Message:
    """List the orders of a request to who typed its number, so that they pick one. Nothing is sent before."""
    if any(order.can_be_mailed_again for order in orders):
        text = f"{request.number} has {len(orders)} rewards. Pick the one to send again."
    else:
        text = f"{request.number} has {len(orders)} rewards, and none has an email that can be sent again."
    blocks = [section(text), *(_offered(order) for order in orders[:MOST_OFFERED])]
    if len(orders) > MOST_OFFERED:
        last = orders[-1].number
        blocks.append(context(f"These are the first {MOST_OFFERED}. Or type a number, such as `/resend {last}`."))
    return Message(text, blocks)


def _menu(order: Order, action: Action) -> Json:
    """Build the menu of an entry. `action` tells what takes the place of the list while the order has to wait."""
    reference = order.external_ref_id
    return overflow(
        action,
        [option("Send again", reference), option("Send again with changes…", f"{WITH_CHANGES}{reference}")],
    )


def _offered(order: Order) -> Json:
    """Build an order of a request, with its menu if its email can be sent again."""
    return section(_entry(order, 0), _menu(order, Action.RESEND_REFUSED) if order.can_be_mailed_again else None)


def _entry(order: Order, seconds_left: int) -> str:
    """Say who gets what, when it was sent last, and when it can be sent again; the number comes last."""
    state = order_state(order)
    sent = f" {time_of(order.last_sent_at)}" if order.last_sent_at else ""
    wait = f" · {again_text(order, seconds_left).removesuffix('.')}" if seconds_left > 0 else ""
    who = f"{state.icon} *{recipient_text(order.recipient)}* · {reward_text(order)}"
    return f"{who}\n{state.word}{sent}{wait} · {number_text(order)}"


def resend_buttons(order: Order, action: Action) -> list[Json]:
    """Build the buttons to send again, as before or with changes. `action` tells where the buttons are."""
    return [
        button("Send again", action, order.external_ref_id),
        button("Send again with changes…", Action.RESEND_CHANGES, order.external_ref_id),
    ]


def build_too_soon(order: Order, seconds_left: int) -> Message:
    """Tell who asked too soon how long to wait, and then that the time has come."""
    if seconds_left > 0:
        text = of_order(order, "{name}'s email just went out. {again}", again=again_text(order, seconds_left))
    else:
        text = of_order(order, "You can resend {name}'s email now.")
    again = button("Send again", Action.RESEND_REFUSED, order.external_ref_id)
    return about(order, text, actions(again))


def build_resending(order: Order, actor_id: str) -> Message:
    """Tell who asked for a resend that it begins."""
    if _is_own(order, actor_id):
        text = f"I'm having your reward emailed to {_masked(order)} again. I'll tell you once it's sent."
        return Message(text, [section(text)])
    text = of_order(order, "I'm having {name}'s {amount} {reward} emailed again. I'll tell you once it's sent.")
    return about(order, text)


def build_resend_form(mailed: Mailed, templates: Sequence[Template] = ()) -> Json:
    """Build the form that asks for the changes; the templates of Tango's emails by name where there are some."""
    order = mailed.order
    template: Json = {
        "type": "plain_text_input",
        "action_id": Action.NEW_TEMPLATE.value,
        "max_length": 40,  # an etid has seven characters; the rest is room for a slip of the pen
        "placeholder": plain("E000000", 150),
    }
    blocks = [
        section(order_text(order)),
        input_block(
            Block.NEW_TEMPLATE,
            "Email template",
            template,
            hint="An E and six digits, like E000002. Leave blank for the usual one.",
            optional=True,
        ),
    ]
    if mailed.by_admin:
        email: Json = {"type": "plain_text_input", "action_id": Action.NEW_EMAIL.value, "max_length": EMAIL_LIMIT}
        blocks += [
            input_block(
                Block.NEW_EMAIL,
                "Another email address",
                email,
                hint="Leave blank to use the address on the order.",
                optional=True,
            ),
            context(
                f"Another address must be the same person's, {mention(order.recipient.user_id)}: the reward stays "
                f"theirs. They and {mention(order.requester_id)} hear about it right away. The order's history "
                "records your change. The log records the address's domain and a fingerprint."
            ),
        ]
    blocks.append(context(number_text(order)))
    return {
        "type": "modal",
        "callback_id": View.RESEND.value,
        "title": plain("Send again", 24),
        "submit": plain("Send again", 24),
        "close": plain("Cancel", 24),
        "private_metadata": order.external_ref_id,
        "blocks": with_picker(blocks, Block.NEW_TEMPLATE, templates),
    }


def build_resend_finished(order: Order, resend: Resend, seconds_left: int, *, to_admin: bool = False) -> Message:
    """Tell who asked for a resend what became of it.

    Args:
        order: the order.
        resend: the resend that has ended.
        seconds_left: until the email can be sent again.
        to_admin: whether the reader is an admin.
    """
    own = _is_own(order, resend.requested_by)
    text = _finished_text(order, resend, own=own, to_admin=to_admin)
    if resend.status is ResendStatus.SENT:
        return Message(text, [section(text)]) if own else about(order, text)
    text = f"{text} {again_text(order, seconds_left)}"
    one_more = actions(
        button("Send again", Action.RESEND_MINE if own else Action.RESEND_REFUSED, order.external_ref_id)
    )
    facts = reference_text(resend.i18n_key or resend.http_status, resend.tango_request_id)
    if not own:
        return about(order, text, one_more, facts=facts)
    small = [context(facts)] if facts else []
    return Message(f"{text} ({facts})" if facts else text, [section(text), one_more, *small])


#: What became of a resend: to who asked for their own, to who asked for another's, and with another address.
_FINISHED: Final[Mapping[ResendStatus, tuple[str, str, str]]] = {
    ResendStatus.SENT: (
        "Your reward was emailed to {address} again. Please check your spam folder too. If it doesn't come, tell {by}.",
        "{name}'s {amount} {reward} was emailed again.",
        "{name}'s {amount} {reward} was emailed again, to another address.",
    ),
    ResendStatus.REFUSED: (
        "Your reward wasn't emailed to {address} again.",
        "{name}'s {amount} {reward} wasn't emailed again.",
        "{name}'s {amount} {reward} wasn't emailed again, to another address.",
    ),
    ResendStatus.AMBIGUOUS: (
        (
            "Tango didn't answer, so your reward may or may not have been emailed to {address} again. "
            "Please check your spam folder too."
        ),
        "Tango didn't answer, so {name}'s {amount} {reward} may or may not have been emailed again. Please ask them.",
        (
            "Tango didn't answer, so {name}'s {amount} {reward} may or may not have been emailed again, to another "
            "address. Please ask them."
        ),
    ),
}


def _finished_text(order: Order, resend: Resend, *, own: bool, to_admin: bool) -> str:
    to_own, again, elsewhere = _FINISHED.get(resend.status, _FINISHED[ResendStatus.AMBIGUOUS])
    told = elsewhere if resend.readdressed else to_own if own else again
    text = of_order(order, told, address=_masked(order), by=mention(order.requester_id))
    if resend.status is not ResendStatus.REFUSED:
        return text
    key, status = resend.i18n_key, resend.http_status
    why = tango_text(key, status, said=resend.detail, to_admin=to_admin, in_full=False)
    return f"{text} {why if key or status else _UNREACHED}"


def build_readdressed(order: Order, resend: Resend) -> Message:
    """Tell the requester and the recipient that an admin has the email sent to another address."""
    recipient = mention(order.recipient.user_id)
    if resend.masked_email:
        told = "{admin} is having the email of {who}'s {amount} {reward} sent to another address: {address}."
    else:
        told = "{admin} is having the email of {who}'s {amount} {reward} sent to another address."
    text = of_order(
        order,
        f"{told} The reward is from {{by}}. If that isn't {{who}}'s own address, please tell another admin of Kudos "
        "right away.",
        admin=mention(resend.requested_by),
        who=recipient,
        address=escape(resend.masked_email or ""),
        by=mention(order.requester_id),
    )
    return Message(text, [section(text)])


#: The reason, where no answer came.
_UNREACHED: Final = "Tango couldn't be reached."


def mine_text(order: Order, seconds_left: int) -> str:
    """Answer a recipient who asked during the cooldown, by the seconds left of it; 0 once they may ask again."""
    if seconds_left > 0:
        return f"It just went out to {_masked(order)}. Check your spam folder too. {again_text(order, seconds_left)}"
    return f"You can have it sent again to {_masked(order)} now."


def mine_resending_text(order: Order) -> str:
    """Tell a recipient that the resend begins."""
    return f"I'm having it sent again to {_masked(order)}. Please check your spam folder too."


def build_not_mailed_any_more() -> Message:
    """Tell a recipient that the reward cannot be mailed again."""
    text = "This reward can't be emailed again. Please ask the person who sent it to you."
    return Message(text, [section(text)])


def again_text(order: Order, seconds_left: int) -> str:
    """Say when the email can be sent again, by the reader's clock: a message stands longer than a wait.

    Args:
        order: the order.
        seconds_left: of the cooldown.
    """
    if order.last_sent_at is None or seconds_left <= 0:
        return "You can resend it now."
    return f"You can resend it at {clock_time_of(order.last_sent_at + RESEND_COOLDOWN)}."


def _is_own(order: Order, actor_id: str) -> bool:
    return actor_id == order.recipient.user_id


def _masked(order: Order) -> str:
    """Name the address so that its owner knows it, and nobody learns it."""
    return escape(masked(order.recipient.email))
