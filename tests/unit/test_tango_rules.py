"""Tango's rules on lengths and characters, at their edges; names made fit; orders told apart."""

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.faults import FaultCode
from bot.tango.bodies import NewOrder, ResendBody
from bot.tango.differences import differences, missing
from bot.tango.fields import Breach
from bot.tango.models import PlacedOrder, TangoAddress, TangoPerson
from bot.tango.names import clean_name
from bot.tango.queries import OrderQuery, query_breaches
from bot.tango.rules import order_breaches, resend_breaches

NOW = datetime(2026, 5, 5, 12, tzinfo=UTC)
ROB = TangoPerson(first_name="Rob", last_name="Ray", email="rob@example.com")
HOUSE = TangoAddress(
    street_line1="1 O'Neill St., N/W", city="St. John's", state_or_province="WA", postal_code="98101", country="US"
)


def order(**changes: Any) -> NewOrder:
    fields: dict[str, Any] = {
        "external_ref_id": "0" * 32,
        "customer_identifier": "acme-hr",
        "account_identifier": "acme-rewards",
        "utid": "U561593",
        "amount": Decimal(25),
        "recipient": ROB,
        "send_email": True,
    }
    return NewOrder(**{**fields, **changes})


def found(new: NewOrder, **kind: bool) -> list[tuple[str, FaultCode]]:
    return [(problem.field, problem.code) for problem in order_breaches(new, now=NOW, **kind)]


def test_a_plain_order_has_no_problem():
    assert order_breaches(order(), now=NOW) == []


@pytest.mark.parametrize(
    ("field", "name", "limit"),
    [
        ("externalRefID", "external_ref_id", 100),
        ("customerIdentifier", "customer_identifier", 100),
        ("accountIdentifier", "account_identifier", 100),
        ("message", "message", 3000),
        ("campaign", "campaign", 100),
        ("purchaseOrderNumber", "purchase_order_number", 100),
        ("notes", "notes", 150),
    ],
)
def test_lengths_are_held_to_the_character(field, name, limit):
    assert order_breaches(order(**{name: "x" * limit}), now=NOW) == []
    assert order_breaches(order(**{name: "x" * (limit + 1)}), now=NOW) == [
        Breach(field, FaultCode.TOO_LONG, {"limit": limit, "length": limit + 1})
    ]


def test_an_emoji_counts_as_the_two_units_that_tango_may_count():
    assert order_breaches(order(message="🎉" * 1500), now=NOW) == []
    (breach,) = order_breaches(order(message="🎉" * 1500 + "x"), now=NOW)
    assert (breach.code, breach.facts) == (FaultCode.TOO_LONG, {"limit": 3000, "length": 3001})


