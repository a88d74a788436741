"""The codes of an address: countries, U.S. states and Canadian provinces, from ISO 3166 by pycountry.

Source: Tango docs, Manage orders, POST /orders: "a valid 2-character uppercase abbreviation for a U.S. state,
territory, or military base; a Canadian province".
"""

from typing import Final

import pycountry

#: U.S. mail goes to these too, which ISO 3166-2 lacks: three freely associated states, three military ones.
_SERVED_BY_US_MAIL: Final = frozenset({"FM", "MH", "PW", "AA", "AE", "AP"})


def _subdivisions(country: str) -> frozenset[str]:
    found = pycountry.subdivisions.get(country_code=country)  # type: ignore[no-untyped-call]  # pycountry has no type
    return frozenset(str(subdivision.code).partition("-")[2] for subdivision in found)


COUNTRIES: Final = {country.alpha_2: str(country.name) for country in pycountry.countries}
US_STATES: Final = _subdivisions("US") | _SERVED_BY_US_MAIL
CANADIAN_PROVINCES: Final = _subdivisions("CA")
