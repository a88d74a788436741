"""Every view and message that the bot can make, in every state and at its longest, within Slack's limits.

A builder without a case here fails a test, so that the table cannot fall behind the code.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import product
from types import ModuleType
from typing import Any, Final

import pytest

import handlers.views
from bot.domain.alerts import AuditHeadTold, BalanceLow, EmailsUnseen, ListsDiffer
from bot.domain.approval import BY_RULE, ApprovalRule, Policy, Route
from bot.domain.attempt import Attempt, AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.balance import AccountBalance
from bot.domain.batch import Batch, Column, InvalidBatch, RowFault
from bot.domain.budget import Budget, BudgetUsed, Drawn, Limits, Per, Room
from bot.domain.catalog import Catalog, RewardKind
from bot.domain.charge import Charge
from bot.domain.days import Period
from bot.domain.email_failure import EmailFailure
from bot.domain.inquiry import Inquiry, InquiryFinding
from bot.domain.insight import Cover, Insight, Month
from bot.domain.money import Money
from bot.domain.occasion import Occasion
from bot.domain.order import Order, OrderStatus
from bot.domain.problem import HttpStatus, OrderProblem, Problem, TangoKey
from bot.domain.progress import Progress
from bot.domain.queue import PAUSED, HaltCause, ProbeAnswer, QueueState
from bot.domain.report import Report, ReportBy, ReportRow
from bot.domain.report_words import ReportNotUnderstood
from bot.domain.request import Address, Delivery, Details, Recipient, Repeated, Request, RequestStatus
from bot.domain.resend import Resend, ResendStatus
from bot.domain.review import Obstacle, ObstacleCode
from bot.domain.search import EVERYTHING, OrderSearch
from bot.errors import SearchNotUnderstood
from bot.faults import Fault, FaultCode, SearchFault
from bot.sandbox.slack.blockkit import BLOCKS_TEXT, UPDATED_TEXT, length_of, message_problems, view_problems
from bot.tango.limits import RESULT_WINDOW
from bot.tango.models import OrderDetail, TangoReward
from bot.tango.queries import OrderSummary
from bot.usecases.batches import Preview
from bot.usecases.cards import CardPosting
from bot.usecases.delivery import Gift
from bot.usecases.home import MOST_ATTENTION, MOST_ORDERS, MOST_PENDING, MOST_RECEIVED, MOST_WAITING, HomeFacts, Sending
from bot.usecases.orders import MOST_AHEAD, OrderStory
from bot.usecases.present import Present
from bot.usecases.reminders import Asking
from bot.usecases.reports import Payroll
from bot.usecases.resend import MOST_OFFERED, Mailed
from bot.usecases.search_pages import MOST_COUNTED, Found, OwnPage, TangoPage
from handlers import CLICKS
from handlers.ids import Action, Command
from handlers.views import (
    addresses,
    alerts,
    batch,
    batch_receipt,
    batch_rows,
    budgets,
    cancel,
    cards,
    catalog,
    charges,
    decisions,
    delivery,
    details,
    email_failures,
    filters,
    form_notes,
    forms,
    help,  # noqa: A004 (the module is called so)
    home,
    inquiry,
    orders,
    people,
    queue,
    receipts,
    reminders,
    report,
    requests,
    resend,
    schedule,
    search,
    thanks,
    undelivered,
)
from handlers.views.blocks import Message, clip, escape
from storage import AuditEntry
from tests.kit.factories import (
    ADA,
    ALEX,
    MAYA,
    NOON,
    ROB,
    TEAM,
    a_batch,
    a_person,
    a_present,
    a_recipient,
    a_request,
    a_reward,
    an_order,
    an_other_reward,
)
from tests.kit.wording import words_in

Json = dict[str, Any]

#: What a person types to ping everyone, to mention somebody, and to show a link under a harmless word.
HOSTILE: Final = "<!channel> <@U0EVIL001> <https://evil.example|your bank> & <!subteam^S0EVIL001>"
_RAW: Final = re.compile(r"<!(?!date\^)|<@U0EVIL|<https?:|<mailto:|&(?!amp;|lt;|gt;)")

#: What a button may carry: an id, a word of ours, Tango's number, or a page's search.
_VALUE: Final = re.compile(r"[A-Za-z0-9-]{1,100}|\{.*\}")

#: As long as each can be: Tango's names have 100 characters each, its details 500, Slack's messages 3,000.
_LONG_NAME: Final = "&<>" * 33 + "&"
_LONG_TEXT: Final = "&" * 3_000
_LONG_DETAIL: Final = "<&>" * 166 + "&&"
#: The largest number that is read from Tango.
_HUGE: Final = Decimal("9" * 30)
_SECRET: Final = "private.address@example.com"


@dataclass(frozen=True)
class Case:
    """One thing that one builder makes."""

    name: str
    build: Callable[..., Message | Json]
    args: tuple[Any, ...] = ()
    kwargs: Any = None

    @cached_property
    def made(self) -> Message | Json:
        """What is made, once for all tests of a worker: nobody changes it."""
        return self.build(*self.args, **(self.kwargs or {}))


_ROUTE: Final = Route("C0SALES01", frozenset({ALEX}))


def _many(count: int = 30) -> tuple[Recipient, ...]:
    return tuple(
        a_recipient(
            f"U0LONG{n:04d}", first_name=_LONG_NAME, last_name=_LONG_NAME, email=f"{n}.{_SECRET}", in_channel=True
        )
        for n in range(count)
    )


def _request(longest: bool, **facts: Any) -> Request:  # noqa: FBT001 (half of a table's axis)
    usual: Json = {"recipients": (a_recipient(email=_SECRET),), "reason": "Over budget"}
    if longest:
        usual = {
            "id": 10**15 - 1,
            "requester_name": _LONG_NAME,
            "budgets": tuple(Drawn("&" * 40, each, Money(10**14, "USD")) for each in (True, False) * 10),
            "recipients": _many(),
            "reward_name": _LONG_TEXT,
            "amount": Money(999_999_99, "USD"),
            "message": _LONG_TEXT,
            "reason": "&" * 500,
            "policy": Policy(_ROUTE, ApprovalRule.SECOND_ABOVE, Money(999_999_99, "USD")),
            "first_approved_by": "U0LONG0000",
            "first_approved_at": NOON,
            "repeats": Repeated(10**15 - 2, RequestStatus.DECLINED),
            "other_rewards": tuple(an_other_reward(one.user_id, requester_name=_LONG_NAME) for one in _many()),
            "is_uncovered": True,
        }
    decided = facts.get("status", RequestStatus.PENDING_APPROVAL) is not RequestStatus.PENDING_APPROVAL
    if decided:
        usual |= {"decided_by": ALEX, "decided_at": NOON}
    return a_request(**(usual | facts))


def _order(longest: bool, **facts: Any) -> Order:  # noqa: FBT001 (the same)
    usual: Json = {"recipient": a_recipient(email=_SECRET)}
    if longest:
        usual = {
            "id": 10**15 - 1,
            "recipient": _many(1)[0],
            "reward_name": _LONG_TEXT,
            "amount": Money(999_999_99, "USD"),
            "charge": Charge(total=_HUGE, currency="&" * 60, value=_HUGE, fee=_HUGE, rate=_HUGE),
            "tango_status": _LONG_DETAIL,
            "reference_order_id": "R" * 100,
            "external_ref_id": "f" * 32,
            "problem_detail": _LONG_DETAIL,
        }
    return an_order(**(usual | facts))


#: As long as Tango takes it.
_HOUSE: Final = Address(
    street_line1="&" * 35,
    street_line2="&" * 35,
    city="&" * 30,
    state_or_province="&" * 35,
    postal_code="&" * 20,
    country="UM",
)
_STATES: Final = [status.value for status in RequestStatus]
_CHARGES: Final = [Charge(total=_HUGE, currency=currency, fee=_HUGE) for currency in ("USD", "EUR", "USD")]
_PROGRESS: Final = (
    Progress(counts={OrderStatus.ACCEPTED: 3}, charges=_CHARGES),
    Progress(counts={}),
    Progress(counts={OrderStatus.QUEUED: 1}),
    Progress(counts={OrderStatus.ACCEPTED: 1}),
    Progress(counts={OrderStatus.ACCEPTED: 1}, unfinished=1),
    Progress(counts={OrderStatus.ACCEPTED: 1}, delivered=1),
    Progress(counts={OrderStatus.ACCEPTED: 1}, undelivered=[a_recipient().external_ref_id]),
    Progress(
        counts=dict.fromkeys(OrderStatus, 5),
        unfinished=2,
        delivered=3,
    ),
)
_PROBLEMS: Final[tuple[OrderProblem | None, ...]] = (
    None,
    *Problem,
    HttpStatus(404),
    TangoKey("404.123"),
    TangoKey("x" * 100),
)
_OUTCOMES: Final = (None, *AttemptOutcome)
_RUNNING: Final = QueueState(next_start_at=NOON, halted_at=None, halt_cause=None, probes=0, probe_at=None)
_HOLD: Final = queue.Hold(HaltCause.OUTAGE)
_HALTED: Final = QueueState(next_start_at=NOON, halted_at=NOON, halt_cause="x", probes=1, probe_at=NOON)


def _both(name: str) -> Iterator[tuple[str, bool]]:
    yield name, False
    yield f"{name}, longest", True


def _rooms(longest: bool) -> list[Room]:  # noqa: FBT001 (half of a table's axis)
    names = ["&" * 40] * 20 if longest else ["Team leads"]
    budgets = [
        Budget(name=name, senders=frozenset({"*"}), each=each, amount=Money(10**14, "USD"), per=Per.YEAR)
        for name in names
        for each in (True, False)
    ]
    return [Room(budget=one, period=one.period(24_320), used=Money(10**13, "USD")) for one in budgets]


def _forms() -> Iterator[Case]:
    rewards = [a_reward(utid=f"U{n:06d}", name=_LONG_TEXT, brand=_LONG_NAME, whole=True) for n in range(101)]
    typed: Json = {
        "recipients": [f"U0LONG{n:04d}" for n in range(60)],
        "amount": "9" * 3_000,
        "message": "&" * 3_500,
        "country": "US",
        "expires_on": NOON.date(),
        "tell_delivered": True,
        "texts": {block.value: "&" * 3_500 for block in forms.TEXTS},
    }
    for count in (1, 100, 101):
        args = (
            forms.FormState(),
            forms.FormFacts(catalog=Catalog(rewards[:count]), review=form_notes.review_text(["U0LONG0000"] * 60)),
        )
        yield Case(f"{count} rewards, empty", forms.build_request_form, args)
    fixed = a_reward(name=_LONG_TEXT, fixed=25_00)
    chosen = [None, fixed, *(a_reward(name=_LONG_TEXT, kind=kind) for kind in RewardKind)]
    for reward, more, by_message in product(chosen, (False, True), (False, True)):
        what = reward and (reward.fixed or reward.kind)
        for name, longest in _both("filled in"):
            filled: Json = typed if longest else {}
            state = forms.FormState(reward=reward, more=more, by_message=by_message, **filled)
            args = (
                state,
                forms.FormFacts(
                    catalog=Catalog(rewards),
                    review=form_notes.review_text(["U0LONG0000"] * 3),
                    thanks_channel="C0LONG000",
                    rooms=_rooms(longest),
                    limits=Limits(per_reward={"USD": Money(10**14, "USD")}),
                    occasions=[Occasion(f"{number:&>40}", is_taxable=True) for number in range(100)],
                ),
            )
            yield Case(f"{what}, {more}, {by_message}, {name}", forms.build_request_form, args)
    for name, longest in _both("decline"):
        yield Case(name, decisions.build_decline_form, (_request(longest),))
    yield Case("short", decisions.build_notice, ("Done.",))
    for offered in (0, 1, 10**6):
        yield Case(f"{offered}", catalog.build_refreshed, (offered,))
    yield Case("longest", decisions.build_notice, (_LONG_TEXT * 2,))


def _about_requests() -> Iterator[Case]:
    for status in RequestStatus:
        for name, longest in _both(status.value):
            request = _request(longest, status=status)
            for n, progress in enumerate(_PROGRESS):
                yield Case(f"{name} {n}", requests.build_card, (request, progress, TEAM))
                yield Case(f"{name} {n}", receipts.build_receipt, (request, progress))
                yield Case(f"{name} {n}, held", requests.build_card, (request, progress, TEAM, _HOLD))
                yield Case(f"{name} {n}, held", receipts.build_receipt, (request, progress, _HOLD))
            by_workflow = replace(request, recipients=request.recipients[:1], by_workflow=True)
            yield Case(f"{name}, by workflow", requests.build_card, (by_workflow, _PROGRESS[0], TEAM))
            yield Case(f"{name}, by workflow", receipts.build_receipt, (by_workflow, _PROGRESS[0]))
            about = details.CardDetails(request=by_workflow)
            yield Case(f"{name}, by workflow", details.build_card_details, (about, TEAM))
            posted = replace(request, details=Details(delivery=Delivery.POST, address=_HOUSE))
            look = a_reward(picture="https://images.example/b.png", disclaimer=HOSTILE * 50, brand=HOSTILE)
            yield Case(f"{name}, posted", requests.build_card, (posted, _PROGRESS[0], TEAM, None, look))
            yield Case(f"{name}, posted", receipts.build_receipt, (posted, _PROGRESS[0]))
            yield Case(name, addresses.build_address, (posted,))
            for count in (0, 1, 30):
                became = [_order(longest, id=10**14 + 2 * n, status=list(OrderStatus)[n % 6]) for n in range(count)]
                yield Case(f"{name}, {count}", search.build_request_found, (request, became, MAYA))
                mailed = [replace(order, status=OrderStatus.ACCEPTED, last_sent_at=NOON) for order in became]
                if count > 1:
                    yield Case(f"{name}, {count}", resend.build_resend_choice, (request, became))
                    yield Case(f"{name}, {count}, mailed", resend.build_resend_choice, (request, mailed))
            if status in (RequestStatus.DECLINED, RequestStatus.EXPIRED):
                yield Case(name, receipts.build_decision, (request,))
    for name, longest in _both("changed"):
        request = _request(longest)
        outsiders = [Obstacle(ObstacleCode.OUTSIDER, one.user_id) for one in request.recipients]
        changed = replace(request, obstacles=(*outsiders, Obstacle(ObstacleCode.REWARD_AMOUNT)))
        yield Case(name, requests.build_card, (changed, _PROGRESS[0], TEAM))
        yield Case(name, receipts.build_receipt, (changed, _PROGRESS[0]))
        yield Case(name, receipts.build_changed, (changed,))
    for name, longest in _both("undone"):
        undone = _request(longest, status=RequestStatus.APPROVED, undone_by=ALEX)
        waiting = Progress(counts={OrderStatus.QUEUED: len(undone.recipients)}, undo_until=NOON)
        yield Case(f"{name} not yet", requests.build_card, (replace(undone, undone_by=None), waiting, TEAM))
        yield Case(f"{name} not yet", receipts.build_receipt, (replace(undone, undone_by=None), waiting))
        canceled = Progress(counts={OrderStatus.CANCELED: len(undone.recipients)})
        yield Case(name, requests.build_card, (undone, canceled, TEAM))
        yield Case(name, receipts.build_receipt, (undone, canceled))
        yield Case(name, receipts.build_approval_undone, (undone,))
    for name, longest in _both("reminder"):
        request = _request(longest)
        yield Case(name, reminders.build_reminder, ([request] * (200 if longest else 1),))
        yield Case(name, reminders.build_approver_asked, (request,))
        yield Case(name, reminders.build_approvers_away, (request, {f"U0LONG{n:04d}": NOON.date() for n in range(60)}))
        for asked, before in ((ALEX, []), (None, ["U0LONG0000"] * 60), (None, [])):
            yield Case(name, reminders.build_asking, (Asking(request, asked, before),))
    yield Case("away", reminders.build_away_form, ())
    yield Case("changed back", receipts.build_changed, (_request(False),))
    for name, longest in _both("who"):
        request = _request(longest)
        profiles = [
            a_person(one.user_id, name=one.name, title=_LONG_TEXT, handle="x" * 80, email=f"{'x' * 60}@example.com")
            for one in request.recipients
        ]
        insight = Insight(
            month=Month(rewards=10**6, totals=[Money(10**14, currency) for currency in ("USD", "EUR", "CAD")]),
            rewards={one.user_id: [_order(longest)] * 3 for one in request.recipients[:5]},
            cover=Cover(balance=Money(10**14, "CAD"), at=NOON, waiting=Money(1, "CAD"), left=Money(-(10**14), "CAD")),
        )
        shown = details.CardDetails(request=request, people=profiles, insight=insight)
        yield Case(name, details.build_card_details, (shown, TEAM))
    for name, longest in _both("cards"):
        request = _request(longest)
        for begun in (False, True):
            yield Case(f"{name}, {begun}", cards.build_posting_again, (CardPosting(request, begun=begun),))
        for link in (None, f"https://acme.slack.com/archives/C0/{'p' * 100}"):
            yield Case(f"{name}, {link}", cards.build_moved_card, (request, link))
            yield Case(f"{name}, {link}", cards.build_moved_receipt, (request, link))
        yield Case(name, cards.build_closed_card, (request,))
        for count in (0, 1, cards.MOST_PENDING, cards.MOST_PENDING + 1):
            for approved in (None, request):
                listed, more = ([request] * count, TEAM), {"approved": approved}
                yield Case(f"{name}, {count}, {bool(approved)}", cards.build_pending, listed, more)
    for (name, longest), code in product(_both("undelivered"), ("not_in_channel", "never_heard_of", _LONG_TEXT)):
        for status in (RequestStatus.PENDING_APPROVAL, RequestStatus.APPROVED):
            args = (_request(longest, status=status), code)
            yield Case(f"{name}, {status}, {code[:9]}", undelivered.build_card_refused, args)
        yield Case(f"{name}, {code[:9]}", undelivered.build_requester_untold, (_request(longest), code))
        yield Case(f"{name}, {code[:9]}", thanks.build_thanks_refused, (_request(longest), code))
        yield Case(f"{name}, {code[:9]}", undelivered.build_approver_untold, (_request(longest), ALEX, code))
        yield Case(f"{name}, {code[:9]}", undelivered.build_recipient_untold, (_order(longest), code))
    for name, longest in _both("thanks"):
        yield Case(name, thanks.build_thanks, (_request(longest), _request(longest).recipients))
    for rule in ApprovalRule:
        ruled = _request(False, policy=Policy(_ROUTE, rule, Money(25_00, "USD")))
        by_rule = replace(ruled, status=RequestStatus.APPROVED, decided_by=BY_RULE, decided_at=NOON)
        for n, request in enumerate((ruled, by_rule)):
            yield Case(f"{rule} {n}", requests.build_card, (request, _PROGRESS[0], TEAM))
            yield Case(f"{rule} {n}", receipts.build_receipt, (request, _PROGRESS[0]))
            yield Case(f"{rule} {n}", search.build_request_found, (request, [], MAYA))
    nobody = _request(False, status=RequestStatus.EXPIRED, decided_by=None)
    yield Case("by time", requests.build_card, (nobody, _PROGRESS[0], TEAM))
    yield Case("by time", receipts.build_decision, (nobody,))
    holds = (queue.Hold("unheard_of"), *(queue.Hold(cause, admins_know=True) for cause in (*HaltCause, PAUSED)))
    for hold in holds:
        for name, longest in _both(f"{hold}"):
            held = (_request(longest, status=RequestStatus.APPROVED), Progress(counts={OrderStatus.QUEUED: 1}))
            yield Case(name, requests.build_card, (*held, TEAM, hold))
            yield Case(name, receipts.build_receipt, (*held, hold))


def _home_facts(longest: bool, waiting: int, state: QueueState) -> HomeFacts:  # noqa: FBT001 (half of a table's axis)
    request, order = _request(longest), _order(longest, last_sent_at=NOON)
    listed = [_order(longest, status=OrderStatus.NEEDS_ATTENTION)] * MOST_ATTENTION
    return HomeFacts(
        sends=True,
        decides=True,
        is_unconfirmed=longest,
        admins=[f"U0ADMIN{n}" for n in range(9)],
        waiting=[request] * waiting,
        pending=[request] * MOST_PENDING,
        orders=[_order(longest, status=status) for status in OrderStatus][:MOST_ORDERS],
        received=[replace(order, delivery=kind) for kind in (*Delivery, *Delivery)][:MOST_RECEIVED],
        sending=Sending(
            queue=state,
            waiting=10**6,
            attention=10**6,
            listed=listed,
            per_second=50,
            balance=(_HUGE, "&" * 60),
            funds=AccountBalance(
                held=Money(10**14, "USD"), told_at=NOON, spent=Money(1, "USD"), spent_at=NOON, below_since=NOON
            ),
        ),
        rooms=_rooms(longest),
    )


def _on_home() -> Iterator[Case]:
    for state, waiting in product((_RUNNING, _HALTED), (0, 1, 5, 30, MOST_WAITING, MOST_WAITING + 1)):
        for name, longest in _both(f"{state.halt_cause}, {waiting}"):
            yield Case(name, home.build_home, (_home_facts(longest, waiting, state), TEAM, NOON))
    nobody = replace(
        _home_facts(False, 0, _RUNNING), sends=False, decides=False, pending=(), orders=(), received=(), sending=None
    )
    for admins in ((), ("U0ADA",), nobody.admins):
        yield Case(f"{len(admins)} to ask", home.build_home, (replace(nobody, admins=admins), TEAM, NOON))
    yield Case("none yet", home.build_home, (replace(nobody, sends=True), TEAM, NOON))
    yield Case("opening", home.build_home_opening, ())


def _about_orders() -> Iterator[Case]:
    for status, problem in product(OrderStatus, _PROBLEMS):
        for name, longest in _both(f"{status.value}, {problem}"):
            order = _order(longest, status=status, problem=problem, outcome_unknown=True)
            for by_admin in (False, True):
                yield Case(f"{name}, {by_admin}", orders.build_order_detail, (_story(order, by_admin=by_admin),))
            yield Case(name, orders.build_public_order, (order,))
            for last in (None, _attempt(AttemptOutcome.REJECTED)):
                yield Case(f"{name}, {bool(last)}", orders.build_failed, (order, last))
                yield Case(f"{name}, {bool(last)}", orders.build_needs_attention, (order, last))
    for ahead, state in product((0, 1, MOST_AHEAD), (_RUNNING, _HALTED)):
        story = replace(_story(_order(False), by_admin=True), ahead=ahead, queue=state)
        yield Case(f"waiting, {ahead}, {state.halt_cause}", orders.build_order_detail, (story,))
    for name, longest in _both("order"):
        order = _order(longest, attempts=10**6)
        yield Case(name, orders.build_still_unknown, (order,))
        yield Case(name, cancel.build_canceled, (order, MAYA))
        yield Case(name, charges.build_overcharged, (order,))
    for (name, longest), status, to_admin in product(_both("order"), [*EmailFailure, "NEVER_HEARD_OF"], (False, True)):
        order = _order(longest, status=OrderStatus.ACCEPTED)
        made = (order, status), {"to_admin": to_admin}
        yield Case(f"{name}, {status}, {to_admin}", email_failures.build_email_failed, *made)
    for percent, owner, is_over in product((80, 100), ("", MAYA), (False, True)):
        used = BudgetUsed("&" * 40, owner, percent, 10**14, 10**14, "USD", "2026-09-30", is_over)
        yield Case(f"{percent}, {owner}, {is_over}", budgets.build_budget_used, (used,))
    yield from _about_inquiries()
    yield from _about_resends()
    yield from _pages()


def _about_inquiries() -> Iterator[Case]:
    for name, longest in _both("order"):
        order = _order(longest, status=OrderStatus.NEEDS_ATTENTION)
        yield Case(f"{name}, to be closed", orders.build_order_detail, (_story(order, by_admin=True),))
        yield Case(name, inquiry.build_inquiring, (order,))
        yield Case(name, inquiry.build_sent_as_form, (order,))
        for event, actor in product(
            (AuditEvent.ORDER_ACCEPTED, AuditEvent.ORDER_RETRIED, AuditEvent.ORDER_CLOSED), (None, ADA)
        ):
            yield Case(f"{name}, {event}, {actor}", inquiry.build_attention_ended, (order, event, actor))
        for finding, number in product(InquiryFinding, (None, "R" * 100)):
            asked = _inquiry(finding, number)
            yield Case(f"{name}, {finding}, {number}", inquiry.build_inquiry_finished, (order, asked, NOON))
            yield Case(f"{name}, {finding}, {number}", orders.build_needs_attention, (order, None, asked, NOON))


def _about_resends() -> Iterator[Case]:
    for name, longest in _both("order"):
        order = _order(longest, status=OrderStatus.ACCEPTED, last_sent_at=NOON)
        yield Case(name, delivery.build_on_its_way, (a_present(order, message=HOSTILE),))
        yield Case(
            f"{name}, asked for again", delivery.build_on_its_way, (a_present(order), resend.mine_text(order, 12))
        )
        for actor in (MAYA, order.recipient.user_id):
            yield Case(f"{name}, {actor}", resend.build_resending, (order, actor))
        for became, detail, left in product(ResendStatus, (None, _LONG_DETAIL), (0, 30)):
            facts = (order, _resend(became, detail), left)
            yield Case(f"{name}, {became}, {bool(detail)}, {left}", resend.build_resend_finished, facts)
        for address in (None, f"&…@{'&' * 90}.example"):
            elsewhere = replace(_resend(ResendStatus.CLAIMED, None), readdressed=True, masked_email=address)
            yield Case(f"{name}, {bool(address)}", resend.build_readdressed, (order, elsewhere))
        for by_admin, left in product((False, True), (0, 30)):
            mailed = Mailed(order=order, seconds_left=left, by_admin=by_admin)
            yield Case(f"{name}, {by_admin}, {left}", resend.build_resend_form, (mailed,))
            yield Case(f"{name}, {by_admin}, {left}", resend.build_resend_list, ([mailed] * MOST_OFFERED,))
    yield Case("none", resend.build_resend_list, ([],))
    for left in (0, 1, 30):
        yield Case(f"{left}", resend.build_too_soon, (an_order(id=10**15 - 1), left))
    yield Case("not mailed", resend.build_not_mailed_any_more, ())


def _pages() -> Iterator[Case]:
    everything = search.PageButtons(same="{}")
    full = search.PageButtons(
        same='{"wanted":{"campaign":"x"}}', older='{"after":9}', newest="{}", at_tango='{"wanted":{"at_tango":true}}'
    )
    for everyone, count in product((False, True), (0, MOST_COUNTED + 1)):
        own = OwnPage(counts={OrderStatus.ACCEPTED: count}, everyone=everyone, is_partial=everyone)
        yield Case(
            f"none, {everyone}, {count}",
            search.build_order_page,
            (own, EVERYTHING, everything),
            {"viewer_id": MAYA, "may_send": everyone},
        )
        none = TangoPage(found=[], count=count or None, next_skip=None, everyone=everyone)
        yield Case(
            f"none, {everyone}, {count}", search.build_tango_page, (none, EVERYTHING, everything), {"viewer_id": MAYA}
        )
    for name, longest in _both("full"):
        orders_of = [_order(longest, status=list(OrderStatus)[n % 6]) for n in range(10)]
        own = OwnPage(
            orders=orders_of,
            requests=[_request(longest)] * 10,
            received=orders_of[:3],
            attention=orders_of[:5],
            counts=dict.fromkeys(OrderStatus, 100),
            undelivered=9,
            more_requests=True,
            next_before=1,
            everyone=True,
        )
        wanted = _wanted(longest)
        yield Case(name, search.build_order_page, (own, wanted, full), {"viewer_id": MAYA, "may_send": True})
        yield Case(name, search.build_request_found, (_request(longest), orders_of * 3, MAYA))
        found = [Found(_summary(longest), order) for order in (*orders_of[:5], *[None] * 5)]
        listed = TangoPage(found=found, count=RESULT_WINDOW, next_skip=1, everyone=True)
        yield Case(name, search.build_tango_page, (listed, wanted, full), {"viewer_id": MAYA})
        yield Case(name, search.build_elsewhere, (_detail(longest),))
        for everyone in (False, True):
            yield Case(f"{name}, {everyone}", filters.build_search_form, (wanted, "{}"), {"everyone": everyone})
    yield Case("empty", filters.build_search_form, (EVERYTHING, "{}"), {"everyone": True})
    yield Case("all", filters.build_search_form, (EVERYTHING, "{}"), {"everyone": True, "in_full": True})
    for known, meant in (((), None), (("failed",), None), (("failed",), "{}")):
        refusal = SearchNotUnderstood(SearchFault.UNKNOWN, _LONG_TEXT, known=known)
        yield Case(f"{known}, {meant}", search.build_not_understood, (refusal, meant))
    yield Case("bare", search.build_elsewhere, (OrderDetail(reference_order_id="RA1"),))
    yield Case("a message", decisions.build_window, (Message("Done.", [{"type": "divider"}]),))
    yield Case("a text", decisions.build_window, (Message(_LONG_TEXT * 2),))


def _wanted(longest: bool) -> OrderSearch:  # noqa: FBT001 (half of a table's axis)
    """Every criterion at once."""
    text = _LONG_TEXT[:150] if longest else "Launch"
    said = {one.name: text for one in filters.FIELDS if one.kind is filters.FieldKind.TEXT}
    amounts: Json = {"min_amount": Decimal(5), "max_amount": Decimal("999999.99"), "currency_code": "USD"}
    more: Json = {
        "recipient_id": ROB,
        "requester_id": MAYA,
        "status": OrderStatus.NEEDS_ATTENTION,
        "tango_status": "COMPLETE",
        "line_item_status": "RETURNED",
        "since": NOON.date(),
        "until": NOON.date(),
        "zone": "America/Argentina/ComodRivadavia",
        "send_email": False,
        "at_tango": True,
    }
    return OrderSearch(**{**said, **amounts, **more})


def _summary(longest: bool) -> OrderSummary:  # noqa: FBT001 (the same)
    return OrderSummary.model_validate(_at_tango(_LONG_DETAIL * 20 if longest else "Text"))


def _detail(longest: bool) -> OrderDetail:  # noqa: FBT001 (the same)
    return OrderDetail.model_validate(_at_tango(_LONG_DETAIL * 20 if longest else "Text"))


def _at_tango(text: str) -> Json:
    """An order as Tango tells of it, every text the same."""
    person = {"firstName": text, "lastName": text, "email": text}
    charge = {"value": 25.123, "total": 27.5, "fee": 1, "exchangeRate": 0.91, "currencyCode": text}
    names = (
        "externalRefID utid ptid rewardName etid status lineItemStatus campaign notes purchaseOrderNumber "
        "orderClientSource"
    )
    return dict.fromkeys(names.split(), text) | {
        "referenceOrderID": "R" * 100,
        "recipient": person,
        "sender": person,
        "denomination": charge,
        "amountCharged": charge,
        "sendEmail": True,
        "createdAt": "2026-03-14T12:00:00Z",
    }


def _attempt(outcome: AttemptOutcome | None) -> Attempt:
    return Attempt(
        started_at=NOON,
        finished_at=NOON if outcome else None,
        outcome=outcome,
        http_status=599,
        i18n_key="k" * 100,
        tango_request_id="r" * 100,
        detail=_LONG_DETAIL,
    )


def _story(order: Order, *, by_admin: bool) -> OrderStory:
    events = [*_EVENTS, "order.never_heard_of"]
    return OrderStory(
        order=order,
        request=_request(False, status=RequestStatus.APPROVED),
        story=[
            AuditEntry(at=NOON + timedelta(seconds=n), event=event, actor=ADA, facts={})
            for n, event in enumerate(events * 2)
        ],
        attempts=[_attempt(outcome) for outcome in (_OUTCOMES * 3)[:20]],
        resends=[_resend(ResendStatus.AMBIGUOUS, _LONG_DETAIL)] * 20,
        ahead=0,
        seconds_to_resend=30,
        queue=_RUNNING,
        inquiry=_inquiry(InquiryFinding.TOO_SOON),
        asked_at=NOON,
        by_admin=by_admin,
    )


def _inquiry(finding: InquiryFinding, sent_as: str | None = None) -> Inquiry:
    return Inquiry(
        id=1,
        order_id=1,
        requested_at=NOON,
        requested_by=MAYA,
        sent_as=sent_as,
        asked_at=NOON,
        finished_at=NOON,
        finding=finding,
        detail=_LONG_DETAIL,
    )


#: What happens to a request that has no orders, or to the queue as a whole: in no order's story.
_IN_NO_STORY: Final = {
    AuditEvent.REQUEST_DECLINED,
    AuditEvent.REQUEST_WITHDRAWN,
    AuditEvent.QUEUE_RESUMED,
    AuditEvent.QUEUE_UNPAUSED,
    AuditEvent.QUEUE_PAUSED,
    AuditEvent.QUEUE_PROBE_REQUESTED,
    AuditEvent.TANGO_ACCOUNT_ADOPTED,
    AuditEvent.PERSON_EXPORTED,
    AuditEvent.PERSON_ERASED,
    AuditEvent.ACCESS_REVIEWED,
    AuditEvent.AUDIT_CHAINED,
    AuditEvent.AUDIT_HEAD_TOLD,
}


#: Every event that an order's story can hold.
_EVENTS: Final = [event for event in AuditEvent if event not in _IN_NO_STORY]


def _resend(status: ResendStatus, detail: str | None) -> Resend:
    return Resend(
        id=1,
        order_id=1,
        requested_by=MAYA,
        requested_at=NOON,
        previous_sent_at=NOON,
        status=status,
        i18n_key="403.003" if detail else None,
        detail=detail,
    )


def _others() -> Iterator[Case]:
    for command in Command:
        yield Case(command, help.build_help, (command,))
        yield Case(f"{command}, longest", help.build_help, (command, escape("&" * 100)))
    for cause in (*HaltCause, PAUSED, "unheard_of"):
        probe_at = None if cause == PAUSED else NOON
        halted = replace(_HALTED, halt_cause=cause, probe_at=probe_at, lack=Money(1, "USD"))
        longest = replace(halted, i18n_key="k" * 100, tango_request_id="r" * 100)
        yield Case(cause, queue.build_hold, (halted, 0))
        yield Case(f"{cause}, longest", queue.build_hold, (longest, 10**9))
        yield Case(f"{cause}, over", queue.build_hold, (replace(_RUNNING, last_cause=cause), 10**9))
        yield Case(cause, queue.build_probed, (halted,))
    yield Case("running", queue.build_probed, (_RUNNING,))
    yield Case("over", queue.build_past_hold, ())
    for answer in ProbeAnswer:
        yield Case(answer, queue.build_probing, (answer,))


def _about_rewards() -> Iterator[Case]:
    for name, longest in _both("reward"):
        text = _LONG_TEXT if longest else "AQ-1234"
        kinds = ("text", "url", "barcode", "date") * (5 if longest else 1)
        listed = [{"label": HOSTILE + text, "value": HOSTILE + text, "type": kind} for kind in kinds]
        listed.append({"label": HOSTILE, "value": f"https://x.example/{'y' * 2_900 if longest else ''}", "type": "url"})
        reward = TangoReward.model_validate({"credentialList": listed, "redemptionInstructions": HOSTILE + text})
        order = _order(longest, reward_name=HOSTILE, tango_status=HOSTILE)
        look = a_reward(picture="https://images.example/b.png", disclaimer=HOSTILE * 50, brand=HOSTILE)
        gift = Gift(order=order, request=_request(longest, message=HOSTILE), look=look, reward=reward)
        present = Present(order=order, request=gift.request, look=look)
        yield Case(f"{name}, by email", delivery.build_on_its_way, (present,))
        yield Case(f"{name}, by post", delivery.build_posted, (present,))
        yield Case(name, delivery.build_reward, (gift,))
        yield Case(name, delivery.build_shown_reward, (gift,))
        for build in (
            delivery.build_address_noted,
            delivery.build_address_disputed,
            delivery.build_not_delivered,
            delivery.build_delayed,
            delivery.build_delivered,
            delivery.build_unfinished,
            delivery.build_delivering,
            delivery.build_asking,
        ):
            yield Case(name, build, (order,))
        yield Case(f"{name}, to a town", delivery.build_posted, (a_present(order, details=Details(address=_HOUSE)),))
    yield Case("fetching", delivery.build_fetching, ())


def _alerts() -> Iterator[Case]:
    """What those hear who look after the installation."""
    head = AuditHeadTold(f"{10**12}:{'0f' * 32}")
    yield Case("head", alerts.build_audit_head, (head,))
    period = ("2026-03-13T02:00:00+00:00", "2026-03-14T02:00:00+00:00")
    for count in (1, 10**6):
        differ = ListsDiffer(*period, *([count] * 5))
        yield Case(f"{count}", alerts.build_lists_differ, (differ,))
    for days in (None, 0, 1, 9, 10**6):
        low = BalanceLow(10**14, 10**14, "USD", days)
        yield Case(f"{days}", alerts.build_balance_low, (low,))
    yield Case("unseen", alerts.build_emails_unseen, ())
    for alert in (head, differ, low, EmailsUnseen()):
        yield Case(alert.kind, alerts.build_alert, (alert,))


def _about_reports() -> Iterator[Case]:
    october = Period(date(2026, 10, 1), date(2026, 10, 31))
    for (name, longest), by in product(_both("a report"), ReportBy):
        groups = [f"U0{number:06d}" for number in range(150)]
        rows = [
            ReportRow(
                key=key,
                name=_LONG_NAME if longest else HOSTILE,
                rewards=10**6,
                face=Money(-(10**9) if longest else 10**6, currency),
                charged=[Money(10**9, "USD"), Money(10**9, "EUR")] if longest else [Money(100, "USD")],
            )
            for currency in (("USD", "EUR", "JPY") if longest else ("USD",))
            for key in (groups if longest else ["U0"])
        ]
        facts: Json = {"period": october, "zone": "Europe/Berlin", "by": by, "everyone": longest, "is_over": longest}
        made, nothing = Report(rows=rows, **facts), Report(rows=[], **facts)
        counted: Any = [None] * 5_000
        for file in report.FileSent:
            yield Case(f"{name}, {by}, {file}", report.build_report, (made, file))
            yield Case(f"{name}, {by}, {file}", report.build_payroll, (Payroll(made, counted), file))
        yield Case(f"{name}, {by}, nothing", report.build_report, (nothing, report.FileSent.OFF))
        yield Case(f"{name}, {by}", report.build_report_file, (made,))
    for word in (_LONG_TEXT, HOSTILE, ""):
        yield Case(f"{word[:9]}", report.build_report_not_understood, (ReportNotUnderstood(word),))


def _about_batches() -> Iterator[Case]:
    for name, count in (("of one", 1), ("of three", 3), ("of very many", 5_000)):
        request = a_request(**a_batch(count))
        longest = replace(
            request,
            reward_name=_LONG_NAME,
            recipients=tuple(
                replace(one, first_name=_LONG_NAME, last_name=_LONG_NAME, message=_LONG_TEXT)
                for one in request.recipients[: 3 * batch_rows.ROWS_ON_PAGE]
            ),
        )
        approved = replace(request, status=RequestStatus.APPROVED, decided_by=ALEX, decided_at=NOON)
        underway = Progress(counts={OrderStatus.ACCEPTED: 1, OrderStatus.QUEUED: count})
        ended = Progress(counts={OrderStatus.FAILED: count}, failed=[_LONG_NAME] * min(count, 30))
        for made in (request, longest):
            yield Case(name, requests.build_card, (made, Progress(counts={}), TEAM))
            yield Case(name, receipts.build_receipt, (made, Progress(counts={})))
            yield Case(name, batch_rows.build_batch_rows, (made, 1, TEAM))
            preview = Preview(
                batch=Batch(reference="f" * 32, digest="d", new=made, is_guessed=count > 1),
                twice=[_LONG_NAME] * min(count, 30),
                lasts=timedelta(seconds=count),
            )
            yield Case(name, batch.build_batch_ready, (preview,))
            yield Case(name, batch.build_batch_preview, (preview,))
        for progress, lasts in ((underway, timedelta(seconds=count)), (ended, timedelta(0))):
            yield Case(name, requests.build_card, (approved, progress, TEAM))
            yield Case(name, receipts.build_receipt, (approved, progress, None, lasts))
        yield Case(name, batch.build_batch_asked, (request,))
        yield Case(name, batch_receipt.build_canceled_rest, (count,))
    yield Case("another date", schedule.build_schedule_form, (a_request(),))
    yield Case("none left", batch_receipt.build_canceled_rest, (0,))
    yield Case("empty", batch.build_batch_form, ())
    only_a_name = Fault(FaultCode.ONLY_A_NAME, {"text": _LONG_DETAIL, "suggested": [_LONG_NAME]})
    faulty = [RowFault(number=n, column=Column.PERSON, fault=only_a_name) for n in range(20)]
    occasions = [Occasion(f"{number:&>40}", is_taxable=True) for number in range(100)]
    refusal = InvalidBatch(faulty, rows=20)
    again = {"by_message": True, "refusal": refusal, "is_sent_back": True, "occasions": occasions}
    yield Case("again", batch.build_batch_form, (_LONG_TEXT, a_reward(name=_LONG_NAME)), again)
    yield Case("files", batch.build_batch_form, (), {"takes_files": True})
    unnamed = RowFault(number=7, column=Column.PERSON, fault=Fault(FaultCode.UNNAMED))
    yield Case("back", batch.build_batch_back, (InvalidBatch([unnamed], rows=1),))
    yield Case("refused", batch.build_batch_refused, ({"reward": [Fault(FaultCode.UNAVAILABLE)]},))


CASES: Final = [
    *_forms(),
    *_about_requests(),
    *_about_batches(),
    *_about_orders(),
    *_about_rewards(),
    *_on_home(),
    *_others(),
    *_about_reports(),
    *_alerts(),
]

every_builder = pytest.mark.parametrize("builder", sorted({case.build.__name__ for case in CASES}))


def _cases(builder: str) -> list[Case]:
    return [case for case in CASES if case.build.__name__ == builder]


def _modules() -> list[ModuleType]:
    return [
        importlib.import_module(f"handlers.views.{found.name}")
        for found in pkgutil.iter_modules(handlers.views.__path__)
    ]


def _builders() -> set[str]:
    return {
        name
        for module in _modules()
        for name, member in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("build_") and member.__module__ == module.__name__
    }


def test_every_builder_has_a_case():
    assert _builders() == {case.build.__name__ for case in CASES}


@every_builder
def test_slack_takes_it(builder: str):
    for case in _cases(builder):
        made = case.made
        if isinstance(made, Message):
            assert message_problems(list(made.blocks), made.text) == [], case.name
            assert length_of(list(made.blocks)) <= BLOCKS_TEXT, case.name
            assert len(made.text) <= UPDATED_TEXT, case.name
        else:
            assert view_problems(made) == [], case.name


@every_builder
def test_a_message_says_its_gist_in_its_text(builder: str):
    for case in _cases(builder):
        made = case.made
        if isinstance(made, Message):
            assert made.text.strip(), case.name
            assert "None" not in made.text, case.name


@every_builder
def test_a_button_carries_an_id_or_a_filter_and_nothing_else(builder: str):
    for case in _cases(builder):
        made = case.made
        blocks = made.blocks if isinstance(made, Message) else made["blocks"]
        # a button that opens a page carries nothing
        values = [e["value"] for e in _elements(blocks) if e["type"] == "button" and "url" not in e]
        assert [value for value in values if not _VALUE.fullmatch(value)] == [], case.name


@every_builder
def test_a_button_is_listened_to(builder: str):
    for case in _cases(builder):
        made = case.made
        blocks = made.blocks if isinstance(made, Message) else made["blocks"]
        buttons = {element["action_id"] for element in _elements(blocks) if element["type"] == "button"}
        assert buttons <= {action.value for action in CLICKS}, case.name


@pytest.mark.parametrize("status", list(RequestStatus))
def test_only_a_pending_request_has_buttons(status: RequestStatus):
    request = _request(False, status=status)
    card = requests.build_card(request, Progress(counts={}), TEAM)
    receipt = receipts.build_receipt(request, Progress(counts={}))
    for made, buttons in (
        (card, {"approve", "decline", Action.CARD_DETAILS}),
        (receipt, {"withdraw", "card_again", "ask_another"}),
    ):
        found = {element["action_id"] for element in _elements(made.blocks)}
        assert found == (buttons if request.is_pending else set())


def test_the_card_names_a_few_of_thirty_recipients_and_a_button_shows_each():
    names = [f"Maximiliana Wolfeschlegel-{n}" for n in range(30)]
    thirty = tuple(a_recipient(f"U0LONG{n:04d}", first_name=name, last_name="") for n, name in enumerate(names))
    request = _request(False, recipients=thirty)
    card = requests.build_card(request, Progress(counts={}), TEAM)
    shown = words_in(card.blocks).splitlines()
    assert [name for name in names if name in shown] == names[: people.MOST_NAMED]
    (see_all,) = [element for element in _elements(card.blocks) if element["action_id"] == Action.CARD_DETAILS]
    assert "30" in see_all["text"]["text"]
    everyone = [a_person(one.user_id, name=one.name) for one in thirty]
    known = details.CardDetails(request=request, people=everyone)
    shown = words_in(details.build_card_details(known, TEAM).blocks).splitlines()
    assert [name for name in names if name not in shown] == []


def test_a_name_on_the_card_is_linked_to_its_account():
    card = requests.build_card(_request(False), Progress(counts={}), TEAM)
    links = [piece["url"] for piece in card.blocks[0]["elements"][0]["elements"] if piece["type"] == "link"]
    assert links == [f"slack://user?team={TEAM}&id={user_id}" for user_id in (MAYA, ROB)]


def test_a_page_of_cards_with_all_that_one_can_have_fits_into_a_message():
    """Two are needed, one has approved, something stands against it, and a namesake: eleven blocks each."""
    full = _request(
        False,
        recipients=(a_recipient(has_namesake=True),),
        permalink="https://acme.slack.com/archives/C0TEAM/p1",
        details=Details(delivery=Delivery.POST, address=_HOUSE, campaign="Launch"),
        policy=Policy(_ROUTE, ApprovalRule.SECOND_ABOVE, Money(20_00, "USD")),
        first_approved_by=ALEX,
        first_approved_at=NOON,
        obstacles=(Obstacle(ObstacleCode.REWARD_GONE),),
    )
    assert len(cards.build_pending([full], TEAM).blocks) == 1 + 1 + 11
    assert len(cards.build_pending([full] * 9, TEAM, approved=full).blocks) <= 50


def test_a_page_of_what_waits_has_as_many_as_there_is_room_for_and_one_however_long():
    short, long = [[_request(longest, id=n) for n in range(1, cards.MOST_PENDING + 2)] for longest in (False, True)]
    for waiting, shown in ((short[:-1], cards.MOST_PENDING), (short, cards.MOST_PENDING), (long, 1), (long[:1], 1)):
        blocks = cards.build_pending(waiting, TEAM).blocks
        found = [element for element in _elements(blocks) if element["action_id"] == "approve_listed"]
        assert len(found) == shown
        more = [element["value"] for element in _elements(blocks) if element["action_id"] == "pending_more"]
        assert more == ([waiting[shown - 1].reference] if shown < len(waiting) else [])


def test_home_shows_as_many_whole_cards_as_there_is_room_for_then_lines_and_says_that_there_are_more():
    for longest in (False, True):
        facts = _home_facts(longest, MOST_WAITING, _HALTED)
        numbered = [_request(longest, id=n, reference=f"{n:032x}") for n in range(1, MOST_WAITING + 1)]
        blocks = home.build_home(replace(facts, waiting=numbered), TEAM, NOON)["blocks"]
        decided = [element["value"] for element in _elements(blocks) if element["action_id"] == "approve"]
        assert 3 <= len(decided) < MOST_WAITING
        assert decided == [request.reference for request in numbered[: len(decided)]], "the oldest first"
        assert len(decided) == sum(element["action_id"] == "decline" for element in _elements(blocks))
        (listed,) = [text for text in _formatted(blocks) if text.partition("\n")[0] == "*Next*"]
        assert f"R-{len(decided) + 1}\n" in listed
        assert listed.count("⏳") == 10 or longest, "the next ones have a line each"
        assert len(blocks) <= 100


# ----------------------------------------------------------------------------------------- private


@pytest.mark.parametrize("builder", ["build_card", "build_moved_card", "build_public_order"])
def test_what_a_channel_sees_names_no_address_and_no_reference(builder: str):
    for case in _cases(builder):
        shown = str(case.made)
        for private in (_SECRET, "@example.com", "f" * 32, "R" * 100):
            assert private not in shown, case.name


# ----------------------------------------------------------------------------------------- escaping

_PERSON: Final = a_recipient(first_name=HOSTILE, last_name=HOSTILE, email=f"{HOSTILE}@example.com")
_HOSTILE_REQUEST: Final[Json] = {
    "requester_name": HOSTILE,
    "recipients": (_PERSON, _PERSON),
    "reward_name": HOSTILE,
    "message": HOSTILE,
    "reason": HOSTILE,
    "details": Details(
        delivery=Delivery.POST,
        email_subject=HOSTILE,
        campaign=HOSTILE,
        notes=HOSTILE,
        address=Address(**dict.fromkeys(Address.__dataclass_fields__, HOSTILE)),
    ),
}
_HOSTILE_ORDER: Final[Json] = {
    "recipient": _PERSON,
    "reward_name": HOSTILE,
    "tango_status": HOSTILE,
    "reference_order_id": HOSTILE,
    "problem_detail": HOSTILE,
}


def _hostile(argument: Any) -> Any:
    """The same argument, with everything in it typed by somebody who means harm."""
    match argument:
        case Address():
            return Address(**dict.fromkeys(Address.__dataclass_fields__, HOSTILE))
        case Request():
            return replace(argument, **_HOSTILE_REQUEST)
        case Order():
            problem = TangoKey(HOSTILE) if isinstance(argument.problem, TangoKey) else argument.problem
            return replace(argument, **_HOSTILE_ORDER, problem=problem)
        case OrderStory():
            return replace(
                argument,
                order=_hostile(argument.order),
                request=_hostile(argument.request),
                attempts=[replace(one, i18n_key=HOSTILE, detail=HOSTILE) for one in argument.attempts],
                resends=[_hostile(one) for one in argument.resends],
            )
        case OwnPage():
            return replace(
                argument,
                orders=[_hostile(one) for one in argument.orders],
                requests=[_hostile(one) for one in argument.requests],
                received=[_hostile(one) for one in argument.received],
            )
        case TangoPage():
            hostile = OrderSummary.model_validate(_at_tango(HOSTILE))
            return replace(
                argument, found=[Found(hostile, one.order and _hostile(one.order)) for one in argument.found]
            )
        case OrderDetail():
            return OrderDetail.model_validate(_at_tango(HOSTILE))
        case OrderSearch():
            texts = {one.name for one in filters.FIELDS if isinstance(getattr(argument, one.name), str)}
            people = {one.name for one in filters.FIELDS if one.kind is filters.FieldKind.PERSON}
            hostile_texts: Json = dict.fromkeys(texts - people - {"status"}, HOSTILE)
            return replace(argument, zone=HOSTILE, **hostile_texts)
        case HomeFacts():
            lists: Json = {name: list(map(_hostile, getattr(argument, name))) for name in _ON_HOME}
            sending = argument.sending and replace(
                argument.sending, listed=lists["orders"], balance=(Decimal(1), HOSTILE)
            )
            return replace(argument, **lists, sending=sending)
        case Resend():
            return replace(argument, i18n_key=HOSTILE, detail=HOSTILE)
        case forms.FormState():
            reward = argument.reward and replace(argument.reward, name=HOSTILE, brand=HOSTILE)
            return replace(argument, reward=reward, amount=HOSTILE, message=HOSTILE)
        case Catalog():
            return Catalog([replace(one, name=HOSTILE, brand=HOSTILE) for one in argument.rewards])
        case _:
            return argument


#: What Home lists.
_ON_HOME: Final = ("waiting", "pending", "orders", "received")

#: What is said in these is escaped already.
_ESCAPED: Final = {"build_notice", "build_window"}


@pytest.mark.parametrize("builder", sorted(_builders() - _ESCAPED))
def test_what_people_type_pings_nobody_and_links_nowhere(builder: str):
    for case in _cases(builder):
        made = replace(case, args=tuple(map(_hostile, case.args))).made
        texts = list(_formatted(made.blocks if isinstance(made, Message) else made["blocks"]))
        if isinstance(made, Message):
            texts.append(made.text)
        assert [text for text in texts if _RAW.search(text.removesuffix("…"))] == [], case.name


def test_escaping_covers_what_slack_formats():
    assert escape(HOSTILE) == (
        "&lt;!channel&gt; &lt;@U0EVIL001&gt; &lt;https://evil.example|your bank&gt; &amp; &lt;!subteam^S0EVIL001&gt;"
    )


@pytest.mark.parametrize(("text", "most", "clipped"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("", 3, "")])
def test_what_is_too_long_is_cut_with_an_ellipsis(text: str, most: int, clipped: str):
    assert clip(text, most) == clipped


def _formatted(part: Any) -> Iterator[str]:
    """Every text in which Slack looks for mentions and links."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
        for value in part.values():
            yield from _formatted(value)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _formatted(one)


