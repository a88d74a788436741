"""Buttons of a request that stand on receipts, in lists and on Home: withdraw it, post its card again, ask again."""

from bot.domain.request import Request
from handlers.ids import Action
from handlers.views.blocks import Json, button, confirm


def card_again_button(request: Request) -> Json:
    """Build the button that has a pending request's card posted once more."""
    return button("Post the card again", Action.CARD_AGAIN, request.reference)


def withdraw_button(request: Request) -> Json:
    """Build the button that withdraws a pending request."""
    question = confirm(
        title="Withdraw this request?",
        text="Nobody will be asked to approve it any more. You can ask again later.",
        yes="Withdraw",
        danger=True,
    )
    return button("Withdraw", Action.WITHDRAW, request.reference, confirm=question)


def again_button(request: Request) -> Json:
    """Build the button to the form, filled in: a new request with a new approval."""
    action = Action.BATCH_AGAIN if request.is_batch else Action.REQUEST_AGAIN
    return button("Ask again", action, request.reference)
