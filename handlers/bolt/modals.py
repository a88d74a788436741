"""Modals: opened, filled when Tango has answered, and changed by what people do in them, one act after the other."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Final, assert_never

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from handlers.bolt.afterwards import Jobs
from handlers.bolt.answers import (
    ClickAnswer,
    Done,
    Open,
    OpenThen,
    Replace,
    ReplaceLater,
    Say,
    SayLater,
    ShowAll,
    Update,
    UpdateLater,
    UpdateThen,
    WindowAnswer,
)
from handlers.bolt.guard import answer_of, message_of
from handlers.bolt.network import NO_ANSWER, code_of, reason_of
from handlers.bolt.payloads import Click, Modal
from handlers.bolt.replies import UNTIL_TAKEN, run_job, tell_in_person
from handlers.views.blocks import Json, Message
from handlers.views.decisions import build_notice, build_window
from handlers.views.messages import asking_text, not_here_text, slack_unreached_text, unopened_text

logger = logging.getLogger(__name__)

#: Seconds before each further try to fill a modal that Slack doesn't show yet, or while Slack has trouble: together as
#: many as an ack may take.
_UNTIL_SHOWN: Final = (0.1, 0.2, 0.4, 0.8, 1.5)

#: Seconds in which tries to put a view begin. Three fit, also where each is cut off, and slack_sdk makes it again. The
#: last one holds its thread for some more: two calls of two seconds each, and up to 1.5 seconds in between.
_TRIED_FOR: Final = 8.0

#: Slack's codes for what passes by itself within seconds (Slack docs, views.update, errors).
_PASSES_SOON: Final = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)

#: Slack's codes of every day: somebody has closed the modal, or acted in it at another bot.
_EVERYDAY: Final = frozenset({"not_found", "hash_conflict"})

#: The modals whose newest view is remembered: more than people act in at the same moment. Each takes a few kilobytes.
_MOST_REMEMBERED: Final = 1_000

#: Seconds for which a modal is remembered after the last act in it: it holds what somebody typed. An act on a screen
#: that is behind comes within seconds, and one that also shows what an outage has lost within minutes.
_REMEMBERED: Final = 600.0

#: Seconds for which acts in a view that was submitted are dropped: Slack waits three for the answer, and a click may be
#: held up for some more. A view that is acted in after that is still open, because the answer to its submit was lost.
_LEFT: Final = 10.0


def in_window(answer: ClickAnswer, modal: Modal | None) -> WindowAnswer:
    """Return the answer as it is shown where no message can be answered.

    Args:
        answer: the listener's.
        modal: the one in which somebody acted; None where there is none to replace.
    """
    match answer:
        case Open() | OpenThen() | Update() | UpdateLater() | Done():
            return answer
        case Replace(message) if modal is not None:
            return Update(modal, build_window(message))
        case Say(message) | Replace(message):
            return Open(build_window(message))
        case ShowAll():
            return Open(build_notice(not_here_text()))
        case ReplaceLater(make) if modal is not None:
            return UpdateThen(modal, window_of(make))
        case SayLater(make) | ReplaceLater(make):
            return OpenThen(build_notice(asking_text()), window_of(make))
        case _:
            assert_never(answer)


def window_of(make: Callable[[], Message]) -> Callable[[], Json]:
    """Return what makes the message, as what makes a modal that shows it."""
    return lambda: build_window(make())


def open_modal(client: WebClient, trigger_id: str, view: Json, *, on_top: bool) -> str | Message:
    """Open a modal; return its id, or what to say where Slack did not open it.

    Args:
        client: with a timeout that leaves room for the ack.
        trigger_id: three seconds old at the most.
        view: the modal.
        on_top: put it on top of the modal in which somebody acted.
    """
    show = client.views_push if on_top else client.views_open
    try:
        return str(show(trigger_id=trigger_id, view=view)["view"]["id"])
    except SlackApiError as error:
        logger.warning("Slack did not open a modal: %s", reason_of(error))
        return Message(unopened_text())
    except NO_ANSWER as error:
        logger.warning("Slack did not open a modal: %s", type(error).__name__)
        return Message(slack_unreached_text())


def fill_modal(client: WebClient, make: Callable[[], Json], **modal: str) -> None:
    """Make what a modal is to show, and put it there; a trouble is told in its place.

    Args:
        client: Slack's Web API.
        make: makes the view, after Tango has answered.
        **modal: the modal's `view_id` or `external_id`.
    """
    view, waits = _made(make), _until_late(_UNTIL_SHOWN)
    while True:
        try:
            client.views_update(view=view, **modal)
        except NO_ANSWER as error:
            if (code_of(error) == "not_found" or _passes(error)) and (wait := next(waits, None)) is not None:
                time.sleep(wait)
                continue
            _log_unchanged(error)  # the button is still there
        return


def _until_late(waits: Iterable[float]) -> Iterator[float]:
    """Yield the waits, in seconds, as long as the next try begins in time."""
    end = time.monotonic() + _TRIED_FOR
    for wait in waits:
        if time.monotonic() + wait > end:
            return
        yield wait


def _passes(error: Exception) -> bool:
    """Tell whether the next try may succeed: Slack has trouble, or nobody knows what it said."""
    code = code_of(error)
    return code is None or code in _PASSES_SOON


def _log_unchanged(error: Exception) -> None:
    level = logging.INFO if code_of(error) in _EVERYDAY else logging.WARNING
    logger.log(level, "A modal was not changed: %s", reason_of(error))


def _made(make: Callable[[], Json]) -> Json:
    made = answer_of(make)
    return made if isinstance(made, dict) else build_notice(message_of(made).text)


# ---------------------------------------------------------------------------------- acts in a modal


@dataclass(slots=True)
class _Shown:
    """What a modal shows, as far as this bot has put it there.

    Attributes:
        lock: held while a view is put: one after the other.
        waiting: what puts the views of the acts that came meanwhile, the oldest first.
        acts: how many acts have asked for a view.
        until: when the modal is forgotten, in seconds of the monotonic clock.
        left: the hashes of the views that were submitted, and of those before: acts in them have no place any more.
        hash: Slack's hash of the newest view that it has taken; empty where this bot has put none.
        is_sure: whether it is known which view Slack shows: the one with the hash. If not, perhaps the newest instead.
        older: the hashes of the views before, in which somebody whose screen is behind still acts.
        private_metadata: of the newest view.
        fields: of the newest view, as they are before anybody fills them in: by block id, then by action id.
    """

    lock: Lock = field(default_factory=Lock)
    waiting: deque[Callable[[], None]] = field(default_factory=deque)
    acts: int = 0
    until: float = 0.0
    left: set[str] = field(default_factory=set)
    hash: str = ""
    is_sure: bool = True
    older: set[str] = field(default_factory=set)
    private_metadata: str = ""
    fields: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    def newest(self, modal: Modal) -> Modal:
        """Return the modal as it is by now, with what is filled in: the act may be one on an older view."""
        if modal.hash not in self.older:
            return modal
        entered = modal.entered.moved_to(self.fields)
        return Modal(id=modal.id, hash=self.hash, private_metadata=self.private_metadata, entered=entered)

    def note(self, before: str, view: Json, now: str, *, is_sure: bool = True) -> None:
        """Note the view that takes the place of the one with the hash `before`, and the hash that Slack has now."""
        fields = _fields_of(view)
        self.older.add(before)
        self.hash, self.is_sure = now, is_sure
        self.private_metadata = view.get("private_metadata", "")
        self.fields = fields

    def leave(self, acted_in: str) -> None:
        """Drop what was done in the view with this hash, and in all that are known."""
        self.left |= {*self.older, self.hash, acted_in}


class Modals:
    """Changes modals by what people do in them, so that every act shows, and the newest one last.

    Slack refuses a view that was made of an older one (Slack docs, views.update, `hash_conflict`). Who is quick acts
    in the old view while the new one is on its way. So the views of a modal are put one after the other, each made of
    the newest.

    Args:
        clock: tells how long ago somebody acted in a modal.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._shown: dict[str, _Shown] = {}

    def change(self, jobs: Jobs, client: WebClient, click: Click, answer: Update | UpdateLater) -> None:
        """Put the view of a click into the modal, after those of the clicks before."""
        shown, _ = self._acted_in(answer.modal)
        shown.waiting.append(partial(_change, client, click, shown, answer))
        run_job(jobs, _put_waiting, shown)

    def fill(self, jobs: Jobs, client: WebClient, answer: UpdateThen) -> None:
        """Put the view into the modal when Tango has answered, unless somebody has changed the modal by then."""
        shown, acts = self._acted_in(answer.modal)
        run_job(jobs, _fill, client, shown, answer, acts)

    def leave(self, modal: Modal) -> None:
        """Drop what is still to be put into a modal that was submitted: Slack shows the answer to the submit."""
        with self._lock:
            self._remembered(modal, _LEFT).leave(modal.hash)

    def _acted_in(self, modal: Modal) -> tuple[_Shown, int]:
        """Return what the modal shows, and how many acts there were with this one."""
        with self._lock:
            shown = self._remembered(modal, _REMEMBERED)
            shown.acts += 1
            return shown, shown.acts

    def _remembered(self, modal: Modal, seconds: float) -> _Shown:
        now = self._clock.monotonic()
        shown = self._shown.pop(modal.id, None)
        if shown is None or shown.until <= now:
            shown = _Shown()
        shown.until = now + seconds
        self._shown[modal.id] = shown  # at the end: the first is the one that was left alone for longest
        # Only from there on: a submit waits for this, and looks at no more than have gone since the last.
        while (first := next(iter(self._shown.items())))[1].until <= now or len(self._shown) > _MOST_REMEMBERED:
            del self._shown[first[0]]
        return shown


