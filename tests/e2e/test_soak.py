"""A busy workspace for days, in which everything goes wrong that can: in the end nothing is stuck, and nothing silent.

`KUDOS_TEST_SOAK_DAYS` says for how many days of a clock of its own; without it, for a bad hour, the same each time.
`KUDOS_TEST_SEED` tells a story again that failed.
"""

import os
import random
from pathlib import Path
from typing import Final

import pytest

from bot.sandbox.slack.faults import NAMES as SLACK_NAMES
from bot.sandbox.tango.faults import NAMES as TANGO_NAMES
from tests.kit import soak_faults
from tests.kit.soak import Soak
from tests.kit.soak_checks import SoakChecks
from tests.kit.soak_growth import Held, check_flat, measure
from tests.kit.soak_people import Crowd

DAYS: Final = os.environ.get("KUDOS_TEST_SOAK_DAYS")
SEED: Final = os.environ.get("KUDOS_TEST_SEED")

HOUR: Final = 3_600.0

#: In an hour of this story the account is frozen, Tango is slow, emails come back, Slack refuses messages, a channel is
#: archived and somebody cancels orders; and nothing has Slack's client sleep by the machine's clock.
QUICK_AND_BAD: Final = 202

#: Nothing takes longer once all is right: a notice that has stepped aside is tried each hour, an order each ten
#: minutes, a halted queue each five; and what an admin does about the rest is over in an hour.
UNTIL_QUIET: Final = 4 * HOUR


def test_every_fault_of_the_stand_ins_is_drawn() -> None:
    assert set(soak_faults.SLACK) == SLACK_NAMES
    assert set(soak_faults.TANGO) == set(TANGO_NAMES)


@pytest.mark.skipif(DAYS is not None, reason="there is time for the long one")
def test_nothing_is_stuck_after_a_bad_hour(tmp_path: Path) -> None:
    with Soak(tmp_path, int(SEED or QUICK_AND_BAD)) as soak:
        crowd = Crowd(soak)
        checks = SoakChecks(soak, crowd)
        crowd.work(HOUR / 2, mishaps=0.8, note=checks.note)
        soak.restart()
        crowd.work(HOUR / 2, mishaps=0.8, note=checks.note)
        end(soak, crowd, checks)
        assert len(soak.tango.orders) > 5, "nobody got through"


@pytest.mark.skipif(DAYS is None, reason="takes minutes; KUDOS_TEST_SOAK_DAYS=30 is the nightly one")
@pytest.mark.timeout(0)
def test_nothing_is_stuck_and_nothing_silent_after_many_days(tmp_path: Path) -> None:
    """The second half of the days is one life of the bot: what leaks has that long to show."""
    days, seed = int(DAYS or 0), int(SEED or random.randrange(2**32))
    print(f"KUDOS_TEST_SEED={seed} tells this story again")  # noqa: T201 - shown where it fails
    held: list[Held] = []
    with Soak(tmp_path, seed) as soak:
        crowd = Crowd(soak)
        checks = SoakChecks(soak, crowd)
        for day in range(1, days + 1):
            crowd.work(6 * HOUR, mishaps=0.4, note=checks.note)
            if day <= days // 2 and soak.random.random() < 0.7:
                soak.restart()
            crowd.work(2 * HOUR, mishaps=0.0, note=checks.note)
            soak.live(16 * HOUR)
            if day > days // 2:
                held.append(measure(soak))
            if soak.has_been_right_for(UNTIL_QUIET):
                round_off(soak, crowd, checks)
                checks.check_quiet()
        end(soak, crowd, checks)
        check_flat(soak, held[0], measure(soak))
        checks.check_lists_are_compared()
        assert len(soak.tango.orders) > 10 * days, "nobody got through"
        if days >= 10:  # by then each has come, and some again
            assert {f"{name} ({side})" for side, name in soak_faults.EVERY} <= set(soak.drawn)


def end(soak: Soak, crowd: Crowd, checks: SoakChecks) -> None:
    """Put all right, give the bot its time, and check everything."""
    soak.put_all_right()
    soak.live(UNTIL_QUIET)
    round_off(soak, crowd, checks)
    checks.check_all()


def round_off(soak: Soak, crowd: Crowd, checks: SoakChecks) -> None:
    """Have the admin go through what needs a person, and wait for what comes of it."""
    crowd.look_after_orders()
    soak.live(UNTIL_QUIET / 2)
    checks.note()
