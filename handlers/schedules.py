"""The date of a request: its requester chooses another one."""

from handlers.bolt.answers import Done, Open
from handlers.bolt.desk import Desk
from handlers.bolt.form import entered_date
from handlers.bolt.payloads import Click, Submission
from handlers.views.schedule import build_schedule_form


def ask_for_date(desk: Desk, click: Click) -> Open:
    """Open the form for another date of one's own request."""
    return Open(build_schedule_form(desk.schedules.find_to_change(click.reference, click.user_id)))


def ask_for_date_of_order(desk: Desk, click: Click) -> Open:
    """Open the same for the request of one's own order."""
    return Open(build_schedule_form(desk.schedules.find_of_order(click.reference, click.user_id)))


def change_date(desk: Desk, submission: Submission) -> Done:
    """Keep the other date. The outbox rewrites card and receipt.

    Raises:
        InvalidForm: there is no date, or it does not do.
        NotFound: it is another's request, or has no date.
        AlreadyDecided: the request came to nothing.
        WrongState: nothing of it waits for a date any more.
    """
    zone = desk.directory.person(submission.user_id).zone
    schedule = entered_date(submission.modal.entered).schedule(zone)
    desk.schedules.change(submission.modal.reference, submission.user_id, schedule)
    return Done()
