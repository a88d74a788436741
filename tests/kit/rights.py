"""People's tries at what their roles are about, by hand-made payloads and by the bot's own buttons and forms."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from bot.domain.queue import ProbeAnswer
from bot.errors import (
    AlreadyDecided,
    NotAllowed,
    NotFound,
    NotMailed,
    PastIdempotency,
    QueuePaused,
    Refusal,
    Rule,
    StaleReference,
    WrongState,
)
from bot.sandbox.slack import Person, ShownMessage, SlackSandbox, people
from bot.sandbox.slack.snapshots import message_data, texts
from handlers.ids import Action, Command, Shortcut, View
from handlers.views.messages import refusal_text
from handlers.views.queue import build_probing
from handlers.views.resend import again_text
from storage.database import from_ms
from tests.kit import wording
from tests.kit.factories import NOON, an_order
from tests.kit.payloads import a_choice, a_click, a_command, a_submission
from tests.kit.rights_table import (
    MATRIX,
    MAY,
    MOVES,
    NEWCOMERS,
    OF_REQUESTS,
    ROLES,
    RULES,
    SECOND_ACCOUNTS,
    TOO_SOON,
    UNSEEN,
    Act,
    Role,
    can_get_to,
    verdict,
)
from tests.kit.rights_world import StillWorld, block_of

#: What is on a screen: the text or title, then the words of the blocks, then what stands under fields.
Screen = tuple[str, ...]

#: The last step of an act.
Go = Callable[[], Any]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

#: What is typed to be shown a button; most stand in an order's detail.
_TYPED: Final[Mapping[Action, Sequence[tuple[str, str]]]] = {
    Action.ORDER_DETAILS: [("/orders", "")],
    Action.ORDER_LISTED: [("/orders", "")],
    Action.REQUEST_LISTED: [("/orders", "")],
    Action.RESEND_LISTED: [("/resend", "")],
    Action.RECEIVED_DETAILS: [("/orders", "received")],
    Action.RESEND_REFUSED: [("/resend", "{}")],
    Action.APPROVE_LISTED: [("/orders", "pending")],
    Action.CARD_AGAIN: [("/orders", "R-{}"), ("/orders", "pending")],
}

#: The button that opens the form.
_OPENERS: Final[Mapping[View, Action]] = {
    View.DECLINE: Action.DECLINE,
    View.RESEND: Action.RESEND_CHANGES,
    View.SENT_AS: Action.ORDER_SENT_AS,
}


class Trial:
    """One person's tries. Each way of trying returns what did not come to what the tables say, a line each.

    Args:
        still: the world.
        role: what the person is to the request and its orders.
        thing: what is tried: requests, orders or the queue.
    """

    def __init__(self, still: StillWorld, role: Role, thing: str) -> None:
        self._still = still
        self._role = role
        self._thing = thing
        self._acts, self._states = MATRIX[thing]
        self._case = still.case(role)
        self._who = still.world.slack.person(role.who)
        self._slack = still.world.slack
        self._buttons: dict[tuple[Action, str, int], Go | None] = {}
        still.clear()  # orders that others' tries have left push the staged ones off the first page

    def forged(self) -> str:
        """Everything in every state, by payloads made by hand."""
        wrong = []
        for act in self._acts:
            for state in self._states:
                number = self._put(state)
                wrong += self._hold(act, state, number, partial(self._forge, act, number))
        return "\n".join(wrong)

    def honest(self) -> str:
        """The same by what is on the person's screens, pressed when the state may have become another."""
        wrong = []
        for act in self._acts:
            reached = False
            for state in self._states:
                go = self._reach(act, self._put(state))
                if go is not None:
                    reached = True
                    wrong += self._hold(act, state, self._put(state), go)
            if reached != can_get_to(self._role, act):
                wrong.append(f"{act.name}: it is {'' if reached else 'not '}on the screen")
        return "\n".join(wrong)

    def _put(self, state: str) -> int:
        return self._still.put(self._thing, self._case, state)

    # --------------------------------------------------------------------------------- ways of trying

    def _forge(self, act: Act, number: int) -> Any:
        what = number if isinstance(act.by, Command) else self._still.carried(self._thing, number)
        carried = act.text.format(what)
        return forge(self._slack, self._who, act.by, carried, act.values)

    def _reach(self, act: Act, number: int) -> Go | None:
        """Go where this can be done, while it still can be; None if the person cannot get there."""
        match act.by:
            case Command() as command:
                return partial(self._who.command, command.value, act.text.format(number))
            case Action() as action:
                return self._reach_button(action, act, number)
            case Shortcut.SEND:
                return partial(self._who.shortcut, Shortcut.SEND.value)
            case Shortcut.REWARD_THIS:
                return None
            case View() as view:
                opener = _OPENERS.get(view)
                press = (
                    partial(self._who.command, "/kudos") if opener is None else self._reach_button(opener, act, number)
                )
                self._offer(act, number)
                form = press().modal if press is not None else None
                is_it = form is not None and form.callback_id == view.value
                if form is None or not is_it or not act.values.keys() <= form.entered.keys():
                    self._close()
                    return None
                return partial(self._who.submit, form, dict(act.values))

    def _reach_button(self, action: Action, act: Act, number: int) -> Go | None:
        key = (action, act.text, number)
        if key not in self._buttons:
            self._buttons[key] = self._find_button(action, act, number)
        return self._buttons[key]

    def _find_button(self, action: Action, act: Act, number: int) -> Go | None:
        """In the messages that the person had at first, or in the answer to a command."""
        if not self._offer(act, number, TOO_SOON if action is Action.RESEND_REFUSED else MAY):
            return None
        typed = [
            shown
            for command, text in _TYPED.get(action, [("/orders", "{}")])
            for shown in self._pages([self._answer_to(command, text.format(number))])
        ]
        for shown in [*self._still.screens[self._role.who], *typed]:
            carried = act.text.format(self._still.carried(self._thing, number))
            if block := block_of(shown, action, carried):
                if shown.find(action.value, block).type == "overflow":
                    return partial(self._who.select, shown, action.value, carried, block_id=block)
                return partial(self._who.click, shown, action.value, block)
        return None

    def _answer_to(self, command: str, text: str) -> ShownMessage:
        """Type a command; its answer, which is an ordinary message where the person is alone with the app."""
        since = self._slack.workspace.event_log.seq
        self._who.command(command, text)

        def told() -> ShownMessage | None:
            posted = shown_since(self._slack, self._who, since, but=self._receipts, by={"message"})
            return min(posted, key=lambda one: not one.ephemeral, default=None)

        return self._who.wait_for(told)

    def _receipts(self) -> set[str]:
        """Return which messages are receipts: one is rewritten whenever its request moves on, and is no answer."""
        return {row["ts"] for row in self._still.world.rows("SELECT ts FROM posts WHERE kind = 'receipt'")}

    def _pages(self, shown: Sequence[ShownMessage]) -> list[ShownMessage]:
        """What is shown, and what More shows in the place of the last of it, to the end."""
        found = list(shown)
        while found and Action.PENDING_MORE in found[-1].action_ids:
            page = found[-1]
            self._who.click(page, Action.PENDING_MORE)
            found.append(self._who.wait_for(partial(self._turned, page)))
        return found

    def _turned(self, page: ShownMessage) -> ShownMessage | None:
        now = self._who.now(page)
        return now if now.words != page.words else None

    def _offer(self, act: Act, number: int, cell: str = MAY) -> bool:
        """Put the thing into the state that is for this act; whether there is one."""
        return any(row[act.state] == cell and self._put(state) == number for state, row in self._states.items())

    # ------------------------------------------------------------------------------- what it comes to

    def _hold(self, act: Act, state: str, number: int, go: Go) -> list[str]:
        """Do it, and hold what is told and changed to the tables; a line if that differs."""
        cell = verdict(self._role, act, self._states[state])
        # What the try before told late would count for this one: a pointer to the new card, beside the refusal.
        self._still.world.await_answers()
        before, since = self._still.tables(), self._slack.workspace.event_log.seq
        words = act.shows.format(number) if cell == MAY else self._sentence(act, number, cell)
        alone = cell not in (MAY, TOO_SOON)  # a refusal is one sentence, and nothing else is shown
        answer = go()

        def is_told() -> bool:
            others = seen_by(self._slack, self._who, since, others=not alone, but=self._receipts)
            seen = [*of_answer(answer), *others]
            if alone:
                return bool(seen) and all(words in screen for screen in seen)
            return any(words in text for screen in seen for text in screen)

        try:
            told = not words or self._who.wait_for(is_told)
        except TimeoutError:
            told = False
        changes = self._still.changes(before, self._who, number)
        noted = cell not in RULES or self._is_noted(number)
        wrong = []
        if not told or not noted or sorted(changes) != sorted(act.does if cell == MAY else ()):
            seen = [*of_answer(answer), *seen_by(self._slack, self._who, since, others=True)]
            wrong = [f"{act.name}, {state}: it should be {cell!r} ({words}), and it did {changes} and told {seen}"]
        if changes:
            self._still.clear()
        self._close()
        return wrong

    def _is_noted(self, number: int) -> bool:
        """Whether the audit log has that this person was refused, where it is about a request or an order."""
        return self._thing not in (*OF_REQUESTS, "orders") or bool(self._still.refusals(self._who, number))

    def _sentence(self, act: Act, number: int, cell: str) -> str:
        """What is told to who may not, or cannot."""
        if cell == TOO_SOON:
            return wording.common(wording.TOO_SOON, wording.too_soon(12), again_text(an_order(last_sent_at=NOON), 12))
        if cell == UNSEEN:
            return act.unseen.format(number)
        if cell == "nothing to do":
            return build_probing(ProbeAnswer.NOT_HALTED).text
        if cell in ("wrong", "not mailed") and act.instead:
            return act.instead
        return refusal_text(self._refusal(act, number, cell))

    def _refusal(self, act: Act, number: int, cell: str) -> Refusal:
        if cell in RULES:
            return self._not_allowed(RULES[cell], number)
        match cell:
            case "none":
                return NotFound(str(number)) if isinstance(act.by, Command) else StaleReference()
            case "decided":
                row = self._still.row("requests", number)
                return AlreadyDecided(status=row["status"], by=row["decided_by"], at=from_ms(row["decided_at"]))
            case "wrong":
                row = self._still.row("orders", number)
                return WrongState(number=str(number), status=row["status"], move=MOVES[act.state])
            case "not mailed":
                return NotMailed()
            case "too old":
                return PastIdempotency(str(number))
            case "paused":
                return QueuePaused()
        raise AssertionError(f"no sentence for {cell!r}")

    def _not_allowed(self, rule: Rule, number: int) -> Refusal:
        """Return the refusal with who may instead: the admin, all approvers, or those who are no party to it."""
        if rule is Rule.ADMINS_ONLY:
            return NotAllowed(rule, who_may=[people.ADA])
        if rule is Rule.FINANCE_ONLY:
            return NotAllowed(rule, who_may=[people.FIONA])
        if self._thing not in OF_REQUESTS:
            everyone = sorted([*approvers(self._slack), NEWCOMERS["nora"].id])
            return NotAllowed(rule, who_may=everyone if rule is Rule.APPROVERS_ONLY else ())
        asked = self._still.row("requests", number)
        waits = asked["status"] == "pending_approval"
        if self._thing == "on a route":
            return NotAllowed(rule, who_may=[NEWCOMERS["nora"].id], waits=waits)
        gets = self._still.rows("SELECT user_id FROM recipients WHERE request_id = :id", id=number)
        parties = {asked["requester_id"], *(row["user_id"] for row in gets)}
        accounts = {self._slack.person(second).id: first for second, first in SECOND_ACCOUNTS.items()}
        parties |= {asked["first_approved_by"]} if rule is Rule.ANOTHER_APPROVER else set()
        may = [one for one in approvers(self._slack) if not {one, accounts.get(one)} & parties]
        return NotAllowed(rule, who_may=may, waits=waits)

    def _close(self) -> None:
        if self._who.modal is not None:
            self._who.close(everything=True)


