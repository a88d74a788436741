"""The choices of the form's long fields: rewards and countries, as Slack takes them."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.catalog import Reward, RewardGroup
from bot.tango.places import COUNTRIES
from handlers.views.blocks import MOST_OPTIONS, Json, option, plain

#: The groups of rewards, in the order in which the field shows them.
_GROUPS: Final[Mapping[RewardGroup, str]] = {
    RewardGroup.GIFT_CARD: "Gift cards",
    RewardGroup.POSTED: "By post",
    RewardGroup.DONATION: "Donations",
}


def reward_choices(rewards: Sequence[Reward], currency: str = "") -> Json:
    """Build the choices of the reward field, as Slack takes them: in groups where there are several.

    The rewards of the currency come first, in each group.
    """
    groups: dict[str, list[Json]] = {label: [] for label in _GROUPS.values()}
    for reward in sorted(rewards, key=lambda one: one.currency != currency):
        groups[_GROUPS[reward.group]].append(reward_option(reward))
    filled = {label: options for label, options in groups.items() if options}
    if len(filled) > 1:
        return {"option_groups": [{"label": plain(label, 75), "options": found} for label, found in filled.items()]}
    return {"options": [found for options in filled.values() for found in options]}


def reward_option(reward: Reward) -> Json:
    """Build the choice of one reward."""
    return option(reward.name, reward.utid, reward.amounts)


def limits_text(reward: Reward | None) -> str:
    """Say which amounts the reward can have."""
    match reward:
        case None:
            return "Choose a reward to see its limits."
        case Reward(minimum=int(low), maximum=int(high)):
            limits = f"Between {reward.money(low).short} and {reward.money(high).short}"
        case _:
            limits = f"Any amount in {reward.currency}"
    return f"{limits}, whole amounts only." if reward.whole else f"{limits}."


def country_choices(typed: str) -> Json:
    """Build the choices of the country field, found by name or code: exact ones first, then shorter names."""
    words = " ".join(typed.casefold().split())
    names = {code: name.casefold() for code, name in COUNTRIES.items()}
    found = [code for code, name in names.items() if words in name or words == code.casefold()]
    found.sort(
        key=lambda code: (
            words not in {names[code], code.casefold()},
            not names[code].startswith(words),
            len(names[code]),
            names[code],
        )
    )
    return {"options": [option(COUNTRIES[code], code) for code in found[:MOST_OPTIONS]]}
