"""The order form against Tango's rules: what the form accepts, Tango accepts; what it refuses, Tango refuses.

The other side is the stand-in's validation, which shares no line with the form's.
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.clock import Clock
from bot.domain.catalog import Catalog, RewardKind
from bot.domain.policy import Person
from bot.domain.request import Details, NewRequest
from bot.errors import InvalidForm
from bot.faults import FaultCode
from bot.sandbox.serve import serve
from bot.sandbox.tango import TangoSandbox
from bot.tango.catalog import TangoCatalog, rewards_of
from bot.usecases.form import Payer, RequestForm, RequestForms, _delivery, _recipients
from bot.usecases.form_faults import FormFaults
from handlers.views.faults import fault_text
from tests.kit import wording
from tests.kit.factories import a_reward

#: One of each kind in the stand-in's catalog, with an amount that it takes.
REWARDS: Final = {"U561593": "25", "U561610": "25", "U700801": "25", "U561601": "25"}

#: Letters at the edges of Tango's rules: allowed and forbidden in names, streets, cities and codes.
EDGES: Final = "aZ09 .,-/'<>&é中\u200d"


#: A quick look in each run; the nightly one has many.
EXAMPLES: Final = int(os.environ.get("KUDOS_TEST_EXAMPLES", "150"))


class Tango:
    """The stand-in, its catalog read as the bot reads it, and a way to place an order."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/raas/v2", auth=("KudosDemo", "demo-key"))
        found = TangoCatalog.model_validate(self._http.get("/catalogs").json())
        self.catalog = Catalog(rewards_of(found, None))

    def takes(self, body: bytes) -> bool:
        answer = self._http.post("/orders", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (201, 400), answer.text
        return answer.status_code == 201

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def tango() -> Iterator[Tango]:
    sandbox = TangoSandbox(min_interval=0, balance="99999999.00")
    with serve(sandbox.app) as server:
        client = Tango(server.url)
        yield client
        client.close()


@pytest.fixture(scope="module")
def filing() -> RequestForms:
    payer = Payer(customer="kudos-demo", account="kudos-demo-usd")
    return RequestForms(payer=payer, defaults=Details(), clock=Clock())


def text(least: int, most: int) -> st.SearchStrategy[str]:
    """Mostly plain words, and lengths around the limits."""
    return st.one_of(
        st.text("abc 12", max_size=8),
        st.text(EDGES, max_size=most + 2),
        st.integers(least, most + 1).map(lambda n: "x" * n),
    )


#: A form that every kind of reward takes, and for each field what may stand there instead.
GOOD: Final[dict[str, str]] = {
    "first_name": "Rob",
    "last_name": "Hale",
    "email": "rob@acme.example",
    "requester": "Lindqvist",
    "message": "Thank you",
    "street_line1": "1 Main St",
    "street_line2": "",
    "city": "Springfield",
    "state_or_province": "IL",
    "postal_code": "62701",
    "country": "US",
    "printed_template": "P000001",
    "subject": "",
    "template": "",
    "campaign": "",
    "purchase_order": "",
    "notes": "",
}
INSTEAD: Final[dict[str, st.SearchStrategy[str]]] = {
    "first_name": text(20, 26),
    "last_name": text(95, 100),
    "email": st.sampled_from([f"{'r' * 60}@{'a' * 31}.example", f"{'r' * 60}@{'a' * 32}.example"]),
    "requester": text(95, 100),
    "message": st.sampled_from(["", "x" * 3_000, "x" * 3_001, "中" * 3_000]),
    "street_line1": text(0, 35),
    "street_line2": text(0, 35),
    "city": text(0, 30),
    "state_or_province": st.sampled_from(["CA", "ON", "AE", "PR", "ZZ", "il", "", "Bavaria", "x" * 35, "x" * 36]),
    "postal_code": st.sampled_from(["6270", "62701-1234", "62 701", "M5V 2T6", "80331", "", "ABC", "é1"]),
    "country": st.sampled_from(["CA", "DE", "", "XX", "us"]),
    "printed_template": st.sampled_from(["P000002", "", "000001", "PX"]),
    "subject": st.sampled_from(
        ["Thanks", "x" * 255]
    ),  # Tango names no limit: a longer one is refused by the form alone
    "template": st.sampled_from(["E000000", "e000001", "E00000", "X000000"]),
    "campaign": text(95, 100),
    "purchase_order": text(95, 100),
    "notes": text(145, 150),
}


@st.composite
def forms(draw: st.DrawFn) -> RequestForm:
    """A good form with up to three fields changed: else hardly one in a thousand would be good in all of them."""
    changed = draw(st.sets(st.sampled_from(sorted(INSTEAD)), max_size=3))
    said = {name: draw(INSTEAD[name]) if name in changed else good for name, good in GOOD.items()}
    utid = draw(st.sampled_from(list(REWARDS)))
    rob = Person(
        user_id="U0ROB0001",
        name="Rob Hale",
        first_name=said["first_name"],
        last_name=said["last_name"],
        email=said["email"],
        zone=draw(st.sampled_from(["UTC", "Pacific/Kiritimati", "America/Los_Angeles", "no/where", "America"])),
    )
    today = datetime.now(UTC).date()
    return RequestForm(
        requester=Person(user_id="U0MAYA001", name="Maya", first_name="Maya", last_name=said["requester"]),
        recipients=[rob],
        utid=utid,
        amount=REWARDS[utid],
        message=said["message"],
        by_message=draw(st.booleans()),
        texts=said,
        expires_on=draw(st.one_of(st.none(), st.integers(-1, 368).map(lambda n: today + timedelta(days=n)))),
        submission_id=uuid4().hex,
    )


def body_of(filing: RequestForms, form: RequestForm, catalog: Catalog) -> bytes:
    """The body that the form would make, whether or not it is accepted."""
    reward = catalog.get(form.utid)
    assert reward is not None
    delivery = _delivery(form, reward)
    [recipient] = _recipients(form, delivery, FormFaults())
    request = NewRequest(
        requester_id=form.requester.user_id,
        requester_name=form.requester.name,
        recipients=(recipient,),
        utid=reward.utid,
        reward_name=reward.name,
        amount=reward.amount_from(form.amount),
        message=form.message.strip(),
        details=filing.details(form, reward.kind, delivery),
        submission_id=form.submission_id,
        reference=uuid4().hex,
    )
    return filing._body(request, recipient, reward.kind).to_bytes()


def a_form(**facts: Any) -> RequestForm:
    usual: dict[str, Any] = {
        "requester": Person(user_id="U0MAYA001", name="Maya"),
        "recipients": [Person(user_id="U0ROB0001", name="Rob Hale", first_name="Rob", email="rob@acme.example")],
        "utid": "U561593",
        "amount": "25",
        "message": "",
        "submission_id": uuid4().hex,
    }
    return RequestForm(**(usual | facts))


@settings(max_examples=400, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=forms())
@example(form=a_form())
def test_the_form_and_tango_agree(tango: Tango, filing: RequestForms, form: RequestForm):
    try:
        filing.check(form, tango.catalog)
        accepted, faults = True, ""
    except InvalidForm as refusal:
        accepted, faults = False, str(refusal)

    assert tango.takes(body_of(filing, form, tango.catalog)) == accepted, faults


@pytest.mark.parametrize("kind", [RewardKind.PROMO])
@pytest.mark.parametrize(
    ("zone", "end"),
    [
        ("UTC", "T23:59:59Z"),
        ("Pacific/Kiritimati", "T09:59:59Z"),
        ("no/where", "T23:59:59Z"),
        ("America", "T23:59:59Z"),
    ],
)
def test_a_promo_link_ends_with_the_day_where_the_recipient_is(
    tango: Tango, filing: RequestForms, kind: RewardKind, zone: str, end: str
):
    rob = Person(user_id="U0ROB0001", name="Rob Hale", first_name="Rob", email="rob@acme.example", zone=zone)
    day = date.fromordinal(datetime.now(UTC).date().toordinal() + 30)
    form = a_form(utid="U561610", recipients=[rob], expires_on=day)

    assert f'"expirationDate":"{day.isoformat()}{end}"'.encode() in body_of(filing, form, tango.catalog)
    assert next(r for r in tango.catalog.rewards if r.utid == form.utid).kind is kind


def test_who_is_named_twice_gets_one_reward(filing: RequestForms, tango: Tango):
    """A form made by hand can say so; each recipient becomes an order."""
    crowd = [
        Person(user_id=f"U0CROWD{n:02d}", name=f"Cleo {n}", first_name="Cleo", email=f"c{n}@acme.example")
        for n in range(30)
    ]
    asked = filing.check(a_form(recipients=[crowd[3], *crowd, crowd[0], crowd[29]]), tango.catalog)
    assert [one.user_id for one in asked.recipients] == [crowd[n].user_id for n in (3, 0, 1, 2, *range(4, 30))]
    assert len({one.external_ref_id for one in asked.recipients}) == 30
    assert asked.total == asked.amount.times(30)


def test_a_subject_over_what_the_card_shows_is_refused(filing: RequestForms, tango: Tango):
    with pytest.raises(InvalidForm) as refusal:
        filing.check(a_form(texts={"subject": "x" * 256}), tango.catalog)

    assert [(field, one.code) for field, found in refusal.value.faults.items() for one in found] == [
        ("subject", FaultCode.TOO_LONG)
    ]


def test_an_amount_with_three_decimals_is_refused_in_words(filing: RequestForms):
    dinars = a_reward(utid="U000001", currency="BHD", fixed=None, minimum=1_000, maximum=100_000)

    with pytest.raises(InvalidForm) as refusal:
        filing.check(a_form(utid="U000001", amount="25.125"), Catalog([dinars]))

    (fault,) = refusal.value.faults["amount"]
    assert fault.code is FaultCode.TOO_MANY_DECIMALS
    assert fault_text("amount", fault) == wording.fault("amount", FaultCode.TOO_MANY_DECIMALS)
