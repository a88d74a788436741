"""Reminders, and approvers who are asked or away."""

from typing import Final

from bot.domain.request import Request
from bot.usecases.reminders import Asking
from handlers.views import reminders
from handlers.views.reminders import day_text
from tests.kit.factories import ALEX, NOON, a_recipient, a_request
from tests.kit.wording.common import common, of_requests

#: What every reminder says.
REMINDER: Final = common(
    reminders.build_reminder([a_request()]).text, reminders.build_reminder([a_request()] * 12).text
)

#: What an approver is told who is asked to look at a request.
APPROVER_ASKED: Final = of_requests(reminders.build_approver_asked)

#: How a requester is told that too few approvers are there, after until when each is away.
APPROVERS_AWAY: Final = (
    reminders.build_approvers_away(a_request(), {ALEX: NOON.date()})
    .text.rpartition(day_text(NOON.date()))[2]
    .removesuffix(" (R-1)")
)


def _usual(request_id: int, first_name: str = "Rob", last_name: str = "Hale") -> Request:
    """Return the request that a world's people ask for where nothing is named, as far as a message names it."""
    recipient = a_recipient(first_name=first_name, last_name=last_name)
    return a_request(id=request_id, recipients=(recipient,), reward_name="Marlow & Finch gift card")


def asked(who: str, request_id: int, **recipient: str) -> str:
    """Return what a requester is told of the approver who is asked now, of the usual request."""
    return reminders.build_asking(Asking(_usual(request_id, **recipient), who, [])).text


def asked_all(request_id: int, *before: str) -> str:
    """Return what a requester is told once everybody was asked."""
    return reminders.build_asking(Asking(_usual(request_id), None, before)).text


def asked_nobody(request_id: int) -> str:
    """Return what a requester is told where nobody is there to ask."""
    return asked_all(request_id)


#: How a requester is told whom Kudos asks, before the name.
ASKED: Final = asked(ALEX, 1).partition(" <@")[0]

#: The title of the form in which an approver says until when they are away.
AWAY_FORM: Final[str] = reminders.build_away_form()["title"]["text"]
