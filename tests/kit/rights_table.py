"""Who may do what, and when: the tables that every command, button and submit is held to.

What a cell of the matrix comes to follows from three of them: the right that the act takes, by role; what the state
of the thing allows; and the act itself, with what it shows and changes where it may be done. A right that is refused
is told before the state is: who may not see a thing is not told how it stands.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.errors import Rule, Wish
from bot.sandbox.slack import people
from bot.sandbox.slack.people import User, UserGroup
from handlers.ids import Action, Block, Command, Shortcut, View
from handlers.views.messages import asking_text
from handlers.views.resend import build_not_mailed_any_more
from tests.kit import wording
from tests.kit.bot import CARD

MAY: Final = "may"
NONE: Final = "none"

#: The cooldown has not passed.
TOO_SOON: Final = "too soon"

#: The person may, must wait, and is not on the screen that would say for how long.
UNSEEN: Final = "unseen"

#: The row of a thing that was never there.
NOTHING: Final = "there is none"

#: What a cell can say, besides MAY, NONE and the words of a state: the rule that is told.
RULES: Final[Mapping[str, Rule]] = {
    "guests": Rule.GUESTS_MAY_NOT_SEND,
    "approvers": Rule.APPROVERS_ONLY,
    "another": Rule.ANOTHER_APPROVER,
    "others": Rule.OTHER_APPROVERS,
    "own request": Rule.NOT_OWN_REQUEST,
    "own reward": Rule.NOT_OWN_REWARD,
    "requester": Rule.REQUESTER_ONLY,
    "parties": Rule.UNDO_BY_PARTIES,
    "admins": Rule.ADMINS_ONLY,
    "finance": Rule.FINANCE_ONLY,
    "own": Rule.NOT_OWN_ADDRESS,
    "barred": Rule.COLLEAGUES_ONLY,
}


def _table(text: str) -> dict[str, dict[str, str]]:
    """Rows by their names, cells by their columns'; two spaces or more are between them."""
    head, *rows = ([cell.strip() for cell in re.split(r"\s{2,}", line.strip())] for line in text.strip().splitlines())
    return {name: dict(zip(head, cells, strict=True)) for name, *cells in rows}


# ------------------------------------------------------------------------------------------- by role

#: "second": to approve what another approver has approved first: Alex did, or Sam where the reward is for Alex.
#: "routed": to decide on a route that names Nora alone. "undo routed": to undo what Priya asked for on it.
#: "report": what one gave; "payroll": the list of what everyone gave.
#: "to ada": to the admin's own address. "none": as if there were none. "if told": once Tango has mailed it, which is
#: when its recipient hears of it.
_RIGHTS: Final = _table("""
                               send    decide       second       routed     review     withdraw   card  see   resend   readdress  mend    have  repeat  to ada   undo         approve   undo routed  report  payroll
the requester                  may     approvers    approvers    approvers  approvers  may        may   may   may      admins     admins  none  may     admins  may          approvers  parties      may     finance
another sender                 may     approvers    approvers    approvers  approvers  requester  none  none  none     none       admins  none  none    none  parties      approvers    may          may     finance
the recipient                  may     approvers    approvers    approvers  approvers  requester  none  none  if told  none       admins  may   none    none  parties      approvers    parties      may     finance
an approver                    may     may          another      others     may        requester  may   none  none     none       admins  none  none    none  may          may          others       may     finance
an approver, as requester      may     own request  own request  others     may        may        may   may   may      admins     admins  none  may     admins  may          may        others       may     finance
an approver, as recipient      may     own reward   own reward   others     may        requester  may   none  if told  none       admins  may   none    none  own reward   may          others       may     finance
an admin                       may     approvers    approvers    approvers  approvers  requester  may   may   may      may        may     none  none    own   parties      approvers    parties      may     may
a guest                        guests  approvers    approvers    approvers  approvers  requester  none  none  none     none       admins  none  none    none  parties      approvers    parties      may     finance
a guest of one channel         guests  approvers    approvers    approvers  approvers  requester  none  none  none     none       admins  none  none    none  parties      approvers    parties      may     finance
an outsider                    guests  approvers    approvers    approvers  approvers  requester  none  none  none     none       admins  none  none    none  parties      approvers    parties      may     finance
a guest approver               guests  barred       barred       barred     barred     requester  none  none  none     none       barred  none  none    none  barred       barred       barred       may     barred
another company's approver     guests  barred       barred       barred     barred     requester  none  none  none     none       barred  none  none    none  barred       barred       barred       may     barred
a Grid colleague who approves  may     may          may          others     may        requester  may   none  none     none       admins  none  none    none  may          may          others       may     finance
the requester's other account  may     own request  own request  others     may        requester  may   none  none     none       admins  none  none    none  own request  may          others       may     finance
the recipient's other account  may     own reward   own reward   others     may        requester  may   none  none     none       admins  none  none    none  own reward   may          others       may     finance
a deleted group's approver     may     approvers    approvers    approvers  approvers  requester  none  none  none     none       admins  none  none    none  parties      approvers    parties      may     finance
an approver on a route         may     others       others       may        others     requester  none  none  none     none       admins  none  none    none  others       may          may          may     finance
of finance                     may     approvers    approvers    approvers  approvers  requester  none  none  none     none       admins  none  none    none  parties      approvers    parties      may     may
""")


