"""Searches as people type them, and the days that they name."""

from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from bot.domain.days import read_period, start_of, zone_of
from bot.domain.order import OrderStatus
from bot.domain.request import RequestStatus
from bot.domain.search import OrderSearch, SearchStatus
from bot.domain.search_parser import LONGEST_SEARCH, corrected, parse_search
from bot.errors import SearchNotUnderstood
from bot.faults import SearchFault
from tests.kit.factories import ADA, MAYA, ROB

#: A Wednesday in the week of 16 March; in Auckland it is Thursday by then.
NOW: Final = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
REFERENCE: Final = "0123456789abcdef0123456789abcdef"


#: The recipients whom a search may name.
NAMES: Final = {"rob", "rob hale", "maria del mar", "fay"}


def search(text: str, *people: str, zone: str = "UTC") -> OrderSearch:
    return parse_search(
        text,
        people,
        actor_id=ADA,
        now=NOW,
        zone=zone,
        currencies={"USD", "EUR", "GBP"},
        is_name=lambda name: name in NAMES,
    )


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


CRITERIA: Final[dict[str, dict[str, Any]]] = {
    "": {},
    "failed": {"status": SearchStatus.FAILED},
    "Placed orders": {"status": SearchStatus.ACCEPTED},
    "needs attention": {"status": SearchStatus.NEEDS_ATTENTION},
    "cancelled": {"status": SearchStatus.CANCELED},
    "pending": {"status": SearchStatus.PENDING_APPROVAL},
    "scheduled": {"status": SearchStatus.SCHEDULED},
    "waiting for approval": {"status": SearchStatus.PENDING_APPROVAL},
    "waiting": {"status": SearchStatus.WAITING},
    "approved": {"status": SearchStatus.APPROVED},
    "declined": {"status": SearchStatus.DECLINED},
    "on hold": {"status": SearchStatus.QUEUED},
    "sent": {"status": SearchStatus.ACCEPTED},
    "all": {},
    "all failed": {"status": SearchStatus.FAILED},
    "mine": {"requester_id": ADA},
    "received": {"recipient_id": ADA},
    # names without @
    "rob": {"recipient_name": "rob"},
    "Rob Hale failed": {"recipient_name": "rob hale", "status": SearchStatus.FAILED},
    "maria del mar this week": {"recipient_name": "maria del mar", "since": day("03-16"), "until": day("03-18")},
    "fay": {"recipient_name": "fay"},  # and not `may`
    "status:pending": {"tango_status": "PENDING"},
    "status: on_hold": {"tango_status": "ON_HOLD"},
    'status:"on hold"': {"tango_status": "ON_HOLD"},
    "item:RETURNED": {"line_item_status": "RETURNED"},
    # people
    "Rob@Acme.example": {"recipient_email": "Rob@Acme.example"},
    "email:rob@acme.example": {"recipient_email": "rob@acme.example"},
    "first:Rob last:Hale": {"recipient_first_name": "Rob", "recipient_last_name": "Hale"},
    "sender:maya@acme.example": {"sender_email": "maya@acme.example"},
    'sender-first:Maya sender-last:"van Dyck"': {"sender_first_name": "Maya", "sender_last_name": "van Dyck"},
    # amounts
    "over 50": {"min_amount": Decimal(50)},
    "at least 50.50": {"min_amount": Decimal("50.50")},
    "more than $1,000": {"min_amount": Decimal(1000)},
    "under 100": {"max_amount": Decimal(100)},
    "up to £20": {"max_amount": Decimal(20), "currency_code": "GBP"},
    "less than 20€": {"max_amount": Decimal(20), "currency_code": "EUR"},
    "50+": {"min_amount": Decimal(50)},
    "$50+ usd": {"min_amount": Decimal(50), "currency_code": "USD"},
    ">50": {"min_amount": Decimal(50)},
    "> 50": {"min_amount": Decimal(50)},
    ">=50 <100": {"min_amount": Decimal(50), "max_amount": Decimal(100)},
    "<=€20": {"max_amount": Decimal(20), "currency_code": "EUR"},
    "over 2026": {"min_amount": Decimal(2026)},
    "2026 usd": {"min_amount": Decimal(2026), "max_amount": Decimal(2026), "currency_code": "USD"},
    "50-100": {"min_amount": Decimal(50), "max_amount": Decimal(100)},
    "$50 \N{EN DASH} $100".replace(" ", ""): {"min_amount": Decimal(50), "max_amount": Decimal(100)},
    "€5..€10": {"min_amount": Decimal(5), "max_amount": Decimal(10), "currency_code": "EUR"},
    "50$": {"min_amount": Decimal(50), "max_amount": Decimal(50)},
    "over zł20": {"min_amount": Decimal(20), "currency_code": "PLN"},
    "over ¥500": {"min_amount": Decimal(500)},  # yen or yuan
    "50$-100$": {"min_amount": Decimal(50), "max_amount": Decimal(100)},
    "from 50 to 100": {"min_amount": Decimal(50), "max_amount": Decimal(100)},
    "over 50 under 100 usd": {"min_amount": Decimal(50), "max_amount": Decimal(100), "currency_code": "USD"},
    "25 usd": {"min_amount": Decimal(25), "max_amount": Decimal(25), "currency_code": "USD"},
    "currency:jpy": {"currency_code": "JPY"},
    # days
    "yesterday": {"since": day("03-17"), "until": day("03-17")},
    "last week": {"since": day("03-09"), "until": day("03-15")},
    "this week": {"since": day("03-16"), "until": day("03-18")},
    "2026": {"since": day("01-01"), "until": day("12-31")},
    "since 2026": {"since": day("01-01")},
    "this month": {"since": day("03-01"), "until": day("03-18")},
    "since monday": {"since": day("03-16")},
    "since 2026-02-01": {"since": day("02-01")},
    "until 2026-02-28": {"until": day("02-28")},
    "from monday to tuesday": {"since": day("03-16"), "until": day("03-17")},
    "before february": {"until": day("01-31")},
    "after last week": {"since": day("03-16")},
    "2026-02-01..2026-02-10": {"since": day("02-01"), "until": day("02-10")},
    # what was ordered
    "reward:amazon": {"reward_name": "amazon"},
    "U561593": {"utid": "U561593"},
    "utid:u561593": {"utid": "U561593"},
    "ptid:p000001": {"ptid": "P000001"},
    "mailed": {"send_email": True},
    "not mailed": {"send_email": False},
    "mailed:no": {"send_email": False},
    "campaign:launch": {"campaign": "launch"},
    "Campaign: launch": {"campaign": "launch"},
    "campaign:summer launch": {"campaign": "summer launch"},
    "campaign:Summer launch failed status:FAILED": {"campaign": "Summer launch failed", "tango_status": "FAILED"},
    'campaign:"launch" failed': {"campaign": "launch", "status": SearchStatus.FAILED},
    "first:Rob last:van Dyck": {"recipient_first_name": "Rob", "recipient_last_name": "van Dyck"},
    "status:failed over 50": {"tango_status": "FAILED", "min_amount": Decimal(50)},
    "po:PO-7": {"purchase_order_number": "PO-7"},
    'notes:"for the board" failed': {"notes": "for the board", "status": SearchStatus.FAILED},
    "notes:“for the board”": {"notes": "for the board"},
    "item-notes:late": {"line_item_notes": "late"},
    REFERENCE: {"external_ref_id": REFERENCE},
    "ref:RA-7": {"external_ref_id": "RA-7"},
    "tango": {"at_tango": True},
    # several
    "failed over 50 usd last week campaign:launch": {
        "status": SearchStatus.FAILED,
        "min_amount": Decimal(50),
        "currency_code": "USD",
        "since": day("03-09"),
        "until": day("03-15"),
        "campaign": "launch",
    },
}


