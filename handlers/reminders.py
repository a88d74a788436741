"""Asking another approver by the receipt; being away, and back, on Home."""

from handlers.bolt.answers import Done, Open, Say
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, Submission
from handlers.ids import Block
from handlers.views.reminders import build_asking, build_away_form


def ask_another(desk: Desk, click: Click) -> Say:
    """Ask the next approver to look at one's own request."""
    return Say(build_asking(desk.reminders.ask_another(click.reference, click.user_id)))


def ask_until_when(desk: Desk, click: Click) -> Open:
    """Open the form for the day until which an approver is away."""
    desk.absences.check_may_be_away(click.user_id)
    return Open(build_away_form())


def leave(desk: Desk, submission: Submission) -> Done:
    """Keep until when an approver is away. Home says it."""
    desk.absences.leave(submission.user_id, submission.modal.entered.day(Block.AWAY_UNTIL))
    return Done()


def come_back(desk: Desk, click: Click) -> Done:
    """Keep that an approver is back. Home, where the button is, is shown anew."""
    desk.absences.come_back(click.user_id)
    return Done()
