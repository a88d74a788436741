"""Modals: opened, filled when Tango has answered, and changed by what people do in them, one act after the other."""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Final, assert_never

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

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
from handlers.bolt.replies import UNTIL_TAKEN, run_job
from handlers.outbox.codes import Remedy, remedy_for
from handlers.views.blocks import Json, Message
from handlers.views.decisions import build_notice, build_window
from handlers.views.messages import asking_text, not_here_text, slack_unreached_text, unopened_text

logger = logging.getLogger(__name__)

#: Seconds between two tries to fill a modal that Slack doesn't show yet, or while Slack has trouble: three in all, as
#: long as an ack may take.
_UNTIL_SHOWN: Final = (0.1, 0.2, 0.4, 0.8, 1.5)

#: The modals whose newest view is remembered: more than people act in at the same moment. Each takes a few kilobytes.
_MOST_REMEMBERED: Final = 1_000


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
    view = _made(make)
    for wait in (*_UNTIL_SHOWN, None):
        try:
            client.views_update(view=view, **modal)
        except NO_ANSWER as error:
            reason = reason_of(error)
            if wait is not None and (reason == "not_found" or _passes(error)):
                time.sleep(wait)
                continue
            # It was closed in the meantime, or Slack is down: the button is still there.
            logger.info("A modal was not filled: %s", reason)
        return


def _passes(error: Exception) -> bool:
    """Tell whether the next try may succeed: Slack has trouble, or nobody knows what it said."""
    code = code_of(error)
    return code is None or remedy_for(code, person=True) is Remedy.WAIT


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
        is_left: whether the modal was submitted: what came before has no place any more.
        hash: Slack's hash of the newest view; empty where this bot has put none, or doesn't know whether it has.
        older: the hashes of the views before, in which somebody whose screen is behind still acts.
        private_metadata: of the newest view.
        fields: of the newest view, as they are before anybody fills them in: by block id, then by action id.
    """

    lock: Lock = field(default_factory=Lock)
    waiting: deque[Callable[[], None]] = field(default_factory=deque)
    acts: int = 0
    is_left: bool = False
    hash: str = ""
    older: set[str] = field(default_factory=set)
    private_metadata: str = ""
    fields: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    def newest(self, modal: Modal) -> Modal:
        """Return the modal as it is by now, with what is filled in: the act may be one on an older view."""
        if modal.hash not in self.older:
            return modal
        entered = modal.entered.moved_to(self.fields)
        return Modal(id=modal.id, hash=self.hash, private_metadata=self.private_metadata, entered=entered)

    def note(self, before: str, view: Json, now: str) -> None:
        """Note that a view was put in the place of the one with the hash `before`."""
        self.older.add(before)
        self.hash = now
        self.private_metadata = view.get("private_metadata", "")
        self.fields = _fields_of(view)


class Modals:
    """Changes modals by what people do in them, so that every act shows, and the newest one last.

    Slack refuses a view that was made of an older one (Slack docs, views.update, `hash_conflict`). Who is quick acts
    in the old view while the new one is on its way. So the views of a modal are put one after the other, each made of
    the newest.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._shown: dict[str, _Shown] = {}

    def change(self, jobs: Jobs, client: WebClient, click: Click, answer: Update | UpdateLater) -> None:
        """Put the view of a click into the modal, after those of the clicks before."""
        shown = self._acted_in(answer.modal)
        shown.waiting.append(partial(_change, client, click, shown, answer))
        run_job(jobs, _put_waiting, shown)

    def fill(self, jobs: Jobs, client: WebClient, answer: UpdateThen) -> None:
        """Put the view into the modal when Tango has answered, unless somebody has changed the modal by then."""
        shown = self._acted_in(answer.modal)
        run_job(jobs, _fill, client, shown, answer, shown.acts)

    def leave(self, modal: Modal) -> None:
        """Forget a modal that was submitted: what was to be put there has no place any more."""
        with self._lock:
            shown = self._shown.pop(modal.id, None)
            if shown is not None:
                shown.is_left = True

    def _acted_in(self, modal: Modal) -> _Shown:
        with self._lock:
            shown = self._shown.pop(modal.id, None) or _Shown()
            shown.acts += 1
            self._shown[modal.id] = shown  # at the end: the first is the one that was left alone for longest
            if len(self._shown) > _MOST_REMEMBERED:
                del self._shown[next(iter(self._shown))]
            return shown


def _put_waiting(shown: _Shown) -> None:
    """Put the views that wait, the oldest first; where another job is at it, that one goes on with them."""
    while shown.waiting and shown.lock.acquire(blocking=False):
        try:
            if shown.waiting:
                shown.waiting.popleft()()
        finally:
            shown.lock.release()


def _change(client: WebClient, click: Click, shown: _Shown, answer: Update | UpdateLater) -> None:
    modal = shown.newest(answer.modal)
    made = answer.view if isinstance(answer, Update) else answer_of(partial(answer.make, modal))
    if isinstance(made, dict):
        _put(client, shown, modal, made)
    else:
        open_modal(client, click.trigger_id, build_window(message_of(made)), on_top=True)


def _fill(client: WebClient, shown: _Shown, answer: UpdateThen, acts: int) -> None:
    view = _made(answer.then)
    with shown.lock:
        if shown.acts == acts:
            _put(client, shown, shown.newest(answer.modal), view)
    _put_waiting(shown)


def _put(client: WebClient, shown: _Shown, modal: Modal, view: Json) -> None:
    """Put a view into a modal, and note it.

    A conflict says that another bot has put a view, or that Slack's answer to the try before was lost. The view is put
    all the same: the acts that are known here and are newer follow it.
    """
    known_hash, waits = modal.hash or None, iter(UNTIL_TAKEN)
    while not shown.is_left:
        try:
            put = client.views_update(view_id=modal.id, hash=known_hash, view=view)
        except NO_ANSWER as error:
            if known_hash is not None and code_of(error) == "hash_conflict":
                known_hash = None
                continue
            if _passes(error) and (wait := next(waits, None)) is not None:
                time.sleep(wait)
                continue
            logger.warning("A modal was not changed: %s", reason_of(error))  # it was closed, or Slack is down
            if _passes(error):  # perhaps it was: the next act shows this one, too
                shown.note(modal.hash, view, "")
        else:
            shown.note(modal.hash, view, str((put.get("view") or {}).get("hash", "")))
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
