"""What is left in budgets, wherever people see it: the form, the card, Home, and what the admins hear."""

from collections.abc import Sequence
from datetime import date

from bot.domain.budget import Budget, Room


def day_text(day: date) -> str:
    """Return a day of the installation's calendar: 30 November."""
    return f"{day.day} {day:%B}"


def budget_named(budget: Budget) -> str:
    """Name a budget to the requester, in plain text: "your budget “Team leads”"."""
    return f"{'your' if budget.each else 'the'} budget “{budget.name}”"


def left_text(room: Room) -> str:
    """Say to the requester what a budget has left, in plain text and without a full stop."""
    named = budget_named(room.budget)
    return f"{named[0].upper()}{named[1:]} has {room.left} left until {day_text(room.period.last_day)}"


def currencies_text(currencies: Sequence[str]) -> str:
    """Return currencies as a choice: USD, EUR or GBP."""
    *most, last = currencies
    return f"{', '.join(most)} or {last}" if most else last
