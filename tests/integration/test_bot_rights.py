"""Who may do what: each role by each command, button and submit by each state, as the tables of rights_table.py say."""

from collections.abc import Iterator

import pytest

from tests.kit.rights import Trial
from tests.kit.rights_table import MATRIX, ROLES, Role
from tests.kit.rights_world import StillWorld, still_world

#: Each role with each thing that it tries.
_PAIRS = [(role, thing) for role in ROLES for thing in role.things or MATRIX]

each_role_and_thing = pytest.mark.parametrize(
    ("role", "thing"), _PAIRS, ids=[f"{role.name}-{thing}" for role, thing in _PAIRS]
)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillWorld]:
    """One for all: every try begins in a state that it is put into."""
    with still_world(tmp_path_factory.mktemp("still")) as still:
        yield still


@each_role_and_thing
def test_a_payload_made_by_hand_comes_to_what_the_tables_say(still: StillWorld, role: Role, thing: str):
    assert not (wrong := Trial(still, role, thing).forged()), wrong


@each_role_and_thing
def test_so_does_what_is_on_the_screen(still: StillWorld, role: Role, thing: str):
    assert not (wrong := Trial(still, role, thing).honest()), wrong