@dataclass(frozen=True)
class Role:
    """Somebody, before what that requester asked for that recipient to be given."""

    name: str
    who: str
    requester: str = "maya"
    recipient: str = "rob"
    things: tuple[str, ...] = ()
    """What to try; where nothing is named, everything."""

    @property
    def rights(self) -> Mapping[str, str]:
        """Their row."""
        return _RIGHTS[self.name]


#: People who are in no other test: who approves by name or by group, and should not, or by an account of a kind of its
#: own. All are in the approvals channel.
NEWCOMERS: Final = {
    user.handle: user
    for user in (
        User("U00GWEN00", "gwen", "Gwen Guest", email="gwen@studio.example", is_restricted=True),
        User("U00OTTO00", "otto", "Otto Other", email="otto@globex.example", team_id=people.OTHER_TEAM_ID),
        User(
            "W00GRETA0",
            "greta",
            "Greta Grid",
            email="greta@acme.example",
            team_id="T00ACMEUK",
            is_stranger=True,
            grid_teams=("T00ACMEUK", people.TEAM_ID),
            enterprise_id="E00ACME00",
        ),
        User("U00MAYA02", "maya2", "Maya Lindqvist", email="Maya+second@ACME.example"),
        User("U00ROB002", "rob2", "Robert Hale", email="rob+home@acme.example"),
        User("U00DAN000", "dan", "Dan Deleted", email="dan@acme.example"),
        User("U00NORA00", "nora", "Nora North", email="nora@acme.example"),
    )
}

#: The first accounts of people who have two.
SECOND_ACCOUNTS: Final = {"maya2": people.MAYA, "rob2": people.ROB}

#: A group that is deleted in Slack once the bot knows its members.
DELETED_GROUP: Final = UserGroup("S00DELETED", "old-approvers", "Old approvers", [NEWCOMERS["dan"].id])

ROLES: Final = (
    Role("the requester", "maya"),
    Role("another sender", "priya"),
    Role("the recipient", "rob"),
    Role("an approver", "alex"),
    Role("an approver, as requester", "sam", requester="sam"),
    Role("an approver, as recipient", "alex", recipient="alex"),
    Role("an admin", "ada"),
    Role("a guest", "gus"),
    Role("a guest of one channel", "gina"),
    Role("an outsider", "olga"),
    Role("a guest approver", "gwen"),
    Role("another company's approver", "otto"),
    Role("a Grid colleague who approves", "greta"),
    Role("the requester's other account", "maya2"),
    Role("the recipient's other account", "rob2"),
    Role("a deleted group's approver", "dan"),
    Role("an approver on a route", "nora", things=("requests", "on a route")),
    Role("of finance", "fiona", things=("new",)),
)


# ------------------------------------------------------------------------------------------ by state

REQUEST_STATES: Final = _table("""
                  decide   review  withdraw  address  again    card     undo     batch
pending_approval  may      may     may       none     may      may      none     none
posted            may      may     may       may      may      may      none     none
approved          decided  may     decided   none     decided  decided  decided  none
declined          decided  may     decided   none     may      decided  decided  none
withdrawn         decided  may     decided   none     may      decided  decided  none
expired           decided  may     decided   none     may      decided  decided  none
posted, approved  decided  may     decided   decided  decided  decided  decided  none
there is none     none     none    none      none     none     none     none     none
approved, held    decided  may     decided   none     decided  decided  may      none
approved, undone  decided  may     decided   none     may      decided  wrong    none
""")

