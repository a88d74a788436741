"""A date on which a request is sent: its fields in the form, and how it is said."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from bot.domain.request import Request
from bot.domain.schedule import Schedule
from handlers.ids import Action, Block, View
from handlers.views.blocks import Json, button, context, input_block, option, plain

#: The time of a day that the form offers first: people read their messages when they begin to work.
_USUAL: Final = "09:00"

#: The values of the field that says whose clock counts.
_THEIRS: Final = "theirs"
MINE: Final = "mine"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOn:
    """The date as it is filled in.

    Attributes:
        day: None where it is to be sent as soon as it is approved.
        at: the time of the day, like 09:00.
        is_mine: whether the clock of the requester counts, and not each recipient's own.
    """

    day: date | None = None
    at: str = _USUAL
    is_mine: bool = False

    def schedule(self, zone: str) -> Schedule | None:
        """Return the date that it is, for a requester in this zone; None where there is none."""
        if self.day is None:
            return None
        return Schedule(datetime.combine(self.day, time.fromisoformat(self.at)), zone if self.is_mine else "")

    @classmethod
    def of(cls, schedule: Schedule | None) -> "SendOn":
        """Return the fields for a date."""
        if schedule is None:
            return cls()
        return cls(day=schedule.at.date(), at=f"{schedule.at:%H:%M}", is_mine=bool(schedule.zone))

    def __str__(self) -> str:
        """Write it, so that it is kept where the fields are not shown; empty where there is no date."""
        return f"{self.day.isoformat()} {self.at} {MINE if self.is_mine else _THEIRS}" if self.day else ""

    @classmethod
    def from_text(cls, text: str) -> "SendOn":
        """Return what was written so; no date where it is something else."""
        try:
            day, at, whose = text.split(" ")
            return cls(day=date.fromisoformat(day), at=f"{time.fromisoformat(at):%H:%M}", is_mine=whose == MINE)
        except ValueError:
            return cls()


def schedule_blocks(send: SendOn, *, is_optional: bool = True) -> list[Json]:
    """Build the fields of a date."""
    day: Json = {"type": "datepicker", "action_id": Action.SEND_ON.value}
    if send.day is not None:
        day["initial_date"] = send.day.isoformat()
    at: Json = {"type": "timepicker", "action_id": Action.SEND_AT.value, "initial_time": send.at}
    theirs, mine = option("Where each person is", _THEIRS), option("Where I am", MINE)
    whose: Json = {
        "type": "static_select",
        "action_id": Action.SEND_ZONE.value,
        "options": [theirs, mine],
        "initial_option": mine if send.is_mine else theirs,
    }
    hint = "It's approved now and sent then. Leave blank to send it once it's approved." if is_optional else None
    return [
        input_block(Block.SEND_ON, "Send on", day, hint=hint, optional=is_optional),
        input_block(Block.SEND_AT, "At", at, optional=True),
        input_block(Block.SEND_ZONE, "By the clock", whose, optional=True),
    ]


def schedule_text(schedule: Schedule | None) -> str:
    """Say on which date something is sent, as a part of a line; nothing where there is none."""
    if schedule is None:
        return ""
    where = schedule.zone.replace("_", " ") if schedule.zone else "where each person is"
    return f"{schedule.at:%Y-%m-%d} at {schedule.at:%H:%M}, {where}"


def change_button(request: Request) -> Json:
    """Build the button that opens the form for another date."""
    return button("Change the date…", Action.SCHEDULE_CHANGE, request.reference)


def build_schedule_form(request: Request) -> Json:
    """Build the form for another date of an approved request."""
    return {
        "type": "modal",
        "callback_id": View.SCHEDULE.value,
        "title": plain("Change the date", 24),
        "submit": plain("Save", 24),
        "close": plain("Go back", 24),
        "private_metadata": request.reference,
        "blocks": [
            *schedule_blocks(SendOn.of(request.details.schedule), is_optional=False),
            context("It stays approved. What was sent already isn't sent again."),
        ],
    }
