"""An occasion: why a reward is given, in the words of accounting. The settings have the list, the form asks for one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Occasion:
    """An occasion, as the settings had it when the request was made.

    Attributes:
        name: for people and for reports.
        is_taxable: whether the company taxes such rewards; None where the settings don't say.
    """

    name: str
    is_taxable: bool | None = None
