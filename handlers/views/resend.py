"""Sending a reward email again: the list, the form and the messages, also to the recipient."""

from collections.abc import Sequence
from typing import Final

from bot.domain.addresses import masked
from bot.domain.order import Order
from bot.domain.request import Request
from bot.domain.resend import RESEND_COOLDOWN, Resend, ResendStatus
from bot.errors import ResendTooSoon
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
    seconds_text,
    section,
    sentence,
    time_of,
)
from handlers.views.messages import STATUS, refusal_text
from handlers.views.tango import tango_text

#: Stands before the reference where a menu's line means with changes.
WITH_CHANGES: Final = "changes-"


def build_resend_list(mailed: Sequence[Mailed]) -> Message:
    """List the newest emails, each with its buttons, to the viewer alone."""
    title = "Send a reward e-mail again"
    if not mailed:
        text = "There is no email to send again: none of your rewards was emailed yet."
        return Message(text, [section(text)])
    blocks = [header(title)]
    for one in mailed:
        wait = f"; again {_when_text(one.order, one.seconds_left)}" if one.seconds_left else ""
        blocks.append(section(_entry(one.order, wait), _menu(one.order)))
    return Message(f"{title}: {len(mailed)} orders.", blocks)


def not_understood_text(typed: str) -> str:
    """Say that what was typed after the command is not understood."""
    return f"Kudos does not know what `{escape(typed[:100])}` is."


def build_resend_choice(request: Request, orders: Sequence[Order]) -> Message:
    """List the orders of a request to who typed its number, so that they pick one. Nothing is sent before."""
    if any(order.can_be_mailed_again for order in orders):
        text = f"{request.number} has {len(orders)} rewards. Pick the one to send again."
    else:
        text = f"{request.number} has {len(orders)} rewards, and none has an email that can be sent again."
    blocks = [section(text)]
    for order in orders[:MOST_OFFERED]:
        blocks += _listed(order, Action.RESEND_REFUSED)
    if len(orders) > MOST_OFFERED:
        last = orders[-1].number
        blocks.append(context(f"These are the first {MOST_OFFERED}. Or type a number, such as `/resend {last}`."))
    return Message(text, blocks)


def _menu(order: Order) -> Json:
    reference = order.external_ref_id
    return overflow(
        Action.RESEND_LISTED,
        [option("Send again", reference), option("Send again with changes…", f"{WITH_CHANGES}{reference}")],
    )


def _listed(order: Order, action: Action) -> list[Json]:
    """Build an order of a list, with its buttons if its email can be sent again."""
    buttons = [actions(*resend_buttons(order, action))] if order.can_be_mailed_again else []
    return [section(_entry(order)), *buttons]


def _entry(order: Order, wait: str = "") -> str:
    standing = f"Sent {time_of(order.last_sent_at)}" if order.last_sent_at else sentence(STATUS[order.status])
    what = f"*#{order.id}* {escape(order.recipient.name)}: {escape(order.reward_name)}, {order.amount}"
    return f"{what}\n{standing}{wait}"


def resend_buttons(order: Order, action: Action) -> list[Json]:
    """Build the buttons to send again, as before or with changes. `action` tells where the buttons are."""
    return [
        button("Send again", action, order.external_ref_id),
        button("Send again with changes…", Action.RESEND_CHANGES, order.external_ref_id),
    ]


def build_too_soon(order: Order, seconds_left: int) -> Message:
    """Tell who asked too soon how long to wait, and then that the time has come."""
    if seconds_left > 0:
        text = refusal_text(ResendTooSoon(number=order.number, seconds_left=seconds_left))
        said = (
            f"{escape(order.recipient.name)}'s email just went out. You can resend it "
            f"{_when_text(order, seconds_left)}."
        )
    else:
        text = said = f"The e-mail of order #{order.id} can be sent again now."
    return Message(text, [section(said), actions(button("Send again", Action.RESEND_REFUSED, order.external_ref_id))])


def build_resending(order: Order, actor_id: str) -> Message:
    """Tell who asked for a resend that it begins."""
    text = f"Sending {_what(order, actor_id)} again. You will hear when Tango has done it."
    return Message(text, [section(text)])


def build_resend_form(mailed: Mailed) -> Json:
    """Build the form that asks for the changes."""
    order = mailed.order
    template: Json = {
        "type": "plain_text_input",
        "action_id": Action.NEW_TEMPLATE.value,
        "max_length": 40,  # an etid has seven characters; the rest is room for a slip of the pen
        "placeholder": plain("E000000", 150),
    }
    blocks = [
        section(
            f"Order #{order.id}: {escape(order.reward_name)}, {order.amount}, for {mention(order.recipient.user_id)}"
        ),
        input_block(
            Block.NEW_TEMPLATE,
            "E-mail template",
            template,
            hint="Tango's number of it: an E and six digits. Leave it empty for the usual one.",
            optional=True,
        ),
    ]
    if mailed.by_admin:
        email: Json = {"type": "plain_text_input", "action_id": Action.NEW_EMAIL.value, "max_length": EMAIL_LIMIT}
        blocks += [
            input_block(
                Block.NEW_EMAIL,
                "Another e-mail address",
                email,
                hint="Leave it empty for the address that the order has.",
                optional=True,
            ),
            context(
                f"Another address must be the same person's, {mention(order.recipient.user_id)}: the reward stays "
                f"theirs. They and {mention(order.requester_id)} hear of it at once. The order's history keeps that "
                "you changed it, and the log keeps the address's domain and a fingerprint."
            ),
        ]
    return {
        "type": "modal",
        "callback_id": View.RESEND.value,
        "title": plain("Send again", 24),
        "submit": plain("Send again", 24),
        "close": plain("Cancel", 24),
        "private_metadata": order.external_ref_id,
        "blocks": blocks,
    }


