"""The main job as a play: what each person sees, and what Tango received, as text.

Nothing is staged but the people's clicks: the bot is a process of its own, and every scene ends with a look at
what happened. The play returns whether all of it did.
"""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.sandbox.slack import Person, ShownMessage, ShownView
from bot.sandbox.stage import Stage

#: The action of the card's button to approve, as the bot names it.
_APPROVE: Final = "approve"

#: The action of the button that undoes an approval, as the bot names it.
_UNDO: Final = "undo"

#: Long enough for a retry after an unclear answer (2 s) and the pace, with room for a slow machine.
_PATIENCE: Final = 20.0

#: Seconds without a change after which everything is told: the bot tells a change within a fraction of one.
_QUIET: Final = 1.2

_DATE: Final = re.compile(r"<!date\^[^|]*\|([^>]*)>")
_MENTION: Final = re.compile(r"<@(U[A-Z0-9]+)>")


#: A gift card of the stand-in's catalog that takes any amount from 1 to 1,000 USD.
_REWARD: Final = "U666425"

Seen = TypeVar("Seen")


def play_script(command: Sequence[str], manifest: dict[str, Any]) -> bool:
    """Play the main job between stand-ins; return whether all of it happened.

    Args:
        command: how to start the bot.
        manifest: its Slack app manifest.
    """
    with TemporaryDirectory(prefix="kudos-demo-") as folder, Stage(command, Path(folder), manifest) as stage:
        stage.start_bot()
        return _Play(stage).run()


