"""Occasions: the form's field, and the line of a card, a receipt and an order."""

from collections.abc import Sequence
from typing import Final

from bot.domain.occasion import Occasion
from handlers.ids import Action, Block
from handlers.views.blocks import Json, input_block, option, plain

#: Whether an occasion is taxable, where the settings say so.
_TAXABLE: Final = {True: "taxable", False: "not taxable"}


def occasion_block(occasions: Sequence[Occasion], chosen: str) -> Json:
    """Build the field of the form that asks for an occasion.

    Args:
        occasions: of the settings.
        chosen: the name of the chosen one; empty where there is none.
    """
    choices = {one.name: _choice(one) for one in occasions}
    select: Json = {
        "type": "static_select",
        "action_id": Action.OCCASION.value,
        "placeholder": plain("What is it for?", 150),
        "options": list(choices.values()),
    }
    if chosen in choices:
        select["initial_option"] = choices[chosen]
    return input_block(Block.OCCASION, "Occasion", select, hint="For your company's reports.")


def _choice(occasion: Occasion) -> Json:
    return option(occasion.name, occasion.name, "Taxable" if occasion.is_taxable else None)


def occasion_text(occasion: Occasion | None) -> str:
    """Name the occasion, and say whether it is taxable where the settings say so; empty where there is none."""
    if occasion is None:
        return ""
    return occasion.name if occasion.is_taxable is None else f"{occasion.name}, {_TAXABLE[occasion.is_taxable]}"
