"""A resend's changes as Slack's payloads carry them: as typed after `/resend`, as entered in the form."""

from collections.abc import Sequence

from bot.domain.resend import AS_BEFORE, ResendChanges
from handlers.bolt.payloads import Entered
from handlers.ids import Block


def typed_changes(words: Sequence[str]) -> ResendChanges | None:
    """Return what is typed after the order's number; None where it is not understood."""
    changes = AS_BEFORE
    while words:
        match words:
            case [word, etid, *rest] if word.lower() == "template" and changes.template is None:
                changes, words = ResendChanges(email=changes.email, template=etid), rest
            case [address, *rest] if "@" in address and changes.email is None:
                changes, words = ResendChanges(email=address, template=changes.template), rest
            case _:
                return None
    return changes


def entered_changes(entered: Entered) -> ResendChanges:
    """Return what is filled in in the form."""
    return ResendChanges(
        email=entered.text(Block.NEW_EMAIL).strip() or None,
        template=entered.text_or_option(Block.NEW_TEMPLATE).strip() or None,
    )
