"""Turns on Slack: nobody's reward, card or click waits for those of somebody else."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.domain.resend import MOST_RESENDS_AN_HOUR
from bot.errors import DeliveredTooSoon, TooManyResends
from bot.sandbox.slack import Person, people
from handlers.ids import Action
from handlers.views.messages import refusal_text
from storage.database import from_ms
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.payloads import a_click, a_request_form, a_submission
from tests.kit.tango_answers import refusal

CARD: Final = "U666425"


class _Unfetchable:
    """Tango, which answers each question about the first order that it is asked for with an error."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._path: str | None = None
        self.status: int | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self.status and scope["type"] == "http" and scope["method"] == "GET" and "/orders/" in scope["path"]:
            self._path = self._path or scope["path"]
            if scope["path"] == self._path:
                await JSONResponse(refusal("500.001", "broken"), self.status)(scope, receive, send)
                return
        await self._app(scope, receive, send)


@pytest.fixture
def unfetchable(tmp_path: Path, database: Path | str) -> Iterator[tuple[World, _Unfetchable]]:
    """A world, and what makes the reward of one order impossible to fetch."""
    world = World(tmp_path, where=database)
    broken = _Unfetchable(world.tango.app)
    world.tango.app = broken
    with world:
        yield world, broken


def _gifts(who: Person) -> int:
    return sum(Action.REWARD_SHOW in message.action_ids for message in who.dms())


@pytest.mark.parametrize("status", [404, 503])
def test_a_reward_that_cannot_be_fetched_holds_up_no_other(unfetchable: tuple[World, _Unfetchable], status: int):
    world, broken = unfetchable
    rob, kim = world.slack.person("rob"), world.slack.person("kim")
    broken.status = status
    world.alex.click(world.card(world.ask(delivery="message")), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'reward_delivery' AND attempts > 0"))
    later = [world.ask(delivery="message", amount="30"), world.ask(delivery="message", recipients=["kim"])]
    for request_id in later:
        world.alex.click(world.card(request_id), "approve")
    world.until(lambda: _gifts(rob) == _gifts(kim) == 1)
    assert world.rows("SELECT 1 FROM outbox WHERE kind = 'reward_delivery' AND status IN ('pending', 'sending')")
    broken.status = None
    world.settle(step=60)
    assert _gifts(rob) == 2


def test_deliver_again_has_the_cooldown_too(world: World):
    world.place(delivery="message")
    rob, reference = world.slack.person("rob"), world.reference("orders", 1)

    def press() -> str:
        click = a_click(world.slack, people.MAYA, Action.REWARD_DELIVER, reference, channel=world.maya.dm_channel)
        return world.answer(world.maya, lambda: world.slack.deliver("interactive", click)).text

    given = world.one("SELECT given_at FROM orders")["given_at"]
    world.clock.set(from_ms(given + 18_000))
    too_soon = refusal_text(DeliveredTooSoon(number="1", again_at=from_ms(given + 30_000)))
    assert [press() for _ in range(5)] == [too_soon] * 5
    world.clock.advance(31)
    assert [wording.delivering(1) in press() for _ in range(2)] == [True, False]
    world.settle()
    assert _gifts(rob) == 2
    world.clock.advance(31)
    assert wording.delivering(1) in press()


def test_one_person_has_ten_emails_an_hour_sent_again_and_hears_when_the_next_can_go(world: World):
    world.place(recipients=["rob"])
    world.place(recipients=["kim"])
    asked = []
    for _ in range(MOST_RESENDS_AN_HOUR):
        world.clock.advance(31)
        asked.append(world.clock.now())
        told = world.maya.command("/resend", "1").ephemeral
        assert told is not None
        assert wording.sending_again(1) in told.text
        world.settle_resends()
    world.clock.advance(31)
    too_many = refusal_text(
        TooManyResends(most=MOST_RESENDS_AN_HOUR, again_at=asked[0].replace(microsecond=0) + timedelta(hours=1))
    )
    for number in (1, 2):
        told = world.maya.command("/resend", str(number)).ephemeral
        assert told is not None
        assert told.text == too_many
    told = world.ada.command("/resend", "1").ephemeral
    assert told is not None
    assert wording.sending_again(1) in told.text, "it is by person"
    world.clock.set(asked[0] + timedelta(hours=1, seconds=1))
    told = world.maya.command("/resend", "2").ephemeral
    assert told is not None
    assert wording.sending_again(2) in told.text


def test_the_requests_of_one_sender_do_not_delay_the_card_of_the_next(world: World):
    for who in [people.MAYA] * 40 + [people.PRIYA]:
        form = a_submission(world.slack, who, "request", a_request_form([people.ROB], CARD, "5"))
        world.slack.deliver("interactive", form)
    world.until(lambda: world.is_posted("approval_card", 41), step=0.5)
    posted = world.one("SELECT count(*) AS n FROM posts WHERE kind = 'approval_card'")["n"]
    assert posted <= 5, "40 stood before it"
