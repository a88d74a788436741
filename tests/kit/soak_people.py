"""The people of a soak: they ask, decide, look, and press what is on their screens, also while half of it fails."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from bot.domain.numbers import order_number
from bot.sandbox.slack import Person, ShownMessage
from bot.sandbox.slack.errors import NotPossible, SlackTrouble
from handlers.ids import Action
from tests.kit.asked import Asked, submit
from tests.kit.bot import CARD
from tests.kit.soak import APPROVERS, Soak

SENDERS: Final = ("maya", "priya", "alex")
RECIPIENTS: Final = ("rob", "kim", "li", "ana", "sam", "priya")

#: What an admin presses on an order that needs a person, where it is there.
_EXITS: Final = (Action.ORDER_INQUIRE, Action.ORDER_RETRY, Action.ORDER_CLOSE)


class Crowd:
    """Everybody who uses the bot.

    Args:
        soak: the workspace that they are in.

    Attributes:
        asked: what was asked for, by its message.
        approved: messages of the requests that somebody pressed Approve on.
    """

    def __init__(self, soak: Soak) -> None:
        self._soak = soak
        self._random = soak.random
        self.asked: dict[str, Asked] = {}
        self.approved: set[str] = set()

    def work(self, seconds: float, *, mishaps: float, note: Callable[[], None]) -> None:
        """Have people work for so long.

        Args:
            seconds: of the clock.
            mishaps: the chance that something goes wrong before people are busy, each ten minutes.
            note: called after each thing that somebody did.
        """
        until = self._soak.clock.monotonic() + seconds
        while self._soak.clock.monotonic() < until:
            self._soak.live(self._random.expovariate(1 / 600))
            if goes_wrong := self._random.random() < mishaps:
                self._soak.go_wrong()
            for _ in range(10 if goes_wrong else self._random.choice((1, 3, 6))):
                self.act()
                note()
                self._soak.live(self._random.choice((1, 5, 30)))

    def act(self) -> None:
        """Have somebody do something with the bot, as their day brings it."""
        acts = [self.ask_for_something] * 8 + [self.somebody_decides] * 10
        acts += [self.resend, self.look_up, self.look_after_orders, self.resume, self.cancel]
        self._random.choice(acts)()

    def ask_for_something(self) -> None:
        """Fill in a form."""
        count = self._random.choice((1, 1, 1, 2, 3))
        asked = Asked(
            self._random.choice(SENDERS),
            tuple(sorted(self._random.sample(RECIPIENTS, count))),
            self._random.choice((5, 10, 25, 50, 400)),
            f"Thanks no. {len(self.asked) + 1}.",
        )
        self.asked[asked.message] = asked
        values: dict[str, Any] = {"recipients": list(asked.recipients), "reward": CARD, "amount": str(asked.amount)}
        values["message"] = asked.message
        if self._random.random() < 0.25:
            values["delivery"] = "message"
        person = self._soak.slack.person(asked.requester)
        with self._as_people_do():
            opened = person.command("/kudos")
            if opened.modal is not None:
                done = submit(person, opened.modal, values)
                if done.closed:  # what was acked is stored
                    assert self._soak.rows("SELECT 1 FROM requests WHERE message = :m", m=asked.message)
        if person.modal is not None:
            person.close(everything=True)

    def somebody_decides(self) -> None:
        """Decide about a request, on its card or in the list; or withdraw it; a few are left to expire."""
        sql = "SELECT id, message, requester_id FROM requests WHERE status = 'pending_approval' ORDER BY id"
        waiting = [row for row in self._soak.rows(sql) if row["id"] % 20]
        if not waiting:
            return
        request, who = self._random.choice(waiting), self._soak.slack.person(self._random.choice(APPROVERS))
        kind = self._random.choice((*["approve"] * 10, *["list"] * 3, "decline", "withdraw"))
        with self._as_people_do():
            if kind == "withdraw":
                self._soak.slack.person(request["requester_id"]).click(
                    self._soak.posted("receipt", request["id"]), Action.WITHDRAW
                )
            elif kind == "list" or not self._soak.is_posted("approval_card", request["id"]):
                self.approve_in_list(who)
            elif kind == "decline":
                form = who.click(self._soak.posted("approval_card", request["id"]), Action.DECLINE).modal
                assert form is None or who.submit(form, {"reason_choice": "other", "reason": "Not this time"})
            else:
                self.approved.add(request["message"])
                who.click(self._soak.posted("approval_card", request["id"]), Action.APPROVE)
        if who.modal is not None:
            who.close(everything=True)

    def approve_in_list(self, who: Person) -> None:
        """Approve what stands first in the list of what waits."""
        shown = who.command("/orders", "pending", channel="general").ephemeral
        if shown is None or Action.APPROVE_LISTED not in shown.action_ids:
            return
        reference = str(shown.find(Action.APPROVE_LISTED).element["value"])
        found = self._soak.rows("SELECT message FROM requests WHERE reference = :r", r=reference)
        self.approved.update(row["message"] for row in found)
        who.click(shown, Action.APPROVE_LISTED)

    def resend(self) -> None:
        """Have the newest e-mail sent again."""
        placed = self._soak.rows(
            "SELECT request_id, place, requester_id FROM orders WHERE status = 'accepted' ORDER BY id DESC LIMIT 5"
        )
        if placed:
            order = self._random.choice(placed)
            with self._as_people_do():
                self._soak.slack.person(order["requester_id"]).command("/resend", _number(order))

    def look_up(self) -> None:
        """Look at a list."""
        with self._as_people_do():
            self._soak.slack.person(self._random.choice(SENDERS)).command("/orders", channel="general")

    def look_after_orders(self) -> None:
        """Have the admin go through what needs a person, and press what is there."""
        for row in self._soak.rows("SELECT request_id, place FROM orders WHERE status = 'needs_attention' ORDER BY id"):
            with self._as_people_do():
                shown = self._soak.ada.command("/orders", _number(row), channel="general").ephemeral
                exits = [one for one in _EXITS if one in shown.action_ids] if shown is not None else []
                if shown is not None and exits:
                    self._soak.ada.click(shown, self._random.choice(exits))
            self._soak.turn()

    def cancel(self) -> None:
        """Have the requester or the admin cancel what waits in the queue, where its detail has the button."""
        for row in self._soak.rows(
            "SELECT request_id, place, requester_id FROM orders WHERE status = 'queued' ORDER BY id LIMIT 1"
        ):
            with self._as_people_do():
                who = self._random.choice((self._soak.ada, self._soak.slack.person(row["requester_id"])))
                shown = who.command("/orders", _number(row), channel="general").ephemeral
                if shown is not None:
                    who.click(shown, Action.ORDER_CANCEL)

    def resume(self) -> None:
        """Have the admin press Try now on the last message about a halt."""
        shown = self.last_with(self._soak.ada, Action.QUEUE_RESUME)
        if shown is not None:
            with self._as_people_do():
                self._soak.ada.click(shown, Action.QUEUE_RESUME)

    def last_with(self, who: Person, action_id: str) -> ShownMessage | None:
        """Return the newest direct message that has this button, of the last few."""
        recent = [
            m.ts for m in self._soak.slack.workspace.messages(who.dm_channel)[-20:] if str(action_id) in str(m.blocks)
        ]
        return self._soak.shown(who.dm_channel, recent[-1]) if recent else None

    @contextmanager
    def _as_people_do(self) -> Iterator[None]:
        """Nobody is surprised where Slack shows that it failed, or where the screen has moved on."""
        with suppress(SlackTrouble, NotPossible):
            yield
        self._soak.await_answers()


def _number(order: dict[str, Any]) -> str:
    """The number of an order, as people type it."""
    return order_number(order["request_id"], order["place"])