#: Of a request that needs two approvers: before the first, and before the second.
TWO_STATES: Final = _table("""
           decide
needs two  may
""")
ONE_MORE_STATES: Final = _table("""
                decide
needs one more  may
""")

#: Of a request that another route leads to.
ROUTED_STATES: Final = _table("""
                        decide   review  undo
on another route        may      may     none
on another route, held  decided  may     may
""")

#: "told": whether its recipient was told that Tango mailed it. Orders are mailed by Tango where nothing else is said;
#: those are not for Kudos to give, so to give or show them is to ask for what is not there.
ORDER_STATES: Final = _table("""
                         told  look  mail        form        retry    cancel  ask    anew   give   show   post  check  sent as  close
queued                   no    may   wrong       wrong       wrong    may     wrong  wrong  none   none   none  wrong  wrong    wrong
queued after a refusal   no    may   wrong       wrong       wrong    may     wrong  wrong  none   none   none  wrong  wrong    wrong
queued after an attempt  no    may   wrong       wrong       wrong    wrong   wrong  wrong  none   none   none  may    wrong    wrong
submitting               no    may   wrong       wrong       wrong    wrong   wrong  wrong  none   none   none  wrong  wrong    wrong
mailed                   yes   may   may         may         wrong    wrong   wrong  wrong  none   none   none  wrong  wrong    wrong
mailed 18 s ago          yes   may   too soon    may         wrong    wrong   wrong  wrong  none   none   none  wrong  wrong    wrong
not finished by Tango    no    may   not mailed  not mailed  wrong    wrong   may    wrong  none   none   none  wrong  wrong    wrong
failed                   no    may   wrong       wrong       wrong    wrong   wrong  may    none   none   none  wrong  wrong    wrong
needs attention          no    may   wrong       wrong       may      wrong   wrong  wrong  none   none   none  may    may      wrong
needs it, changed        no    may   wrong       wrong       may      wrong   wrong  wrong  none   none   none  may    may      may
needs it for 90 days     no    may   wrong       wrong       too old  wrong   wrong  wrong  none   none   none  may    may      wrong
needs it, not at Tango   no    may   wrong       wrong       may      wrong   wrong  wrong  none   none   none  may    may      may
needs it, differs        no    may   wrong       wrong       may      wrong   wrong  wrong  none   none   none  may    wrong    wrong
canceled                 no    may   wrong       wrong       wrong    wrong   wrong  may    none   none   none  wrong  wrong    wrong
queued, by message       no    may   wrong       wrong       wrong    may     wrong  wrong  wrong  wrong  none  wrong  wrong    wrong
given by message         no    may   not mailed  not mailed  wrong    wrong   wrong  wrong  may    may    none  wrong  wrong    wrong
failed, by message       no    may   wrong       wrong       wrong    wrong   wrong  may    wrong  wrong  none  wrong  wrong    wrong
posted                   no    may   not mailed  not mailed  wrong    wrong   wrong  wrong  none   none   may   wrong  wrong    wrong
there is none            no    none  none        none        none     none    none   none   none   none   none  none   none     none
""")

QUEUE_STATES: Final = _table("""
         resume
runs     nothing to do
halted   may
paused   paused
""")

#: A form that somebody opens is about nothing that is there yet.
NEW_STATES: Final = _table("""
         file
nothing  may
""")

#: The move that a refused state is told of, by column.
MOVES: Final[Mapping[str, Wish]] = {
    "mail": Wish.RESEND,
    "form": Wish.RESEND,
    "retry": Wish.RETRY,
    "cancel": Wish.CANCEL,
    "ask": Wish.ASK,
    "anew": Wish.REPEAT,
    "undo": Wish.UNDO,
    "give": Wish.GIVE,
    "show": Wish.SHOW,
    "check": Wish.INQUIRE,
    "sent as": Wish.SENT_AS,
    "close": Wish.CLOSE,
}


