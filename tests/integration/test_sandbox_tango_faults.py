"""The Tango stand-in misbehaves on demand, and each way leaves behind what the real one would."""

import json
import threading

import httpx
import pytest

from bot.sandbox.tango import Fault, Faults
from tests.kit.tango import NO_AUTHORITIES, keys, order


@pytest.mark.parametrize(
    ("fault", "status", "key"),
    [
        ("unavailable_before", 503, "503.502"),
        ("internal_error", 500, "500.001"),
        ("too_many", 429, "429.008"),
        ("forbidden", 403, "403.020"),
        ("in_flight", 409, "409.002"),
        ("frozen", 422, "404.142"),
        ("insufficient_funds", 402, "402.001"),
        ("item_out", 503, "503.002"),
    ],
)
def test_a_fault_before_placing_places_nothing_and_goes_by(tango, fault, status, key):
    tango.sandbox.faults.set(fault, times=1)

    response = tango.post()

    assert (response.status_code, response.json()["errors"][0]["i18nKey"]) == (status, key)
    assert tango.sandbox.orders == []
    assert tango.sandbox.faults.active() == []
    tango.place()


def test_unauthorized_is_401_whatever_the_key(tango):
    tango.sandbox.faults.set("unauthorized")

    assert tango.post().status_code == tango.client.get("/accounts").status_code == 401
    assert tango.sandbox.arrivals[0].external_ref_id == "ref1"


@pytest.mark.parametrize(("fault", "made"), [("gateway_page", 0), ("gateway_page_after", 1)])
def test_a_gateway_answers_in_tangos_place_with_any_status(tango, fault, made):
    tango.sandbox.faults.set(fault, status=421, times=1)

    response = tango.post()

    assert (response.status_code, response.headers["content-type"]) == (421, "text/html; charset=utf-8")
    assert len(tango.sandbox.orders) == made
    with pytest.raises(ValueError, match="status"):
        tango.sandbox.faults.set(fault, status=200)


@pytest.mark.parametrize(("encoding", "begins"), [("bom", b"\xef\xbb\xbf{"), ("utf-16", b"\xff\xfe{"), ("named", b"{")])
def test_an_answer_can_come_in_another_encoding(tango, encoding, begins):
    tango.sandbox.faults.set("encoded", encoding=encoding, times=1)

    response = tango.post()

    assert response.status_code == 201
    assert response.content.startswith(begins)
    with pytest.raises(ValueError, match="encoding"):
        tango.sandbox.faults.set("encoded", encoding="morse")


def test_amounts_can_be_off_by_a_binary_fraction(tango):
    tango.sandbox.faults.set("inexact", times=1)

    assert tango.post(amount=25.1).json()["denomination"]["value"] == 25.099999999999998


def test_the_catalog_can_be_empty(tango):
    tango.sandbox.faults.set("catalog_empty", times=1)

    assert tango.get("/catalogs")["brands"] == []
    assert tango.get("/catalogs")["brands"]


