"""The Tango stand-in, looked at: lists, details, resends, catalog, accounts."""

from typing import Any

import pytest

from bot.sandbox.tango.catalog import Catalog
from tests.kit.tango import Tango, keys, mailed, order


@pytest.fixture
def three(tango: Tango) -> Tango:
    """Three orders a day apart: ref1 by Maya for Rob, ref2 for Ada in euros, ref3 on paper."""
    sender = {"firstName": "Maya", "lastName": "Ito", "email": "maya@example.com"}
    notes: dict[str, Any] = {"campaign": "Spring", "notes": "by hand", "purchaseOrderNumber": "PO-7"}
    tango.post(sender=sender, **notes)
    tango.clock.forward(86_400)
    ada = {"firstName": "Ada", "lastName": "Byron", "email": "ada@example.com"}
    tango.post(externalRefID="ref2", utid="U700401", amount=40, recipient=ada, sendEmail=False)
    tango.clock.forward(86_400)
    paper = mailed() | {"externalRefID": "ref3", "utid": "U561601", "ptid": "P000001", "amount": 60}
    assert tango.post(paper).status_code == 201
    return tango


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "321"),
        ({"accountIdentifier": "kudos-demo-usd"}, "321"),
        ({"accountIdentifier": "another-account"}, ""),
        ({"customerIdentifier": "kudos-demo"}, "321"),
        ({"externalRefID": "ref2"}, "2"),
        ({"externalRefID": "REF2"}, ""),
        ({"startDate": "2026-03-05"}, "32"),
        ({"startDate": "2026-03-05T09:00:00Z"}, "32"),
        ({"startDate": "2026-03-05T09:00:01Z"}, "3"),
        ({"endDate": "2026-03-05"}, "21"),
        ({"endDate": "2026-03-05T10:00:00+02:00"}, "1"),
        ({"startDate": "2026-03-05", "endDate": "2026-03-05"}, "2"),
        ({"minAmount": "40"}, "32"),
        ({"maxAmount": "40"}, "21"),
        ({"minAmount": "25.01", "maxAmount": "59.99"}, "2"),
        ({"currencyCode": "EUR"}, "2"),
        ({"utid": "U561593"}, "1"),
        ({"ptid": "P000001"}, "3"),
        ({"rewardName": "reward link"}, "1"),
        ({"senderFirstName": "maya"}, "1"),
        ({"senderLastName": "Ito"}, "1"),
        ({"senderEmail": "Maya@example.com"}, "1"),
        ({"recipientEmail": "ADA@example.com"}, "2"),
        ({"recipientFirstName": "Ada"}, "2"),
        ({"recipientLastName": "Byron"}, "2"),
        ({"sendEmail": "true"}, "1"),
        ({"sendEmail": "false"}, "32"),
        ({"status": "COMPLETE"}, "321"),
        ({"status": "PENDING"}, ""),
        ({"lineItemStatus": "COMPLETE"}, "321"),
        ({"lineItemStatus": "FAILED"}, ""),
        ({"campaign": "spring"}, "1"),
        ({"notes": "by hand"}, "1"),
        ({"lineItemNotes": "by hand"}, "1"),
        ({"purchaseOrderNumber": "PO-7"}, "1"),
        ({"recipientFirstName": "Rob", "currencyCode": "EUR"}, ""),
        ({"unheardOf": "x"}, "321"),
    ],
)
def test_every_query_parameter_filters(three, query, found):
    listed = three.get("/orders", **query)

    assert "".join(row["externalRefID"][-1] for row in listed["orders"]) == found
    assert listed["page"]["totalCount"] == len(found)


def test_rows_lack_the_reward(three):
    assert all("reward" not in row for row in three.get("/orders")["orders"])


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"accountIdentifier": "four"}, ("accountIdentifier", "422.501")),
        ({"externalRefID": "r" * 101}, ("externalRefID", "422.110")),
        ({"currencyCode": "EURO"}, ("currencyCode", "422.006")),
        ({"senderFirstName": "a<b"}, ("senderFirstName", "422.111")),
        ({"recipientLastName": "x" * 101}, ("recipientLastName", "422.006")),
        ({"campaign": "x" * 101}, ("campaign", "422.502")),
        ({"notes": "x" * 151}, ("notes", "422.006")),
        ({"startDate": "yesterday"}, ("startDate", "422.044")),
        ({"startDate": "2026-02-30"}, ("startDate", "422.044")),
        ({"startDate": "20260305"}, ("startDate", "422.044")),
        ({"startDate": "2026-03-05", "endDate": "2026-03-04"}, ("endDate", "422.041")),
        ({"minAmount": "NaN"}, ("minAmount", "400.009")),
        ({"maxAmount": "ten"}, ("maxAmount", "400.009")),
        ({"sendEmail": "yes"}, ("sendEmail", "400.009")),
        ({"page": "-1"}, ("page", "400.009")),
        ({"page": "²"}, ("page", "400.009")),
        ({"elementsPerBlock": "0"}, ("elementsPerBlock", "400.009")),
        ({"elementsPerBlock": "101"}, ("elementsPerBlock", "422.042")),
        ({"page": "100", "elementsPerBlock": "100"}, ("page", "400.021")),
    ],
)
def test_a_wrong_query_is_400(tango, query, error):
    response = tango.client.get("/orders", params=query)

    assert (response.status_code, keys(response)) == (400, [error])


