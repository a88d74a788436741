"""The message that a reward's email did not arrive: why, and what to do about it."""

from collections.abc import Mapping
from typing import Final

from bot.domain.addresses import domain_of, masked
from bot.domain.email_failure import EmailFailure
from bot.domain.order import Order
from handlers.ids import Action
from handlers.views.blocks import Message, actions, button, escape, mention
from handlers.views.names import about, of_order

#: Why an email did not arrive, and what helps.
_WHY: Final[Mapping[str, str]] = {
    EmailFailure.BOUNCE: (
        "The mail server of {domain} sent it back, so {address} may be wrong or the mailbox full. "
        "Please check the address with {who}."
    ),
    EmailFailure.DROPPED: (
        "Tango didn't send it, because emails to {address} have failed before. Please check the address with {who}."
    ),
    EmailFailure.BLOCKED: (
        "The mail server of {domain} refuses emails from Tango. "
        "Please ask your IT to allow them, or {who} for another address."
    ),
}

#: What the reader can do, by whether they are an admin.
_NEXT: Final[Mapping[bool, str]] = {
    False: "You can send it again, or ask an admin to send it to another address.",
    True: "You can send it again, also to another address of theirs.",
}


def build_email_failed(order: Order, status: str, sent_to: str | None = None, *, to_admin: bool) -> Message:
    """Tell the requester, or an admin, that a reward's email did not arrive; with buttons while it can be sent again.

    Args:
        order: as it is now.
        status: a word of EmailFailure.
        sent_to: another address to which the last email went, masked; None where it went to the order's own.
        to_admin: whether the reader may have it sent to another address.
    """
    why = _WHY.get(status, _WHY[EmailFailure.BOUNCE])
    address = sent_to or masked(order.recipient.email)
    text = of_order(
        order,
        f"⚠️ *{{name}}'s {{amount}} {{reward}} didn't arrive by email.* {why} {_NEXT[to_admin]}",
        domain=escape(domain_of(address)),
        address=escape(address),
        who=mention(order.recipient.user_id),
    )
    if not order.can_be_mailed_again:
        return about(order, text)
    buttons = [button("Send again", Action.RESEND_REFUSED, order.external_ref_id)]
    if to_admin:
        buttons.append(button("To another address…", Action.RESEND_CHANGES, order.external_ref_id))
    return about(order, text, actions(*buttons))