# --------------------------------------------------------------------------------------------- acts


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that a person does to a request, an order or the queue.

    Attributes:
        by: what they type, press or submit.
        right: which it takes: a column of the rights.
        state: what of the state it takes: a column of its table.
        on_screen: who can get to it without forging anything; "nobody" where what it stands on is not staged.
        shows: what is on the screen once it is done; `{}` is the number. Empty where nothing is said.
        does: what changes in the file: rows, then entries of the audit log.
        text: what is typed after the command, or what a button carries; `{}` is the number or the reference.
        values: what is entered in the modal.
        instead: what is said where the state does not allow it, if not the usual.
        unseen: what is said to who must wait and is not shown what the button stands on, where that says how long.
    """

    by: Command | Action | View | Shortcut
    right: str
    state: str
    on_screen: str
    shows: str = ""
    does: tuple[str, ...] = ()
    text: str = "{}"
    values: Mapping[str, Any] = field(default_factory=dict)
    instead: str = ""
    unseen: str = ""

    @property
    def name(self) -> str:
        """As it is told of."""
        typed = f" {self.text}" if isinstance(self.by, Command) else ""
        entered = f" with {', '.join(self.values)}" if self.values else ""
        return f"{type(self.by).__name__.lower()} {self.by.value}{typed}{entered}"


def _numbered(words: Callable[[int], str]) -> str:
    """Return what is shown of a request or an order, with a place for its number."""
    return words(4711).replace("4711", "{}")


#: What is said without the number, which stands in brackets or on a line of its own.
_INQUIRING: Final = wording.inquiring(4711).partition(" (R-")[0]


def _see_request(by: Action, *, text: str = "{}", on_screen: str = "who sees it") -> Act:
    return Act(
        by=by,
        right="see",
        state="review",
        on_screen=on_screen,
        shows="(R-{})",
        text=text,
    )


def _undo(right: str) -> Act:
    return Act(
        by=Action.UNDO,
        right=right,
        state="undo",
        on_screen="nobody",
        does=("order canceled", "request approved", "request.undone", "order.canceled"),
    )


REQUEST_ACTS: Final = (
    Act(
        by=Action.APPROVE,
        right="decide",
        state="decide",
        on_screen="the approvals channel",
        does=("new order queued", "request approved", "request.approved"),
    ),
    Act(
        by=Action.APPROVE_LISTED,
        right="decide",
        state="decide",
        on_screen="who may decide",
        shows=wording.LEFT_TO_DECIDE,
        does=("new order queued", "request approved", "request.approved"),
    ),
    Act(
        by=Action.CARD_AGAIN,
        right="card",
        state="card",
        on_screen="who is shown a way to the card",
        shows=wording.posting_again(92).replace("92", "{}"),
        does=("request.card_posted_again",),
    ),
    Act(
        by=Action.DECLINE,
        right="decide",
        state="decide",
        on_screen="the approvals channel",
        shows=_numbered(wording.decline_form),
    ),
    Act(
        by=View.DECLINE,
        right="decide",
        state="decide",
        on_screen="who may decide",
        values={Block.REASON_CHOICE: "other", Block.REASON: "No"},
        does=("request declined", "request.declined"),
    ),
    Act(
        by=Action.ADDRESS_SHOW,
        right="decide",
        state="address",
        on_screen="the approvals channel",
        shows=wording.ADDRESS_SHOWN,
        does=("request.address_shown",),
    ),
    Act(
        by=Action.CARD_DETAILS,
        right="review",
        state="review",
        on_screen="the approvals channel",
        shows=wording.CARD_DETAILS,
    ),
    Act(
        by=Action.WITHDRAW,
        right="withdraw",
        state="withdraw",
        on_screen="the requester",
        does=("request withdrawn", "request.withdrawn"),
    ),
    Act(
        by=Action.ASK_ANOTHER,
        right="repeat",
        state="card",
        on_screen="the requester",
        shows=wording.ASKED,
        does=("request.approver_asked",),
    ),
    _undo("undo"),
    _see_request(Action.REQUEST_DETAILS, on_screen="nobody"),
    _see_request(Action.REQUEST_LISTED),
    _see_request(Action.REQUEST_LISTED, text="withdraw-{}", on_screen="the requester"),
    Act(
        by=Action.REQUEST_LISTED,
        right="card",
        state="card",
        on_screen="who sees it",
        shows=wording.posting_again(92).replace("92", "{}"),
        does=("request.card_posted_again",),
        text="card-{}",
    ),
    Act(by=Action.BATCH_ROWS, right="review", state="review", on_screen="nobody", shows="R-{}"),
    Act(by=Action.BATCH_NEXT, right="review", state="review", on_screen="nobody"),
    Act(by=Action.BATCH_PREVIOUS, right="review", state="review", on_screen="nobody"),
    # A request by hand is no batch: what is about one is not there. Those of a batch: test_bot_batch.py
    Act(by=Action.BATCH_CANCEL, right="see", state="batch", on_screen="nobody"),
    Act(by=Action.BATCH_AGAIN, right="repeat", state="batch", on_screen="nobody"),
    Act(by=Action.BATCH_ASK, right="send", state="batch", on_screen="nobody"),
    Act(by=View.BATCH_ASK, right="send", state="batch", on_screen="nobody"),
    # The same of a date that it doesn't have: test_bot_schedules.py
    Act(by=Action.SCHEDULE_CHANGE, right="repeat", state="batch", on_screen="nobody"),
    Act(by=View.SCHEDULE, right="repeat", state="batch", on_screen="nobody"),
    Act(by=Action.REQUEST_AGAIN, right="repeat", state="again", on_screen="nobody", shows=wording.FORM_TITLE),
    Act(
        by=Action.REQUEST_LISTED,
        right="repeat",
        state="again",
        on_screen="nobody",
        shows=wording.FORM_TITLE,
        text="again-{}",
    ),
)


def _approve_by(right: str, does: tuple[str, ...], decline: str = "decide") -> tuple[Act, ...]:
    """Return the ways to decide by the right to approve, and by that to decline."""
    return (
        Act(
            by=View.DECLINE,
            right=decline,
            state="decide",
            on_screen=f"who may approve {decline}",
            values={Block.REASON_CHOICE: "other", Block.REASON: "No"},
            does=("request declined", "request.declined"),
        ),
        Act(by=Action.APPROVE, right=right, state="decide", on_screen="the approvals channel", does=does),
        Act(
            by=Action.APPROVE_LISTED,
            right=right,
            state="decide",
            on_screen=f"who may approve {right}",
            shows=wording.LEFT_TO_DECIDE,
            does=does,
        ),
    )


TWO_ACTS: Final = _approve_by("decide", ("request pending_approval", "request.first_approved"))
ONE_MORE_ACTS: Final = _approve_by("second", ("new order queued", "request approved", "request.approved"))

ROUTED_ACTS: Final = (
    *_approve_by("routed", ("new order queued", "request approved", "request.approved"), decline="routed"),
    Act(
        by=Action.CARD_DETAILS,
        right="routed",
        state="review",
        on_screen="the approvals channel",
        shows=wording.CARD_DETAILS,
    ),
    _undo("undo routed"),
)

_SENT_AGAIN: Final = ("new resend", "order accepted", "order.resend_requested")
_WITH_TEMPLATE: Final = ("new resend with a template", "order accepted", "order.resend_requested")
_NONE_LISTED: Final = wording.NO_EMAILS
_ELSEWHERE: Final = ("new resend elsewhere", "order accepted", "order.resend_requested")


_DETAIL: Final = _numbered(wording.order_detail)


def _look(by: Command | Action, on_screen: str, shows: str = _DETAIL, text: str = "{}") -> Act:
    return Act(by=by, right="see", state="look", on_screen=on_screen, shows=shows, text=text)


def _mail(
    by: Command | Action | View,
    on_screen: str,
    *,
    right: str = "resend",
    does: tuple[str, ...] = _SENT_AGAIN,
    text: str = "{}",
    values: Mapping[str, Any] | None = None,
    unseen: str = "",
) -> Act:
    return Act(
        by=by,
        right=right,
        state="mail",
        on_screen=on_screen,
        shows=wording.SENDING_AGAIN.removeprefix("emailed"),  # a recipient reads their address before it
        does=does,
        text=text,
        values=values or {},
        unseen=unseen,
    )


ORDER_ACTS: Final = (
    _look(Command.ORDERS, "everyone"),
    _look(Action.ORDER_DETAILS, "who sees it"),
    _look(Action.ORDER_LISTED, "who sees it"),
    _look(Action.ORDER_LISTED, "who sees it", text="cancel-{}"),
    _mail(Action.ORDER_LISTED, "who sees it", text="mail-{}"),
    Act(
        by=Action.ORDER_LISTED,
        right="see",
        state="check",
        on_screen="who sees it",
        shows=_INQUIRING,
        does=("new inquiry", "order.inquiry_requested"),
        text="check-{}",
    ),
    Act(
        by=Action.ORDER_LISTED,
        right="see",
        state="anew",
        on_screen="the requester",
        shows=wording.FORM_TITLE,
        text="again-{}",
    ),
    _look(Action.ORDER_SHOW, "who sees it", _numbered(wording.public_order)),
    _mail(Command.RESEND, "everyone"),
    _mail(Command.RESEND, "everyone", right="see", text="{} template E000002", does=_WITH_TEMPLATE),
    _mail(Command.RESEND, "everyone", right="readdress", text="{} rob@new.example", does=_ELSEWHERE),
    _mail(Command.RESEND, "everyone", right="to ada", text="{} Ada+more@Acme.example"),
    _mail(Action.ORDER_RESEND, "who sees it", unseen=wording.STALE),
    _mail(Action.RESEND_LISTED, "who sees it", unseen=_NONE_LISTED),
    _mail(Action.RESEND_REFUSED, "who may resend"),
    Act(
        by=Action.RESEND_MINE,
        right="resend",
        state="mail",
        on_screen="the recipient",
        shows=wording.SENDING_MINE,
        does=_SENT_AGAIN,
        instead=build_not_mailed_any_more().text,
    ),
    Act(
        by=Action.RESEND_CHANGES,
        right="resend",
        state="form",
        on_screen="who sees it",
        shows=_numbered(wording.resend_form),
    ),
    _mail(View.RESEND, "who sees it"),
    _mail(View.RESEND, "who sees it", right="see", values={Block.NEW_TEMPLATE: "E000002"}, does=_WITH_TEMPLATE),
    _mail(View.RESEND, "admins", right="readdress", values={Block.NEW_EMAIL: "rob@new.example"}, does=_ELSEWHERE),
    _mail(View.RESEND, "admins", right="to ada", values={Block.NEW_EMAIL: "ADA@acme.example"}),
    Act(
        by=Action.ORDER_RETRY,
        right="mend",
        state="retry",
        on_screen="admins",
        shows=_DETAIL,
        does=("order queued", "order.retried"),
    ),
    Act(
        by=Action.ORDER_CANCEL,
        right="see",
        state="cancel",
        on_screen="who sees it",
        shows=_DETAIL,
        does=("order canceled", "order.canceled"),
    ),
    Act(
        by=Action.ORDER_INQUIRE,
        right="see",
        state="check",
        on_screen="who sees it",
        shows=_INQUIRING,
        does=("new inquiry", "order.inquiry_requested"),
    ),
    Act(by=Action.ORDER_SENT_AS, right="mend", state="sent as", on_screen="admins", shows=wording.SENT_AS_FORM),
    Act(
        by=View.SENT_AS,
        right="mend",
        state="sent as",
        on_screen="admins",
        shows=_INQUIRING,
        does=("new inquiry as a number", "order.inquiry_requested"),
        values={Block.SENT_AS: "RA260314-9999-99"},
    ),
    Act(
        by=Action.ORDER_CLOSE,
        right="mend",
        state="close",
        on_screen="admins",
        shows=_DETAIL,
        does=("order failed", "order.closed"),
    ),
    Act(
        by=Action.RECEIPT_CANCEL,
        right="see",
        state="cancel",
        on_screen="nobody",
        does=("order canceled", "order.canceled"),
    ),
    Act(
        by=Action.ORDER_ASK,
        right="mend",
        state="ask",
        on_screen="admins",
        shows=wording.asking_tango(92).replace("92", "{}"),
        does=("order accepted", "order.watch_requested"),
    ),
    Act(by=Action.ORDER_ANEW, right="see", state="anew", on_screen="who sees it", shows=wording.FORM_TITLE),
    Act(
        by=Action.REWARD_DELIVER,
        right="see",
        state="give",
        on_screen="who sees it",
        shows=wording.delivering(92).replace("92", "{}"),
        does=("order accepted", "order.delivery_requested"),
    ),
    Act(
        by=Action.REWARD_SHOW,
        right="have",
        state="show",
        on_screen="the recipient",
        shows="* from <@",
        does=("order.reward_shown",),
    ),
    Act(
        by=Action.RECEIVED_DETAILS,
        right="have",
        state="form",
        on_screen="the recipient",
        shows=wording.GIVEN,
        instead=build_not_mailed_any_more().text,
    ),
    Act(
        by=Action.ADDRESS_WRONG,
        right="have",
        state="post",
        on_screen="the recipient",
        shows=wording.ADDRESS_NOTED,
        does=("order accepted", "order.address_disputed"),
    ),
)

QUEUE_ACTS: Final = (
    Act(
        by=Action.QUEUE_RESUME,
        right="mend",
        state="resume",
        on_screen="admins",
        shows=wording.NOTHING_WAITS,
        does=("queue", "queue.probe_requested"),
    ),
)


NEW_ACTS: Final = (
    Act(by=Action.PENDING_SHOW, right="approve", state="file", on_screen="nobody", text=""),
    Act(by=Action.AWAY, right="approve", state="file", on_screen="nobody", shows=wording.AWAY_FORM),
    Act(
        by=View.AWAY,
        right="approve",
        state="file",
        on_screen="nobody",
        values={Block.AWAY_UNTIL: "2026-04-01"},
        does=("a notice",),
    ),
    Act(by=Action.BACK, right="approve", state="file", on_screen="nobody"),
    Act(by=Command.KUDOS, right="send", state="file", on_screen="everyone", shows=wording.FORM_TITLE, text=""),
    Act(
        by=View.REQUEST,
        right="send",
        state="file",
        on_screen="senders",
        values={Block.RECIPIENTS: [people.ANA], Block.REWARD: CARD, Block.AMOUNT: "5"},
        does=("new request pending_approval", "request.filed"),
    ),
    Act(
        by=Command.KUDOS,
        right="mend",
        state="file",
        on_screen="everyone",
        shows=asking_text(),
        text="catalog refresh",
    ),
    Act(by=Command.KUDOS, right="send", state="file", on_screen="everyone", shows=wording.BATCH_TITLE, text="batch"),
    Act(
        by=View.BATCH,
        right="send",
        state="file",
        on_screen="nobody",
        shows=asking_text(),
        values={Block.LIST: "kim@acme.example 5 Thanks", Block.REWARD: CARD, Block.DELIVERY: "email"},
    ),
    Act(by=Shortcut.SEND, right="send", state="file", on_screen="everyone", shows=wording.FORM_TITLE),
    Act(by=Shortcut.REWARD_THIS, right="send", state="file", on_screen="nobody", shows=wording.FORM_TITLE),
    Act(by=Action.HOME_SEND, right="send", state="file", on_screen="nobody", shows=wording.FORM_TITLE),
    # What follows an answer comes later, and no refusal follows these.
    Act(
        by=Command.KUDOS,
        right="payroll",
        state="file",
        on_screen="everyone",
        shows=asking_text(),
        text="report payroll 2026-03",
    ),
    Act(by=Command.KUDOS, right="report", state="file", on_screen="everyone", shows=asking_text(), text="report"),
)

#: What is about a request.
OF_REQUESTS: Final = frozenset({"requests", "for two", "for one more", "on a route"})

#: What each act is about, with the states that it can be in.
MATRIX: Final = {
    "requests": (REQUEST_ACTS, REQUEST_STATES),
    "for two": (TWO_ACTS, TWO_STATES),
    "for one more": (ONE_MORE_ACTS, ONE_MORE_STATES),
    "on a route": (ROUTED_ACTS, ROUTED_STATES),
    "orders": (ORDER_ACTS, ORDER_STATES),
    "queue": (QUEUE_ACTS, QUEUE_STATES),
    "new": (NEW_ACTS, NEW_STATES),
}


def can_get_to(role: Role, act: Act) -> bool:
    """Whether the person has it on a screen, so that nothing need be forged."""
    rights = role.rights
    return {
        "everyone": True,
        "nobody": False,
        "senders": rights["send"] == MAY,
        "the approvals channel": role.who in ("alex", "sam", "ada") or role.who in NEWCOMERS,
        "who may decide": rights["decide"] == MAY,
        **{f"who may approve {right}": rights[right] == MAY for right in ("decide", "second", "routed")},
        "who is shown a way to the card": MAY in (rights["decide"], rights["mend"]) or role.who == role.requester,
        "the requester": role.who == role.requester,
        "the recipient": role.who == role.recipient,
        "who sees it": rights["see"] == MAY,
        "who may resend": rights["resend"] != NONE,
        "admins": rights["mend"] == MAY,
    }[act.on_screen]


def verdict(role: Role, act: Act, state: Mapping[str, str]) -> str:
    """What the cell says: MAY, or why not."""
    right = role.rights[act.right]
    if right == "if told":
        right = MAY if state["told"] == "yes" else NONE
    if state[act.state] == NONE and act.right != "mend":
        return NONE  # what only admins do is refused to all others before it is looked up
    if right == MAY and state[act.state] == TOO_SOON and act.unseen and not can_get_to(role, act):
        return UNSEEN
    return state[act.state] if right == MAY else right
