"""What would become of a request: how it would be approved, from which budgets, and what would be said against it.

Pure: `kudos policy try` prints it, and nothing is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.approval import ApprovalSettings, Policy, policy_for
from bot.domain.budget import (
    Budget,
    Limits,
    Reserved,
    Room,
    budgets_of,
    currency_fault,
    in_currency,
    room_fault,
    rooms_of,
)
from bot.domain.money import Money
from bot.domain.policy import Roles, approval_fault, approvers_left
from bot.domain.request import Delivery, NewRequest
from bot.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What would become of a request.

    Attributes:
        policy: how it would be approved.
        approvers: who could approve it now, by Slack id.
        rooms: what is left of each budget that it would take from.
        faults: what the form would say under its fields, if anything.
    """

    policy: Policy
    approvers: Sequence[str]
    rooms: Sequence[Room]
    faults: Sequence[Fault]


def forecast(
    new: NewRequest,
    *,
    settings: ApprovalSettings,
    budgets: Sequence[Budget],
    limits: Limits,
    roles: Roles,
    month: int,
    reserved: Sequence[Reserved] = (),
    given: Mapping[str, Money] | None = None,
) -> Forecast:
    """Return what would become of a request.

    Args:
        new: the request.
        settings: of approvals.
        budgets: of the settings.
        limits: of the settings.
        roles: who may do what; its routes are named, whether or not the settings have a policy.
        month: the one in which it would be filed, as `month_of` counts.
        reserved: what requests have reserved already.
        given: what each recipient was given this year, by Slack id.

    Raises:
        SlackUnavailable: it depends on a user group that Slack has not told of.
    """
    mine = budgets_of(budgets, new.requester_id, roles.groups)
    ours = in_currency(mine, new.amount.currency)
    policy = policy_for(
        settings,
        requester_id=new.requester_id,
        total=new.total,
        is_posted=new.details.delivery is Delivery.POST,
        has_budget=bool(ours),
        groups=roles.groups,
    )
    routed = replace(new, policy=policy)
    rooms = rooms_of(ours, reserved, month)
    nothing = Money(0, new.amount.currency)
    faults = [
        approval_fault(routed, policy.needed, roles),
        currency_fault(mine, new.amount.currency) or room_fault(rooms, new.total),
        limits.currency_fault(new.amount.currency) or limits.reward_fault(new.amount),
        *(
            limits.recipient_fault(one.name, new.amount, (given or {}).get(one.user_id, nothing))
            for one in new.recipients
        ),
    ]
    return Forecast(
        policy=policy,
        approvers=approvers_left(routed, roles),
        rooms=rooms,
        faults=[fault for fault in faults if fault is not None],
    )
