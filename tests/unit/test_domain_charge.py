"""What an order cost: when that is more than its value, fee and rate explain."""

from decimal import Decimal

import pytest

from bot.domain.charge import Charge, Fee
from bot.domain.money import Money


@pytest.mark.parametrize(
    ("face", "total", "currency", "rate", "fee", "exceeds"),
    [
        ("500", "503", "USD", None, None, False),
        ("500", "503", "USD", None, "3", False),
        ("100", "115", "USD", None, None, False),
        ("100", "115.01", "USD", None, None, True),
        ("10", "15", "USD", None, None, False),
        ("10", "15.01", "USD", None, None, True),
        ("10", "25", "USD", None, "15", False),
        ("100", "120", "USD", None, "10%", False),
        ("100", "130", "USD", None, "10%", True),
        ("10", "16", "AUD", "1", None, False),
        ("10", "19", "AUD", "1", None, True),
    ],
)
def test_a_charge_is_flagged_over_fifteen_per_cent_and_five_dollars(*, face, total, currency, rate, fee, exceeds):
    charge = Charge(total=Decimal(total), currency=currency, rate=Decimal(rate) if rate else None)
    money = Money.of(Decimal(face), "USD" if currency == "USD" else "NZD")
    assert charge.exceeds(money, Fee.from_text(fee) if fee else None) is exceeds


def test_a_fee_that_only_the_charge_names_explains_nothing():
    charge = Charge(total=Decimal(200), currency="USD", value=Decimal(100), fee=Decimal(100))
    assert charge.exceeds(Money(100_00, "USD"), None)


@pytest.mark.parametrize(
    ("total", "rate", "exceeds"), [("110", "1.1", False), ("220", "1.1", True), ("220", None, False)]
)
def test_another_currency_counts_at_tango_s_rate_and_without_a_rate_tells_nothing(total, rate, exceeds):
    charge = Charge(total=Decimal(total), currency="USD", rate=Decimal(rate) if rate else None)
    assert charge.exceeds(Money(100_00, "EUR"), None) is exceeds


@pytest.mark.parametrize("fee", [Fee(Decimal("1.50")), Fee(Decimal(3), is_percentage=True)])
def test_a_fee_is_stored_as_a_text(fee):
    assert Fee.from_text(str(fee)) == fee
