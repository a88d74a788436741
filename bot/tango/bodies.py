"""The bodies that are sent to Tango (Tango docs, Manage orders), and how they are written.

Texts about people are left out of every `repr`, so that a body in a log line or a traceback tells nothing private.
"""

import json
from datetime import datetime
from decimal import Decimal
from typing import Final, Self

from pydantic import AwareDatetime, ConfigDict, Field, field_serializer

from bot.tango.models import TangoPerson
from bot.tango.wire import Wire, read_json, write_moment, write_number


class NewOrder(Wire):
    """The body of POST /orders, with every field. A field that is None is not sent.

    Source: Tango docs, Manage orders, POST /orders. The rules on lengths and characters are in
    `bot.tango.rules`: a body may break them, so that all faults are told at once.
    """

    model_config = ConfigDict(extra="forbid")

    external_ref_id: str | None = Field(default=None, alias="externalRefID")
    customer_identifier: str
    account_identifier: str
    utid: str
    ptid: str | None = None
    amount: Decimal
    sender: TangoPerson | None = None
    recipient: TangoPerson | None = None
    email_subject: str | None = Field(default=None, repr=False)
    message: str | None = Field(default=None, repr=False)
    send_email: bool
    etid: str | None = None
    campaign: str | None = None
    purchase_order_number: str | None = None
    notes: str | None = Field(default=None, repr=False)
    expiration_date: AwareDatetime | None = None

    @field_serializer("expiration_date")
    def _write_expiration(self, moment: datetime | None) -> str | None:
        return None if moment is None else write_moment(moment)

    def to_bytes(self) -> bytes:
        """Return the body, frozen: the same order always makes the same bytes.

        UTF-8 JSON in the order of the API page's table; the amount is a number written out exactly,
        without trailing zeros, so that 25 and 25.00 are the same body.
        """
        fields = self.model_dump(by_alias=True, exclude_none=True)
        entries = (f'"{name}":{_as_json(value)}' for name, value in fields.items())
        return ("{" + ",".join(entries) + "}").encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Return the order that `to_bytes` froze.

        Raises:
            ValueError: these bytes are no such body.
        """
        return cls.model_validate(read_json(body))


class ResendBody(Wire):
    """The body of POST /orders/{referenceOrderID}/resends. A field that is None is not sent.

    Source: Tango docs, Manage orders, POST /orders/{referenceOrderID}/resends.
    """

    new_email: str | None = Field(default=None, repr=False)
    new_etid: str | None = None


#: json.dumps would make an encoder for each value.
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _as_json(value: object) -> str:
    if isinstance(value, Decimal):
        return write_number(value)
    return _encode(value)
