"""An occasion: why a reward is given, in the words of accounting. The settings have the list, the form asks for one."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.faults import Fault, FaultCode


@dataclass(frozen=True, slots=True)
class Occasion:
    """An occasion, as the settings had it when the request was made.

    Attributes:
        name: for people and for reports.
        is_taxable: whether the company taxes such rewards; None where the settings don't say.
    """

    name: str
    is_taxable: bool | None = None


def find_occasion(name: str | None, occasions: Sequence[Occasion]) -> Occasion | Fault | None:
    """Return the occasion of that name, or the fault that there is none; None where nobody was asked for one.

    Args:
        name: the chosen one's; empty where none was chosen, None where nobody was asked.
        occasions: of the settings.
    """
    if name is None or not occasions:
        return None
    unavailable = Fault(FaultCode.UNAVAILABLE if name else FaultCode.REQUIRED)
    return next((one for one in occasions if one.name == name), unavailable)
