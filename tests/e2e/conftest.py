"""What the tests of the page are given."""

import pytest

pytest.register_assert_rewrite("tests.kit.page")

from tests.kit.page import chromium, make_kudos, site  # noqa: E402 - after its asserts are known

__all__ = ["chromium", "make_kudos", "site"]
