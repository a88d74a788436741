"""Three bots in the browser: their lamps, and the end of the tour, in which the one on duty is killed in mid-order."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.sandbox.lamps import Lamps
from bot.sandbox.page import create_page_app
from bot.sandbox.postgres import PostgresServer
from bot.sandbox.serve import serve
from bot.sandbox.stage import Stage
from handlers.manifest import build_manifest
from tests.kit import wording
from tests.kit.page import Site, approve, audit, choose, composer, go, modal, settled
from tests.kit.postgres import fresh_schema

BOTS: Final = 3

#: Milliseconds until the second bot has Tango's answer: a takeover, and as long as Tango takes over the first request.
TAKEOVER: Final = 60_000

#: The tour at the first of its steps for several bots.
AT_THE_END: Final = json.dumps({"step": 9, "orders": 0, "resends": 0, "arrivals": 0})


@pytest.fixture
def several(chromium: Browser, postgres: PostgresServer, tmp_path: Path) -> Iterator[tuple[Site, Stage]]:
    """Start three bots, and the page in front of them."""
    command = [sys.executable, "-m", "bot", "run"]
    with ExitStack() as stack:
        stage = Stage(
            command,
            tmp_path,
            build_manifest(files=True, workflows=True),
            database_url=fresh_schema(postgres),
            bots=BOTS,
        )
        stack.enter_context(stage)
        stage.start_bots()
        lamps = stack.enter_context(Lamps(stage.bots, stage.launch))
        page = stack.enter_context(serve(create_page_app(stage.slack, stage.tango, lamps)))
        site = Site(chromium, page.url, stage.slack, stage.tango)
        yield site, stage
        site.close()


def row(page: Page, lamp: str) -> Locator:
    """Return the rows of the bots whose lamp shows this."""
    return page.locator(".bot", has=page.locator(".bot-lamp", has_text=re.compile(f"^{lamp}$")))


def lines(placements: list[Any]) -> list[tuple[str, str]]:
    """Return to whom each was paid, and how much."""
    return [(one.recipient_email, str(one.amount)) for one in placements]


def test_the_one_on_duty_is_killed_in_mid_order(several):
    site, stage = several
    page = site.open("maya", tour=True, storage_state=remembering(site, AT_THE_END))
    tour = page.get_by_role("region", name="Guided tour")
    expect(row(page, "on duty")).to_have_count(1)
    expect(row(page, "serving")).to_have_count(2)

    expect(tour).to_contain_text("Step 10 of 11")
    tour.get_by_role("button", name="Slow Tango down").click()
    tour.get_by_role("button", name="Type it for me").click()
    composer(page).press("Enter")
    expect(modal(page)).to_be_visible()
    choose(page, "Reward", "link", "Reward Link")
    modal(page).get_by_role("button", name=wording.SUBMIT).click()
    tour.get_by_role("button", name="Act as Alex").click()
    expect(page.locator("#acting-as")).to_have_accessible_name(re.compile("Alex"))
    go(page, "rewards-approvals")
    approve(page)
    sender = row(page, "on duty").get_attribute("data-bot")
    expect(tour).to_contain_text(f"Kill bot {sender}")
    page.get_by_role("button", name=f"Kill bot {sender}").press("Enter")

    expect(row(page, "dead")).to_have_attribute("data-bot", str(sender))
    expect(page.get_by_role("button", name=f"Start bot {sender}")).to_be_focused()
    expect(row(page, "on duty")).to_have_count(1)
    expect(row(page, "on duty")).not_to_have_attribute("data-bot", str(sender))
    expect(tour).to_contain_text("Li was paid once", timeout=TAKEOVER)
    references = {arrival.external_ref_id for arrival in stage.tango.arrivals if arrival.body}
    assert lines(stage.tango.orders) == [("li@acme.example", "15.00")]
    assert len(references) == 1
    assert len(stage.tango.arrivals) > 1
    expect(tour).to_contain_text(str(references.pop())[:8])

    tour.get_by_role("button", name="Done").click()
    assert audit(page, "the bots") == ""
    page.get_by_role("button", name=f"Start bot {sender}").press("Enter")
    expect(page.get_by_role("button", name=f"Kill bot {sender}")).to_be_focused()
    expect(row(page, "serving")).to_have_count(2, timeout=TAKEOVER)
    page.reload()
    settled(page)
    expect(row(page, "serving")).to_have_count(2)


def remembering(site: Site, tour: str) -> Any:
    """Return what a browser remembers that has come this far in the tour."""
    return {"origins": [{"origin": site.url, "localStorage": [{"name": "kudos-demo.tour", "value": tour}]}]}
