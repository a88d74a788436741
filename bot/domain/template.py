"""The templates of Tango's reward emails."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: The etid of Tango's standard template, which every platform has (Tango docs, Manage digital templates).
STANDARD: Final = "E000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template of Tango's emails.

    Attributes:
        etid: Tango's name for it, an E and six digits.
        name: as the portal calls it.
        subject: of the email; may be empty.
    """

    etid: str
    name: str
    subject: str = ""


def find_templates(templates: Sequence[Template], typed: str) -> Sequence[Template]:
    """Return the templates with all the typed words in their name, subject or etid, in the order of their names."""
    words = typed.casefold().split()

    def is_meant(one: Template) -> bool:
        text = f"{one.name} {one.subject} {one.etid}".casefold()
        return all(word in text for word in words)

    return sorted(filter(is_meant, templates), key=lambda one: (one.name.casefold(), one.etid))
