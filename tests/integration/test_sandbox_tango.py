"""The Tango stand-in keeps the form of an order and of its answer (Tango docs, Manage orders, POST /orders)."""

from decimal import Decimal

import httpx
import pytest

from tests.kit.tango import MISSING, keys, mailed, order


def test_a_new_order_is_answered_with_201_and_all_it_was_asked_for(tango):
    everything = order(
        sender={"firstName": "Maya", "lastName": "Ito", "email": "maya@example.com"},
        emailSubject="For you",
        message="Great launch",
        etid="E000001",
        campaign="spring",
        purchaseOrderNumber="PO-7",
        notes="by hand",
    )

    response = tango.post(everything)

    assert response.status_code == 201
    placed = response.json()
    assert placed.pop("referenceOrderID").startswith("RA260304-1401-")
    reward = placed.pop("reward")
    expected = {name: value for name, value in everything.items() if name not in {"amount", "etid", "notes"}} | {
        "accountNumber": "A32386768",
        "amountCharged": {"value": 25.0, "currencyCode": "USD", "total": 25.0},
        "denomination": {"value": 25.0, "currencyCode": "USD"},
        "rewardName": "Reward Link",
        "status": "COMPLETE",
        "createdAt": "2026-03-04T09:00:00.000Z",
    }
    assert placed == expected
    link = tango.sandbox.orders[0].link
    assert reward["credentialList"] == [
        {"label": "Redemption Link", "value": link, "type": "url", "credentialType": "redemptionUrl"}
    ]
    assert reward["credentials"] == {"Redemption Link": link}
    later = tango.get(f"/orders/{tango.sandbox.orders[0].reference_order_id}")
    assert (later["etid"], later["notes"], later["orderClientSource"]) == ("E000001", "by hand", "API")


def test_what_was_not_set_is_left_out_and_people_have_empty_names(tango):
    placed = tango.place(sendEmail=False, recipient=MISSING, externalRefID=MISSING)

    assert placed["sender"] == placed["recipient"] == {"firstName": "", "lastName": "", "email": ""}
    assert not {"externalRefID", "message", "campaign", "etid", "notes", "ptid"} & placed.keys()


def test_the_account_pays(tango):
    tango.place(amount=12.34)

    assert tango.sandbox.balance == Decimal("987.66")
    assert tango.get("/accounts/kudos-demo-usd")["currentBalance"] == 987.66


def test_another_currency_is_charged_at_its_rate(tango):
    placed = tango.place(utid="U700601", amount=500)

    assert placed["denomination"] == {"value": 500.0, "currencyCode": "JPY"}
    assert placed["amountCharged"] == {"value": 3.5, "currencyCode": "USD", "exchangeRate": 0.007, "total": 3.5}


def test_an_email_goes_out_only_where_it_was_asked_for(tango):
    tango.place(emailSubject="For you", message="Thanks", etid="E000002", sender={"firstName": "Maya"})
    tango.place(externalRefID="ref2", sendEmail=False)

    (email,) = tango.sandbox.emails
    assert (email.order, email.kind, email.to) == (
        tango.sandbox.orders[0].reference_order_id,
        "original",
        "rob@example.com",
    )
    assert (email.subject, email.message, email.etid) == ("For you", "Thanks", "E000002")
    assert (email.to_name, email.sender_name) == ("Rob Lee", "Maya")
    assert email.sent_at == tango.clock.wall


def test_an_emails_link_opens_a_page_with_the_reward_and_no_markup_of_the_sender(tango):
    tango.place(message="<script>alert(1)</script>")

    page = httpx.get(tango.sandbox.emails[0].link)

    assert page.status_code == 200
    assert "25.00 USD" in page.text
    assert "<script>" not in page.text
    assert httpx.get(f"{tango.served.url}/r/1/unknown").status_code == 404


# Credentials and JSON


@pytest.mark.parametrize(
    ("auth", "key"),
    [(None, "401.502"), (("KudosDemo", "wrong"), "401.501"), (("Kudos", "demo-key"), "401.501")],
)
@pytest.mark.parametrize("path", ["/orders", "/orders/RA1", "/catalogs", "/accounts", "/customers"])
def test_credentials_are_needed_everywhere(tango, auth, key, path):
    response = httpx.get(f"{tango.served.url}/raas/v2{path}", auth=auth)

    assert response.status_code == 401
    assert response.json()["i18nKey"] == key
    assert response.json()["requestId"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"amount": NaN}',
        b'{"message": "\\ud800"}',
        b'{"amount": 1e99999999999999999999}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_unreadable_json_is_400(tango, content):
    response = tango.client.post("/orders", content=content, headers={"content-type": "application/json"})

    assert (response.status_code, keys(response)) == (400, [(None, "400.009")])
    assert tango.sandbox.arrivals[0].body == content