@pytest.mark.parametrize("who", ["sender", "recipient"])
@pytest.mark.parametrize(("field", "name"), [("firstName", "first_name"), ("lastName", "last_name")])
def test_names_have_a_hundred_characters_and_no_markup(who, field, name):
    def with_name(text: str) -> NewOrder:
        named: dict[str, Any] = {name: text}
        return order(**{who: replace(ROB, **named)})

    assert order_breaches(with_name("Ñ" * 100), now=NOW) == []
    assert found(with_name("x" * 101)) == [(f"{who}.{field}", FaultCode.TOO_LONG)]
    for letter in "<>/":
        assert order_breaches(with_name(f"R{letter}b{letter}"), now=NOW) == [
            Breach(f"{who}.{field}", FaultCode.CHARACTERS, {"found": letter})
        ]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"external_ref_id": "ab-cd"}, "externalRefID", FaultCode.CHARACTERS),
        ({"external_ref_id": "é"}, "externalRefID", FaultCode.CHARACTERS),
        ({"customer_identifier": ""}, "customerIdentifier", FaultCode.REQUIRED),
        ({"customer_identifier": "acme"}, "customerIdentifier", FaultCode.TOO_SHORT),
        ({"account_identifier": "acme"}, "accountIdentifier", FaultCode.TOO_SHORT),
        ({"account_identifier": "acme_rewards"}, "accountIdentifier", FaultCode.CHARACTERS),
        ({"utid": " "}, "utid", FaultCode.REQUIRED),
        ({"ptid": "7"}, "ptid", FaultCode.MALFORMED),
        ({"amount": Decimal(0)}, "amount", FaultCode.NOT_POSITIVE),
        ({"amount": Decimal(-1)}, "amount", FaultCode.NOT_POSITIVE),
        ({"amount": Decimal(1000000)}, "amount", FaultCode.TOO_LARGE),
        ({"amount": Decimal("1e9")}, "amount", FaultCode.TOO_LARGE),
        ({"amount": Decimal("12.345")}, "amount", FaultCode.TOO_MANY_DECIMALS),
        ({"recipient": None}, "recipient.firstName", FaultCode.REQUIRED),
        ({"recipient": TangoPerson(email="rob@example.com")}, "recipient.firstName", FaultCode.REQUIRED),
        ({"recipient": TangoPerson(first_name="Rob")}, "recipient.email", FaultCode.REQUIRED),
        ({"recipient": replace(ROB, address=HOUSE)}, "recipient.address", FaultCode.NOT_APPLICABLE),
        ({"etid": "E00000"}, "etid", FaultCode.MALFORMED),
        ({"etid": "E0000000"}, "etid", FaultCode.MALFORMED),
        ({"etid": "E000000", "send_email": False}, "etid", FaultCode.NOT_APPLICABLE),
        ({"expiration_date": NOW + timedelta(days=9)}, "expirationDate", FaultCode.NOT_APPLICABLE),
    ],
)
def test_each_rule_of_a_digital_order(changes, field, code):
    assert (field, code) in found(order(**changes))


