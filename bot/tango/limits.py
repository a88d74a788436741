"""The limits of Tango's fields: lengths, characters, numbers. Rules, forms, searches and settings share them.

Source, where no other is named: Tango docs, Manage orders, the tables of POST /orders and GET /orders.
"""

import re
from datetime import timedelta
from typing import Final

from bot.domain.money import MOST_INTEGER_DIGITS

# ------------------------------------------------------------------------------- lengths, in characters

NAME_LIMIT: Final = 100
#: First and last name of a physical reward's recipient, each.
PHYSICAL_NAME_LIMIT: Final = 25
EMAIL_LIMIT: Final = 100
#: Tango names no limit: this one is for forms and settings. The card shows 255 of it, so an approver sees it all.
SUBJECT_LIMIT: Final = 255
#: The request's table; the 1024 in one answer of the page is older.
MESSAGE_LIMIT: Final = 3_000
NOTES_LIMIT: Final = 150
CAMPAIGN_LIMIT: Final = 100
PURCHASE_ORDER_LIMIT: Final = 100
REFERENCE_LIMIT: Final = 100
#: customerIdentifier and accountIdentifier.
IDENTIFIER_LEAST: Final = 5
IDENTIFIER_LIMIT: Final = 100
STREET_LIMIT: Final = 35
CITY_LIMIT: Final = 30
#: "Less than 36 characters".
REGION_LIMIT: Final = 35
#: ISO 4217.
CURRENCY_LENGTH: Final = 3

# ---------------------------------------------------------------------------------- numbers and moments

#: Six digits before the point and two after it (i18n keys 422.105 and 422.140).
AMOUNT_DIGITS: Final = MOST_INTEGER_DIGITS
AMOUNT_DECIMALS: Final = 2
#: GET /orders gives 10,000 results at most (400.021), in blocks of at most 100 (422.042).
RESULT_WINDOW: Final = 10_000
BLOCK_LIMIT: Final = 100
#: A Promo Link expires at least a day and at most a year ahead (Tango docs, Manage choice products).
EXPIRATION_LEAST: Final = timedelta(days=1)

# ------------------------------------------------------- characters: each matches any text of those allowed

FORBIDDEN_IN_NAMES: Final = "<>/"

NAME: Final = re.compile(rf"[^{FORBIDDEN_IN_NAMES}]*")
PHYSICAL_NAME: Final = re.compile(r"[0-9a-zA-Z .,-]*")
STREET: Final = re.compile(r"[0-9a-zA-Z .,\-/']*")
CITY: Final = re.compile(r"[0-9a-zA-Z .\-']*")
POSTAL_CODE: Final = re.compile(r"[0-9a-zA-Z]*")
ALPHANUMERIC: Final = re.compile(r"[0-9a-zA-Z]*")
#: 422.501.
IDENTIFIER: Final = re.compile(r"[-0-9a-zA-Z]*")

# ----------------------------------------------------------------------------- forms: each matches the whole

US_ZIP: Final = re.compile(r"[0-9]{5}")
#: 422.124.
ETID: Final = re.compile(r"[eE][0-9]{6}")
PTID: Final = re.compile(r"[pP][0-9]+")
#: Simpler and stricter than the standard: what every mail system accepts. Tango answers 400 with 422.134 to an
#: address that it finds malformed, and does not document how it checks.
EMAIL: Final = re.compile(
    r"(?=.{1,64}@)[0-9a-zA-Z!#$%&'*+/=?^_`{|}~-]+(?:\.[0-9a-zA-Z!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[0-9a-zA-Z](?:[0-9a-zA-Z-]{0,61}[0-9a-zA-Z])?\.)+[a-zA-Z]{2,63}"
)
