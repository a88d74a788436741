"""The Tango stand-in's rules of business: account, item, funds; references that are known; the pace."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.kit.tango import MISSING, keys, order

# Account, item, funds


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"customerIdentifier": "somebody-else"}, ("customerIdentifier", "404.002")),
        ({"accountIdentifier": "another-account"}, ("accountIdentifier", "404.003")),
        ({"utid": "U1"}, ("utid", "422.024")),
        ({"utid": "U701101"}, ("utid", "422.030")),
        ({"utid": "U621295", "amount": 24}, ("amount", "422.027")),
        ({"utid": "U700310", "amount": 25.5}, ("amount", "422.026")),
        ({"utid": "U700310", "amount": 4}, ("amount", "422.025")),
        ({"amount": 0}, ("amount", "422.025")),
    ],
)
def test_a_rule_of_business_is_400_with_tangos_code(tango, changes, error):
    response = tango.post(**changes)

    assert (response.status_code, keys(response)) == (400, [error])
    assert response.json()["errors"][0]["code"] == 400500


def test_limits_are_told_with_the_refusal(tango):
    assert tango.post(amount=2000.01).json()["errors"][0]["i18nTokenReplacements"] == ["0.01", "2000.00"]


def test_a_frozen_account_is_422_in_the_documents_words(tango):
    tango.sandbox.freeze()

    response = tango.post()

    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert (error["code"], error["i18nKey"]) == (422001, "404.142")
    assert error["message"].startswith("Account has been frozen, please contact your Tango CSM")
    assert tango.get("/accounts/kudos-demo-usd")["status"] == "FROZEN"
    tango.sandbox.freeze(frozen=False)
    tango.place()


def test_too_little_money_is_402_and_leaves_the_reference_free(tango):
    tango.sandbox.balance = "24.99"

    response = tango.post()

    assert (response.status_code, keys(response)) == (402, [(None, "402.001")])
    tango.sandbox.balance = "25.00"
    tango.place()
    assert tango.sandbox.balance == 0


def test_the_checks_come_in_tangos_order(tango):
    tango.sandbox.freeze()
    wrong: dict[str, Any] = {"utid": "U1", "notes": "x" * 151}

    assert tango.post(**wrong).status_code == 400
    assert tango.post(utid="U1").status_code == 422
    tango.sandbox.freeze(frozen=False)
    assert keys(tango.post(utid="U1")) == [("utid", "422.024")]


# Idempotency


def test_a_known_reference_is_200_with_the_first_order_even_if_it_asks_for_another(tango):
    first = tango.place()

    again = tango.post(amount=99, utid="nothing", recipient={"email": "other"}, notes="x" * 999)

    assert again.status_code == 200
    assert again.json() == first
    assert len(tango.sandbox.orders) == len(tango.sandbox.emails) == 1
    assert tango.sandbox.balance == 975


def test_a_refused_order_leaves_its_reference_free(tango):
    assert tango.post(amount=-1).status_code == 400
    tango.place()


def test_without_a_reference_each_request_is_an_order(tango):
    tango.place(externalRefID=MISSING)
    tango.place(externalRefID=None)

    assert len(tango.sandbox.orders) == 2


def test_a_reference_counts_per_account(tango):
    tango.sandbox.add_account("kudos-demo-eur", currency="EUR")

    tango.place()
    placed = tango.place(accountIdentifier="kudos-demo-eur")

    assert placed["amountCharged"]["currencyCode"] == "EUR"
    assert placed["accountNumber"] == "A32386769"


def test_a_reference_is_forgotten_after_90_days(tango):
    tango.place()

    tango.clock.forward(timedelta(days=90).total_seconds())
    assert tango.post().status_code == 200
    tango.clock.forward(1)
    assert tango.post().status_code == 201


# Pace


def test_an_order_within_a_second_of_the_one_before_is_429(tango):
    tango.sandbox.min_interval = 1.0
    tango.place()

    tango.clock.forward(0.999)
    response = tango.post(externalRefID="ref2")

    assert (response.status_code, keys(response)) == (429, [(None, "429.008")])
    assert response.json()["errors"][0]["i18nTokenReplacements"] == ["POST /orders", "1"]
    assert tango.sandbox.early == 1


def test_a_refused_order_counts_as_the_one_before(tango):
    tango.sandbox.min_interval = 1.0
    tango.post(amount=-1)
    for _ in range(3):
        tango.clock.forward(0.6)
        assert tango.post().status_code == 429
    tango.clock.forward(1.0)
    tango.place()


def test_wrong_credentials_do_not_count(tango):
    tango.sandbox.min_interval = 1.0
    assert httpx.post(f"{tango.served.url}/raas/v2/orders", json=order()).status_code == 401

    tango.place()

    assert [arrival.status for arrival in tango.sandbox.arrivals] == [401, 201]
    assert tango.sandbox.early == 0


def test_reads_and_resends_have_no_pace_unless_all_are_limited(tango):
    tango.sandbox.min_interval = 1.0
    assert [tango.client.get("/orders").status_code for _ in range(2)] == [200, 200]

    tango.sandbox.limit_all = True

    assert [tango.client.get("/orders").status_code for _ in range(2)] == [200, 429]
    assert tango.client.get("/accounts").status_code == 200


def test_every_arrival_is_kept_with_its_bytes(tango):
    content = b'{"externalRefID": "ref9",  "amount": 1}'

    tango.client.post("/orders", content=content, headers={"content-type": "application/json"})

    (arrival,) = tango.sandbox.arrivals
    assert (arrival.number, arrival.body, arrival.external_ref_id) == (1, content, "ref9")
    assert (arrival.status, arrival.monotonic, arrival.wall) == (400, 500.0, tango.clock.wall)


def test_every_request_is_kept_without_its_credentials(tango):
    response = tango.client.get("/orders", params={"status": "COMPLETE"})

    (request,) = tango.sandbox.requests
    assert (request.method, request.path, request.query) == ("GET", "/orders", {"status": "COMPLETE"})
    assert (request.status, request.request_id) == (200, response.headers["x-request-id"])
    assert "authorization" not in request.headers
