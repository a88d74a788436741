"""The answers that a listener can give, and which door carries out which answer.

Each door has a closed set of its own and ends in `assert_never`: mypy refuses a listener whose answer the door would
drop.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from handlers.bolt.payloads import Modal
from handlers.views.blocks import Json, Message

# --------------------------------------------------------------------------------------- messages


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the person alone, where they are."""

    message: Message


@dataclass(frozen=True, slots=True)
class Replace:
    """Put the message in the place of what the person pressed or submitted."""

    message: Message


@dataclass(frozen=True, slots=True)
class ShowAll:
    """Post the message where the button is, for everyone there."""

    message: Message


@dataclass(frozen=True, slots=True)
class SayLater:
    """Say that Tango is being asked, then tell the person alone what `make` returns."""

    make: Callable[[], Message]


@dataclass(frozen=True, slots=True)
class ReplaceLater:
    """Ask Tango first, then put what `make` returns in the place of what the person pressed or submitted."""

    make: Callable[[], Message]


# ----------------------------------------------------------------------------------------- modals


@dataclass(frozen=True, slots=True)
class Open:
    """Open this modal. Slack takes the payload's `trigger_id` for three seconds."""

    view: Json


@dataclass(frozen=True, slots=True)
class OpenThen:
    """Open this modal now; replace it with what `then` returns when Tango has answered."""

    view: Json
    then: Callable[[], Json]


@dataclass(frozen=True, slots=True)
class Update:
    """Put this view in the place of the modal in which somebody acted. Typed text stays in fields that both have."""

    modal: Modal
    view: Json


@dataclass(frozen=True, slots=True)
class UpdateLater:
    """Make the view in the background of the modal as it is by then, after earlier clicks, and put it in its place."""

    modal: Modal
    make: Callable[[Modal], Json]


@dataclass(frozen=True, slots=True)
class UpdateThen:
    """Put what `then` returns in the place of the modal in which somebody acted, when Tango has answered."""

    modal: Modal
    then: Callable[[], Json]


# ------------------------------------------------------------------------------- fields and the rest


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """Keep the modal open and show these texts under its fields, by block id."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Keep the modal open and show this text in it: the same submit may succeed in a moment."""

    text: str


@dataclass(frozen=True, slots=True)
class Options:
    """Offer these choices in a type-ahead field: `options`, or `option_groups`."""

    choices: Json


@dataclass(frozen=True, slots=True)
class Complete:
    """Complete the function of a workflow with these outputs, before Slack is answered."""

    outputs: Json


@dataclass(frozen=True, slots=True)
class Fail:
    """Fail the function of a workflow with this sentence, before Slack is answered."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """Say nothing: what was done shows elsewhere."""


# ------------------------------------------------------------------------------------- the Home tab


@dataclass(frozen=True, slots=True)
class ShowHome:
    """Put the person's Home, as it is now, on their screen."""

    user_id: str


# ------------------------------------------------------------------------------------------ doors

#: A command has no message and no modal to replace, and never ends in silence.
CommandAnswer = Say | SayLater | Open | OpenThen

#: A click stands in a message or in a modal: `in_window` turns each of these into a `WindowAnswer` for a modal.
ClickAnswer = Say | SayLater | Replace | ReplaceLater | ShowAll | Open | OpenThen | Update | UpdateLater | Done

#: A click in a modal has no `response_url`: every answer to it is shown in a modal.
WindowAnswer = Open | OpenThen | Update | UpdateLater | UpdateThen | Done

#: A submit has no fresh trigger and no place outside its modal.
SubmissionAnswer = Update | UpdateThen | Replace | ReplaceLater | FieldErrors | AskAgain | Done

#: A type-ahead field shows options and nothing else.
OptionsAnswer = Options

#: A shortcut has no message of its own; what it begins is a modal, and so are the words of a refusal.
ShortcutAnswer = Open | OpenThen

#: An event has no place for words: what was done shows on Home.
EventAnswer = ShowHome | Done

#: A function is completed or fails at once, or later by the outbox. It has no person to tell and no place on a screen.
FunctionAnswer = Complete | Fail | Done

#: The words for what a listener raised. Every door but that of events says these besides its own answers.
Trouble = Say | AskAgain | FieldErrors