class _Play:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._out = Console(width=100, highlight=False)
        self._missing: list[str] = []
        self._told_arrivals = 0
        self.maya, self.alex, self.sam, self.ada = map(stage.slack.person, ("maya", "alex", "sam", "ada"))
        self.rob, self.kim = map(stage.slack.person, ("rob", "kim"))

    def run(self) -> bool:
        scenes: tuple[tuple[str, Callable[[], None]], ...] = (
            ("Maya asks for a reward for Rob", self._ask),
            ("Maya asks for more than her budget has left", self._ask_too_much),
            ("Alex approves; the order is sent at once", self._approve),
            ("Sam, whose screen is a moment behind, approves too", self._approve_again),
            ("Priya would reward Rob too, on the same day, and is asked whether that is meant", self._ask_twice),
            ("Ada looks it up", self._look_up),
            ("Maya wants the email sent again, too soon", self._resend_too_soon),
            ("Tango places an order and then answers 503: no second order", self._survive),
            ("The bot is killed while Tango thinks, and started again", self._kill),
            ("Maya asks for more than one person may approve", self._approve_twice),
            ("The thirty seconds have passed: Maya sends the email again", self._resend),
            ("Fiona of finance reads what was given this month", self._report),
            ("Approvals are held for a minute from now on: Maya undoes one", self._undo),
        )
        for number, (title, scene) in enumerate(scenes, 1):
            self._out.rule(f"[bold]{number}. {title}", align="left")
            try:
                scene()
            except (TimeoutError, LookupError) as error:
                self._expect(f"scene {number} to go on ({error})", happened=False)
                break
        self._curtain()
        return not self._missing

    # ---------------------------------------------------------------------------------------- scenes

    def _ask(self) -> None:
        self._says(self.maya, "/kudos @rob 25 Great launch!")
        form = self.maya.command("/kudos", "@rob 25 Great launch!", channel="general").modals[-1]
        self._out.print(f"   The form “{form.title}” opens, filled in with what she typed. She picks a reward.")
        left = _line_with(form, "$500.00 left")
        self._out.print(f"   Under the amount it says: [yellow]{left}[/yellow]")
        self._expect("the form to say what is left", happened=bool(left))
        done = self.maya.submit(form, {"reward": _REWARD})
        self._expect("the form to be taken", happened=done.closed)
        self._sees(self.maya, self._waits(self.maya, lambda: self._dm(self.maya, self.rob)))
        self.card = self._waits(self.alex, lambda: self._undecided(self.alex, self.rob))
        self._sees(self.alex, self.card, "in #rewards-approvals")
        self._expect("the card to say what would be left", happened="$500.00 → $475.00" in self.card.words)

    def _ask_too_much(self) -> None:
        self._says(self.maya, "/kudos @kim 480")
        form = self.maya.command("/kudos", "@kim 480", channel="general").modals[-1]
        refused = self.maya.submit(form, {"reward": _REWARD})
        for field, said in (refused.errors or {}).items():
            self._out.print(f"   Under “{field}” the form says: [yellow]{said}[/yellow]")
        self._expect("the refusal to say what is left", happened="$475.00" in str(refused.errors))
        self.maya.close(everything=True)
        self._home_says("$475.00 left")

    def _approve(self) -> None:
        self._stale = self._waits(self.sam, lambda: self._undecided(self.sam, self.rob))
        self._presses(self.alex, "Approve $25.00", "and confirms")
        self.alex.click(self.card, _APPROVE)
        self._wait_until("the order at Tango", lambda: len(self._stage.tango.orders) == 1)
        self._sees(self.rob, self._waits(self.rob, lambda: self._dm(self.rob)))
        self._settle()
        self._sees(self.maya, self._waits(self.maya, lambda: self._dm(self.maya, self.rob)))
        self._sees(self.alex, self.alex.now(self.card), "the card, rewritten")
        self._expect("no button to approve", happened=_APPROVE not in self.alex.now(self.card).action_ids)
        self._tango_received()
        self._expect("one order at Tango", happened=len(self._stage.tango.orders) == 1)

    def _approve_again(self) -> None:
        self._presses(self.sam, "Approve $25.00", "on a card that still shows it")
        self.sam.click(self._stale, _APPROVE)
        self._sees(self.sam, self._waits(self.sam, lambda: next(iter(self.sam.ephemerals()), None)))
        self._expect("still one order at Tango", happened=len(self._stage.tango.orders) == 1)

    def _ask_twice(self) -> None:
        priya = self._stage.slack.person("priya")
        self._says(priya, "/kudos @rob 25 From me too!")
        form = priya.command("/kudos", "@rob 25 From me too!", channel="general").modals[-1]
        asked = priya.submit(form, {"reward": _REWARD}).modal
        self._expect("the form to stay and ask", happened=asked is not None)
        if asked is not None:
            self._out.print(_panel("Priya sees, in the form", self._readable(asked.words.splitlines()[0])))
            self._out.print("   It names nobody and no amount. She didn't know, and closes the form.")
            priya.close(everything=True)

    def _look_up(self) -> None:
        self._says(self.ada, "/orders 1")
        shown = self.ada.command("/orders", "1", channel="general").ephemerals
        self._expect("Ada to see Rob's order", happened=bool(shown) and _is_about(shown[0], self.rob))
        for message in shown:
            self._sees(self.ada, message)

    def _resend_too_soon(self) -> None:
        self._says(self.maya, "/resend 1")
        shown = self.maya.command("/resend", "1", channel="general").ephemerals
        for message in shown:
            self._sees(self.maya, message)
        self._settle()
        self._expect("no second email", happened=bool(shown) and not self._stage.tango.resends)

    def _survive(self) -> None:
        self._out.print("   [dim]Tango will make the next order, and then answer 503.[/dim]")
        self._stage.tango.faults.set("unavailable_after", times=1)
        self._send(self.kim, "40")
        self._tango_received()
        mine = self._orders_for("kim")
        self._expect("two attempts and one order", happened=len(mine) == 1 and len(self._arrivals_for("kim")) == 2)

    def _kill(self) -> None:
        li = self._stage.slack.person("li")
        self._out.print("   [dim]Tango will need 3 seconds for the next answer.[/dim]")
        self._stage.tango.faults.set("slow", seconds=3, times=1)
        self._ask_and_approve(li, "15")
        self._wait_until("the order to arrive", lambda: len(self._arrivals_for("li")) == 1)
        self._stage.kill_bot()
        self._out.print("   [bold red]kill -9[/bold red] while the answer is awaited. Then: start.")
        self._stage.start_bot()
        self._wait_until(
            "Li's order at Tango", lambda: bool(self._orders_for("li")) and len(self._arrivals_for("li")) > 1
        )
        self._settle()
        self._sees(self.maya, self._waits(self.maya, lambda: self._dm(self.maya, li)))
        self._tango_received()
        mine = self._orders_for("li")
        self._expect("one order for Li, in spite of the kill", happened=len(mine) == 1)

    def _approve_twice(self) -> None:
        priya, before = self._stage.slack.person("priya"), len(self._stage.tango.orders)
        self._ask_and_approve(priya, "300")
        self._settle()
        card = self._waits(self.sam, lambda: self._undecided(self.sam, priya))
        self._sees(self.sam, card, "the card, after one yes")
        self._expect("nothing at Tango after one yes", happened=len(self._stage.tango.orders) == before)
        self._presses(self.alex, "Approve $300.00", "once more")
        self.alex.click(card, _APPROVE)
        self._sees(self.alex, self._waits(self.alex, lambda: next(iter(self.alex.ephemerals()), None)))
        self._presses(self.sam, "Approve $300.00", f"for {_name(priya)}")
        self.sam.click(card, _APPROVE)
        self._wait_until("Priya's order at Tango", lambda: len(self._stage.tango.orders) == before + 1)
        self._settle()
        self._sees(self.sam, self.sam.now(card), "the card, rewritten")
        self._expect("one order for Priya, by two people", happened=len(self._orders_for("priya")) == 1)

    def _resend(self) -> None:
        self._says(self.maya, "/resend 1")
        until = time.monotonic() + 2 * _PATIENCE
        while not self._stage.tango.resends:
            if time.monotonic() > until:
                raise TimeoutError("the cooldown does not pass")
            shown = self.maya.command("/resend", "1", channel="general").ephemerals
            self._settle()
        for message in shown:
            self._sees(self.maya, message)
        self._sees(self.maya, self._waits(self.maya, lambda: self._dm(self.maya)))
        mails = [mail for mail in self._stage.tango.emails if mail.to == "rob@acme.example"]
        self._expect("Tango to have mailed Rob twice", happened=[m.kind for m in mails] == ["original", "resend"])

    def _report(self) -> None:
        fiona, words = self._stage.slack.person("fiona"), "report this month by recipient"
        self._says(fiona, f"/kudos {words}")
        fiona.command("/kudos", words, channel="general")
        shown = self._waits(fiona, lambda: next((m for m in fiona.ephemerals() if "$380.00" in m.words), None))
        self._sees(fiona, shown)
        given = ("Rob Hale", "Kim Park", "Li Wei", "Priya Nair")
        self._expect("the report to name all four", happened=all(name in shown.words for name in given))

    def _undo(self) -> None:
        self._stage.stop_bot()
        self._stage.hold_minutes = 1
        self._stage.start_bot()
        self._ask_and_approve(self.ada, "10")
        receipt = self._waits(self.maya, lambda: self._with_undo(self.ada))
        self._sees(self.maya, receipt)
        self._presses(self.maya, "Undo", "and confirms")
        self.maya.click(receipt, _UNDO)
        self._settle()
        self._sees(self.maya, self.maya.now(receipt))
        self._expect("no button to undo it again", happened=_UNDO not in self.maya.now(receipt).action_ids)
        self._expect("no order for Ada", happened=not self._arrivals_for("ada"))
        self._home_says("$120.00 left")

    def _with_undo(self, about: Person) -> ShownMessage | None:
        """Return Maya's receipt about somebody, once she can undo the approval."""
        dm = self._dm(self.maya, about)
        return dm if dm is not None and _UNDO in dm.action_ids else None

    # --------------------------------------------------------------------------------------- a look

    def _home_says(self, left: str) -> None:
        """Have Maya open Home, and read there what her budget has left."""
        self.maya.open_home()
        line = self._waits(self.maya, lambda: _line_with(self.maya.home, left))
        self._out.print(f"   Her Home says: [yellow]{line}[/yellow]")

    def _send(self, to: Person, amount: str) -> None:
        self._ask_and_approve(to, amount)
        self._wait_until("the second attempt", lambda: len(self._arrivals_for(to.account.handle)) == 2)
        self._settle()
        self._sees(self.maya, self._waits(self.maya, lambda: self._dm(self.maya, to)))

    def _ask_and_approve(self, to: Person, amount: str) -> None:
        self._says(self.maya, f"/kudos @{to.account.handle} {amount}")
        view = self.maya.command("/kudos", f"@{to.account.handle} {amount}", channel="general").modals[-1]
        self.maya.submit(view, {"reward": _REWARD})
        card = self._waits(self.alex, lambda: self._undecided(self.alex, to))
        self._presses(self.alex, f"Approve ${amount}.00", f"for {_name(to)}")
        self.alex.click(card, _APPROVE)

    def _undecided(self, person: Person, about: Person) -> ShownMessage | None:
        """Return the card about somebody that a person can decide about."""
        cards = (m for m in person.messages("rewards-approvals") if _APPROVE in m.action_ids)
        return next((card for card in cards if _is_about(card, about)), None)

    def _dm(self, person: Person, about: Person | None = None) -> ShownMessage | None:
        """Return the newest of the bot's messages to a person (about somebody)."""
        return next((m for m in reversed(person.dms()) if about is None or _is_about(m, about)), None)

    def _orders_for(self, handle: str) -> list[Any]:
        return [order for order in self._stage.tango.orders if order.recipient_email == f"{handle}@acme.example"]

    def _arrivals_for(self, handle: str) -> list[Any]:
        return [a for a in self._stage.tango.arrivals if a.recipient_email == f"{handle}@acme.example"]

    def _waits(self, person: Person, look: Callable[[], Seen | None]) -> Seen:
        return person.wait_for(look, _PATIENCE)

    def _wait_until(self, what: str, look: Callable[[], bool]) -> None:
        until = time.monotonic() + _PATIENCE
        while not look():
            if time.monotonic() > until:
                raise TimeoutError(f"waited for {what}")
            time.sleep(0.02)

    def _settle(self) -> None:
        """Let what was decided reach every message: until nothing has changed in the workspace for a while."""
        log = self._stage.slack.workspace.event_log
        until = time.monotonic() + _PATIENCE
        seq = -1
        while seq != log.seq and time.monotonic() < until:
            seq = log.seq
            time.sleep(_QUIET)

    # -------------------------------------------------------------------------------------- telling

    def _says(self, person: Person, text: str) -> None:
        self._out.print(f"[bold]{_first(person)}[/bold] types [cyan]{text}[/cyan]")

    def _presses(self, person: Person, label: str, how: str) -> None:
        self._out.print(f"[bold]{_first(person)}[/bold] presses [green]{label}[/green] {how}")

    def _sees(self, person: Person, message: ShownMessage, where: str = "") -> None:
        how = "sees, alone" if message.ephemeral else "sees"
        self._out.print(
            _panel(f"{_first(person)} {how}{f' ({where})' if where else ''}", self._readable(message.words))
        )

    def _tango_received(self) -> None:
        arrivals = self._stage.tango.arrivals
        for arrival, before in zip(arrivals, [None, *arrivals], strict=False):
            if arrival.number <= self._told_arrivals:
                continue
            gap = f"{arrival.monotonic - before.monotonic:.3f} s after the one before" if before else "the first"
            self._out.print(
                f"   [magenta]Tango[/magenta] received POST /orders under {str(arrival.external_ref_id)[:8]}…, {gap}: "
                f"answered {arrival.status or 'nobody'}"
            )
            self._told_arrivals = arrival.number

    def _readable(self, text: str) -> str:
        people = self._stage.slack.workspace.users
        text = _DATE.sub(lambda date: date[1], text)
        text = _MENTION.sub(lambda who: f"@{people[who[1]].handle}", text)
        return text.replace("*", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def _expect(self, what: str, *, happened: bool) -> None:
        self._out.print(f"   {'[green]✓[/green]' if happened else '[red]✗ expected[/red]'} {what}")
        if not happened:
            self._missing.append(what)

    def _curtain(self) -> None:
        tango = self._stage.tango
        self._out.rule("[bold]In the end", align="left")
        self._expect(
            f"{len(tango.orders)} orders approved, {len(tango.orders)} at Tango", happened=len(tango.orders) == 4
        )
        self._expect("no two arrivals under a second apart", happened=tango.early == 0)
        verdict = "All of it happened." if not self._missing else f"Not so: {'; '.join(self._missing)}"
        self._out.print(f"[bold]{verdict}[/bold]")


def _first(person: Person) -> str:
    return person.account.real_name.split()[0]


def _name(person: Person) -> str:
    return person.account.real_name


def _is_about(message: ShownMessage, person: Person) -> bool:
    told = message.text + message.words
    return _name(person) in told or f"<@{person.id}" in told


def _line_with(view: ShownView | None, said: str) -> str:
    """Return the line of a form, or of Home, that says something; empty where none does."""
    lines = view.words.splitlines() if view is not None else []
    return next((line for line in lines if said in line), "")


def _panel(title: str, text: str) -> Panel:
    return Panel(Text(text), title=title, title_align="left", border_style="dim", padding=(0, 1))
