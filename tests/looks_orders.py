"""The pictures of single orders: their details, what is answered about them, and what their people hear of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.attempt import Attempt, AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.inquiry import Inquiry, InquiryFinding
from bot.domain.order import Order, OrderStatus
from bot.domain.problem import Problem, TangoKey
from bot.domain.queue import HaltCause, ProbeAnswer, QueueState
from bot.domain.request import Delivery, Details, RequestStatus
from bot.domain.resend import Resend, ResendStatus
from bot.domain.search import EVERYTHING
from bot.errors import SearchNotUnderstood
from bot.faults import SearchFault
from bot.sandbox.slack import people
from bot.tango.models import OrderDetail
from bot.tango.queries import OrderSummary
from bot.usecases.cards import CardPosting
from bot.usecases.orders import OrderStory
from bot.usecases.reminders import Asking
from bot.usecases.search_pages import Found, TangoPage
from handlers.views import addresses, cards, catalog, delivery, inquiry, orders, queue, reminders, resend, search
from handlers.views.blocks import Message
from storage import AuditEntry
from tests.looks_facts import HOUSE, NOW, TEAM, Look, asked, decided, sent, waits

_MINUTE: Final = timedelta(minutes=1)

RUNNING: Final = QueueState(next_start_at=NOW, halted_at=None, halt_cause=None, probes=0, probe_at=None)
HALTED: Final = QueueState(
    next_start_at=NOW,
    halted_at=NOW,
    halt_cause=HaltCause.INSUFFICIENT_FUNDS,
    probes=1,
    probe_at=NOW + 5 * _MINUTE,
    i18n_key="402.001",
    tango_request_id="6fd50096-c773-419d-b78d-b46f568e6ea9",
)

NEEDS: Final = waits(status=OrderStatus.NEEDS_ATTENTION, problem=Problem.DIFFERS, problem_detail="amount")
_FAILED: Final = waits(status=OrderStatus.FAILED, problem=TangoKey("422.028"), finalized_at=NOW)
_LOST: Final = waits(status=OrderStatus.NEEDS_ATTENTION, problem=Problem.UNCLEAR_ALONE, attempts=5)

_KIMS: Final = waits(
    place=2,
    recipient=TEAM[1],
    status=OrderStatus.NEEDS_ATTENTION,
    problem=Problem.DIFFERS,
)

#: A word with a slip of the pen, an order that another program made, and both in Tango's list.
_TYPO: Final = SearchNotUnderstood(SearchFault.UNKNOWN, "faild", known=["failed"])
_ELSEWHERE: Final = OrderDetail.model_validate(
    {
        "referenceOrderID": "RA260314-1401-64",
        "recipient": {"firstName": "Zoe", "lastName": "Moss", "email": "zoe@acme.example"},
        "sender": {"firstName": "Human", "lastName": "Resources"},
        "rewardName": "Reward Link",
        "denomination": {"value": 50, "currencyCode": "USD"},
        "amountCharged": {"value": 50, "total": 51.5, "fee": 1.5, "currencyCode": "USD"},
        "status": "COMPLETE",
        "sendEmail": True,
        "campaign": "Welcome",
        "createdAt": NOW.isoformat(),
    }
)
_AT_TANGO: Final = TangoPage(
    found=[
        Found(OrderSummary.model_validate({"referenceOrderID": "RA260314-1401-65", "status": "COMPLETE"}), sent()),
        Found(OrderSummary.model_validate(_ELSEWHERE.model_dump(by_alias=True)), None),
    ],
    count=2,
    next_skip=None,
    everyone=True,
)


def order_looks() -> Iterator[Look]:
    """Yield the pictures."""
    yield Look(
        name="resend-list",
        title="Sending an email again: the rewards of a request",
        reader="maya",
        messages=list(_offered()),
    )
    yield Look(name="order", title="Details of an order", reader="maya", messages=list(_details()))
    yield Look(
        name="order-admin",
        title="Details of an order, for an admin",
        reader="ada",
        messages=[
            orders.build_order_detail(_story(NEEDS, by_admin=True, outcome=AttemptOutcome.AMBIGUOUS)),
            orders.build_order_detail(_story(_LOST, by_admin=True, inquiry=_asked_tango(InquiryFinding.ABSENT))),
        ],
    )
    yield Look(name="order-answers", title="What is answered about an order", reader="ada", messages=list(_answers()))
    yield Look(
        name="found",
        title="What a search finds",
        reader="maya",
        messages=[
            search.build_request_found(asked(), [], people.MAYA),
            search.build_request_found(decided(RequestStatus.APPROVED), [sent(place=1), _KIMS], people.MAYA),
            orders.build_public_order(sent()),
            search.build_not_understood(_TYPO, "{}"),
            search.build_tango_page(_AT_TANGO, EVERYTHING, search.PageButtons(same="{}"), viewer_id=people.MAYA),
            search.build_elsewhere(_ELSEWHERE),
        ],
    )
    yield Look(
        name="card-answers",
        title="What is answered about a card",
        reader="alex",
        messages=[
            cards.build_pending([asked(id=9), asked()], people.TEAM_ID, approved=decided(RequestStatus.APPROVED)),
            addresses.build_address(asked(details=Details(delivery=Delivery.POST, address=HOUSE))),
            cards.build_posting_again(CardPosting(asked(), begun=True)),
            cards.build_moved_card(asked(), "https://acme.example/archives/C1/p1"),
            cards.build_closed_card(asked()),
            reminders.build_asking(Asking(asked(), people.SAM, ())),
        ],
    )


def _offered() -> Iterator[Message]:
    """Yield the rewards of a request of which some were emailed, and of one that are given by message."""
    rob, kim, li, ana = TEAM
    some = [
        sent(place=1, recipient=rob),
        sent(place=2, recipient=kim),
        replace(_FAILED, place=3, recipient=li),
        waits(place=4, recipient=ana),
    ]
    yield resend.build_resend_choice(decided(RequestStatus.APPROVED, recipients=TEAM), some)
    by_message = {"request_id": 9, "delivery": Delivery.MESSAGE, "last_sent_at": None}
    none = [sent(place=place, recipient=one, **by_message) for place, one in enumerate((rob, kim), start=1)]
    yield resend.build_resend_choice(decided(RequestStatus.APPROVED, id=9, recipients=(rob, kim)), none)


def _details() -> Iterator[Message]:
    yield orders.build_order_detail(
        _story(sent(), outcome=AttemptOutcome.ACCEPTED, resends=[_resend(ResendStatus.SENT)])
    )
    yield orders.build_order_detail(_story(waits(), queue=HALTED))
    yield orders.build_order_detail(_story(waits(attempts=1, outcome_unknown=True), outcome=AttemptOutcome.AMBIGUOUS))
    yield orders.build_order_detail(_story(_FAILED, outcome=AttemptOutcome.REJECTED))


def _answers() -> Iterator[Message]:
    yield inquiry.build_inquiring(NEEDS)
    for finding in (InquiryFinding.SAME, InquiryFinding.ABSENT, InquiryFinding.TOO_SOON, InquiryFinding.UNANSWERED):
        order = sent() if finding is InquiryFinding.SAME else _LOST
        yield inquiry.build_inquiry_finished(order, _asked_tango(finding), None)
    yield resend.build_resending(sent(), people.ADA)
    for status in (ResendStatus.SENT, ResendStatus.REFUSED, ResendStatus.AMBIGUOUS):
        yield resend.build_resend_finished(sent(), _resend(status), 12, to_admin=True)
    yield delivery.build_delivering(sent())
    yield delivery.build_asking(sent())
    yield queue.build_probing(ProbeAnswer.TRYING)
    yield queue.build_probed(RUNNING)
    yield queue.build_probed(HALTED)
    yield queue.build_past_hold()
    yield catalog.build_refreshed(240)


def _story(
    order: Order,
    *,
    outcome: AttemptOutcome | None = None,
    by_admin: bool = False,
    queue: QueueState = RUNNING,
    resends: Sequence[Resend] = (),
    **facts: Any,
) -> OrderStory:
    ends = {
        OrderStatus.ACCEPTED: AuditEvent.ORDER_ACCEPTED,
        OrderStatus.FAILED: AuditEvent.ORDER_FAILED,
        OrderStatus.NEEDS_ATTENTION: AuditEvent.ORDER_NEEDS_ATTENTION,
    }
    events = [
        (NOW, AuditEvent.REQUEST_FILED, people.MAYA),
        (NOW + _MINUTE, AuditEvent.REQUEST_APPROVED, people.ALEX),
        (NOW + _MINUTE, AuditEvent.ORDER_QUEUED, None),
    ]
    if order.status in ends:
        events.append((NOW + 2 * _MINUTE, ends[order.status], None))
    return OrderStory(
        order=order,
        request=decided(RequestStatus.APPROVED),
        story=[AuditEntry(at=at, event=event, actor=actor, facts={}) for at, event, actor in events],
        attempts=[_attempt(outcome, NOW + 2 * _MINUTE)] if outcome else [],
        resends=resends,
        ahead=2,
        queue=queue,
        by_admin=by_admin,
        seconds_to_resend=0,
        **facts,
    )


def _attempt(outcome: AttemptOutcome, at: datetime) -> Attempt:
    status, key, detail = {
        AttemptOutcome.ACCEPTED: (201, None, None),
        AttemptOutcome.REJECTED: (422, "422.028", None),
        AttemptOutcome.AMBIGUOUS: (None, None, "timeout"),
    }[outcome]
    return Attempt(
        started_at=at,
        finished_at=at,
        outcome=outcome,
        http_status=status,
        i18n_key=key,
        tango_request_id="6fd50096-c773-419d-b78d-b46f568e6ea9",
        detail=detail,
    )


def _resend(status: ResendStatus) -> Resend:
    return Resend(
        id=1,
        order_id=1,
        requested_by=people.MAYA,
        requested_at=NOW + 5 * _MINUTE,
        previous_sent_at=NOW,
        status=status,
        i18n_key="429.001" if status is ResendStatus.REFUSED else None,
        http_status=429 if status is ResendStatus.REFUSED else None,
    )


def _asked_tango(finding: InquiryFinding) -> Inquiry:
    at = NOW + 5 * _MINUTE
    return Inquiry(
        id=1, order_id=1, requested_at=at, requested_by=people.ADA, asked_at=at, finished_at=at, finding=finding
    )
