"""Orphans on the screen: a click on a card or a receipt that is not rewritten any more puts a pointer in its place."""

import logging
from collections.abc import Mapping
from typing import Final

from slack_sdk.web import WebClient

from bot.domain.notices import ApprovalCard, Receipt
from bot.errors import StaleReference
from bot.usecases.orphans import Orphans
from handlers.bolt.network import NO_ANSWER, reason_of
from handlers.bolt.payloads import Click
from handlers.ids import Action
from handlers.views.decisions import build_pointer
from storage import Post

logger = logging.getLogger(__name__)

#: The buttons that stand on a card or on a receipt and nowhere else in a message that stays, and on which.
STANDS_ON: Final[Mapping[str, str]] = {
    Action.APPROVE: ApprovalCard.kind,
    Action.DECLINE: ApprovalCard.kind,
    Action.WHO: ApprovalCard.kind,
    Action.ADDRESS_SHOW: ApprovalCard.kind,
    Action.WITHDRAW: Receipt.kind,
}


def may_be_orphan(click: Click) -> bool:
    """Tell whether the click is on a message that may be an orphan; nothing is asked for that."""
    return click.action_id in STANDS_ON and bool(click.message_ts)


def point_to_current(client: WebClient, orphans: Orphans, click: Click) -> None:
    """Rewrite an orphan to point to the current message; leave any other message as it is. This waits for Slack."""
    there = Post(channel=click.channel_id, ts=click.message_ts)
    try:
        found = orphans.find_current(STANDS_ON[click.action_id], click.reference, there)
    except StaleReference:
        return
    if found is None:
        return
    request, current = found
    try:
        link = str(client.chat_getPermalink(channel=current.channel, message_ts=current.ts)["permalink"])
        pointer = build_pointer(request.id, link)
        client.chat_update(channel=there.channel, ts=there.ts, text=pointer.text, blocks=pointer.blocks)
    except NO_ANSWER as error:
        # The current message was deleted, or Slack is down. The orphan's buttons work, and the next click tries again.
        logger.warning("A message that is not rewritten any more could not be replaced: %s", reason_of(error))
