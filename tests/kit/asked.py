"""A request as a test asks for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.sandbox.slack import Outcome, Person, ShownView
from tests.kit import wording


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as somebody typed it in; its message tells it apart. `needed`: how many have to approve it."""

    requester: str
    recipients: tuple[str, ...]
    amount: int
    message: str
    needed: int = 1


@dataclass(frozen=True, slots=True)
class AskedPolicy:
    """What the settings say of approvals, in dollars."""

    second_above: int | None = None
    automatic_up_to: int | None = None

    def needed(self, recipients: Collection[str], amount: int) -> int:
        """Return how many have to approve what is asked for now, by somebody who has a budget."""
        total = amount * len(recipients)
        if self.second_above is not None and total > self.second_above:
            return 2
        is_automatic = self.automatic_up_to is not None and total <= self.automatic_up_to
        return 0 if is_automatic else 1

    def settings(self) -> dict[str, Any]:
        """Return them as in app.yaml, of the section for approvals."""
        amounts = {"second_above": self.second_above, "automatic_up_to": self.automatic_up_to}
        return {name: [f"{amount} USD"] for name, amount in amounts.items() if amount is not None}


POLICIES: Final = (AskedPolicy(), AskedPolicy(second_above=500), AskedPolicy(second_above=900, automatic_up_to=100))


def submit(person: Person, form: ShownView, values: Mapping[str, Any]) -> Outcome:
    """Submit a filled-in form; once more where it asks whether a second reward within a day is meant."""
    outcome = person.submit(form, dict(values))
    if outcome.modal is not None and wording.ASKED_TWICE in outcome.modal.words:
        return person.submit(outcome.modal)
    return outcome