def approvers(slack: SlackSandbox) -> list[str]:
    """Return the ids of who approves, as refusals name them."""
    return sorted({slack.person(role.who).id for role in ROLES if role.rights["review"] == MAY})


def of_answer(answer: Any) -> list[Screen]:
    """What the answer to a payload that was made by hand would show."""
    if not isinstance(answer, dict):
        return []
    found: list[Screen] = [tuple(answer["errors"].values())] if "errors" in answer else []
    for shown in (answer, answer.get("view", {})):
        text = str(shown.get("text", ""))
        words = "\n".join(texts(shown.get("blocks", []))) or text
        found += [(text, words)] if words else []
    return found


def seen_by(
    slack: SlackSandbox, who: Person, since: int, *, others: bool, but: Callable[[], Collection[str]] = frozenset
) -> list[Screen]:
    """What somebody was shown since then, alone or also with others, `but` these (by `ts`); and their modals."""
    shown = {(one.channel, one.ts): one for one in shown_since(slack, who, since, others=others, but=but)}
    return [
        *((one.text, one.words) for one in shown.values()),
        *((view.title, view.words, *view.errors.values()) for view in who.modals),
    ]


def shown_since(
    slack: SlackSandbox,
    who: Person,
    since: int,
    *,
    others: bool = False,
    but: Callable[[], Collection[str]] = frozenset,
    by: Collection[str] = ("message", "message_changed"),
) -> Iterator[ShownMessage]:
    """Yield each message as it is now that an event `by` these names showed somebody, alone or also with others."""
    for event in slack.workspace.event_log.since(since) or ():
        if event.type not in by:
            continue
        channel, ts = event.data["channel"], event.data["ts"]
        is_theirs = event.user == who.id or (channel == who.dm_channel and ts not in but())
        if is_theirs or (others and event.user is None):
            message = slack.workspace.message(channel, ts)
            if message is not None:
                yield ShownMessage(message_data(slack._state, message))