@pytest.mark.parametrize("amount", ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity"])
def test_an_amount_that_is_no_number_is_a_fault_and_no_crash(amount):
    odd = replace(order(), amount=Decimal(amount))
    assert [(one.field, one.code) for one in order_breaches(odd, now=NOW)] == [("amount", FaultCode.MALFORMED)]


@pytest.mark.parametrize("amount", ["0.01", "999999.99", "25.10", "25.100", "1E+2"])
def test_amounts_within_the_rules(amount):
    assert order_breaches(order(amount=Decimal(amount)), now=NOW) == []


def test_without_an_email_from_tango_a_recipient_is_optional():
    assert order_breaches(order(recipient=None, send_email=False), now=NOW) == []


GOOD_EMAILS = [
    "rob@example.com",
    "r@e.co",
    "rob.ray+gift@mail.example.co.uk",
    "o'neil_2@xn--bcher-kva.example",
    "x" * 64 + "@" + "y" * 31 + ".com",
]
BAD_EMAILS = [
    *("rob", "rob@", "@example.com", "rob@example", "robexample.com", "rob ray@example.com", "rob@exa mple.com"),
    *(".rob@example.com", "rob.@example.com", "r..b@example.com", "rob@-example.com", "rob@example-.com"),
    *("rob@example.c", "rob@example.123", "Rob <rob@example.com>", "rob@example.com\n", "röb@example.com"),
    *("x" * 65 + "@example.com", "rob@exa_mple.com", "rob@.com", "rob@example..com", '"rob"@example.com'),
]


@pytest.mark.parametrize("email", GOOD_EMAILS)
def test_plain_addresses_pass(email):
    assert order_breaches(order(recipient=replace(ROB, email=email)), now=NOW) == []


@pytest.mark.parametrize("email", BAD_EMAILS)
@pytest.mark.parametrize("who", ["sender", "recipient"])
def test_malformed_addresses_do_not(who, email):
    assert (f"{who}.email", FaultCode.MALFORMED) in found(order(**{who: replace(ROB, email=email)}))


def test_an_address_has_a_hundred_characters():
    longest = "x" * 50 + "@" + "y" * 45 + ".com"
    assert len(longest) == 100
    assert order_breaches(order(recipient=replace(ROB, email=longest)), now=NOW) == []
    longer = replace(ROB, email="x" + longest)
    assert found(order(recipient=longer)) == [("recipient.email", FaultCode.TOO_LONG)]


def posted(person: dict[str, Any] | None = None, **address: Any) -> NewOrder:
    home = replace(HOUSE, **address)
    return order(recipient=replace(ROB, **{"address": home, **(person or {})}), send_email=False)


def test_a_physical_order_has_no_problem():
    assert order_breaches(posted(), now=NOW, physical=True) == []
    assert order_breaches(posted(street_line2="Apt 2"), now=NOW, physical=True) == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"street_line1": None}, "streetLine1", FaultCode.REQUIRED),
        ({"street_line1": "x" * 36}, "streetLine1", FaultCode.TOO_LONG),
        ({"street_line1": "1 Main #2"}, "streetLine1", FaultCode.CHARACTERS),
        ({"street_line2": "x" * 36}, "streetLine2", FaultCode.TOO_LONG),
        ({"street_line2": "Straße"}, "streetLine2", FaultCode.CHARACTERS),
        ({"city": None}, "city", FaultCode.REQUIRED),
        ({"city": "x" * 31}, "city", FaultCode.TOO_LONG),
        ({"city": "Paris, TX"}, "city", FaultCode.CHARACTERS),
        ({"city": "A/B"}, "city", FaultCode.CHARACTERS),
        ({"state_or_province": None}, "stateOrProvince", FaultCode.REQUIRED),
        ({"state_or_province": "wa"}, "stateOrProvince", FaultCode.UNKNOWN_CODE),
        ({"state_or_province": "Washington"}, "stateOrProvince", FaultCode.UNKNOWN_CODE),
        ({"state_or_province": "ON"}, "stateOrProvince", FaultCode.UNKNOWN_CODE),
        ({"state_or_province": "WA", "country": "CA"}, "stateOrProvince", FaultCode.UNKNOWN_CODE),
        ({"state_or_province": "x" * 36, "country": "FR"}, "stateOrProvince", FaultCode.TOO_LONG),
        ({"postal_code": None}, "postalCode", FaultCode.REQUIRED),
        ({"postal_code": "98101-1234"}, "postalCode", FaultCode.MALFORMED),
        ({"postal_code": "9810"}, "postalCode", FaultCode.MALFORMED),
        ({"postal_code": "٩٨١٠١"}, "postalCode", FaultCode.MALFORMED),
        ({"postal_code": "SW1A 1AA", "country": "GB"}, "postalCode", FaultCode.CHARACTERS),
        ({"country": None}, "country", FaultCode.REQUIRED),
        ({"country": "USA"}, "country", FaultCode.UNKNOWN_CODE),
        ({"country": "us"}, "country", FaultCode.UNKNOWN_CODE),
    ],
)
def test_each_rule_of_an_address(changes, field, code):
    assert (f"recipient.address.{field}", code) in found(posted(**changes), physical=True)


@pytest.mark.parametrize(
    ("region", "postal", "country"),
    [
        *(("DC", "20001", "US"), ("PR", "00901", "US"), ("AE", "09012", "US"), ("ON", "K1A0B1", "CA")),
        *(("Île-de-France", "75001", "FR"), ("x" * 35, "SW1A1AA", "GB")),
    ],
)
def test_addresses_of_all_kinds_pass(region, postal, country):
    there = posted(state_or_province=region, postal_code=postal, country=country)
    assert order_breaches(there, now=NOW, physical=True) == []


