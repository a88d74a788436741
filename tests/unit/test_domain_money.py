"""Money, and amounts as people type them: read right or asked for again, never guessed."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.money import (
    Money,
    decimals_of,
    is_same_amount,
    nearest_amount,
    parse_amount,
    read_amount,
    split_amount,
    writes_decimal_comma,
)
from bot.errors import InvalidAmount
from bot.faults import FaultCode

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "KWD", "PLN")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("25", "USD", 25_00),
        ("25.00", "USD", 25_00),
        ("25.5", "USD", 25_50),
        ("25.", "USD", 25_00),
        ("0.01", "USD", 1),
        ("00025", "USD", 25_00),
        ("  25  ", "USD", 25_00),
        ("\u00a025\u00a0", "USD", 25_00),
        ("$25", "USD", 25_00),
        ("$ 25", "USD", 25_00),
        ("25$", "USD", 25_00),
        ("25 $", "USD", 25_00),
        ("$25 USD", "USD", 25_00),
        ("$25", "CAD", 25_00),
        ("25 USD", "USD", 25_00),
        ("25usd", "USD", 25_00),
        ("usd 25", "USD", 25_00),
        ("€25", "EUR", 25_00),
        ("25 €", "EUR", 25_00),
        ("£1,000.50", "GBP", 1_000_50),
        ("¥2500", "JPY", 2_500),
        ("¥25", "CNY", 25_00),
        ("zł 25", "PLN", 25_00),
        ("25 zł", "PLN", 25_00),
        ("1,000", "USD", 1_000_00),
        ("12,345.60", "USD", 12_345_60),
        ("999,999.99", "USD", 999_999_99),
        ("999999.99", "USD", 999_999_99),
        ("2500", "JPY", 2_500),
        ("1,000", "JPY", 1_000),
        ("12.345", "KWD", 12_345),
        ("0.001", "KWD", 1),
    ],
)
def test_an_amount_is_read_as_it_is_meant(text: str, currency: str, minor: int):
    assert parse_amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "fault"),
    [
        ("", "USD", "empty"),
        (" \t\n", "USD", "empty"),
        ("\u00a0\u2003", "USD", "empty"),
        ("0", "USD", "zero"),
        ("0.00", "USD", "zero"),
        ("$0", "USD", "zero"),
        ("-25", "USD", "negative"),
        ("-$25", "USD", "negative"),
        ("$-25", "USD", "negative"),
        ("\u221225", "USD", "negative"),
        ("-0.01", "USD", "negative"),
        ("1e9", "USD", "not_a_number"),
        ("1E2", "USD", "not_a_number"),
        ("0x19", "USD", "not_a_number"),
        ("1_000", "USD", "not_a_number"),
        ("NaN", "USD", "not_a_number"),
        ("Infinity", "USD", "not_a_number"),
        ("twenty", "USD", "not_a_number"),
        ("25 or 30", "USD", "not_a_number"),
        ("25\n30", "USD", "not_a_number"),
        ("25\x00", "USD", "not_a_number"),
        ("٢٥", "USD", "not_a_number"),
        ("２５", "USD", "not_a_number"),
        ("²5", "USD", "not_a_number"),
        ("25٪", "USD", "not_a_number"),
        ("10%", "USD", "not_a_number"),
        ("1.2.3", "USD", "not_a_number"),
        (".", "USD", "not_a_number"),
        (",", "USD", "not_a_number"),
        ("$", "USD", "not_a_number"),
        ("USD", "USD", "not_a_number"),
        ("1,,000", "USD", "not_a_number"),
        ("10,00,000", "USD", "not_a_number"),
        ("1,0000", "USD", "not_a_number"),
        ("1000,000", "USD", "not_a_number"),
        (",100", "USD", "not_a_number"),
        ("<!channel>", "USD", "not_a_number"),
        ("25,00", "USD", "decimal_comma"),
        ("1,00", "USD", "decimal_comma"),
        ("25,5", "USD", "decimal_comma"),
        ("1.000,00", "EUR", "decimal_comma"),
        ("€25,00", "EUR", "decimal_comma"),
        ("0,500", "USD", "decimal_comma"),
        ("0,250", "KWD", "decimal_comma"),
        ("00,500", "USD", "decimal_comma"),
        ("12.345", "USD", "finer_than_currency"),
        ("12.340", "USD", "finer_than_currency"),
        ("25.0", "JPY", "finer_than_currency"),
        ("1.2345", "KWD", "finer_than_currency"),
        ("1000000", "USD", "too_large"),
        ("1,000,000", "USD", "too_large"),
        ("1000000", "JPY", "too_large"),
        ("9" * 5_000, "USD", "too_large"),
        ("€25", "USD", "other_currency"),
        ("25 EUR", "USD", "other_currency"),
        ("$25", "EUR", "other_currency"),
        ("$25 CAD", "USD", "other_currency"),
        ("£25 USD", "USD", "other_currency"),
        ("NaN 25", "USD", "other_currency"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_cannot_be_read_for_sure_is_asked_for_again(text: str, currency: str, fault: str):
    with pytest.raises(InvalidAmount) as refusal:
        parse_amount(text, currency)

    assert refusal.value.fault == fault
    assert refusal.value.text == text.strip()
    assert refusal.value.currency == currency


@given(st.text(max_size=30) | st.from_regex(r"[-$€ 0-9.,A-Za-z\u2212]{0,20}", fullmatch=True))
@example("9" * 10_000 + "." + "9" * 10_000)
def test_whatever_is_typed_the_answer_is_a_payable_amount_or_a_refusal(text: str):
    for currency in CURRENCIES:
        try:
            money = parse_amount(text, currency)
        except InvalidAmount as refusal:
            assert refusal.fault in FaultCode  # noqa: PT017 (either end is right)
        else:
            assert money.currency == currency
            assert 0 < money.minor < 10 ** (6 + decimals_of(currency))


PAYABLE = st.sampled_from(CURRENCIES).flatmap(
    lambda currency: st.builds(
        Money, st.integers(min_value=1, max_value=10 ** (6 + decimals_of(currency)) - 1), st.just(currency)
    )
)


@given(PAYABLE)
def test_what_is_written_reads_back_as_the_same_money(money: Money):
    assert parse_amount(str(money), money.currency) == money
    assert parse_amount(str(money.amount), money.currency) == money
    assert parse_amount(f"{money.amount:,}", money.currency) == money
    assert Money.of(money.amount, money.currency) == money


@given(PAYABLE, st.integers(min_value=1, max_value=30))
def test_multiplying_is_exact(money: Money, count: int):
    assert money.times(count).amount == money.amount * count


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(25_00, "USD"), "$25.00"),
        (Money(1_234_567_05, "USD"), "$1,234,567.05"),
        (Money(1, "USD"), "$0.01"),
        (Money(2_500, "JPY"), "¥2,500"),
        (Money(12_345, "KWD"), "12.345 KWD"),
        (Money(-5_00, "USD"), "-$5.00"),
        (Money(25_00, "CAD"), "25.00 CAD"),
    ],
)
def test_money_is_written_with_its_currencys_decimals(money: Money, text: str):
    assert str(money) == text


@pytest.mark.parametrize(("currency", "decimals"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3)])
def test_the_decimals_of_a_currency(currency: str, decimals: int):
    assert decimals_of(currency) == decimals


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "USD"), ("25.5", "JPY"), ("1e-9", "KWD"), ("NaN", "USD")])
def test_money_is_never_rounded(amount: str, currency: str):
    with pytest.raises(ValueError, match="decimals"):
        Money.of(Decimal(amount), currency)


@pytest.mark.parametrize(("amount", "minor"), [("25", 25_00), ("25.10", 25_10), ("2.5E+1", 25_00), ("25.100", 25_10)])
def test_money_of_a_decimal_takes_every_way_to_write_it(amount: str, minor: int):
    assert Money.of(Decimal(amount), "USD") == Money(minor, "USD")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("25 Thank you", "25"),
        ("$25", "$25"),
        ("25zł za wszystko", "25zł"),
        ("1,000.50", "1,000.50"),
        ("25th birthday", ""),
        ("$ 25", "$ 25"),
        ("USD 25 well done", "USD 25"),
        ("usd 25", "usd 25"),
        ("25 \N{EURO SIGN}", "25 \N{EURO SIGN}"),
        ("25\u00a0\N{EURO SIGN} danke", "25 \N{EURO SIGN}"),
        ("25\u202f\N{EURO SIGN} merci", "25 \N{EURO SIGN}"),
        ("US$25 thanks", "US$25"),
        ("\u202a25.00\u202c thanks", "25.00"),
        ("1'000 thanks", "1'000"),
        ("1\u202f000 merci", "1 000"),
        ("1.000,00 danke", "1.000,00"),
        ("25 CHF danke", "25 CHF"),
        ("25, thank you", "25"),
        ("25. Thank you", "25"),
        ("25,Thank you", "25"),
        ("25 USD;Thank you", "25 USD"),
        ("25,5th birthday", ""),
        ("25 the best", "25"),
        ("25 100 people", "25"),
        ("the 25 best", ""),
        ("25/26", ""),
        ("Thanks for 25", ""),
        ("", ""),
    ],
)
def test_a_text_may_begin_with_an_amount(text: str, amount: str):
    assert split_amount(text, {"USD", "EUR"})[0] == amount


def test_the_text_after_the_amount_is_left_as_it_was():
    assert split_amount("25\u00a0\N{EURO SIGN}, great\nlaunch", {"EUR"}) == ("25 \N{EURO SIGN}", " great\nlaunch")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("25\u00a0\N{EURO SIGN}", "EUR", 25_00),
        ("25\u202f\N{EURO SIGN}", "EUR", 25_00),
        ("EUR 25", "EUR", 25_00),
        ("US$25", "USD", 25_00),
        ("C$ 25", "CAD", 25_00),
        ("\u202a25.00\u202c", "USD", 25_00),
        ("\u200e25\ufeff", "USD", 25_00),
        ("1'000", "USD", 1_000_00),
        ("1\u2019000.50", "USD", 1_000_50),
        ("1\u202f000", "USD", 1_000_00),
        ("1 000", "USD", 1_000_00),
    ],
)
def test_amounts_are_read_as_people_paste_them(text: str, currency: str, minor: int):
    assert parse_amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize("text", ["1'00", "1'0000", "10'00.5", "1,000'000", "1 00", "'1", "1'", "CA$25"])
def test_what_is_no_amount_of_dollars_is_not_guessed(text: str):
    with pytest.raises(InvalidAmount):
        parse_amount(text, "USD")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1.000,00", "EUR", 1_000_00),
        ("1.000", "EUR", 1_000_00),
        ("25,00", "EUR", 25_00),
        ("25,5", "EUR", 25_50),
        ("25.00", "EUR", 25_00),
        ("1\u202f000,50 \N{EURO SIGN}", "EUR", 1_000_50),
        ("1000", "EUR", 1_000_00),
    ],
)
def test_a_locale_with_a_decimal_comma_is_read_so(text: str, currency: str, minor: int):
    assert parse_amount(text, currency, decimal_comma=True) == Money(minor, currency)


@pytest.mark.parametrize("text", ["1,000", "1,000.00", "1.00,0", "1.000.00"])
def test_a_locale_with_a_decimal_comma_is_not_guessed_at(text: str):
    with pytest.raises(InvalidAmount):
        parse_amount(text, "EUR", decimal_comma=True)


def test_locales_that_write_a_decimal_comma():
    assert all(map(writes_decimal_comma, ["de-DE", "fr-FR", "pt-BR", "es-ES", "it-IT"]))
    assert not any(map(writes_decimal_comma, ["en-GB", "en-US", "de-CH", "es-LA", "ja-JP", ""]))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("50", (Decimal(50), None)),
        ("50.50", (Decimal("50.50"), None)),
        ("€50", (Decimal(50), "EUR")),
        ("50ZŁ", (Decimal(50), "PLN")),
        ("$50", (Decimal(50), None)),
        ("¥50", (Decimal(50), None)),
        ("0", None),
        ("50,00", None),
        ("fifty", None),
    ],
)
def test_an_amount_that_is_looked_for(text: str, read: tuple[Decimal, str | None] | None):
    assert read_amount(text) == read


@pytest.mark.parametrize(
    ("amount", "currency", "nearest"),
    [
        ("25.099999999999998", "USD", "25.10"),
        ("25.1", "USD", "25.1"),
        ("500.0", "USD", "500.0"),
        ("25.105", "USD", "25.105"),
        ("25.0001", "USD", "25.0001"),
        ("2499.9999999999995", "JPY", "2500"),
        ("0", "USD", "0"),
    ],
)
def test_a_binary_fraction_is_taken_off_and_nothing_else(amount: str, currency: str, nearest: str):
    assert str(nearest_amount(Decimal(amount), currency)) == nearest


@pytest.mark.parametrize(
    ("one", "other", "currency", "same"),
    [
        ("25.10", "25.099999999999998", "USD", True),
        ("25.10", "25.105", "USD", False),
        ("25", "25.4", "JPY", True),
        ("25", "25.5", "JPY", False),
        ("25.100", "25.1004", "KWD", True),
        ("25.100", "25.1005", "KWD", False),
    ],
)
def test_less_than_half_a_minor_unit_is_the_same_amount(*, one: str, other: str, currency: str, same: bool):
    assert is_same_amount(Decimal(one), Decimal(other), currency) is same
    assert is_same_amount(Decimal(other), Decimal(one), currency) is same
