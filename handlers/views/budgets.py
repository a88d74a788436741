"""What is left in budgets, wherever people see it: the form, the card, Home, and what the admins hear."""

from collections.abc import Sequence
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


def left_text(room: Room) -> str:
    """Say to the requester what a budget has left, in plain text and without a full stop."""
    whose = "Your" if room.budget.each else "The"
    return f"{whose} budget “{room.budget.name}” has {room.left} left until {day_text(room.period.last_day)}"


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
        return [f"{left_text(room)}." for room in rooms]
    currency = reward.currency
    fitting = [room for room in rooms if room.budget.amount.currency == currency]
    limit = limits.per_reward.get(currency)
    said = [over_limit_text(limit)] if limit is not None else []
    if rooms and not fitting:
        return [*said, no_budget_text(currency, sorted({room.budget.amount.currency for room in rooms}))]
    if currencies := limits.currencies_but(currency):
        said = [no_limit_text(currency, currencies)]
    return [*said, *(f"{left_text(room)}." for room in fitting)]


def budgets_blocks(rooms: Sequence[Room]) -> list[Json]:
    """Say on Home what the reader's budgets have left, a line each."""
    return (
        [context("\n".join(escape(f"{left_text(room)}, of {room.budget.amount}.") for room in rooms))] if rooms else []
    )


def drawn_texts(request: Request) -> list[str]:
    """Say on the card what the request takes of each budget: "Maya's budget “Team leads”: $375.00 → $350.00"."""
    return [_drawn_text(request, drawn) for drawn in request.budgets]


def _drawn_text(request: Request, drawn: Drawn) -> str:
    after = Money(drawn.left.minor - request.total.minor, drawn.left.currency)
    whose = f"{name_text(request.requester_name)}'s budget" if drawn.each else "Budget"
    return f"{whose} “{escape(drawn.name)}”: {drawn.left} → {after}"


def build_budget_used(notice: BudgetUsed) -> Message:
    """Warn admins that a budget is nearly or wholly used."""
    used, amount = Money(notice.used_minor, notice.currency), Money(notice.amount_minor, notice.currency)
    last_day = date.fromisoformat(notice.last_day)
    whose = f"{mention(notice.owner)}'s budget" if notice.owner else "The budget"
    named = f"{whose} “{escape(notice.name)}”"
    spent = f"{used} of {amount} is used until {day_text(last_day)}."
    if notice.is_over:
        how = f"{notice.percent}% used" if notice.percent < _ALL else "used up"
        spent = f"{used} of {amount} was used."
        text = f"⚠️ *{named} was {how} by {day_text(last_day)}.* {spent} New requests count in the next period."
    elif notice.percent < _ALL:
        text = f"⚠️ *{named} is {notice.percent}% used.* {spent} Requests that don't fit into the rest are refused."
    else:
        again = day_text(last_day + timedelta(days=1))
        text = (
            f"⚠️ *{named} is used up.* {spent} New requests are refused until {again}. "
            "To allow more, raise its `amount` under `budgets` in app.yaml."
        )
    return Message(text, [section(text)])
