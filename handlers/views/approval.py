"""How a request is approved, in words: by how many, by which rule, and by whom it was."""

from bot.domain.approval import ApprovalRule, Policy
from bot.domain.request import NewRequest, Request, RequestStatus
from bot.usecases.approval import Expected
from handlers.views.blocks import Json, mention, section


def rule_text(request: NewRequest) -> str:
    """Say which rule applies to a request; empty where it is the usual one approver."""
    return policy_text(request.policy, request.amount.currency) if request.policy is not None else ""


def policy_text(policy: Policy, currency: str) -> str:
    """Say the same of a policy for an amount in that currency."""
    bound = policy.bound.short if policy.bound is not None else ""
    match policy.rule:
        case ApprovalRule.SECOND_ABOVE:
            return f"Needs two approvers: over {bound}"
        case ApprovalRule.UNLISTED_CURRENCY:
            return f"Needs two approvers: no limit is set for {currency}"
        case ApprovalRule.AUTOMATIC_UP_TO:
            return f"Needs no approver: up to {bound}"
        case ApprovalRule.USUAL:
            return ""


def first_text(request: Request) -> str:
    """Say who was the first of two approvers of a pending request; empty while nobody was."""
    if not request.is_pending or request.first_approved_by is None:
        return ""
    return f"{mention(request.first_approved_by)} approved; one more is needed."


def first_blocks(request: Request) -> list[Json]:
    """Say the same in a block."""
    text = first_text(request)
    return [section(f"✅ {text}")] if text else []


def by_text(request: Request) -> str:
    """Say by whom a request was decided, after the verb: by a person, by two, or by a rule."""
    if request.is_automatic:
        return "automatically"
    is_approved = request.status is RequestStatus.APPROVED
    first = [request.first_approved_by] if is_approved and request.first_approved_by else []
    return f"by {' and '.join(map(mention, [*first, request.decided_by or '']))}"


def expected_text(expected: Expected) -> str:
    """Say in the form by how many its request would be approved, by the amount; empty where it makes no difference."""
    said = []
    if expected.is_unlisted:
        said.append(f"Rewards in {expected.currency} need two of them.")
    elif expected.second_above is not None:
        said.append(f"Over {expected.second_above.short} in all needs two of them.")
    if expected.automatic_up_to is not None:
        said.append(f"Up to {expected.automatic_up_to.short} in all is approved automatically.")
    return " ".join(said)
