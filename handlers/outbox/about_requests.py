"""What is told of a request, and of none of its orders."""

from typing import assert_never

from bot.domain.notices import (
    ApprovalUndone,
    ApproverAsked,
    ApproverUntold,
    CardRefused,
    Decided,
    RequestChanged,
    RequesterUntold,
    ThanksRefused,
)
from bot.domain.request import Request
from handlers.views.blocks import Message
from handlers.views.receipts import build_approval_undone, build_changed, build_decision
from handlers.views.reminders import build_approver_asked
from handlers.views.thanks import build_thanks_refused
from handlers.views.undelivered import build_approver_untold, build_card_refused, build_requester_untold

_OfApproval = Decided | ApproverAsked | ApprovalUndone | RequestChanged
OfRequest = _OfApproval | CardRefused | ApproverUntold | RequesterUntold | ThanksRefused


def about_request(notice: OfRequest, request: Request, *, to_admin: bool) -> Message:
    """Build the message of a notice about a request.

    Args:
        notice: of the outbox.
        request: as it is now.
        to_admin: whether its reader can look into what went wrong.
    """
    match notice:
        case Decided():
            return build_decision(request)
        case CardRefused(reason=reason):
            return build_card_refused(request, reason, to_admin=to_admin)
        case ApproverUntold(approver_id=approver_id, reason=reason):
            return build_approver_untold(request, approver_id, reason)
        case RequesterUntold(reason=reason):
            return build_requester_untold(request, reason)
        case ApproverAsked():
            return build_approver_asked(request)
        case ApprovalUndone():
            return build_approval_undone(request)
        case RequestChanged():
            return build_changed(request)
        case ThanksRefused(reason=reason):
            return build_thanks_refused(request, reason)
        case _:
            assert_never(notice)
