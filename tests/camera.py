"""Takes pictures of a part of a page, light and dark, on a desktop and on a phone; writes the document of them."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.kit.page import NO_TOUR

#: Tall enough that nothing has to be scrolled to: messages, and windows, which fill a phone.
TALL: Final = 6_000
OF_A_WINDOW: Final = 1_000

#: The widths of a desktop and of a narrow phone.
WIDTHS: Final = {"desktop": 1_100, "phone": 360}


class Camera:
    """Takes each picture four times: light and dark, on a desktop and on a phone."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder

    def take(
        self,
        url: str,
        name: str,
        *,
        of: str = "#main .messages",
        height: int = TALL,
        act: Callable[[Page], None] = lambda _: None,
    ) -> None:
        """Take the pictures of one part of the page; `act` is what somebody does there before."""
        for scheme in ("light", "dark"):
            for device, width in WIDTHS.items():
                size = ViewportSize(width=width, height=height)
                context = self._browser.new_context(viewport=size, reduced_motion="reduce", color_scheme=scheme)
                context.add_init_script(NO_TOUR)
                page = context.new_page()
                page.goto(url)
                act(page)
                self._shoot(page, of, self._folder / f"{name}-{device}-{scheme}.png")
                context.close()

    def _shoot(self, page: Page, of: str, path: Path) -> None:
        part = page.locator(of)
        expect(part).to_be_visible()
        part.evaluate("e => e.style.setProperty('max-height', 'none')")  # all of a window, as if it had been scrolled
        page.wait_for_timeout(300)  # pictures and fonts
        box = part.evaluate(
            "e => { const b = e.getBoundingClientRect(), last = e.lastElementChild?.getBoundingClientRect();"
            " const end = last?.bottom ?? b.bottom;"
            " return {x: b.x, y: b.y, width: b.width, height: Math.min(b.height, end - b.y + 8)} }"
        )
        page.screenshot(path=path, clip=box)
        sys.stdout.write(f"{path}: {path.stat().st_size // 1000} kB\n")


def looks_page(taken: Sequence[tuple[str, str]]) -> str:
    """Return docs/looks.md: the pictures by their names, each under its title."""
    parts = [
        "# Looks",
        "",
        "`make screenshots` makes these pictures from the stand-in's page, and writes this document.",
    ]
    for name, title in taken:
        parts += ["", f"## {title}", "", "| light | dark | phone, light | phone, dark |", "| --- | --- | --- | --- |"]
        cells = [
            f'<img src="looks/{name}-{device}-{scheme}.png" alt="{title}, {device}, {scheme}" width="{width}">'
            for device, width in (("desktop", 400), ("phone", 180))
            for scheme in ("light", "dark")
        ]
        parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"