def build_resend_finished(order: Order, resend: Resend, seconds_left: int) -> Message:
    """Tell who asked for a resend what became of it."""
    what = _what(order, resend.requested_by, readdressed=resend.readdressed)
    again = f"It can be sent again {wait_text(seconds_left)}."
    match resend.status:
        case ResendStatus.SENT:
            text = f"Sent again: {what}, {time_of(resend.finished_at or resend.requested_at)}."
            if _is_own(order, resend.requested_by):
                text += f" Look in your spam folder too. If it does not come, tell {mention(order.requester_id)}."
            return Message(text, [section(text)])
        case ResendStatus.REFUSED:
            why = tango_text(
                resend.i18n_key, resend.http_status, said=resend.detail, request_id=resend.tango_request_id
            )
            text = f"Not sent again: {what}. {why if resend.i18n_key or resend.http_status else _UNREACHED} {again}"
        case _:
            text = f"Tango did not answer, so {what} may or may not have been sent again. {_ask(order, resend)} {again}"
    own = _is_own(order, resend.requested_by)
    one_more = button("Send again", Action.RESEND_MINE if own else Action.RESEND_REFUSED, order.external_ref_id)
    return Message(text, [section(text), actions(one_more)])


def build_readdressed(order: Order, resend: Resend) -> Message:
    """Tell the requester and the recipient that an admin has the email sent to another address."""
    recipient = mention(order.recipient.user_id)
    where = f"another address: {escape(resend.masked_email)}" if resend.masked_email else "another address"
    text = (
        f"{mention(resend.requested_by)} is having the email of {recipient}'s reward ({escape(order.reward_name)}, "
        f"{order.amount}, from {mention(order.requester_id)}) sent to {where}. If that isn't {recipient}'s own, please "
        "tell another admin of Kudos right away."
    )
    return Message(text, [section(text)])


#: The reason, where no answer came.
_UNREACHED: Final = "Tango could not be reached."


def build_on_its_way(order: Order, standing: str = "") -> Message:
    """Tell the recipient of the reward, once the order is accepted; later with the answer to "I didn't get mine"."""
    text = (
        f"{mention(order.requester_id)} sent you a reward: {escape(order.reward_name)}, {order.amount}. "
        "Look for the e-mail from Tango, also in your spam folder."
    )
    blocks = [section(text)]
    if standing:
        blocks.append(section(standing))
    blocks.append(actions(button("I didn't get mine", Action.RESEND_MINE, order.external_ref_id)))
    return Message(f"{text} {standing}".strip(), blocks)


def mine_text(order: Order, seconds_left: int) -> str:
    """Answer a recipient who asked during the cooldown, by the seconds left of it; 0 once they may ask again."""
    if seconds_left > 0:
        return (
            f"Tango sent it to {escape(masked(order.recipient.email))} less than 30 seconds ago. Look in your spam "
            f"folder; you can have it sent again {wait_text(seconds_left)}."
        )
    return f"You can have it sent again to {escape(masked(order.recipient.email))} now."


def mine_resending_text(order: Order) -> str:
    """Tell a recipient that the resend begins."""
    return f"It is being sent again to {escape(masked(order.recipient.email))}. Look in your spam folder too."


def build_not_mailed_any_more() -> Message:
    """Tell a recipient that the reward cannot be mailed again."""
    text = "This reward cannot be e-mailed again. Ask the person who sent it to you."
    return Message(text, [section(text)])


def wait_text(seconds_left: int) -> str:
    """Say when the email can be sent again."""
    if seconds_left <= 0:
        return "now"
    return f"in {seconds_text(seconds_left)}"


def _when_text(order: Order, seconds_left: int) -> str:
    """Say when the email can be sent again, also by the clock: a message stands longer than a wait."""
    if order.last_sent_at is None or seconds_left <= 0:
        return wait_text(seconds_left)
    return f"{wait_text(seconds_left)}, at {clock_time_of(order.last_sent_at + RESEND_COOLDOWN)}"


def _is_own(order: Order, actor_id: str) -> bool:
    return actor_id == order.recipient.user_id


def _what(order: Order, actor_id: str, *, readdressed: bool = False) -> str:
    """Name the email as this person knows it: a recipient knows no order."""
    elsewhere = ", at another address" if readdressed else ""
    if _is_own(order, actor_id):
        return f"the e-mail of your reward{elsewhere or f' to {escape(masked(order.recipient.email))}'}"
    return f"the e-mail of order #{order.id} to {mention(order.recipient.user_id)}{elsewhere}"


def _ask(order: Order, resend: Resend) -> str:
    if _is_own(order, resend.requested_by):
        return "Look in your spam folder too."
    return "Ask the recipient."
