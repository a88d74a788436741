"""Batches: a list is checked whole, kept, and asked for by one press. Nothing is kept of a list with a fault."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final

from bot.clock import Clock
from bot.domain.batch import SAME_WITHIN, Batch, BatchAsked, Column, InvalidBatch, digest_of
from bot.domain.catalog import Reward
from bot.domain.duplicate import DUPLICATE_WITHIN
from bot.domain.money import Money
from bot.domain.notices import BatchReady
from bot.domain.occasion import Occasion, find_occasion
from bot.domain.policy import Person, Roles, check_may_send
from bot.domain.request import Delivery, NewRequest, Request, RequestStatus
from bot.errors import InvalidAmount, InvalidForm, NoRewards, NotFound
from bot.faults import Fault, FaultCode
from bot.usecases.approval import Approvals
from bot.usecases.batch_check import BatchCheck, BatchForm, Members
from bot.usecases.budgets import Budgets
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.form import RequestForm, RequestForms
from bot.usecases.requests import Requests
from bot.usecases.schedules import send_on_fault
from storage import Storage

#: A reference is 128 random bits, because buttons carry it and nobody may guess one.
_REFERENCE_BYTES: Final = 16

#: The states of a request that came to nothing: its list may be asked for again at once.
_NOTHING: Final = frozenset({RequestStatus.DECLINED, RequestStatus.WITHDRAWN, RequestStatus.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A batch before it is asked for.

    Attributes:
        batch: what was checked.
        twice: the names of recipients for whom the same reward was asked for within a day.
        lasts: how long it takes to send all of it at the pace.
    """

    batch: Batch
    twice: Sequence[str]
    lasts: timedelta