@pytest.mark.parametrize(("text", "found"), CRITERIA.items(), ids=CRITERIA)
def test_words_become_criteria(text: str, found: dict[str, Any]):
    assert search(text) == OrderSearch(**found)


def test_every_criterion_can_be_said_in_words():
    said = {name for found in CRITERIA.values() for name in found} | {"recipient_id", "zone"}
    # Who asked for it is a mention too, and a mention is taken for the recipient: the Filter form tells them apart.
    assert said | {"requester_id"} == {field.name for field in fields(OrderSearch)}


def test_a_mention_is_who_it_was_for():
    assert search("to last week", ROB) == OrderSearch(recipient_id=ROB, since=day("03-09"), until=day("03-15"))


REFUSED: Final = {
    "foo": (SearchFault.UNKNOWN, "foo"),
    "failed foo:bar": (SearchFault.UNKNOWN, "foo:"),
    "campaign:": (SearchFault.UNKNOWN, "campaign:"),
    'campaign:""': (SearchFault.VALUE, "campaign:"),
    "status:nonsense": (SearchFault.VALUE, "status:nonsense"),
    "item:ours": (SearchFault.VALUE, "item:ours"),
    "currency:dollars": (SearchFault.VALUE, "currency:dollars"),
    "mailed:perhaps": (SearchFault.VALUE, "mailed:perhaps"),
    "failed placed": (SearchFault.TWICE, "placed"),
    "usd over £5": (SearchFault.TWICE, "over £5"),
    "yesterday since monday": (SearchFault.TWICE, "since monday"),
    "over 100 under 50": (SearchFault.REVERSED, "over 100 under 50"),
    "since today until yesterday": (SearchFault.REVERSED, "since today until yesterday"),
    "since forever": (SearchFault.UNKNOWN, "since"),
    "over 1000000": (SearchFault.UNKNOWN, "over"),
    "2026-02-30": (SearchFault.UNKNOWN, "2026-02-30"),
    "xyz": (SearchFault.UNKNOWN, "xyz"),
}


