"""From Tango's catalog to the rewards on offer: what can be given by e-mail now, exact to the cent."""

import json
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.catalog import Reward, RewardKind
from bot.domain.charge import Fee
from bot.tango.catalog import TangoCatalog, rewards_of
from bot.tango.wire import read_json


def an_item(**fields: Any) -> dict[str, Any]:
    """An item with a range, as Tango lists it."""
    return {
        "utid": "U561593",
        "rewardName": "Amazon.com Gift Card",
        "currencyCode": "USD",
        "status": "active",
        "valueType": "VARIABLE_VALUE",
        "minValue": 1.0,
        "maxValue": 2000.0,
        "fulfillmentType": "DIGITAL",
    } | fields


def offered(*items: dict[str, Any], utids: frozenset[str] | None = None, **brand: Any) -> list[Reward]:
    """What is on offer when Tango answers these items, read from JSON as from the wire."""
    answer = {"brands": [{"brandKey": "B1", "brandName": "Amazon", "items": list(items)} | brand]}
    return list(rewards_of(TangoCatalog.model_validate(read_json(json.dumps(answer).encode())), utids))


@pytest.mark.parametrize(
    ("urls", "picture"),
    [
        ({"1200w-326ppi": "https://i.example/1200", "200w-326ppi": "https://i.example/200"}, "https://i.example/200"),
        ({"300w-326ppi": "https://i.example/300", "80w-326ppi": "https://i.example/80"}, "https://i.example/300"),
        ({"a size of tomorrow": "https://i.example/9"}, "https://i.example/9"),
        ({}, ""),
        (None, ""),
    ],
)
def test_the_picture_is_of_the_size_that_is_shown(urls: dict[str, str] | None, picture: str):
    [reward] = offered(an_item(), imageUrls=urls)
    assert reward.picture == picture


@pytest.mark.parametrize(
    ("requirements", "disclaimer"),
    [({"alwaysShowDisclaimer": True}, "<p>Not ours.</p>"), ({"alwaysShowDisclaimer": False}, ""), ({}, ""), (None, "")],
)
def test_the_disclaimer_is_kept_where_it_must_be_shown(requirements: dict[str, bool] | None, disclaimer: str):
    [reward] = offered(an_item(), disclaimer="<p>Not ours.</p>", brandRequirements=requirements)
    assert reward.disclaimer == disclaimer


@pytest.mark.parametrize(("reward_type", "is_donation"), [("donation", True), ("Donation", True), ("gift card", False)])
def test_a_donation(reward_type: str, is_donation: bool):  # noqa: FBT001 (a case of the table)
    [reward] = offered(an_item(rewardType=reward_type))
    assert reward.is_donation is is_donation


def test_an_item_with_a_range():
    assert offered(an_item()) == [
        Reward(
            utid="U561593",
            name="Amazon.com Gift Card",
            brand="Amazon",
            currency="USD",
            minimum=1_00,
            maximum=2_000_00,
        )
    ]


def test_an_item_with_a_face_value():
    [reward] = offered(an_item(valueType="FIXED_VALUE", faceValue=25.0, minValue=None, maxValue=None))

    assert (reward.fixed, reward.minimum, reward.maximum) == (25_00, None, None)


@pytest.mark.parametrize(
    ("currency", "written", "minor"),
    [
        ("USD", 0.29, 29),
        ("USD", 1.10, 1_10),
        ("USD", 4.35, 4_35),
        ("USD", 1_000_000.01, 1_000_000_01),
        ("JPY", 500, 500),
        ("JPY", 500.0, 500),
        ("KWD", 1.125, 1_125),
        ("USD", "5.00", 5_00),
    ],
)
def test_bounds_are_exact_in_the_currencys_minor_unit(currency: str, written: float | str, minor: int):
    [reward] = offered(an_item(currencyCode=currency, minValue=written))

    assert reward.minimum == minor


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(an_item(status="inactive"), id="inactive"),
        pytest.param(an_item(currencyCode=None), id="no currency"),
        pytest.param(an_item(currencyCode=""), id="an empty currency"),
        pytest.param(an_item(minValue=0.001), id="a minimum of a tenth of a cent"),
        pytest.param(an_item(maxValue=10.555), id="a maximum between two cents"),
        pytest.param(an_item(currencyCode="JPY", faceValue=10.5), id="half a yen"),
        pytest.param(an_item(utid=None), id="no identifier"),
    ],
)
def test_an_item_that_cannot_be_given_is_left_out_and_its_neighbours_stay(item: dict[str, Any]):
    assert [reward.utid for reward in offered(an_item(utid="U1"), item, an_item(utid="U2"))] == ["U1", "U2"]