@pytest.mark.parametrize(
    ("person", "field", "code"),
    [
        ({"first_name": None}, "recipient.firstName", FaultCode.REQUIRED),
        ({"last_name": None}, "recipient.lastName", FaultCode.REQUIRED),
        ({"first_name": "x" * 26}, "recipient.firstName", FaultCode.TOO_LONG),
        ({"last_name": "x" * 26}, "recipient.lastName", FaultCode.TOO_LONG),
        ({"first_name": "Zoë"}, "recipient.firstName", FaultCode.CHARACTERS),
        ({"last_name": "O'Neil"}, "recipient.lastName", FaultCode.CHARACTERS),
        ({"address": None}, "recipient.address", FaultCode.REQUIRED),
    ],
)
def test_each_rule_of_a_posted_recipient(person, field, code):
    assert (field, code) in found(posted(person), physical=True)


def test_a_printed_link_needs_its_template():
    assert found(posted(), printed=True) == [("ptid", FaultCode.REQUIRED)]
    assert found(replace(posted(), ptid="P000001"), printed=True) == []


@pytest.mark.parametrize(
    ("ahead", "code"),
    [
        (timedelta(days=1), None),
        (timedelta(days=365), None),
        (timedelta(hours=23, minutes=59), FaultCode.TOO_SOON),
        (timedelta(days=-1), FaultCode.TOO_SOON),
        (timedelta(days=365, seconds=1), FaultCode.TOO_LATE),
    ],
)
def test_a_promo_link_expires_in_a_day_to_a_year(ahead, code):
    expected = [] if code is None else [("expirationDate", code)]
    assert found(order(expiration_date=NOW + ahead), promo=True) == expected


def test_a_year_after_a_leap_day_is_the_28th():
    leap_day = datetime(2028, 2, 29, tzinfo=UTC)
    late = order(expiration_date=datetime(2029, 3, 1, tzinfo=UTC))
    assert order_breaches(late, now=leap_day, promo=True) == [
        Breach("expirationDate", FaultCode.TOO_LATE, {"limit": datetime(2029, 2, 28, tzinfo=UTC)})
    ]


def test_all_problems_are_told_at_once():
    bad = order(amount=Decimal(0), recipient=TangoPerson(first_name="<", email="x"), notes="n" * 151)
    assert found(bad) == [
        ("amount", FaultCode.NOT_POSITIVE),
        ("recipient.firstName", FaultCode.CHARACTERS),
        ("recipient.email", FaultCode.MALFORMED),
        ("notes", FaultCode.TOO_LONG),
    ]


# ------------------------------------------------------------------------------------------ queries


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"account_identifier": "acme"}, [("accountIdentifier", FaultCode.TOO_SHORT)]),
        ({"customer_identifier": "x" * 101}, [("customerIdentifier", FaultCode.TOO_LONG)]),
        ({"external_ref_id": "a-b"}, [("externalRefID", FaultCode.CHARACTERS)]),
        ({"start_date": date(2026, 1, 2), "end_date": date(2026, 1, 1)}, [("endDate", FaultCode.REVERSED)]),
        ({"start_date": date(2026, 1, 2), "end_date": date(2026, 1, 2)}, []),
        ({"start_date": NOW, "end_date": NOW - timedelta(seconds=1)}, [("endDate", FaultCode.REVERSED)]),
        ({"start_date": NOW, "end_date": date(2026, 5, 5)}, []),
        ({"start_date": NOW, "end_date": date(2026, 5, 4)}, [("endDate", FaultCode.REVERSED)]),
        ({"elements_per_block": 100, "page": 99}, []),
        ({"elements_per_block": 100, "page": 100}, [("page", FaultCode.TOO_LARGE)]),
        ({"elements_per_block": 101}, [("elementsPerBlock", FaultCode.TOO_LARGE)]),
        ({"elements_per_block": 0, "page": 3}, [("elementsPerBlock", FaultCode.NOT_POSITIVE)]),
        ({"page": -1}, [("page", FaultCode.NOT_POSITIVE)]),
        ({"min_amount": Decimal(2), "max_amount": Decimal(1)}, [("maxAmount", FaultCode.REVERSED)]),
        ({"min_amount": Decimal(2), "max_amount": Decimal(2)}, []),
        ({"currency_code": "US"}, [("currencyCode", FaultCode.MALFORMED)]),
        ({"sender_first_name": "<"}, [("senderFirstName", FaultCode.CHARACTERS)]),
        ({"sender_last_name": "x" * 101}, [("senderLastName", FaultCode.TOO_LONG)]),
        ({"recipient_first_name": "a/b"}, [("recipientFirstName", FaultCode.CHARACTERS)]),
        ({"recipient_last_name": ">"}, [("recipientLastName", FaultCode.CHARACTERS)]),
        ({"campaign": "x" * 101}, [("campaign", FaultCode.TOO_LONG)]),
        ({"notes": "x" * 151}, [("notes", FaultCode.TOO_LONG)]),
    ],
)
def test_each_rule_of_a_search(fields, expected):
    query = OrderQuery(**fields)
    assert [(problem.field, problem.code) for problem in query_breaches(query)] == expected


