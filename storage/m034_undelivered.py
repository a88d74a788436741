"""The step m034: the few orders that could not be delivered have an index, so that a search counts them."""

from typing import Final

# The words of bot/domain/problem.py. A new order is in none of its pages.
M034: Final = """
CREATE INDEX orders_undelivered ON orders (id) WHERE problem = 'undelivered'
"""
