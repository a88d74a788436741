"""The timeline of an order: a whole sentence for each thing that happened, for Slack and for the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.domain.attempt import Attempt, AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.inquiry import InquiryFinding
from bot.domain.resend import Resend, ResendStatus
from bot.usecases.orders import MOST_IN_TIMELINE, OrderStory
from handlers.views.blocks import MOST_IN_SECTION, Json, context, escape, mention, section, time_of
from handlers.views.people import name_of
from storage import AuditEntry

#: What people did: with who did it, and where nobody is named.
_DONE: Final[Mapping[str, tuple[str, str]]] = {
    AuditEvent.REQUEST_FILED: ("{by} asked for this reward.", "This reward was requested."),
    AuditEvent.REQUEST_FIRST_APPROVED: (
        "{by} approved the request, as the first of two.",
        "The first of two people approved the request.",
    ),
    AuditEvent.REQUEST_APPROVED: ("{by} approved the request.", "The request was approved."),
    AuditEvent.REQUEST_UNDONE: ("{by} undid the approval.", "The approval was undone."),
    AuditEvent.REQUEST_DATE_CHANGED: ("{by} chose another date.", "Another date was chosen."),
    AuditEvent.REQUEST_ADDRESS_SHOWN: (
        "{by} looked at the postal address.",
        "An approver looked at the postal address.",
    ),
    AuditEvent.REQUEST_CARD_POSTED_AGAIN: ("{by} had the card posted again.", "The card was posted again."),
    AuditEvent.ORDER_WATCH_REQUESTED: (
        "{by} asked me to check with Tango again.",
        "Another check with Tango was requested.",
    ),
    AuditEvent.ORDER_INQUIRY_REQUESTED: ("{by} asked me to check with Tango.", "A check with Tango was requested."),
    AuditEvent.ORDER_DELIVERY_REQUESTED: (
        "{by} asked me to deliver the reward again.",
        "Another delivery was requested.",
    ),
    AuditEvent.ORDER_REWARD_SHOWN: ("{by} looked at the reward.", "The recipient looked at the reward."),
    AuditEvent.ORDER_ADDRESS_DISPUTED: (
        "{by} said that the address isn't theirs.",
        "The recipient said that the address isn't theirs.",
    ),
    AuditEvent.ORDER_RETRIED: ("{by} put the order back into the queue.", "The order was put back into the queue."),
    AuditEvent.ORDER_CLOSED: ("{by} closed the order without sending it.", "The order was closed without sending it."),
    AuditEvent.ORDER_CANCELED: ("{by} canceled the reward.", "The reward was canceled."),
    AuditEvent.ATTEMPT_REFUSED: (
        "{by} tried something that they have no right to.",
        "Someone tried something that they have no right to.",
    ),
}

#: What happened without anybody's doing.
_HAPPENED: Final[Mapping[str, str]] = {
    AuditEvent.REQUEST_EXPIRED: "Nobody decided in time, so the request expired.",
    AuditEvent.REQUEST_CARD_REFUSED: "Slack refused the card.",
    AuditEvent.REQUEST_THANKS_REFUSED: "Slack refused the public thanks.",
    AuditEvent.REQUEST_REQUESTER_UNTOLD: "Slack refused a message to the requester.",
    AuditEvent.REQUEST_CLEARED: "Names, addresses and messages were removed because of their age.",
    AuditEvent.ORDER_QUEUED: "The order joined the queue.",
    AuditEvent.ORDER_RESCUED: "After a restart, the order went back into the queue with the same reference.",
    AuditEvent.ORDER_ACCEPTED: "Tango accepted the order.",
    AuditEvent.ORDER_OVERCHARGED: "Tango charged more than the value, fee and rate explain.",
    AuditEvent.ORDER_COMPLETED: "Tango finished the order.",
    AuditEvent.ORDER_ENDED_AT_TANGO: "Tango ended the order without a reward.",
    AuditEvent.ORDER_WATCH_ENDED: "I stopped asking Tango if the order is finished.",
    AuditEvent.ORDER_DELIVERED: "I delivered the reward by direct message.",
    AuditEvent.ORDER_NOT_DELIVERED: "I couldn't deliver the reward, because Slack refused the direct message.",
    AuditEvent.ORDER_RECIPIENT_UNTOLD: "Slack refused a message to the recipient.",
    AuditEvent.ORDER_EMAIL_FAILED: "Tango says that the email didn't arrive.",
    AuditEvent.ORDER_FAILED: "Tango refused the order.",
    AuditEvent.ORDER_NEEDS_ATTENTION: "The order was set aside for an admin.",
    AuditEvent.QUEUE_HALTED: "Tango accepted no orders at that time, so this one had to wait.",
}

_ATTEMPTS: Final[Mapping[AttemptOutcome | None, str]] = {
    AttemptOutcome.ACCEPTED: "I sent the order, and Tango accepted it.",
    AttemptOutcome.REJECTED: "I sent the order, and Tango refused it.",
    AttemptOutcome.THROTTLED: "I sent the order too early for Tango, so I tried again right away.",
    AttemptOutcome.AMBIGUOUS: "I tried to send the order, and got no clear answer.",
    AttemptOutcome.HALTED: "I tried to send the order while Tango accepted none.",
    None: "I'm sending the order.",
}

#: What somebody asked for who had the email sent again, by whether it goes to another address, and has a template.
_RESENDS: Final[Mapping[tuple[bool, bool], tuple[str, str]]] = {
    (False, False): ("{by} asked to resend the email.", "A resend was requested."),
    (False, True): (
        "{by} asked to resend the email with template {template}.",
        "A resend with template {template} was requested.",
    ),
    (True, False): (
        "{by} asked to resend the email to another address.",
        "A resend to another address was requested.",
    ),
    (True, True): (
        "{by} asked to resend the email to another address, with template {template}.",
        "A resend to another address, with template {template}, was requested.",
    ),
}

_RESENT: Final[Mapping[ResendStatus, str]] = {
    ResendStatus.CLAIMED: "It's waiting its turn.",
    ResendStatus.SENDING: "It's being sent.",
    ResendStatus.SENT: "Tango sent it.",
    ResendStatus.REFUSED: "Tango refused.",
    ResendStatus.AMBIGUOUS: "Tango didn't answer, so it may or may not have been sent.",
}

#: What Tango said about an order.
_FOUND: Final[Mapping[str, str]] = {
    InquiryFinding.SAME: "Tango has the order, as it was approved.",
    InquiryFinding.DIFFERS: "Tango has a different order with this reference.",
    InquiryFinding.UNCONFIRMED: "Tango doesn't confirm that its order is this one.",
    InquiryFinding.ABSENT: "Tango doesn't have the order, so nothing was paid.",
    InquiryFinding.TOO_SOON: (
        "Tango doesn't have the order so far. That's certain only an hour after the last attempt."
    ),
    InquiryFinding.NO_SUCH_NUMBER: "Tango doesn't know that number.",
    InquiryFinding.UNANSWERED: "Tango gave no clear answer.",
    InquiryFinding.UNRECORDED: "I couldn't save Tango's answer. The log says why.",
    InquiryFinding.OVERTAKEN: "The order was settled before Tango answered.",
}

#: The same about the number under which an admin says that it was sent, where that is said differently.
_FOUND_AS: Final[Mapping[str, str]] = {
    InquiryFinding.SAME: "Tango has the order as {number}.",
    InquiryFinding.DIFFERS: "{number} is a different order.",
    InquiryFinding.UNCONFIRMED: "Tango doesn't confirm that {number} is this order.",
    InquiryFinding.NO_SUCH_NUMBER: "Tango doesn't know {number}.",
    InquiryFinding.UNANSWERED: "Tango gave no clear answer about {number}.",
}


def event_text(entry: AuditEntry, by: str | None) -> str:
    """Say what happened, by the audit log.

    Args:
        entry: of the log.
        by: who did it, as a sentence begins with; None where nobody did, or nobody is named.
    """
    if entry.event == AuditEvent.ORDER_INQUIRY_FINISHED:
        return found_text(entry.facts.get("finding"), entry.facts.get("sent_as"))
    if entry.event == AuditEvent.REQUEST_APPROVED and entry.facts.get("rule"):
        return "The request was approved automatically."
    if entry.event == AuditEvent.ORDER_CANCELED and entry.facts.get("reason"):
        return "The recipient had left, so the reward was canceled."
    if entry.event == AuditEvent.REQUEST_FILED and entry.facts.get("workflow_run"):
        return "A workflow asked for this reward."
    if entry.event in _DONE:
        named, unnamed = _DONE[entry.event]
        return named.format(by=by) if by else unnamed
    return _HAPPENED.get(entry.event) or f"Another version of Kudos noted “{entry.event}”."


def attempt_text(attempt: Attempt) -> str:
    """Say what an attempt came to."""
    return _ATTEMPTS[attempt.outcome]


def resend_text(resend: Resend, by: str | None) -> str:
    """Say what somebody asked for, by name or without, and what became of it."""
    named, unnamed = _RESENDS[resend.readdressed, bool(resend.changes.template)]
    asked = (named if by else unnamed).format(by=by, template=escape(resend.changes.template or ""))
    return f"{asked} {_RESENT[resend.status]}"


def found_text(finding: str | None, sent_as: str | None) -> str:
    """Say what Tango answered about an order, or about the number under which it was said to be sent."""
    if sent_as and finding and finding in _FOUND_AS:
        return _FOUND_AS[finding].format(number=escape(sent_as))
    return _FOUND.get(finding or "", _FOUND[InquiryFinding.UNANSWERED])


def cut_text() -> str:
    """Say that older attempts and resends are not shown."""
    return f"The timeline shows the last {MOST_IN_TIMELINE} attempts and resends."


def timeline_blocks(story: OrderStory) -> list[Json]:
    """Show all that happened to an order, a line for each thing."""
    lines = ["*Timeline*", *(_line(event) for _, event in story.timeline())]
    blocks = [section(text) for text in _paragraphs(lines)]
    return [*blocks, *([context(cut_text())] if story.is_cut else [])]


def _line(event: AuditEntry | Attempt | Resend) -> str:
    """Say when something happened, and what; the facts for machines come last."""
    match event:
        case AuditEntry():
            by = name_of(event.actor) if event.actor is not None else None
            return f"• {time_of(event.at)} · {event_text(event, by)}"
        case Attempt():
            facts = _facts(event.http_status, event.i18n_key, event.detail)
            return f"• {time_of(event.started_at)} · {attempt_text(event)}{facts}"
        case Resend():
            facts = _facts(event.i18n_key, event.detail)
            return f"• {time_of(event.requested_at)} · {resend_text(event, mention(event.requested_by))}{facts}"


def _facts(*facts: object) -> str:
    said = " ".join(str(fact) for fact in facts if fact)
    return f" ({escape(said)})" if said else ""


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    """Put as many whole lines together as a section holds: half a date or mention would show as code."""
    paragraph = ""
    for line in lines:
        if len(paragraph) + 1 + len(line) > MOST_IN_SECTION:
            yield paragraph
            paragraph = ""
        paragraph = f"{paragraph}\n{line}".strip()
    yield paragraph
