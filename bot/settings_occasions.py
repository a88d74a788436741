"""The occasions of the settings: each is a name, or a name with whether it is taxable."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from bot.domain.occasion import Occasion
from bot.settings_values import ENTRIES, EntryName, check_named_once

#: Options of a select (Slack docs, Block Kit, static_select), and more occasions than anybody looks through.
_MOST: Final = 100


class OccasionSettings(BaseModel):
    """One occasion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: EntryName
    taxable: bool | None = None

    @property
    def occasion(self) -> Occasion:
        """The same, as the domain has it."""
        return Occasion(self.name, self.taxable)


def _whole(value: object) -> object:
    """Read an occasion that is written as its name alone."""
    return {"name": value} if isinstance(value, str) else value


def _named_once(occasions: Sequence[OccasionSettings]) -> Sequence[OccasionSettings]:
    check_named_once("occasions", [occasion.name for occasion in occasions], str.casefold)
    if len(occasions) > _MOST:
        raise ValueError(f"There are {len(occasions)} occasions. Keep at most {_MOST}.")
    return occasions


Occasions = Annotated[
    tuple[Annotated[OccasionSettings, BeforeValidator(_whole)], ...], ENTRIES, AfterValidator(_named_once)
]
