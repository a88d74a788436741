"""The inquirer: asks Tango what became of an order, and has the answer recorded. The dispatcher gives it its turn."""

import logging
from collections.abc import Callable
from datetime import datetime

from bot.clock import Clock
from bot.errors import StorageError
from bot.tango.client import TangoClient
from bot.tango.inquiry import InquiryAnswer, Unsaid
from bot.tango.outcomes import Reason
from bot.usecases.inquiry_answers import InquiryAnswers, Question
from bot.worker.log_lines import ids_of
from storage import Storage

logger = logging.getLogger(__name__)


class Inquirer:
    """Asks what is due.

    Args:
        storage: of the inquiries.
        tango: is asked.
        clock: tells the time.
        answers: takes inquiries, and records what Tango answered.
    """

    def __init__(self, *, storage: Storage, tango: TangoClient, clock: Clock, answers: InquiryAnswers) -> None:
        self._storage = storage
        self._tango = tango
        self._clock = clock
        self._answers = answers

    def take(self, now: datetime) -> Question | None:
        """Take the inquiry that is due, in the caller's transaction; None if none is."""
        return self._answers.take(now)

    def record_unasked(self, question: Question, now: datetime) -> None:
        """Record, in the caller's transaction, that Tango was not asked."""
        self._answers.record(question, Unsaid(reason=Reason.NOT_CONNECTED, status=None, request_id=None), now)

    def ask(self, question: Question, on_written: Callable[[], None]) -> None:
        """Ask Tango, outside of any transaction, and record the answer.

        Args:
            question: the inquiry.
            on_written: called once the request has been written, or will never be.
        """
        order, answer = question.order, self._answer(question, on_written)
        try:
            with self._storage.transaction():
                finding = self._answers.record(question, answer, self._clock.now())
        except StorageError:
            raise
        except Exception:
            # To ask again would end the same way: the file refuses something in the answer.
            logger.exception("Order %s: what Tango has could not be recorded", order.number, extra=ids_of(order))
            with self._storage.transaction():
                self._answers.give_up(question, self._clock.now())
            return
        said = finding or (f"asked again ({answer.reason})" if isinstance(answer, Unsaid) else "asked again")
        logger.info("Order %s: inquiry: %s", order.number, said, extra=ids_of(order))

    def _answer(self, question: Question, on_written: Callable[[], None]) -> InquiryAnswer:
        number = question.inquiry.sent_as or question.inquiry.found_as
        if number is not None:
            return self._tango.find_numbered(number, on_written=on_written)
        return self._tango.find_order(question.order.external_ref_id, on_written=on_written)
