"""What Tango's answers mean: every documented status with the keys that come with it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.queue import HaltCause
from bot.tango.outcomes import (
    Accepted,
    Ambiguous,
    Halted,
    Outcome,
    Reason,
    Rejected,
    ResendAmbiguous,
    ResendOutcome,
    ResendRefused,
    ResendThrottled,
    Resent,
    Throttled,
    classify,
    classify_look,
    classify_resend,
    unanswered,
)

HEADERS = {"x-request-id": "req-1"}


def envelope(key: str | None, **more: Any) -> bytes:
    error = {"message": "said", **({} if key is None else {"i18nKey": key}), **more}
    return json.dumps({"requestId": "req-body", "path": "/raas/v2/orders", "errors": [error]}).encode()


def place(status: int, key: str | None = None) -> Outcome:
    return classify(status, HEADERS, envelope(key))


@pytest.mark.parametrize("status", [200, 201])
def test_a_placed_order_is_accepted(status):
    outcome = classify(status, HEADERS, b'{"referenceOrderID":"RA1-1-1","status":"COMPLETE"}')
    assert isinstance(outcome, Accepted)
    assert (outcome.status, outcome.request_id) == (status, "req-1")
    assert (outcome.order.reference_order_id, outcome.order.status) == ("RA1-1-1", "COMPLETE")


@pytest.mark.parametrize(
    ("status", "key", "cause"),
    [
        (401, "401.501", HaltCause.UNAUTHORIZED),
        (401, "401.502", HaltCause.UNAUTHORIZED),
        (401, None, HaltCause.UNAUTHORIZED),
        (402, "402.001", HaltCause.INSUFFICIENT_FUNDS),
        (402, None, HaltCause.INSUFFICIENT_FUNDS),
        (403, None, HaltCause.FORBIDDEN),
        (403, "403.007", HaltCause.FORBIDDEN),
        (403, "403.016", HaltCause.FORBIDDEN),
        (403, "403.018", HaltCause.FORBIDDEN),
        (403, "403.020", HaltCause.FORBIDDEN),
        (403, "403.999", HaltCause.FORBIDDEN),
        (422, "404.142", HaltCause.ACCOUNT_FROZEN),
        (400, "404.142", HaltCause.ACCOUNT_FROZEN),
        (403, "404.142", HaltCause.ACCOUNT_FROZEN),
        *((400, key, HaltCause.ACCOUNT_UNUSABLE) for key in ("404.002", "404.003", "404.015", "404.016", "422.053")),
        *((404, key, HaltCause.ACCOUNT_UNUSABLE) for key in ("404.003", "404.004", "404.020", "404.089")),
        *((422, key, HaltCause.ACCOUNT_UNUSABLE) for key in ("404.004", "404.096", "422.156")),
    ],
)
def test_what_every_order_would_meet_halts(status, key, cause):
    outcome = place(status, key)
    assert outcome == Halted(status=status, i18n_key=key, request_id="req-1", cause=cause)


@pytest.mark.parametrize(
    ("status", "key"),
    [
        *(
            (400, key)
            for key in (
                *("400.009", "400.501", "422.007", "422.013", "422.024", "422.025", "422.026", "422.027"),
                *("422.028", "422.029", "422.030", "422.031", "422.097", "422.105", "422.110", "422.111"),
                *("422.124", "422.128", "422.134", "422.135", "422.140", "422.141", "422.162", "422.166"),
                *("422.167", "422.168", "422.169", "422.501", "422.502", None),
            )
        ),
        (403, "403.008"),
        (403, "403.021"),
        (404, "404.005"),
        (404, None),
        (405, "405.001"),
        (406, "406.001"),
        (415, "415.001"),
        (422, "422.024"),
        (422, "404.005"),
        (422, None),
        (428, "428.001"),
    ],
)
def test_what_is_wrong_with_this_order_fails_it_alone(status, key):
    outcome = place(status, key)
    assert outcome == Rejected(status=status, i18n_key=key, request_id="req-1", message="said", field=None)


@pytest.mark.parametrize("key", ["429.001", "429.008", None])
def test_too_early_waits_a_second(key):
    assert place(429, key) == Throttled(status=429, i18n_key=key, request_id="req-1", wait=1.0)


@pytest.mark.parametrize(
    ("status", "key", "reason", "wait"),
    [
        (500, "500.001", Reason.SERVER_ERROR, 1.0),
        (500, "500.005", Reason.SERVER_ERROR, 1.0),
        (502, "502.001", Reason.SERVER_ERROR, 1.0),
        (503, "503.002", Reason.SERVER_ERROR, 1.0),
        (503, "503.035", Reason.SERVER_ERROR, 1.0),
        (503, "503.042", Reason.SERVER_ERROR, 1.0),
        (503, "503.501", Reason.SERVER_ERROR, 1.0),
        (503, "503.502", Reason.SERVER_ERROR, 1.0),
        (503, "404.142", Reason.SERVER_ERROR, 1.0),
        (504, None, Reason.SERVER_ERROR, 1.0),
        (408, None, Reason.TIMEOUT, 1.0),
        (409, "409.002", Reason.IN_FLIGHT, 2.0),
        (409, "409.024", Reason.IN_FLIGHT, 2.0),
        (409, None, Reason.IN_FLIGHT, 2.0),
        (102, None, Reason.UNEXPECTED, 1.0),
        (202, None, Reason.UNEXPECTED, 1.0),
        (204, None, Reason.UNEXPECTED, 1.0),
        (301, None, Reason.UNEXPECTED, 1.0),
        (307, None, Reason.UNEXPECTED, 1.0),
        (600, None, Reason.UNEXPECTED, 1.0),
    ],
)
def test_what_may_have_placed_the_order_is_ambiguous(status, key, reason, wait):
    outcome = place(status, key)
    assert outcome == Ambiguous(status=status, i18n_key=key, request_id="req-1", reason=reason, minimum_wait=wait)


#: What gateways, proxies and firewalls answer in Tango's place.
FOREIGN: dict[str, bytes] = {
    "a page": b"<!doctype html><title>404 Not Found</title><h1>nginx</h1>",
    "nothing": b"",
    "a text": b"upstream connect error",
    "a message": b'{"message":"Missing Authentication Token"}',
    "a framework's": b'{"timestamp":"2026-01-01T00:00:00Z","status":404,"error":"Not Found","path":"/raas/v2/orders"}',
    "another API's": b'{"errors":[{"code":"E1","message":"blocked"}]}',
    "another request id": b'{"requestId":"r-1","message":"denied"}',
    "a list": b'[{"i18nKey":"404.003"}]',
}


@pytest.mark.parametrize("body", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 415, 418, 421, 422, 429, 451, 499])
def test_what_is_not_tangos_envelope_is_ambiguous_whatever_its_status(status, body):
    for outcome in (classify(status, HEADERS, body), classify_look(status, HEADERS, body)):
        assert isinstance(outcome, Ambiguous)
        assert (outcome.status, outcome.reason, outcome.i18n_key) == (status, Reason.FOREIGN, None)
    again = classify_resend(status, HEADERS, body)
    assert again == ResendAmbiguous(status=status, reason=Reason.FOREIGN, request_id=again.request_id)


@pytest.mark.parametrize(
    "body",
    [
        b'{"i18nKey":"404.005","message":"unknown"}',
        b'{"errors":[{"i18nKey":"404.005"}]}',
        b'{"requestId":"r-1","errors":[{"code":404003,"message":"unknown"}]}',
        b'{"requestId":"r-1","path":"/raas/v2/orders","httpCode":404,"httpPhrase":"Not Found","message":"unknown"}',
    ],
)
def test_tangos_envelope_is_known_in_each_of_its_forms(body):
    assert isinstance(classify(404, HEADERS, body), Rejected)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("application/json", "utf-8-sig"),
        ("application/json", "utf-16"),
        ("application/json", "utf-16-le"),
        ("application/json", "utf-32-be"),
        ("application/json; charset=UTF-8", "utf-8"),
        ("application/json; charset=iso-8859-1", "utf-8"),
        ("application/json; charset=utf-16", "utf-8"),
        ('application/json;charset="ISO-8859-1"', "iso-8859-1"),
        ("application/json; charset=windows-1252", "cp1252"),
    ],
)
def test_a_success_is_read_from_its_bytes(status, content_type, encoding):
    body = '{"referenceOrderID":"RA1-1-1","recipient":{"firstName":"Zoë"}}'.encode(encoding)
    outcome = classify(status, {"Content-Type": content_type}, body)
    assert isinstance(outcome, Accepted)
    assert outcome.order.recipient is not None
    assert (outcome.order.reference_order_id, outcome.order.recipient.first_name) == ("RA1-1-1", "Zoë")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_refusal_is_read_from_its_bytes(encoding):
    body = envelope("422.134").decode().encode(encoding)
    assert isinstance(classify(400, HEADERS, body), Rejected)


@pytest.mark.parametrize("charset", ["no-such", "hex", "undefined"])
def test_a_charset_that_is_none_changes_nothing(charset):
    outcome = classify(201, {"Content-Type": f"application/json; charset={charset}"}, b'{"referenceOrderID":"\xe9"}')
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason is Reason.UNREADABLE


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"referenceOrderID":""}',
        b'{"referenceOrderID":null}',
        b'{"referenceOrderID":"RA',
        b'{"referenceOrderID":"R","a":NaN}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_an_unreadable_success_is_ambiguous(status, body):
    outcome = classify(status, HEADERS, body)
    assert isinstance(outcome, Ambiguous)
    assert (outcome.reason, outcome.request_id) == (Reason.UNREADABLE, "req-1")


def test_an_odd_field_beside_it_does_not_hide_a_placed_order():
    odd: dict[str, Any] = {
        "referenceOrderID": "RA1",
        "createdAt": "yesterday",
        "sendEmail": "perhaps",
        "denomination": [],
        "amountCharged": {"value": "x", "total": True, "fee": "1e999999999"},
        "recipient": "Rob",
        "sender": {"firstName": 7, "email": {}},
        "utid": None,
        "reward": {"credentialList": ["code", {"value": None}]},
    }
    outcome = classify(201, {}, json.dumps(odd).encode())
    assert isinstance(outcome, Accepted)
    assert outcome.order.created_at is None
    assert outcome.order.amount_charged is not None
    assert outcome.order.amount_charged.fee is None


@pytest.mark.parametrize(
    ("asked", "wait"), [("7", 7.0), ("0", 1.0), ("86400", 60.0), ("soon", 1.0), ("-5", 1.0), ("٣", 1.0)]
)
def test_retry_after_is_honoured_within_reason(asked, wait):
    headers = {"Retry-After": asked}
    throttled, unavailable = classify(429, headers, envelope("429.008")), classify(503, headers, b"")
    assert isinstance(throttled, Throttled)
    assert isinstance(unavailable, Ambiguous)
    assert (throttled.wait, unavailable.minimum_wait) == (wait, wait)


def test_the_field_and_all_texts_of_a_refusal_are_kept():
    body = {
        "path": "/raas/v2/orders",
        "errors": [
            {"path": "utid", "message": "no key here"},
            {"path": "recipient.email", "i18nKey": "422.134", "message": "must be well-formed"},
        ],
    }
    outcome = classify(400, {}, json.dumps(body).encode())
    assert outcome == Rejected(
        status=400,
        i18n_key="422.134",
        request_id=None,
        message="no key here; must be well-formed",
        field="recipient.email",
    )


def test_a_refusal_without_an_error_list_is_read_from_the_top():
    body = b'{"requestId":"req-2","i18nKey":"404.005","message":"unknown","path":"/raas/v2/orders"}'
    outcome = classify(404, {}, body)
    assert outcome == Rejected(status=404, i18n_key="404.005", request_id="req-2", message="unknown", field=None)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("rob@acme.example is no address", "(address) is no address"),
        ("<rob.o'hale+x@acme.example>, kim@acme.example", "<(address)>, (address)"),
        ('email: "rob@nowhere"; sent to=li@acme.example.', 'email: "(address)"; sent to=(address)'),
        ("5 @ 6 is no address", "5 @ 6 is no address"),
    ],
)
def test_what_tango_says_is_kept_without_e_mail_addresses(said: str, kept: str):
    refused = classify(400, HEADERS, envelope("422.134", message=said))
    assert isinstance(refused, Rejected)
    assert refused.message == kept
    again = classify_resend(400, HEADERS, envelope("422.134", message=said))
    assert isinstance(again, ResendRefused)
    assert again.message == kept


def test_a_message_decides_nothing():
    lies = envelope("422.024", message="429 too many requests, account frozen, insufficient funds")
    assert isinstance(classify(400, {}, lies), Rejected)


def test_a_request_id_cannot_forge_a_log_line():
    body = json.dumps({"requestId": "a\nERROR b" + "c" * 500}).encode()
    outcome = classify(500, {}, body)
    assert isinstance(outcome, Ambiguous)
    assert outcome.request_id is not None
    assert "\n" not in outcome.request_id
    assert len(outcome.request_id) == 100


_NAMES = st.sampled_from(
    [
        *("referenceOrderID", "errors", "i18nKey", "message", "path", "requestId", "timestamp", "email"),
        *("i18nTokenReplacements", "createdAt", "recipient", "denomination", "value", "reward", "id"),
        *("credentialList", "sendEmail", "amountCharged", "\ud800"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=12,
)


@given(st.integers(100, 599), JSON | st.just("\ud800"), st.dictionaries(st.sampled_from(["date"]), st.text()))
@example(403, {"i18nKey": "403.005", "message": "9999-12-31T23:59:59Z", "i18nTokenReplacements": ["30"]}, {})
@example(201, {"referenceOrderID": "\ud800", "message": "\ud800", "recipient": {"email": "\udfff"}}, {})
@example(201, {"referenceOrderID": "R", "\ud800": 1, "createdAt": "0001-01-01T00:00:00+23:59"}, {})
@example(403, {"i18nKey": "403.005"}, {"date": "Mon, 01 Jan 2024 00:00:00 +99999999"})
def test_no_answer_whatever_raises(status, value, headers):
    body = json.dumps(value).encode()
    assert isinstance(classify(status, headers, body), Outcome)
    assert isinstance(classify_resend(status, headers, body), ResendOutcome)


@given(st.integers(100, 599), st.binary())
def test_no_bytes_whatever_raise(status, body):
    assert isinstance(classify(status, {}, body), Outcome)
    assert isinstance(classify_resend(status, {}, body), ResendOutcome)


# ------------------------------------------------------------------------------------------ resends


def too_soon(tokens: list[Any], message: str = "too soon") -> bytes:
    return envelope("403.005", message=message, i18nTokenReplacements=tokens)


def test_a_resend_tells_where_and_when():
    body = b'{"id":7,"createdAt":"2024-03-25T22:46:39.922Z","email":"rob@example.com"}'
    assert classify_resend(201, HEADERS, body) == Resent(
        email="rob@example.com",
        created_at=datetime(2024, 3, 25, 22, 46, 39, 922_000, tzinfo=UTC),
        request_id="req-1",
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]"])
def test_an_unreadable_resend_is_unclear(body):
    assert classify_resend(201, HEADERS, body) == ResendAmbiguous(
        status=201, reason=Reason.UNREADABLE, request_id="req-1"
    )


LAST = datetime(2024, 3, 25, 22, 46, 39, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "left"),
    [
        ("Mon, 25 Mar 2024 22:46:51 GMT", 18),
        ("Mon, 25 Mar 2024 22:46:39 GMT", 30),
        ("Mon, 25 Mar 2024 22:50:00 GMT", 1),
        ("Mon, 25 Mar 2024 22:40:00 GMT", 30),
        ("nonsense", 30),
    ],
)
def test_the_seconds_left_are_reckoned_by_tangos_clock(date, left):
    outcome = classify_resend(403, {"Date": date}, too_soon(["30", "2024-03-25T22:46:39Z"]))
    assert outcome == ResendThrottled(seconds_left=left, last_sent_at=LAST, request_id="req-body")


@pytest.mark.parametrize(
    ("tokens", "message", "seconds"),
    [
        pytest.param(["2024-03-25T22:46:39Z", "30"], "", 30, id="the seconds second"),
        pytest.param(["0", "30"], "", 30, id="nought is no cooldown"),
        pytest.param(["-5", "30"], "", 30, id="nor is less"),
        pytest.param(["1711406799000", "30"], "", 30, id="nor is a moment in milliseconds"),
        pytest.param(["86401", "30"], "", 30, id="nor is more than a day"),
        pytest.param(["86400"], "", 86_400, id="a day is"),
        pytest.param(["29.2"], "", 30, id="rounded up"),
        pytest.param(["30", "7"], "", 30, id="the first one counts"),
        pytest.param(["NaN", "Infinity", "30"], "", 30, id="what is no number"),
        pytest.param([], "Try again in 12 seconds, after 3 attempts.", None, id="a number in the message is none"),
        pytest.param(["soon"], "30", None, id="words"),
    ],
)
def test_only_tangos_replacement_for_seconds_is_the_cooldown(tokens: list[str], message: str, seconds: int | None):
    outcome = classify_resend(403, {}, too_soon(tokens, message))
    assert isinstance(outcome, ResendThrottled)
    assert outcome.seconds_left == seconds


@pytest.mark.parametrize("date", ["Mon, 25 Mar 2024 22:40:00 GMT", "Sun, 24 Mar 2024 22:46:39 GMT"])
def test_what_is_left_is_never_more_than_the_cooldown(date: str):
    """The last send lies in the future by the clock of the answer."""
    outcome = classify_resend(403, {"Date": date}, too_soon(["30", "2024-03-25T22:46:39Z"]))
    assert isinstance(outcome, ResendThrottled)
    assert outcome.seconds_left == 30


def test_without_facts_a_cooldown_is_still_one():
    assert classify_resend(403, {}, envelope("403.005")) == ResendThrottled(
        seconds_left=None, last_sent_at=None, request_id="req-body"
    )


def test_the_last_send_is_taken_from_the_message_where_it_stands_only_there():
    body = too_soon([], "Once every 30 seconds. Last sent at 2024-03-25T22:46:39.123456789Z.")
    outcome = classify_resend(403, {}, body)
    assert isinstance(outcome, ResendThrottled)
    assert outcome.last_sent_at == LAST.replace(microsecond=123_456)


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (400, "422.134"),
        (401, "401.501"),
        (403, "403.003"),
        (403, None),
        (404, "404.005"),
        (404, "404.017"),
        (409, None),
        (422, None),
        (500, "500.021"),
    ],
)
def test_other_refusals_of_a_resend_are_final(status, key):
    assert classify_resend(status, HEADERS, envelope(key)) == ResendRefused(
        status=status, i18n_key=key, message="said", request_id="req-1"
    )


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, Reason.UNEXPECTED),
        (408, Reason.TIMEOUT),
        (429, Reason.TOO_MANY),
        (500, Reason.SERVER_ERROR),
        (502, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
    ],
)
def test_an_open_resend_is_unclear(status, reason):
    assert classify_resend(status, HEADERS, envelope(None)) == ResendAmbiguous(
        status=status, reason=reason, request_id="req-1"
    )


@pytest.mark.parametrize(
    ("status", "key", "of_everyone"),
    [
        (503, "503.501", True),
        (500, None, True),
        (302, None, True),
        (408, None, True),
        (409, "409.002", False),
        *((503, key, False) for key in ("503.002", "503.003", "503.004", "503.005", "503.035", "503.042")),
    ],
)
def test_an_unclear_answer_is_everyones_unless_it_is_of_one_reward_or_one_reference(status, key, of_everyone):
    outcome = place(status, key)
    assert isinstance(outcome, Ambiguous)
    assert outcome.is_of_everyone is of_everyone


def test_no_answer_at_all_is_everyones():
    assert all(unanswered(reason).is_of_everyone for reason in (Reason.TIMEOUT, Reason.NOT_CONNECTED))