def test_another_content_type_is_415(tango):
    assert tango.client.post("/orders", data={"amount": "25"}).status_code == 415


def test_unknown_paths_and_methods_are_refused_in_the_envelope(tango):
    for response, status in (
        (tango.client.get("/nowhere"), 404),
        (tango.client.delete("/orders"), 405),
        (tango.client.post("/orders/", json=order()), 404),
    ):
        assert (response.status_code, response.json()["httpCode"]) == (status, status)
        assert response.json()["requestId"] == response.headers["x-request-id"]


# Form


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"externalRefID": "a" * 101}, ("externalRefID", "422.110")),
        ({"externalRefID": "with-hyphen"}, ("externalRefID", "422.110")),
        ({"customerIdentifier": MISSING}, ("customerIdentifier", "422.128")),
        ({"customerIdentifier": "four"}, ("customerIdentifier", "422.501")),
        ({"customerIdentifier": "a" * 101}, ("customerIdentifier", "422.501")),
        ({"accountIdentifier": ""}, ("accountIdentifier", "422.135")),
        ({"accountIdentifier": "under_score"}, ("accountIdentifier", "422.501")),
        ({"utid": None}, ("utid", "422.128")),
        ({"amount": MISSING}, ("amount", "422.128")),
        ({"amount": -1}, ("amount", "422.141")),
        ({"amount": 12.345}, ("amount", "422.140")),
        ({"amount": 1_000_000}, ("amount", "422.105")),
        ({"amount": 1e300}, ("amount", "422.105")),
        ({"sendEmail": MISSING}, ("sendEmail", "422.128")),
        ({"message": "x" * 3001}, ("message", "422.006")),
        ({"campaign": "x" * 101}, ("campaign", "422.502")),
        ({"purchaseOrderNumber": "x" * 101}, ("purchaseOrderNumber", "422.006")),
        ({"notes": "x" * 151}, ("notes", "422.006")),
        ({"etid": "E12345"}, ("etid", "422.124")),
        ({"etid": "E999999"}, ("etid", "422.031")),
        ({"sender": {"firstName": "x" * 101}}, ("sender.firstName", "422.006")),
        ({"sender": {"lastName": "a/b"}}, ("sender.lastName", "422.111")),
        ({"sender": {"email": "maya"}}, ("sender.email", "422.134")),
        ({"recipient": {"firstName": "Rob"}}, ("recipient.email", "422.029")),
        ({"recipient": {"email": "r@example.com"}}, ("recipient.firstName", "422.028")),
        ({"recipient": {"firstName": "<b>", "email": "r@example.com"}}, ("recipient.firstName", "422.111")),
        ({"recipient": {"firstName": "R", "email": "r@@example.com"}}, ("recipient.email", "422.134")),
        (
            {"recipient": {"firstName": "R", "email": f"r@{'x' * 60}.{'y' * 60}.com"}},
            ("recipient.email", "422.006"),
        ),
        (
            {"recipient": {"firstName": "R", "email": "r@example.com", "address": {"city": "Rome"}}},
            ("recipient.address", "422.168"),
        ),
        ({"expirationDate": "2026-06-01T00:00:00Z"}, ("expirationDate", "422.162")),
        ({"amount": "25"}, ("amount", "400.009")),
        ({"amount": True}, ("amount", "400.009")),
        ({"sendEmail": "yes"}, ("sendEmail", "400.009")),
        ({"message": 7}, ("message", "400.009")),
        ({"recipient": "Rob"}, ("recipient", "400.009")),
    ],
)
def test_a_fault_of_form_is_400_with_its_path_and_key(tango, changes, error):
    response = tango.post(**changes)

    assert (response.status_code, keys(response)) == (400, [error])
    assert tango.sandbox.orders == []


