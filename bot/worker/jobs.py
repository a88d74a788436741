"""The jobs of the dispatcher: what it takes from the file, and then does in a slot."""

from dataclasses import dataclass

from bot.domain.order import Order
from bot.domain.resend import Resend
from bot.usecases.inquiry_answers import Question


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claimed order, and the row in which its attempt is recorded."""

    order: Order
    attempt_id: int


@dataclass(frozen=True, slots=True)
class Watch:
    """An accepted order that Tango has not finished, and whose status is to be asked for."""

    order: Order


@dataclass(frozen=True, slots=True)
class Look:
    """A queued order that has waited for so long that it is reviewed before it is sent."""

    order: Order


Job = Claimed | Resend | Watch | Look | Question
