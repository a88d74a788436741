"""The state of the request form: as typed after `/kudos`, as entered in the modal, as an order was asked for."""

from collections.abc import Sequence

from bot.domain.catalog import Catalog, Reward
from bot.domain.money import leading_amount
from bot.domain.request import Delivery, Request
from handlers.bolt.payloads import Click, Modal, SlashCommand
from handlers.ids import Action, Block
from handlers.views.forms import TEXTS, FormState, unfolded


def typed_state(command: SlashCommand, *, by_message: bool) -> FormState:
    """Return the form as filled in by `[@people] [amount] [message]`.

    Args:
        command: with the typed text.
        by_message: the delivery that the settings name.
    """
    rest = command.rest()
    amount = leading_amount(rest)
    return FormState(
        recipients=command.mentions(),
        amount=amount,
        message=rest.removeprefix(amount).strip(),
        by_message=by_message,
    )


def entered_state(modal: Modal, catalog: Catalog, *, by_message: bool, more: bool = False) -> FormState:
    """Return the form as it is filled in, with the fields that are folded away.

    Args:
        modal: the form.
        catalog: the rewards on offer.
        by_message: the delivery where the form has no field for it.
        more: show the less used fields.
    """
    entered = modal.entered
    kept = unfolded(modal.private_metadata)
    return FormState(
        recipients=entered.users(Block.RECIPIENTS),
        reward=catalog.get(entered.option(Block.REWARD)),
        amount=entered.text(Block.AMOUNT),
        message=entered.text(Block.MESSAGE),
        by_message=entered.option(Block.DELIVERY) == Delivery.MESSAGE if Block.DELIVERY in entered else by_message,
        expires_on=entered.day(Block.EXPIRES_ON),
        country=entered.option(Block.COUNTRY),
        texts={block.value: entered.text(block) if block in entered else kept.get(block, "") for block in TEXTS},
        more=more,
    )


def shows_more(click: Click, modal: Modal) -> bool:
    """Tell whether the form shows the less used fields after this click; another reward leaves them as they are."""
    if click.action_id in (Action.MORE, Action.FEWER):
        return click.action_id == Action.MORE
    return Block.CAMPAIGN in modal.entered


def repeated_state(request: Request, recipients: Sequence[str], reward: Reward | None) -> FormState:
    """Return the form as the request was asked for, for these of its recipients (Slack ids)."""
    details, address = request.details, request.details.address
    texts = {
        Block.SUBJECT: details.email_subject,
        Block.TEMPLATE: details.template,
        Block.CAMPAIGN: details.campaign,
        Block.PURCHASE_ORDER: details.purchase_order,
        Block.NOTES: details.notes,
        Block.PRINTED_TEMPLATE: details.printed_template,
    }
    if address is not None:
        texts |= {
            Block.STREET_LINE1: address.street_line1,
            Block.STREET_LINE2: address.street_line2,
            Block.CITY: address.city,
            Block.STATE_OR_PROVINCE: address.state_or_province,
            Block.POSTAL_CODE: address.postal_code,
        }
    return FormState(
        recipients=recipients,
        reward=reward,
        amount=f"{request.amount.amount:f}",
        message=request.message,
        by_message=details.delivery is Delivery.MESSAGE,
        expires_on=details.expires_on,
        country=address.country if address is not None else "",
        texts={block.value: text for block, text in texts.items()},
    )
