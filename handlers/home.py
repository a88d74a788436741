"""The Home tab: opened, and its button to the form. Its other buttons are those of cards, receipts and messages."""

from handlers.bolt.answers import Done, Open, ShowHome
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, HomeOpened
from handlers.requests import open_filled_form
from handlers.views.forms import FormState


def show(desk: Desk, opened: HomeOpened) -> ShowHome | Done:
    """Show Home to who opened it, and rewrite it for them from now on."""
    if opened.tab != "home":
        return Done()
    desk.home_tab.open(opened.user_id)
    return ShowHome(opened.user_id)


def send(desk: Desk, click: Click) -> Open:
    """Open the form, empty."""
    desk.requests.check_may_send(desk.directory.person(click.user_id))
    return open_filled_form(desk, FormState(by_message=desk.requests.delivers_by_message), click.user_id)
