"""`kudos batch`: checks a file of many rewards on the terminal, and hands it to who may ask for approval in Slack."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from bot.clock import Clock
from bot.domain.batch import MOST_BYTES, BatchAsked, InvalidBatch, Sheet, SheetFault, UnreadableSheet, annotated
from bot.domain.catalog import Catalog
from bot.domain.occasion import Occasion
from bot.domain.policy import Person
from bot.domain.schedule import Schedule
from bot.settings import Settings
from bot.sheets import read_file
from bot.sides import SlackSide, build_slack_side, build_tango_side
from bot.usecases.batch_check import BatchForm
from bot.wiring import UseCases, build_usecases
from handlers.views.batch import preview_lines, problems_of, refusal_lines
from storage import Storage

#: What the name of the file that comes back ends with.
_PROBLEMS: Final = ".problems.csv"

#: The rewards, or occasions, that are listed where none is named: they fit on a screen.
_MOST_LISTED: Final = 15


class NothingSaved(Exception):
    """The file has faults; the text names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOfRewards:
    """A file, and what it is for.

    Attributes:
        path: of the file.
        requester_id: the Slack id of who is to ask for it.
        utid: of the reward; empty where only one is on offer.
        by_message: whether the bot delivers the rewards.
        occasion: the name of the chosen one; empty where none was named.
        send_on: the civil time at which it is sent; None where as soon as it is approved.
        requesters_clock: whether `send_on` is by the clock of the requester, and not each recipient's own.
    """

    path: Path
    requester_id: str
    utid: str = ""
    by_message: bool = False
    occasion: str = ""
    send_on: datetime | None = None
    requesters_clock: bool = False

    def schedule(self, requester: Person) -> Schedule | None:
        """Return the date on which it is sent; None where there is none."""
        if self.send_on is None:
            return None
        return Schedule(self.send_on, requester.zone if self.requesters_clock else "")


def check_batch(settings: Settings, file: FileOfRewards) -> str:
    """Check a file whole, leave it to its requester, and return what it asks for.

    Raises:
        NothingSaved: the file can't be read, or has faults. A copy with what is wrong is beside it.
        ConfigurationError: Slack does not accept the token.
        StorageError: the database can't be used; the text says what to do.
        Refusal: the person may not send, or Slack did not say who is who.
    """
    with _told(), closing(Storage.visit(settings.storage.where)) as storage:
        sheet = read_file(_read(file.path))
        clock = Clock()
        slack = build_slack_side(settings, clock, storage)
        try:
            slack.ask_who_is_who()
            tango = build_tango_side(settings, clock, storage, slack.directory)
            with closing(tango.client):
                usecases = build_usecases(settings, clock, storage, slack.directory, tango)
                return _check(usecases, slack, file, sheet)
        finally:
            slack.directory.close()


def _check(usecases: UseCases, slack: SlackSide, file: FileOfRewards, sheet: Sheet) -> str:
    requester = slack.directory.person(file.requester_id)
    utid = file.utid or _only_reward(usecases.catalog.current)
    _check_occasion(file.occasion, usecases.requests.occasions)
    form = BatchForm(
        requester=requester,
        sheet=sheet,
        utid=utid,
        by_message=file.by_message,
        occasion=file.occasion or None,
        schedule=file.schedule(requester),
    )
    out = Console(stderr=True)
    try:
        with Progress(console=out, transient=True, disable=not out.is_terminal) as bar:
            shown = bar.add_task("Asking Slack who is who", total=None)
            members = slack.members()
            bar.update(shown, description="Checking")
            preview = usecases.batches.check(
                form, members, lambda done, total: bar.update(shown, completed=done, total=total)
            )
    except InvalidBatch as refusal:
        told = "\n".join(refusal_lines(refusal))
        if not refusal.faults:
            raise NothingSaved(told) from refusal
        back = file.path.with_name(f"{file.path.stem}{_PROBLEMS}")
        back.write_text(annotated(sheet, problems_of(refusal.faults)), encoding="utf-8-sig", newline="")
        raise NothingSaved(f"{told}\nThe same list with a column “problem” is in {back}.") from refusal
    usecases.batches.hand_over(preview.batch)
    handed = f"{requester.name} gets a direct message with the button “Ask for approval”, once the bot runs."
    return "\n".join([*preview_lines(preview), handed])


def _only_reward(catalog: Catalog) -> str:
    """Return the utid of the one reward on offer; empty where there is none.

    Raises:
        NothingSaved: there are several, and the text lists some.
    """
    if len(catalog) > 1:
        some = [f"  --reward {one.utid}  {one.name} ({one.currency})" for one in catalog.search("", _MOST_LISTED)]
        raise NothingSaved("\n".join(["Please say which reward, for example:", *some]))
    return "".join(one.utid for one in catalog.rewards)


def _check_occasion(name: str, occasions: Sequence[Occasion]) -> None:
    """Refuse a file without an occasion where the settings have some, and with one that they don't have.

    Raises:
        NothingSaved: the text lists some.
    """
    names = [one.name for one in occasions]
    if names and name not in names:
        some = [f"  --occasion {shlex.quote(one)}" for one in names[:_MOST_LISTED]]
        raise NothingSaved("\n".join(["Please say which occasion, for example:", *some]))
    if name and not names:
        raise NothingSaved("The settings have no occasions, so please leave out --occasion.")


def _read(path: Path) -> bytes:
    """Return what is in a file, and no more than a file may have."""
    try:
        with path.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise NothingSaved(f"{path} can't be read ({error.strerror}).") from error
    if len(data) > MOST_BYTES:
        raise UnreadableSheet(SheetFault.TOO_BIG, limit=MOST_BYTES)
    return data


@contextmanager
def _told() -> Iterator[None]:
    """Say of what can't be read at all what is wrong with it."""
    try:
        yield
    except (UnreadableSheet, BatchAsked) as refusal:
        raise NothingSaved("\n".join(refusal_lines(refusal))) from refusal
