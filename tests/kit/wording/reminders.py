"""Reminders, and approvers who are asked or away."""

from typing import Final

from bot.usecases.reminders import Asking
from handlers.views import reminders
from tests.kit.factories import a_request
from tests.kit.wording.common import common, of_requests

#: What every reminder says.
REMINDER: Final = common(
    reminders.build_reminder([a_request()]).text, reminders.build_reminder([a_request()] * 12).text
)

#: What an approver is told who is asked to look at a request.
APPROVER_ASKED: Final = of_requests(reminders.build_approver_asked)

#: What a requester is told where too few approvers are there.
APPROVERS_AWAY: Final = of_requests(lambda request: reminders.build_approvers_away(request, {}))


def asked(who: str, request_id: int) -> str:
    """Return what a requester is told of the approver who is asked now."""
    return reminders.build_asking(Asking(a_request(id=request_id), who, [])).text


def asked_all(request_id: int, *before: str) -> str:
    """Return what a requester is told once everybody was asked."""
    return reminders.build_asking(Asking(a_request(id=request_id), None, before)).text


def asked_nobody(request_id: int) -> str:
    """Return what a requester is told where nobody is there to ask."""
    return asked_all(request_id)
