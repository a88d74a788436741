"""The acts of people that wait for the app: commands, shortcuts, elements, modals. Each blocks until it is over."""

import time
from collections.abc import Callable
from typing import Any, Final

from bot.sandbox.slack import elements, payloads, people
from bot.sandbox.slack.blockkit_elements import OPTIONS, option_problems
from bot.sandbox.slack.delivery import Courier, Unanswered
from bot.sandbox.slack.elements import Placed
from bot.sandbox.slack.errors import TROUBLE_CONNECTING, ApiError, NotPossible, SlackTrouble
from bot.sandbox.slack.model import Channel, Json, Message, View
from bot.sandbox.slack.problems import Problems, Where
from bot.sandbox.slack.snapshots import Outcome, Shown, ShownMessage, ShownView, message_data, view_data
from bot.sandbox.slack.state import State
from bot.sandbox.slack.submission import Submission
from bot.sandbox.slack.web_api import chat

#: The value of an act on an element that takes none: a button.
NOTHING_CHOSEN: Final[Any] = object()


class Interactions:
    """The acts of all people; the first argument of each is who acts."""

    def __init__(self, state: State, courier: Courier) -> None:
        self._state = state
        self._workspace = state.workspace
        self._courier = courier
        self._submission = Submission(state)

    # Commands and shortcuts ---------------------------------------------------------------------------------------

    def command(self, user: str, name: str, text: str, channel: str) -> Outcome:
        """Type ``/name text`` into a channel's composer."""
        where = self.channel(user, channel)
        registered = self._state.commands
        if registered is not None and name not in registered:
            raise NotPossible(f"{name} is not a valid command.", code="invalid_command")
        escape = True if registered is None else bool(registered[name].get("should_escape"))
        typed = payloads.escaped(self._state, text, by=user) if escape else text
        payload = payloads.command(self._state, user, where, name, typed.strip())
        failed = f'{name} failed with the error "{{code}}"'
        return self._act(user, "slash_commands", payload, failed, then=lambda ack: self._answered(user, where, ack))

    def _answered(self, user: str, where: Channel, ack: Any) -> None:
        """Show what a command's answer carries: a message for the person, or for the channel."""
        if not ack:
            return
        body = ack if isinstance(ack, dict) else {"text": str(ack)}
        try:
            found = chat.checked_content(
                body.get("text") or "", body.get("blocks") or [], body.get("attachments") or []
            )
        except ApiError as error:
            raise SlackTrouble(
                'failed with the error "invalid_command_response"',
                code="invalid_command_response",
                detail="; ".join([error.code, *error.messages]),
            ) from None
        in_channel = body.get("response_type") == "in_channel"
        self._workspace.post(
            Message(
                channel=where.id,
                ts=self._workspace.stamps.ts(),
                user=people.BOT_USER,
                bot_id=people.BOT_ID,
                visible_to=None if in_channel else user,
                answer_to=user,
                **found,
            )
        )

    def shortcut(self, user: str, callback_id: str) -> Outcome:
        """Choose a global shortcut from the lightning menu."""
        self._registered("global", callback_id)
        payload = payloads.shortcut(self._state, user, callback_id)
        return self._act(user, "interactive", payload, TROUBLE_CONNECTING)

    def message_shortcut(self, user: str, callback_id: str, channel: str, ts: str) -> Outcome:
        """Choose a message shortcut from a message's "…" menu, in a channel or a thread, also where the app is not."""
        self._registered("message", callback_id)
        message = self.message(user, channel, ts)
        if message.visible_to is not None:
            raise NotPossible("A message that only you see has no shortcuts")
        payload = payloads.message_action(self._state, callback_id, user, message)
        return self._act(user, "interactive", payload, TROUBLE_CONNECTING)

    def _registered(self, kind: str, callback_id: str) -> None:
        offered = [one["callback_id"] for one in self._state.shortcuts if one["type"] == kind]
        if callback_id not in offered:
            raise NotPossible(f"There is no {kind} shortcut {callback_id!r} in the menu, only {offered}")

    # Elements -----------------------------------------------------------------------------------------------------

    def use(
        self,
        user: str,
        on: Shown,
        action_id: str,
        block_id: str | None = None,
        *,
        value: Any = NOTHING_CHOSEN,
        values: Json | None = None,
    ) -> Outcome:
        """Use an element of a message or a view: click, choose, tick, type.

        In a message and in a Home tab the element is looked for in the snapshot: a screen may be behind, and the app
        is told what was pressed there. ``values`` is what else is entered in the view at that moment.
        """
        one: Placed
        if isinstance(on, ShownMessage):
            message = self.message(user, on.channel, on.ts)
            one = on.find(action_id, block_id)
            held = self._held(user, one, value, message.ts)
            if one.type not in elements.STATELESS:
                self._workspace.message_state(user, message)[one.block_id, one.action_id] = held
            payload = payloads.block_actions(self._state, user, one, held, message=message)
        else:
            view = self.view(user, str(on.data["id"]))
            self._submission.enter(view, values or {})
            one = (on if view.type == "home" else ShownView(view_data(view))).find(action_id, block_id)
            held = self._held(user, one, value, view.id)
            if one.type not in elements.STATELESS and (one.block_id, one.action_id) in view.entered:
                view.entered[one.block_id, one.action_id] = held
                view.errors.pop(one.block_id, None)
            if not one.dispatches:
                self._workspace.tell_view(view)
                return Outcome(modals=self.modals(user), delivered=False)
            payload = payloads.block_actions(self._state, user, one, held, view=view)
        return self._act(user, "interactive", payload, "This app didn't respond. [{code}]")

    def _held(self, user: str, one: Placed, value: Any, container: str) -> Json:
        if one.type in elements.STATELESS and one.type != "overflow":
            if value is not NOTHING_CHOSEN:
                raise NotPossible(f"A {one.type} takes no value")
            return {"type": one.type}
        if value is NOTHING_CHOSEN:
            raise NotPossible(f"A {one.type} needs a value")
        return self._submission.held(user, one, value, container)

    def options(self, user: str, on: Shown, action_id: str, block_id: str | None, query: str) -> Json:
        """Type into a menu that asks the app; return the options, or the groups of them, that the app offers."""
        message = view = None
        if isinstance(on, ShownMessage):
            message = self.message(user, on.channel, on.ts)
            one = on.find(action_id, block_id)
        else:
            view = self.view(user, str(on.data["id"]))
            one = ShownView(view_data(view)).find(action_id, block_id)
        if "external_select" not in one.type:
            raise NotPossible(f"A {one.type} has its options already")
        if len(query) < one.element.get("min_query_length", 3):
            raise NotPossible("Slack asks the app only after more letters were typed")
        payload = payloads.block_suggestion(self._state, user, one, query, message=message, view=view)
        ack = self._deliver("interactive", payload, "There was a problem loading the results. [{code}]")
        offered, problem = _offered(ack)
        if problem:
            raise SlackTrouble("There was a problem loading the results.", code="invalid_options", detail=problem)
        container = message.ts if message else view.id if view else ""
        self._state.offered.setdefault((user, container, one.action_id), []).extend(offered)
        return {"options": ack.get("options") or [], "option_groups": ack.get("option_groups") or []}

    # Modals -------------------------------------------------------------------------------------------------------

    def submit(self, user: str, view_id: str, values: Json) -> Outcome:
        """Fill in the modal on top and press its submit button."""
        view = self.view(user, view_id)
        if view.type != "modal" or not view.body.get("submit") or view.body.get("submit_disabled"):
            raise NotPossible("This view has no button to submit it")
        self._submission.enter(view, values)
        complaints = self._submission.complaints(view)
        if complaints:
            view.errors = complaints
            self._workspace.tell_view(view)
            return Outcome(errors=complaints, modals=self.modals(user), delivered=False)
        view.errors = {}
        payload = payloads.view_submission(self._state, view)
        outcome = self._act(
            user, "interactive", payload, TROUBLE_CONNECTING, then=lambda ack: self._submission.answered(view, ack)
        )
        outcome.errors = dict(view.errors) or None
        outcome.closed = view not in self._workspace.stack(user)
        return outcome

    def close(self, user: str, view_id: str, *, everything: bool = False) -> Outcome:
        """Press the close button of the modal on top; ``everything``: the x that ends the whole stack."""
        view = self.view(user, view_id)
        stack = self._workspace.stack(user)
        cleared = everything or bool(view.body.get("clear_on_close"))
        gone = list(reversed(stack)) if cleared else [view]
        self._workspace.set_stack(user, [one for one in stack if one not in gone])
        for one in gone:
            if one.body.get("notify_on_close"):
                # Nobody is shown that an app failed to take note of it.
                self._silently(payloads.view_closed(self._state, one, cleared=cleared))
        return Outcome(modals=self.modals(user), closed=True)

    def _silently(self, payload: Json) -> None:
        try:
            self._courier.deliver("interactive", payload)
        except Unanswered:
            return

    # What is on the screen ----------------------------------------------------------------------------------------

    def channel(self, user: str, identifier: str) -> Channel:
        """Return a conversation that the person is in.

        Raises:
            NotPossible: the person is not in it.
        """
        found = self._workspace.channels.get(identifier)
        if identifier == self._workspace.dm(user).id:
            return self._workspace.dm(user)
        if found is None or not self._workspace.is_member(user, found):
            raise NotPossible(f"{user} is not in {identifier}", code="not_in_channel")
        return found

    def message(self, user: str, channel: str, ts: str) -> Message:
        """Return a message that the person sees.

        Raises:
            NotPossible: it is not there, or not for this person.
        """
        self.channel(user, channel)
        found = self._workspace.message(channel, ts)
        if found is None or found.visible_to not in (None, user):
            raise NotPossible("This message is not there any more", code="message_not_found")
        return found

    def view(self, user: str, view_id: str) -> View:
        """Return the modal on top, or the home tab.

        Raises:
            NotPossible: the view is neither.
        """
        home = self._workspace.homes.get(user)
        if home is not None and home.id == view_id:
            return home
        stack = self._workspace.stack(user)
        if not stack or stack[-1].id != view_id:
            raise NotPossible("This view is not on top of the screen", code="view_not_found")
        return stack[-1]

    def modals(self, user: str) -> list[ShownView]:
        """Return the person's modals, bottom first."""
        with self._workspace.lock:
            return [ShownView(view_data(view)) for view in self._workspace.stack(user)]

    # Delivery -----------------------------------------------------------------------------------------------------

    def _deliver(self, kind: str, payload: Json, words: str) -> Any:
        try:
            return self._courier.deliver(kind, payload)
        except Unanswered as error:
            raise SlackTrouble(
                words.format(code=error.code), code=error.code, status=error.status, detail=error.detail
            ) from None

    def _act(
        self, user: str, kind: str, payload: Json, words: str, *, then: Callable[[Any], None] = lambda _ack: None
    ) -> Outcome:
        """Deliver, show what the answer says, and collect what the person sees after it."""
        before = self._workspace.event_log.seq
        started = time.perf_counter()
        ack = self._deliver(kind, payload, words)
        ack_seconds = time.perf_counter() - started
        then(ack)
        return Outcome(
            ack_seconds=ack_seconds, ack=ack, ephemerals=self._new_ephemerals(user, before), modals=self.modals(user)
        )

    def _new_ephemerals(self, user: str, before: int) -> list[ShownMessage]:
        found = []
        with self._workspace.lock:
            for event in self._workspace.event_log.since(before) or ():
                if event.type == "message" and event.user == user:
                    message = self._workspace.message(event.data["channel"], event.data["ts"])
                    if message is not None:
                        found.append(ShownMessage(message_data(self._state, message)))
        return found


def _offered(ack: Any) -> tuple[list[Json], str]:
    """Return the options in an app's answer, and what is wrong with them."""
    if not isinstance(ack, dict) or ("options" in ack) == ("option_groups" in ack):
        return [], "either options or option_groups are expected"
    problems = Problems()
    groups = ack.get("option_groups")
    listed = [ack.get("options")] if groups is None else [group.get("options") for group in groups]
    if len(groups or ()) > OPTIONS:
        problems.add(Where("/option_groups"), f"no more than {OPTIONS} items allowed")
    found: list[Json] = []
    for options in listed:
        for index, option in problems.items(options, Where("/options"), most=OPTIONS, least=0):
            option_problems(problems, option, Where("/options") / index)
        found += options or []
    return found, "; ".join(problems.found)
