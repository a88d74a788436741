"""A stand-in for Tango's rewards API.

It is built from Tango's own documents (Tango docs, Manage orders, and the pages around it) and shares no code with the
bot: a stand-in that shares the client's models would share its mistakes.
"""

from bot.sandbox.tango.faults import Fault, Faults
from bot.sandbox.tango.records import Account, Arrival, Email, Order, RequestRecord, Resend
from bot.sandbox.tango.sandbox import TangoSandbox

__all__ = [
    "Account",
    "Arrival",
    "Email",
    "Fault",
    "Faults",
    "Order",
    "RequestRecord",
    "Resend",
    "TangoSandbox",
]
