"""People on the screen: names as they were typed, linked to the profile of the very account."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from bot.domain.people import visible_name
from bot.domain.request import Recipient, Request
from bot.usecases.queue import CONSOLE
from handlers.views.blocks import (
    Json,
    link,
    mention,
    name_text,
    paragraph,
    pieces_of,
    rich_text,
    words,
)

#: The recipients that a line names. Five names of usual length are two lines on a phone.
MOST_NAMED: Final = 5

#: The people of a role that a sentence names: a line on a phone.
_MOST_OF_ROLE: Final = 3


def all_of(user_ids: Sequence[str]) -> str:
    """List people of whom each may: "Alex, Sam and Kim", "Alex, Sam and 4 more"."""
    return _listed(user_ids, "{names} and {last}", "{names} and {left} more")


def any_of(user_ids: Sequence[str]) -> str:
    """List people of whom one is enough: "Alex, Sam or Kim", "Alex, Sam or one of 4 others"."""
    return _listed(user_ids, "{names} or {last}", "{names} or one of {left} others")


def _listed(user_ids: Sequence[str], told: str, told_of_many: str) -> str:
    """Name one person, all of a few, or some of many."""
    *first, last = map(mention, user_ids)
    if not first:
        return last
    if len(user_ids) <= _MOST_OF_ROLE:
        return told.format(names=", ".join(first), last=last)
    shown = first[: _MOST_OF_ROLE - 1]
    return told_of_many.format(names=", ".join(shown), left=len(user_ids) - len(shown))


def name_of(actor: str) -> str:
    """Name who did something, as a sentence begins: a person, or the operator on the machine."""
    return "The operator of Kudos" if actor == CONSOLE else mention(actor)


def profile_link(team_id: str, user_id: str, name: str, *, bold: bool = False) -> Json:
    """Link a name to the profile of this account (Slack docs, Deep linking into Slack). A link pings nobody."""
    return link(f"slack://user?team={team_id}&id={user_id}", visible_name(name) or "someone", bold=bold)


def profile_mark(team_id: str, user_id: str, name: str) -> str:
    """Link a name to the profile of this account in formatted text."""
    return f"<slack://user?team={team_id}&amp;id={user_id}|{name_text(visible_name(name)) or 'someone'}>"


def payee_links(request: Request, team_id: str, *, bold: bool = False) -> list[Json]:
    """Name who gets the reward, each linked to the account: a name alone is its owner's to choose.

    One line holds a few. The others are counted, and a button shows them all.
    """
    shown = request.recipients[:MOST_NAMED]
    links = [profile_link(team_id, one.user_id, one.name, bold=bold) for one in shown]
    listed = list(chain.from_iterable((words(", ", bold=bold), one) for one in links))[1:]
    others = others_text(len(request.recipients) - len(shown))
    return [*listed, words(others, bold=bold)] if others else listed


def namesake_warning(request: Request) -> list[Json]:
    """Warn of recipients whose name another member has too; nothing where there is none."""
    names = [visible_name(one.name) for one in request.recipients if one.has_namesake]
    if not names:
        return []
    apart = chain.from_iterable((words(", "), words(name, bold=True)) for name in names)
    sentence = "⚠️ Someone else here has the same name as {names}, or one that looks like it. Please check who this is."
    return [rich_text(paragraph(*pieces_of(sentence, names=list(apart)[1:])))]


def names_text(recipients: Iterable[Recipient]) -> str:
    """List names for a text in which nothing is formatted."""
    return ", ".join(_apart(visible_name(one.name)) or "someone" for one in recipients)


def few_names(recipients: Sequence[Recipient], most: int = MOST_NAMED) -> str:
    """List a few names for a text without links, and count the others; escaped.

    An account whose name is no longer kept is mentioned: Slack shows its name while it has one.
    """
    names = [_apart(visible_name(one.name)) for one in recipients]
    return few_of([name_text(name) or mention(one.user_id) for one, name in zip(recipients, names, strict=True)], most)


def few_of(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """List a few of these, and count the others."""
    return f"{', '.join(names[:most])}{others_text(len(names) - most)}"


def others_text(left: int) -> str:
    """Count those that a list leaves out, to follow it; nothing where it leaves out none."""
    return f" and {left:,} more" if left > 0 else ""


def _apart(name: str) -> str:
    """Quote a name with a comma, so that it doesn't look like two."""
    return f"“{name}”" if "," in name else name
