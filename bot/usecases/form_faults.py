"""The faults of a form, collected while it is checked: people hear of all of them at once."""

from collections.abc import Iterable

from bot.errors import InvalidForm
from bot.faults import Fault

#: A field of the form, and what is wrong with it.
Found = tuple[str, Fault]


class FormFaults:
    """Collects the faults of a form: the first of each field, and the first of each person."""

    def __init__(self) -> None:
        self._found: dict[str, list[Fault]] = {}
        self._people: set[str] = set()

    def add(self, field: str, fault: Fault) -> None:
        """Keep the fault of a field that has none yet."""
        self._found.setdefault(field, [fault])

    def add_person(self, user_id: str, fault: Fault) -> None:
        """Keep the fault of a recipient who has none yet."""
        if user_id not in self._people:
            self._people.add(user_id)
            self._found.setdefault("recipients", []).append(fault)

    def add_all(self, found: Iterable[Found]) -> None:
        """Keep the faults of fields, of a field for people every one."""
        for name, fault in found:
            if name == "recipients":
                self._found.setdefault(name, []).append(fault)
            else:
                self.add(name, fault)

    def __bool__(self) -> bool:
        return bool(self._found)

    def check(self) -> None:
        """Refuse the form if there are any.

        Raises:
            InvalidForm: there are.
        """
        if self._found:
            raise InvalidForm(self._found)
