"""A search among requests: they are few, and what they say is compared as they are read."""

from bot.domain.money import Money
from bot.domain.request import Delivery, Recipient, Request
from bot.domain.search import OrderSearch


def is_wanted(request: Request, wanted: OrderSearch) -> bool:
    """Tell whether a request meets every criterion. Tango's own words are of orders, so they find no request."""
    if request.status is not wanted.request_status or wanted.tango_status is not None or wanted.needs_tango:
        return False
    return _is_from(request, wanted) and _is_about(request, wanted) and _is_for(request, wanted)


def _is_from(request: Request, wanted: OrderSearch) -> bool:
    details = request.details
    return wanted.requester_id in (None, request.requester_id) and all(
        _is_same(asked, said)
        for asked, said in (
            (wanted.sender_first_name, details.sender_first_name),
            (wanted.sender_last_name, details.sender_last_name),
            (wanted.sender_email, details.sender_email),
            (wanted.campaign, details.campaign),
            (wanted.purchase_order_number, details.purchase_order),
        )
    )


def _is_about(request: Request, wanted: OrderSearch) -> bool:
    amount, details = request.amount, request.details
    return (
        _is_within(wanted.reward_name, request.reward_name)
        and _is_within(wanted.notes, details.notes)
        and _is_same(wanted.utid, request.utid)
        and _is_same(wanted.ptid, details.printed_template)
        and wanted.currency_code in (None, amount.currency)
        and any(_is_amount(request.amount_for(one), wanted) for one in request.recipients)
        and (wanted.begins_at is None or wanted.begins_at <= request.created_at)
        and (wanted.ends_at is None or request.created_at < wanted.ends_at)
        and wanted.send_email in (None, details.delivery is Delivery.EMAIL)
    )


def _is_amount(amount: Money, wanted: OrderSearch) -> bool:
    return (wanted.min_amount is None or wanted.min_amount <= amount.amount) and (
        wanted.max_amount is None or amount.amount <= wanted.max_amount
    )


def _is_for(request: Request, wanted: OrderSearch) -> bool:
    return any(_is_meant(recipient, wanted) for recipient in request.recipients)


def _is_meant(recipient: Recipient, wanted: OrderSearch) -> bool:
    return (
        wanted.recipient_id in (None, recipient.user_id)
        and _is_same(wanted.recipient_email, recipient.email)
        and _is_same(wanted.recipient_first_name, recipient.first_name)
        and _is_same(wanted.recipient_last_name, recipient.last_name)
        and _is_same(wanted.external_ref_id, recipient.external_ref_id)
        and (wanted.recipient_name is None or _is_within(f" {wanted.recipient_name} ", f" {recipient.name} "))
    )


def _is_same(asked: str | None, said: str) -> bool:
    return asked is None or asked.lower() == said.lower()


def _is_within(asked: str | None, said: str) -> bool:
    return asked is None or asked.lower() in said.lower()
