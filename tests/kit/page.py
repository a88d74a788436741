"""A Chromium, the page in front of fresh stand-ins, and what a person does with it."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

from bot.sandbox.page import create_page_app
from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox
from bot.sandbox.stage import Stage
from bot.sandbox.tango import TangoSandbox
from handlers.manifest import build_manifest
from tests.kit import wording
from tests.kit.page_bot import MANIFEST, make_app

#: The names under which systems install Chromium.
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")

#: No sandbox, since tests also run as root in containers; the rest keeps the browser quiet and offline.
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

#: Milliseconds to wait for what should be there at once: two tests share a machine with their bots and browsers.
PATIENCE: Final = 15_000

#: Ends the tour before it begins, in the windows of tests that are not about it.
NO_TOUR: Final = (
    "if (!localStorage.getItem('kudos-demo.tour')) localStorage.setItem('kudos-demo.tour', '{\"ended\":true}')"
)


def find_chromium() -> str | None:
    """Return the browser's path, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start one headless browser for all tests of a worker."""
    path = find_chromium()
    if path is None:
        reason = "no Chromium found: the page was not tested in a browser (Debian: apt-get install chromium)"
        if os.environ.get("KUDOS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Site:
    """The page, open in as many windows as a test wants; it minds what the windows complain of."""

    def __init__(self, browser: Browser, url: str, slack: SlackSandbox, tango: TangoSandbox) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.url = url
        self.slack = slack
        self.tango = tango
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def open(
        self, who: str = "maya", channel: str = "general", *, tour: bool = False, query: str = "", **options: Any
    ) -> Page:
        """Open a window of its own, as this person, in this channel."""
        context = self._browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        if not tour:
            context.add_init_script(NO_TOUR)
        page = context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", lambda request: self.requests.append(f"{request.method} {request.url}"))
        place = self.slack.workspace.channel_named(channel) or channel
        page.goto(f"{self.url}/?as={self.slack.person(who).id}&in={place}{query}")
        if "tab=home" not in query:
            settled(page)
        return page

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def close(self) -> None:
        """Close the windows, and hold the test to what they said."""
        for context in self._contexts:
            context.close()
        foreign = [one for one in self.requests if not re.match(rf"\w+ ({re.escape(self.url)}/|data:)", one)]
        assert foreign == []
        assert self.complaints == []


@pytest.fixture
def site(chromium: Browser) -> Iterator[Site]:
    """Serve the page over a workspace with the small app of `page_bot`."""
    # What is looked at here is the page: a busy machine's slow answers are no failure of it.
    slack, tango = SlackSandbox(ack_seconds=PATIENCE / 1000), TangoSandbox()
    with ExitStack() as stack:
        stack.callback(slack.close)
        slack.manifest(MANIFEST)
        slack.url = stack.enter_context(serve(slack.app)).url
        app = stack.enter_context(serve(make_app(slack.url)))
        slack.request_url = f"{app.url}/slack/events"
        page = stack.enter_context(serve(create_page_app(slack, tango)))
        made = Site(chromium, page.url, slack, tango)
        yield made
        made.close()


@pytest.fixture
def make_kudos(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., tuple[Site, Stage]]]:
    """Start the real bot between stand-ins, and the page in front of them."""
    with ExitStack() as stack:
        sites: list[Site] = []

        def make(**options: Any) -> tuple[Site, Stage]:
            command = [sys.executable, "-m", "bot", "run"]
            stage = stack.enter_context(Stage(command, tmp_path, build_manifest(files=True, workflows=True), **options))
            stage.start_bot()
            page = stack.enter_context(serve(create_page_app(stage.slack, stage.tango)))
            sites.append(Site(chromium, page.url, stage.slack, stage.tango))
            return sites[-1], stage

        yield make
        for site in sites:
            site.close()


# What a person does ---------------------------------------------------------------------------------------------------


def settled(page: Page) -> None:
    """Wait until the conversation is drawn."""
    expect(page.locator("#main .messages")).to_have_attribute("aria-busy", "false")


def composer(page: Page) -> Locator:
    """Return the field to write in."""
    return page.locator('[data-composer="channel"] textarea')


def say(page: Page, text: str) -> None:
    """Write something and send it."""
    composer(page).fill(text)
    composer(page).press("Enter")


def modal(page: Page) -> Locator:
    """Return the open modal."""
    return page.locator("dialog.modal")


def messages(page: Page) -> Locator:
    """Return the messages of the open conversation."""
    return page.locator("#main article")


def choose(page: Page, field: str, typed: str, option: str) -> None:
    """Pick from a menu in which one types to find, once it shows what was typed: before, it moves under the pointer."""
    menu = page.get_by_role("combobox", name=field)
    menu.click()
    page.keyboard.type(typed)
    expect(menu).not_to_have_attribute("aria-busy", "true")
    page.get_by_role("option", name=option).first.click()


def go(page: Page, channel: str) -> None:
    """Open a channel, or the app."""
    page.locator(f'.channel[data-name="{channel}"]').click()
    settled(page)


def act_as(page: Page, name: str) -> None:
    """Act as somebody else in this window."""
    page.locator("#acting-as").click()
    page.get_by_role("menuitemradio", name=name).click()
    expect(page.locator("#acting-as")).to_have_accessible_name(re.compile(f"Acting as {name}"))
    settled(page)


def ask_for_reward(page: Page, text: str = "/kudos @rob 25 Great launch!", reward: str = "Reward Link") -> None:
    """Fill in the form and send it."""
    say(page, text)
    expect(modal(page)).to_be_visible()
    choose(page, "Reward", reward, reward)
    modal(page).get_by_role("button", name=wording.SUBMIT).click()
    expect(modal(page)).to_have_count(0)


def approve(page: Page) -> None:
    """Approve the newest request in the open channel, and confirm it."""
    page.locator("#main").get_by_role("button", name=re.compile("^Approve")).last.click()
    page.get_by_role("alertdialog").get_by_role("button", name="Approve").click()


# What bars people ----------------------------------------------------------------------------------------------------


def audit(page: Page, what: str) -> str:
    """Return what axe-core finds serious on the screen, in a line each; empty if nothing."""
    serious = [v for v in Axe().run(page).response["violations"] if v["impact"] in {"serious", "critical"}]
    return "\n".join(
        f"{what}: {v['id']}: {[n['html'] for n in v['nodes']][:3]} {v['nodes'][0]['failureSummary']}" for v in serious
    )