def _elements(blocks: Any) -> Iterator[Json]:
    for block in blocks:
        yield from block["elements"] if block["type"] == "actions" else filter(None, [block.get("accessory")])


# ---------------------------------------------------------------------------------------- timelines


@pytest.mark.parametrize(
    ("status", "offered"), [(OrderStatus.NEEDS_ATTENTION, True), (OrderStatus.ACCEPTED, False)], ids=str
)
def test_tango_can_be_asked_once_more_where_its_answer_settled_nothing(status: OrderStatus, offered: bool):  # noqa: FBT001 (a column)
    order = _order(False, status=status)
    told = inquiry.build_inquiry_finished(order, _inquiry(InquiryFinding.UNANSWERED), None)
    actions = [one["action_id"] for block in told.blocks for one in block.get("elements", ()) if "action_id" in one]
    assert (Action.ORDER_INQUIRE in actions) is offered


@pytest.mark.parametrize("event", _EVENTS)
def test_every_event_of_a_timeline_is_worded(event: AuditEvent):
    story = replace(
        _story(_order(False, recipient=a_recipient(ROB)), by_admin=False),
        story=[AuditEntry(at=NOON, event=event, actor=None, facts={})],
        attempts=[],
    )
    shown = str(orders.build_order_detail(story).blocks)
    assert event not in shown
    assert event.capitalize() not in shown
