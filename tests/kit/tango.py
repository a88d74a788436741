"""A served Tango stand-in with a clock that stands still, and an order, for the tests about it."""

import ssl
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import httpx

from bot.sandbox.serve import Served, serve
from bot.sandbox.tango import TangoSandbox

#: Nothing here speaks TLS; without this, each client reads the system's certificates, which takes 20 ms.
NO_AUTHORITIES: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class StandingClock:
    """Both clocks of a stand-in; they go on only when they are told to."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
        self.seconds = 500.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


class Tango:
    """A served stand-in and a client that knows its key."""

    def __init__(self, **options: Any) -> None:
        self.clock = StandingClock()
        defaults: dict[str, Any] = {"now": self.clock.now, "monotonic": self.clock.monotonic, "min_interval": 0}
        self.sandbox = TangoSandbox(**(defaults | options))
        self.served: Served = serve(self.sandbox.app)

    def __enter__(self) -> Self:
        self.served.start()
        self.client = httpx.Client(
            base_url=f"{self.served.url}/raas/v2", auth=("KudosDemo", "demo-key"), timeout=10, verify=NO_AUTHORITIES
        )
        self.control = httpx.Client(base_url=f"{self.served.url}/_sandbox", timeout=10, verify=NO_AUTHORITIES)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.control.close()
        self.served.stop()

    def post(self, body: dict[str, Any] | None = None, **changes: Any) -> httpx.Response:
        """Place an order: a given body, or the usual one with changes."""
        return self.client.post("/orders", json=order(**changes) if body is None else body)

    def place(self, **changes: Any) -> dict[str, Any]:
        """Place an order that is accepted; return its content."""
        response = self.post(**changes)
        assert response.status_code == 201, response.text
        placed: dict[str, Any] = response.json()
        return placed

    def get(self, path: str, **query: Any) -> Any:
        """Return the content of a GET that succeeds."""
        response = self.client.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()


MISSING: Any = object()


def order(**changes: Any) -> dict[str, Any]:
    """Make the body of an order that is accepted, with changes; `MISSING` takes a field out."""
    body = {
        "externalRefID": "ref1",
        "customerIdentifier": "kudos-demo",
        "accountIdentifier": "kudos-demo-usd",
        "utid": "U561593",
        "amount": 25.0,
        "sendEmail": True,
        "recipient": {"firstName": "Rob", "lastName": "Lee", "email": "rob@example.com"},
    } | changes
    return {name: value for name, value in body.items() if value is not MISSING}


def mailed(**changes: Any) -> dict[str, Any]:
    """Make the body of an order for a physical card; changes go to its recipient or, as `address_…`, to the address."""
    address = {
        "streetLine1": "12 Elm Street, Apt. 3/4",
        "city": "St. John's",
        "stateOrProvince": "NY",
        "postalCode": "10001",
        "country": "US",
    }
    address |= {name.removeprefix("address_"): value for name, value in changes.items() if name.startswith("address_")}
    recipient: dict[str, Any] = {"firstName": "Rob", "lastName": "Lee-Ray, Jr.", "address": address}
    recipient |= {name: value for name, value in changes.items() if not name.startswith("address_")}
    return order(utid="U700801", sendEmail=False, recipient=recipient)


def keys(response: httpx.Response) -> list[tuple[str | None, str]]:
    """Return path and key of each error of a refusal."""
    return [(error.get("path"), error["i18nKey"]) for error in response.json()["errors"]]
