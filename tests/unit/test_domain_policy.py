"""Who may do what, as tables: every rule against every role. Admins are no exception."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.approval import ApprovalRule, Policy, Route
from bot.domain.policy import (
    Person,
    Roles,
    approval_fault,
    check_is_admin,
    check_is_approver,
    check_may_approve,
    check_may_decide,
    check_may_have_card,
    check_may_resend,
    check_may_see,
    check_may_send,
    check_may_undo,
    check_may_withdraw,
    check_not_own_address,
    not_found,
    recipient_fault,
)
from bot.domain.report import check_is_finance, sees_all_gifts
from bot.domain.request import Request
from bot.domain.resend import AS_BEFORE, ResendChanges
from bot.errors import NotAllowed, NotFound, Rule
from bot.faults import Fault, FaultCode
from tests.kit.factories import ADA, ALEX, MAYA, NOON, ROB, a_person, a_recipient, a_request, an_order, some_roles

ZOE = "U0ZOE0001"  # has no role at all


def rule_met(check: Any, *args: Any) -> str | None:
    """The rule that a check refuses by, or None where it lets through."""
    try:
        check(*args)
    except NotAllowed as refusal:
        return refusal.rule.value
    return None


# ------------------------------------------------------------------------------------------ sending

OPEN = some_roles(everyone_sends=True)
NAMED = some_roles(everyone_sends=False, senders=frozenset({MAYA}))
NOBODY = some_roles(everyone_sends=False)


@pytest.mark.parametrize(
    ("roles", "person", "rule"),
    [
        pytest.param(OPEN, a_person(ZOE), None, id="everyone: a member"),
        pytest.param(OPEN, a_person(ZOE, email=None), None, id="everyone: a member without e-mail"),
        pytest.param(OPEN, a_person(ADA), None, id="everyone: an admin"),
        pytest.param(OPEN, a_person(ALEX), None, id="everyone: an approver"),
        pytest.param(OPEN, a_person(ZOE, is_guest=True), "guests_may_not_send", id="everyone: a guest"),
        pytest.param(OPEN, a_person(ZOE, is_outsider=True), "guests_may_not_send", id="everyone: an outsider"),
        pytest.param(OPEN, a_person(ZOE, is_bot=True), "guests_may_not_send", id="everyone: a bot"),
        pytest.param(OPEN, a_person(ZOE, is_deactivated=True), "guests_may_not_send", id="everyone: one who left"),
        pytest.param(OPEN, a_person(ADA, is_guest=True), "guests_may_not_send", id="everyone: a guest who is admin"),
        pytest.param(NAMED, a_person(MAYA), None, id="named: she"),
        pytest.param(NAMED, a_person(MAYA, is_guest=True), None, id="named: also as a guest"),
        pytest.param(NAMED, a_person(ZOE), "senders_only", id="named: another"),
        pytest.param(NAMED, a_person(ADA), "senders_only", id="named: an admin"),
        pytest.param(NAMED, a_person(ALEX), "senders_only", id="named: an approver"),
        pytest.param(NAMED, a_person(ZOE, is_guest=True), "senders_only", id="named: a guest"),
        pytest.param(NOBODY, a_person(MAYA), "senders_only", id="nobody named"),
        pytest.param(Roles(), a_person(MAYA), "senders_only", id="no roles at all"),
        pytest.param(
            some_roles(everyone_sends=True, senders=frozenset({MAYA})),
            a_person(MAYA, is_guest=True),
            None,
            id="everyone, and a guest by name",
        ),
    ],
)
def test_who_may_send(roles: Roles, person: Person, rule: str | None):
    assert rule_met(check_may_send, person, roles) == rule


# ---------------------------------------------------------------------------------------- receiving


@pytest.mark.parametrize(
    ("person", "fault"),
    [
        pytest.param(a_person(ROB), None, id="a member"),
        pytest.param(a_person(ADA), None, id="an admin"),
        pytest.param(a_person(ALEX), None, id="an approver"),
        pytest.param(a_person(MAYA), "is_oneself", id="oneself"),
        pytest.param(a_person(ROB, email="U0MAYA001+gift@Example.com"), "is_oneself", id="a second account of hers"),
        pytest.param(a_person(ROB, is_bot=True), "is_bot", id="a bot"),
        pytest.param(a_person(ROB, is_deactivated=True), "is_deactivated", id="one who left"),
        pytest.param(a_person(ROB, is_guest=True), "is_guest", id="a guest"),
        pytest.param(a_person(ROB, is_outsider=True), "is_outsider", id="an outsider"),
        pytest.param(a_person(ROB, email=None), "has_no_email", id="no e-mail address"),
        pytest.param(a_person(ROB, email=""), "has_no_email", id="an empty e-mail address"),
        pytest.param(a_person(MAYA, email=None, is_guest=True), "is_oneself", id="oneself before all else"),
        pytest.param(a_person(ROB, is_bot=True, email=None), "is_bot", id="a bot rather than no e-mail"),
        pytest.param(
            a_person(ROB, is_deactivated=True, is_guest=True, email=None), "is_deactivated", id="left rather than guest"
        ),
    ],
)
def test_who_can_be_given_a_reward_by_maya(person: Person, fault: str | None):
    found = recipient_fault(person, a_person(MAYA), mailed=True)

    assert (found.code if found else None) == fault
    if found:
        assert found.facts == {"name": "Rob Weiss"}


# --------------------------------------------------------------------------------- deciding and more

#: Maya asks that Rob and Zoe be given a reward.
REQUEST = a_request(requester_id=MAYA, recipients=(a_recipient(ROB), a_recipient(ZOE)))
EVERYONE = frozenset({MAYA, ROB, ALEX, ADA, ZOE})

NOBODYS_ROLE = Roles()
AS_SET = Roles(approvers=frozenset({ALEX}), admins=frozenset({ADA}))
ALL_APPROVE = Roles(approvers=EVERYONE)
ALL_HAVE_ALL = Roles(everyone_sends=True, senders=EVERYONE, approvers=EVERYONE, admins=EVERYONE)


@pytest.mark.parametrize(
    ("actor", "roles", "rule"),
    [
        pytest.param(ALEX, AS_SET, None, id="the approver"),
        pytest.param(ADA, AS_SET, "approvers_only", id="an admin is no approver"),
        pytest.param(MAYA, AS_SET, "approvers_only", id="the requester"),
        pytest.param(ROB, AS_SET, "approvers_only", id="a recipient"),
        pytest.param("", AS_SET, "approvers_only", id="nobody"),
        pytest.param(ALEX.lower(), AS_SET, "approvers_only", id="ids are exact"),
        pytest.param(ALEX, NOBODYS_ROLE, "approvers_only", id="no approver any more"),
        pytest.param(MAYA, ALL_APPROVE, "not_own_request", id="the requester, an approver"),
        pytest.param(ROB, ALL_APPROVE, "not_own_reward", id="the first recipient, an approver"),
        pytest.param(ZOE, ALL_APPROVE, "not_own_reward", id="the last recipient, an approver"),
        pytest.param(ADA, ALL_APPROVE, None, id="an admin who is an approver"),
        pytest.param(MAYA, ALL_HAVE_ALL, "not_own_request", id="the requester, with every role"),
        pytest.param(ROB, ALL_HAVE_ALL, "not_own_reward", id="a recipient, with every role"),
        pytest.param(ALEX, ALL_HAVE_ALL, None, id="a third, with every role"),
    ],
)
def test_who_may_decide(actor: str, roles: Roles, rule: str | None):
    assert rule_met(check_may_decide, REQUEST, actor, roles) == rule


# --------------------------------------------------------------------- by the route that a request keeps

#: Another account of Alex.
LEX = "U0LEX0001"
ROUTE = Route("C0SALES01", frozenset({ALEX, LEX, "S0BOARD01"}))
ROUTED = a_request(requester_id=MAYA, policy=Policy(ROUTE))
FIRST_APPROVED = a_request(
    requester_id=MAYA, policy=Policy(ROUTE, ApprovalRule.UNLISTED_CURRENCY), first_approved_by=ALEX
)
#: Zoe approves where nothing else is said; on the route Alex, by either account, and Ada, who is in the group.
ROUTES = Roles(
    approvers=frozenset({ZOE}),
    named={ALEX: frozenset({ALEX}), LEX: frozenset({LEX}), "S0BOARD01": frozenset({ADA})},
    addresses={ALEX: "alex@example.com", LEX: "Alex+two@example.com", ADA: "ada@example.com"},
)
UNTOLD = Roles(approvers=frozenset({ZOE}), named={ALEX: frozenset({ALEX})})


@pytest.mark.parametrize(
    ("request_", "actor", "roles", "rule"),
    [
        pytest.param(ROUTED, ALEX, ROUTES, None, id="an approver by name"),
        pytest.param(ROUTED, ADA, ROUTES, None, id="an approver by group"),
        pytest.param(ROUTED, ZOE, ROUTES, "other_approvers", id="an approver of other requests"),
        pytest.param(ROUTED, ROB, ROUTES, "approvers_only", id="no approver"),
        pytest.param(REQUEST, ALEX, ROUTES, "other_approvers", id="of the route alone"),
        pytest.param(ROUTED, ADA, UNTOLD, "membership_unknown", id="a group that was not asked for yet"),
        pytest.param(ROUTED, ALEX, UNTOLD, None, id="beside such a group"),
        pytest.param(FIRST_APPROVED, ALEX, ROUTES, "another_approver", id="both, by one"),
        pytest.param(FIRST_APPROVED, LEX, ROUTES, "another_approver", id="both, by two accounts of one"),
        pytest.param(FIRST_APPROVED, ADA, ROUTES, None, id="the second of two"),
        pytest.param(FIRST_APPROVED, ZOE, ROUTES, "other_approvers", id="the second, of other requests"),
    ],
)
def test_who_may_approve_on_a_route(request_: Request, actor: str, roles: Roles, rule: str | None):
    assert rule_met(check_may_approve, request_, actor, roles) == rule


def test_the_first_of_two_may_still_decline():
    check_may_decide(FIRST_APPROVED, ALEX, ROUTES)


@pytest.mark.parametrize(("actor", "rule"), [(ALEX, None), (ZOE, None), (ROB, "approvers_only")])
def test_an_approver_of_any_route_has_a_list_of_what_waits(actor: str, rule: str | None):
    assert rule_met(check_is_approver, actor, ROUTES) == rule


def test_nothing_is_said_of_a_dead_end_while_slack_has_not_confirmed_who_approves():
    alone = Roles(approvers=frozenset({MAYA}))
    assert approval_fault(REQUEST, 1, alone) == Fault(FaultCode.NOBODY_APPROVES)
    assert approval_fault(REQUEST, 1, replace(alone, is_unsure=True)) is None
    assert approval_fault(ROUTED, 1, UNTOLD) is None
    deserted = Roles(named=dict.fromkeys(ROUTE.approvers, frozenset[str]()))
    assert approval_fault(ROUTED, 1, replace(deserted, unsure=frozenset({LEX}))) is None
    elsewhere = replace(deserted, unsure=frozenset({ZOE}), is_unsure=True, is_incomplete=True)
    assert approval_fault(ROUTED, 1, elsewhere) == Fault(FaultCode.NOBODY_APPROVES), "of another route"


@pytest.mark.parametrize("actor", sorted(EVERYONE))
def test_only_the_requester_withdraws(actor: str):
    assert rule_met(check_may_withdraw, REQUEST, actor) == (None if actor == MAYA else "requester_only")


@pytest.mark.parametrize("actor", sorted(EVERYONE))
def test_the_requester_approvers_and_admins_have_the_card_again(actor: str):
    if actor in (MAYA, ALEX, ADA):
        check_may_have_card(REQUEST, actor, AS_SET)
    else:
        with pytest.raises(NotFound):
            check_may_have_card(REQUEST, actor, AS_SET)


@pytest.mark.parametrize(
    ("actor", "rule"),
    [(MAYA, None), (ALEX, None), (ADA, "undo_by_parties"), (ROB, "undo_by_parties"), (ZOE, "undo_by_parties")],
    ids=["requester", "approver", "admin", "recipient", "member"],
)
def test_who_undoes_an_approval(actor: str, rule: str | None):
    assert rule_met(check_may_undo, REQUEST, actor, AS_SET) == rule
    assert rule_met(check_may_undo, REQUEST, actor, ALL_APPROVE) == ("not_own_reward" if actor in (ROB, ZOE) else None)


def test_who_may_be_an_approver_is_not_told_that_there_is_no_card():
    unconfirmed = Roles(unconfirmed=frozenset({ZOE}))
    assert rule_met(check_may_have_card, REQUEST, ZOE, unconfirmed) == "membership_unknown"
    with pytest.raises(NotFound):
        check_may_have_card(REQUEST, ZOE, Roles(barred=frozenset({ZOE})))


@pytest.mark.parametrize("actor", sorted(EVERYONE))
def test_only_admins_mend(actor: str):
    assert rule_met(check_is_admin, actor, AS_SET) == (None if actor == ADA else "admins_only")


@pytest.mark.parametrize("actor", sorted(EVERYONE))
def test_finance_and_admins_see_what_everyone_gave(actor: str):
    finance = some_roles(finance=frozenset({ROB}))
    assert rule_met(check_is_finance, actor, finance) == (None if actor in (ADA, ROB) else "finance_only")
    assert sees_all_gifts(actor, finance) == (actor in (ADA, ROB))
    with pytest.raises(NotAllowed) as refusal:
        check_is_finance(ZOE, some_roles())
    assert refusal.value.who_may == (ADA,), "where finance is not named, the admins"


@pytest.mark.parametrize(
    ("actor", "sees"),
    [(MAYA, True), (ADA, True), (ALEX, False), (ROB, False), (ZOE, False), ("", False)],
    ids=["requester", "admin", "approver", "recipient", "member", "nobody"],
)
def test_who_sees_an_order(actor: str, sees: bool):  # noqa: FBT001 (a column of the table)
    order = an_order(id=12, requester_id=MAYA)

    if sees:
        check_may_see(order, actor, AS_SET, "f00d")
    else:
        with pytest.raises(NotFound) as refusal:
            check_may_see(order, actor, AS_SET, "f00d")
        assert str(refusal.value) == "not found"
        assert refusal.value.reference == "f00d"


@pytest.mark.parametrize(
    ("actor", "as_before", "otherwise", "elsewhere"),
    [
        (MAYA, True, True, "admins_only"),
        (ADA, True, True, True),
        (ROB, True, False, False),
        (ALEX, False, False, False),
        (ZOE, False, False, False),
    ],
    ids=["requester", "admin", "recipient", "approver", "member"],
)
def test_who_has_an_e_mail_sent_again(actor: str, as_before: Any, otherwise: Any, elsewhere: Any):
    order = an_order(requester_id=MAYA, last_sent_at=NOON)
    changes = (AS_BEFORE, ResendChanges(template="E000002"), ResendChanges(email="rob@new.example"))

    for change, allowed in zip(changes, (as_before, otherwise, elsewhere), strict=True):
        if allowed is False:
            with pytest.raises(NotFound) as refusal:
                check_may_resend(order, actor, AS_SET, change, "f00d")
            assert refusal.value.reference == "f00d"
        else:
            met = rule_met(check_may_resend, order, actor, AS_SET, change, "f00d")
            assert met == (None if allowed is True else allowed)


@pytest.mark.parametrize(
    ("own", "address", "is_own"),
    [
        ("ada@acme.example", "ada@acme.example", True),
        ("ada@acme.example", " Ada@ACME.example ", True),
        ("ada@acme.example", "ada+one+two@acme.example", True),
        ("ada+work@acme.example", "ada@acme.example", True),
        ("ada@acme.example", "ada@other.example", False),
        ("ada@acme.example", "adam@acme.example", False),
        ("ada@acme.example", "rob@acme.example", False),
        (None, "ada@acme.example", False),
    ],
)
def test_an_address_is_ones_own_whatever_its_case_and_plus_tags(own: str | None, address: str, *, is_own: bool):
    met = rule_met(check_not_own_address, address, a_person(ADA, email=own), 1)
    assert met == ("not_own_address" if is_own else None)


def test_a_recipient_finds_nothing_before_it_is_mailed():
    with pytest.raises(NotFound):
        check_may_resend(an_order(), ROB, AS_SET, AS_BEFORE, "1")


def test_every_rule_is_met_by_somebody_in_these_tables():
    met = {
        rule_met(check_may_send, a_person(ZOE), NAMED),
        rule_met(check_may_send, a_person(ZOE, is_guest=True), OPEN),
        rule_met(check_may_decide, REQUEST, ADA, AS_SET),
        rule_met(check_may_decide, REQUEST, MAYA, ALL_APPROVE),
        rule_met(check_may_decide, REQUEST, ROB, ALL_APPROVE),
        rule_met(check_may_withdraw, REQUEST, ALEX),
        rule_met(check_may_undo, REQUEST, ADA, AS_SET),
        rule_met(check_is_admin, ALEX, AS_SET),
        rule_met(check_is_finance, ALEX, AS_SET),
        rule_met(check_not_own_address, "ADA+more@example.com", a_person(ADA, email="ada@example.com"), 1),
        rule_met(check_is_admin, ZOE, Roles(barred=frozenset({ZOE}))),
        rule_met(check_is_admin, ZOE, Roles(unconfirmed=frozenset({ZOE}))),
        rule_met(check_may_approve, ROUTED, ZOE, ROUTES),
        rule_met(check_may_approve, FIRST_APPROVED, ALEX, ROUTES),
    }

    assert met == {rule.value for rule in Rule}


# ------------------------------------------------------------------------------------- second accounts


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("maya+work@example.com", "not_own_request"),
        ("MAYA@example.com", "not_own_request"),
        ("rob+home@example.com", "not_own_reward"),
        ("alex@example.com", None),
        ("", None),
    ],
)
def test_two_accounts_with_one_address_are_one_party(address: str, rule: str | None):
    request = a_request(requester_email="maya@example.com", recipients=(a_recipient(ROB, email="rob@example.com"),))
    assert rule_met(check_may_decide, request, ALEX, some_roles(addresses={ALEX: address})) == rule


# ----------------------------------------------------------------------------- who is not confirmed lately


@pytest.mark.parametrize(
    ("roles", "refused"),
    [
        pytest.param(some_roles(), NotFound, id="named for nothing"),
        pytest.param(some_roles(unconfirmed=frozenset({ALEX})), NotFound, id="another is not confirmed"),
        pytest.param(some_roles(barred=frozenset({ZOE})), NotFound, id="no colleague"),
        pytest.param(some_roles(unconfirmed=frozenset({ZOE})), NotAllowed, id="not confirmed"),
        pytest.param(some_roles(is_incomplete=True), NotAllowed, id="a group is not told"),
        pytest.param(some_roles(is_incomplete=True, admins=frozenset({ZOE})), NotFound, id="an admin all the same"),
    ],
)
def test_who_may_be_an_admin_hears_that_whether_or_not_there_is_an_order(roles: Roles, refused: type[Exception]):
    assert type(not_found(ZOE, roles, "1")) is refused
    if ZOE not in roles.admins:
        with pytest.raises(refused):
            check_may_see(an_order(), ZOE, roles, "1")
