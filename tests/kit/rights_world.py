"""A world that stands still, in which a request, an order or the queue is put into any state.

It is staged through the bot's own doors. Then its clock does not move and the pace lets nothing start, so that all
that changes in the file is what somebody has just done.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bot.domain.audit import AuditEvent
from bot.domain.queue import PAUSED, HaltCause
from bot.sandbox.slack import Person, ShownMessage, elements, people
from bot.usecases.holds import Holds
from handlers.ids import Action
from storage.database import to_ms
from tests.kit import wording
from tests.kit.bot import PATIENCE, World
from tests.kit.posted import ask_posted
from tests.kit.rights_table import DELETED_GROUP, NEWCOMERS, NOTHING, OF_REQUESTS, ROLES, Role

Row = dict[str, Any]

#: The rows that people change, by table. Read with every try, and compared: as they come, that is quicker.
Tables = dict[str, list[sqlite3.Row]]

#: No request and no order has this number.
_NOBODYS: Final = 999_999

#: No request and no order has this reference.
NOBODYS_REFERENCE: Final = "0" * 32

_TABLES: Final = ("requests", "orders", "inquiries", "resends", "queue")

#: What Tango has told of an order, and what follows from it: not there before it is placed.
_PLACED: Final = (
    "reference_order_id",
    "tango_status",
    "tango_status_at",
    "last_sent_at",
    "delivered_at",
    "finalized_at",
)

#: What is the same in every state: the file refuses to change what was approved.
_FROZEN: Final = frozenset({"id", "external_ref_id", "body", "utid", "amount_minor", "currency"})


@dataclass(frozen=True)
class Case:
    """What was asked for by one person for another.

    Attributes:
        requester: who asked.
        approver: who is neither.
        request: waits for a decision.
        both: waits for two approvers.
        mailed: an order that Tango has mailed.
        given: one that the bot has given by message.
        to_post: a request for a reward that is posted; it waits for a decision.
        posted: an order for one that Tango posts.
    """

    requester: Person
    approver: Person
    request: int
    both: int
    mailed: int
    given: int
    to_post: int
    posted: int


class StillWorld:
    """The world, with one case for each requester and recipient.

    Args:
        world: a fresh one.
        db: a connection to its file, beside the bot's.

    Attributes:
        routed: the number of a request about which Nora alone decides.
    """

    def __init__(self, world: World, db: sqlite3.Connection) -> None:
        self.world = world
        self._db = db
        self._cases = {
            parties: self._stage(*parties)
            for parties in dict.fromkeys((role.requester, role.recipient) for role in ROLES)
        }
        self.routed = world.ask(world.slack.person("priya"), recipients=["kim"])
        self._count_orders_from(1_000)  # far from the requests' numbers
        self._halt()
        world.slack.workspace.usergroups[DELETED_GROUP.id].gone = "no_such_subteam"
        world.settle(step=30)
        world.tick("holds")  # the admin has heard of the halt by now: no card is rewritten for it any more
        self.screens = {role.who: _screens(world.slack.person(role.who)) for role in ROLES}
        world.clock.advance(3_600)
        self._now = to_ms(world.clock.now())
        # As far ahead as the pace is ever believed to be: nothing is sent to Tango before.
        self._update("queue", 1, {"next_start_at": self._now + 60_000})
        self._placed = {row["id"]: row for row in self.rows("SELECT * FROM orders")}
        self._noted = self._heard = 2**62
        self.clear()

    def case(self, role: Role) -> Case:
        """What this role has to do with."""
        return self._cases[role.requester, role.recipient]

    # ---------------------------------------------------------------------------------------- states

    def put(self, thing: str, case: Case, state: str) -> int:
        """Put the case's request or one of its orders, or the queue, into a state; its number."""
        if state == NOTHING:
            return _NOBODYS
        match thing:
            case "requests":
                number = case.to_post if "posted" in state else case.request
                of_request = state.removeprefix("posted, ").partition(",")[0]
                row = self._request_row(case, of_request.replace("posted", "pending_approval"))
                if "undone" in state:
                    row |= {"undone_by": case.requester.id, "undone_at": self._ago(30)}
            case "on a route":
                thing, number = "requests", self.routed
                row = self._request_row(case, "approved" if "held" in state else "pending_approval")
            case "for two" | "for one more":
                thing, number = "requests", case.both
                first = case.approver.id if state == "needs one more" else None
                row = self._request_row(case, "pending_approval")
                row |= {"first_approved_by": first, "first_approved_at": self._ago(120) if first else None}
            case "orders":
                number = {"by message": case.given, "posted": case.posted}.get(_manner(state), case.mailed)
                row = self._placed[number] | self._order_row(state)
            case "queue":
                number, row = 1, self._queue_row(state)
            case _:  # the number of the next request
                return 1 + int(self.rows("SELECT max(id) AS last FROM requests")[0]["last"])
        self._update(thing, number, row)
        if thing == "requests":
            self._give_order(case, number, state)
        return number

    def _give_order(self, case: Case, number: int, state: str) -> None:
        """Give the request an order that is held, or was undone, under the request's own number; or take it away."""
        self._db.execute("DELETE FROM orders WHERE id = :id AND request_id = :id", {"id": number})
        if "held" in state:
            until = self._now + 600_000
            made = self._order_row("queued") | {"is_held": 1, "not_before": until, "available_at": until}
        elif "undone" in state:
            made = self._order_row("canceled")
        else:
            return
        own = {"id": number, "request_id": number, "external_ref_id": f"{number:032x}"}
        row = self._placed[case.mailed] | made | own
        names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        self._db.execute(f"INSERT INTO orders ({names}) VALUES ({values})", row)  # noqa: S608 (fixed names)

    def _request_row(self, case: Case, state: str) -> Row:
        by = {"approved": case.approver.id, "declined": case.approver.id, "withdrawn": case.requester.id}.get(state)
        return {
            "status": state,
            "decided_by": by,
            "decided_at": None if state == "pending_approval" else self._ago(60),
            "reason": "No" if state == "declined" else None,
            "undone_by": None,
            "undone_at": None,
        }

    def _order_row(self, state: str) -> Row:
        """What an order has otherwise than when all went well."""
        sent: Row = dict.fromkeys(_PLACED)
        unsent = sent | {"status": "queued", "first_attempt_at": None}
        failed = sent | {"status": "failed", "finalized_at": self._ago(60), "problem": "http_400"}
        lost = sent | {"status": "needs_attention", "outcome_unknown": 1, "problem": "refused_after_unknown"}
        rows: dict[str, Row] = {
            "queued": unsent,
            "queued after a refusal": unsent | {"first_attempt_at": self._ago(60), "outcome_unknown": 0},
            "queued after an attempt": sent | {"status": "queued", "outcome_unknown": 1, "attempts": 1},
            "submitting": sent | {"status": "submitting", "claimed_at": self._now},
            "mailed": {"last_sent_at": self._ago(60)},
            "mailed 18 s ago": {"last_sent_at": self._ago(18)},
            "not finished by Tango": {"last_sent_at": None, "tango_status": "PENDING"},
            "failed": failed,
            "needs attention": lost,
            "needs it, changed": unsent | {"status": "needs_attention", "problem": "changed", "problem_detail": "left"},
            "needs it, not at Tango": lost | {"outcome_unknown": 0},
            "needs it, differs": lost | {"problem": "differs", "problem_detail": "amount"},
            "needs it for 90 days": lost | {"first_attempt_at": self._ago(90 * 86_400)},
            "canceled": unsent | {"status": "canceled", "finalized_at": self._ago(60)},
            "queued, by message": unsent,
            "given by message": {},
            "posted": {},
            "failed, by message": failed,
        }
        return rows[state]

    def _queue_row(self, state: str) -> Row:
        halted = {
            "halted_at": self._ago(60),
            "halt_cause": "insufficient_funds",
            "probe_at": self._now + 300_000,
            "told_at": self._now,
        }
        rows: dict[str, Row] = {
            "runs": dict.fromkeys(halted),
            "halted": halted,
            "paused": halted | {"halt_cause": PAUSED, "probe_at": None},
        }
        return rows[state]

    def _ago(self, seconds: int) -> int:
        return self._now - seconds * 1_000

    def clear(self) -> None:
        """Take out what somebody has made of the staged requests and orders."""
        # What is being sent leads to more: a notice to the admins to one for each, a card to those of other rewards.
        self.world.ada.wait_for(self._has_nothing_to_send, PATIENCE)
        staged = [one for case in self._cases.values() for one in (case.request, case.both, case.to_post)]
        requests = ", ".join(map(str, [self.routed, *staged]))
        self._db.execute("DELETE FROM resends")
        self._db.execute("DELETE FROM inquiries")
        self._db.execute(f"DELETE FROM orders WHERE request_id IN ({requests})")  # noqa: S608 (numbers)
        self._db.execute("UPDATE posts SET posted_again_at = NULL")
        self._db.execute("DELETE FROM reminders")
        # Requests of others' tries would push the staged ones off the first page.
        self._db.execute(
            "UPDATE requests SET status = 'withdrawn', decided_at = :now"  # noqa: S608 (numbers)
            f" WHERE status = 'pending_approval' AND id NOT IN ({requests})",
            {"now": self._now},
        )
        (last,) = self.rows("SELECT (SELECT max(id) FROM audit) AS noted, (SELECT max(id) FROM outbox) AS heard")
        self._noted, self._heard = last["noted"], last["heard"]

    def _has_nothing_to_send(self) -> bool:
        """Take out the notices that wait; return whether none is being sent either."""
        self._db.execute("DELETE FROM outbox WHERE status = 'pending'")
        return not self.rows("SELECT 1 FROM outbox WHERE status IN ('pending', 'sending')")

    # --------------------------------------------------------------------------------------- changes

    def tables(self) -> Tables:
        """What the file holds now."""
        return {name: self._db.execute(f"SELECT * FROM {name}").fetchall() for name in _TABLES}  # noqa: S608 (fixed names)

    def changes(self, before: Tables, who: Person, number: int) -> list[str]:
        """What somebody has changed since then, and what was written down of it; in words.

        What is not about this number, or in somebody else's name, is told as such. Of notices is told only that there
        is one, and where nothing else is: refusals have none.
        """
        found, gone = [], []
        for table, rows in self.tables().items():
            if rows == before[table]:  # as after each refusal: row by row that would take as long as the bot does
                continue
            was, now = ({row["id"]: row for row in each} for each in (before[table], rows))
            changed = [key for key, row in now.items() if row != was.get(key)]
            found += [_in_words(table, key, was.get(key), dict(now[key]), number) for key in changed]
            gone += [f"{table} {key} gone" for key in was.keys() - now.keys()]
        told = "SELECT * FROM audit WHERE id > :id AND actor IS NOT NULL AND event <> :refused"
        for entry in self.rows(told, id=self._noted, refused=AuditEvent.ATTEMPT_REFUSED):
            about = entry["order_id"] or entry["request_id"] or number
            found.append(f"{entry['event']}{_if_not(about, number)}{_if_not(entry['actor'], who.id)}")
        # Some come a moment after another's act: what was pressed elsewhere than on the card or receipt points there,
        # a requester whom Slack lets nobody write to is named to the admins, and names are compared.
        staged = max(max(case.request, case.both, case.to_post) for case in self._cases.values())
        notices = """
        SELECT 1 FROM outbox WHERE id > :id AND kind NOT IN ('card_moved', 'receipt_moved', 'requester_untold')
        AND (kind NOT IN ('approval_card', 'receipt') OR facts ->> 'request_id' <= :staged)
        """
        if not found and self.rows(notices, id=self._heard, staged=staged):
            found.append("a notice")
        return found + gone

    def refusals(self, who: Person, number: int) -> list[str]:
        """Return why this person was refused in the last hour, what is about this request or order."""
        sql = """
        SELECT facts ->> 'why' AS why FROM audit WHERE event = :refused AND actor = :who AND at > :since
        AND (
            :number IN (request_id, order_id) OR request_id = (SELECT request_id FROM orders WHERE id = :number)
            OR (:number = :nobodys AND request_id IS NULL)
        )
        """
        since = self._now - 3_600_000
        params = {"refused": AuditEvent.ATTEMPT_REFUSED, "who": who.id, "since": since, "number": number}
        return [row["why"] for row in self.rows(sql, **params, nobodys=_NOBODYS)]

    def rows(self, sql: str, **params: Any) -> list[Row]:
        """What the file holds."""
        return [dict(row) for row in self._db.execute(sql, params)]

    def carried(self, thing: str, number: int) -> str:
        """What the buttons and forms about this thing carry."""
        if thing not in (*OF_REQUESTS, "orders"):
            return thing
        table = "requests" if thing in OF_REQUESTS else thing
        return NOBODYS_REFERENCE if number == _NOBODYS else self.world.reference(table, number)

    def row(self, table: str, number: int) -> Row:
        """One row, as it is now."""
        (row,) = self.rows(f"SELECT * FROM {table} WHERE id = :id", id=number)  # noqa: S608 (fixed names)
        return row

    def _update(self, table: str, number: int, row: Row) -> None:
        sets = ", ".join(f"{name} = :{name}" for name in row if name not in _FROZEN)
        self._db.execute(f"UPDATE {table} SET {sets} WHERE id = :id", row | {"id": number})  # noqa: S608 (fixed names)

    # --------------------------------------------------------------------------------------- staging

    def _stage(self, requester: str, recipient: str) -> Case:
        world = self.world
        asks = world.slack.person(requester)
        approver = world.sam if recipient == "alex" else world.alex
        mailed, given = (self._place(asks, approver, recipient, delivery) for delivery in ("email", "message"))
        posted = self._approve(ask_posted(world, asks, recipients=[recipient]), approver)
        to_post = ask_posted(world, asks, recipients=[recipient])
        request = world.ask(asks, recipients=[recipient])
        both = world.ask(asks, recipients=[recipient], amount="101")
        return Case(asks, approver, request, both, mailed, given, to_post, posted)

    def _place(self, asks: Person, approver: Person, recipient: str, delivery: str) -> int:
        return self._approve(self.world.ask(asks, recipients=[recipient], delivery=delivery), approver)

    def _approve(self, request: int, approver: Person) -> int:
        self._count_orders_from(request)  # the number of a request is that of its only order
        approver.click(self.world.card(request), "approve")
        self.world.settle()
        order: int = self.world.one("SELECT id FROM orders WHERE request_id = :id", id=request)["id"]
        return order

    def _count_orders_from(self, first: int) -> None:
        self._db.execute("UPDATE sqlite_sequence SET seq = :last WHERE name = 'orders'", {"last": first - 1})

    def _halt(self) -> None:
        """Halt the queue, so that the admin has the message with its button; no order waits that would end the halt."""
        storage, now = self.world.bot._storage, self.world.clock.now()
        with storage.transaction():
            storage.queue.halt(HaltCause.INSUFFICIENT_FUNDS, now=now, probe_at=now + timedelta(minutes=5))
            Holds(storage=storage, clock=self.world.clock).tell(now)
        self.world.said(self.world.ada, wording.ON_HOLD)


