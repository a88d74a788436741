"""Which answers of Tango's say what became of a reference, and which say nothing."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.inquiry import ABSENCE_COUNTS_AFTER, MOST_TRIES, absence_counts, wait_before_next_try
from bot.tango.inquiry import AtTango, Unsaid, read_listed, read_named
from tests.kit.factories import NOON

_OURS = "a" * 32
_ROW = {"referenceOrderID": "RA260314-1-11", "externalRefID": _OURS}
_OTHER = _ROW | {"externalRefID": "b" * 32, "referenceOrderID": "RA260314-2-22"}


def _page(*rows: Any, **page: Any) -> bytes:
    usual = {"number": 0, "elementsPerBlock": 100, "resultCount": len(rows), "totalCount": len(rows)}
    return json.dumps({"page": usual | page, "orders": rows}).encode()


def _numbers(answer: object) -> list[str] | None:
    """Return Tango's numbers of what was found; None where nothing is said."""
    if isinstance(answer, Unsaid):
        return None
    assert isinstance(answer, AtTango)
    return [order.reference_order_id for order in answer.orders]


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        pytest.param(200, _page(_ROW), ["RA260314-1-11"], id="it is there"),
        pytest.param(200, _page(_ROW | {"externalRefID": _OURS.upper()}), ["RA260314-1-11"], id="in capitals"),
        pytest.param(200, _page(_OTHER, _ROW), ["RA260314-1-11"], id="among others"),
        pytest.param(200, _page(_ROW, _ROW), ["RA260314-1-11"] * 2, id="twice"),
        pytest.param(200, _page(), [], id="nothing on Tango's page"),
        pytest.param(200, b'{"page": {}, "orders": []}', [], id="nothing, and no counts"),
        pytest.param(200, _page(_OTHER), None, id="others alone"),
        pytest.param(200, _page(_ROW | {"externalRefID": f"{_OURS}1"}), None, id="one that begins the same"),
        pytest.param(200, _page(totalCount=1), None, id="nothing, of one"),
        pytest.param(200, _page({"externalRefID": _OURS}), None, id="an order without its number"),
        pytest.param(200, _page("x"), None, id="no order"),
        pytest.param(200, b'{"orders": []}', None, id="no page"),
        pytest.param(200, b'{"page": {}}', None, id="no orders"),
        pytest.param(200, b'{"page": {}, "orders": {}}', None, id="no list"),
        pytest.param(200, b"[]", None, id="another shape"),
        pytest.param(200, b"{}", None, id="an empty object"),
        pytest.param(200, b"", None, id="an empty body"),
        pytest.param(200, b"<html>Welcome</html>", None, id="a page of a portal"),
        pytest.param(200, _page()[:-9], None, id="half a page"),
        pytest.param(204, b"", None, id="no content"),
        pytest.param(404, b'{"i18nKey": "404.110"}', None, id="404"),
        pytest.param(403, b"<html></html>", None, id="403 of a gateway"),
        pytest.param(429, b"", None, id="429"),
        pytest.param(502, _page(), None, id="502"),
    ],
)
def test_what_became_of_a_reference_is_said_by_tangos_own_page_alone(status: int, body: bytes, found: list[str] | None):
    assert _numbers(read_listed(_OURS, status, {}, body)) == found


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        pytest.param(200, json.dumps(_ROW).encode(), ["RA260314-1-11"], id="it is there"),
        pytest.param(200, json.dumps(_OTHER).encode(), None, id="another"),
        pytest.param(200, b"{}", None, id="no order"),
        pytest.param(404, b'{"i18nKey": "404.005", "message": "no such order"}', [], id="Tango's 404"),
        pytest.param(404, b"<html>404</html>", None, id="a gateway's 404"),
        pytest.param(401, b'{"i18nKey": "401.501"}', None, id="401"),
        pytest.param(503, b"", None, id="503"),
    ],
)
def test_what_has_a_number_is_said_by_that_order_or_by_tangos_404(status: int, body: bytes, found: list[str] | None):
    assert _numbers(read_named("RA260314-1-11", status, {}, body)) == found


def test_what_is_read_has_no_reward():
    body = json.dumps(_ROW | {"reward": {"credentialList": [{"label": "Code", "value": "recognisable"}]}}).encode()
    answer = read_named("RA260314-1-11", 200, {}, body)
    assert "recognisable" not in repr(answer)
    assert isinstance(answer, AtTango)
    assert getattr(answer.orders[0], "reward") is None  # noqa: B009 (an OrderDetail's)


def test_absence_counts_from_an_hour_after_the_last_attempt():
    moment = timedelta(milliseconds=1)
    assert not absence_counts(NOON, NOON + ABSENCE_COUNTS_AFTER - moment)
    assert absence_counts(NOON, NOON + ABSENCE_COUNTS_AFTER)
    assert not absence_counts(NOON, NOON - timedelta(days=1)), "the clock was put back"


def test_a_question_in_vain_is_asked_again_with_growing_waits():
    waits = [wait_before_next_try(tries) for tries in range(1, MOST_TRIES + 1)]
    assert waits == [*(timedelta(seconds=seconds) for seconds in (2, 4, 8, 16)), None]
