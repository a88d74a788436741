"""A request as a test asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import Outcome, Person, ShownView
from tests.kit import wording


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as somebody typed it in; its message tells it apart."""

    requester: str
    recipients: tuple[str, ...]
    amount: int
    message: str


def submit(person: Person, form: ShownView, values: Mapping[str, Any]) -> Outcome:
    """Submit a filled-in form; once more where it asks whether a second reward within a day is meant."""
    outcome = person.submit(form, dict(values))
    if outcome.modal is not None and wording.ASKED_TWICE in outcome.modal.words:
        return person.submit(outcome.modal)
    return outcome
