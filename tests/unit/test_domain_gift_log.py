"""The gift log says of an order what is true of it, by rows that are only appended."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.charge import Charge
from bot.domain.gift_log import GiftChange, GiftKind, charged_of, logged_of, missing_rows
from bot.domain.money import Money

FACE = Money(25_00, "EUR")


def charge(total: str, currency: str = "USD") -> Charge:
    return Charge(total=Decimal(total), currency=currency)


def appended(rows: Sequence[GiftChange], cost: Charge | None, *, is_sent: bool = True) -> list[GiftChange]:
    """The log of an order once what it lacks is appended."""
    return [*rows, *missing_rows(logged_of(rows), FACE, cost, is_sent=is_sent)]


def test_a_reward_is_logged_when_it_is_sent_and_once():
    sent = appended([], charge("27.31"))

    assert sent == [GiftChange(GiftKind.SENT, 25_00, Money(27_31, "USD"))]
    assert appended(sent, charge("27.31")) == sent
    assert appended([], None, is_sent=False) == []


def test_a_charge_that_is_told_later_or_changes_is_a_row_with_the_difference():
    told = appended(appended([], None), charge("27.31"))
    changed = appended(told, charge("26.81"))

    assert told[1:] == [GiftChange(GiftKind.CHARGED, 0, Money(27_31, "USD"))]
    assert changed[2:] == [GiftChange(GiftKind.CHARGED, 0, Money(-50, "USD"))]
    assert appended(changed, None) == changed, "what was told stays"


def test_a_charge_in_another_currency_takes_the_first_one_back():
    rows = appended(appended([], charge("27.31")), charge("25.00", "EUR"))

    assert [row.charged for row in rows[1:]] == [Money(25_00, "EUR"), Money(-27_31, "USD")]


def test_the_end_of_a_reward_takes_all_of_it_back_once():
    ended = appended(appended([], charge("27.31")), charge("27.31"), is_sent=False)

    assert ended[1:] == [GiftChange(GiftKind.ENDED, -25_00, Money(-27_31, "USD"))]
    assert appended(ended, charge("30"), is_sent=False) == ended
    assert appended(ended, charge("30")) == ended, "nothing follows the end"


@given(
    st.lists(
        st.one_of(st.none(), st.tuples(st.decimals(0, 999, places=3), st.sampled_from(["USD", "EUR", "JPY"]))),
        max_size=8,
    ),
    st.booleans(),
)
def test_the_rows_add_up_to_what_was_told_last(told: list[tuple[Decimal, str] | None], is_ended: bool):  # noqa: FBT001
    rows: list[GiftChange] = []
    last: Charge | None = None
    for one in told:
        last = Charge(total=one[0], currency=one[1]) if one else last
        rows = appended(rows, last)
    if is_ended:
        rows = appended(rows, last, is_sent=False)
    logged = logged_of(rows)
    wanted = charged_of(last)

    assert [row.kind for row in rows].count(GiftKind.SENT) == bool(told)
    if logged is not None:
        assert logged.face_minor == (0 if is_ended else 25_00)
        is_something = not is_ended and wanted is not None and wanted.minor
        assert logged.charged == ({wanted.currency: wanted.minor} if is_something and wanted else {})


@pytest.mark.parametrize(
    ("total", "currency", "minor"), [("27.315", "USD", 2732), ("27.314", "USD", 2731), ("500.4", "JPY", 500)]
)
def test_a_charge_is_logged_to_the_smallest_unit_of_its_currency(total: str, currency: str, minor: int):
    assert charged_of(charge(total, currency)) == Money(minor, currency)
