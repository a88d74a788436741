"""The numbers of requests and orders."""

import pytest

from bot.domain.numbers import number_of, order_number, request_number


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("007", 7), ("9" * 15, 10**15 - 1)])
def test_digits_are_a_number(text: str, number: int):
    assert number_of(text) == number


@pytest.mark.parametrize("text", ["", " 7", "-7", "7.0", "٧", "²", "R-8", "9" * 16])
def test_all_else_is_none(text: str):
    assert number_of(text) is None


def test_a_request_is_known_by_its_number_and_orders_by_their_place_in_it():
    assert request_number(8) == "R-8"
    assert order_number(8, 0) == "8"
    assert [order_number(8, place) for place in (1, 2)] == ["8.1", "8.2"]
