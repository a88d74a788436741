"""What must hold of a soak, at any quiet hour and in the end: of the file, of Tango, and of what people were told."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from bot.sandbox.slack import people
from storage.database import to_ms
from tests.kit import wording
from tests.kit.asked import Asked
from tests.kit.proof import check_the_chain
from tests.kit.soak import EXPIRE_AFTER, KEPT_FOR, Soak
from tests.kit.soak_people import Crowd

#: A clock that is wrong by less is believed, so that something can be done so much too early.
_BELIEVED: Final = timedelta(days=1, hours=1)

#: Two nights, and a trouble that is drawn for longer than one.
_COMPARED_WITHIN: Final = timedelta(days=3)

#: Which state of an order each entry of the audit log stands for.
_STATES: Final = {
    "order.queued": "queued",
    "order.retried": "queued",
    "order.accepted": "accepted",
    "order.failed": "failed",
    "order.ended_at_tango": "failed",
    "order.needs_attention": "needs_attention",
    "order.closed": "failed",
    "order.canceled": "canceled",
}

#: The entries that say that somebody else was told of a notice that Slack does not take.
_UNTOLD: Final = ("request.requester_untold", "request.card_refused", "order.recipient_untold", "order.not_delivered")


@dataclass(frozen=True, slots=True)
class Approved:
    """An order as it was approved, before the file forgets it."""

    id: int
    request_id: int
    place: int
    reference: str
    body: bytes
    asked: Asked
    requester_id: str
    email: str


class SoakChecks:
    """Takes note of what the file will forget, and checks the rest against it.

    Args:
        soak: the workspace.
        crowd: its people.
    """

    def __init__(self, soak: Soak, crowd: Crowd) -> None:
        self._soak = soak
        self._crowd = crowd
        self._orders: dict[int, Approved] = {}
        self._done_at: dict[int, float] = {}
        self._made_at: dict[int, float] = {}
        self._misdated: set[int] = set()
        self._refused: set[tuple[str, str, int | None, int | None]] = set()

    def note(self) -> None:
        """Take note of the orders that are new, of the requests made or decided, and of what Slack refused for good."""
        soak, now = self._soak, self._soak.clock.monotonic()
        sql = (
            "SELECT o.id, o.request_id, o.place, o.external_ref_id, o.body, r.message, r.requester_id, o.recipient_id"
            " FROM orders o JOIN requests r ON r.id = o.request_id WHERE o.id > :last"
        )
        for row in soak.rows(sql, last=max(self._orders, default=0)):
            email = soak.slack.workspace.users[row["recipient_id"]].email
            assert email is not None
            self._orders[row["id"]] = Approved(
                id=row["id"],
                request_id=row["request_id"],
                place=row["place"],
                reference=row["external_ref_id"],
                body=row["body"],
                asked=self._crowd.asked[row["message"]],
                requester_id=row["requester_id"],
                email=email,
            )
        is_wrong = abs(soak.clock.now() - soak.clock.right()) > _BELIEVED
        for row in soak.rows("SELECT id, status, decided_at FROM requests"):
            if row["id"] not in self._made_at:
                self._made_at[row["id"]] = now
                if is_wrong:
                    self._misdated.add(row["id"])
            if row["decided_at"] is not None and row["id"] not in self._done_at:
                self._done_at[row["id"]] = now
                if is_wrong and row["status"] != "expired":
                    self._misdated.add(row["id"])
        sql = (
            "SELECT x.kind, x.audience, o.id AS order_id,"
            " coalesce(json_extract(x.facts, '$.request_id'), o.request_id) AS request_id"
            " FROM outbox x LEFT JOIN resends s ON s.id = json_extract(x.facts, '$.resend_id')"
            " LEFT JOIN orders o ON o.id = coalesce(json_extract(x.facts, '$.order_id'), s.order_id)"
            " WHERE x.status = 'undeliverable'"
        )
        for row in soak.rows(sql):
            self._refused.add((row["kind"], row["audience"], row["order_id"], row["request_id"]))

    # --------------------------------------------------------------------------------- at a quiet hour

    def check_quiet(self) -> None:
        """Nothing is left over from what was wrong: no notice waits, no order, no resend."""
        soak = self._soak
        assert soak.broken.found == []
        assert soak.rows("SELECT * FROM outbox WHERE status IN ('pending', 'sending')") == []
        assert soak.rows("SELECT id, status, problem FROM orders WHERE status IN ('queued', 'submitting')") == []
        assert soak.rows("SELECT * FROM resends WHERE status IN ('claimed', 'sending')") == []
        assert soak.rows("SELECT * FROM attempts WHERE finished_at IS NULL OR outcome IS NULL") == []
        self._check_kept()
        self._check_undeliverable()

    def check_lists_are_compared(self) -> None:
        """No wrong clock of days ago has ended the nightly comparison with Tango's list."""
        soak = self._soak
        latest = to_ms(soak.clock.right() - _COMPARED_WITHIN)
        assert (
            soak.rows(
                "SELECT 1 FROM reconciliations WHERE until BETWEEN :latest AND :now",
                latest=latest,
                now=to_ms(soak.clock.right()),
            )
            != []
        )

    def _check_kept(self) -> None:
        """No wrong clock ended a request or removed its names before its time, and the right one did.

        Requests that somebody made or decided by a clock that was wrong by more than a day carry a wrong time, and are
        let off: nothing in the file tells them apart.
        """
        now = self._soak.clock.monotonic()
        for row in self._soak.rows("SELECT id, status, cleared_at FROM requests"):
            if row["id"] in self._misdated:
                continue
            age = timedelta(seconds=now - self._made_at[row["id"]])
            if row["status"] == "expired":
                waited = timedelta(seconds=self._done_at[row["id"]] - self._made_at[row["id"]])
                assert waited >= EXPIRE_AFTER - _BELIEVED
            if row["status"] == "pending_approval":
                assert age <= EXPIRE_AFTER + _BELIEVED
            if row["cleared_at"] is not None:
                done = timedelta(seconds=now - self._done_at[row["id"]])
                assert done >= KEPT_FOR - _BELIEVED

    def _check_undeliverable(self) -> None:
        """Somebody else was told of every message that Slack refused for good."""
        told = {
            row["request_id"]
            for row in self._soak.rows("SELECT event, request_id FROM audit")
            if row["event"] in _UNTOLD
        }
        for kind, audience, _, request_id in self._refused:
            if audience != people.ADA and kind not in _TELL_OF_OTHERS:
                assert request_id in told, (kind, audience, request_id)

    # ----------------------------------------------------------------------------------------- in the end

    def check_all(self) -> None:
        """Check every order at Tango, the audit log, and what people were told."""
        self.check_quiet()
        assert self._soak.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        rows = {row["id"]: row for row in self._soak.rows("SELECT id, status, problem FROM orders")}
        assert set(rows) == set(self._orders)
        self._check_tango(rows)
        self._check_audit(rows)
        self._check_told(rows)

    def _check_tango(self, rows: dict[int, dict[str, Any]]) -> None:
        """Each accepted order is at Tango once, as it was approved; nothing else is there, and no bytes differ."""
        soak = self._soak
        assert soak.tango.early == 0
        placed = {order.external_ref_id: order for order in soak.tango.orders}
        assert len(placed) == len(soak.tango.orders), "paid twice"
        sent = defaultdict(set)
        for arrival in soak.tango.arrivals:
            sent[arrival.external_ref_id].add(arrival.body)
        by_reference = {one.reference: one for one in self._orders.values()}
        assert set(sent) <= set(by_reference)
        for reference, bodies in sent.items():
            assert bodies == {by_reference[str(reference)].body}
        for order_id, order in self._orders.items():
            assert order.asked.message in self._crowd.approved, "nobody has approved it"
            made = placed.get(order.reference)
            if rows[order_id]["status"] == "accepted":
                assert made is not None, order
                assert (made.recipient_email, made.amount) == (order.email, Decimal(order.asked.amount))
                assert made.message == order.asked.message
            if rows[order_id]["status"] == "canceled":
                assert made is None, order

    def _check_audit(self, rows: dict[int, dict[str, Any]]) -> None:
        """Each move of a request and of an order has its entry, and the last one says where it stands."""
        log = self._soak.rows("SELECT event, request_id, order_id FROM audit ORDER BY id")
        counted = Counter((row["event"], row["request_id"], row["order_id"]) for row in log)
        for row in self._soak.rows("SELECT id, status FROM requests"):
            assert counted["request.filed", row["id"], None] == 1
            if row["status"] != "pending_approval":
                assert counted[f"request.{row['status']}", row["id"], None] == 1
        last = {row["order_id"]: _STATES[row["event"]] for row in log if row["event"] in _STATES}
        assert last == {order_id: row["status"] for order_id, row in rows.items()}
        for order in self._orders.values():
            assert counted["order.queued", order.request_id, order.id] == 1
            assert counted["order.accepted", order.request_id, order.id] <= 1
        check_the_chain(self._soak.where)

    def _check_told(self, rows: dict[int, dict[str, Any]]) -> None:
        """Whoever waits for an order that was not placed has heard of it, and an admin where a person is needed."""
        texts = {user: self._told(user) for user in {one.requester_id for one in self._orders.values()} | {people.ADA}}
        sql = "SELECT order_id, actor FROM audit WHERE event = 'order.canceled'"
        refused = {order_id for _, audience, order_id, _ in self._refused if audience == people.ADA}
        canceled_by = {row["order_id"]: row["actor"] for row in self._soak.rows(sql)}
        for order in self._orders.values():
            status, problem = rows[order.id]["status"], rows[order.id]["problem"]
            told, told_admins = _words(order, status, problem, canceled_by.get(order.id, ""))
            untold = wording.requester_untold(order.request_id) in texts[people.ADA]
            who_did = canceled_by.get(order.id) == order.requester_id
            for one in told:
                assert _exactly(one).search(texts[order.requester_id]) or untold or who_did, (one, order)
            for one in told_admins:
                assert _exactly(one).search(texts[people.ADA]) or order.id in refused, (one, order)

    def _told(self, user_id: str) -> str:
        """Return all that somebody was told by direct message."""
        channel = self._soak.slack.workspace.dm(user_id).id
        return "\n".join(message.text for message in self._soak.slack.workspace.messages(channel))