def test_every_fault_of_form_is_told_at_once_with_what_was_wrong(tango):
    response = tango.post(amount=1.234, notes="x" * 151, recipient={"firstName": "Rob", "email": "rob"})

    body = response.json()
    assert keys(response) == [("amount", "422.140"), ("notes", "422.006"), ("recipient.email", "422.134")]
    assert body["errors"][2]["invalidValue"] == "rob"
    assert body["errors"][2]["constraint"] == "Email"
    assert (body["path"], body["httpCode"], body["httpPhrase"]) == ("/raas/v2/orders", 400, "Bad Request")
    assert body["requestId"] == response.headers["x-request-id"]


def test_the_longest_of_everything_is_taken(tango):
    person = {"firstName": "f" * 100, "lastName": "l" * 100, "email": f"{'e' * 60}@{'x' * 35}.com"}
    tango.place(
        externalRefID="r" * 100,
        message="m" * 3000,
        campaign="c" * 100,
        purchaseOrderNumber="p" * 100,
        notes="n" * 150,
        sender=person,
        recipient=person,
    )


def test_a_physical_card_is_placed_with_its_address_and_nothing_is_mailed_as_a_link(tango):
    placed = tango.post(mailed()).json()

    assert placed["recipient"]["address"]["city"] == "St. John's"
    assert placed["amountCharged"] == {"value": 25.0, "currencyCode": "USD", "fee": 3.0, "total": 28.0}
    assert placed["reward"]["credentialList"] == []
    assert tango.sandbox.emails == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"address": None}, ("recipient.address", "422.169")),
        ({"firstName": "x" * 26}, ("recipient.firstName", "422.006")),
        ({"lastName": "O'Hara"}, ("recipient.lastName", "422.111")),
        ({"lastName": ""}, ("recipient.lastName", "422.028")),
        ({"address_streetLine1": ""}, ("recipient.address.streetLine1", "422.167")),
        ({"address_streetLine1": "x" * 36}, ("recipient.address.streetLine1", "422.006")),
        ({"address_streetLine2": "#4"}, ("recipient.address.streetLine2", "422.111")),
        ({"address_city": "x" * 31}, ("recipient.address.city", "422.006")),
        ({"address_city": "a/b"}, ("recipient.address.city", "422.111")),
        ({"address_stateOrProvince": "ny"}, ("recipient.address.stateOrProvince", "422.028")),
        ({"address_postalCode": "10001-1234"}, ("recipient.address.postalCode", "422.028")),
        ({"address_country": "us"}, ("recipient.address.country", "422.028")),
        ({"address_country": "USA"}, ("recipient.address.country", "422.028")),
    ],
)
def test_a_physical_card_has_rules_of_its_own(tango, changes, error):
    response = tango.post(mailed(**changes))

    assert (response.status_code, keys(response)) == (400, [error])


@pytest.mark.parametrize(
    ("country", "state", "postal", "taken"),
    [
        ("US", "AP", "96201", True),
        ("CA", "ON", "M5V2T6", True),
        ("CA", "NY", "M5V2T6", False),
        ("CA", "ON", "M5V 2T6", False),
        ("GB", "West Yorkshire", "LS11AA", True),
        ("GB", "x" * 36, "LS11AA", False),
    ],
)
def test_regions_and_postal_codes_are_judged_by_country(tango, country, state, postal, taken):
    response = tango.post(mailed(address_country=country, address_stateOrProvince=state, address_postalCode=postal))

    assert response.status_code == (201 if taken else 400)


@pytest.mark.parametrize(("ptid", "status"), [(MISSING, 400), ("X1", 400), ("P999999", 400), ("P000001", 201)])
def test_a_printed_link_needs_its_template(tango, ptid, status):
    body = mailed() | {"utid": "U561601", "ptid": ptid}

    response = tango.post({name: value for name, value in body.items() if value is not MISSING})

    assert response.status_code == status


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2026-03-05T09:00:00Z", None),
        ("2027-03-04T10:00:00+01:00", None),
        ("2026-03-05T08:59:59Z", "422.045"),
        ("2027-03-04T09:00:01Z", "422.045"),
        ("2026-06-01", "422.044"),
        ("next week", "422.044"),
    ],
)
def test_a_promo_link_expires_between_a_day_and_a_year_ahead(tango, text, key):
    response = tango.post(utid="U561610", expirationDate=text)

    if key is None:
        kinds = {entry["credentialType"]: entry for entry in response.json()["reward"]["credentialList"]}
        assert kinds["expirationDate"]["type"] == "date"
        assert kinds["expirationDate"]["value"].endswith("Z")
    else:
        assert keys(response) == [("expirationDate", key)]
