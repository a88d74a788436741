"""A real bot between the stand-ins, for the tests that kill it; and what must be true when all is over.

The bot is a process of its own that knows nothing of it. It is looked at from outside alone: its file through a
second connection, its log, and what reaches the stand-ins.
"""

import json
import select
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

from bot.domain.money import money_text
from bot.domain.numbers import request_number
from bot.sandbox.slack import ShownMessage, ShownView, people
from bot.sandbox.slack.people import User
from bot.sandbox.stage import Stage
from handlers.manifest import build_manifest
from tests.kit import wording
from tests.kit.asked import Asked, submit
from tests.kit.gift_log import check_gift_log
from tests.kit.proof import check_the_chain

T = TypeVar("T")

#: Seconds after which something that has not happened will not; far more than it takes, because all of a machine's
#: tests may run beside this one.
PATIENCE: Final = 60.0

#: Seconds between two looks at whether this process runs, and what follows on its standing still: what came in between
#: is noted right after it.
_BEAT: Final = 0.02
_CATCHING_UP: Final = 0.2

#: Orders a second: an order that came too early would stand out from the noise.
PACE: Final = 2.0

#: The same where there are many, and the machine is to be busy.
BUSY_PACE: Final = 10.0

#: Seconds by which an arrival may be noted late: the stand-in's threads share two processors with the bot and with
#: all the tests beside it. How exact the pace is, is measured elsewhere, on a machine that does nothing else.
NOISE: Final = 0.3

#: A reward of the stand-in's catalog that takes any amount from 1 to 1,000 dollars.
REWARD: Final = "U666425"

COMMAND: Final = (sys.executable, "-m", "bot", "run")


