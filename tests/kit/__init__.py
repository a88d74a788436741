"""What the tests share: helpers, worlds, payloads. No test is in here."""
