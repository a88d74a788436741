"""The Tango stand-in remembers over a restart, and is watched and switched over HTTP."""

import json
import threading
from datetime import timedelta

import httpx
import pytest

from bot.sandbox.tango import TangoSandbox
from tests.kit.tango import NO_AUTHORITIES, Tango, order


def test_what_was_answered_survives_a_restart(tmp_path):
    file = tmp_path / "a folder" / "tango.jsonl"
    with Tango(path=file) as tango:
        tango.place(utid="U561610", expirationDate="2026-06-01T00:00:00Z")
        tango.post(utid="U700401", externalRefID="ref2", amount=10)
        tango.clock.forward(60)
        tango.client.post(f"/orders/{tango.sandbox.orders[0].reference_order_id}/resends")
        before = tango.sandbox

    with Tango(path=file) as tango:
        tango.clock.forward(60)
        after = tango.sandbox

        assert after.orders == before.orders
        assert after.emails == before.emails
        assert after.resends == before.resends
        assert after.balance == before.balance == 964
        assert tango.post().status_code == 200
        assert tango.place(externalRefID="ref3")["referenceOrderID"].startswith("RA260304-1403-")
        assert tango.client.post(f"/orders/{after.orders[0].reference_order_id}/resends").status_code == 403


def test_a_line_cut_off_by_a_kill_is_left_out(tmp_path):
    file = tmp_path / "tango.jsonl"
    with Tango(path=file) as tango:
        tango.place()
    with file.open("a") as lines:
        lines.write('{"record": "Order", "refer')

    assert len(TangoSandbox(path=file).orders) == 1
    assert len(TangoSandbox(path=file).orders) == 1


def test_the_state_shows_what_happened(tango):
    tango.place()
    tango.sandbox.faults.set("slow", seconds=3)

    state = tango.control.get("/state").json()

    assert state["orders"][0]["external_ref_id"] == "ref1"
    assert json.loads(state["arrivals"][0]["body"]) == order()
    assert (state["emails"][0]["to"], state["emails"][0]["kind"]) == ("rob@example.com", "original")
    assert (state["balance"], state["early"]) == ("975.00", 0)
    assert state["counts"] == {"orders": 1, "arrivals": 1, "emails": 1, "resends": 0}
    assert [fault["name"] for fault in state["faults"]] == ["slow"]
    assert "slow" in state["faultNames"]
    assert state["catalog"]["items"] == len(tango.sandbox.catalog)


def test_faults_and_balance_are_set_over_http(tango):
    made = tango.control.post("/faults", json={"name": "unavailable_before", "times": 1})
    tango.control.post("/faults", json={"name": "slow", "seconds": 9})

    assert (made.status_code, made.json()["name"]) == (201, "unavailable_before")
    assert tango.control.delete("/faults/slow").status_code == 204
    assert [fault.name for fault in tango.sandbox.faults.active()] == ["unavailable_before"]
    assert tango.control.delete("/faults").status_code == 204
    assert tango.sandbox.faults.active() == []
    assert tango.control.post("/balance", json={"balance": "12.50"}).json() == {"balance": "12.50"}
    assert tango.get("/accounts/kudos-demo-usd")["currentBalance"] == 12.5


@pytest.mark.parametrize("body", [{}, {"balance": "much"}, {"balance": "NaN"}, []])
def test_a_balance_that_is_none_is_refused(tango, body):
    assert tango.control.post("/balance", json=body).status_code == 400


def test_a_pending_order_is_ended_over_http(tango):
    tango.sandbox.faults.set("pending_then_complete", seconds=3600)
    reference = tango.post().json()["referenceOrderID"]

    assert tango.control.post(f"/orders/{reference}", json={"status": "LOST"}).status_code == 400
    assert tango.control.post("/orders/unknown", json={"status": "FAILED"}).status_code == 404
    assert tango.control.post(f"/orders/{reference}", json={"status": "FAILED"}).json()["status"] == "FAILED"


