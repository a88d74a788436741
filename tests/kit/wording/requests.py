"""Requests: the card, the receipt, the decision, and their numbers."""

from dataclasses import replace
from typing import Any, Final

from bot.domain import approval
from bot.domain.money import Money
from bot.domain.order import OrderStatus
from bot.domain.progress import Progress
from bot.domain.request import Delivery, Request, RequestStatus
from bot.domain.review import Obstacle, ObstacleCode
from handlers.views import details, people, receipts, requests
from handlers.views.approval import approved_text
from handlers.views.blocks import Message
from handlers.views.decisions import build_decline_form
from handlers.views.headline import decided_by_text, headline_of
from handlers.views.states import UNDELIVERED
from handlers.views.undo import undone_by_text
from tests.kit.factories import ALEX, NOON, TEAM, a_recipient, a_request
from tests.kit.wording.common import begins, common, of_requests, words_in


def card(request_id: int) -> str:
    """Return how the text of a pending request's card ends, as notifications show it."""
    return of_requests(lambda request: requests.build_card(request, Progress(counts={}), TEAM), request_id)


#: What every card says, whatever became of the request.
CARD: Final = common(
    *(
        requests.build_card(request, Progress(counts={}), TEAM).text
        for request in (a_request(), a_request(recipients=(a_recipient(),) * 2, status=RequestStatus.WITHDRAWN))
    )
)


def card_title(request_id: int) -> str:
    """Return the beginning of the small line with the number of a request, on its card."""
    line: str = requests.build_card(a_request(id=request_id), Progress(counts={}), TEAM).blocks[-1]["elements"][0][
        "text"
    ]
    return line.partition("<")[0]


def wrote(name: str) -> str:
    """Return the line above a requester's message on the card."""
    blocks = requests.build_card(a_request(requester_name=name), Progress(counts={}), TEAM).blocks
    (at,) = (at for at, block in enumerate(blocks) if "rich_text_quote" in str(block))
    return words_in(blocks[at - 1 : at])


def _details(request: Request) -> Message:
    return details.build_card_details(details.CardDetails(request=request), TEAM)


#: Tell an approver alone what stands behind *Details*.
CARD_DETAILS: Final = of_requests(_details)


#: What warns of somebody with the same name, without the name.
NAMESAKE: Final = words_in(people.namesake_warning(a_request(recipients=(a_recipient(has_namesake=True),)))).rpartition(
    "\n"
)[2]


def receipt(request_id: int) -> str:
    """Return how the text of a pending request's receipt ends."""
    said = of_requests(lambda request: receipts.build_receipt(request, Progress(counts={})), request_id)
    return said.rpartition("\n")[2]


def decision(status: RequestStatus) -> str:
    """Return what a card and a receipt say of every decision of this kind, before who decided."""
    return decided_by_text(_approved(status=status)).partition(" <@")[0]


#: What card and receipt say of what a rule approved.
BY_RULE: Final = approved_text(a_request(decided_by=approval.BY_RULE))


def standing(progress: Progress) -> str:
    """Return what card and receipt say of the orders of an approved request, without the decision and the names."""
    one, other = (headline_of(request, progress) for request in _two_approved())
    return one.first if one.first != _APPROVED else f"· {begins(one.more, other.more)}"


def _approved(**facts: Any) -> Request:
    return a_request(**({"status": RequestStatus.APPROVED, "decided_by": ALEX, "decided_at": NOON} | facts))


def _two_approved() -> tuple[Request, Request]:
    other = a_recipient(first_name="Zoë", last_name="Quist")
    return _approved(), _approved(recipients=(other,), reward_name="Xylophone Hut", amount=Money(7_31, "EUR"))


_APPROVED: Final = headline_of(_approved(), Progress(counts={})).first

#: How far a request of one order is, once it is sent, once its reward is delivered, and once it has failed.
ORDER_PLACED: Final = standing(Progress(counts={OrderStatus.ACCEPTED: 1}))
ORDER_DELIVERED: Final = standing(Progress(counts={OrderStatus.ACCEPTED: 1}, delivered=1))
ORDER_FAILED: Final = standing(Progress(counts={OrderStatus.FAILED: 1}))

#: How card, receipt and list say that Kudos could not give the reward to its recipient.
ORDER_UNDELIVERED: Final = UNDELIVERED.word


def sent(delivery: Delivery = Delivery.EMAIL, people: int = 1) -> str:
    """Return what the receipt says of every request for so many people, once all is sent."""
    progress = Progress(counts={OrderStatus.ACCEPTED: people})
    two = (
        replace(one, recipients=one.recipients * people, details=replace(one.details, delivery=delivery))
        for one in _two_approved()
    )
    one, other = (receipts.build_receipt(request, progress).blocks[0]["text"]["text"] for request in two)
    return begins(one, other).replace("*", "")


#: What the receipt begins with once all is sent, and once Kudos has delivered it.
SENT: Final = begins(sent(), sent(Delivery.MESSAGE))
DELIVERED: Final = begins(
    *(
        receipts.build_receipt(request, Progress(counts={OrderStatus.ACCEPTED: 1}, delivered=1)).text
        for request in _two_approved()
    )
)


def _decided(status: RequestStatus) -> str:
    return of_requests(lambda request: receipts.build_decision(replace(request, status=status)))


#: The requester hears that the request was declined, or that nobody has decided.
DECLINED: Final = _decided(RequestStatus.DECLINED)
EXPIRED: Final = _decided(RequestStatus.EXPIRED)

#: How card and receipt say that nobody has decided.
DECIDED_EXPIRED: Final = headline_of(a_request(status=RequestStatus.EXPIRED, decided_at=NOON), Progress(counts={})).more


#: Where a request stands that nobody has decided.
WAITS_FOR_APPROVER: Final[str] = (
    receipts.build_receipt(a_request(), Progress(counts={})).blocks[0]["text"]["text"].rpartition("* ")[2]
)


def _changed(request: Request) -> Message:
    code = ObstacleCode.LEFT if request.message else ObstacleCode.ADDRESS
    found = tuple(Obstacle(code, one.user_id) for one in request.recipients)
    return receipts.build_changed(replace(request, obstacles=found))


#: The requester hears that something stands against a request by now.
CHANGED: Final = of_requests(_changed)


def undone(by: str) -> str:
    """Return how card and receipt say who undid the approval."""
    return undone_by_text(_approved(undone_by=by))


def undone_told(by: str) -> str:
    """Return how the requester hears that an approver has undone the approval."""
    return of_requests(lambda request: receipts.build_approval_undone(replace(request, undone_by=by)))


def decline_form(request_id: int) -> str:
    """Return the small line with the number of the request in the form for the reason."""

    return words_in(build_decline_form(a_request(id=request_id))["blocks"][-1:])
