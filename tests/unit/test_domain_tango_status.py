"""What Tango's statuses mean, and how often Tango is asked."""

from datetime import timedelta

import pytest

from bot.domain.tango_status import Standing, standing_of, wait_before_watch


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("COMPLETE", Standing.COMPLETE),
        ("complete", Standing.COMPLETE),
        ("FAILED", Standing.FAILED),
        ("CANCELLED", Standing.FAILED),
        ("DELETED", Standing.FAILED),
        ("PARTIAL", Standing.UNEXPECTED),
        *((status, Standing.OPEN) for status in ("PENDING", "QUEUED", "PENDING_MR", "ON_HOLD", "PENDING_KYB")),
        ("PENDING_PAYMENT", Standing.OPEN),
        ("A_WORD_OF_2030", Standing.OPEN),
        ("", Standing.OPEN),
        (None, Standing.OPEN),
    ],
)
def test_a_status_means(status: str | None, standing: Standing):
    assert standing_of(status) is standing


def test_waits_grow_to_an_hour_and_end_after_thirty_days():
    waits: list[timedelta] = []
    while (wait := wait_before_watch(len(waits))) is not None:
        waits.append(wait)

    assert [wait.total_seconds() for wait in waits[:10]] == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    assert set(waits[9:]) == {timedelta(hours=1)}
    assert timedelta(days=30) <= sum(waits, timedelta()) < timedelta(days=31)
