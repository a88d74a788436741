"""The settings of budgets and limits, as the domain has them."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.domain.budget import EVERYONE, Budget, Limits, Per
from bot.settings_values import ENTRIES, LISTED, Amount, Amounts, SenderId, matching, within

#: Characters of a budget's name: it stands in one line with two amounts, on a phone.
_MOST_IN_NAME: Final = 40

BudgetName = Annotated[
    str, matching(r"\S+( \S+)*", "This isn't a name. Use words, with one space between two."), within(_MOST_IN_NAME)
]


class BudgetSettings(BaseModel):
    """One budget: for whom it is, how much, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: BudgetName
    senders: Annotated[frozenset[SenderId], LISTED] = Field(default=frozenset({EVERYONE}), min_length=1)
    each: bool = False
    amount: Amount
    per: Per

    @property
    def budget(self) -> Budget:
        """The same, as the domain has it."""
        return Budget(name=self.name, senders=self.senders, each=self.each, amount=self.amount, per=self.per)


def _named_once(budgets: Sequence[BudgetSettings]) -> Sequence[BudgetSettings]:
    names = [budget.name for budget in budgets]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"Two budgets are called {name!r}. Give each a name of its own.")
    return budgets


Budgets = Annotated[tuple[BudgetSettings, ...], ENTRIES, AfterValidator(_named_once)]


class LimitsSettings(BaseModel):
    """The most that one reward, and one person in a calendar year, may get."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_reward: Amounts = Field(default_factory=dict)
    per_recipient_per_year: Amounts = Field(default_factory=dict)

    @property
    def limits(self) -> Limits:
        """The same, as the domain has them."""
        return Limits(per_reward=self.per_reward, per_recipient_per_year=self.per_recipient_per_year)
