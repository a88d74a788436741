"""The occasions of the settings: each is a name, or a name with whether it is taxable."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from bot.domain.occasion import Occasion
from bot.settings_values import ENTRIES, matching, within

#: Characters of an occasion's name: it stands in a column of a report, beside amounts.
_MOST_IN_NAME: Final = 40

#: Options of a select (Slack docs, Block Kit, static_select), and more occasions than anybody looks through.
_MOST: Final = 100

OccasionName = Annotated[
    str, matching(r"\S+( \S+)*", "This isn't a name. Use words, with one space between two."), within(_MOST_IN_NAME)
]


class OccasionSettings(BaseModel):
    """One occasion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: OccasionName
    taxable: bool | None = None

    @property
    def occasion(self) -> Occasion:
        """The same, as the domain has it."""
        return Occasion(self.name, self.taxable)


def _whole(value: object) -> object:
    """Read an occasion that is written as its name alone."""
    return {"name": value} if isinstance(value, str) else value


def _named_once(occasions: Sequence[OccasionSettings]) -> Sequence[OccasionSettings]:
    names = [occasion.name.casefold() for occasion in occasions]
    for occasion in occasions:
        if names.count(occasion.name.casefold()) > 1:
            raise ValueError(f"Two occasions are called {occasion.name!r}. Give each a name of its own.")
    if len(occasions) > _MOST:
        raise ValueError(f"There are {len(occasions)} occasions. Keep at most {_MOST}.")
    return occasions


Occasions = Annotated[
    tuple[Annotated[OccasionSettings, BeforeValidator(_whole)], ...], ENTRIES, AfterValidator(_named_once)
]
