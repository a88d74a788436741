"""Who may do what. Every right is checked at the click, on the server, by who clicked; admins are no exception."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.addresses import is_same_address
from bot.domain.approval import Route
from bot.domain.order import Order
from bot.domain.request import NewRequest, Request
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
        handle: the name that Slack gave the account.
        title: what they say that they do; may be empty.
        zone: their time zone, as an IANA name.
        locale: their language and place, such as `en-US`; empty where Slack does not tell.
        is_bot: an app, or Slackbot.
        is_guest: a single- or multi-channel guest.
        is_deactivated: no longer a member.
        is_outsider: of another company, here through Slack Connect.
    """

    user_id: str
    name: str
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    handle: str = ""
    title: str = ""
    zone: str = "UTC"
    locale: str = ""
    is_bot: bool = False
    is_guest: bool = False
    is_deactivated: bool = False
    is_outsider: bool = False

    @property
    def is_colleague(self) -> bool:
        """Return whether this is a full member of the company: no guest, outsider or bot, and not deactivated."""
        return not (self.is_guest or self.is_outsider or self.is_bot or self.is_deactivated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The people of each role, user groups already resolved to their members.

    Approvers, admins and finance are colleagues whose profile and membership Slack has confirmed lately.

    Attributes:
        everyone_sends: senders are everyone but guests (`roles.senders: ["*"]`).
        senders: who may make requests, where not everyone may.
        approvers: who may decide about requests that keep no route of their own.
        named: for each id that a route or the policy of a waiting request names, the approvers that it stands for.
        admins: who may see all orders and put them right.
        finance: who may see everyone's rewards in reports, as admins may.
        barred: who is named as approver, admin or finance, and is no colleague.
        unconfirmed: who is named as one of these, and whom Slack has not confirmed lately.
        is_incomplete: Slack has not told lately who is in one of the groups that name approvers and admins.
        addresses: the email addresses of approvers and admins, by user id.
        groups: the members of each user group of the settings, as last told. One that is gone is missing, as is one of
            which Slack never told: who was in it is not known.
        outdated: the groups of which Slack has not told lately.
        unsure: of the ids in `named`, those whose people Slack has not all confirmed lately.
        is_unsure: Slack has not confirmed lately all who may decide about requests that keep no route of their own.
    """

    everyone_sends: bool = False
    senders: frozenset[str] = frozenset()
    approvers: frozenset[str] = frozenset()
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    admins: frozenset[str] = frozenset()
    finance: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    unconfirmed: frozenset[str] = frozenset()
    is_incomplete: bool = False
    addresses: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    outdated: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    is_unsure: bool = False

    @property
    def groups_lately(self) -> Mapping[str, frozenset[str]]:
        """Return the members of each user group of which Slack has told lately."""
        return {group: members for group, members in self.groups.items() if group not in self.outdated}

    @property
    def all_approvers(self) -> frozenset[str]:
        """Return who may decide about some request."""
        return self.approvers.union(*self.named.values())

    def approvers_on(self, route: Route | None) -> frozenset[str]:
        """Return who may decide about requests on a route; None for requests that keep none."""
        if route is None:
            return self.approvers
        return frozenset().union(*(self.named.get(one, frozenset()) for one in route.approvers))

    def knows(self, route: Route | None) -> bool:
        """Return whether it was asked whom the route names: not yet where only a waiting request names it."""
        return route is None or self.named.keys() >= route.approvers

    def is_sure_of(self, route: Route | None) -> bool:
        """Return whether Slack has confirmed lately all whom the route names; None for requests that keep none."""
        if route is None:
            return not self.is_unsure
        return self.knows(route) and self.unsure.isdisjoint(route.approvers)

    def rule_for(self, actor_id: str, usual: Rule) -> Rule:
        """Return why somebody has not the right of approvers or admins; `usual` where they are not named for it."""
        if actor_id in self.barred:
            return Rule.COLLEAGUES_ONLY
        if actor_id in self.unconfirmed or self.is_incomplete:
            return Rule.MEMBERSHIP_UNKNOWN
        return usual


def check_may_send(person: Person, roles: Roles) -> None:
    """Refuse who is no sender: not named in the settings; with `"*"` a guest, an outsider, a bot, a deactivated one.

    Raises:
        NotAllowed: not a sender.
    """
    if person.user_id in roles.senders:
        return
    if not roles.everyone_sends:
        raise NotAllowed(Rule.SENDERS_ONLY, who_may=sorted(roles.admins))
    if not person.is_colleague:
        raise NotAllowed(Rule.GUESTS_MAY_NOT_SEND)


def recipient_fault(person: Person, requester: Person, *, mailed: bool) -> Fault | None:
    """Return why this requester cannot give that person a reward, or None; a `mailed` one needs an email address."""
    is_oneself = person.user_id == requester.user_id or is_same_address(person.email, requester.email)
    faults = (
        (FaultCode.IS_ONESELF, is_oneself),
        (FaultCode.IS_BOT, person.is_bot),
        (FaultCode.IS_DEACTIVATED, person.is_deactivated),
        (FaultCode.IS_GUEST, person.is_guest),
        (FaultCode.IS_OUTSIDER, person.is_outsider),
        (FaultCode.HAS_NO_EMAIL, mailed and not person.email),
    )
    return next((Fault(code, {"name": person.name}) for code, holds in faults if holds), None)


def check_may_decide(request: Request, actor_id: str, roles: Roles) -> None:
    """Refuse who may not decide: only an approver of its route may, who neither asked for the reward nor receives it.

    Two accounts with the same email address are one person.

    Raises:
        NotAllowed: not an approver of the request, or a party to it.
    """
    check_may_review(request, actor_id, roles)
    rule = _rule_of_parties(request, actor_id, roles)
    if rule is not None:
        raise _not_allowed_about(request, rule, roles)


def check_may_review(request: Request, actor_id: str, roles: Roles) -> None:
    """Refuse who may not look at a request as approvers do: parties to it may.

    Raises:
        NotAllowed: not an approver, or one of other requests.
    """
    if actor_id in roles.approvers_on(request.route):
        return
    is_other = actor_id in roles.all_approvers
    rule = roles.rule_for(actor_id, Rule.OTHER_APPROVERS if is_other else Rule.APPROVERS_ONLY)
    raise _not_allowed_about(request, rule if roles.knows(request.route) else Rule.MEMBERSHIP_UNKNOWN, roles)


def _not_allowed_about(request: Request, rule: Rule, roles: Roles) -> NotAllowed:
    """Return the refusal about a request, with the approvers who may decide about it."""
    who_may = approvers_left(request, roles)
    if rule is Rule.ANOTHER_APPROVER and (first := request.first_approved_by) is not None:
        who_may = [one for one in who_may if not _is_same_person(one, first, roles)]
    return NotAllowed(rule, request_id=request.id, who_may=who_may, waits=request.is_pending)


def check_may_approve(request: Request, actor_id: str, roles: Roles) -> None:
    """Refuse who may not approve: who may not decide, and who was the first of its two approvers.

    Raises:
        NotAllowed: not an approver of the request, a party to it, or its first approver by whatever account.
    """
    check_may_decide(request, actor_id, roles)
    first = request.first_approved_by
    if first is not None and _is_same_person(actor_id, first, roles):
        raise _not_allowed_about(request, Rule.ANOTHER_APPROVER, roles)


def may_approve(request: Request, actor_id: str, roles: Roles) -> bool:
    """Return whether a person may approve a request now."""
    try:
        check_may_approve(request, actor_id, roles)
    except NotAllowed:
        return False
    return True


def is_party(request: NewRequest, actor_id: str, roles: Roles) -> bool:
    """Return whether this person, by whatever account, asked for the reward or receives it."""
    return _rule_of_parties(request, actor_id, roles) is not None


def _rule_of_parties(request: NewRequest, actor_id: str, roles: Roles) -> Rule | None:
    address = roles.addresses.get(actor_id)
    if actor_id == request.requester_id or is_same_address(address, request.requester_email):
        return Rule.NOT_OWN_REQUEST
    if any(one.user_id == actor_id or is_same_address(address, one.email) for one in request.recipients):
        return Rule.NOT_OWN_REWARD
    return None


def approval_fault(request: NewRequest, needed: int, roles: Roles) -> Fault | None:
    """Return that nobody could approve the request, or one where two are needed; None where enough people can.

    Nothing is found while Slack has not confirmed everyone whom its route names: more of them may be confirmed soon.
    """
    if not roles.is_sure_of(request.route):
        return None
    left = (one for one in roles.approvers_on(request.route) if not is_party(request, one, roles))
    people = count_people(left, roles, most=needed)  # looks at no more of them than are needed
    if people >= needed:
        return None
    return Fault(FaultCode.NOBODY_APPROVES if people == 0 else FaultCode.ONE_APPROVER_LEFT)


def approvers_left(request: NewRequest, roles: Roles) -> Sequence[str]:
    """Return the approvers on the request's route who neither asked for it nor receive it, by Slack id."""
    return [one for one in sorted(roles.approvers_on(request.route)) if not is_party(request, one, roles)]


def count_people(user_ids: Iterable[str], roles: Roles, *, most: int) -> int:
    """Count people, up to `most`; two accounts with the same email address are one person."""
    found: list[str] = []
    for user_id in user_ids:
        if not any(_is_same_person(user_id, other, roles) for other in found):
            found.append(user_id)
        if len(found) >= most:
            break
    return len(found)


def _is_same_person(user_id: str, other_id: str, roles: Roles) -> bool:
    return user_id == other_id or is_same_address(roles.addresses.get(user_id), roles.addresses.get(other_id))


def check_may_have_card(request: Request, actor_id: str, roles: Roles) -> None:
    """Refuse who may not have a request's card posted again: requester, approvers and admins may.

    Raises:
        NotAllowed: Slack has not confirmed lately whether they are an approver or admin.
        NotFound: as if there were none.
    """
    if actor_id == request.requester_id or actor_id in roles.approvers_on(request.route) | roles.admins:
        return
    rule = roles.rule_for(actor_id, Rule.APPROVERS_ONLY)
    if rule is Rule.MEMBERSHIP_UNKNOWN:
        raise NotAllowed(rule, request_id=request.id)
    raise NotFound(request.reference)


def check_is_approver(actor_id: str, roles: Roles) -> None:
    """Refuse who approves no requests.

    Raises:
        NotAllowed: not an approver.
    """
    if actor_id not in roles.all_approvers:
        raise NotAllowed(roles.rule_for(actor_id, Rule.APPROVERS_ONLY), who_may=sorted(roles.all_approvers))


def check_may_withdraw(request: Request, actor_id: str) -> None:
    """Refuse who may not withdraw: only the requester may.

    Raises:
        NotAllowed: another person's request.
    """
    if actor_id != request.requester_id:
        raise NotAllowed(Rule.REQUESTER_ONLY, request_id=request.id)


def check_may_undo(request: Request, actor_id: str, roles: Roles) -> None:
    """Refuse who may not undo an approval: the requester may, and an approver who may decide about the request.

    Raises:
        NotAllowed: neither of them.
    """
    if actor_id == request.requester_id:
        return
    if actor_id not in roles.all_approvers:
        raise NotAllowed(roles.rule_for(actor_id, Rule.UNDO_BY_PARTIES), request_id=request.id)
    check_may_decide(request, actor_id, roles)


def check_is_admin(actor_id: str, roles: Roles, order_id: int | None = None) -> None:
    """Refuse who is no admin; `order_id` where it is about an order.

    Raises:
        NotAllowed: not an admin.
    """
    if actor_id not in roles.admins:
        rule = roles.rule_for(actor_id, Rule.ADMINS_ONLY)
        raise NotAllowed(rule, order_id=order_id, who_may=sorted(roles.admins))


def check_may_see(order: Order, actor_id: str, roles: Roles, asked: str) -> None:
    """Refuse who may not see an order: senders see their own, admins all.

    Raises:
        NotFound: as if there were none. It names the word that was `asked` for: the order's id would give it away.
        NotAllowed: Slack has not confirmed lately whether this is an admin.
    """
    if actor_id != order.requester_id and actor_id not in roles.admins:
        raise not_found(actor_id, roles, asked, request_id=order.request_id, order_id=order.id)


def check_may_see_request(request: Request, actor_id: str, roles: Roles, asked: str, order_id: int | None) -> None:
    """Refuse who may not see a request with its orders: senders see their own, admins all.

    Args:
        request: the request.
        actor_id: who asks.
        roles: who may do what.
        asked: the word that was asked for.
        order_id: the order that it means, for the audit log.

    Raises:
        NotFound: as if there were none.
        NotAllowed: Slack has not confirmed lately whether this is an admin.
    """
    if actor_id != request.requester_id and actor_id not in roles.admins:
        raise not_found(actor_id, roles, asked, request_id=request.id, order_id=order_id)


def not_found(
    actor_id: str, roles: Roles, asked: str, *, request_id: int | None = None, order_id: int | None = None
) -> NotFound | NotAllowed:
    """Return the refusal of an order that is not there, or that this person may not see: the two are alike.

    Who may be an admin, and is not confirmed, hears that in both cases.
    """
    if actor_id not in roles.admins and roles.rule_for(actor_id, Rule.ADMINS_ONLY) is Rule.MEMBERSHIP_UNKNOWN:
        return NotAllowed(Rule.MEMBERSHIP_UNKNOWN, request_id=request_id, order_id=order_id)
    return NotFound(asked, request_id=request_id, order_id=order_id)


def check_may_resend(order: Order, actor_id: str, roles: Roles, changes: ResendChanges, asked: str) -> None:
    """Refuse who may not have an email sent again: who sees the order may, to another address an admin alone.

    Its recipient may too, without changes. A recipient hears of a reward when Tango has mailed it, and finds none
    here before.

    Raises:
        NotFound: as if there were none; it names what was `asked` for.
        NotAllowed: another address, and not an admin; or it is not confirmed whether this is one.
    """
    if actor_id == order.recipient.user_id and order.last_sent_at is not None and not changes:
        return
    check_may_see(order, actor_id, roles, asked)
    if changes.email is not None:
        check_is_admin(actor_id, roles, order.id)


def check_not_own_address(address: str, person: Person, order_id: int) -> None:
    """Refuse an address of the person's own accounts: they have the same address, but for case and plus-tags.

    Raises:
        NotAllowed: it is their own.
    """
    if is_same_address(person.email, address):
        raise NotAllowed(Rule.NOT_OWN_ADDRESS, order_id=order_id)