@pytest.mark.parametrize(("text", "why"), REFUSED.items(), ids=REFUSED)
def test_what_is_not_understood_is_named(text: str, why: tuple[SearchFault, str]):
    with pytest.raises(SearchNotUnderstood) as refused:
        search(text)
    assert (refused.value.fault, refused.value.word) == why


MEANT: Final = {
    "faild": "failed",
    "@rob Faild over 50": "@rob failed over 50",
    "declind last week": "declined last week",
    "yesterdya": "yesterday",
    "statsu:FAILED": "status:FAILED",
    "gibberish": None,
    "since": None,
    "failed placed": None,
}


@pytest.mark.parametrize(("text", "meant"), MEANT.items(), ids=MEANT)
def test_a_typo_is_taken_for_the_word_that_it_looks_like(text: str, meant: str | None):
    with pytest.raises(SearchNotUnderstood) as refused:
        search(text.replace("@rob ", ""))
    assert corrected(text, refused.value) == meant


STATES: Final[dict[SearchStatus | None, tuple[bool, OrderStatus | None, RequestStatus | None]]] = {
    None: (True, None, RequestStatus.PENDING_APPROVAL),
    SearchStatus.WAITING: (True, OrderStatus.QUEUED, RequestStatus.PENDING_APPROVAL),
    SearchStatus.PENDING_APPROVAL: (False, None, RequestStatus.PENDING_APPROVAL),
    SearchStatus.APPROVED: (True, None, None),
    SearchStatus.DECLINED: (False, None, RequestStatus.DECLINED),
    SearchStatus.WITHDRAWN: (False, None, RequestStatus.WITHDRAWN),
    SearchStatus.EXPIRED: (False, None, RequestStatus.EXPIRED),
    SearchStatus.SCHEDULED: (True, OrderStatus.QUEUED, RequestStatus.PENDING_APPROVAL),
    **{SearchStatus(status): (True, status, None) for status in OrderStatus},
}


@pytest.mark.parametrize(("status", "found"), STATES.items(), ids=str)
def test_each_state_is_a_requests_or_its_orders(
    status: SearchStatus | None, found: tuple[bool, OrderStatus | None, RequestStatus | None]
):
    wanted = OrderSearch(status=status)
    assert (wanted.finds_orders, wanted.order_status, wanted.request_status) == found


def test_every_state_has_its_place():
    assert set(STATES) == {None, *SearchStatus}


@pytest.mark.parametrize("part", ["for ", "to from ", "a@" + "." * 50, '"'])
def test_what_no_button_can_carry_is_not_read(part: str):
    longest = ("for " * LONGEST_SEARCH)[:LONGEST_SEARCH]
    assert search(longest) == OrderSearch(zone="UTC")
    with pytest.raises(SearchNotUnderstood) as refused:
        search((part * (LONGEST_SEARCH + 1))[: LONGEST_SEARCH + 1])
    assert refused.value.fault is SearchFault.TOO_LONG


def test_one_person_at_a_time():
    with pytest.raises(SearchNotUnderstood) as refused:
        search("", ROB, MAYA)
    assert (refused.value.fault, refused.value.word) == (SearchFault.ONE_PERSON, MAYA)


def test_what_a_key_takes_is_told():
    with pytest.raises(SearchNotUnderstood) as refused:
        search("item:ours")
    assert "RETURNED" in refused.value.known


# -------------------------------------------------------------------------------------------- days

