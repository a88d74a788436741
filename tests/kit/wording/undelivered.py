"""What Slack does not let Kudos tell."""

from typing import Final

from bot.usecases.undelivered import NO_APPROVER
from handlers.views import undelivered
from tests.kit.factories import a_recipient, a_request
from tests.kit.wording.common import common, of_requests, told


def card_refused(request_id: int) -> str:
    """Tell that the approvers can't see a request's card."""
    return of_requests(lambda request: undelivered.build_card_refused(request, "a_code"), request_id)


def requester_untold(request_id: int) -> str:
    """Tell admins that the requester hears nothing of a request."""
    return of_requests(lambda request: undelivered.build_requester_untold(request, "a_code"), request_id)


def _undecidable(number: int, name: str, *, to_admin: bool) -> str:
    request = a_request(id=number, recipients=(a_recipient(first_name=name, last_name=name),), reward_name=name)
    return undelivered.build_card_refused(request, NO_APPROVER, to_admin=to_admin).text


#: None of the approvers may decide about a request.
NOBODY_DECIDES: Final = common(_undecidable(1, "Weiss", to_admin=True), _undecidable(92, "Quint", to_admin=False))

#: The recipient hears nothing of a reward.
RECIPIENT_UNTOLD: Final = told(lambda order: undelivered.build_recipient_untold(order, "a_code"))