@contextmanager
def still_world(folder: Path) -> Iterator[StillWorld]:
    """Stage it all in a fresh world, and let it stand still."""
    by_group = [*DELETED_GROUP.users, NEWCOMERS["nora"].id]
    by_name = [user.id for user in NEWCOMERS.values() if user.id not in by_group]
    approvers = [people.APPROVERS_GROUP, DELETED_GROUP.id, *by_name]
    route = {"senders": [people.PRIYA], "channel": people.APPROVALS, "approvers": [NEWCOMERS["nora"].id]}
    approvals = {"approvers": approvers, "second_above": ["100 USD"], "routes": [route]}
    world = World(folder, settings={"approvals": approvals, "roles": {"finance": [people.FIONA]}})
    workspace = world.slack.workspace
    workspace.users |= {user.id: replace(user) for user in NEWCOMERS.values()}
    workspace.usergroups[DELETED_GROUP.id] = replace(DELETED_GROUP)
    workspace.channels[people.APPROVALS].members += [user.id for user in NEWCOMERS.values()]
    with world, _standing_still(world) as still:
        yield still


@contextmanager
def _standing_still(world: World) -> Iterator[StillWorld]:
    with closing(sqlite3.connect(world.database, isolation_level=None, timeout=10)) as db:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA synchronous = OFF")  # for this connection: what it writes need not outlive the test
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('orders', 0)")
        yield StillWorld(world, db)


