"""`kudos person`: writes out what is kept about a person, or removes it as far as that may be."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from bot.clock import Clock
from bot.errors import ConfigurationError
from bot.settings import LocalSettings
from bot.usecases.person import Erased, erase_person, export_person
from bot.usecases.queue import CONSOLE
from storage import Storage

#: A person's id at Slack (Slack docs, users).
_PERSON: Final = re.compile(r"[UW][A-Z0-9]{2,30}")

#: Numbers that are shown of requests that are still open.
_SHOWN: Final = 10

#: What is not removed, and the reason.
_STAYS: Final = (
    (
        "Slack ids, amounts, dates and states of requests and orders, because reports and tax need them (GDPR, Art. "
        "17(3)(b))."
    ),
    "The gift log, because payroll and tax need names (GDPR, Art. 17(3)(b)). `storage.gift_log_years` says how long.",
    "The audit log, because it proves who approved what (GDPR, Art. 17(3)(e)). It has ids and no names.",
    "Backups made before now. Delete them, or type this command again after a restore.",
    "What Tango and Slack keep themselves. Please ask them.",
)


def export_text(settings: LocalSettings, person: str) -> str:
    """Return all that names a person, as JSON.

    Raises:
        ConfigurationError: that is no person's id.
        StorageError: the database can't be used; the text says what to do.
    """
    _check_is_person(person)
    with closing(Storage.visit(settings.storage.where)) as storage:
        found = export_person(storage, person, Clock().now(), CONSOLE)
    return json.dumps(found, indent=2, ensure_ascii=False)


def erase_text(settings: LocalSettings, person: str) -> str:
    """Remove a person's name, addresses and texts, and return what was removed, what stays, and why.

    Raises:
        ConfigurationError: that is no person's id.
        StorageError: the database can't be used; the text says what to do.
    """
    _check_is_person(person)
    with closing(Storage.visit(settings.storage.where)) as storage:
        erased = erase_person(storage, person, Clock().now(), CONSOLE)
    return "\n".join(_told(person, erased))


def _check_is_person(person: str) -> None:
    if not _PERSON.fullmatch(person):
        raise ConfigurationError([f"{person!r} isn't a person's Slack id such as U0ROB0001."])


def _told(person: str, erased: Erased) -> Iterator[str]:
    count = "1 request" if erased.requests == 1 else f"{erased.requests:,} requests"
    yield f"The name, addresses and texts of {person} are removed from {count}."
    if erased.open:
        numbers = ", ".join(f"R-{request_id}" for request_id in erased.open[:_SHOWN])
        more = " and more" if len(erased.open) > _SHOWN else ""
        yield f"Still open, and kept until they're done: {numbers}{more}. Type this command again then."
    yield "These stay:"
    yield from (f"- {reason}" for reason in _STAYS)
