"""The workspace in a browser: one page in front of the stand-ins for Slack and Tango.

The page is plain HTML, CSS and JavaScript modules under ``static/``. It talks to the stand-ins' control APIs through
the application made here, and to nothing else.
"""

from bot.sandbox.page.app import create_page_app

__all__ = ["create_page_app"]
