"""The client against the stand-in for Tango, endpoint by endpoint and fault by fault."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.queue import HaltCause
from bot.errors import TangoRefused, TangoUnavailable
from bot.sandbox.serve import serve
from bot.sandbox.tango import TangoSandbox
from bot.sandbox.tango.faults import MISMATCHES
from bot.tango.bodies import NewOrder
from bot.tango.client import TangoClient
from bot.tango.differences import differences
from bot.tango.models import TangoAddress, TangoPerson
from bot.tango.names import clean_name
from bot.tango.outcomes import (
    Accepted,
    Ambiguous,
    Halted,
    Reason,
    Rejected,
    ResendAmbiguous,
    ResendRefused,
    ResendThrottled,
    Resent,
    Throttled,
)
from bot.tango.queries import OrderQuery
from bot.tango.rules import order_breaches

KEY = "key-of-the-platform"
REWARD_LINK = "U561593"
POSTED_CARD = "U700801"


class Tango:
    """The stand-in and a client of it. The stand-in keeps no pace unless a test asks for it."""

    def __init__(self, sandbox: TangoSandbox, client: TangoClient, url: str) -> None:
        self.sandbox = sandbox
        self.client = client
        self.url = url

    def order(self, reference: str = "a" * 32, **changes: Any) -> NewOrder:
        fields: dict[str, Any] = {
            "external_ref_id": reference,
            "customer_identifier": self.sandbox.customer,
            "account_identifier": self.sandbox.account,
            "utid": REWARD_LINK,
            "amount": Decimal("25.10"),
            "recipient": TangoPerson(first_name="Rob", last_name="Ray", email="rob@example.com"),
            "send_email": True,
        }
        return NewOrder(**{**fields, **changes})

    def place(self, reference: str = "a" * 32, **changes: Any) -> Any:
        return self.client.create_order(self.order(reference, **changes).to_bytes())


@pytest.fixture
def tango() -> Iterator[Tango]:
    sandbox = TangoSandbox(platform_name="KudosTest", platform_key=KEY, min_interval=0.0)
    with serve(sandbox.app) as server:
        url = f"{server.url}/raas/v2"
        client = TangoClient(base_url=url, platform_name="KudosTest", platform_key=SecretStr(KEY), timeout=20.0)
        try:
            yield Tango(sandbox, client, url)
        finally:
            client.close()


def test_an_order_is_placed_once_however_often_it_is_sent(tango):
    first, again = tango.place(), tango.place()
    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    assert (first.status, again.status) == (201, 200)
    assert first.order.reference_order_id == again.order.reference_order_id
    assert differences(tango.order(), again.order, currency="USD") == ()
    assert len(tango.sandbox.orders) == 1


@pytest.mark.parametrize(
    ("fault", "reason", "placed"),
    [
        ("unavailable_before", Reason.SERVER_ERROR, 0),
        ("unavailable_after", Reason.SERVER_ERROR, 1),
        ("cut_before", Reason.CONNECTION_CUT, 0),
        ("cut_after", Reason.CONNECTION_CUT, 1),
        ("bad_gateway", Reason.SERVER_ERROR, 0),
        ("internal_error", Reason.SERVER_ERROR, 0),
        ("unreadable", Reason.UNREADABLE, 1),
        ("item_out", Reason.SERVER_ERROR, 0),
        ("in_flight", Reason.IN_FLIGHT, 0),
    ],
)
def test_a_doubtful_attempt_is_settled_by_the_same_reference(tango, fault, reason, placed):
    tango.sandbox.faults.set(fault, times=1)
    doubtful = tango.place()
    assert isinstance(doubtful, Ambiguous)
    assert doubtful.reason is reason
    assert len(tango.sandbox.orders) == placed
    settled = tango.place()
    assert isinstance(settled, Accepted)
    assert settled.status == (200 if placed else 201)
    assert len(tango.sandbox.orders) == 1


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("unauthorized", HaltCause.UNAUTHORIZED),
        ("forbidden", HaltCause.FORBIDDEN),
        ("frozen", HaltCause.ACCOUNT_FROZEN),
        ("insufficient_funds", HaltCause.INSUFFICIENT_FUNDS),
    ],
)
def test_what_stops_everyone_halts_and_the_order_goes_through_after(tango, fault, cause):
    tango.sandbox.faults.set(fault, times=1)
    halted = tango.place()
    assert isinstance(halted, Halted)
    assert halted.cause is cause
    assert isinstance(tango.place(), Accepted)


def test_a_frozen_account_an_empty_one_and_a_wrong_key_halt(tango):
    tango.sandbox.freeze()
    assert tango.place().cause is HaltCause.ACCOUNT_FROZEN
    tango.sandbox.freeze(frozen=False)
    tango.sandbox.balance = Decimal(1)
    assert tango.place().cause is HaltCause.INSUFFICIENT_FUNDS
    other = TangoClient(base_url=tango.url, platform_name="KudosTest", platform_key=SecretStr("other"))
    try:
        outcome = other.create_order(tango.order().to_bytes())
    finally:
        other.close()
    assert isinstance(outcome, Halted)
    assert outcome.cause is HaltCause.UNAUTHORIZED


def test_too_early_is_throttled(tango):
    tango.sandbox.faults.set("too_many", times=1)
    outcome = tango.place()
    assert isinstance(outcome, Throttled)
    assert outcome.wait == 1.0


@pytest.mark.parametrize("field", MISMATCHES)
def test_another_order_under_the_same_reference_shows(tango, field):
    tango.sandbox.faults.set("mismatch", times=1, field=field)
    outcome = tango.place()
    assert isinstance(outcome, Accepted)
    assert differences(tango.order(), outcome.order, currency="USD") == (field,)


@pytest.mark.parametrize(
    ("changes", "key", "field"),
    [
        ({"utid": "U999999999"}, "422.024", "utid"),
        ({"amount": Decimal(5000)}, "422.025", "amount"),
        ({"etid": "E999999"}, "422.031", "etid"),
        ({"recipient": TangoPerson(first_name="Rob", email="rob@x")}, "422.134", "recipient.email"),
    ],
)
def test_a_wrong_order_is_rejected_with_its_field(tango, changes, key, field):
    outcome = tango.place(**changes)
    assert isinstance(outcome, Rejected)
    assert (outcome.status, outcome.i18n_key, outcome.field) == (400, key, field)
    assert outcome.request_id


def test_an_order_is_looked_up_with_its_reward_and_found_by_its_reference(tango):
    placed = tango.place(campaign="spring", notes="note", message="谢谢 🎉").order
    detail = tango.client.get_order(placed.reference_order_id)
    assert (detail.campaign, detail.notes, detail.message) == ("spring", "note", "谢谢 🎉")
    assert detail.denomination.value == Decimal("25.1")
    assert detail.reward.credential_list[0].value.get_secret_value().startswith("http")
    page = tango.client.list_orders(OrderQuery(external_ref_id="a" * 32))
    assert [row.reference_order_id for row in page.orders] == [placed.reference_order_id]
    assert tango.client.list_orders(OrderQuery(external_ref_id="b" * 32)).total == 0


def test_orders_come_in_pages(tango):
    for number in range(5):
        tango.place(f"{number}" * 32)
    pages = [tango.client.list_orders(OrderQuery(elements_per_block=2, page=page)) for page in range(3)]
    assert [len(page.orders) for page in pages] == [2, 2, 1]
    assert {page.total for page in pages} == {5}
    with pytest.raises(TangoRefused) as caught:
        tango.client.list_orders(OrderQuery(elements_per_block=101))
    assert caught.value.i18n_key == "422.042"


def test_an_unknown_order_is_refused(tango):
    with pytest.raises(TangoRefused) as caught:
        tango.client.get_order("RA180426-1401-64")
    assert (caught.value.status, caught.value.i18n_key) == (404, "404.005")
    assert isinstance(tango.client.resend_order("RA180426-1401-64"), ResendRefused)


def test_an_order_may_end_later(tango):
    tango.sandbox.faults.set("pending_then_complete", times=1, after_gets=1)
    placed = tango.place().order
    assert placed.status == "PENDING"
    assert placed.reward is None
    assert [tango.client.get_order(placed.reference_order_id).status for _ in range(2)] == ["PENDING", "COMPLETE"]


def test_a_resend_waits_for_its_cooldown(tango):
    number = tango.place().order.reference_order_id
    early = tango.client.resend_order(number)
    assert isinstance(early, ResendThrottled)
    assert early.seconds_left is not None
    assert 1 <= early.seconds_left <= 30
    assert early.last_sent_at is not None
    assert abs(datetime.now(UTC) - early.last_sent_at) < timedelta(minutes=5)
    tango.sandbox.resend_cooldown = 0.0
    late = tango.client.resend_order(number, new_email="rob@example.org", new_etid="E000001")
    assert isinstance(late, Resent)
    assert (late.email, len(tango.sandbox.resends)) == ("rob@example.org", 1)


def test_what_tango_did_not_mail_is_not_sent_again(tango):
    outcome = tango.client.resend_order(tango.place(send_email=False).order.reference_order_id)
    assert isinstance(outcome, ResendRefused)
    assert (outcome.status, outcome.i18n_key) == (403, "403.003")


def test_a_resend_in_doubt_is_unclear_though_it_went_out(tango):
    number = tango.place().order.reference_order_id
    tango.sandbox.resend_cooldown = 0.0
    tango.sandbox.faults.set("cut_after", endpoint="resend", times=1)
    outcome = tango.client.resend_order(number)
    assert isinstance(outcome, ResendAmbiguous)
    assert len(tango.sandbox.resends) == 1


def test_the_catalog_and_the_account_are_read(tango):
    items = {item.utid: item for brand in tango.client.list_catalog().brands for item in brand.items}
    assert items[REWARD_LINK].min_value == Decimal("0.01")
    assert tango.client.list_catalog(verbose=False).brands
    account = tango.client.get_account(tango.sandbox.account)
    assert (account.current_balance, account.currency_code, account.status) == (Decimal(1000), "USD", "ACTIVE")
    tango.sandbox.faults.set("catalog_down", times=1)
    with pytest.raises(TangoUnavailable):
        tango.client.list_catalog()


printable = st.text(st.characters(exclude_categories=["Cs"]), max_size=110)
emails = st.sampled_from(["rob@example.com", "rob@x", "a.b+c@mail.example.co", "x" * 90 + "@example.com", "rob"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=printable,
    last=st.none() | printable,
    email=emails,
    amount=st.decimals("0.01", "2000", places=2) | st.sampled_from([Decimal("12.345"), Decimal(1000000)]),
    notes=st.none() | st.integers(140, 160).map(lambda length: "n" * length),
    message=st.none() | st.integers(2990, 3010).map(lambda length: "é" * length),
    campaign=st.none() | printable,
    cleaned=st.booleans(),
)
def test_what_the_rules_pass_tango_takes_and_what_they_refuse_it_refuses(
    tango, *, first, last, email, amount, notes, message, campaign, cleaned
):
    if cleaned:
        first, last = clean_name(first), None if last is None else clean_name(last)
    reference = f"{len(tango.sandbox.arrivals):032d}"
    tango.sandbox.balance = Decimal(1000000)
    changes = {"amount": amount, "notes": notes, "message": message, "campaign": campaign}
    person = TangoPerson(first_name=first, last_name=last, email=email)
    new = tango.order(reference, recipient=person, **changes)
    found = order_breaches(new, now=datetime.now(UTC))
    outcome = tango.client.create_order(new.to_bytes())
    assert isinstance(outcome, Rejected if found else Accepted), found


streets = st.text(st.sampled_from("Aa0 .,-/'#é"), min_size=1, max_size=38)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(st.sampled_from("Aa0 .,-'<é"), max_size=27),
    street=streets,
    city=streets,
    region=st.sampled_from(["WA", "wa", "ON", "PR", "Washington", "Île-de-France", "x" * 36]),
    postal=st.sampled_from(["98101", "98101-1234", "K1A0B1", "K1A 0B1", "9810"]),
    country=st.sampled_from(["US", "CA", "FR", "USA", "us"]),
)
def test_a_posted_reward_is_held_to_the_same_rules_on_both_sides(tango, *, name, street, city, region, postal, country):
    reference = f"{len(tango.sandbox.arrivals):032d}"
    tango.sandbox.balance = Decimal(1000000)
    home = TangoAddress(street_line1=street, city=city, state_or_province=region, postal_code=postal, country=country)
    new = tango.order(
        reference,
        utid=POSTED_CARD,
        send_email=False,
        recipient=TangoPerson(first_name=name, last_name="Ray", address=home),
    )
    found = order_breaches(new, now=datetime.now(UTC), physical=True)
    outcome = tango.client.create_order(new.to_bytes())
    assert isinstance(outcome, Rejected if found else Accepted), found