def _put_waiting(shown: _Shown) -> None:
    """Put the views that wait, the oldest first; where another job is at it, that one goes on with them."""
    while shown.waiting and shown.lock.acquire(blocking=False):
        try:
            if shown.waiting:
                shown.waiting.popleft()()
        except Exception:
            logger.exception("An act in a modal could not be shown")  # the acts behind it are
        finally:
            shown.lock.release()


def _change(client: WebClient, click: Click, shown: _Shown, answer: Update | UpdateLater) -> None:
    acted_in = answer.modal
    modal = shown.newest(acted_in)
    made = answer.view if isinstance(answer, Update) else answer_of(partial(answer.make, modal))
    if isinstance(made, dict):
        # A conflict comes from an act at another bot, or from a view that Slack took without an answer.
        is_forced = not shown.left and (modal is acted_in or not shown.is_sure)
        _put(client, shown, acted_in, modal, made, is_forced=is_forced)
    elif acted_in.hash not in shown.left:
        message = message_of(made)
        if isinstance(open_modal(client, click.trigger_id, build_window(message), on_top=True), Message):
            tell_in_person(client, click.user_id, message)


def _fill(client: WebClient, shown: _Shown, answer: UpdateThen, acts: int) -> None:
    view = _made(answer.then)
    try:
        with shown.lock:
            if shown.acts == acts:
                _put(client, shown, answer.modal, shown.newest(answer.modal), view, is_forced=False)
    finally:
        _put_waiting(shown)