def test_pages_begin_at_0_with_ten_of_the_newest(tango):
    for number in range(12):
        tango.place(externalRefID=f"ref{number}", amount=1)
        tango.clock.forward(1)

    first, second = tango.get("/orders"), tango.get("/orders", page=1)

    assert first["page"] == {"number": 0, "elementsPerBlock": 10, "resultCount": 10, "totalCount": 12}
    assert second["page"] == {"number": 1, "elementsPerBlock": 10, "resultCount": 2, "totalCount": 12}
    references = [row["externalRefID"] for row in first["orders"] + second["orders"]]
    assert references == [f"ref{number}" for number in reversed(range(12))]
    assert tango.get("/orders", page=99, elementsPerBlock=100)["orders"] == []


def test_an_unknown_order_is_404(tango):
    response = tango.client.get("/orders/RA260304-1-11")

    assert (response.status_code, response.json()["i18nKey"]) == (404, "404.005")
    assert tango.client.post("/orders/RA260304-1-11/resends").status_code == 404


@pytest.mark.parametrize(
    ("utid", "amount", "kinds"),
    [
        ("U561593", 5, [("redemptionUrl", "url")]),
        ("U666425", 5, [("claimCode", "text")]),
        ("U621294", 10, [("cardNumber", "text"), ("PIN", "text")]),
        ("U700310", 5, [("claimCode", "text"), ("barcode", "barcode")]),
        ("U561610", 5, [("redemptionUrl", "url"), ("expirationDate", "date")]),
        ("U701001", 25, [("cardNumber", "text"), ("securityCode", "text"), ("redemptionUrl", "url")]),
    ],
)
def test_the_reward_has_credentials_of_each_type(tango, utid, amount, kinds):
    path = f"/orders/{tango.place(utid=utid, amount=amount)['referenceOrderID']}"

    reward = tango.get(path)["reward"]

    assert [(entry["credentialType"], entry["type"]) for entry in reward["credentialList"]] == kinds
    assert all(entry["value"] and entry["label"] for entry in reward["credentialList"])
    assert reward["redemptionInstructions"].startswith("<p>")
    assert tango.get(path)["reward"] == reward


# Resends


@pytest.fixture
def path(tango: Tango) -> str:
    return f"/orders/{tango.place(etid='E000001')['referenceOrderID']}/resends"


def test_a_resend_waits_30_seconds_from_the_last_send_the_first_included(tango, path):
    tango.clock.forward(29.999)
    response = tango.client.post(path)

    assert (response.status_code, keys(response)) == (403, [(None, "403.005")])
    (error,) = response.json()["errors"]
    assert error["i18nTokenReplacements"] == ["30", "2026-03-04T09:00:00.000Z"]
    assert "30 seconds" in error["message"]
    assert "2026-03-04T09:00:00.000Z" in error["message"]
    tango.clock.forward(0.001)
    assert tango.client.post(path).status_code == 201
    tango.clock.forward(29)
    assert tango.client.post(path).status_code == 403
    tango.clock.forward(1)
    assert tango.client.post(path).status_code == 201


def test_a_resend_mails_the_same_link_to_the_first_address_or_a_new_one(tango, path):
    tango.clock.forward(30)
    first = tango.client.post(path)
    tango.clock.forward(30)
    second = tango.client.post(path, json={"newEmail": "rob@home.example", "newEtid": "E000002"})

    assert first.json() == {"id": 1, "createdAt": "2026-03-04T09:00:30.000Z", "email": "rob@example.com"}
    assert second.json() == {"id": 2, "createdAt": "2026-03-04T09:01:00.000Z", "email": "rob@home.example"}
    assert [(email.kind, email.to, email.etid) for email in tango.sandbox.emails] == [
        ("original", "rob@example.com", "E000001"),
        ("resend", "rob@example.com", "E000001"),
        ("resend", "rob@home.example", "E000002"),
    ]
    assert len({email.link for email in tango.sandbox.emails}) == 1
    assert [resend.id for resend in tango.sandbox.resends] == [1, 2]
    assert tango.sandbox.orders[0].recipient_email == "rob@example.com"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"newEmail": "rob"}, ("newEmail", "422.134")),
        ({"newEmail": ""}, ("newEmail", "422.134")),
        ({"newEtid": "X1"}, ("newEtid", "422.124")),
        ({"newEtid": "E999999"}, ("newEtid", "422.031")),
        ({"newEmail": 7}, ("newEmail", "400.009")),
    ],
)
def test_a_refused_resend_leaves_the_clock(tango, path, body, error):
    tango.clock.forward(30)

    response = tango.client.post(path, json=body)

    assert (response.status_code, keys(response)) == (400, [error])
    assert tango.client.post(path).status_code == 201


