"""From a filled-in form to a request, and from an approved request to the orders that Tango gets.

Every rule of the API page is checked here, before anyone is asked to approve, while the requester can still put
the form right (Tango docs, Manage orders, POST /orders).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from secrets import token_hex
from typing import Final

from bot.clock import Clock
from bot.domain.catalog import Catalog, Reward, RewardKind
from bot.domain.days import last_second_of
from bot.domain.money import Money, writes_decimal_comma
from bot.domain.occasion import Occasion, find_occasion
from bot.domain.order import BY_HAND, OF_BATCH, ApprovedOrder
from bot.domain.people import has_visible_letter, visible_name
from bot.domain.policy import Person, recipient_fault
from bot.domain.request import Address, Delivery, Details, NewRequest, Recipient, Request
from bot.domain.schedule import Schedule
from bot.errors import InvalidAmount
from bot.faults import Fault, FaultCode
from bot.tango.bodies import NewOrder
from bot.tango.fields import Breach, is_email
from bot.tango.models import TangoAddress, TangoPerson
from bot.tango.names import clean_name
from bot.tango.rules import order_breaches
from bot.usecases.form_faults import FIELDS, FIELDS_OF_POSTED, FormFaults, Found
from bot.usecases.schedules import send_on_fault

#: One card must show every recipient, and an approver must be able to look at each: thirty do. Thirty orders
#: are also half a minute of the queue.
MOST_RECIPIENTS: Final = 30

#: A fault of a recipient is put right in that person's profile, not in the form.
OF_PROFILE: Final[Mapping[FaultCode, FaultCode]] = {
    FaultCode.REQUIRED: FaultCode.PROFILE_INCOMPLETE,
    FaultCode.CHARACTERS: FaultCode.PROFILE_CHARACTERS,
    FaultCode.TOO_LONG: FaultCode.PROFILE_TOO_LONG,
    FaultCode.MALFORMED: FaultCode.PROFILE_MALFORMED,
}

#: A reference is 128 random bits, because buttons carry it and nobody may guess one.
_REFERENCE_BYTES: Final = 16

#: What stands for a field that is missing while the others are checked.
ANYBODY: Final = Recipient(
    user_id="", first_name="Any", last_name="Body", email="anybody@example.com", external_ref_id="0" * 32
)
_ANYTHING: Final = "U000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """The customer and the account that pay (Tango docs, Manage orders: customerIdentifier, accountIdentifier)."""

    customer: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """A filled-in form: who, to whom, what, how much. Nothing in it is checked yet.

    Attributes:
        requester: who submitted it.
        recipients: with their profiles of now.
        utid: the chosen reward.
        amount: as typed.
        message: as typed.
        by_message: whether the bot delivers the reward, and Tango mails nothing.
        texts: the less used fields as typed, by the names of `Details` and `Address`.
        expires_on: the last day of a Promo Link.
        in_public: whether the requester also thanks in the channel for thanks.
        tell_delivered: whether the requester hears it when the bot has delivered a reward.
        schedule: when it is to be sent; None where as soon as it is approved.
        permalink: the address of the message on Slack that it is about; empty where there is none.
        repeats: the reference of the request that it asks for again; empty where there is none.
        occasion: the name of the chosen one; empty where none was chosen, None where nobody was asked for one.
        asked_about: the recipients about whom the requester was asked whether a second reward is meant, by Slack id.
        by_workflow: a workflow asks for it in the requester's name.
        submission_id: the modal's `view.id`, or the id of a workflow's run.
    """

    requester: Person
    recipients: Sequence[Person]
    utid: str
    amount: str
    message: str
    by_message: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    expires_on: date | None = None
    in_public: bool = False
    tell_delivered: bool = False
    schedule: Schedule | None = None
    permalink: str = ""
    repeats: str = ""
    occasion: str | None = None
    asked_about: frozenset[str] = frozenset()
    by_workflow: bool = False
    submission_id: str


#: Finds what the settings of the installation say against a request, beside Tango's rules.
Rule = Callable[[NewRequest], Iterable[Found]]


class RequestForms:
    """Checks forms, and makes orders of requests.

    Args:
        payer: who pays.
        defaults: the details of a request whose form leaves them empty.
        clock: tells the time.
        occasions: of which a form names one; empty where it names none.
    """

    def __init__(self, *, payer: Payer, defaults: Details, clock: Clock, occasions: Sequence[Occasion] = ()) -> None:
        self._payer = payer
        self.defaults = defaults
        self.occasions = occasions
        self._clock = clock

    def check(self, form: RequestForm, catalog: Catalog, *rules: Rule, room: Rule | None = None) -> NewRequest:
        """Return the request that a form asks for.

        Args:
            form: as filled in.
            catalog: the rewards on offer.
            rules: of the installation. Of a form without a faultless amount, they are asked about the smallest one.
            room: finds that there is no room for it. It is asked only of what is refused anyway: the rest is held
                against budgets where it is stored.

        Raises:
            GroupUnknown: the rules depend on what Slack has not told.
            InvalidForm: everything that is wrong with every field.
        """
        faults = FormFaults()
        reward = catalog.get(form.utid)
        if reward is None:
            faults.add("reward", Fault(FaultCode.UNAVAILABLE if form.utid else FaultCode.REQUIRED))
        delivery = _delivery(form, reward)
        if delivery is Delivery.POST and len(form.recipients) > 1:
            faults.add("recipients", Fault(FaultCode.ONE_ADDRESS))
        recipients = _recipients(form, delivery, faults)
        amount = _amount(reward, form, faults) if reward else None
        kind = reward.kind if reward else RewardKind.DIGITAL
        new = NewRequest(
            requester_id=form.requester.user_id,
            requester_name=form.requester.name,
            requester_email=form.requester.email or "",
            # What is missing is a fault already. Something faultless in its place lets the rest be checked as well.
            recipients=recipients or (ANYBODY,),
            utid=form.utid or _ANYTHING,
            reward_name=reward.name if reward else "",
            amount=amount or Money(1, reward.currency if reward else "USD"),
            message=form.message.strip(),
            details=self.details(form, kind, delivery),
            permalink=form.permalink,
            occasion=self._occasion(form, faults),
            by_workflow=form.by_workflow,
            submission_id=form.submission_id,
            reference=token_hex(_REFERENCE_BYTES),
        )
        date_fault = send_on_fault(new.details, new.recipients, self._clock.now())
        if date_fault is not None:
            faults.add("send_on", date_fault)
        self._hold_against_tango(new, kind, faults)
        if reward is not None:  # without one, there is no currency
            for rule in rules:
                faults.add_all(rule(new))
            faults.add_all(room(new) if room and faults else ())
        faults.check()
        return new

    def order(self, request: Request, recipient: Recipient, kind: RewardKind, *, place: int) -> ApprovedOrder:
        """Return the order for one recipient of an approved request for a reward of that kind, its body frozen."""
        return ApprovedOrder(
            request_id=request.id,
            place=place,
            requester_id=request.requester_id,
            recipient=recipient,
            utid=request.utid,
            reward_name=request.reward_name,
            amount=request.amount_for(recipient),
            external_ref_id=recipient.external_ref_id,
            body=self._body(request, recipient, kind).to_bytes(),
            delivery=request.details.delivery,
            in_doubt_since=request.in_doubt_since,
            priority=OF_BATCH if request.is_batch else BY_HAND,
        )

    def _occasion(self, form: RequestForm, faults: FormFaults) -> Occasion | None:
        found = find_occasion(form.occasion, self.occasions)
        if isinstance(found, Fault):
            faults.add("occasion", found)
            return None
        return found

    def details(self, form: RequestForm, kind: RewardKind, delivery: Delivery) -> Details:
        """Return the form's details, filled up from the settings, without those that this kind of reward has not."""
        mailed, posted = delivery is Delivery.EMAIL, kind.is_posted

        def said(name: str, default: str = "") -> str:
            return form.texts.get(name, "").strip() or default

        defaults = self.defaults
        if defaults.sender_first_name or defaults.sender_last_name:
            first_name, last_name = defaults.sender_first_name, defaults.sender_last_name
        else:
            first_name, last_name = _names_of(form.requester)
        email = form.requester.email or ""
        return Details(
            delivery=delivery,
            sender_first_name=first_name,
            sender_last_name=last_name,
            # For tracking alone, and optional: an address that Tango refuses would stop every request of its owner.
            sender_email=defaults.sender_email or (email if is_email(email) else ""),
            email_subject=said("subject", defaults.email_subject) if mailed else "",
            template=said("template", defaults.template) if mailed else "",
            campaign=said("campaign", defaults.campaign),
            purchase_order=said("purchase_order", defaults.purchase_order),
            notes=said("notes", defaults.notes),
            expires_on=form.expires_on if kind is RewardKind.PROMO else None,
            printed_template=said("printed_template") if kind is RewardKind.PRINTED else "",
            address=_address(form, said) if posted else None,
            in_public=form.in_public,
            tell_delivered=form.tell_delivered and delivery is Delivery.MESSAGE,
            schedule=form.schedule,
        )

    def _hold_against_tango(self, new: NewRequest, kind: RewardKind, faults: FormFaults) -> None:
        fields = FIELDS_OF_POSTED if kind.is_posted else FIELDS
        for recipient in new.recipients:
            for breach in self.breaches(new, recipient, kind):
                facts = {**breach.facts, "name": recipient.name, "field": breach.field}
                if breach.field in fields:
                    faults.add(fields[breach.field], Fault(breach.code, facts))
                else:
                    faults.add_person(recipient.user_id, Fault(OF_PROFILE.get(breach.code, breach.code), facts))

    def breaches(self, new: NewRequest, recipient: Recipient, kind: RewardKind) -> Sequence[Breach]:
        """Return all that Tango would refuse about the order for one recipient of a request."""
        return order_breaches(
            self._body(new, recipient, kind),
            now=self._clock.now(),
            physical=kind.is_posted,
            printed=kind is RewardKind.PRINTED,
            promo=kind is RewardKind.PROMO,
        )

    def _body(self, request: NewRequest, recipient: Recipient, kind: RewardKind) -> NewOrder:
        details = request.details
        mailed = details.delivery is Delivery.EMAIL
        # Unmailed, no address is needed. Tango mails reminders of its own where a Promo Link names one.
        address = details.address
        named = mailed or (kind is not RewardKind.PROMO and is_email(recipient.email))
        return NewOrder(
            external_ref_id=recipient.external_ref_id,
            customer_identifier=self._payer.customer,
            account_identifier=self._payer.account,
            utid=request.utid,
            ptid=details.printed_template or None,
            amount=request.amount_for(recipient).amount,
            sender=TangoPerson(
                first_name=details.sender_first_name or None,
                last_name=details.sender_last_name or None,
                email=details.sender_email or None,
            ),
            recipient=TangoPerson(
                first_name=(address and address.first_name) or recipient.first_name or None,
                last_name=(address and address.last_name) or recipient.last_name or None,
                email=(recipient.email or None) if named else None,
                address=_tango_address(address),
            ),
            email_subject=details.email_subject or None,
            message=request.message_for(recipient) or None,
            send_email=mailed,
            etid=details.template or None,
            campaign=details.campaign or None,
            purchase_order_number=details.purchase_order or None,
            notes=details.notes or None,
            expiration_date=last_second_of(details.expires_on, recipient.zone) if details.expires_on else None,
        )


