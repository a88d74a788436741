"""The words about workflows: what the step offers, why it asked for nothing, and that a workflow asked.

Who built or started a workflow reads what the step says: nothing there tells of budgets, or of what a recipient was
given before.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.domain.catalog import Reward
from bot.domain.occasion import Occasion
from bot.domain.request import Request
from bot.errors import InvalidForm, NoRewards, NotAllowed, Refusal, SlackUnavailable
from bot.faults import Fault, FaultCode
from handlers.views.blocks import MOST_IN_LABEL, Json, clip, mention, time_of
from handlers.views.faults import faults_text
from handlers.views.messages import refusal_text

#: Slack says nothing of how long a function's error may be: so much as a phone shows at once.
_MOST_OF_REFUSAL: Final = 500

#: The names of the step's inputs, by the fields of the form.
_INPUTS: Final[Mapping[str, str]] = {
    "recipients": "Recipient",
    "reward": "Reward",
    "amount": "Amount",
    "message": "Message",
    "occasion": "Occasion",
}

#: Faults that the form words for the requester alone, who chose what is in it.
_NOT_FOR_REQUESTER: Final[Mapping[FaultCode, str]] = {
    FaultCode.IS_ONESELF: "Workflows ask in this person's own name, so please choose someone else.",
    FaultCode.HAS_NO_EMAIL: "Their Slack profile has no email address. They can add one there.",
    FaultCode.PROFILE_MALFORMED: "Tango can't use the email address in their Slack profile. They can change it there.",
    FaultCode.NOT_APPLICABLE: "A workflow can't ask for what goes by post. Please choose another reward.",
    **dict.fromkeys(
        (
            FaultCode.OVER_BUDGET,
            FaultCode.OVER_YEARLY_LIMIT,
            FaultCode.NO_BUDGET_IN_CURRENCY,
            FaultCode.NO_LIMIT_IN_CURRENCY,
        ),
        "A workflow can't ask for this now. Please choose less, or ask an admin of Kudos.",
    ),
}


def reward_options(rewards: Sequence[Reward]) -> list[Json]:
    """Build the options of the step's list of rewards (Slack docs, options_select type)."""
    return [_option(f"{reward.name} ({reward.amounts})", reward.utid) for reward in rewards]


def occasion_options(occasions: Sequence[Occasion]) -> list[Json]:
    """Build the options of the step's list of occasions."""
    return [_option(one.name, one.name) for one in occasions]


def _option(text: str, value: str) -> Json:
    return {"text": {"type": "plain_text", "text": clip(text, MOST_IN_LABEL)}, "value": value}


def refused_text(refusal: Refusal) -> str:
    """Say why a workflow's request was not made, and what helps. Plain text: Slack formats nothing there."""
    return clip(f"No reward was requested. {' '.join(_reasons(refusal))}", _MOST_OF_REFUSAL)


def _reasons(refusal: Refusal) -> Iterator[str]:
    match refusal:
        case InvalidForm(faults=faults):
            for name, found in faults.items():
                said = _faults_text(name, found)
                yield f"{_INPUTS[name]}: {said}" if name in _INPUTS else said
        case NotAllowed():
            yield "The person in whose name workflows ask can't send rewards. Please ask an admin of Kudos."
        case NoRewards() | SlackUnavailable():
            yield refusal_text(refusal)
        case _:
            raise AssertionError(f"no sentence for {type(refusal).__name__}")


def _faults_text(name: str, faults: Sequence[Fault]) -> str:
    own = [_NOT_FOR_REQUESTER[fault.code] for fault in faults if fault.code in _NOT_FOR_REQUESTER]
    others = [fault for fault in faults if fault.code not in _NOT_FOR_REQUESTER]
    return " ".join(dict.fromkeys([*own, *([faults_text(name, others)] if others else [])]))


def turned_off_text() -> str:
    """Say that the settings name nobody in whose name workflows ask."""
    return "This step is turned off. Please ask an admin of Kudos to turn it on."


def from_text(request: Request) -> str:
    """Say from whom the request is: the requester, or a workflow in their name; as a fact within a line."""
    told = "from a workflow in the name of {by}" if request.by_workflow else "from {by}"
    return told.format(by=mention(request.requester_id))


def requested_by_text(request: Request) -> str:
    """Say the same where it does not follow the number."""
    told = "requested by a workflow in the name of {by}" if request.by_workflow else "requested by {by}"
    return told.format(by=mention(request.requester_id))


def requested_text(request: Request) -> str:
    """Say when the request was made, and that a workflow made it, if one did."""
    told = "requested by a workflow {at}" if request.by_workflow else "requested {at}"
    return told.format(at=time_of(request.created_at))
