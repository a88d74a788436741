"""The two-letter codes that an address in the United States or in Canada may have.

Source: Tango docs, Manage orders, POST /orders: "a valid 2-character uppercase abbreviation for a U.S. state,
territory, or military base; a Canadian province".
"""

US_STATES = frozenset(
    (  # noqa: SIM905 - sixty quoted strings would be harder to read
        "AK AL AR AZ CA CO CT DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY "
        "OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY "
        "DC AS GU MP PR UM VI "  # the district and the territories
        "FM MH PW "  # freely associated states, which the U.S. mail serves as its own
        "AA AE AP"  # military bases
    ).split()
)

CANADIAN_PROVINCES = frozenset(["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"])
