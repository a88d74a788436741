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

#: Days and months as Slack shortens them: strftime would write the machine's language.
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

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
        if not text:
            return NO_DATE
        try:
            day, at, whose = text.split(" ")
            return cls(day=date.fromisoformat(day), at=f"{time.fromisoformat(at):%H:%M}", is_mine=whose == MINE)
        except ValueError:
            return cls()


#: The fields as they are before anybody chooses a day.
NO_DATE: Final = SendOn()


def send_on_blocks(send: SendOn, action: Action = Action.SEND_ON) -> list[Json]:
    """Build the field for a date in a form, and those for its time once there is one: each day dispatches `action`."""
    hint = "Approved now, sent then. Leave blank to send it once it's approved."
    day = input_block(Block.SEND_ON, "Send on", _day(send, action), hint=hint, optional=True, dispatch=True)
    return [day, *_time_blocks(send)] if send.day is not None else [day]


def _day(send: SendOn, action: Action) -> Json:
    picker: Json = {"type": "datepicker", "action_id": action.value}
    return picker if send.day is None else {**picker, "initial_date": send.day.isoformat()}


def _time_blocks(send: SendOn) -> list[Json]:
    """Build the fields for the time of a date, and for whose clock counts."""
    at: Json = {"type": "timepicker", "action_id": Action.SEND_AT.value, "initial_time": send.at}
    theirs, mine = option("Where each person is", _THEIRS), option("Where I am", MINE)
    whose: Json = {
        "type": "static_select",
        "action_id": Action.SEND_ZONE.value,
        "options": [theirs, mine],
        "initial_option": mine if send.is_mine else theirs,
    }
    return [input_block(Block.SEND_AT, "At", at), input_block(Block.SEND_ZONE, "By the clock", whose)]


def schedule_text(schedule: Schedule | None) -> str:
    """Say on which date something is sent, as a part of a line; nothing where there is none."""
    if schedule is None:
        return ""
    at = schedule.at
    day = f"{_DAYS[at.weekday()]}, {_MONTHS[at.month - 1]} {at.day}, {at.year}"
    return f"{day} at {at:%H:%M} {_where_text(schedule.zone)}"


def _where_text(zone: str) -> str:
    """Say whose clock counts, by the city after which a zone is named."""
    if not zone:
        return "in each person's time zone"
    *_, city = zone.split("/")
    return f"{city.replace('_', ' ')} time" if "/" in zone else zone


def change_button(request: Request) -> Json:
    """Build the button that opens the form for another date."""
    return button("Change the date…", Action.SCHEDULE_CHANGE, request.reference)


def build_schedule_form(request: Request) -> Json:
    """Build the form for another date of a request."""
    send = SendOn.of(request.details.schedule)
    return {
        "type": "modal",
        "callback_id": View.SCHEDULE.value,
        "title": plain("Change the date", 24),
        "submit": plain("Save", 24),
        "close": plain("Go back", 24),
        "private_metadata": request.reference,
        "blocks": [
            input_block(Block.SEND_ON, "Send on", _day(send, Action.SEND_ON)),
            *_time_blocks(send),
            context("Approvers see the new date on the card." if request.is_pending else "It stays approved."),
        ],
    }