#: Notices that tell of others: what becomes of them themselves is told to nobody.
_TELL_OF_OTHERS: Final = ("card_refused", "requester_untold", "recipient_untold", "delivery_failed")


def _exactly(words: str) -> re.Pattern[str]:
    """Return what finds the words, whose number is not the beginning of another: R-1 is not R-12."""
    return re.compile(re.escape(words) + (r"(?!\d)" if words[-1].isdigit() else ""))


def _words(order: Approved, status: str, problem: str | None, canceled_by: str) -> tuple[list[str], list[str]]:
    """Return what the requester, and what the admins are told of an order that was not placed."""
    told, told_admins = _words_of(_ANY, status, problem, canceled_by)
    shown = f"{order.request_id}.{order.place}" if order.place else f"R-{order.request_id}"
    return [one.replace(f"R-{_ANY}", shown) for one in told], [one.replace(f"R-{_ANY}", shown) for one in told_admins]


#: A number that stands for any in the words: no order of a soak has it.
_ANY: Final = 987_654_321


def _words_of(order_id: int, status: str, problem: str | None, canceled_by: str) -> tuple[list[str], list[str]]:
    match status, problem:
        case "accepted", _:
            return [], []
        case "canceled", _:
            return [wording.canceled(order_id, canceled_by)], []
        case "failed", "closed":
            closed = wording.closed(order_id)
            return [wording.held_up(order_id), closed], [wording.needs_a_person(order_id), closed]
        case "failed", _:
            failed = [wording.order_failed(order_id)]
            return failed, failed if problem == "ended_at_tango" else []
        case _:
            return [wording.held_up(order_id)], [wording.needs_a_person(order_id)]
