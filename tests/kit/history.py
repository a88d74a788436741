"""What histories drawn at random share: the bot's database files, and who has the right to decide at which moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.domain.addresses import is_same_address
from bot.sandbox.slack import SlackSandbox, people
from bot.sandbox.slack.people import User
from storage import back_up, restore

#: For so many seconds the bot believes what Slack said of a person, where Slack does not say it anew (SECURITY.md, 8).
BELIEVED_FOR: Final = 600.0

#: An approver who is nothing else, so that anything can become of them.
VERA: Final = "U00VERA00"
VERAS_ADDRESS: Final = "vera@acme.example"

#: A user group that the settings name for admins.
ADMINS_GROUP: Final = "S00ADMINS"


class Files:
    """The databases that a bot runs on, one after the other, each with its backups.

    Attributes:
        path: the one in use.
        all: every one that was in use; none of their requests are in two of them.
        restored: those that were ever restored: they may lack what happened.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._backups: dict[Path, list[Path]] = {}
        self.path = self._folder / "kudos.db"
        self.all = [self.path]
        self.restored: set[Path] = set()

    def back_up(self) -> None:
        """Back up the database, as it is now."""
        made = self._backups.setdefault(self.path, [])
        backup = self._folder / f"{self.path.stem}-{len(made)}.backup"
        back_up(self.path, backup)
        made.append(backup)

    def restore(self, which: int, now: datetime) -> bool:
        """Restore one of the database's backups; return whether there is one. No bot runs."""
        if not (made := self._backups.get(self.path)):
            return False
        known_since = now - timedelta(days=89)
        restore(self.path, made[which % len(made)], now=now, known_since=known_since, actor="console")
        self.restored.add(self.path)
        return True

    def change(self, which: int, *, most: int) -> None:
        """Go on with another database: with a fresh one while there are fewer than `most`, then with one of before."""
        if len(self.all) < most:
            self.all.append(self._folder / f"kudos-{len(self.all)}.db")
            self.path = self.all[-1]
        else:
            self.path = self.all[which % len(self.all)]


@dataclass(frozen=True, slots=True)
class _Standing:
    """A person at one moment."""

    is_colleague: bool
    email: str


class Rights:
    """Who may decide, by what the workspace says; of profiles, by what it said within the last ten minutes.

    Args:
        slack: the workspace. It gets Vera, and a user group of admins.
    """

    def __init__(self, slack: SlackSandbox) -> None:
        self._workspace = slack.workspace
        self.vera = User(VERA, "vera", "Vera Cole", email=VERAS_ADDRESS)
        self._workspace.users[VERA] = self.vera
        self._workspace.channels[people.APPROVALS].members += [VERA, people.PRIYA]
        self._workspace.channels[people.GENERAL].members.append(VERA)
        self.approvers = self._workspace.usergroups[people.APPROVERS_GROUP]
        self.approvers.users.append(VERA)
        self.admins = people.UserGroup(ADMINS_GROUP, "kudos-admins", "Admins of Kudos", [])
        self._workspace.usergroups[ADMINS_GROUP] = self.admins
        self._told_approvers: frozenset[str] = frozenset()
        self._told_admins: frozenset[str] = frozenset()
        self._standings: list[tuple[float, _Standing]] = []
        self.change(0.0, "")

    def change(self, at: float, kind: str) -> None:
        """Let something become of Vera or of a group, at that second of the clock that nobody sets."""
        vera = self.vera
        match kind:
            case "guest":
                vera.is_restricted = not vera.is_restricted
            case "left":
                vera.deleted = not vera.deleted
            case "outsider":
                vera.team_id = people.TEAM_ID if vera.team_id == people.OTHER_TEAM_ID else people.OTHER_TEAM_ID
            case "second account":
                mayas = self._workspace.users[people.MAYA].email
                vera.email = VERAS_ADDRESS if vera.email == mayas else mayas
            case "group gone":
                self.approvers.gone = "" if self.approvers.gone else "no_such_subteam"
        is_colleague = not (vera.is_restricted or vera.deleted) and vera.team_id == people.TEAM_ID
        self._standings.append((at, _Standing(is_colleague, vera.email or "")))

    def move(self, user_id: str, group: people.UserGroup) -> None:
        """Put somebody into a group, or take them out of it."""
        if user_id in group.users:
            group.users.remove(user_id)
        else:
            group.users.append(user_id)

    def tell(self) -> None:
        """Note who is in the groups, because the bot has asked."""
        self._told_approvers = frozenset() if self.approvers.gone else frozenset(self.approvers.users)
        self._told_admins = frozenset(self.admins.users) | {people.ADA}

    def is_admin(self, user_id: str) -> bool:
        """Tell whether this person may look after orders, by what the bot was told."""
        return user_id in self._told_admins

    def could_decide(self, user_id: str, parties: set[str], at: float) -> bool:
        """Tell whether this person had the right to decide about a request of these parties, at any time that counts.

        Of a change that Slack has not told the bot yet, both sides count.
        """
        if user_id not in self._told_approvers or user_id in parties:
            return False
        if user_id != VERA:
            return True
        addresses = [self._workspace.users[party].email for party in parties]
        ends = [begun for begun, _ in self._standings[1:]] + [at + 1]
        lately = [one for (_, one), end in zip(self._standings, ends, strict=True) if end > at - BELIEVED_FOR]
        return any(
            one.is_colleague and not any(is_same_address(one.email, address) for address in addresses) for one in lately
        )
