"""A reward as its recipient alone sees it, and the messages about its delivery.

The values of credentials are unwrapped here, into blocks on their recipient's screen: never into a message's `text`,
which Slack shows in notifications, on locked screens too.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

from bot.domain.order import Order
from bot.domain.request import Delivery
from bot.tango.models import Credential
from bot.tango.wire import read_moment, word_of
from bot.usecases.delivery import Gift
from bot.usecases.present import Present
from handlers.ids import Action, Block
from handlers.views.blocks import (
    MOST_IN_BLOCKS,
    MOST_IN_SECTION,
    Json,
    Message,
    actions,
    button,
    clip,
    context,
    escape,
    input_block,
    length_of,
    mention,
    option,
    plain,
    section,
    tick_box,
    verbatim,
)
from handlers.views.html import https_url, readable, web_url
from handlers.views.names import about, details_button, of_order
from handlers.views.pictures import disclaimer_blocks, picture_of
from handlers.views.requests import message_blocks

#: A reward has one to four credentials of a block each; with the rest there is room in a message's fifty blocks.
_MOST_BLOCKS: Final = 40

#: A label such as "Redemption Link"; more would push its value off the screen.
_MOST_IN_LABEL: Final = 150


def build_on_its_way(present: Present, standing: str = "") -> Message:
    """Tell the recipient of a reward that Tango emails; later with the answer to "I didn't get it"."""
    text, blocks = _opening(present)
    where = "It's in your inbox: look for an email from Tango (check spam too)."
    missing = button("I didn't get it", Action.RESEND_MINE, present.order.external_ref_id)
    said = [section(part) for part in (where, standing) if part]
    return Message(
        f"{text} {where} {standing}".strip(), [*blocks, *said, actions(missing), *disclaimer_blocks(present.look)]
    )


def build_reward(gift: Gift) -> Message:
    """Give the recipient the reward by direct message, with the button that shows it again."""
    text, before = _opening(gift)
    after = [
        actions(button("Show my reward", Action.REWARD_SHOW, gift.order.external_ref_id)),
        context("Only you can see this. *Show my reward* gets it from Tango again."),
        *disclaimer_blocks(gift.look),
    ]
    return Message(text, [*before, *_reward_blocks(gift, pictures=True, beside=length_of([*before, *after])), *after])


def build_posted(present: Present) -> Message:
    """Tell the recipient of a physical reward that it is on its way, and to which town, while that is kept."""
    text, blocks = _opening(present)
    address, by = present.request.details.address, mention(present.order.requester_id)
    if address:
        told = "It's coming by post to {town}. {by} gave the address, so please ask them if it doesn't arrive."
        how = told.format(town=escape(f"{address.city}, {address.postal_code}"), by=by)
    else:
        how = f"It's coming by post. {by} gave the address, so please ask them if it doesn't arrive."
    wrong = button("That isn't my address", Action.ADDRESS_WRONG, present.order.external_ref_id)
    return Message(f"{text} {how}", [*blocks, section(how), actions(wrong), *disclaimer_blocks(present.look)])


def _opening(present: Present) -> tuple[str, list[Json]]:
    """Say who sent what, with the picture, and quote the message: a present, not a notice."""
    order = present.order
    sent = of_order(order, "{by} sent you a {amount} {reward}!", by=mention(order.requester_id))
    blocks = [section(f"\N{PARTY POPPER} *{sent}*", picture_of(present.look)), *message_blocks(present.request)]
    return f"\N{PARTY POPPER} {sent}", blocks


def build_address_noted(order: Order) -> Message:
    """Tell the recipient who hears that the address is not theirs."""
    text = f"Thank you. {mention(order.requester_id)} and the admins of Kudos now know that it isn't your address."
    return Message(text, [section(text)])


def build_address_disputed(order: Order) -> Message:
    """Tell the requester and admins that the reward is posted to an address that its recipient does not know."""
    text = of_order(
        order,
        "⚠️ {who} says the address of their {amount} {reward} isn't theirs. {by} asked for it. Please check the address "
        "with them. An admin can ask Tango whether it can still be stopped.",
        who=mention(order.recipient.user_id),
        by=mention(order.requester_id),
    )
    return about(order, text, actions(details_button(order)))


def build_fetching() -> Json:
    """Build the modal that opens at once, while Tango is asked."""
    return _modal([section("Getting your reward from Tango…")])


def build_shown_reward(gift: Gift) -> Json:
    """Build the modal with the reward: only who opened it sees it, and nothing of it stays when it is closed."""
    order = gift.order
    title = section(f"*Your {order.amount} {escape(order.reward_name)}* from {mention(order.requester_id)}")
    # A picture that Slack cannot load would keep the whole modal from being shown: it is linked.
    return _modal([title, *_reward_blocks(gift, pictures=False)])


def delivery_select(*, by_message: bool) -> Json:
    """Build the field that asks how the reward reaches its recipients."""
    by_mail = option("By email", Delivery.EMAIL.value, "Tango sends it to the address in their profile")
    in_message = option("By direct message", Delivery.MESSAGE.value, "I give it to them here in Slack, in private")
    return {
        "type": "static_select",
        "action_id": Action.DELIVERY.value,
        "options": [by_mail, in_message],
        "initial_option": in_message if by_message else by_mail,
    }


def tell_delivered_block(*, ticked: bool) -> Json:
    """Build the box of the form that asks for news of the delivery; Kudos knows it where it gives the reward itself."""
    description = "One message for each person, as soon as they have the reward."
    box = tick_box(Action.TELL_DELIVERED, "Tell me when it's delivered", description, ticked=ticked)
    return input_block(Block.TELL_DELIVERED, "Notification", box, optional=True)


def build_delivered(order: Order) -> Message:
    """Tell the requester who asked for it that the recipient has the reward."""
    return about(order, of_order(order, "✅ {name}'s {amount} {reward} is delivered. You asked me to tell you."))


def build_not_delivered(order: Order) -> Message:
    """Tell the requester and admins that the reward is paid and cannot be delivered."""
    text = of_order(
        order,
        "⚠️ I can't send {who} a direct message, so their {amount} {reward} isn't delivered. It's paid for. "
        "Once I can reach them, deliver it again. An admin can also look it up in the Tango portal.",
        who=mention(order.recipient.user_id),
    )
    return about(order, text, actions(deliver_button(order.external_ref_id), details_button(order)))


def deliver_button(reference: str) -> Json:
    """Build the button that has a reward delivered once more."""
    return button("Deliver again", Action.REWARD_DELIVER, reference)


def build_delayed(order: Order) -> Message:
    """Tell admins that Tango has accepted the order and does not give the reward."""
    text = of_order(
        order,
        "Tango hasn't released {name}'s {amount} {reward} yet. I'll keep asking, and deliver it as soon as Tango does.",
    )
    return about(order, text, actions(details_button(order)))


def build_unfinished(order: Order) -> Message:
    """Tell admins that the status watch is over, and Tango has not finished the order."""
    status = escape(clip(order.tango_status or "unknown", _MOST_IN_LABEL))
    text = of_order(
        order,
        "Tango hasn't finished {name}'s {amount} {reward}, and I've stopped asking. "
        "Please look it up in the Tango portal, or ask Tango.",
    )
    again = button("Check with Tango again", Action.ORDER_ASK, order.external_ref_id)
    facts = f"Tango says {status} · {escape(order.reference_order_id or '')}"
    return about(order, text, actions(again, details_button(order)), facts=facts)


def build_delivering(order: Order) -> Message:
    """Tell who asked for a delivery that it begins."""
    return about(order, of_order(order, "I'm delivering {name}'s {amount} {reward} again now."))


def build_asking(order: Order) -> Message:
    """Tell the admin who asked for it that Tango is asked again."""
    return about(order, of_order(order, "I'm asking Tango about {name}'s {amount} {reward} again."))


# ---------------------------------------------------------------------------------------- the reward


def _modal(blocks: list[Json]) -> Json:
    return {"type": "modal", "title": plain("Your reward", 24), "close": plain("Close", 24), "blocks": blocks}


def _reward_blocks(gift: Gift, *, pictures: bool, beside: int = 0) -> Iterator[Json]:
    """Show credentials for as long as there is room: half of one is worth nothing. `beside`: characters of the rest."""
    instructions = readable(gift.reward.redemption_instructions or "", MOST_IN_SECTION)
    room, characters = _MOST_BLOCKS, MOST_IN_BLOCKS - beside - len(instructions) - _MOST_IN_LABEL
    for number, credential in enumerate(gift.reward.credential_list):
        blocks = list(_credential(credential, pictures=pictures))
        room -= len(blocks)
        characters -= length_of(blocks)
        if room < 0 or characters < 0:
            left = len(gift.reward.credential_list) - number
            yield context(f"Another {left} don't fit here. Please ask an admin of Kudos for them.")
            break
        yield from blocks
    if instructions:
        yield _unmade(instructions)


def _credential(credential: Credential, *, pictures: bool) -> Iterator[Json]:
    """Show one entry by its type (Tango docs, Manage orders, credentialList): url, barcode, date; all else is text."""
    value = credential.value.get_secret_value() if credential.value else ""
    if not value:
        return
    label = clip(credential.label or "", _MOST_IN_LABEL)
    title = f"*{escape(label or 'Reward')}*"
    url = web_url(value)
    match word_of(credential.type):
        case "url" if url is not None:
            yield section(title, _link_button(label or "Open the reward", url))
        case "barcode" if pictures and (picture := https_url(value)) is not None:
            yield {"type": "image", "image_url": picture, "alt_text": label or "Barcode"}
        case "barcode" if url is not None:
            yield section(title, _link_button(label or "Barcode", url))
        case "date" if (when := _when(value)) is not None:
            yield _unmade(f"{title}\n{when}")
        case _:
            yield from _text(title, value)


def _text(title: str, value: str) -> Iterator[Json]:
    """Set a value as code, so that its characters are told apart and it is copied with one click."""
    code = f"{title}\n`{escape(value)}`"
    if len(code) <= MOST_IN_SECTION and not {"`", "\n"} & set(value):
        yield _unmade(code)
        return
    yield section(title)
    for start in range(0, len(value), MOST_IN_SECTION):
        yield verbatim(value[start : start + MOST_IN_SECTION])


def _when(value: str) -> str | None:
    """Write a moment in the reader's zone; a day, which has none, as it is."""
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        moment = read_moment(value)
        return None if moment is None else _moment(moment)
    return f"{day:%Y-%m-%d}"


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"<!date^{int(utc.timestamp())}^{{date_long}} at {{time}}|{utc:%Y-%m-%d %H:%M} UTC>"


def _link_button(label: str, url: str) -> Json:
    """Build a button that opens a page. Slack tells the app of the click too."""
    return {"type": "button", "text": plain(label, 75), "action_id": Action.REWARD_LINK.value, "url": url}


def _unmade(text: str) -> Json:
    """Build formatted text in which Slack makes no links or mentions of its own."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
