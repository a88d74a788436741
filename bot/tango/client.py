"""The Tango Orders API: its endpoints, one method each.

A client lasts as long as the process: making one reads the certificates (about 20 ms) and throws away the
connections that are kept alive. It is safe to use from many threads. It tries each call once: the caller knows
whether trying again is right.
"""

import re
from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from typing import Final, TypeVar

from pydantic import SecretStr

from bot.errors import TangoRefused, TangoUnavailable
from bot.tango import outcomes
from bot.tango.bodies import ResendBody
from bot.tango.catalog import TangoCatalog
from bot.tango.envelope import read_answer, read_error, request_id_of
from bot.tango.inquiry import AtTango, InquiryAnswer, Unsaid, read_listed, read_named
from bot.tango.limits import BLOCK_LIMIT
from bot.tango.listings import LineItemPage, TemplatePage
from bot.tango.models import Account, OrderDetail
from bot.tango.outcomes import Outcome, Reason, ResendAmbiguous, ResendOutcome, ResendRefused
from bot.tango.queries import OrderPage, OrderQuery
from bot.tango.transport import HttpAnswer, NoAnswer, Trace, Transport, Written
from bot.tango.wire import Wire

#: Order numbers look like RA180426-1401-64, or 115-0112257739-30 in the first version of the API. Nothing that a
#: person typed becomes another path.
_ORDER_NUMBER: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")

_M = TypeVar("_M", bound=Wire)


def _nobody() -> None:
    """Do nothing: the `on_written` of a caller that needs none."""


def _may_always() -> bool:
    """Return True: the `may_write` of who reads for a person."""
    return True


def _unheard(_at: datetime) -> None:
    """Do nothing: the `on_date` of a caller that knows the time."""


