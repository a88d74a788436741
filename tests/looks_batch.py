"""Takes the pictures of many rewards at once: the list, what is wrong with it, its card, and how far it is.

Card and receipt are those of 120 people; the windows are those that the real bot opens for a list of three.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import product
from typing import Any, Final

from bot.domain.batch import Batch
from bot.domain.budget import Drawn
from bot.domain.money import Money
from bot.domain.progress import Progress
from bot.domain.request import Recipient, Request, RequestStatus
from bot.sandbox.slack import people
from bot.usecases.batches import Preview
from handlers.ids import Action
from handlers.manifest import build_manifest
from handlers.views import batch, batch_receipt, receipts, requests
from handlers.views.messages import asking_text
from handlers.views.queue import Hold
from tests.camera import OF_A_WINDOW, Camera
from tests.kit.bot import CARD
from tests.kit.factories import a_batch, a_new_request, a_recipient
from tests.looks_facts import HOLD, LOOK, Look, asked, counted, decided
from tests.looks_windows import stage

_FIRST: Final = ("Rob", "Kim", "Li", "Ana", "Noor", "Tom", "Zoe", "Ben", "Eva", "Max", "Ida", "Leo")
_LAST: Final = ("Hale", "Park", "Wu", "Ruiz", "Haddad", "Berg", "Costa", "Diaz", "Ek", "Fox")

_PEOPLE: Final[Sequence[Recipient]] = [
    a_recipient(
        f"U0P{number:06d}",
        first_name=first,
        last_name=last,
        has_namesake=False,
        amount=Money((25_00, 50_00, 100_00)[number % 3], "USD"),
        message="Five years! Thank you for all of them.",
    )
    for number, (last, first) in enumerate(product(_LAST, _FIRST))
]
_MANY: Final = {**a_batch(recipients=tuple(_PEOPLE), amount=Money(100_00, "USD")), "reward_name": "Reward Link"}
_OF_BATCH: Final = {
    **_MANY,
    "id": 9,
    "budgets": (Drawn("People team", False, Money(10_000_00, "USD")),),
}

#: A right list and a faulty file, as somebody makes them.
_LIST: Final = (
    "rob@acme.example, 25, Five years! Thank you for all of them.\n"
    "kim@acme.example, 50, You carried the launch\n"
    "li@acme.example, 100"
)
_FAULTY: Final = (
    "Name,Email,Amount,Message\n"
    "Rob Hale,rob@acme.example,25,Five years!\n"
    "Kim Park,kim@acme.example,2500,You carried the launch\n"
    "Zed Moss,zed@acme.example,25,Thank you\n"
    "Li Wu,,fifty,Thank you\n"
)


def batch_looks() -> Iterator[Look]:
    """Yield the pictures of the card, the receipt, and what the requester hears besides."""
    yield Look(
        name="batch-card",
        title="A batch: approval card",
        reader="alex",
        channel=people.APPROVALS,
        messages=[requests.build_card(one, far, people.TEAM_ID, hold, LOOK) for one, far, hold in _states()],
    )
    yield Look(
        name="batch-receipt",
        title="A batch: receipt of the requester, until its end",
        reader="maya",
        messages=[receipts.build_receipt(one, far, hold, _lasts(far)) for one, far, hold in _states()],
    )
    ready = Preview(
        batch=Batch(reference="r", digest="", new=a_new_request(**_MANY), is_guessed=True),
        twice=["Rob Hale", "Kim Park"],
        lasts=timedelta(minutes=2),
    )
    yield Look(
        name="batch-told",
        title="A batch: what the requester hears besides",
        reader="maya",
        messages=[
            batch.build_batch_ready(ready),
            batch.build_batch_asked(asked(**_OF_BATCH)),
            batch_receipt.build_canceled_rest(70),
            receipts.build_decision(decided(RequestStatus.DECLINED, reason="Over budget", **_OF_BATCH)),
        ],
    )


def _states() -> Iterator[tuple[Request, Progress, Hold | None]]:
    approved = decided(RequestStatus.APPROVED, **_OF_BATCH)
    yield asked(**_OF_BATCH), counted(), None
    yield approved, counted(queued=59, submitting=1, accepted=60), None
    yield approved, counted(queued=60, accepted=60), HOLD
    yield approved, counted(queued=18, accepted=100, failed=1, needs_attention=1), None
    yield approved, counted(accepted=120), None
    yield approved, _with_failed(counted(accepted=117, failed=3)), None
    yield approved, counted(accepted=50, canceled=70), None


def _with_failed(far: Progress) -> Progress:
    return Progress(counts=far.counts, failed=[one.name for one in _PEOPLE[40:43]])


def _lasts(far: Progress) -> timedelta:
    """Return how long what waits takes at one a second."""
    return timedelta(seconds=sum(count for status, count in far.counts.items() if status in ("queued", "submitting")))


def take_batch_windows(camera: Camera) -> Iterator[tuple[str, str]]:
    """Take the windows of a list, and the file that comes back; yield the name and the title of each."""
    with stage({"slack": {"files": True}}) as (world, url):
        maya, alex = world.maya, world.alex
        world.slack.manifest(build_manifest(files=True))

        def take(who: str, name: str, title: str, *, of: str = "dialog.modal", channel: str = "") -> tuple[str, str]:
            height = OF_A_WINDOW if of == "dialog.modal" else 6_000
            camera.take(f"{url}/?as={who}&in={channel or people.GENERAL}", name, of=of, height=height)
            return name, title

        def check(**fields: Any) -> None:
            """Fill in the form, and wait for what the check says."""
            if maya.modal is not None:
                maya.close(everything=True)
            form = maya.command("/kudos", "batch").modal
            assert form is not None
            maya.options(form, Action.BATCH_REWARD, "")
            maya.submit(form, {"reward": CARD, **fields})
            maya.wait_for(lambda: (now := maya.modal) and asking_text() not in now.words)

        maya.command("/kudos", "batch")
        yield take(maya.id, "batch-form", "A batch: its form")
        check(file=[maya.upload("anniversaries.csv", _FAULTY.encode())])
        yield take(maya.id, "batch-faults", "A batch: a file with faults")
        maya.close(everything=True)
        world.said(maya, "Row 3: ")
        yield take(
            maya.id, "batch-back", "A batch: the faulty file comes back", of="#main .messages", channel=maya.dm_channel
        )
        check(list=_LIST)
        yield take(maya.id, "batch-preview", "A batch: what the list asks for")
        assert maya.modal is not None
        assert maya.submit(maya.modal).closed
        world.until(lambda: world.is_posted("approval_card", 1))
        alex.click(world.card(1), Action.BATCH_ROWS)
        yield take(alex.id, "batch-rows", "A batch: its rows, for an approver")