def test_only_pages_of_this_machine_may_call_the_control(tango):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}

    ours = tango.control.options("/faults", headers={"Origin": "http://127.0.0.1:9999"} | asked)
    foreign = tango.control.options("/faults", headers={"Origin": "https://elsewhere.example"} | asked)
    plain = tango.control.post("/balance", content=b'{"balance": "1"}', headers={"content-type": "text/plain"})

    assert ours.headers["access-control-allow-origin"] == "http://127.0.0.1:9999"
    assert "access-control-allow-origin" not in foreign.headers
    assert plain.status_code == 400


def test_events_are_pushed_as_they_happen(tango):
    listening, types, seen = threading.Event(), [], []

    def listen() -> None:
        with httpx.stream("GET", f"{tango.served.url}/_sandbox/events", verify=NO_AUTHORITIES) as stream:
            for line in stream.iter_lines():
                listening.set()
                if line.startswith("event: "):
                    types.append(line.removeprefix("event: "))
                if line.startswith("data: "):
                    seen.append(json.loads(line.removeprefix("data: ")))
                    if types[-1] == "fault":
                        return

    listener = threading.Thread(target=listen)
    listener.start()
    assert listening.wait(5)
    tango.place()
    tango.sandbox.faults.set("frozen")
    listener.join(5)

    assert types == ["arrival", "balance", "order", "email", "answer", "fault"]
    assert seen[0]["arrival"]["external_ref_id"] == "ref1"
    assert seen[2]["order"]["status"] == "COMPLETE"
    assert seen[3]["email"]["to"] == "rob@example.com"
    assert seen[4]["arrival"]["status"] == 201
    assert seen[5]["active"][0]["name"] == "frozen"


def test_events_are_told_from_where_a_reader_left_off(tango):
    seq = tango.control.get("/state").json()["seq"]
    tango.place()
    told = []

    with tango.control.stream("GET", "/events", params={"since": seq}) as stream:
        for line in stream.iter_lines():
            if line.startswith(("id: ", "event: ")):
                told.append(line.partition(": ")[2])
            if told[-1:] == ["answer"]:
                break

    assert told[1::2] == ["arrival", "balance", "order", "email", "answer"]
    assert told[::2] == [str(seq + 1 + number) for number in range(5)]


def test_a_reader_who_left_off_at_no_known_event_is_told_to_begin_again(tango):
    with tango.control.stream("GET", "/events", params={"since": 10**9}) as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("event: "))

        assert next(lines) == "event: reset"


def test_a_server_stops_under_a_listener_and_a_slow_answer():
    ended = threading.Barrier(3)
    with Tango() as tango:
        arrived, listening = threading.Event(), threading.Event()
        tango.sandbox.faults.set("slow", seconds=3600)
        tango.sandbox.subscribe(lambda event: arrived.set() if event.type == "order" else None)

        def follow() -> None:
            url = f"{tango.served.url}/_sandbox/events"
            with httpx.stream("GET", url, verify=NO_AUTHORITIES) as stream:
                for _ in stream.iter_lines():
                    listening.set()

        def listen() -> None:
            with pytest.raises(httpx.RemoteProtocolError):
                follow()
            ended.wait(5)

        def post() -> None:
            with pytest.raises(httpx.RemoteProtocolError):
                tango.post()
            ended.wait(5)

        threads = [threading.Thread(target=target) for target in (listen, post)]
        for thread in threads:
            thread.start()
        assert listening.wait(5)
        assert arrived.wait(5)
        tango.served.stop()
        ended.wait(5)
        for thread in threads:
            thread.join()


def test_a_subscriber_that_fails_changes_nothing(tango, caplog):
    def fail(_event):
        raise RuntimeError("not mine")

    unsubscribe = tango.sandbox.subscribe(fail)
    tango.place()
    unsubscribe()
    caplog.clear()
    tango.place(externalRefID="ref2")

    assert caplog.text == ""


def test_time_passes_by_the_clock_that_was_given(tango):
    tango.place()
    tango.clock.forward(5)

    assert tango.sandbox.now() - tango.sandbox.orders[0].created_at == timedelta(seconds=5)