class Play(Stage):
    """A stage on which the bot dies.

    Args:
        folder: where everything is kept.
        http: whether Slack posts to the bot, instead of Socket Mode.
        orders_per_second: the bot's pace.
        extras: how many more people there are: `extra-1` and so on.
    """

    def __init__(self, folder: Path, *, http: bool = False, orders_per_second: float = PACE, extras: int = 0) -> None:
        super().__init__(
            COMMAND,
            folder,
            build_manifest(files=True, workflows=True),
            http=http,
            orders_per_second=orders_per_second,
            more="",
        )
        self.interval = 1 / orders_per_second
        self.kept_in = folder
        self.slack._courier.ack_seconds = PATIENCE  # that an answer comes within three is shown elsewhere
        # The spacing is judged below, where noise can be told from haste; a 429 for noise would hide it.
        self.tango.min_interval = 0
        self.tango.balance = Decimal(10) ** 9
        self.crowd = [f"extra-{number}" for number in range(1, extras + 1)]
        for number, handle in enumerate(self.crowd, 1):
            self.slack.add_user(User(f"U00X{number:05}", handle, f"Extra {_letters(number)}", email=_address(handle)))
        self.maya, self.alex, self.sam = map(self.slack.person, ("maya", "alex", "sam"))
        self._is_over = threading.Event()
        self._stalls: list[tuple[float, float]] = []
        threading.Thread(target=self._note_stalls, daemon=True).start()

    def _note_stalls(self) -> None:
        """Note when this process stood still for longer than the noise: what arrived meanwhile is noted late."""
        last = time.monotonic()
        while not self._is_over.wait(_BEAT):
            now = time.monotonic()
            if now - last > NOISE:
                self._stalls.append((last, now))
            last = now

    def _noted_late_by(self, at: float) -> float:
        """Return the seconds by which an arrival that was noted at that moment may have been noted late."""
        return max((end - start for start, end in self._stalls if start < at < end + _CATCHING_UP), default=0.0)

    def start_bot(self, *, tango_url: str | None = None) -> None:
        """Start the bot and wait until it serves, also on a machine where that takes long."""
        said = len(self.log.read_text()) if self.log.exists() else 0
        try:
            super().start_bot(tango_url=tango_url)
        except RuntimeError:
            if not self.bot_is_running:
                raise
            self.until(lambda: "Kudos is serving" in self.log.read_text()[said:], "the bot to serve")

    def __exit__(self, *details: object) -> None:
        self._is_over.set()
        self.kill_bot()  # nothing is owed any more, and a polite end takes seconds
        super().__exit__(*details)

    @property
    def database(self) -> Path:
        """The bot's file, in a folder that can be put elsewhere between two starts."""
        return self.kept_in / "kudos.db"

    # ----------------------------------------------------------------------------------- looking on

    def until(self, look: Callable[[], T | None], what: str = "it") -> T:
        """Look again and again until there is something to see; that."""
        end = time.monotonic() + PATIENCE
        while not (found := look()):
            assert time.monotonic() < end, f"waited for {what}\n{self.log.read_text()[-3000:]}"
            time.sleep(0.01)
        return found

    def wait_for_arrival(self) -> None:
        """Wait until an order has come to Tango whole: until its body was read, it is nobody's."""
        self.until(lambda: any(arrival.body for arrival in self.tango.arrivals), "the arrival")

    @property
    def where(self) -> Path | str:
        """Where the bot's database is."""
        return self.database

    def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """What the bot's file holds, read beside it."""
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql, params)]

    def statuses(self) -> Counter[str]:
        """How many orders are in which state."""
        return Counter(row["status"] for row in self.rows("SELECT status FROM orders"))

    def is_idle(self) -> bool:
        """Whether the file holds nothing that is still to be sent or told."""
        return not self.rows(
            "SELECT 1 FROM orders WHERE status IN ('queued', 'submitting')"
            " UNION ALL SELECT 1 FROM resends WHERE status IN ('claimed', 'sending')"
            " UNION ALL SELECT 1 FROM outbox WHERE status IN ('pending', 'sending')"
        )

    def settle(self) -> None:
        """Wait until the bot has done all there is to do."""
        self.until(self.is_idle, "the bot to be done")

    # --------------------------------------------------------------------------------------- acting

    def form(self, asked: Asked) -> ShownView:
        """Open the form; more than once where the machine is so slow that the trigger expires."""
        return self.until(lambda: self.slack.person(asked.requester).command("/kudos").modal, "the form")

    def values(self, asked: Asked) -> dict[str, Any]:
        """What is filled in."""
        return {
            "recipients": list(asked.recipients),
            "reward": REWARD,
            "amount": str(asked.amount),
            "message": asked.message,
        }

    def ask(self, asked: Asked) -> ShownMessage:
        """File a request; its card, once it is posted."""
        outcome = submit(self.slack.person(asked.requester), self.form(asked), self.values(asked))
        assert outcome.closed, outcome.errors
        return self.until(lambda: self.card(asked), "the card")

    def approve(self, asked: Asked) -> None:
        """File a request and have Alex approve it, and Sam, too, where it needs two."""
        card = self.ask(asked)
        for approver in (self.alex, self.sam)[: self._needed(asked)]:
            approver.click(card, "approve")

    def a_crowd(self, number: int) -> Asked:
        """A large request: of one of the many, for all the others."""
        requester = self.crowd[number % len(self.crowd)]
        recipients = tuple(handle for handle in self.crowd if handle != requester)
        return Asked(requester, recipients, 10 + number, f"Thanks, number {number}")

    def card(self, asked: Asked) -> ShownMessage | None:
        """The request's card as it is now, if it is posted.

        The newest: a bot that was killed between Slack's answer and its record posts it once more.
        """
        return next((m for m in reversed(self.alex.messages(people.APPROVALS)) if _names(m.words, asked)), None)

    # ---------------------------------------------------------------------------------- in the end

    def check_the_end(self, *approved: Asked) -> None:
        """Each of these placed exactly once as it was approved, nothing else placed, everybody told, in time."""
        self.check_the_file()
        self.check_the_orders(approved)
        self.check_the_spacing()
        for asked in approved:
            self.check_the_notices(asked)

    def check_the_file(self) -> None:
        """The file is sound."""
        assert self.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        assert self.rows("PRAGMA foreign_key_check") == []
        assert self.rows("SELECT * FROM attempts WHERE finished_at IS NULL") == []
        assert self.rows("SELECT * FROM outbox WHERE status NOT IN ('sent', 'superseded')") == []
        check_gift_log(self.rows)

    def check_the_orders(self, approved: Sequence[Asked]) -> None:
        """What Tango has is what was approved, each once."""
        placed = Counter((o.recipient_email, o.amount, o.utid, o.message) for o in self.tango.orders)
        wanted = Counter(
            (self._email(handle), Decimal(asked.amount), REWARD, asked.message)
            for asked in approved
            for handle in asked.recipients
        )
        assert placed == wanted
        stored = {row["external_ref_id"]: row for row in self.rows("SELECT * FROM orders")}
        assert {row["status"] for row in stored.values()} <= {"accepted"}
        assert sorted(stored) == sorted(str(order.external_ref_id) for order in self.tango.orders)
        for arrival in self.tango.arrivals:  # every attempt sent the very bytes that were approved
            if not arrival.body:  # the bot died between the head and the body
                assert arrival.external_ref_id is None
                continue
            assert arrival.body == stored[str(arrival.external_ref_id)]["body"]
            assert json.loads(arrival.body)["externalRefID"] == arrival.external_ref_id
        told = Counter(row["order_id"] for row in self.rows("SELECT * FROM audit WHERE event = 'order.accepted'"))
        assert told == Counter(row["id"] for row in stored.values())
        check_the_chain(self.where)

    def check_the_spacing(self) -> None:
        """No POST /orders came before its time, over all restarts: nowhere more of them than the pace allows."""
        times = [arrival.monotonic for arrival in self.tango.arrivals]
        late = [self._noted_late_by(at) for at in times]
        early = [
            (first, last)
            for first in range(len(times))
            for last in range(first + 1, min(first + 40, len(times)))
            if times[last] - times[first] < (last - first) * self.interval - NOISE - late[first]
        ]
        assert not early, times

    def check_the_notices(self, asked: Asked) -> None:
        """The card, the requester's receipt and messages, and the recipients' have been posted."""
        (request,) = self.rows("SELECT id FROM requests WHERE message = :message", message=asked.message)
        requester = self.slack.person(asked.requester).dms()
        card = self.card(asked)
        assert card is not None
        assert wording.ORDER_PLACED in card.words or wording.ORDER_DELIVERED in card.words
        number = request_number(request["id"])
        receipts = [m for m in requester if m.text.endswith(f" {number}")]
        assert any(wording.SENT in m.words or wording.DELIVERED in m.words for m in receipts)
        amount = money_text(Decimal(asked.amount), "USD")
        for handle in asked.recipients:
            told = self.slack.person(handle).dms()
            assert any((wording.GIVEN in m.text or wording.ON_ITS_WAY in m.text) and amount in m.text for m in told), (
                handle
            )

    def _needed(self, asked: Asked) -> int:
        (request,) = self.rows("SELECT approvals_needed FROM requests WHERE message = :message", message=asked.message)
        return int(request["approvals_needed"])

    def _email(self, handle: str) -> str:
        return str(self.slack.person(handle).account.email)


