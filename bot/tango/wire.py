"""Reading and writing Tango's JSON: exact numbers, and fields that may be missing, empty or odd.

An order that Tango has placed must not become unknown because another field is odd, so every optional field is
read leniently: one that cannot be understood is None, as if it were missing. Only the identifier that makes an
object usable is required.
"""

import json
import re
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import UTC, datetime
from decimal import Decimal, DecimalException
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr
from pydantic.alias_generators import to_camel

#: Far above any amount, rate or balance. Without a bound a number such as 1e999999999 would be read, and take all
#: memory when it is first written out.
_MAX_EXPONENT: Final = 30

#: Twice the digits of the exponent: a longer text is no amount, and is not even parsed.
_MAX_NUMBER_CHARS: Final = 60

#: Moments outside are slips, and arithmetic at the edge of the calendar would overflow.
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 9000

#: A longer fraction than datetime reads: Tango's error bodies carry up to nine digits.
_LONG_FRACTION: Final = re.compile(r"(\.\d{6})\d+")


def read_json(body: bytes, charset: str | None = None) -> Any:
    """Read the JSON value in `body`, its decimals exact.

    Args:
        body: in UTF-8, UTF-16 or UTF-32, with or without a byte order mark: its first bytes tell which.
        charset: as the answer's head says; believed only where the bytes are none of these.

    Raises:
        ValueError: the body is no JSON, or is nested beyond reason.
    """
    try:
        return json.loads(_decoded(body, charset), parse_float=_decimal, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _decoded(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        if charset is None:
            raise
        try:
            return body.decode(charset)
        except LookupError:  # no name of an encoding
            raise ValueError("unknown charset") from None


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except DecimalException:
        return None  # an exponent beyond what a Decimal holds


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def read_text(value: object) -> str | None:
    """Read a text that is not blank, else None. Numbers count: `code` comes as 422001 and as "422001"."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    # Half of a surrogate pair can be escaped in JSON and is no text in UTF-8: a question mark replaces it.
    text = str(value).encode(errors="replace").decode()
    return text if text.strip() else None


def read_number(value: object) -> Decimal | None:
    """Read a finite number of sensible size, else None. Numbers in quotes count."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    text = str(value)
    if len(text) > _MAX_NUMBER_CHARS:
        return None
    try:
        number = Decimal(text)
    except DecimalException:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MAX_EXPONENT else None


def read_moment(value: object) -> datetime | None:
    """Read a moment in ISO 8601 as UTC, else None. A time without an offset counts as UTC."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", value.strip()))
        except ValueError:
            return None
    else:
        return None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _read_texts(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list | tuple) else ()
    return tuple(text for entry in entries if (text := read_text(entry)) is not None)


def _read_text_map(value: object) -> dict[str, str]:
    entries = value.items() if isinstance(value, dict) else ()
    pairs = ((read_text(name), read_text(entry)) for name, entry in entries)
    return {name: text for name, text in pairs if name is not None and text is not None}


def _read_secret(value: object) -> SecretStr | None:
    if isinstance(value, SecretStr):
        return value
    text = read_text(value)
    return None if text is None else SecretStr(text)


def _object_or_none(value: object) -> object:
    return value if isinstance(value, dict | BaseModel) or is_dataclass(value) else None


def _objects_with(name: str | None) -> Callable[[object], tuple[object, ...]]:
    """Make a reader of lists that leaves out entries that are no object or lack the field `name`."""

    def read(value: object) -> tuple[object, ...]:
        entries = value if isinstance(value, list | tuple) else ()
        return tuple(
            entry
            for entry in entries
            if isinstance(entry, BaseModel)
            or (isinstance(entry, dict) and (name is None or read_text(entry.get(name)) is not None))
        )

    return read


Identifier = Annotated[str, BeforeValidator(read_text)]
Text = Annotated[str | None, BeforeValidator(read_text)]
Number = Annotated[Decimal | None, BeforeValidator(read_number)]
Moment = Annotated[datetime | None, BeforeValidator(read_moment)]
Flag = Annotated[bool | None, BeforeValidator(_read_flag)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_read_texts)]
TextMap = Annotated[dict[str, str], BeforeValidator(_read_text_map)]
Secret = Annotated[SecretStr | None, BeforeValidator(_read_secret)]
#: Readers of an object, and of lists without the entries that lack their key.
OBJECT: Final = BeforeValidator(_object_or_none)
OBJECTS: Final = BeforeValidator(_objects_with(None))
BRANDS: Final = BeforeValidator(_objects_with("brandKey"))
ITEMS: Final = BeforeValidator(_objects_with("utid"))
LINE_ITEMS: Final = BeforeValidator(_objects_with("referenceOrderID"))
TEMPLATES: Final = BeforeValidator(_objects_with("etid"))


def word_of(text: str | None) -> str:
    """Return one of Tango's words as it is compared: "Physical", "PHYSICAL" and "physical" are one word.

    Tango writes the same words in several ways (Tango docs, Manage orders, ptid: "Reward Type = Reward Link,
    Fulfillment Type = Physical").
    """
    return " ".join((text or "").casefold().replace("_", " ").split())


#: Where Tango writes `ID` (Tango docs, Manage orders).
_REFERENCES: Final = {"external_ref_id": "externalRefID", "reference_order_id": "referenceOrderID"}


def name_at_tango(field: str) -> str:
    """Return Tango's name of a field: in camel case, but for `ID` at the end of the two references."""
    return _REFERENCES.get(field) or to_camel(field)


#: How all that goes over the wire is read: Tango's names by alias, ours in the code; errors hold no values.
AS_WIRE: Final = ConfigDict(
    alias_generator=name_at_tango,
    populate_by_name=True,
    frozen=True,
    extra="ignore",
    hide_input_in_errors=True,
)


class Wire(BaseModel):
    """The base of the wire models that are only read, or are made where nobody waits.

    What an ack makes (bot/tango/bodies.py, NewOrder) is a plain dataclass, which pydantic reads all the same.
    """

    model_config = AS_WIRE


def write_number(number: Decimal) -> str:
    """Write the number without an exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_moment(moment: datetime) -> str:
    """Write the moment in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
