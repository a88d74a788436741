"""Every modal, Home, the card and the receipt at their longest, for Slack to validate. Nobody is shown them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.batch import Batch, Column, InvalidBatch, RowFault
from bot.domain.budget import Budget, Per, Room
from bot.domain.catalog import Catalog, Reward, RewardKind
from bot.domain.duplicate import OtherReward
from bot.domain.money import Money
from bot.domain.occasion import Occasion
from bot.domain.order import Order, OrderStatus
from bot.domain.progress import Progress
from bot.domain.queue import HaltCause, QueueState
from bot.domain.request import Address, Delivery, Details, Recipient, Repeated, Request, RequestStatus
from bot.domain.search import EVERYTHING
from bot.faults import Fault, FaultCode
from bot.tango.models import TangoReward
from bot.usecases.approval import Expected
from bot.usecases.batches import Preview
from bot.usecases.delivery import Gift
from bot.usecases.form import MOST_RECIPIENTS
from bot.usecases.home import MOST_ATTENTION, MOST_PENDING, MOST_RECEIVED, MOST_WAITING, HomeFacts, Sending
from bot.usecases.resend import Mailed
from handlers.views.batch import build_batch_form, build_batch_preview
from handlers.views.batch_rows import ROWS_ON_PAGE, build_batch_rows
from handlers.views.blocks import MOST_OPTIONS, Json, Message
from handlers.views.decisions import build_decline_form, build_notice, build_window
from handlers.views.delivery import build_fetching, build_shown_reward
from handlers.views.filters import build_search_form
from handlers.views.form_notes import review_text
from handlers.views.forms import TEXTS, FormFacts, FormState, build_request_form
from handlers.views.home import build_home, build_home_opening
from handlers.views.inquiry import build_sent_as_form
from handlers.views.queue import Hold
from handlers.views.receipts import build_receipt
from handlers.views.reminders import build_away_form
from handlers.views.requests import build_card
from handlers.views.resend import build_resend_form
from handlers.views.schedule import build_schedule_form

#: A moment like any other.
_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)

#: Ids of the form that Slack's have; nobody has them.
_PERSON: Final = "U0000000000"
_TEAM: Final = "T0000000000"

#: As long as Tango lets a name be, of the character that takes most room once it is escaped.
_NAME: Final = "&" * 100
_TEXT: Final = "&" * 3_000

_RECIPIENT: Final = Recipient(
    user_id=_PERSON,
    first_name=_NAME,
    last_name=_NAME,
    email="a@example.com",
    external_ref_id="f" * 32,
    has_namesake=True,
    in_channel=True,
)
_OTHER_REWARD: Final = OtherReward(
    request_id=10**15 - 2,
    recipient_id=_PERSON,
    requester_id=_PERSON,
    requester_name=_NAME,
    is_approved=True,
    is_same=True,
    requested_at=_NOW,
)
_HOUSE: Final = Address(
    street_line1="&" * 35,
    street_line2="&" * 35,
    city="&" * 30,
    state_or_province="&" * 35,
    postal_code="&" * 20,
    country="UM",
)
_REQUEST: Final = Request(
    id=10**15 - 1,
    status=RequestStatus.PENDING_APPROVAL,
    created_at=_NOW,
    requester_id=_PERSON,
    requester_name=_NAME,
    recipients=(_RECIPIENT,) * MOST_RECIPIENTS,
    utid="U000000",
    reward_name=_TEXT,
    amount=Money(999_999_99, "USD"),
    message=_TEXT,
    details=Details(delivery=Delivery.POST, address=_HOUSE),
    submission_id="V0000000000",
    reference="f" * 32,
    repeats=Repeated(10**15 - 2, RequestStatus.DECLINED),
    occasion=Occasion("&" * 40, is_taxable=True),
    other_rewards=(_OTHER_REWARD,),
)
_OCCASIONS: Final = [Occasion(f"{number:040}", is_taxable=True) for number in range(MOST_OPTIONS)]
_BUDGET: Final = Budget(name="B" * 40, senders=frozenset(), each=True, amount=Money(10**14, "USD"), per=Per.YEAR)
_ROOMS: Final = [Room(budget=_BUDGET, period=_BUDGET.period(24_000), used=Money(1, "USD"))] * 10
_ORDER: Final = Order(
    id=10**15 - 1,
    request_id=_REQUEST.id,
    place=MOST_RECIPIENTS,
    requester_id=_PERSON,
    recipient=_RECIPIENT,
    utid="U000000",
    reward_name=_TEXT,
    amount=_REQUEST.amount,
    external_ref_id="f" * 32,
    body=b"{}",
    delivery=Delivery.EMAIL,
    status=OrderStatus.NEEDS_ATTENTION,
    attempts=1,
    outcome_unknown=True,
    available_at=_NOW,
    created_at=_NOW,
    last_sent_at=_NOW,
)


def modals() -> Iterator[tuple[str, Json]]:
    """Yield each modal at its longest, with its name."""
    yield "the form", _form(None)
    for kind in RewardKind:
        yield f"the form of a reward of kind {kind}", _form(kind)
    yield "the form to decline", build_decline_form(_REQUEST)
    yield "the notice", build_notice(_TEXT)
    yield "the message in a window", build_window(Message(_TEXT))
    yield "the reward that is fetched", build_fetching()
    yield "the reward that is shown", build_shown_reward(_gift())
    yield "the filter", build_search_form(EVERYTHING, "{}", everyone=True, in_full=True)
    yield "the form for Tango's number", build_sent_as_form(_ORDER)
    yield "the form to be away", build_away_form()
    yield (
        "the form of a list",
        build_batch_form("x" * 3_000, _reward(RewardKind.DIGITAL, 0), occasions=_OCCASIONS, refusal=_refused()),
    )
    yield "the form of another date", build_schedule_form(_batch())
    yield "the preview of a list", build_batch_preview(_preview())
    yield "the rows of a batch", build_batch_rows(_batch(), 1, _TEAM)
    yield "the form to resend", build_resend_form(Mailed(order=_ORDER, seconds_left=30, by_admin=True))


def tabs() -> Iterator[tuple[str, Json]]:
    """Yield Home at its longest and at its first opening, with its name."""
    yield "Home", build_home(_home_facts(), _TEAM, _NOW)
    yield "Home before it is filled", build_home_opening()


def messages() -> Iterator[tuple[str, Message]]:
    """Yield the card and the receipt at their longest, with their names."""
    hold, progress = Hold(HaltCause.OUTAGE), Progress(counts={})
    yield "the approval card", build_card(_REQUEST, progress, _TEAM, hold)
    yield "the receipt", build_receipt(_REQUEST, progress, hold)


#: How a request is going to be approved, with all that can be said of it.
_EXPECTED: Final = Expected(currency="USD", second_above=Money(250_00, "USD"), automatic_up_to=Money(25_00, "USD"))


def _form(kind: RewardKind | None) -> Json:
    rewards = [_reward(RewardKind.DIGITAL, number) for number in range(MOST_OPTIONS)]
    state = FormState(
        recipients=[f"U{number:010}" for number in range(MOST_RECIPIENTS)],
        reward=None if kind is None else _reward(kind, 0),
        amount="9" * 40,
        message=_TEXT,
        texts={block.value: _TEXT for block in TEXTS},
        more=True,
    )
    return build_request_form(
        state,
        FormFacts(
            catalog=Catalog(rewards),
            review=review_text([_PERSON] * 9, _EXPECTED),
            currency="USD",
            thanks_channel="C0000000000",
            rooms=_ROOMS,
            occasions=_OCCASIONS,
        ),
    )


def _reward(kind: RewardKind, number: int) -> Reward:
    return Reward(
        utid=f"U{number:06d}", name=_NAME, brand=_NAME, currency="USD", minimum=1, maximum=2_000_00, kind=kind
    )


def _refused() -> InvalidBatch:
    """Return what is wrong with a list of which each row has something else than an address."""
    only_a_name = Fault(FaultCode.ONLY_A_NAME, {"text": _TEXT[:200], "suggested": [_NAME]})
    return InvalidBatch([RowFault(number=n, column=Column.PERSON, fault=only_a_name) for n in range(20)], rows=20)


def _batch() -> Request:
    gets = replace(_RECIPIENT, amount=_REQUEST.amount, message=_TEXT)
    people = tuple(replace(gets, user_id=f"U{n:010}") for n in range(3 * ROWS_ON_PAGE))
    return replace(_REQUEST, recipients=people, message="", is_batch=True)


def _preview() -> Preview:
    batch = Batch(reference="f" * 32, digest="", new=_batch(), is_guessed=True)
    return Preview(batch=batch, twice=[_NAME] * 30, lasts=timedelta(hours=9))


def _gift() -> Gift:
    listed = [{"label": _NAME, "value": _NAME, "type": "text"}] * 20
    reward = TangoReward.model_validate({"credentialList": listed, "redemptionInstructions": _TEXT})
    return Gift(order=_ORDER, request=_REQUEST, look=None, reward=reward)


def _home_facts() -> HomeFacts:
    state = QueueState(next_start_at=_NOW, halted_at=_NOW, halt_cause=HaltCause.OUTAGE, probes=1, probe_at=_NOW)
    return HomeFacts(
        sends=True,
        decides=True,
        is_unconfirmed=True,
        admins=[_PERSON] * 9,
        waiting=[_REQUEST] * (MOST_WAITING + 1),
        pending=[_REQUEST] * MOST_PENDING,
        orders=[_ORDER] * 6,
        received=[_ORDER] * MOST_RECEIVED,
        sending=Sending(
            queue=state, waiting=10**6, attention=10**6, listed=[_ORDER] * MOST_ATTENTION, per_second=1, balance=None
        ),
        rooms=_ROOMS,
    )