class TangoClient:
    """Tango's endpoints, one method each.

    Args:
        base_url: the base of the API, such as `https://integration-api.tangocard.com/raas/v2`.
        platform_name: the user of HTTP Basic.
        platform_key: its password.
        timeout: seconds that Tango may take to answer.
        on_date: told the time, UTC, that Tango's clock shows in each answer.

    Raises:
        ValueError: `base_url` is no http or https address.
    """

    def __init__(
        self,
        *,
        base_url: str,
        platform_name: str,
        platform_key: SecretStr,
        timeout: float = 60.0,
        on_date: Callable[[datetime], None] = _unheard,
    ) -> None:
        self._transport = Transport(
            base_url=base_url,
            platform_name=platform_name,
            platform_key=platform_key,
            timeout=timeout,
            on_date=on_date,
        )
        self._may_write: Callable[[], bool] = _may_always

    def fenced(self, may_write: Callable[[], bool]) -> "TangoClient":
        """Return this client for who is on duty: `may_write` is asked right before a request about an order is written.

        A request that may not be written any more is not sent, as if Tango could not be reached.
        """
        fenced = copy(self)
        fenced._may_write = may_write  # noqa: SLF001 (of this class)
        return fenced

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def create_order(self, body: bytes, *, on_written: Callable[[], None] = _nobody) -> Outcome:
        """Send an order: exactly these bytes, once.

        Never raises for anything that Tango or the network does.

        Args:
            body: the frozen body, as `NewOrder.to_bytes` made it.
            on_written: called once, from this thread, before this returns: when the body has been written to
                the socket, or as soon as it is known that it never will be.

        Source: Tango docs, Manage orders, POST /orders.
        """
        written = Written(on_written, self._may_write)
        try:
            answer = self._transport.call("POST", "/orders", "/orders", body=body, trace=written.trace)
        except NoAnswer as nothing:
            return outcomes.unanswered(nothing.reason)
        finally:
            written.tell()
        return outcomes.classify(answer.status, answer.headers, answer.body)

    def look_at_order(self, reference_order_id: str, *, on_written: Callable[[], None] = _nobody) -> Outcome:
        """Ask for an order that Tango has made, as an attempt: what `create_order` left open is settled by this.

        Never raises for anything that Tango or the network does. `on_written` is called as by `create_order`. An id
        that no order can have is answered with 404, unasked.

        Source: Tango docs, Manage orders, GET /orders/{referenceOrderID}.
        """
        written = Written(on_written, self._may_write)
        try:
            if not _ORDER_NUMBER.fullmatch(reference_order_id):
                return outcomes.never_made()
            path = f"/orders/{reference_order_id}"
            answer = self._transport.call("GET", "/orders/{id}", path, trace=written.trace)
        except NoAnswer as nothing:
            return outcomes.unanswered(nothing.reason)
        finally:
            written.tell()
        return outcomes.classify_look(answer.status, answer.headers, answer.body)

    def get_order(self, reference_order_id: str, *, on_written: Callable[[], None] = _nobody) -> OrderDetail:
        """Return an order, with its reward. An id that no order can have is answered with 404, unasked.

        `on_written` is called as by `create_order`.

        Raises:
            TangoRefused: Tango answered 4xx; 404 where it knows no such order.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage orders, GET /orders/{referenceOrderID}.
        """
        written = Written(on_written, self._may_write)
        try:
            if not _ORDER_NUMBER.fullmatch(reference_order_id):
                raise TangoRefused(status=404)
            path = f"/orders/{reference_order_id}"
            return self._read(OrderDetail, "/orders/{id}", path, trace=written.trace)
        finally:
            written.tell()

    def find_order(self, external_ref_id: str, *, on_written: Callable[[], None] = _nobody) -> InquiryAnswer:
        """Ask what became of a reference, by the list of orders.

        Never raises for anything that Tango or the network does. `on_written` is called as by `create_order`.

        Source: Tango docs, Manage orders, GET /orders.
        """
        written = Written(on_written, self._may_write)
        params = OrderQuery(external_ref_id=external_ref_id, page=0, elements_per_block=BLOCK_LIMIT).to_params()
        try:
            answer = self._transport.call("GET", "/orders", "/orders", params=params, trace=written.trace)
        except NoAnswer as nothing:
            return Unsaid(reason=nothing.reason, status=None, request_id=None)
        finally:
            written.tell()
        return read_listed(external_ref_id, answer.status, answer.headers, answer.body)

    def find_numbered(self, reference_order_id: str, *, on_written: Callable[[], None] = _nobody) -> InquiryAnswer:
        """Ask what order Tango has under one of its numbers, without its reward.

        Never raises for anything that Tango or the network does. `on_written` is called as by `create_order`.

        Source: Tango docs, Manage orders, GET /orders/{referenceOrderID}.
        """
        written = Written(on_written, self._may_write)
        try:
            if not _ORDER_NUMBER.fullmatch(reference_order_id):
                return AtTango(())
            path = f"/orders/{reference_order_id}"
            answer = self._transport.call("GET", "/orders/{id}", path, trace=written.trace)
        except NoAnswer as nothing:
            return Unsaid(reason=nothing.reason, status=None, request_id=None)
        finally:
            written.tell()
        return read_named(reference_order_id, answer.status, answer.headers, answer.body)

    def list_orders(self, query: OrderQuery) -> OrderPage:
        """Return one page of the orders of this platform.

        Raises:
            TangoRefused: Tango answered 4xx.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage orders, GET /orders.
        """
        return self._read(OrderPage, "/orders", "/orders", query.to_params())

    def list_line_items(self, *, email_status: str, customer: str, account: str, page: int) -> LineItemPage:
        """Return one page of the line items whose email has this status, the newest first.

        Raises:
            TangoRefused: Tango answered 4xx; 403 where the platform may not look at line items.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage line items, GET /lineItems.
        """
        params = {
            "emailStatus": email_status,
            "customerIdentifier": customer,
            "accountIdentifier": account,
            "page": str(page),
            "elementsPerBlock": str(BLOCK_LIMIT),
        }
        return self._read(LineItemPage, "/lineItems", "/lineItems", params)

    def list_templates(self) -> TemplatePage:
        """Return the first templates of this platform's emails, as many as a page has.

        Raises:
            TangoRefused: Tango answered 4xx.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage digital templates, GET /digitalTemplates.
        """
        params = {"page": "0", "elementsPerBlock": str(BLOCK_LIMIT)}
        return self._read(TemplatePage, "/digitalTemplates", "/digitalTemplates", params)

    def resend_order(
        self,
        reference_order_id: str,
        *,
        new_email: str | None = None,
        new_etid: str | None = None,
        on_written: Callable[[], None] = _nobody,
    ) -> ResendOutcome:
        """Have Tango send the email of an order again; to a new address or by another template if given.

        Never raises for anything that Tango or the network does. Not idempotent: after an unclear answer
        the email may be under way. `on_written` is called as by `create_order`.

        Source: Tango docs, Manage orders, POST /orders/{referenceOrderID}/resends.
        """
        written = Written(on_written, self._may_write)
        if not _ORDER_NUMBER.fullmatch(reference_order_id):
            written.tell()
            return ResendRefused(status=404, i18n_key=None, message="", request_id=None)
        changes = ResendBody(new_email=new_email, new_etid=new_etid)
        body = changes.model_dump_json(by_alias=True, exclude_none=True).encode()
        path = f"/orders/{reference_order_id}/resends"
        try:
            answer = self._transport.call("POST", "/orders/{id}/resends", path, body=body, trace=written.trace)
        except NoAnswer as nothing:
            return ResendAmbiguous(status=None, reason=nothing.reason, request_id=None)
        finally:
            written.tell()
        return outcomes.classify_resend(answer.status, answer.headers, answer.body)

    def list_catalog(self, *, verbose: bool = True) -> TangoCatalog:
        """Return every reward that this platform may order; `verbose` with descriptions, terms and pictures.

        Tango asks for about two calls a day, and none per order.

        Raises:
            TangoRefused: Tango answered 4xx.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage catalog, GET /catalogs.
        """
        return self._read(TangoCatalog, "/catalogs", "/catalogs", {"verbose": "true" if verbose else "false"})

    def get_account(self, identifier: str) -> Account:
        """Return an account, with its balance.

        Raises:
            TangoRefused: Tango answered 4xx; 404 where it knows no such account.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage accounts, GET /accounts/{accountIdentifier}.
        """
        if not _ORDER_NUMBER.fullmatch(identifier):
            raise TangoRefused(status=404)
        return self._read(Account, "/accounts/{id}", f"/accounts/{identifier}")

    def _read(
        self,
        model: type[_M],
        template: str,
        path: str,
        params: Mapping[str, str] | None = None,
        trace: Trace | None = None,
    ) -> _M:
        answer = self._fetch(template, path, params, trace)
        try:
            return model.model_validate(read_answer(answer.headers, answer.body))
        except ValueError:
            raise _unreadable(answer) from None

    def _fetch(
        self, template: str, path: str, params: Mapping[str, str] | None = None, trace: Trace | None = None
    ) -> HttpAnswer:
        """Return the answer of a read, if it is a 200."""
        try:
            answer = self._transport.call("GET", template, path, params=params, trace=trace)
        except NoAnswer as nothing:
            raise TangoUnavailable(reason=nothing.reason) from nothing
        if answer.status == 200:
            return answer
        error = read_error(answer.headers, answer.body)
        reason = outcomes.doubt(answer.status, error)
        if reason is not None:
            raise TangoUnavailable(reason=reason, status=answer.status, request_id=error.request_id)
        raise TangoRefused(
            status=answer.status,
            i18n_key=error.i18n_key,
            message=error.message,
            request_id=error.request_id,
            field=error.field,
        )


def _unreadable(answer: HttpAnswer) -> TangoUnavailable:
    request_id = request_id_of(answer.headers)
    return TangoUnavailable(reason=Reason.UNREADABLE, status=answer.status, request_id=request_id)
