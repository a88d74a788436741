"""The order that somebody means: by its number, by the reference that a button carries, or by its id in the file."""

from bot.domain.numbers import Number, request_number
from bot.domain.order import Order
from bot.domain.policy import Roles, check_is_admin
from bot.domain.request import Request
from bot.errors import NotFound, SeveralOrders
from storage import Storage


def find_numbered(storage: Storage, number: str) -> Order:
    """Return the order of a typed number: 8.2, or 8 for the only order of its request.

    Raises:
        NotFound: there is no such order.
        SeveralOrders: it is the number of a request that has several.
    """
    typed = Number.of(number)
    orders = storage.orders.of_request(typed.request_id) if typed else []
    order = typed.pick(orders) if typed else None
    if order is not None:
        return order
    if typed is not None and not typed.place and orders:
        raise SeveralOrders(request_number(typed.request_id), [one.number for one in orders])
    raise NotFound(number)


def find_by_id(storage: Storage, order_id: int) -> Order:
    """Return the order of that id, which people never see.

    Raises:
        NotFound: there is no such order.
    """
    order = storage.orders.get(order_id)
    if order is None:
        raise NotFound(str(order_id))
    return order


def find_clicked(storage: Storage, reference: str) -> Order:
    """Return the order whose buttons carry this `externalRefID`.

    Raises:
        NotFound: no order has it.
    """
    order = storage.orders.by_reference(reference)
    if order is None:
        raise NotFound(reference)
    return order


def find_clicked_by_admin(storage: Storage, roles: Roles, reference: str, actor_id: str) -> Order:
    """Return the order whose buttons carry this `externalRefID`, for an admin.

    Raises:
        NotAllowed: the actor is no admin.
        NotFound: no order has it.
    """
    order = storage.orders.by_reference(reference)
    check_is_admin(actor_id, roles, order.id if order else None)
    if order is None:
        raise NotFound(reference)
    return order


def request_of(storage: Storage, order: Order) -> Request:
    """Return the request that an order delivers. Who may see it is checked by the caller."""
    request = storage.requests.get(order.request_id)
    if request is None:  # the file's foreign key
        raise LookupError(f"order {order.id} has no request")
    return request
