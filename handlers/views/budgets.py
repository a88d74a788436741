"""What is left in budgets, wherever people see it: the form, the card, Home, and what the admins hear."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from bot.domain.budget import BudgetUsed, Drawn, Limits, Room
from bot.domain.catalog import Reward
from bot.domain.money import Money
from bot.domain.request import Request
from handlers.views.blocks import Json, Message, context, escape, mention, name_text, section

#: Per cent at which nothing is left.
_ALL: Final = 100


def day_text(day: date) -> str:
    """Return a day of the installation's calendar: 30 November."""
    return f"{day.day} {day:%B}"


def currencies_text(currencies: Sequence[str]) -> str:
    """Return currencies as a choice: USD, EUR or GBP."""
    *most, last = currencies
    return f"{', '.join(most)} or {last}" if most else last


#: What a budget has left, by whether the requester has it alone; and the same with what it is in all.
_LEFT: Final[Mapping[bool, str]] = {
    True: "Your budget “{name}” has {left} left until {day}.",
    False: "The budget “{name}” has {left} left until {day}.",
}
_LEFT_OF: Final[Mapping[bool, str]] = {
    True: "Your budget “{name}” has {left} left until {day}, of {amount}.",
    False: "The budget “{name}” has {left} left until {day}, of {amount}.",
}

#: What a request takes of a budget, by whether the requester has it alone.
_DRAWN: Final[Mapping[bool, str]] = {
    True: "{by}'s budget “{name}”: {left} → {after}",
    False: "Budget “{name}”: {left} → {after}",
}

#: Whose budget is nearly or wholly used, by whether one person has it alone.
_BUDGET_OF: Final[Mapping[bool, str]] = {True: "{owner}'s budget “{name}”", False: "The budget “{name}”"}

#: How much of it is used: while its period lasts, and after it.
_IS_USED: Final = (
    "⚠️ *{budget} is {percent}% used.* {used} of {amount} is used until {day}. "
    "Requests that don't fit into the rest are refused."
)
_IS_USED_UP: Final = (
    "⚠️ *{budget} is used up.* {used} of {amount} is used until {day}. New requests are refused until {next_day}. "
    "To allow more, raise its `amount` under `budgets` in app.yaml."
)
_WAS_USED: Final = (
    "⚠️ *{budget} was {percent}% used by {day}.* {used} of {amount} was used. New requests count in the next period."
)
_WAS_USED_UP: Final = (
    "⚠️ *{budget} was used up by {day}.* {used} of {amount} was used. New requests count in the next period."
)


def left_text(room: Room) -> str:
    """Say to the requester what a budget has left, in plain text."""
    return _left(room, _LEFT)


def _left(room: Room, told: Mapping[bool, str]) -> str:
    budget, day = room.budget, day_text(room.period.last_day)
    return told[budget.each].format(name=budget.name, left=room.left, day=day, amount=budget.amount)


def no_budget_text(currency: str, currencies: Sequence[str]) -> str:
    """Say that the requester has budgets, and none in this currency; plain text."""
    return f"You have no budget in {currency}. Please choose a reward in {currencies_text(currencies)}."


def no_limit_text(currency: str, currencies: Sequence[str]) -> str:
    """Say that nothing is given in a currency that a limit doesn't list; plain text."""
    return f"You can't send rewards in {currency}. Please choose one in {currencies_text(currencies)}."


def over_limit_text(limit: Money) -> str:
    """Say what one reward can be worth at most, by the settings; plain text."""
    return f"The most for one reward is {limit}."


def limits_for(reward: Reward | None, rooms: Sequence[Room], limits: Limits) -> Sequence[str]:
    """Say in the form how much can be asked for: what the budgets have left, and the limit. Plain sentences.

    Args:
        reward: the chosen one; without one, every budget is named.
        rooms: what the requester's budgets have left, in all currencies.
        limits: of the settings.
    """
    if reward is None:
        return [left_text(room) for room in rooms]
    currency = reward.currency
    fitting = [room for room in rooms if room.budget.amount.currency == currency]
    limit = limits.per_reward.get(currency)
    said = [over_limit_text(limit)] if limit is not None else []
    if rooms and not fitting:
        return [*said, no_budget_text(currency, sorted({room.budget.amount.currency for room in rooms}))]
    if currencies := limits.currencies_but(currency):
        said = [no_limit_text(currency, currencies)]
    return [*said, *(left_text(room) for room in fitting)]


def budgets_blocks(rooms: Sequence[Room]) -> list[Json]:
    """Say on Home what the reader's budgets have left, a line each."""
    return [context("\n".join(escape(_left(room, _LEFT_OF)) for room in rooms))] if rooms else []


def drawn_texts(request: Request) -> list[str]:
    """Say on the card what the request takes of each budget: "Maya's budget “Team leads”: $375.00 → $350.00"."""
    return [_drawn_text(request, drawn) for drawn in request.budgets]


def _drawn_text(request: Request, drawn: Drawn) -> str:
    after = Money(drawn.left.minor - request.total.minor, drawn.left.currency)
    told = _DRAWN[drawn.each]
    return told.format(by=name_text(request.requester_name), name=escape(drawn.name), left=drawn.left, after=after)


def build_budget_used(notice: BudgetUsed) -> Message:
    """Warn admins that a budget is nearly or wholly used."""
    last_day, whose = date.fromisoformat(notice.last_day), _BUDGET_OF[bool(notice.owner)]
    text = _used_text(notice).format(
        budget=whose.format(owner=mention(notice.owner or ""), name=escape(notice.name)),
        percent=notice.percent,
        used=Money(notice.used_minor, notice.currency),
        amount=Money(notice.amount_minor, notice.currency),
        day=day_text(last_day),
        next_day=day_text(last_day + timedelta(days=1)),
    )
    return Message(text, [section(text)])


def _used_text(notice: BudgetUsed) -> str:
    is_all = notice.percent >= _ALL
    if notice.is_over:
        return _WAS_USED_UP if is_all else _WAS_USED
    return _IS_USED_UP if is_all else _IS_USED