def _delivery(form: RequestForm, reward: Reward | None) -> Delivery:
    if reward is not None and reward.kind.is_posted:
        return Delivery.POST
    return Delivery.MESSAGE if form.by_message else Delivery.EMAIL


def _recipients(form: RequestForm, delivery: Delivery, faults: FormFaults) -> tuple[Recipient, ...]:
    people = list({person.user_id: person for person in form.recipients}.values())
    if not people:
        faults.add("recipients", Fault(FaultCode.REQUIRED))
    if len(people) > MOST_RECIPIENTS:
        faults.add("recipients", Fault(FaultCode.TOO_MANY_PEOPLE, {"limit": MOST_RECIPIENTS}))
        return ()
    recipients = []
    for person in people:
        recipient = as_recipient(person)
        fault = person_fault(person, recipient, form.requester, mailed=delivery is Delivery.EMAIL)
        if fault is not None:
            faults.add_person(person.user_id, fault)
        recipients.append(recipient)
    return tuple(recipients)


def person_fault(person: Person, recipient: Recipient, requester: Person, *, mailed: bool) -> Fault | None:
    """Return why this requester can't give that person, who is that recipient, a reward; None where they can."""
    fault = recipient_fault(person, requester, mailed=mailed)
    if fault is None and not has_visible_letter(recipient.first_name):
        return Fault(FaultCode.NAME_UNUSABLE, {"name": visible_name(person.name) or f"@{person.handle}"})
    return fault


