"""The examples of Tango's page, "Manage orders", as answers: each is read whole.

They are the page's own, with its remarks on lengths taken out, a torn `denomination` mended and typographic
quotes made straight.
"""

import json
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from bot.domain.queue import HaltCause
from bot.tango.bodies import NewOrder
from bot.tango.client import TangoClient
from bot.tango.differences import differences, missing
from bot.tango.models import Credential, TangoAddress, TangoPerson
from bot.tango.outcomes import Accepted, Halted, Resent
from bot.tango.queries import OrderQuery
from tests.kit.raw_server import answering, http

EXAMPLES = Path(__file__).with_name("examples")
LINK = "https://gamma.rewardlink.io/r/1/Cl4e2dX_qz3zyUbSTb4dZgrbQta9qg-oBd6sPkywiIk"
HOUSE = TangoAddress(**dict.fromkeys((one.name for one in fields(TangoAddress)), "string"))
BODY = NewOrder(
    external_ref_id="string",
    customer_identifier="string",
    account_identifier="string",
    utid="string",
    amount=Decimal(0),
    recipient=TangoPerson(email="string", address=HOUSE),
    send_email=True,
).to_bytes()


def example(name: str) -> bytes:
    return (EXAMPLES / f"{name}.json").read_bytes()


def ask(status: str, name: str, call: Any) -> Any:
    with answering(http(status, example(name))) as server:
        client = TangoClient(base_url=server.url, platform_name="KudosTest", platform_key=SecretStr("key"))
        try:
            return call(client)
        finally:
            client.close()


def as_sent(model: BaseModel) -> Any:
    """What a model has read, by Tango's names, as the JSON it came from."""

    def plain(value: object) -> object:
        match value:
            case dict():
                return {name: plain(entry) for name, entry in value.items() if entry is not None}
            case list() | tuple():
                return [plain(entry) for entry in value]
            case SecretStr():
                return value.get_secret_value()
            case datetime():
                return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            case Decimal():
                return float(value)
        return value

    return plain(model.model_dump(by_alias=True))


def without_deprecated(value: Any) -> Any:
    """The example without the `credentials` map, which is not read, and without nulls."""
    match value:
        case dict():
            return {
                name: without_deprecated(entry)
                for name, entry in value.items()
                if name != "credentials" and entry is not None
            }
        case list():
            return [without_deprecated(entry) for entry in value]
    return value


@pytest.mark.parametrize("status", ["201 Created", "200 OK"])
@pytest.mark.parametrize("name", ["place_order", "place_promo_link"])
def test_every_field_of_a_placed_order_is_read(status, name):
    outcome = ask(status, name, lambda client: client.create_order(BODY))
    assert isinstance(outcome, Accepted)
    assert as_sent(outcome.order) == without_deprecated(json.loads(example(name)))


@pytest.mark.parametrize("name", ["get_order", "get_promo_link"])
def test_every_field_of_an_order_is_read(name):
    order = ask("200 OK", name, lambda client: client.get_order("RA1"))
    assert as_sent(order) == without_deprecated(json.loads(example(name)))


def test_every_field_of_a_page_is_read():
    page = ask("200 OK", "list_orders", lambda client: client.list_orders(OrderQuery()))
    assert as_sent(page) == json.loads(example("list_orders"))
    assert page.total == 0


def test_the_page_s_own_order_differs_in_nothing_from_its_own_request():
    outcome = ask("200 OK", "place_order", lambda client: client.create_order(BODY))
    assert differences(BODY, outcome.order, currency="string") == ()
    assert missing(BODY, outcome.order, currency="string") == ()


def test_a_promo_link_has_its_link_and_its_day_in_the_credential_list():
    outcome = ask("201 Created", "place_promo_link", lambda client: client.create_order(BODY))
    assert outcome.order.reward.credential_list == (
        Credential(label="redemptionUrl", value=SecretStr(LINK), type="url", credential_type="redemptionUrl"),
        Credential(
            label="expirationDate",
            value=SecretStr("2024-12-31T06:59:59Z"),
            type="date",
            credential_type="expirationDate",
        ),
    )
    assert LINK not in repr(outcome)


def test_the_frozen_account_halts_the_queue():
    outcome = ask("422 Unprocessable Entity", "frozen_account", lambda client: client.create_order(BODY))
    assert outcome == Halted(status=422, i18n_key="404.142", request_id="req-1", cause=HaltCause.ACCOUNT_FROZEN)


def test_a_resend_is_read():
    outcome = ask("201 Created", "resend_order", lambda client: client.resend_order("RA1"))
    sent_at = datetime(2024, 3, 25, 22, 46, 39, 922_000, tzinfo=UTC)
    assert outcome == Resent(email="string", created_at=sent_at, request_id="req-1")
