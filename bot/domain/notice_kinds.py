"""Notices by their kinds, as the outbox stores them."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from bot.domain.notices import Notice, Receipt

#: What earlier versions told by messages of their own. The receipt says it now.
_SAID_BY_RECEIPT: Final = ("orders_settled", "rewards_delivered")

_BY_KIND: Final[Mapping[str, type[Notice]]] = {notice.kind: notice for notice in get_args(Notice)} | dict.fromkeys(
    _SAID_BY_RECEIPT, Receipt
)


def notice_from(kind: str, facts: Mapping[str, Any]) -> Notice:
    """Return the notice of that kind with those ids.

    Raises:
        KeyError: no notice is of that kind.
    """
    return _BY_KIND[kind](**facts)