# -------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Rob Ray", "Rob Ray"),
        ("Rob <Bob> Ray", "Rob Bob Ray"),
        ("Rob/QA", "Rob QA"),
        ("  Rob\t\n Ray ", "Rob Ray"),
        ("Rob\u00a0\u3000Ray", "Rob Ray"),
        ("Zoe\u0308", "Zoë"),
        ("<>/", ""),
        ("", ""),
        ("Rob\x00\x1b\ud800Ray", "Rob Ray"),
        ("王小明", "王小明"),
        ("Rob 🎉", "Rob 🎉"),
    ],
)
def test_names_are_made_fit(text, cleaned):
    assert clean_name(text) == cleaned


@pytest.mark.parametrize(
    ("text", "limit", "cleaned"),
    [
        ("abcdef", 3, "abc"),
        ("ab cdef", 3, "ab"),
        ("abq\u0323\u0302z", 3, "ab"),
        ("abq\u0323\u0302z", 5, "abq\u0323\u0302"),
        ("ab👩\u200d🚀", 3, "ab"),
        ("ab👩\u200d🚀", 5, "ab👩"),
    ],
)
def test_a_cut_leaves_whole_letters(text, limit, cleaned):
    assert clean_name(text, limit) == cleaned


@given(st.text(), st.integers(1, 120))
@example("a<\u0301", 100)
@example("\u226e\u0338", 100)
@example("a\u0301" * 200, 100)
def test_a_cleaned_name_breaks_no_rule_and_stays_as_it_is(text, limit):
    name = clean_name(text, limit)
    assert len(name) <= limit
    assert unicodedata.is_normalized("NFC", name)
    assert clean_name(name, limit) == name
    fit = order(recipient=TangoPerson(first_name=clean_name(text) or "x", email="rob@example.com"))
    assert order_breaches(fit, now=NOW) == []
    assert NewOrder.from_bytes(fit.to_bytes()) == fit


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120))
def test_a_name_is_refused_if_and_only_if_the_page_refuses_it(text):
    named = order(recipient=TangoPerson(first_name=text, email="rob@example.com"))
    allowed = len(text) <= 100 and not set(text) & set("<>/") and bool(text.strip())
    assert (order_breaches(named, now=NOW) == []) == allowed


