"""Slack's error codes for messages: what becomes of a message that is answered with one, and why.

One table, from Slack's docs of chat.postMessage, chat.update, chat.postEphemeral and functions.completeSuccess
(errors). A code that is not in the table is the message's own problem, like `STEP_ASIDE`: only a code that is known to
pass holds up others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Remedy(StrEnum):
    """What becomes of a message that Slack refused."""

    WAIT = "wait"
    """The fault is Slack's or the whole app's and passes: the audience waits, and the message keeps its place."""
    SEND_PLAINER = "send_plainer"
    """Slack can't take the message in this form: the same words and buttons are sent in a plainer one."""
    POST_ANEW = "post_anew"
    """The message can't be rewritten, ever: a new one takes its place."""
    STEP_ASIDE = "step_aside"
    """Somebody can put it right, or nobody knows: the message is tried again by itself, and those behind pass it."""
    GIVE_UP = "give_up"
    """No second try changes it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A code's row.

    Attributes:
        remedy: what becomes of the message.
        reason: why.
        for_person: the remedy for a direct message, where it differs.
    """

    remedy: Remedy
    reason: str
    for_person: Remedy | None = None


#: What becomes of a message, by Slack's code.
CODES: Final[Mapping[str, Row]] = {
    # ------------------------------------------------------------------------- Slack's, or everybody's
    "ratelimited": Row(Remedy.WAIT, "Slack says when it accepts messages again."),
    "rate_limited": Row(Remedy.WAIT, "The same, as some methods spell it."),
    "internal_error": Row(Remedy.WAIT, "Slack failed, and may not the next time."),
    "fatal_error": Row(Remedy.WAIT, "Slack failed, and may have posted the message."),
    "service_unavailable": Row(Remedy.WAIT, "Slack is down."),
    "request_timeout": Row(Remedy.WAIT, "The message was cut on its way to Slack."),
    "update_failed": Row(Remedy.WAIT, "Slack failed to rewrite the message, and may not the next time."),
    "team_added_to_org": Row(Remedy.WAIT, "The workspace moves into an organization, which ends."),
    "external_channel_migrating": Row(Remedy.WAIT, "The channel moves to another workspace, which ends."),
    "accesslimited": Row(Remedy.WAIT, "Slack limits the whole app for a while."),
    "access_denied": Row(Remedy.WAIT, "The whole app has lost its access; an admin of Slack gives it back."),
    "ekm_access_denied": Row(Remedy.WAIT, "The company has locked its keys for all; its admins unlock them."),
    "enterprise_is_restricted": Row(Remedy.WAIT, "The whole organization is locked."),
    "org_login_required": Row(Remedy.WAIT, "The workspace moves into an organization, which ends."),
    "two_factor_setup_required": Row(Remedy.WAIT, "The whole app is locked until its owner sets up two factors."),
    "not_authed": Row(Remedy.WAIT, "The token is at fault: every message waits for another."),
    "invalid_auth": Row(Remedy.WAIT, "The token is at fault: every message waits for another."),
    "token_expired": Row(Remedy.WAIT, "The token is at fault: every message waits for another."),
    "token_revoked": Row(Remedy.WAIT, "The token is at fault: every message waits for another."),
    "account_inactive": Row(Remedy.WAIT, "The app was uninstalled: every message waits until it is back."),
    "missing_scope": Row(Remedy.WAIT, "The app lacks a right for all messages: it must be installed again."),
    "not_allowed_token_type": Row(Remedy.WAIT, "The token is of a kind that posts nothing: all wait for another."),
    # ------------------------------------------------------------------------------ how it is built
    "invalid_blocks": Row(Remedy.SEND_PLAINER, "A block is not as Slack wants it, or its picture can't be loaded."),
    "invalid_blocks_format": Row(Remedy.SEND_PLAINER, "The blocks can't be read."),
    "msg_blocks_too_long": Row(Remedy.SEND_PLAINER, "The blocks hold too much together."),
    "msg_too_long": Row(Remedy.SEND_PLAINER, "The text is too long."),
    "invalid_attachments": Row(Remedy.SEND_PLAINER, "Slack counts blocks that it can't take as attachments."),
    "too_many_attachments": Row(Remedy.SEND_PLAINER, "The same."),
    "attachment_payload_limit_exceeded": Row(Remedy.SEND_PLAINER, "The same."),
    # ------------------------------------------------------------------------- what can't be rewritten
    "message_not_found": Row(Remedy.POST_ANEW, "Somebody has deleted the message."),
    "cant_update_message": Row(Remedy.POST_ANEW, "The message is another app's: this one was installed again."),
    "edit_window_closed": Row(Remedy.POST_ANEW, "The workspace lets nobody change old messages."),
    "block_mismatch": Row(Remedy.POST_ANEW, "Slack can't put these blocks in the place of the old ones."),
    # --------------------------------------------------------------------------- where it is to go
    "is_archived": Row(Remedy.STEP_ASIDE, "An archived channel can be brought back.", for_person=Remedy.GIVE_UP),
    "channel_not_found": Row(
        Remedy.STEP_ASIDE,
        "A private channel is found once the app is invited. Of a person, it means that they have left.",
        for_person=Remedy.GIVE_UP,
    ),
    "not_in_channel": Row(Remedy.STEP_ASIDE, "The app can be invited."),
    "messages_tab_disabled": Row(Remedy.STEP_ASIDE, "The app's messages can be turned on in its settings."),
    "restricted_action": Row(Remedy.STEP_ASIDE, "An admin of Slack has restricted who may post, and can allow it."),
    "restricted_action_read_only_channel": Row(Remedy.STEP_ASIDE, "The same, for the channel."),
    "restricted_action_thread_only_channel": Row(Remedy.STEP_ASIDE, "The same, for messages outside threads."),
    "restricted_action_non_threadable_channel": Row(Remedy.STEP_ASIDE, "The same, for messages in threads."),
    "no_permission": Row(Remedy.STEP_ASIDE, "An admin of Slack can give the permission."),
    "team_access_not_granted": Row(Remedy.STEP_ASIDE, "An organization can grant the app that workspace."),
    "message_limit_exceeded": Row(Remedy.STEP_ASIDE, "Members of a free workspace have used up its messages."),
    # ------------------------------------------------------------------------------- nobody is there
    "user_not_found": Row(Remedy.GIVE_UP, "There is no such person."),
    "user_disabled": Row(Remedy.GIVE_UP, "The person has left."),
    "cannot_dm_bot": Row(Remedy.GIVE_UP, "The person is an app, which reads no messages."),
    # ------------------------------------------------------------------------------ answers to workflows
    "parameter_validation_failed": Row(Remedy.STEP_ASIDE, "The app's manifest can be pasted again."),
    "function_execution_not_found": Row(Remedy.GIVE_UP, "Slack has given the run up, and nobody waits for it."),
}


def remedy_for(code: str, *, person: bool) -> Remedy:
    """Return what becomes of a message that Slack answered with this code.

    Args:
        code: Slack's; not only those in the table.
        person: whether it is a direct message.
    """
    row = CODES.get(code)
    if row is None:
        return Remedy.STEP_ASIDE
    return row.for_person or row.remedy if person else row.remedy
