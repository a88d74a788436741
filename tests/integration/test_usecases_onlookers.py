"""Onlookers: each recipient is looked at once Slack tells, whoever else was looked at before."""

from typing import Final

from bot.domain.approval import ApprovalRule, Policy, Route
from bot.errors import SlackUnavailable
from bot.usecases.onlookers import Onlookers
from storage import Storage
from tests.kit.factories import ADA, ALEX, CHANNEL, ROB, FakeClock, a_recipient, file_request

PRIVATE: Final = "C00PRIVATE"


def test_recipients_whose_channel_was_not_told_are_looked_at_later_though_newer_ones_were(storage: Storage):
    silent, reads = {PRIVATE}, {CHANNEL: {ADA}, PRIVATE: {ROB}}

    def members(channel: str) -> set[str]:
        if channel in silent:
            raise SlackUnavailable
        return reads[channel]

    usual = Route(CHANNEL, frozenset({ALEX}))
    onlookers = Onlookers(storage=storage, clock=FakeClock(), members=members, usual=usual)
    old = file_request(storage, policy=Policy(Route(PRIVATE, frozenset({ALEX})), ApprovalRule.USUAL))
    new = file_request(storage, recipients=(a_recipient(ADA), a_recipient(ROB)))
    onlookers.look()
    assert seen(storage, old.id) == [None]
    assert seen(storage, new.id) == [True, False]
    silent.clear()
    onlookers.look()
    assert seen(storage, old.id) == [True]


def seen(storage: Storage, request_id: int) -> list[bool | None]:
    request = storage.requests.get(request_id)
    assert request is not None
    return [one.in_channel for one in request.recipients]