def test_what_tango_does_not_say_is_no_reason_to_leave_an_item_out():
    [reward] = offered(an_item(status=None, fulfillmentType=None, minValue=None, maxValue=None))

    assert (reward.minimum, reward.maximum, reward.whole) == (None, None, False)


@pytest.mark.parametrize(("flag", "whole"), [(True, True), (False, False), (None, False), ("yes", False)])
def test_the_whole_amount_rule(flag: object, whole: bool):  # noqa: FBT001 (a column of the table)
    [reward] = offered(an_item(isWholeAmountValueRequired=flag))

    assert reward.whole is whole


@pytest.mark.parametrize(
    ("item_name", "brand_name", "name", "brand"),
    [
        ("Amazon.com Gift Card", "Amazon", "Amazon.com Gift Card", "Amazon"),
        (None, "Amazon", "Amazon", "Amazon"),
        ("", "Amazon", "Amazon", "Amazon"),
        (None, None, "U561593", ""),
    ],
)
def test_a_reward_always_has_a_name(item_name: str | None, brand_name: str | None, name: str, brand: str):
    [reward] = offered(an_item(rewardName=item_name), brandName=brand_name)

    assert (reward.name, reward.brand) == (name, brand)


@pytest.mark.parametrize(
    ("utids", "found"),
    [
        (None, ["U1", "U2", "U3"]),
        (frozenset({"U1", "U3"}), ["U1", "U3"]),
        (frozenset({"U9"}), []),
        (frozenset(), []),
    ],
    ids=["all", "two", "one that Tango has not", "none"],
)
def test_the_settings_say_what_is_offered(utids: frozenset[str] | None, found: list[str]):
    items = (an_item(utid=utid) for utid in ("U1", "U2", "U3"))

    assert [reward.utid for reward in offered(*items, utids=utids)] == found


def test_an_item_that_is_offered_by_name_must_still_be_active():
    assert offered(an_item(status="inactive"), utids=frozenset({"U561593"})) == []


def test_every_brand_is_read():
    brands = [
        {"brandKey": "B1", "brandName": "Amazon", "items": [an_item(utid="U1")]},
        {"brandKey": "B2", "brandName": "Empty", "items": []},
        {"brandKey": "B3", "brandName": "Visa", "items": [an_item(utid="U2"), an_item(utid="U3")]},
    ]

    rewards = rewards_of(TangoCatalog.model_validate({"brands": brands}), None)

    assert [(reward.brand, reward.utid) for reward in rewards] == [("Amazon", "U1"), ("Visa", "U2"), ("Visa", "U3")]


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({"fulfillmentType": "Physical"}, RewardKind.PHYSICAL),
        ({"fulfillmentType": "physical", "rewardType": "Reward Link"}, RewardKind.PRINTED),
        ({"rewardType": "PHYSICAL GIFT CARD"}, RewardKind.PHYSICAL),
        ({"rewardType": "Physical_Gift_Card"}, RewardKind.PHYSICAL),
        ({"rewardType": "PROMO"}, RewardKind.PROMO),
        ({"fulfillmentType": "Digital", "rewardType": "REWARD LINK"}, RewardKind.DIGITAL),
    ],
)
def test_tango_s_words_count_in_any_letters(item: dict[str, str], kind: RewardKind):
    [reward] = offered(an_item(status="ACTIVE", currencyCode="usd", utid="u1", **item), utids=frozenset({"U1"}))
    assert (reward.kind, reward.currency) == (kind, "USD")


def test_an_item_that_is_not_active_is_left_out_in_any_letters():
    assert offered(an_item(status="Inactive")) == []


@pytest.mark.parametrize(
    ("fee", "known"),
    [
        ({"type": "FLAT", "value": 3}, Fee(Decimal(3))),
        ({"type": "Percentage", "value": "2.5"}, Fee(Decimal("2.5"), is_percentage=True)),
        ({"value": 1}, Fee(Decimal(1))),
        ({"type": "FLAT", "value": 0}, None),
        ({"type": "FLAT"}, None),
        ("free", None),
        (None, None),
    ],
)
def test_the_fee_of_an_item_is_read(fee: object, known: Fee | None):
    [reward] = offered(an_item(fee=fee))
    assert reward.fee == known
