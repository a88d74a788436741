"""Every field and parameter of Tango's page "Manage orders", and the place in the bot where it is used.

One story goes through all four endpoints by the bot's own doors; then each line of the table must have been met by
Tango with the value that the story gave it.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from bot.sandbox.slack import ShownView
from tests.integration.test_bot_search import PARAMETERS, look
from tests.kit.bot import World

PROMO: Final = "U561610"
PRINTED: Final = "U561601"
EXPIRES: Final = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()

#: POST /orders: the field (dotted) → where it is filled in, and what the story filled in ("…": anything).
BODY: Final[dict[str, tuple[str, object]]] = {
    "externalRefID": ("made at approval, one for each recipient (bot/usecases/requests.py, approve)", "…"),
    "customerIdentifier": ("settings: tango.customer", "kudos-demo"),
    "accountIdentifier": ("settings: tango.account", "kudos-demo-usd"),
    "utid": ("form: Reward", PROMO),
    "ptid": ("form: Printed template, for printed reward links", "P000001"),
    "amount": ("form: Amount for each; a fixed reward's own", 25),
    "sender.firstName": ("who asked, or settings: defaults.sender_first_name", "Maya"),
    "sender.lastName": ("who asked, or settings: defaults.sender_last_name", "Lindqvist"),
    "sender.email": ("who asked, or settings: defaults.sender_email", "maya@acme.example"),
    "recipient.firstName": ("form: Recipients, from the profile", "Rob"),
    "recipient.lastName": ("form: Recipients, from the profile", "Hale"),
    "recipient.email": ("form: Recipients, from the profile", "rob@acme.example"),
    "recipient.address.streetLine1": ("form: Street and number, for posted rewards", "1 Main St"),
    "recipient.address.streetLine2": ("form: Second line", "Floor 2"),
    "recipient.address.city": ("form: City", "Springfield"),
    "recipient.address.stateOrProvince": ("form: State, province or region", "IL"),
    "recipient.address.postalCode": ("form: Postal code", "62701"),
    "recipient.address.country": ("form: Country, by type-ahead", "US"),
    "emailSubject": ("form, More options: E-mail subject; settings: defaults.email_subject", "A thank-you"),
    "message": ("form: Message", "Thank you for the launch"),
    "sendEmail": ("form: Delivery; settings: defaults.delivery", True),
    "etid": ("form, More options: E-mail template; settings: defaults.template", "E000001"),
    "campaign": ("form, More options: Campaign; settings: defaults.campaign", "launch"),
    "purchaseOrderNumber": ("form, More options: Purchase order number; settings: defaults.purchase_order", "PO-7"),
    "notes": ("form, More options: Notes; settings: defaults.notes", "for the board"),
    "expirationDate": ("form: Expires on, for Promo Links", "…"),
}

#: GET /orders: the parameter → where it is said. The words are those of `/orders` and of its Filter form.
QUERY: Final[dict[str, str]] = {
    "accountIdentifier": "settings: tango.account",
    "customerIdentifier": "settings: tango.customer",
    **{name: f"/orders {words}" for name, (words, _) in PARAMETERS.items()},
}

#: POST /orders/{referenceOrderID}/resends: the body's field → where it is said, and what the story said.
RESEND: Final[dict[str, tuple[str, object]]] = {
    "newEmail": ("/resend 1 new@acme.example, and Send again with changes; admins only", "new@acme.example"),
    "newEtid": ("/resend 1 template E000002, and Send again with changes", "E000002"),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world after the story."""
    with World(tmp_path_factory.mktemp("page")) as world:
        _mailed_promo_link(world)
        world.set_since_mailed(31)
        world.answer(world.ada, lambda: world.ada.command("/resend", "1 new@acme.example template E000002"))
        world.settle_resends()
        _printed_reward_link(world)
        _given_by_message(world)
        for words, _ in PARAMETERS.values():
            look(world, world.ada, f"tango {words}")
        yield world


def _mailed_promo_link(world: World) -> None:
    form = _choose(world, PROMO)
    form = _next(world, lambda: world.maya.click(form, "request_more"), "campaign")
    outcome = world.maya.submit(
        form,
        {
            "recipients": ["rob"],
            "amount": "25",
            "message": "Thank you for the launch",
            "expires_on": EXPIRES,
            "subject": "A thank-you",
            "template": "E000001",
            "campaign": "launch",
            "purchase_order": "PO-7",
            "notes": "for the board",
        },
    )
    assert outcome.closed, outcome.errors
    _approve(world, 1)


def _given_by_message(world: World) -> None:
    outcome = world.fill_in(recipients=["li"], delivery="message")
    assert outcome.closed, outcome.errors
    _approve(world, 3)


def _printed_reward_link(world: World) -> None:
    form = _choose(world, PRINTED)
    assert world.maya.options(form, "country", "united states")
    outcome = world.maya.submit(
        form,
        {
            "recipients": ["kim"],
            "amount": "25",
            "printed_template": "P000001",
            "street_line1": "1 Main St",
            "street_line2": "Floor 2",
            "city": "Springfield",
            "state_or_province": "IL",
            "postal_code": "62701",
            "country": "US",
        },
    )
    assert outcome.closed, outcome.errors
    _approve(world, 2)


def _choose(world: World, utid: str) -> ShownView:
    form = world.form()
    field = {PROMO: "expires_on", PRINTED: "printed_template"}[utid]
    return _next(world, lambda: world.maya.select(form, "reward", utid), field)


def _next(world: World, act: Any, field: str) -> ShownView:
    """The form once it shows that field."""
    act()

    def there() -> ShownView | None:
        view = world.maya.modal
        return view if view and any(block["block_id"] == field for block in view.blocks) else None

    return world.maya.wait_for(there)


def _approve(world: World, request_id: int) -> None:
    world.until(lambda: world.is_posted("approval_card", request_id))
    world.alex.click(world.card(request_id), "approve")
    world.settle()


def _flat(body: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in body.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def test_every_field_of_the_order_reaches_tango(told: World):
    sent = [dict(_flat(json.loads(arrival.body))) for arrival in told.tango.arrivals]

    assert {name for body in sent for name in body} == set(BODY)
    for field, (place, value) in BODY.items():
        assert any(field in body and value in ("…", body[field]) for body in sent), f"{field}: {place}"


def test_every_parameter_of_the_search_reaches_tango(told: World):
    asked = [request.query for request in told.tango.requests if (request.method, request.path) == ("GET", "/orders")]

    assert {name for query in asked for name in query} == set(QUERY)


def test_one_order_is_asked_for_by_its_number(told: World):
    """The path's referenceOrderID: kept from the answer, sent when the bot gives a reward or watches a status."""
    number = told.one("SELECT reference_order_id FROM orders WHERE id = 3")["reference_order_id"]

    assert ("GET", f"/orders/{number}") in {(request.method, request.path) for request in told.tango.requests}


def test_every_field_of_the_resend_reaches_tango(told: World):
    [resend] = told.tango.resends

    assert set(RESEND) == {"newEmail", "newEtid"}
    assert (resend.email, resend.etid) == (RESEND["newEmail"][1], RESEND["newEtid"][1])
