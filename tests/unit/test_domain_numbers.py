"""The numbers of requests and orders."""

import pytest

from bot.domain.numbers import number_of


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("007", 7), ("9" * 15, 10**15 - 1)])
def test_digits_are_a_number(text: str, number: int):
    assert number_of(text) == number


@pytest.mark.parametrize("text", ["", " 7", "-7", "7.0", "٧", "²", "R-8", "9" * 16])
def test_all_else_is_none(text: str):
    assert number_of(text) is None
