"""Takes the pictures of rewards that are sent on a date: form, card, receipt, and the list of what waits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from bot.domain.notices import RECIPIENT_LEFT
from bot.domain.order import OrderStatus
from bot.domain.progress import Progress
from bot.domain.request import Details, Request, RequestStatus
from bot.domain.schedule import Schedule
from bot.sandbox.slack import Person, ShownView, people
from handlers.ids import Action, Block
from handlers.views import cancel, receipts, requests
from tests.camera import OF_A_WINDOW, Camera
from tests.kit.bot import CARD, World
from tests.kit.factories import a_recipient
from tests.looks_facts import LOOK, NOW, Look, asked, counted, decided, waits
from tests.looks_story import WORDS
from tests.looks_windows import stage

#: Nine in the morning of a day in three weeks, where each person is; and the day after by Maya's own clock.
_DAY: Final = NOW.date() + timedelta(days=21)
_THEIRS: Final = Schedule(datetime.combine(_DAY, time(9)))
_MINE: Final = Schedule(_THEIRS.at + timedelta(days=1, hours=1, minutes=30), "America/New_York")

#: Two people whose clocks differ.
_TWO: Final = (
    asked().recipients[0],
    a_recipient(people.KIM, first_name="Kim", last_name="Park", has_namesake=False, zone="America/New_York"),
)

#: A window with all of the form's fields unfolded.
_OF_A_LONG_WINDOW: Final = 1_900


def date_looks() -> Iterator[Look]:
    """Yield the pictures of the card, the receipt, and what the requester is told."""
    yield Look(
        name="date-card",
        title="Sent on a date: approval card",
        reader="alex",
        channel=people.APPROVALS,
        messages=[requests.build_card(one, far, people.TEAM_ID, None, LOOK) for one, far in _states()],
    )
    yield Look(
        name="date-receipt",
        title="Sent on a date: receipt of the requester, also with the date changed",
        reader="maya",
        messages=[receipts.build_receipt(one, far) for one, far in _states()],
    )
    yield Look(
        name="date-left",
        title="Sent on a date: the recipient has left before it",
        reader="maya",
        messages=[cancel.build_canceled(waits(status=OrderStatus.CANCELED), RECIPIENT_LEFT)],
    )


def _states() -> Iterator[tuple[Request, Progress]]:
    """Yield a request that waits, is approved, has its date changed, and is sent to the first of two people."""
    theirs, mine = Details(schedule=_THEIRS), Details(schedule=_MINE)
    yield asked(details=theirs), counted()
    for details in (theirs, mine):
        schedule = details.schedule
        assert schedule is not None
        due = schedule.due("America/Los_Angeles")
        far = replace(counted(queued=1), undo_until=due, goes_out_at=due)
        yield decided(RequestStatus.APPROVED, details=details), far
    in_part = replace(counted(queued=1, accepted=1), goes_out_at=_THEIRS.due("America/Los_Angeles"))
    yield decided(RequestStatus.APPROVED, details=theirs, recipients=_TWO), in_part


def take_date_windows(camera: Camera) -> Iterator[tuple[str, str]]:
    """Take the forms and the list that the real bot opens; yield the name and the title of each."""
    with stage({}) as (world, url):
        maya = world.maya

        def take(name: str, title: str, of: str = "dialog.modal", height: int = OF_A_WINDOW) -> tuple[str, str]:
            camera.take(f"{url}/?as={maya.id}&in={people.GENERAL}", name, of=of, height=height)
            return name, title

        world.form(text=f"@rob 25 {WORDS}")
        form = _choose_day(maya)
        maya.select(form, Action.REWARD, CARD)
        world.until(lambda: maya.modal and "$1,000" in maya.modal.words)
        yield take("date-form", "Sent on a date: the form with a date", height=_OF_A_LONG_WINDOW)
        maya.close(everything=True)
        asked_id = _approved_on_date(world, "rob")
        maya.click(world.receipt(asked_id), Action.SCHEDULE_CHANGE)
        yield take("date-change", "Sent on a date: the form for another date")
        maya.close(everything=True)
        _approved_on_date(world, "kim")
        world.answer(maya, lambda: maya.command("/orders", "scheduled", channel=people.GENERAL))
        yield take("date-orders", "Sent on a date: the list of `/orders scheduled`", of="#main .messages")


def _choose_day(maya: Person) -> ShownView:
    """Unfold the open form, and choose a day in it; return it with the fields for the time."""
    assert maya.modal is not None
    maya.click(maya.modal, Action.MORE)
    unfolded = maya.wait_for(lambda: now if (now := maya.modal) and Block.SEND_ON in now.entered else None)
    maya.select(unfolded, Action.SEND_ON, _DAY.isoformat())
    return maya.wait_for(lambda: now if (now := maya.modal) and Block.SEND_AT in now.entered else None)


def _approved_on_date(world: World, recipient: str) -> int:
    """Have a reward approved that waits for the date; return the request's id."""
    maya = world.maya
    world.form()
    form = _choose_day(maya)
    assert maya.submit(form, {"recipients": [recipient], "reward": CARD, "amount": "25", "message": WORDS}).closed
    found: int = world.one("SELECT max(id) AS id FROM requests")["id"]
    world.until(lambda: world.is_posted("approval_card", found) and world.is_posted("receipt", found))
    world.alex.click(world.card(found), Action.APPROVE)
    world.until(lambda: Action.UNDO in world.receipt(found).action_ids)
    return found
