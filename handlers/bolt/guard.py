"""The one guarded place where what was raised becomes words.

A refusal that nobody has worded yet, a fault code without a sentence, a broken listener: the person gets the general
sentence with a mark, and the log has the traceback under the same mark.
"""

import logging
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar
from uuid import uuid4

from bot.errors import (
    InvalidForm,
    NoRewards,
    NotFound,
    Refusal,
    SlackUnavailable,
    StaleReference,
    StorageError,
    TangoError,
)
from handlers.bolt.answers import AskAgain, FieldErrors, Say, Trouble
from handlers.bolt.payloads import Entered
from handlers.views.blocks import Message, escape
from handlers.views.faults import faults_text
from handlers.views.messages import broken_text, refusal_text, storage_text, trouble_text

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

#: The arguments of a listener.
Given = ParamSpec("Given")


def answer_of(listen: Callable[[], Answer]) -> Answer | Trouble:
    """Return the listener's answer, or the words for what it raised. Raises no `Exception`."""
    try:
        return listen()
    except Exception as error:  # noqa: BLE001 (an exception that passes loses the ack)
        try:
            return _trouble_of(error)
        except Exception as wordless:  # noqa: BLE001 (the same)
            return AskAgain(broken("A listener broke", wordless))


def by_reference(listen: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Refuse a button or a form whose thing is not found, as one from before a restore.

    Nobody types a reference here, so the sentence does not repeat it. A thing that a person may not see looks like one
    that does not exist.
    """

    def listen_by_reference(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        try:
            return listen(*args, **kwargs)
        except NotFound as error:
            raise StaleReference(order_id=error.order_id) from error

    return listen_by_reference


def broken(what: str, error: Exception) -> str:
    """Log the error under a new mark, and return the general sentence with that mark."""
    mark = uuid4().hex[:8]
    logger.error("%s (%s)", what, mark, exc_info=error)
    return broken_text(mark)


def message_of(trouble: Trouble) -> Message:
    """Return a trouble as a message, for doors that have no fields."""
    match trouble:
        case Say(message):
            return message
        case AskAgain(text):
            return Message(text)
        case FieldErrors(errors):
            return Message(escape("\n".join(f"{field_name(field)}: {text}" for field, text in errors.items())))


def field_name(block_id: str) -> str:
    """Return the name of a field that is not on the screen, such as "Purchase order"."""
    return block_id.replace("_", " ").capitalize()


def under_fields(errors: Mapping[str, str], entered: Entered, main_block: str) -> dict[str, str]:
    """Put each text under its field; those of fields that the form does not show, under the main one, by name."""
    told: dict[str, str] = {}
    for field, text in errors.items():
        if field in entered:
            told[field] = text
        else:
            told.setdefault(main_block, f"{field_name(field)}: {text}")
    return told


def _trouble_of(error: Exception) -> Trouble:
    """Word what a listener raised.

    Raises:
        Exception: `error` itself, which has no words, or what went wrong while wording it.
    """
    match error:
        case InvalidForm(faults=faults):
            return FieldErrors({field: faults_text(field, found) for field, found in faults.items()})
        case NoRewards() | SlackUnavailable():
            return AskAgain(refusal_text(error))
        case Refusal():
            return Say(Message(refusal_text(error)))
        case TangoError():
            return AskAgain(trouble_text(error))
        case StorageError():
            logger.error("The database could not serve", exc_info=error)
            return AskAgain(storage_text())
    raise error
