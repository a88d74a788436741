"""The SQL of the stores, as PostgreSQL takes it: four mechanical rules, applied once to each statement.

The stores write what both engines take alike, and else what SQLite takes. So a statement reads the same in the code, in
SQLite's plan and in a test. PostgreSQL learns the type of a parameter from what it is first compared with: it
understands `x < :x OR :x IS NULL`, and not the reverse.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

#: A statement is a constant, or a page of a search with some of its 23 conditions: these are all that a bot ever runs.
_STATEMENTS: Final = 1024

#: A fact of the frozen body: bytes for SQLite, bytea for PostgreSQL.
_JSON: Final = re.compile(r"json_extract\(CAST\((\w+) AS TEXT\), '\$\.([\w.]+)'\)")
#: A list that is handed in.
_NOT_IN_LIST: Final = re.compile(r"\bNOT IN \(SELECT value FROM json_each\(:(\w+)\)\)")
_IN_LIST: Final = re.compile(r"\bIN \(SELECT value FROM json_each\(:(\w+)\)\)")
#: The index that SQLite's planner would not find by itself.
_INDEX: Final = re.compile(r"\s+INDEXED BY \w+")
#: A text, which is left as it is but for %, or a parameter.
_PARAMETER: Final = re.compile(r"'(?:[^']|'')*'|(?<!:):([a-z_]\w*)")
_WRITE: Final = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b")


class Statement(NamedTuple):
    """A statement for psycopg.

    Attributes:
        sql: UTF-8, with parameters such as `%(id)s`.
        is_write: whether the statement changes rows.
    """

    sql: bytes
    is_write: bool


@lru_cache(_STATEMENTS)
def statement_of(sql: str) -> Statement:
    """Return the statement that PostgreSQL takes for one of the stores."""
    is_write = _WRITE.match(sql) is not None
    sql = _JSON.sub(_json_path, sql)
    sql = _NOT_IN_LIST.sub(r"<> ALL(:\1)", sql)
    sql = _IN_LIST.sub(r"= ANY(:\1)", sql)
    sql = _INDEX.sub("", sql)
    return Statement(_PARAMETER.sub(_named, sql.replace("%", "%%")).encode(), is_write)


def _json_path(found: re.Match[str]) -> str:
    path = found[2].replace(".", ",")
    return f"(convert_from({found[1]}, 'UTF8')::jsonb #>> '{{{path}}}')"


def _named(found: re.Match[str]) -> str:
    return f"%({found[1]})s" if found[1] else found[0]