# -------------------------------------------------------------------------------------- differences


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, ()),
        ({"denomination": {"value": 25}, "utid": "U561593", "recipient": {"email": "rob@example.com"}}, ()),
        ({"denomination": {"value": 25.0}, "utid": "u561593", "recipient": {"email": "ROB@Example.com"}}, ()),
        ({"denomination": {"value": 25.01}}, ("amount",)),
        ({"denomination": {"currencyCode": "USD"}}, ()),
        ({"denomination": {"currencyCode": "usd"}}, ()),
        ({"denomination": {"currencyCode": "EUR"}}, ("currency",)),
        ({"amountCharged": {"value": 27.5, "currencyCode": "EUR"}}, ()),
        ({"externalRefID": "another"}, ("externalRefID",)),
        (
            {"customerIdentifier": "another", "accountIdentifier": "another"},
            ("customerIdentifier", "accountIdentifier"),
        ),
        ({"sendEmail": False}, ("sendEmail",)),
        ({"sendEmail": True}, ()),
        ({"emailSubject": "Tango's own", "etid": "E000000", "message": "x", "notes": "x", "campaign": "x"}, ()),
        ({"sender": {"email": "platform@example.com"}}, ()),
        ({"recipient": {"email": "rob@example.com", "address": {"city": "Springfield"}}}, ("recipient",)),
        ({"recipient": {"email": "rob@example.com", "address": None}}, ()),
        ({"utid": "U1"}, ("utid",)),
        ({"recipient": {"email": "ann@example.com"}}, ("recipient",)),
        ({"recipient": {"email": "", "firstName": "", "lastName": ""}}, ()),
        ({"recipient": {"firstName": "Somebody"}}, ()),
        (
            {"denomination": {"value": 1}, "utid": "U1", "recipient": {"email": "ann@example.com"}},
            ("amount", "utid", "recipient"),
        ),
    ],
)
def test_an_order_that_existed_is_held_against_the_frozen_body(answer, expected):
    placed = PlacedOrder.model_validate({"referenceOrderID": "RA1", **answer})
    assert differences(order(), placed, currency="USD") == expected
    assert differences(order().to_bytes(), placed, currency="USD") == expected


SAID: Final = {
    "ptid": "P12",
    "email_subject": "Thank you, R&D!",
    "message": "Well done  \u2013 caf\u00e9 & all",
    "etid": "E000002",
    "campaign": "Launch",
    "purchase_order_number": "PO-7",
    "notes": "for the board",
}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"emailSubject": "Thank you, R&amp;D!", "message": "Well done - cafe\u0301 &amp; all\n"}, ()),
        ({"etid": "e000002", "ptid": "p12", "campaign": "launch", "purchaseOrderNumber": "PO-7"}, ()),
        ({"emailSubject": "Your reward"}, ("emailSubject",)),
        ({"message": "Well done"}, ("message",)),
        ({"ptid": "P13", "etid": "E000003"}, ("ptid", "etid")),
        ({"campaign": "x", "purchaseOrderNumber": "x", "notes": "x"}, ("campaign", "purchaseOrderNumber", "notes")),
    ],
)
def test_all_texts_that_came_back_are_held_against_those_that_were_sent(answer, expected):
    placed = PlacedOrder.model_validate({"referenceOrderID": "RA1", **answer})
    assert differences(order(**SAID), placed, currency="USD") == expected


@pytest.mark.parametrize(
    ("answer", "expected"), [("a" * 1_024, ()), ("a" * 1_023, ("message",)), ("b" * 1_024, ("message",))]
)
def test_a_message_that_tango_cuts_is_compared_as_far_as_it_goes(answer, expected):
    placed = PlacedOrder.model_validate({"referenceOrderID": "RA1", "message": answer})
    assert differences(order(message="a" * 3_000), placed, currency="USD") == expected


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2027-01-31T23:59:59-08:00", ()),
        ("2027-01-31", ()),
        ("2027-06-30T23:59:59Z", ("expirationDate",)),
        ("soon", ()),
    ],
)
def test_a_promo_link_that_expires_otherwise_differs(date, expected):
    listed = [{"credentialType": "ExpirationDate", "value": date}]
    placed = PlacedOrder.model_validate({"referenceOrderID": "RA1", "reward": {"credentialList": listed}})
    sent = order(expiration_date=datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC))
    assert differences(sent, placed, currency="USD") == expected


WHOLE: Final = {
    "denomination": {"value": 25, "currencyCode": "USD"},
    "utid": "U561593",
    "externalRefID": "a" * 32,
    "customerIdentifier": "acme-hr",
    "accountIdentifier": "acme-rewards",
    "sendEmail": True,
    "recipient": {"email": "rob@example.com"},
}


