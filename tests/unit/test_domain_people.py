"""Two accounts that are one person, and two names that look the same."""

import pytest

from bot.domain.addresses import is_same_address
from bot.domain.people import has_visible_letter, name_keys, plain_name, visible_name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("rob@acme.example", "rob@acme.example", True),
        ("Rob@Acme.Example", "rob@acme.example", True),
        ("rob+home@acme.example", "rob@acme.example", True),
        ("rob+home@acme.example", "ROB+work@acme.example", True),
        (" rob@acme.example ", "rob@acme.example", True),
        ("rob@acme.example", "rob@globex.example", False),
        ("rob@acme.example", "bob@acme.example", False),
        ("", "", False),
        (None, None, False),
        (None, "rob@acme.example", False),
    ],
)
def test_two_accounts_with_one_address_are_one_person(one: str | None, other: str | None, *, same: bool):
    assert is_same_address(one, other) is same


@pytest.mark.parametrize(
    "mark", [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\u200b", "\ufeff"]
)
def test_marks_that_turn_or_hide_text_are_removed(mark: str):
    assert visible_name(f"{mark}Ro{mark}b{mark} Hale") == "Rob Hale"


@pytest.mark.parametrize("name", ["דנה כהן", "محمد علي", "José", "O'Brien", "*Rob*", "Rob :tada:", "Hale, Rob", "李伟"])
def test_what_can_be_seen_stays(name: str):
    assert visible_name(name) == name
    assert has_visible_letter(name)


@pytest.mark.parametrize("name", ["", " ", "\u3164", "\u2800", "\u115f\u1160", "\u200b", "42", "-", "\u202e\u202c"])
def test_a_name_without_a_letter(name: str):
    assert not has_visible_letter(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rob Hale", "rob hale"),
        ("Rob Hale", "RobHale"),
        ("Rob Hale", "Rob-Hale."),
        ("José Núñez", "Jose Nunez"),
        ("Søren Łuk", "Soren Luk"),
        ("Rob Hale", "R\u043eb H\u0430le"),
        ("ROB HALE", "R\u041eB H\u0410L\u0415"),
        ("Rob Hale", "\uff32\uff4f\uff42 Hale"),
        ("Rob Hale", "R0b Ha1e"),
        ("Nell", "NeIl"),
        ("Isaac", "isaac"),
        ("Isaac", "lsaac"),
        ("Amy Marks", "Arny Marks"),
        ("Straße", "STRASSE"),
    ],
)
def test_names_that_look_the_same(one: str, other: str):
    assert name_keys(one) & name_keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rob Hale", "Bob Hale"),
        ("Rob Hale", "Rob Haley"),
        ("Neil", "Nell"),
        ("", ""),
        ("किरण", "कारण"),
        ("李伟", "李维"),
    ],
)
def test_names_that_do_not(one: str, other: str):
    assert not name_keys(one) & name_keys(other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ian", "IAN", True),
        ("José Núñez", "jose nunez", True),
        (" Rob  Hale", "Rob\u200b Hale", True),
        ("Straße", "STRASSE", True),
        ("Ian", "Lan", False),
        ("Rob", "R0b", False),
        ("Rob", "R\u043eb", False),
        ("Amy Marks", "Arny Marks", False),
        ("Rob Hale", "RobHale", False),
    ],
)
def test_a_name_as_it_is_typed(one: str, other: str, *, same: bool):
    assert (plain_name(one) == plain_name(other)) is same