def test_what_tango_did_not_mail_is_not_resent(tango):
    for body in (order(sendEmail=False), mailed() | {"externalRefID": "ref2", "sendEmail": True}):
        if body["sendEmail"]:
            body["recipient"]["email"] = "rob@example.com"
        reference = tango.post(body).json()["referenceOrderID"]
        tango.clock.forward(60)

        response = tango.client.post(f"/orders/{reference}/resends")

        assert (response.status_code, keys(response)) == (403, [(None, "403.003")])


# Catalog, accounts


def test_the_catalog_has_one_of_every_kind(tango):
    items = [item for brand in tango.get("/catalogs")["brands"] for item in brand["items"]]

    assert len({item["utid"] for item in items}) == len(items) >= 14
    assert {item["currencyCode"] for item in items} >= {"USD", "EUR", "GBP", "JPY", "CAD"}
    assert {item["rewardType"] for item in items} >= {
        "gift card",
        "reward link",
        "promo",
        "donation",
        "physical gift card",
    }
    assert {item["status"].lower() for item in items} == {"active", "inactive"}
    assert {item["fulfillmentType"] for item in items} == {"DIGITAL", "PHYSICAL", "Physical"}, "as the page writes it"
    for item in items:
        assert ("faceValue" in item) == (item["valueType"] == "FIXED_VALUE")
        assert ("minValue" in item) == ("maxValue" in item) == (item["valueType"] == "VARIABLE_VALUE")


@pytest.mark.parametrize(
    ("query", "utids"),
    [
        ({"utid": "U666425"}, {"U666425"}),
        ({"brandKey": "B100205"}, {"U700501", "U700502"}),
        ({"brandName": "sakura mart"}, {"U700601"}),
        ({"rewardName": "Promo Link"}, {"U561610"}),
        ({"status": "inactive"}, {"U701101"}),
        ({"rewardType": "physical gift card"}, {"U700801"}),
        ({"currencyCode": "EUR"}, {"U700401"}),
        ({"country": "JP"}, {"U700601"}),
        ({"fulfillmentType": "PHYSICAL"}, {"U561601", "U700801"}),
        ({"itemAttribute": "ADDRESS"}, {"U561601", "U700801"}),
        ({"utid": "U0"}, set()),
    ],
)
def test_the_catalog_is_filtered(tango, query, utids):
    brands = tango.get("/catalogs", **query)["brands"]

    assert {item["utid"] for brand in brands for item in brand["items"]} == utids


def test_the_catalog_can_be_had_short(tango):
    long = tango.get("/catalogs", utid="U666425")["brands"][0]
    short = tango.get("/catalogs", utid="U666425", verbose="false")["brands"][0]

    assert {"disclaimer", "description", "terms", "imageUrls", "status"} <= long.keys() - short.keys()
    assert "redemptionInstructions" not in short["items"][0]


def test_thousands_of_items_can_be_made_and_one_taken_out(tango):
    before = len(tango.sandbox.catalog)
    tango.sandbox.catalog.generate(5003)

    assert len(tango.sandbox.catalog) == before + 5003
    tango.place(utid="U800001", amount=25)
    tango.sandbox.catalog.remove("U666425")
    assert keys(tango.post(externalRefID="ref2", utid="U666425")) == [("utid", "422.024")]
    assert tango.get("/catalogs", utid="U666425")["brands"] == []


def test_made_up_items_are_the_same_each_time():
    one, other = Catalog(), Catalog()
    one.generate(40)
    other.generate(40)

    assert one.brands == other.brands


def test_accounts_customers_and_rates(tango):
    tango.place()

    (account,) = tango.get("/accounts")
    assert account == tango.get("/accounts/kudos-demo-usd")
    assert (account["currentBalance"], account["currencyCode"], account["status"]) == (975.0, "USD", "ACTIVE")
    (customer,) = tango.get("/customers")
    assert (customer["customerIdentifier"], customer["status"]) == ("kudos-demo", "active")
    assert "currentBalance" not in customer["accounts"][0]
    rates = tango.get("/exchangerates")["exchangeRates"]
    assert {"rewardCurrency": "EUR", "baseCurrency": "USD", "baseFx": 1.1}.items() <= rates[0].items()
    response = tango.client.get("/accounts/nobody")
    assert (response.status_code, response.json()["i18nKey"]) == (404, "404.003")
