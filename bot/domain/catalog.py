"""The rewards of Tango's catalog, and the amounts in which each can be given."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.charge import Fee
from bot.domain.money import Money, decimals_of, parse_amount
from bot.errors import InvalidAmount
from bot.faults import FaultCode


class RewardKind(StrEnum):
    """The kind of a reward: it decides which further fields an order has."""

    DIGITAL = "digital"
    PROMO = "promo"
    """A Promo Link: it may have an expiration date."""
    PHYSICAL = "physical"
    """It is posted to an address."""
    PRINTED = "printed"
    """A printed reward link: posted, and printed after a template."""

    @property
    def is_posted(self) -> bool:
        """Tell whether Tango posts it to an address."""
        return self in (RewardKind.PHYSICAL, RewardKind.PRINTED)


class RewardGroup(StrEnum):
    """The group under which people look for a reward."""

    GIFT_CARD = "gift_card"
    """A card, a code or a link that arrives by email or message."""
    POSTED = "posted"
    """A card that Tango posts."""
    DONATION = "donation"
    """Money for a charity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """One item of the catalog (Tango docs, GET /catalogs).

    Attributes:
        utid: Tango's identifier of the item.
        name: the name that recipients know.
        brand: the shop or service.
        currency: ISO 4217.
        fixed: the face value in minor units, of an item that has only one.
        minimum: in minor units, of an item with a range; None where Tango names none.
        maximum: the same.
        whole: whether it is given in whole major units only (`isWholeAmountValueRequired`).
        kind: decides which further fields an order has.
        fee: what Tango charges on top; None where the catalog names none.
        is_donation: whether it goes to a charity.
        picture: the address of the brand's picture, as Tango gives it; empty where there is none.
        disclaimer: what the brand wants said wherever the reward is shown, perhaps HTML; empty where it wants nothing.
    """

    utid: str
    name: str
    brand: str
    currency: str
    fixed: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    whole: bool = False
    kind: RewardKind = RewardKind.DIGITAL
    fee: Fee | None = None
    is_donation: bool = False
    picture: str = ""
    disclaimer: str = ""

    @property
    def group(self) -> RewardGroup:
        """Return the group under which people look for it."""
        if self.kind.is_posted:
            return RewardGroup.POSTED
        return RewardGroup.DONATION if self.is_donation else RewardGroup.GIFT_CARD

    def money(self, minor: int) -> Money:
        """Return `minor` units of this reward's currency as money."""
        return Money(minor, self.currency)

    def amount_from(self, text: str, *, decimal_comma: bool = False) -> Money:
        """Read a typed amount and check it against the reward. A fixed reward needs no typing.

        Args:
            text: as typed.
            decimal_comma: whether the person's locale writes `1.000,00`.

        Raises:
            InvalidAmount: unreadable, or no amount of this reward.
        """
        if self.fixed is not None and not text.strip():
            return self.money(self.fixed)
        money = parse_amount(text, self.currency, decimal_comma=decimal_comma)
        self.check(money, text)
        return money

    def check(self, money: Money, text: str | None = None) -> None:
        """Check `money` against the currency, fixed value, minimum, maximum and whole-amount rule.

        Raises:
            InvalidAmount: no amount of this reward.
        """
        fault: tuple[FaultCode, int | None] | None = None
        if money.currency != self.currency:
            fault = FaultCode.OTHER_CURRENCY, None
        elif self.fixed is not None:
            if money.minor != self.fixed:
                fault = FaultCode.NOT_THE_FIXED_VALUE, self.fixed
        elif self.minimum is not None and money.minor < self.minimum:
            fault = FaultCode.BELOW_MINIMUM, self.minimum
        elif self.maximum is not None and money.minor > self.maximum:
            fault = FaultCode.ABOVE_MAXIMUM, self.maximum
        elif self.whole and money.minor % 10 ** decimals_of(self.currency):
            fault = FaultCode.NOT_WHOLE, None
        if fault:
            bound = None if fault[1] is None else str(self.money(fault[1]))
            typed = text.strip() if text is not None else str(money)
            raise InvalidAmount(fault[0], text=typed, currency=self.currency, bound=bound)

    @property
    def amounts(self) -> str:
        """Return the amounts of this reward, in a few words."""
        if self.fixed is not None:
            return str(self.money(self.fixed))
        whole = ", whole amounts" if self.whole else ""
        if self.minimum is not None and self.maximum is not None:
            return f"{self.money(self.minimum).short} to {self.money(self.maximum).short}{whole}"
        return f"any amount in {self.currency}{whole}"


class Catalog:
    """The rewards on offer, in the order of their names, with a search for type-ahead."""

    def __init__(self, rewards: Iterable[Reward]) -> None:
        self.rewards = tuple(sorted(rewards, key=lambda reward: (reward.name.casefold(), reward.currency)))
        self.currencies = frozenset(reward.currency for reward in self.rewards)
        counted = Counter(reward.currency for reward in self.rewards)
        self.usual_currency = max(counted, key=counted.__getitem__, default="")
        self._by_utid = {reward.utid: reward for reward in self.rewards}
        self._haystacks = [f"{r.name} {r.brand} {r.currency}".casefold() for r in self.rewards]

    def __len__(self) -> int:
        return len(self.rewards)

    def get(self, utid: str) -> Reward | None:
        """Return the reward of that identifier, if it is on offer."""
        return self._by_utid.get(utid)

    def search(self, query: str, most: int, currency: str = "") -> list[Reward]:
        """Return rewards with every word in their name, brand or currency.

        Those of `currency` lead, and before them those that begin with the first word.
        """
        words = query.casefold().split()
        found = list(zip(self.rewards, self._haystacks, strict=True))
        for word in words:
            found = [(reward, text) for reward, text in found if word in text]
        found.sort(key=lambda one: one[0].currency != currency)
        if words:
            found.sort(key=lambda one: not one[1].startswith(words[0]))  # a text begins with its reward's name
        return [reward for reward, _ in found[:most]]
