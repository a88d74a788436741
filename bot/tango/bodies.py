"""The bodies that are sent to Tango (Tango docs, Manage orders), and how they are written.

Texts about people are left out of every `repr`, so that a body in a log line or a traceback tells nothing private.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final

from pydantic import AwareDatetime, ConfigDict, Field

from bot.tango.models import TangoAddress, TangoPerson
from bot.tango.wire import AS_WIRE, Wire, name_at_tango, read_json, write_moment, write_number


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """The body of POST /orders, with every field. A field that is None is not sent.

    Source: Tango docs, Manage orders, POST /orders. The rules on lengths and characters are in
    `bot.tango.rules`: a body may break them, so that all faults are told at once.

    A plain dataclass, written by plain code: a submit and an approval make one while a person waits, and a process that
    was idle takes ten times as long for whatever code it has not run lately. pydantic, which is much code, reads it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = {**AS_WIRE, "extra": "forbid"}

    external_ref_id: str | None = None
    customer_identifier: str
    account_identifier: str
    utid: str
    ptid: str | None = None
    amount: Decimal
    sender: TangoPerson | None = None
    recipient: TangoPerson | None = None
    email_subject: str | None = field(default=None, repr=False)
    message: str | None = field(default=None, repr=False)
    send_email: bool
    etid: str | None = None
    campaign: str | None = None
    purchase_order_number: str | None = None
    notes: str | None = field(default=None, repr=False)
    expiration_date: AwareDatetime | None = None

    def to_bytes(self) -> bytes:
        """Return the body, frozen: the same order always makes the same bytes.

        UTF-8 JSON in the order of the API page's table; the amount is a number written out exactly,
        without trailing zeros, so that 25 and 25.00 are the same body.
        """
        return _as_json(self).encode()

    @staticmethod
    def from_bytes(body: bytes) -> "NewOrder":
        """Return the order that `to_bytes` froze.

        Raises:
            ValueError: these bytes are no such body.
        """
        return _Frozen.model_validate({"order": read_json(body)}).order


class ResendBody(Wire):
    """The body of POST /orders/{referenceOrderID}/resends. A field that is None is not sent.

    Source: Tango docs, Manage orders, POST /orders/{referenceOrderID}/resends.
    """

    new_email: str | None = Field(default=None, repr=False)
    new_etid: str | None = None


class _Frozen(Wire):
    """Reads a frozen body: an error of a wire model holds no values, and one of a dataclass alone does."""

    order: NewOrder


#: The fields of what is frozen, each with its name at Tango, in the order of the API page's table.
_NAMES: Final[Mapping[type, Mapping[str, str]]] = {
    kind: {one.name: name_at_tango(one.name) for one in fields(kind)} for kind in (NewOrder, TangoPerson, TangoAddress)
}

#: json.dumps would make an encoder for each value.
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode


def _as_json(value: NewOrder | TangoPerson | TangoAddress | Decimal | datetime | bool | str) -> str:  # noqa: FBT001
    match value:
        case str():
            return _encode(value)
        case bool():
            return "true" if value else "false"
        case Decimal():
            return write_number(value)
        case datetime():
            return _encode(write_moment(value))
    names = _NAMES[type(value)].items()
    said = [f'"{name}":{_as_json(one)}' for ours, name in names if (one := getattr(value, ours)) is not None]
    return "{" + ",".join(said) + "}"
