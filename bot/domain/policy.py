"""Who may do what. Every right is checked at the click, on the server, by who clicked; admins are no exception."""

from dataclasses import dataclass

from bot.domain.addresses import folded
from bot.domain.order import Order
from bot.domain.request import Request
from bot.domain.resend import ResendChanges
from bot.errors import NotAllowed, NotFound, Rule
from bot.faults import Fault, FaultCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person on Slack, as their profile says now.

    Attributes:
        user_id: on Slack.
        name: the one that others see.
        first_name: from the profile; may be empty.
        last_name: the same.
        email: None where the profile shows none.
        zone: their time zone, as an IANA name.
        locale: their language and place, such as `en-US`; empty where Slack does not tell.
        is_bot: an app, or Slackbot.
        is_guest: a single- or multi-channel guest.
        is_deactivated: no longer a member.
        is_outsider: of another workspace, here through Slack Connect.
    """

    user_id: str
    name: str
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    zone: str = "UTC"
    locale: str = ""
    is_bot: bool = False
    is_guest: bool = False
    is_deactivated: bool = False
    is_outsider: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The people of each role, user groups already resolved to their members.

    Attributes:
        everyone_sends: senders are everyone but guests (`roles.senders: ["*"]`).
        senders: who may make requests, where not everyone may.
        approvers: who may decide.
        admins: who may see all orders and put them right.
    """

    everyone_sends: bool = False
    senders: frozenset[str] = frozenset()
    approvers: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()


def check_may_send(person: Person, roles: Roles) -> None:
    """Refuse who is no sender: not named in the settings; with `"*"` a guest, an outsider, a bot, a deactivated one.

    Raises:
        NotAllowed: not a sender.
    """
    if person.user_id in roles.senders:
        return
    if not roles.everyone_sends:
        raise NotAllowed(Rule.SENDERS_ONLY)
    if person.is_guest or person.is_outsider or person.is_bot or person.is_deactivated:
        raise NotAllowed(Rule.GUESTS_MAY_NOT_SEND)


def recipient_fault(person: Person, requester_id: str, *, mailed: bool) -> Fault | None:
    """Return why this requester cannot give that person a reward, or None; a `mailed` one needs an email address."""
    faults = (
        (FaultCode.IS_ONESELF, person.user_id == requester_id),
        (FaultCode.IS_BOT, person.is_bot),
        (FaultCode.IS_DEACTIVATED, person.is_deactivated),
        (FaultCode.IS_GUEST, person.is_guest),
        (FaultCode.IS_OUTSIDER, person.is_outsider),
        (FaultCode.HAS_NO_EMAIL, mailed and not person.email),
    )
    return next((Fault(code, {"name": person.name}) for code, holds in faults if holds), None)


def check_may_decide(request: Request, actor_id: str, roles: Roles) -> None:
    """Refuse who may not decide: only an approver may, who neither asked for the reward nor receives it.

    Raises:
        NotAllowed: not an approver, or a party to the request.
    """
    if actor_id not in roles.approvers:
        raise NotAllowed(Rule.APPROVERS_ONLY)
    if actor_id == request.requester_id:
        raise NotAllowed(Rule.NOT_OWN_REQUEST)
    if any(recipient.user_id == actor_id for recipient in request.recipients):
        raise NotAllowed(Rule.NOT_OWN_REWARD)


def check_may_withdraw(request: Request, actor_id: str) -> None:
    """Refuse who may not withdraw: only the requester may.

    Raises:
        NotAllowed: another person's request.
    """
    if actor_id != request.requester_id:
        raise NotAllowed(Rule.REQUESTER_ONLY)


def check_is_admin(actor_id: str, roles: Roles) -> None:
    """Refuse who is no admin.

    Raises:
        NotAllowed: not an admin.
    """
    if actor_id not in roles.admins:
        raise NotAllowed(Rule.ADMINS_ONLY)


def check_may_see(order: Order, actor_id: str, roles: Roles, asked: str) -> None:
    """Refuse who may not see an order: senders see their own, admins all.

    Raises:
        NotFound: as if there were none. It names the word that was `asked` for: the order's id would give it away.
    """
    if actor_id != order.requester_id and actor_id not in roles.admins:
        raise NotFound(asked)


def check_may_resend(order: Order, actor_id: str, roles: Roles, changes: ResendChanges, asked: str) -> None:
    """Refuse who may not have an email sent again: who sees the order may, to another address an admin alone.

    Its recipient may too, without changes. A recipient hears of a reward when Tango has mailed it, and finds none
    here before.

    Raises:
        NotFound: as if there were none; it names what was `asked` for.
        NotAllowed: another address, and not an admin.
    """
    if actor_id == order.recipient.user_id and order.last_sent_at is not None and not changes:
        return
    check_may_see(order, actor_id, roles, asked)
    if changes.email is not None:
        check_is_admin(actor_id, roles)


def check_not_own_address(address: str, person: Person) -> None:
    """Refuse an address of the person's own accounts: they have the same address, but for case and plus-tags.

    Raises:
        NotAllowed: it is their own.
    """
    if person.email is not None and folded(person.email) == folded(address):
        raise NotAllowed(Rule.NOT_OWN_ADDRESS)