def test_a_bad_gateway_is_a_page_of_html(tango):
    tango.sandbox.faults.set("bad_gateway")

    response = tango.post()

    assert (response.status_code, response.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert "x-request-id" in response.headers
    assert tango.sandbox.orders == []


def test_unavailable_after_placed_it_and_the_same_reference_finds_it(tango):
    tango.sandbox.faults.set("unavailable_after", times=1)

    assert tango.post().status_code == 503
    assert len(tango.sandbox.orders) == len(tango.sandbox.emails) == 1
    assert tango.sandbox.arrivals[0].reference_order_id == tango.sandbox.orders[0].reference_order_id
    assert tango.post().status_code == 200
    assert len(tango.sandbox.orders) == 1


@pytest.mark.parametrize(("fault", "placed"), [("cut_before", 0), ("cut_after", 1)])
def test_a_cut_connection_has_no_answer_at_all(tango, fault, placed):
    tango.sandbox.faults.set(fault, times=1)

    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        tango.post()

    assert len(tango.sandbox.orders) == placed
    assert tango.sandbox.arrivals[0].status is None
    assert tango.sandbox.requests[0].status is None
    assert tango.post().status_code == (200 if placed else 201)


def test_an_unreadable_answer_says_201_and_is_broken(tango):
    tango.sandbox.faults.set("unreadable", times=1)

    response = tango.post()

    assert response.status_code == 201
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert tango.post().status_code == 200


@pytest.mark.parametrize(
    ("field", "seen"),
    [
        ("amount", lambda order: order["denomination"]["value"] != 25.0),
        ("utid", lambda order: order["utid"] != "U561593"),
        ("recipient", lambda order: order["recipient"]["email"] != "rob@example.com"),
    ],
)
def test_a_mismatch_is_200_with_an_order_of_somebody_else(tango, field, seen):
    tango.sandbox.faults.set("mismatch", field=field, times=1)

    response = tango.post()

    assert response.status_code == 200
    assert seen(response.json())
    assert seen(tango.get(f"/orders/{response.json()['referenceOrderID']}"))


def test_a_slow_order_is_placed_at_once_and_its_reference_is_in_flight(tango):
    placed = threading.Event()
    tango.sandbox.subscribe(lambda event: placed.set() if event.type == "order" else None)
    tango.sandbox.faults.set("slow", seconds=0.5, times=1)
    answers: list[httpx.Response] = []
    first = threading.Thread(target=lambda: answers.append(tango.post()))
    first.start()
    assert placed.wait(5)

    with httpx.Client(verify=NO_AUTHORITIES, auth=("KudosDemo", "demo-key")) as other:
        second = other.post(f"{tango.served.url}/raas/v2/orders", json=order())
        first.join()

        assert (second.status_code, keys(second)) == (409, [("externalRefID", "409.002")])
        assert answers[0].status_code == 201
        third = other.post(f"{tango.served.url}/raas/v2/orders", json=order())
        assert third.status_code == 200


def test_sixty_slow_orders_are_answered_side_by_side(tango):
    waiting = threading.Barrier(61)
    tango.sandbox.faults.set("slow", seconds=0.5)
    placed: list[str] = []
    all_placed = threading.Event()

    def count(event):
        if event.type == "order":
            placed.append(event.data["order"].external_ref_id)
            if len(placed) == 60:
                all_placed.set()

    tango.sandbox.subscribe(count)
    statuses: list[int] = []

    def post(number: int) -> None:
        waiting.wait()
        with httpx.Client(verify=NO_AUTHORITIES, auth=("KudosDemo", "demo-key"), timeout=30) as client:
            body = order(externalRefID=f"ref{number}", amount=1)
            statuses.append(client.post(f"{tango.served.url}/raas/v2/orders", json=body).status_code)

    threads = [threading.Thread(target=post, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    waiting.wait()
    for thread in threads:
        thread.join()

    assert all_placed.is_set()
    assert statuses == [201] * 60


@pytest.mark.parametrize(("name", "end"), [("pending_then_complete", "COMPLETE"), ("pending_then_failed", "FAILED")])
def test_a_pending_order_ends_after_so_many_gets(tango, name, end):
    tango.sandbox.faults.set(name, after_gets=2, times=1)

    response = tango.post()

    assert (response.status_code, response.json()["status"]) == (201, "PENDING")
    assert "reward" not in response.json()
    assert tango.sandbox.emails == []
    path = f"/orders/{response.json()['referenceOrderID']}"
    assert tango.client.post(f"{path}/resends").json()["errors"][0]["i18nKey"] == "500.021"
    assert [tango.get(path)["status"] for _ in range(4)] == ["PENDING", "PENDING", end, end]
    assert len(tango.sandbox.emails) == (end == "COMPLETE")
    assert tango.sandbox.balance == (975 if end == "COMPLETE" else 1000)
    assert tango.post().json()["status"] == end


def test_a_pending_order_ends_after_a_time_also_in_lists(tango):
    tango.sandbox.faults.set("pending_then_complete", seconds=60, times=1)
    tango.post()

    assert tango.get("/orders", status="PENDING")["page"]["totalCount"] == 1
    tango.clock.forward(60)
    assert tango.get("/orders", status="PENDING")["page"]["totalCount"] == 0
    assert len(tango.sandbox.emails) == 1


def test_a_failed_order_cannot_be_resent(tango):
    tango.sandbox.faults.set("pending_then_failed", after_gets=0, times=1)
    path = f"/orders/{tango.post().json()['referenceOrderID']}"
    assert tango.get(path)["status"] == "FAILED"

    assert keys(tango.client.post(f"{path}/resends")) == [(None, "403.003")]


def test_a_pending_order_can_be_ended_by_hand(tango):
    tango.sandbox.faults.set("pending_then_failed", seconds=3600)
    reference = tango.post().json()["referenceOrderID"]

    assert tango.sandbox.finish(reference, "COMPLETE").status == "COMPLETE"
    assert len(tango.sandbox.emails) == 1


def test_the_catalog_can_be_down(tango):
    tango.sandbox.faults.set("catalog_down", times=1)

    assert tango.client.get("/catalogs").status_code == 503
    assert tango.client.get("/catalogs").status_code == 200


def test_a_fault_can_wait_for_one_recipient(tango):
    tango.sandbox.faults.set("unavailable_before", email="ROB@example.com")

    assert tango.post(recipient={"firstName": "Ada", "email": "ada@example.com"}).status_code == 201
    assert tango.post(externalRefID="ref2").status_code == 503


def test_a_fault_can_be_aimed_at_another_endpoint(tango):
    tango.sandbox.resend_cooldown = 0
    reference = tango.place()["referenceOrderID"]
    tango.sandbox.faults.set("cut_after", endpoint="resend", times=1)

    assert tango.post(externalRefID="ref2").status_code == 201
    with pytest.raises(httpx.RemoteProtocolError):
        tango.client.post(f"/orders/{reference}/resends")
    assert [email.kind for email in tango.sandbox.emails] == ["original", "original", "resend"]


def test_the_pace_holds_under_any_fault(tango):
    tango.sandbox.min_interval = 1.0
    tango.sandbox.faults.set("unavailable_before")

    assert [tango.post().status_code for _ in range(2)] == [503, 429]


def test_a_fault_lasts_until_it_is_cleared():
    faults = Faults()
    faults.set("slow", seconds=3)
    faults.set("frozen", times=2)

    assert faults.take("slow", endpoint="create") == Fault("slow", "create", seconds=3)
    assert faults.take("slow", endpoint="get") is None
    faults.take("frozen", endpoint="create")
    assert [(fault.name, fault.times) for fault in faults.active()] == [("slow", None), ("frozen", 1)]
    faults.clear("slow")
    faults.take("frozen", endpoint="create")
    assert faults.active() == []
    faults.set("slow", seconds=1)
    faults.set("slow", seconds=2)
    assert [fault.seconds for fault in faults.active()] == [2]
    faults.clear()
    assert faults.active() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "sleepy"},
        {"name": "slow"},
        {"name": "slow", "seconds": -1},
        {"name": "frozen", "times": 0},
        {"name": "frozen", "times": "2"},
        {"name": "frozen", "endpoint": "get"},
        {"name": "frozen", "endpoint": "nowhere"},
        {"name": "frozen", "email": 5},
        {"name": "mismatch", "field": "message"},
        {"name": "pending_then_failed", "after_gets": -1},
    ],
)
def test_a_fault_that_cannot_be_is_refused_here_and_over_http(tango, wrong):
    with pytest.raises((ValueError, TypeError)):
        Faults().set(**wrong)

    response = tango.control.post("/faults", json=wrong)

    assert response.status_code == 400
    assert response.json()["error"]
