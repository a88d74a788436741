"""The errors that a person in the workspace meets, and those that a caller of its Web API meets.

SandboxError
├── SlackTrouble    the app did not answer as Slack needs it to; the person sees Slack's own words
├── NotPossible     the person could not have done this on a real screen
└── ApiError        a Web API call that Slack answers with ``"ok": false``
"""

from typing import Any, Final

#: A modal shows this when its app answers a submit late, with an error, or with something invalid.
TROUBLE_CONNECTING: Final = "We had some trouble connecting. Try again?"


class SandboxError(Exception):
    """The root of the exceptions that this package raises on purpose."""


class SlackTrouble(SandboxError):
    """The app failed the person. ``words`` is what Slack shows, ``code`` its name for the cause.

    ``status`` is the HTTP status the app answered, if it answered at all.
    """

    def __init__(self, words: str, *, code: str, status: int | None = None, detail: str = "") -> None:
        super().__init__(f"{words} [{code}]" + (f" {detail}" if detail else ""))
        self.words = words
        self.code = code
        self.status = status
        self.detail = detail


class NotPossible(SandboxError):
    """The person cannot do this: the button is not there, the view is not on top, the option was not offered."""

    def __init__(self, words: str, *, code: str = "not_possible") -> None:
        super().__init__(words)
        self.words = words
        self.code = code


class ApiError(SandboxError):
    """A refused Web API call: Slack's error code, and the messages it puts in ``response_metadata``."""

    def __init__(self, code: str, *, messages: list[str] | None = None, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """Return the answer's JSON."""
        answer: dict[str, Any] = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            answer["errors"] = [message.removeprefix("[ERROR] ") for message in self.messages]
            answer["response_metadata"] = {"messages": self.messages}
        return answer
