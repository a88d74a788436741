"""Requests: the card, the receipt, the decision, and their numbers."""

from dataclasses import replace
from typing import Final

from bot.domain.numbers import order_number
from bot.domain.order import OrderStatus, Progress
from bot.domain.request import Delivery, Request, RequestStatus
from bot.domain.review import Obstacle, ObstacleCode
from handlers.views import people, requests
from handlers.views.blocks import Message
from handlers.views.decisions import build_decline_form
from tests.kit.factories import ADA, ALEX, NOON, TEAM, a_recipient, a_request
from tests.kit.wording.common import beginning, begins, common, of_requests, words_in


def card(request_id: int) -> str:
    """Return how the text of a request's card begins, as notifications show it."""
    return beginning(lambda request: requests.build_card(request, Progress(counts={}), TEAM), request_id)


def card_title(request_id: int) -> str:
    """Return the title that stands over a request's card."""
    title: str = requests.build_card(a_request(id=request_id), Progress(counts={}), TEAM).blocks[0]["text"]["text"]
    return title


def wrote(user_id: str) -> str:
    """Return the line above a requester's message on the card."""
    blocks = requests.build_card(a_request(requester_id=user_id), Progress(counts={}), TEAM).blocks
    (at,) = (at for at, block in enumerate(blocks) if "rich_text_quote" in str(block))
    return words_in(blocks[at - 1 : at])


def who(request_id: int) -> str:
    """Return how an approver is told who the recipients are."""
    return people.build_who(a_request(id=request_id), [], TEAM).text


#: What warns of somebody with the same name, without the name.
NAMESAKE: Final = words_in(people.namesake_warning(a_request(recipients=(a_recipient(has_namesake=True),)))).rpartition(
    "\n: "
)[2]


def receipt(request_id: int) -> str:
    """Return how the requester's receipt of a request begins."""
    return beginning(lambda request: requests.build_receipt(request, Progress(counts={})), request_id)


def decision(status: RequestStatus) -> str:
    """Return what a card and a receipt say of every decision of this kind."""
    decided = (a_request(status=status, decided_by=by, decided_at=NOON) for by in (ALEX, ADA))
    return common(*map(requests.decision_text, decided))


#: How far a request of one order is, once it is placed, once its reward is delivered, and once it has failed.
ORDER_PLACED: Final = requests.progress_text(Progress(counts={OrderStatus.ACCEPTED: 1}))
ORDER_DELIVERED: Final = requests.progress_text(Progress(counts={OrderStatus.ACCEPTED: 1}, delivered=1))
ORDER_FAILED: Final = requests.progress_text(Progress(counts={OrderStatus.FAILED: 1}))


def settled(request_id: int, people: int = 1) -> str:
    """Tell the requester that the last order of a request for so many people is done."""

    def build(request: Request) -> Message:
        numbers = [order_number(request.id, place if people > 1 else 0) for place in range(1, people + 1)]
        progress = Progress(counts={OrderStatus.ACCEPTED: people}, numbers=numbers)
        details = replace(request.details, delivery=Delivery.EMAIL if request.message else Delivery.MESSAGE)
        return requests.build_settled(
            replace(request, recipients=request.recipients * people, details=details), progress
        )

    return of_requests(build, request_id)


def decided(request_id: int, status: RequestStatus) -> str:
    """Tell the requester what was decided."""
    return of_requests(lambda request: requests.build_decision(replace(request, status=status), None), request_id)


#: How the message begins that tells the requester that all orders of a request are done.
SETTLED: Final = begins(
    *(
        requests.build_settled(
            a_request(recipients=(a_recipient(),) * people),
            Progress(counts={OrderStatus.ACCEPTED: people}, numbers=[str(people)]),
        ).text
        for people in (1, 2)
    )
)

#: Where a request stands that nobody has decided.
WAITS_FOR_APPROVER: Final[str] = requests.build_receipt(a_request(), Progress(counts={})).blocks[-2]["text"]["text"]


def _expired(request: Request) -> Message:
    return requests.build_decision(replace(request, status=RequestStatus.EXPIRED, decided_by=None), None)


#: The requester hears that nobody has decided; and how card and receipt say it.
EXPIRED: Final = of_requests(_expired)
DECIDED_EXPIRED: Final = requests.decision_text(a_request(status=RequestStatus.EXPIRED, decided_at=NOON)).rpartition(
    ": "
)[2]


def _changed(request: Request) -> Message:
    code = ObstacleCode.LEFT if request.message else ObstacleCode.ADDRESS
    found = tuple(Obstacle(code, one.user_id) for one in request.recipients)
    return requests.build_changed(replace(request, obstacles=found))


#: The requester hears that something stands against a request by now.
CHANGED: Final = of_requests(_changed)


def decline_form(request_id: int) -> str:
    """Return how the form for the reason names the request."""

    def build(request: Request) -> Message:
        return Message(build_decline_form(request)["blocks"][0]["text"]["text"])

    return of_requests(build, request_id)