@pytest.mark.parametrize("field", WHOLE)
def test_what_an_answer_leaves_out_is_named(field):
    names = {"denomination": ("amount", "currency")}.get(field, (field,))
    placed = PlacedOrder.model_validate({"referenceOrderID": "RA1", **WHOLE, field: None})
    assert missing(order(external_ref_id="a" * 32).to_bytes(), placed, currency="USD") == names


def test_a_whole_answer_leaves_nothing_out():
    placed = PlacedOrder.model_validate({"referenceOrderID": "RA1", **WHOLE})
    assert missing(order(external_ref_id="a" * 32), placed, currency="USD") == ()
    bare = PlacedOrder.model_validate({"referenceOrderID": "RA1"})
    assert len(missing(order(external_ref_id="a" * 32), bare, currency="USD")) == 8


@pytest.mark.parametrize(
    ("recipient", "answer", "differs"),
    [
        (None, {"email": "ann@example.com"}, True),
        (None, {"email": "", "firstName": ""}, False),
        (TangoPerson(first_name="Rob"), {"firstName": "ROB"}, False),
        (TangoPerson(first_name="Rob"), {"firstName": "Ann"}, True),
        (TangoPerson(first_name="Rob"), {}, False),
    ],
)
def test_recipients_without_an_address_are_told_apart_by_name(recipient, answer, differs):
    placed = PlacedOrder.model_validate({"referenceOrderID": "RA1", "recipient": answer})
    sent = order(recipient=recipient, send_email=False)
    assert differences(sent, placed, currency="USD") == (("recipient",) if differs else ())


@pytest.mark.parametrize(
    ("value", "currency", "differs"),
    [
        ("25.1", "USD", False),
        ("25.099999999999998", "USD", False),
        ("25.100000000000001421085471520200372", "USD", False),
        ("25.1049", "USD", False),
        ("25.105", "USD", True),
        ("25.095", "USD", True),
        ("25.11", "USD", True),
        ("25.6", "JPY", True),
        ("25.5", "JPY", False),
        ("25.1004", "KWD", False),
        ("25.101", "KWD", True),
    ],
)
def test_less_than_half_a_minor_unit_is_no_difference(value, currency, differs):
    answer = {"referenceOrderID": "RA1", "denomination": {"value": Decimal(value)}}
    found = differences(order(amount=Decimal("25.10")), PlacedOrder.model_validate(answer), currency=currency)
    assert found == (("amount",) if differs else ())


def test_bytes_that_are_no_body_are_told():
    with pytest.raises(ValueError, match=r".+"):
        differences(b"{", PlacedOrder.model_validate({"referenceOrderID": "RA1"}), currency="USD")


@pytest.mark.parametrize(
    ("email", "etid", "expected"),
    [
        (None, None, []),
        ("rob@new.example", "E000002", []),
        ("rob@new.example", "e999999", []),
        ("rob", None, [("newEmail", FaultCode.MALFORMED)]),
        ("", "", [("newEmail", FaultCode.MALFORMED), ("newEtid", FaultCode.MALFORMED)]),
        (f"r@{'e' * 60}.{'e' * 29}.example", None, []),
        (f"r@{'e' * 60}.{'e' * 30}.example", None, [("newEmail", FaultCode.TOO_LONG)]),
        (None, "E00002", [("newEtid", FaultCode.MALFORMED)]),
        (None, "E0000021", [("newEtid", FaultCode.MALFORMED)]),
        (None, "E00000２", [("newEtid", FaultCode.MALFORMED)]),
    ],
)
def test_what_a_resend_has_otherwise_is_held_to_the_same_rules(
    email: str | None, etid: str | None, expected: list[tuple[str, FaultCode]]
):
    found = resend_breaches(ResendBody(new_email=email, new_etid=etid))
    assert [(problem.field, problem.code) for problem in found] == expected