def _manner(state: str) -> str:
    return next((manner for manner in ("by message", "posted") if manner in state), "")


def block_of(shown: ShownMessage, action: Action, carried: str) -> str | None:
    """Where the button or menu stands that carries this; None if there is none."""
    held = [one for one in elements.placed(shown.blocks) if one.action_id == action]
    mine = (one for one in held if carried in _carried_by(one.element))
    return next((one.block_id for one in mine), None)


def _carried_by(element: Mapping[str, Any]) -> list[str]:
    """Return what a button carries, or each line of a menu."""
    return [one.get("value", "") for one in (element, *element.get("options", ()))]


def _screens(who: Person) -> list[ShownMessage]:
    """Every message that a person sees."""
    with who._workspace.lock:
        return [message for channel in who._workspace.channels_of(who.id) for message in who.messages(channel.id)]


def _in_words(table: str, row_id: int, was: sqlite3.Row | None, row: Row, number: int) -> str:
    """What a row has become, such as "order canceled" or "new resend"."""
    about = row_id if was is not None else row.get("order_id", row.get("request_id", row_id))
    words = {"inquiries": "inquiry", "resends": "resend", "queue": "queue"}.get(
        table
    ) or f"{table.removesuffix('s')} {row['status']}"
    if table == "resends":
        words += f"{' elsewhere' if row['readdressed'] else ''}{' with a template' if row['new_etid'] else ''}"
    if table == "inquiries" and row["sent_as"]:
        words += " as a number"
    return f"{'' if was else 'new '}{words}{_if_not(about, number)}"


def _if_not(found: object, wanted: object) -> str:
    return "" if found == wanted else f" ({found})"
