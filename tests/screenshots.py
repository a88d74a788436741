"""Takes the README's pictures of the main job: `python -m tests.screenshots [folder]`.

The bot is the real one, and the clicks are those of a person, so that the pictures show what is.
"""

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from bot.sandbox.page import create_page_app
from bot.sandbox.serve import serve
from bot.sandbox.stage import Stage
from handlers.manifest import build_manifest
from tests.kit import wording
from tests.kit.page import FLAGS, NO_TOUR, PATIENCE, approve, ask_for_reward, choose, find_chromium, go, modal, say
from tests.looks import take_looks

SIZE = ViewportSize(width=1240, height=760)


def main(folder: Path) -> None:
    """Play the main job and take a picture of each of its stations."""
    path = find_chromium()
    if path is None:
        sys.exit("No Chromium found. On Debian: apt-get install chromium fonts-noto-color-emoji")
    expect.set_options(timeout=PATIENCE)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix="kudos-pictures-") as data,
        Stage([sys.executable, "-m", "bot", "run"], Path(data), build_manifest(files=True, workflows=True)) as stage,
        serve(create_page_app(stage.slack, stage.tango)) as server,
        sync_playwright() as playwright,
    ):
        stage.start_bot()
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        _play(browser, server.url, stage, folder)
        take_looks(browser, folder / "looks")
        browser.close()


def _play(browser: Browser, url: str, stage: Stage, folder: Path) -> None:
    stage.slack.person("maya").say("The launch went out without a hitch. Thank you, @rob! :tada:", channel="general")
    maya, alex = (_window(browser, url, stage.slack.person(who).id) for who in ("maya", "alex"))
    go(alex, "rewards-approvals")

    say(maya, "/kudos @rob 25 You carried the launch over the line. Thank you!")
    choose(maya, "Reward", "link", "Reward Link")
    maya.keyboard.press("Tab")
    _take(maya, folder / "request.png")
    modal(maya).get_by_role("button", name=wording.SUBMIT).click()
    expect(modal(maya)).to_have_count(0)

    alex.locator("#main").get_by_role("button", name=re.compile("^Approve")).click()
    _take(alex, folder / "approval.png")
    alex.get_by_role("alertdialog").get_by_role("button", name="Approve").click()
    expect(alex.locator("#main")).to_contain_text("sent to Rob Hale")

    stage.tango.faults.set("unavailable_after", times=1)
    ask_for_reward(maya, "/kudos @kim @li @priya 10 For the late evening before it")
    expect(alex.locator("#main")).to_contain_text(wording.card_title(2))
    approve(alex)
    expect(alex.locator("#main article").last).to_contain_text("sent to all 3")
    say(maya, "/orders 1")
    expect(maya.locator("#main")).to_contain_text("Timeline")
    _take(maya, folder / "tango.png")


def _window(browser: Browser, url: str, person: str) -> Page:
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce", color_scheme="light")
    context.set_default_timeout(PATIENCE)
    context.add_init_script(NO_TOUR)
    page = context.new_page()
    page.goto(f"{url}/?as={person}&in=C00GENERAL")
    expect(page.locator("#main .messages")).to_have_attribute("aria-busy", "false")
    return page


def _take(page: Page, path: Path) -> None:
    page.mouse.move(620, 5)
    page.wait_for_timeout(400)
    page.screenshot(path=path)
    sys.stdout.write(f"{path}: {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs"))
