"""User groups in the form of a request: those and many people become a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.people import visible_name
from bot.usecases.form import MOST_RECIPIENTS
from handlers.ids import Action, Block
from handlers.views.blocks import MOST_OPTIONS, Json, escape, input_block, option, plain
from handlers.views.people import few_of

#: People who can be chosen one by one: as many as can be pasted as lines. Beyond that, a list is easier to check.
MOST_CHOSEN: Final = 100

#: User groups in one request: more are hardly meant.
_MOST_GROUPS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A user group: Slack's id of it, and the handle by which people know it, as `@design`."""

    id: str
    handle: str


def recipients_blocks(recipients: Sequence[str], groups: Sequence[Group], *, is_folded: bool) -> list[Json]:
    """Build the fields of who gets a reward.

    Args:
        recipients: the chosen people, by Slack id.
        groups: the chosen user groups.
        is_folded: whether the field of groups is folded away: most requests don't need it, and a parcel has none.
    """
    select: Json = {
        "type": "multi_users_select",
        "action_id": Action.RECIPIENTS.value,
        "placeholder": plain("Who is it for?", 150),
        "max_selected_items": MOST_CHOSEN,
    }
    if recipients:
        select["initial_users"] = list(recipients[:MOST_CHOSEN])
    asks_groups = bool(groups) or not is_folded
    # dispatch: the chosen people are looked up while the rest is filled in
    people = input_block(Block.RECIPIENTS, "Recipients", select, dispatch=True, optional=asks_groups)
    return [people, _groups_block(groups)] if asks_groups else [people]


def _groups_block(groups: Sequence[Group]) -> Json:
    select: Json = {
        "type": "multi_external_select",
        "action_id": Action.GROUPS.value,
        "placeholder": plain("Type a user group", 150),
        "min_query_length": 0,
        "max_selected_items": _MOST_GROUPS,
    }
    if groups:
        select["initial_options"] = [_option(group) for group in groups[:_MOST_GROUPS]]
    hint = "I show you who gets a reward before anybody is asked."
    return input_block(Block.GROUPS, "User groups", select, hint=hint, optional=True)


def group_choices(groups: Sequence[Group]) -> Json:
    """Build the options of these groups."""
    return {"options": [_option(group) for group in groups[:MOST_OPTIONS]]}


def _option(group: Group) -> Json:
    return option(group.handle, group.id)


def many_text(people: int) -> str:
    """Say that the typed groups have too many people for one card, and what happens then."""
    return (
        f"That's {people:,} people. For more than {MOST_RECIPIENTS}, I check all of them first and show you the total "
        "before anybody is asked."
    )


def group_left_out_text(names: Sequence[str]) -> str:
    """Say who of the groups gets nothing; their own names, or "you"."""
    told = few_of([escape(visible_name(name)) or "someone" for name in names])
    return f"I left out {told}. Rewards go to other members of this workspace."