def as_recipient(person: Person) -> Recipient:
    """Return the recipient that a person is, by the profile of now, under a reference of their own."""
    first, last = _names_of(person)
    return Recipient(
        user_id=person.user_id,
        first_name=first,
        last_name=last,
        email=person.email or "",
        external_ref_id=token_hex(_REFERENCE_BYTES),
        zone=person.zone,
    )


def _names_of(person: Person) -> tuple[str, str]:
    """Clean a person's names: of what can't be seen, and for Tango of `<`, `>` and `/`, which profiles may hold."""
    first, last = clean_name(visible_name(person.first_name)), clean_name(visible_name(person.last_name))
    return (first, last) if has_visible_letter(first) else (clean_name(visible_name(person.name)), "")


def _amount(reward: Reward, form: RequestForm, faults: FormFaults) -> Money | None:
    try:
        return reward.amount_from(form.amount, decimal_comma=writes_decimal_comma(form.requester.locale))
    except InvalidAmount as error:
        facts = {"text": error.text, "currency": error.currency, "bound": error.bound, "amounts": reward.amounts}
        faults.add("amount", Fault(error.fault, facts))
        return None


def _address(form: RequestForm, said: Callable[[str], str]) -> Address:
    """Return where and to whom it is posted: to the recipient's name as it was typed for the parcel.

    A form that has no fields for the name has the profile's.
    """
    profile = as_recipient(form.recipients[0]) if form.recipients else ANYBODY
    typed = "first_name" in form.texts
    return Address(
        first_name=said("first_name") if typed else profile.first_name,
        last_name=said("last_name") if typed else profile.last_name,
        street_line1=said("street_line1"),
        street_line2=said("street_line2"),
        city=said("city"),
        state_or_province=said("state_or_province"),
        postal_code=said("postal_code").replace(" ", ""),  # Tango allows letters and digits alone
        country=said("country"),
    )


def _tango_address(address: Address | None) -> TangoAddress | None:
    if address is None:
        return None
    return TangoAddress(
        street_line1=address.street_line1 or None,
        street_line2=address.street_line2 or None,
        city=address.city or None,
        state_or_province=address.state_or_province or None,
        postal_code=address.postal_code or None,
        country=address.country or None,
    )
