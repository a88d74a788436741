"""The wire models: what is sent byte for byte, what is read however it comes, what is never shown."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.tango.bodies import NewOrder
from bot.tango.catalog import TangoCatalog
from bot.tango.models import OrderDetail, PlacedOrder, TangoAddress, TangoPerson
from bot.tango.queries import OrderPage, OrderQuery
from bot.tango.wire import read_json, read_moment, read_number

WHOLE = NewOrder(
    external_ref_id="0" * 32,
    customer_identifier="acme-hr",
    account_identifier="acme-rewards",
    utid="U561593",
    ptid="P000001",
    amount=Decimal("25.10"),
    sender=TangoPerson(first_name="Maya", last_name="Lopez", email="maya@example.com"),
    recipient=TangoPerson(
        first_name="Zoë",
        last_name="Ng",
        email="zoe@example.com",
        address=TangoAddress(
            street_line1="1 Main St",
            street_line2="Apt 2",
            city="Seattle",
            state_or_province="WA",
            postal_code="98101",
            country="US",
        ),
    ),
    email_subject="For you",
    message='Thanks "a lot" — 谢谢 🎉',
    send_email=True,
    etid="E000000",
    campaign="spring",
    purchase_order_number="PO-7",
    notes="for the launch",
    expiration_date=datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))),
)


def test_the_body_has_every_field_by_tangos_name_in_the_order_of_its_table():
    assert WHOLE.to_bytes().decode() == (
        '{"externalRefID":"00000000000000000000000000000000","customerIdentifier":"acme-hr",'
        '"accountIdentifier":"acme-rewards","utid":"U561593","ptid":"P000001","amount":25.1,'
        '"sender":{"firstName":"Maya","lastName":"Lopez","email":"maya@example.com"},'
        '"recipient":{"firstName":"Zoë","lastName":"Ng","email":"zoe@example.com",'
        '"address":{"streetLine1":"1 Main St","streetLine2":"Apt 2","city":"Seattle",'
        '"stateOrProvince":"WA","postalCode":"98101","country":"US"}},'
        '"emailSubject":"For you","message":"Thanks \\"a lot\\" — 谢谢 🎉","sendEmail":true,'
        '"etid":"E000000","campaign":"spring","purchaseOrderNumber":"PO-7","notes":"for the launch",'
        '"expirationDate":"2026-03-01T10:00:00Z"}'
    )


def test_what_is_unset_is_not_sent():
    bare = NewOrder(customer_identifier="c", account_identifier="a", utid="U1", amount=Decimal(5), send_email=False)
    assert json.loads(bare.to_bytes()) == {
        "customerIdentifier": "c",
        "accountIdentifier": "a",
        "utid": "U1",
        "amount": 5,
        "sendEmail": False,
    }


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        *(("25", "25"), ("25.00", "25"), ("25.10", "25.1"), ("0.07", "0.07"), ("100", "100")),
        *(("1E+2", "100"), ("999999.99", "999999.99"), ("0.30000000000000004", "0.30000000000000004")),
    ],
)
def test_an_amount_is_written_exactly(amount, written):
    order = replace(WHOLE, amount=Decimal(amount))
    assert f'"amount":{written},' in order.to_bytes().decode()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
optional = st.none() | texts
said = st.none() | texts.filter(str.strip)  # a blank name or address reads as none
people = st.none() | st.builds(TangoPerson, first_name=said, last_name=said, email=said)
orders = st.builds(
    NewOrder,
    external_ref_id=optional,
    customer_identifier=texts,
    account_identifier=texts,
    utid=texts,
    ptid=optional,
    amount=st.decimals(0, 10**9, places=2),
    sender=people,
    recipient=people,
    email_subject=optional,
    message=optional,
    send_email=st.booleans(),
    etid=optional,
    campaign=optional,
    purchase_order_number=optional,
    notes=optional,
    expiration_date=st.none() | st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)


@given(orders)
def test_a_frozen_body_reads_back_as_the_same_order_and_freezes_to_the_same_bytes(order):
    body = order.to_bytes()
    again = NewOrder.from_bytes(body)
    assert again == order
    assert again.to_bytes() == body


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"utid":"U1"}', WHOLE.to_bytes()[:-1] + b',"more":1}'])
def test_other_bytes_are_no_frozen_body(body):
    with pytest.raises(ValueError, match=r".+"):
        NewOrder.from_bytes(body)


@pytest.mark.parametrize("text", ["25.1", "0.1", "1234567.89", "1.10"])
def test_answered_amounts_stay_exact(text):
    order = PlacedOrder.model_validate(
        read_json(f'{{"referenceOrderID":"R","denomination":{{"value":{text}}}}}'.encode())
    )
    assert order.denomination is not None
    assert order.denomination.value == Decimal(text)


@pytest.mark.parametrize(
    "value", [None, True, "", "x", "NaN", "Infinity", "1e31", "1e-40", "9" * 61, [], {}, "1e999999999"]
)
def test_what_is_no_sensible_number_reads_as_missing(value):
    assert read_number(value) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2018-04-26T20:08:59.624Z", datetime(2018, 4, 26, 20, 8, 59, 624_000, UTC)),
        ("2018-04-26T20:08:56.8Z", datetime(2018, 4, 26, 20, 8, 56, 800_000, UTC)),
        ("2016-06-17T16:52:24Z", datetime(2016, 6, 17, 16, 52, 24, 0, UTC)),
        ("2025-01-15T19:12:42.059287141Z", datetime(2025, 1, 15, 19, 12, 42, 59_287, UTC)),
        ("2025-01-15T19:12:42+02:00", datetime(2025, 1, 15, 17, 12, 42, 0, UTC)),
        ("2025-01-15T19:12:42", datetime(2025, 1, 15, 19, 12, 42, 0, UTC)),
        ("soon", None),
        ("", None),
        (7, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_moments_are_read_in_utc(text, moment):
    assert read_moment(text) == moment


SECRETS = {
    "referenceOrderID": "RA1",
    "recipient": {"firstName": "Zoë", "email": "zoe@example.com", "address": {"city": "Seattle"}},
    "message": "between us",
    "notes": "for the file",
    "reward": {
        "credentials": {"PIN": "deprecated-1"},
        "credentialList": [{"label": "PIN", "value": "code-77", "type": "text", "credentialType": "PIN"}],
        "redemptionInstructions": "type code-77",
    },
}


@pytest.mark.parametrize("model", [PlacedOrder, OrderDetail])
def test_nothing_private_is_in_a_repr(model):
    order = model.model_validate(SECRETS)
    shown = f"{order!r} {order}"
    for private in ("code-77", "zoe@", "Zoë", "Seattle", "between us", "for the file", "deprecated"):
        assert private not in shown
    value = order.reward.credential_list[0].value
    assert value.get_secret_value() == "code-77"


def test_the_deprecated_credentials_are_not_read():
    assert "deprecated-1" not in OrderDetail.model_validate(SECRETS).model_dump_json()


def test_a_faulty_value_is_not_in_the_error():
    with pytest.raises(ValidationError) as caught:
        NewOrder.from_bytes(b'{"utid":"U1","message":["private"]}')
    assert "private" not in str(caught.value)


def test_empty_texts_read_as_missing():
    answer = {"referenceOrderID": "RA1", "sender": {"firstName": "", "email": ""}, "recipient": None}
    order = PlacedOrder.model_validate(answer)
    assert order.sender == TangoPerson()
    assert order.recipient is None


def test_a_page_tells_the_total_where_tango_does():
    rows: list[dict[str, Any]] = [{"referenceOrderID": "RA1"}, {"referenceOrderID": "RA2"}]
    assert OrderPage.model_validate({"orders": rows, "page": {"totalCount": 99}}).total == 99
    assert OrderPage.model_validate({"orders": rows}).total == 2


@pytest.mark.parametrize("page", [{}, {"orders": [{"status": "COMPLETE"}]}])
def test_a_page_without_its_orders_is_unreadable(page):
    with pytest.raises(ValidationError):
        OrderPage.model_validate(page)


def test_a_catalog_leaves_out_what_cannot_be_ordered():
    catalog = TangoCatalog.model_validate(
        {
            "brands": [
                {"brandKey": "B1", "items": [{"utid": "U1", "minValue": 0.01}, {"rewardName": "none"}, 7]},
                {"brandName": "none"},
            ]
        }
    )
    (brand,) = catalog.brands
    assert [(item.utid, item.min_value) for item in brand.items] == [("U1", Decimal("0.01"))]


def test_a_query_has_every_parameter_by_tangos_name():
    query = OrderQuery(
        account_identifier="acme-rewards",
        customer_identifier="acme-hr",
        external_ref_id="abc",
        start_date=date(2016, 1, 1),
        end_date=datetime(2016, 1, 2, 3, tzinfo=timezone(timedelta(hours=3))),
        elements_per_block=100,
        page=0,
        min_amount=Decimal("0.50"),
        max_amount=Decimal(25),
        currency_code="USD",
        utid="U1",
        ptid="P1",
        reward_name="Reward Link",
        sender_first_name="Maya",
        sender_last_name="Lopez",
        sender_email="maya@example.com",
        recipient_email="rob@example.com",
        recipient_first_name="Rob",
        recipient_last_name="Ray",
        send_email=False,
        status="COMPLETE",
        line_item_status="PENDING",
        campaign="spring",
        notes="note",
        line_item_notes="line",
        purchase_order_number="PO-7",
    )
    assert query.to_params() == {
        "accountIdentifier": "acme-rewards",
        "customerIdentifier": "acme-hr",
        "externalRefID": "abc",
        "startDate": "2016-01-01",
        "endDate": "2016-01-02T00:00:00Z",
        "elementsPerBlock": "100",
        "page": "0",
        "minAmount": "0.5",
        "maxAmount": "25",
        "currencyCode": "USD",
        "utid": "U1",
        "ptid": "P1",
        "rewardName": "Reward Link",
        "senderFirstName": "Maya",
        "senderLastName": "Lopez",
        "senderEmail": "maya@example.com",
        "recipientEmail": "rob@example.com",
        "recipientFirstName": "Rob",
        "recipientLastName": "Ray",
        "sendEmail": "false",
        "status": "COMPLETE",
        "lineItemStatus": "PENDING",
        "campaign": "spring",
        "notes": "note",
        "lineItemNotes": "line",
        "purchaseOrderNumber": "PO-7",
    }
    assert OrderQuery().to_params() == {}
