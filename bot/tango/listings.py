"""GET /lineItems and GET /digitalTemplates: what is read of their pages.

Source: Tango docs, Manage line items and Manage digital templates; the names of the fields from its API specification.
"""

from typing import Annotated

from bot.tango.queries import PageInfo
from bot.tango.wire import LINE_ITEMS, OBJECT, TEMPLATES, Identifier, Text, Wire


class LineItem(Wire):
    """The part of an order that has one recipient; ours have one each. Of its recipient nothing is read."""

    reference_order_id: Identifier
    email_status: Text = None


class LineItemPage(Wire):
    """One page of the answer to GET /lineItems."""

    page: Annotated[PageInfo | None, OBJECT] = None
    line_items: Annotated[tuple[LineItem, ...], LINE_ITEMS]

    @property
    def total(self) -> int:
        """Return how many line items all pages have together; those of this page where Tango does not say."""
        told = self.page.total_count if self.page else None
        return len(self.line_items) if told is None else int(told)


class EmailTemplate(Wire):
    """A template of Tango's emails, as the portal names it."""

    etid: Identifier
    name: Text = None
    subject: Text = None


class TemplatePage(Wire):
    """One page of the answer to GET /digitalTemplates."""

    email_templates: Annotated[tuple[EmailTemplate, ...], TEMPLATES]
