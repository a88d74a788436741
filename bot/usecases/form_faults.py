"""The faults of a form, collected while it is checked: people hear of all of them at once."""

from collections.abc import Iterable, Mapping
from typing import Final

from bot.errors import InvalidForm
from bot.faults import Fault

#: The field of the form for each field of the order: a fault is said under it.
FIELDS: Final[Mapping[str, str]] = {
    "amount": "amount",
    "message": "message",
    "emailSubject": "subject",
    "etid": "template",
    "campaign": "campaign",
    "purchaseOrderNumber": "purchase_order",
    "notes": "notes",
    "expirationDate": "expires_on",
    "ptid": "printed_template",
    "recipient.address.streetLine1": "street_line1",
    "recipient.address.streetLine2": "street_line2",
    "recipient.address.city": "city",
    "recipient.address.stateOrProvince": "state_or_province",
    "recipient.address.postalCode": "postal_code",
    "recipient.address.country": "country",
}

#: The names on a parcel are typed in the form, because Tango takes fewer letters there than a profile may have.
FIELDS_OF_POSTED: Final[Mapping[str, str]] = {
    **FIELDS,
    "recipient.firstName": "first_name",
    "recipient.lastName": "last_name",
}

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
