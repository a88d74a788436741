"""What the tests of the page are given."""

import pytest

pytest.register_assert_rewrite("tests.e2e.page_kit")

from tests.e2e.page_kit import chromium, make_kudos, site  # noqa: E402 - after its asserts are known

__all__ = ["chromium", "make_kudos", "site"]