def _put(client: WebClient, shown: _Shown, acted_in: Modal, modal: Modal, view: Json, *, is_forced: bool) -> None:
    """Put a view into a modal, and note it.

    Args:
        client: Slack's Web API.
        shown: the modal, as this bot has put it.
        acted_in: as it was on the screen.
        modal: as it is by now.
        view: made of `modal`; tried once where a newer act waits behind it, which shows this one as well.
        is_forced: at a conflict, put it all the same, but only at once. What comes between two tries may be a submit
            that another bot has answered.
    """
    known, waits = modal.hash, _until_late(UNTIL_TAKEN)
    while acted_in.hash not in shown.left:
        try:
            put = client.views_update(view_id=modal.id, hash=known or None, view=view)
        except NO_ANSWER as error:
            if code_of(error) == "hash_conflict":
                if is_forced:
                    known, is_forced = "", False
                    continue
                shown.leave(acted_in.hash)
            elif _passes(error):
                if known and not shown.waiting and (wait := next(waits, None)) is not None:
                    is_forced = False
                    time.sleep(wait)
                    continue
                # The next act shows this one, too. What Slack answered with an error, it has not put.
                shown.note(modal.hash, view, modal.hash, is_sure=isinstance(error, SlackApiError))
            _log_unchanged(error)
        else:
            shown.note(modal.hash, view, str(put["view"]["hash"]))
        return


def _fields_of(view: Json) -> dict[str, dict[str, Json]]:
    """Return the fields of a view as Slack's payloads have them, before anybody fills them in."""
    return {
        block["block_id"]: {block["element"]["action_id"]: _filled_first(block["element"])}
        for block in view["blocks"]
        if block["type"] == "input"
    }


def _filled_first(element: Json) -> Json:
    """Return what a field holds first: an `initial_value` is a `value`, an `initial_date` is a `selected_date`."""
    first = {key.removeprefix("initial_"): value for key, value in element.items() if key.startswith("initial_")}
    return {key if key == "value" else f"selected_{key}": value for key, value in first.items()}