def forge(
    slack: SlackSandbox,
    who: Person,
    by: Command | Action | View | Shortcut,
    carried: str,
    values: Mapping[str, Any] = _NOTHING,
) -> Any:
    """Send a payload made by hand; what is answered.

    Args:
        slack: where.
        who: in whose name.
        by: what would be typed, pressed or submitted.
        carried: the command's text, the button's value, the modal's `private_metadata`.
        values: what would be entered, said in the way of every kind of field.
    """
    where = who.dm_channel
    match by:
        case Command() as command:
            return slack.deliver("slash_commands", a_command(slack, who.id, command.value, carried, channel=where))
        case Action() as action:
            return slack.deliver("interactive", a_click(slack, who.id, action.value, carried, channel=where))
        case View() as view:
            entered = {name: {"_": _entered(said)} for name, said in values.items()}
            form = a_submission(slack, who.id, view.value, entered, private_metadata=carried)
            return slack.deliver("interactive", form)
        case Shortcut() as shortcut:
            # Of a message of somebody who is in no role.
            author = people.KIM if shortcut is Shortcut.REWARD_THIS else ""
            return slack.deliver("interactive", a_choice(slack, who.id, shortcut.value, author))


def _entered(said: Any) -> dict[str, Any]:
    return {
        "value": said,
        "selected_date": said,
        "selected_option": {"value": said},
        "selected_user": said,
        "selected_users": said,
    }
