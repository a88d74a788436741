"""What Slack does not let Kudos tell."""

from typing import Final

from handlers.views import undelivered
from tests.kit.wording.common import of_requests, told


def card_refused(request_id: int, reason: str = "a_code") -> str:
    """Tell that the approvers can't see a request's card."""
    return of_requests(lambda request: undelivered.build_card_refused(request, reason), request_id)


def requester_untold(request_id: int) -> str:
    """Tell admins that the requester hears nothing of a request."""
    return of_requests(lambda request: undelivered.build_requester_untold(request, "a_code"), request_id)


#: The recipient hears nothing of a reward.
RECIPIENT_UNTOLD: Final = told(lambda order: undelivered.build_recipient_untold(order, "a_code"))
