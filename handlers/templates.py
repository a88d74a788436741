"""The field for the template of Tango's email: what it offers."""

from handlers.bolt.answers import Options
from handlers.bolt.desk import Desk
from handlers.views.templates import template_choices


def offer_templates(desk: Desk, typed: str) -> Options:
    """Offer the templates that match the typed text, and the typed etid itself."""
    return Options(template_choices(desk.templates.offered(), typed))