class Batches:
    """Checks lists, keeps them as batches, and asks for these.

    Args:
        storage: of the batches.
        clock: tells the time.
        roles: return who may do what.
        forms: hold orders against Tango's rules.
        catalog: has the rewards on offer.
        approvals: say how requests are approved.
        budgets: hold requests against budgets and limits.
        requests: takes what is asked for.
        orders_per_second: the pace.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        roles: Callable[[], Roles],
        forms: RequestForms,
        catalog: CatalogKeeper,
        approvals: Approvals,
        budgets: Budgets,
        requests: Requests,
        orders_per_second: float,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._forms = forms
        self._catalog = catalog
        self._approvals = approvals
        self._budgets = budgets
        self._requests = requests
        self._orders_per_second = orders_per_second

    def check(
        self, form: BatchForm, members: Members, on_row: Callable[[int, int], None] = lambda _done, _all: None
    ) -> Preview:
        """Check a list whole, and keep it as a batch; the same list of the same person within a day is the same batch.

        Args:
            form: the list, and what it is for.
            members: of the workspace.
            on_row: called after each row with how many are checked, and of how many.

        Raises:
            InvalidBatch: there are faults; nothing was stored.
            BatchAsked: the person has asked for the same list within a day.
            NotAllowed: the requester is no sender.
            NoRewards: the catalog is empty.
            SlackUnavailable: the rules depend on what Slack has not told.
        """
        check_may_send(form.requester, self._roles())
        new = self._checked(form, members, on_row)
        with self._storage.transaction():
            now = self._clock.now()
            self._storage.batches.forget(now - SAME_WITHIN)
            batch = self._keep(new, form, now)
        return preview_of(self._storage, batch, now, self._orders_per_second)

    def hand_over(self, batch: Batch) -> None:
        """Have the requester told that a batch is ready, with the button that asks for it."""
        with self._storage.transaction():
            self._storage.outbox.add(BatchReady(batch.reference), batch.new.requester_id, self._clock.now())

    def ask(self, reference: str, person: Person) -> Request:
        """Ask for a batch: from now on it is a request, which approvers decide about. Return the request.

        A batch that was asked for before is not asked for again.

        Raises:
            NotFound: there is no such batch for this person, or it was kept for its day.
            NotAllowed: the person is no sender any more.
            InvalidForm: the reward, a budget or a limit stands against it now.
            NoRewards: the catalog is empty.
            SlackUnavailable: the rules depend on what Slack has not told.
        """
        with self._storage.transaction():
            batch = self._found(reference, person.user_id)
            check_may_send(person, self._roles())
            if batch.request_id is None:
                now = self._clock.now()
                new = self._checked_again(batch.new)
                request_id = self._requests.keep(self._approvals.routed(new), now)
                if request_id is None or not self._storage.batches.mark_asked(batch, request_id):
                    raise RuntimeError("a batch was asked for under a lock")
            else:
                request_id = batch.request_id
            return self._request(request_id)

    # ---------------------------------------------------------------------------------- the check

    def _checked(self, form: BatchForm, members: Members, on_row: Callable[[int, int], None]) -> NewRequest:
        reward = self._reward(form)
        occasion = find_occasion(form.occasion, self._forms.occasions)
        new = self._new(form, reward, occasion if isinstance(occasion, Occasion) else None)
        check = BatchCheck(form=form, reward=reward, members=members, forms=self._forms, new=new)
        recipients = check.recipients(on_row)
        of_whole = [*([("occasion", occasion)] if isinstance(occasion, Fault) else []), *check.of_whole.items()]
        if recipients:
            most = max((one.amount for one in recipients if one.amount is not None), key=lambda one: one.minor)
            new = replace(new, recipients=tuple(recipients), amount=most)
            of_whole += self._hold_against_settings(new, check)
        if check.faults or of_whole:
            faults = sorted(check.faults, key=lambda one: one.number)
            raise InvalidBatch(faults, of_whole, rows=len(form.sheet.rows))
        return new

    def _reward(self, form: BatchForm) -> Reward:
        if not len(self._catalog.current):
            raise NoRewards
        reward = self._catalog.current.get(form.utid)
        if reward is not None and not reward.kind.is_posted:
            return reward
        if reward is not None:
            code = FaultCode.ONE_ADDRESS
        else:
            code = FaultCode.UNAVAILABLE if form.utid else FaultCode.REQUIRED
        raise InvalidBatch([], [("reward", Fault(code))], rows=len(form.sheet.rows))

    def _new(self, form: BatchForm, reward: Reward, occasion: Occasion | None) -> NewRequest:
        """Return the request without its recipients; its amount is one that the reward has."""
        asked = RequestForm(
            requester=form.requester,
            recipients=(),
            utid=reward.utid,
            amount="",
            message="",
            by_message=form.by_message,
            texts=form.texts,
            expires_on=form.expires_on,
            schedule=form.schedule,
            submission_id="",
        )
        delivery = Delivery.MESSAGE if form.by_message else Delivery.EMAIL
        reference = token_hex(_REFERENCE_BYTES)
        return NewRequest(
            requester_id=form.requester.user_id,
            requester_name=form.requester.name,
            requester_email=form.requester.email or "",
            recipients=(),
            utid=reward.utid,
            reward_name=reward.name,
            amount=Money(reward.fixed or reward.minimum or 1, reward.currency),
            message="",
            details=self._forms.details(asked, reward.kind, delivery),
            occasion=occasion,
            submission_id=reference,
            reference=reference,
            is_batch=True,
        )

    def _hold_against_settings(self, new: NewRequest, check: BatchCheck) -> Iterator[tuple[str, Fault]]:
        """Find what budgets, limits and approvers say: of single rows in the check, of the whole as what is yielded."""
        row_of = check.row_of
        for recipient in new.recipients:
            over = self._budgets.limits.reward_fault(new.amount_for(recipient))
            if over is not None:
                check.add_fault(row_of[recipient.user_id], Column.AMOUNT, over)
        for recipient, fault in self._budgets.over_in_year(new):
            check.add_fault(row_of[recipient.user_id], Column.AMOUNT, fault)
        yield from (found for found in self._budgets.check(new) if found[0] == "reward")
        date_fault = send_on_fault(new.details, new.recipients, self._clock.now())
        if date_fault is not None:
            yield "send_on", date_fault
        short = self._budgets.short_of(new)
        if short is not None:
            yield "amount", short
        yield from self._approvals.check(new)

    def _keep(self, new: NewRequest, form: BatchForm, now: datetime) -> Batch:
        """Store a batch in the caller's transaction; in the place of the same list that was checked within a day."""
        digest, is_guessed = digest_of(form.sheet, form.utid), form.sheet.is_guessed
        old = self._storage.batches.latest(new.requester_id, digest, now - SAME_WITHIN)
        if old is not None and old.request_id is not None:
            request = self._request(old.request_id)
            if request.status not in _NOTHING and request.undone_by is None:
                raise BatchAsked(request.number)
        if old is None or old.request_id is not None:
            batch = Batch(reference=new.reference, digest=digest, new=new, is_guessed=is_guessed)
            self._storage.batches.add(batch, now)
            return batch
        batch = replace(old, new=_under_same_references(new, old), is_guessed=is_guessed)
        self._storage.batches.replace(batch, now)
        return batch

    def _checked_again(self, new: NewRequest) -> NewRequest:
        """Return what a batch asks for, with its occasion as the settings have it by now.

        It is refused if something stands against it that is not looked at with every request.
        """
        if not len(self._catalog.current):
            raise NoRewards
        reward = self._catalog.current.get(new.utid)
        found = [*self._budgets.check(new), *self._approvals.check(new)]
        if reward is None:
            found.append(("reward", Fault(FaultCode.UNAVAILABLE)))
        else:
            found += _of_amounts(new, reward)
        occasion = find_occasion(new.occasion.name if new.occasion else None, self._forms.occasions)
        if isinstance(occasion, Fault):
            found.append(("occasion", occasion))
        if found:
            raise InvalidForm(dict(found))
        return replace(new, occasion=occasion if isinstance(occasion, Occasion) else None)

    def _found(self, reference: str, actor_id: str) -> Batch:
        batch = self._storage.batches.by_reference(reference)
        if batch is None or batch.new.requester_id != actor_id:
            raise NotFound(reference)
        return batch

    def _request(self, request_id: int) -> Request:
        request = self._storage.requests.get(request_id)
        if request is None:
            raise LookupError(f"no request {request_id}")
        return request


