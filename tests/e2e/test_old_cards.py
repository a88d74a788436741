"""Restores, fresh files and old cards in any order: no order without an approval of that very request.

Nothing dies here; deaths are in test_state_machine.py. A request is told apart by its message, which no two share.
"""

from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bot.sandbox.slack import NotPossible, ShownMessage, people
from storage import back_up, restore
from tests.e2e.test_state_machine import EXAMPLES
from tests.kit.bot import World

RECIPIENTS: Final = ("rob", "kim", "priya")

WHICH: Final = st.integers(0, 999)


class OldCards(RuleBasedStateMachine):
    """Cards outlive the file that they were posted for."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.folder = Path(self._open.enter_context(TemporaryDirectory(prefix="kudos-cards-")))
        self.world = self._open.enter_context(World(self.folder))
        self.asked: dict[str, tuple[str, int]] = {}
        self.cards: list[ShownMessage] = []
        self.approved: set[str] = set()  # messages on cards on which somebody pressed Approve
        self.backups: list[Path] = []

    def teardown(self) -> None:
        """Let the bot finish, and hold what is at Tango to what was approved."""
        try:
            self.world.settle(step=30)
            self.check()
        finally:
            self._open.close()

    @initialize()
    def begin(self) -> None:
        self.back_up()
        self.ask(0)

    @rule(which=WHICH)
    def ask(self, which: int) -> None:
        message, recipient, amount = f"Thanks no. {len(self.asked) + 1}.", RECIPIENTS[which % 3], 1 + which
        self.asked[message] = (recipient, amount)
        self.cards.append(self.world.card(self.world.ask(recipients=[recipient], amount=str(amount), message=message)))

    @rule(who=st.sampled_from(["alex", "sam"]), which=WHICH)
    def approve(self, who: str, which: int) -> None:
        """Press Approve on any card that was ever seen, as it was seen or as it is now."""
        now = [m for m in self.world.alex.messages(people.APPROVALS) if "approve" in m.action_ids]
        cards = self.cards + now
        card = cards[which % len(cards)]
        self.approved |= {message for message in self.asked if message in card.words}
        with suppress(NotPossible):
            self.world.slack.person(who).click(card, "approve")

    @rule()
    def work(self) -> None:
        self.world.settle(step=30)

    @rule()
    def back_up(self) -> None:
        backup = self.folder / f"backup-{len(self.backups)}.db"
        back_up(self.world.database, backup)
        self.backups.append(backup)

    @rule(which=WHICH)
    def restore(self, which: int) -> None:
        self.world.stop()
        now, backup = self.world.clock.now(), self.backups[which % len(self.backups)]
        restore(self.world.database, backup, now=now, known_since=now - timedelta(days=89), actor="console")
        self.world.start()

    @rule()
    def begin_with_a_fresh_file(self) -> None:
        self.world.stop()
        for path in self.folder.glob("kudos.db*"):
            path.unlink()
        self.world.start()

    def check(self) -> None:
        placed = self.world.tango.orders
        for order in placed:
            recipient, amount = self.asked[order.message or ""]
            assert order.message in self.approved, "nobody approved it"
            assert order.recipient_email == self.world.slack.person(recipient).account.email
            assert order.amount == amount
        assert len({order.message for order in placed}) == len(placed), "it was paid twice"
        for row in self.world.rows("SELECT message FROM requests WHERE status = 'approved'"):
            assert row["message"] in self.approved


TestOldCards = pytest.mark.timeout(600 + 20 * int(EXAMPLES or 5))(OldCards.TestCase)
TestOldCards.settings = settings(
    max_examples=int(EXAMPLES or 5),
    stateful_step_count=15,
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
