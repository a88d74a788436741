"""Each criterion of a search finds what it should among our orders, on a real file, and nothing else."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from bot.domain.money import Money
from bot.domain.order import OrderStatus
from bot.domain.request import Delivery, RequestMove, RequestStatus
from bot.domain.search import EVERYTHING, OrderSearch, SearchStatus
from storage import Storage
from tests.kit.factories import ADA, MAYA, NOON, ROB, a_recipient, accept, approve, enqueue, file_request

KIM: Final = "U0KIM0001"

_BODY: Final[dict[str, Any]] = {
    "campaign": "Launch",
    "purchaseOrderNumber": "PO-7",
    "notes": "For the Board, 100%",
    "ptid": "P000001",
    "sender": {"firstName": "Maya", "lastName": "Lopez", "email": "maya@acme.example"},
}


def _order(storage: Storage, *, body: dict[str, Any] | None = None, now: datetime = NOON, **facts: Any) -> str:
    """An order of its own, and its reference."""
    request = file_request(storage, now=now, **{k: v for k, v in facts.items() if k in ("requester_id", "recipients")})
    usual: dict[str, Any] = {"body": json.dumps(body or {}).encode()}
    order = approve(storage, request, now=now, **(usual | {k: v for k, v in facts.items() if k != "recipients"}))[0]
    return order.external_ref_id


#: What one order alone has, by how it differs from a plain one.
ALONE: Final[dict[str, tuple[OrderSearch, dict[str, Any]]]] = {
    "requester": (OrderSearch(requester_id=ADA), {"requester_id": ADA}),
    "recipient": (OrderSearch(recipient_id=KIM), {"recipients": (a_recipient(KIM),)}),
    "e-mail": (
        OrderSearch(recipient_email="Kim@Acme.example"),
        {"recipients": (a_recipient(KIM, email="kim@acme.example"),)},
    ),
    "name": (OrderSearch(recipient_name="kim"), {"recipients": (a_recipient(KIM, first_name="Kim", last_name="Li"),)}),
    "whole name": (
        OrderSearch(recipient_name="Kim li"),
        {"recipients": (a_recipient(KIM, first_name="Kim", last_name="Li"),)},
    ),
    "first name": (OrderSearch(recipient_first_name="kim"), {"recipients": (a_recipient(KIM, first_name="Kim"),)}),
    "last name": (OrderSearch(recipient_last_name="HALE"), {"recipients": (a_recipient(KIM, last_name="Hale"),)}),
    "sender's first name": (OrderSearch(sender_first_name="maya"), {"body": _BODY}),
    "sender's last name": (OrderSearch(sender_last_name="Lopez"), {"body": _BODY}),
    "sender's e-mail": (OrderSearch(sender_email="MAYA@acme.example"), {"body": _BODY}),
    "reward": (OrderSearch(reward_name="coffee"), {"reward_name": "Good Coffee $10"}),
    "utid": (OrderSearch(utid="U000007"), {"utid": "U000007"}),
    "ptid": (OrderSearch(ptid="P000001"), {"body": _BODY}),
    "least": (OrderSearch(min_amount=Decimal("25.01")), {"amount": Money(25_01, "USD")}),
    "least, in yen": (OrderSearch(min_amount=Decimal(26)), {"amount": Money(26, "JPY")}),
    "least, in dinars": (OrderSearch(min_amount=Decimal("25.5")), {"amount": Money(25_500, "KWD")}),
    "greatest": (OrderSearch(max_amount=Decimal("24.99")), {"amount": Money(24_99, "USD")}),
    "greatest, in yen": (OrderSearch(max_amount=Decimal(24)), {"amount": Money(24, "JPY")}),
    "currency": (OrderSearch(currency_code="EUR"), {"amount": Money(25_00, "EUR")}),
    "first day": (OrderSearch(since=(NOON + timedelta(days=1)).date()), {"now": NOON + timedelta(days=1)}),
    "last day": (OrderSearch(until=(NOON - timedelta(days=1)).date()), {"now": NOON - timedelta(days=1)}),
    "campaign": (OrderSearch(campaign="launch"), {"body": _BODY}),
    "purchase order": (OrderSearch(purchase_order_number="po-7"), {"body": _BODY}),
    "notes": (OrderSearch(notes="for the board, 100%"), {"body": _BODY}),
    "not mailed": (OrderSearch(send_email=False), {"delivery": Delivery.MESSAGE}),
}


def _count(storage: Storage, wanted: OrderSearch, *, most: int) -> int:
    return sum(storage.search.counts(wanted, most=most).values())


@pytest.mark.parametrize("alone", ALONE, ids=str)
def test_each_criterion_finds_what_it_should_and_nothing_else(storage: Storage, alone: str):
    wanted, facts = ALONE[alone]
    _order(storage)
    reference = _order(storage, **facts)
    _order(storage)
    assert [order.external_ref_id for order in storage.search.page(wanted, before=None, most=10)] == [reference]
    assert _count(storage, wanted, most=10) == 1


def test_what_stands_in_a_column_alone(storage: Storage):
    first = _order(storage)
    second = _order(storage)
    order = storage.orders.find(first)
    assert order is not None
    accept(storage, order, tango_status="PENDING")
    for wanted, found in (
        (OrderSearch(status=SearchStatus.ACCEPTED), first),
        (OrderSearch(tango_status="pending"), first),
        (OrderSearch(external_ref_id=first.upper()), first),
        (OrderSearch(status=SearchStatus.QUEUED), second),
        (OrderSearch(external_ref_id=second), second),
    ):
        assert [one.external_ref_id for one in storage.search.page(wanted, before=None, most=10)] == [found]
    assert _count(storage, OrderSearch(send_email=True), most=10) == 2


def test_every_criterion_must_be_met(storage: Storage):
    reference = _order(storage, body=_BODY, requester_id=MAYA)
    all_of_it = OrderSearch(requester_id=MAYA, campaign="launch", notes="board", min_amount=Decimal(25))
    assert [one.external_ref_id for one in storage.search.page(all_of_it, before=None, most=9)] == [reference]
    assert storage.search.page(replace(all_of_it, sender_last_name="Hale"), before=None, most=9) == []


def test_a_day_is_the_day_where_the_person_is(storage: Storage):
    reference = _order(storage, now=datetime(2026, 3, 14, 23, 30, tzinfo=UTC))
    day = datetime(2026, 3, 15, tzinfo=UTC).date()
    for zone, found in (("Europe/Berlin", [reference]), ("UTC", []), ("America/New_York", [])):
        wanted = OrderSearch(since=day, until=day, zone=zone)
        assert [one.external_ref_id for one in storage.search.page(wanted, before=None, most=9)] == found, zone


def test_a_name_is_a_whole_word(storage: Storage):
    _order(storage, recipients=(a_recipient(KIM, first_name="Kim", last_name="Li"),))
    for name, found in (("kim", 1), ("li", 1), ("ki", 0), ("kim l", 0), ("%", 0)):
        assert _count(storage, OrderSearch(recipient_name=name), most=9) == found, name


def test_requests_are_found_by_their_status(storage: Storage):
    waiting = [file_request(storage, requester_id=one).id for one in (MAYA, ADA, MAYA)]
    declined = file_request(storage, requester_id=MAYA).id
    storage.requests.move(declined, RequestMove.DECLINE, by=ADA, now=NOON, reason="no")

    def ids(status: RequestStatus, requester_id: str | None, before: int | None = None) -> list[int]:
        return list(storage.search.request_ids(status, requester_id=requester_id, before=before, most=2))

    pending = RequestStatus.PENDING_APPROVAL
    assert ids(pending, None) == [waiting[2], waiting[1]]
    assert ids(pending, None, before=waiting[1]) == [waiting[0]]
    assert ids(pending, MAYA) == [waiting[2], waiting[0]]
    assert ids(RequestStatus.DECLINED, MAYA) == [declined]
    assert ids(RequestStatus.DECLINED, ADA) == ids(RequestStatus.EXPIRED, None) == []


def test_the_count_goes_no_further_than_is_asked(storage: Storage):
    for _ in range(4):
        _order(storage)
    assert [_count(storage, EVERYTHING, most=most) for most in (1, 3, 4, 5)] == [1, 3, 4, 4]


def test_orders_are_counted_by_their_status(storage: Storage):
    sent, *_ = orders = [storage.orders.find(_order(storage)) for _ in range(3)]
    assert sent is not None
    accept(storage, sent)
    assert storage.search.counts(EVERYTHING, most=9) == {OrderStatus.ACCEPTED: 1, OrderStatus.QUEUED: 2}
    assert storage.search.counts(EVERYTHING, after=sent.id, most=9) == {OrderStatus.QUEUED: 2}
    assert storage.search.newest_id() == max(order.id for order in orders if order is not None)


def test_what_could_not_be_delivered_is_counted_among_the_accepted(storage: Storage):
    unreached, _ = [accept(storage, enqueue(storage, delivery=Delivery.MESSAGE)) for _ in range(2)]
    assert storage.search.undelivered(EVERYTHING) == 0
    storage.deliveries.mark_undelivered(unreached.id)
    assert storage.search.undelivered(EVERYTHING) == 1
    assert storage.search.undelivered(OrderSearch(requester_id=MAYA, recipient_id=ROB)) == 1
    assert storage.search.undelivered(OrderSearch(requester_id=ADA)) == 0
    assert storage.search.undelivered(EVERYTHING, after=unreached.id) == 0
    assert storage.search.counts(EVERYTHING, most=9) == {OrderStatus.ACCEPTED: 2}
    storage.deliveries.mark_delivered(unreached.id, NOON)
    assert storage.search.undelivered(EVERYTHING) == 0


def test_a_page_looks_no_further_back_than_it_is_told(storage: Storage):
    old, new = (storage.orders.find(_order(storage, body=_BODY)) for _ in range(2))
    assert old is not None
    wanted = OrderSearch(campaign="launch")
    assert storage.search.page(wanted, before=None, after=old.id, most=9) == [new]
    assert storage.search.page(wanted, before=None, after=old.id - 1, most=9) == [new, old]


def test_orders_are_found_by_their_references(storage: Storage):
    one, other = _order(storage), _order(storage)
    found = storage.search.of_references([other, "of-somebody-else", one])
    assert {reference: order.external_ref_id for reference, order in found.items()} == {one: one, other: other}
    assert storage.search.of_references([]) == {}


@pytest.mark.parametrize("body", [b"{}", b'{"sender": null, "notes": 7}'])
def test_a_body_without_what_is_looked_for_is_passed_over(storage: Storage, body: bytes):
    _order(storage, body=json.loads(body), recipients=(a_recipient(ROB),))
    assert _count(storage, OrderSearch(sender_email="maya@acme.example"), most=9) == 0