def find_preview(storage: Storage, reference: str, now: datetime, orders_per_second: float) -> Preview | None:
    """Return a batch before it is asked for; None where it was asked for, or kept for its day."""
    batch = storage.batches.by_reference(reference)
    return None if batch is None or batch.request_id else preview_of(storage, batch, now, orders_per_second)


def preview_of(storage: Storage, batch: Batch, now: datetime, orders_per_second: float) -> Preview:
    """Return what a batch asks for."""
    same = storage.duplicates.same(batch.new, now - DUPLICATE_WITHIN, but=())
    return Preview(
        batch=batch,
        twice=[one.name for one in batch.new.recipients if one.user_id in same],
        lasts=timedelta(seconds=len(batch.new.recipients) / orders_per_second),
    )


def _under_same_references(new: NewRequest, old: Batch) -> NewRequest:
    """Return the request under the references of the batch that it takes the place of, which may have been sent."""
    known = {one.user_id: one.external_ref_id for one in old.new.recipients}
    recipients = [replace(one, external_ref_id=known.get(one.user_id, one.external_ref_id)) for one in new.recipients]
    return replace(new, recipients=tuple(recipients), reference=old.reference, submission_id=old.new.submission_id)


def _of_amounts(new: NewRequest, reward: Reward) -> Iterator[tuple[str, Fault]]:
    """Find an amount that the reward has no more."""
    for amount in {new.amount_for(one) for one in new.recipients}:
        try:
            reward.check(amount)
        except InvalidAmount as error:
            facts = {"text": error.text, "currency": error.currency, "bound": error.bound, "amounts": reward.amounts}
            yield "amount", Fault(error.fault, facts)