def console(play: Play, *command: str) -> "subprocess.CompletedProcess[str]":
    """What a command beside the bot says."""
    return subprocess.run(
        [*COMMAND[:-1], *command, "--config", str(play.folder / "app.yaml")],
        capture_output=True,
        text=True,
        check=False,
        env=play._environment(),
        timeout=PATIENCE,
    )


class Gate:
    """A TCP proxy before a server: what passes is held while a flag is down.

    Args:
        url: the server.
    """

    def __init__(self, url: str) -> None:
        server = urlsplit(url)
        self._server = (server.hostname, server.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = url.replace(f"127.0.0.1:{server.port}", f"127.0.0.1:{self._listener.getsockname()[1]}")
        self.requests_pass = threading.Event()
        self.answers_pass = threading.Event()
        self.requests_pass.set()
        self.answers_pass.set()
        self.request_came = threading.Event()
        self.answer_came = threading.Event()
        self._accepts = threading.Event()
        self._accepts.set()
        self._waits: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.open()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()

    def hold(self, *, requests: bool = False, answers: bool = False) -> None:
        """From now on, hold requests or answers."""
        for held, passes, came in (
            (requests, self.requests_pass, self.request_came),
            (answers, self.answers_pass, self.answer_came),
        ):
            if held:
                came.clear()
                passes.clear()

    def shut(self) -> None:
        """Cut every connection, and let none come about from now on: who connects goes on trying."""
        self._accepts.clear()
        self._listener.listen(0)
        self._waits = socket.create_connection(self._listener.getsockname())  # the one for which there is room
        self.cut()

    def open(self) -> None:
        """Let connections come about again, those that are being tried as well."""
        if self._waits is not None:
            self._waits.close()
            self._waits = None
        self._listener.listen()
        self._accepts.set()

    def cut(self) -> None:
        """Cut every connection; what was held is lost."""
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._open.clear()
        self.requests_pass.set()
        self.answers_pass.set()

    def _run(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError, ValueError):  # select calls a closed listener a wrong value
            while True:
                select.select([self._listener], [], [])
                self._accepts.wait()
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(self._server)
                except OSError:
                    client.close()
                    continue
                self._open += [client, server]
                self._run(_pump, client, server, self.requests_pass, self.request_came)
                self._run(_pump, server, client, self.answers_pass, self.answer_came)


def _pump(source: socket.socket, sink: socket.socket, passes: threading.Event, came: threading.Event) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            came.set()
            passes.wait()
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def nobody_answers() -> socket.socket:
    """A listening socket behind which nobody accepts: a TLS handshake with it begins and never ends."""
    return socket.create_server(("127.0.0.1", 0))


def _names(words: str, asked: Asked) -> bool:
    """Whether a card is of this request: messages are unique."""
    return wording.CARD in words and asked.message in words.split("\n")


def _letters(number: int) -> str:
    """A name without digits: some systems refuse those."""
    return "".join(chr(ord("A") + int(digit)) for digit in str(number))


def _address(handle: str) -> str:
    return f"{handle}@acme.example"
