"""Takes the pictures of a workflow that asks for a reward: the step, its refusal, the card and the receipt."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from playwright.sync_api import Page, expect

from bot.domain.progress import Progress
from bot.domain.request import Request, RequestStatus
from bot.sandbox.slack import people
from handlers.manifest import build_manifest
from handlers.views import receipts, requests
from tests.camera import OF_A_WINDOW, Camera
from tests.kit.page import choose
from tests.looks_facts import LOOK, Look, asked, counted, decided
from tests.looks_windows import stage

_BY_WORKFLOW: Final[dict[str, Any]] = {"by_workflow": True, "message": "Five years! Thank you for all of them."}


def workflow_looks() -> Iterator[Look]:
    """Yield the pictures of the card and the receipt."""
    yield Look(
        name="workflow-card",
        title="A workflow: approval card",
        reader="alex",
        channel=people.APPROVALS,
        messages=[requests.build_card(one, far, people.TEAM_ID, None, LOOK) for one, far in _states()],
    )
    yield Look(
        name="workflow-receipt",
        title="A workflow: receipt of whose name it asks in",
        reader="maya",
        messages=[receipts.build_receipt(one, far) for one, far in _states()],
    )


def _states() -> Iterator[tuple[Request, Progress]]:
    yield asked(**_BY_WORKFLOW), counted()
    yield decided(RequestStatus.APPROVED, **_BY_WORKFLOW), counted(accepted=1)
    yield decided(RequestStatus.DECLINED, reason="Not eligible", **_BY_WORKFLOW), counted()


def take_steps(camera: Camera) -> Iterator[tuple[str, str]]:
    """Take the step in Workflow Builder, as it is answered and as it is refused; yield the name and title of each."""
    with stage({"slack": {"workflow_requester": people.PRIYA}}) as (world, url):
        world.slack.manifest(build_manifest(workflows=True))
        page = f"{url}/?as={world.maya.id}&in={people.GENERAL}"
        for name, amount, title in (
            ("workflow-refused", "lots", "A workflow: the step is refused"),
            ("workflow-step", "25", "A workflow: the step has asked"),
        ):
            camera.take(page, name, of="dialog.step", height=OF_A_WINDOW, act=_run(amount))
            yield name, title


def _run(amount: str) -> Callable[[Page], None]:
    """Return what fills in the step and runs it."""

    def run(page: Page) -> None:
        page.locator('[data-composer="channel"]').get_by_role("button", name="Shortcuts").click()
        page.get_by_role("menuitem", name=re.compile("^Ask for a reward")).click()
        step = page.get_by_role("dialog", name="Ask for a reward")
        choose(page, "Recipient", "rob", "Rob Hale")
        choose(page, "Reward", "link", "Reward Link")
        step.get_by_label(re.compile("^Amount")).fill(amount)
        step.get_by_label(re.compile("^Message")).fill("Five years! Thank you for all of them.")
        step.get_by_role("button", name="Run").click()
        expect(
            step.get_by_role("alert").or_(step.get_by_role("status")).filter(has_text=re.compile("\\w"))
        ).to_have_count(1)

    return run