PERIODS: Final = {
    "today": ("03-18", "03-18", 1),
    "this week": ("03-16", "03-18", 2),
    "this year": ("01-01", "03-18", 2),
    "this quarter": ("01-01", "03-18", 2),
    "past week": ("03-09", "03-15", 2),
    "previous month": ("02-01", "02-28", 2),
    "last wednesday": ("03-11", "03-11", 2),
    "wednesday": ("03-18", "03-18", 1),
    "thu": ("03-12", "03-12", 1),
    "march": ("03-01", "03-31", 1),
    "february more words": ("02-01", "02-28", 1),
    "last february": ("02-01", "02-28", 2),
    "2026-01": ("01-01", "01-31", 1),
    "last 7 days": ("03-12", "03-18", 3),
    "past 2 weeks": ("03-05", "03-18", 3),
    "last 1 month": ("02-18", "03-18", 3),
}


@pytest.mark.parametrize(("text", "named"), PERIODS.items(), ids=PERIODS)
def test_days_are_named_as_people_name_them(text: str, named: tuple[str, str, int]):
    found = read_period(text.split(), NOW.date())
    assert found is not None
    period, used = found
    assert (period.first, period.last, used) == (day(named[0]), day(named[1]), named[2])


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("last year", date(2025, 1, 1), date(2025, 12, 31)),
        ("last quarter", date(2025, 10, 1), date(2025, 12, 31)),
        ("december", date(2025, 12, 1), date(2025, 12, 31)),
        ("last march", date(2025, 3, 1), date(2025, 3, 31)),
        ("last 999 months", date(1942, 12, 18), date(2026, 3, 18)),
    ],
)
def test_a_name_without_a_year_is_the_latest_that_has_begun(text: str, first: date, last: date):
    found = read_period(text.split(), NOW.date())
    assert found is not None
    assert (found[0].first, found[0].last) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "week", "last", "last fortnight", "this monday", "2026-13", "1999-01-01", "0 days"]
)
def test_what_names_no_day_is_none(text: str):
    assert read_period(text.split(), NOW.date()) is None


def test_the_last_of_a_long_month_ago_is_the_last_there_is():
    found = read_period(["last", "1", "month"], date(2026, 3, 31))
    assert found is not None
    assert found[0].first == day("02-28")


@pytest.mark.parametrize(
    ("zone", "today"),
    [("UTC", "03-18"), ("Pacific/Auckland", "03-19"), ("America/Los_Angeles", "03-18"), ("No/Such", "03-18")],
)
def test_a_day_is_a_day_where_the_person_is(zone: str, today: str):
    found = search("today", zone=zone)
    assert (found.since, found.until) == (day(today), day(today))
    assert found.zone == zone


def test_a_search_is_from_the_first_moment_of_its_first_day_to_the_last_of_its_last():
    found = search("since 2026-03-28 until 2026-03-29", zone="Europe/Berlin")
    assert found.begins_at == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert found.ends_at == datetime(2026, 3, 29, 22, tzinfo=UTC), "an hour was lost to summer"
    assert (OrderSearch().begins_at, OrderSearch().ends_at) == (None, None)


@pytest.mark.parametrize("name", ["UTC", "No/Such", "../etc/passwd", "Europe", ""])
def test_a_zone_that_is_none_is_utc(name: str):
    assert start_of(day("03-18"), name) == datetime(2026, 3, 18, tzinfo=UTC)
    assert zone_of(name).utcoffset(NOW) == UTC.utcoffset(NOW)


# ------------------------------------------------------------------------------------------- values


def test_the_criteria_are_those_that_are_set():
    assert OrderSearch(zone="Asia/Tokyo", at_tango=True).is_everything
    assert OrderSearch(send_email=False, campaign="x").criteria == {"send_email", "campaign"}


@pytest.mark.parametrize(("text", "needs"), [("item:RETURNED", True), ("item-notes:x", True), ("status:FAILED", False)])
def test_what_tango_alone_knows(text: str, needs: bool):  # noqa: FBT001 (a column of a table)
    assert search(text).needs_tango is needs


@pytest.mark.parametrize(
    ("wanted", "met"),
    [
        (OrderSearch(), True),
        (OrderSearch(requester_id=MAYA, recipient_id=ROB, status=SearchStatus.ACCEPTED), True),
        (OrderSearch(requester_id=ADA), False),
        (OrderSearch(recipient_id=ADA), False),
        (OrderSearch(status=SearchStatus.FAILED), False),
    ],
)
def test_an_order_of_ours_meets_what_tango_cannot_know(wanted: OrderSearch, met: bool):  # noqa: FBT001 (the same)
    assert wanted.is_met_by(MAYA, ROB, OrderStatus.ACCEPTED) is met
