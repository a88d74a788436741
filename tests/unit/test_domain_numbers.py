"""The numbers of requests and orders."""

import pytest

from bot.domain.numbers import Number, number_of, order_number, request_number


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


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *((text, Number(8)) for text in ("8", "#8", "R-8", "r-8", "R8", "r8", "#R-8", "008")),
        *((text, Number(8, 2)) for text in ("8.2", "#8.2", "R-8.2", "r8.2")),
        ("8.20", Number(8, 20, may_be_amount=True)),
        ("R-8.20", Number(8, 20)),
        ("2026", Number(2026)),
    ],
)
def test_a_number_is_typed_with_signs_before_it_or_without(text: str, number: Number):
    assert Number.of(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "R", "R-", "8.", ".2", "8.0", "8.02", "8.2.1", "8,2", " 8", "8 ", "-8", "R--8", "8#", "x8", "٨", "9" * 16],
)
def test_what_is_no_number(text: str):
    assert Number.of(text) is None


def test_the_number_of_a_request_is_that_of_its_only_order():
    assert (Number(8).pick("a"), Number(8, 1).pick("a"), Number(8, 2).pick("a")) == ("a", "a", None)
    assert (Number(8).pick("ab"), Number(8, 1).pick("ab"), Number(8, 2).pick("ab")) == (None, "a", "b")
    assert (Number(8).pick(""), Number(8, 1).pick("")) == (None, None)
