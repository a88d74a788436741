"""Who takes part: enough people for fifty to act at once, and for nobody to be at their own limit of messages."""

from typing import Final

MANAGERS: Final = tuple(f"U0MANAGER{number:02d}" for number in range(50))
APPROVERS: Final = tuple(f"U0APPROVE{number:02d}" for number in range(50))
RECIPIENTS: Final = tuple(f"U0RECIPNT{number:02d}" for number in range(50))
ADMIN: Final = "U0ADMIN001"

#: As many as a long run needs so that nobody is given two rewards within a second, at a pace that no one has.
CROWD: Final = tuple(f"U0CROWD{number:04d}" for number in range(3_000))

EVERYONE: Final = (*MANAGERS, *APPROVERS, *RECIPIENTS, *CROWD, ADMIN)

CHANNEL: Final = "C00APPROVALS"
SIGNING_SECRET: Final = "demo-signing-secret"
BOT_TOKEN: Final = "xoxb-demo"
TEAM: Final = "T00ACME00"

#: In the catalog of the stand-in: a reward of 5 to 500 dollars or so.
UTID: Final = "U561593"
CUSTOMER: Final = "kudos-demo"
ACCOUNT: Final = "kudos-demo-usd"
