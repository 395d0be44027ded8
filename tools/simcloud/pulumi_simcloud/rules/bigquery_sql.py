"""Queries of BigQuery's views and default values of columns, as far as their text alone tells.

https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax,
https://cloud.google.com/bigquery/docs/default-values. Left out: columns, types and functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

STRING = re.compile(
    r"'''[\s\S]*?'''|\"\"\"[\s\S]*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\""
)
COMMENT = re.compile(r"/\*[\s\S]*?\*/|--[^\n]*|#[^\n]*")
BEGINNING = re.compile(r"[\s(]*(select|with|from|table|graph|values)\b", re.IGNORECASE)
TABLE = re.compile(
    r"(?P<before>[^\s,(]*\s*)\b(?:from|join)\s+(?P<name>`[^`]+`(?:\.`?[\w*$-]+`?)*|[A-Za-z_][\w.*-]*)"
    r"(?P<after>\s*\(?)",
    re.IGNORECASE,
)
INNER = re.compile(r"(`[^`]+`|\w+)\s+as\s*\(", re.IGNORECASE)
FUNCTION_OF = re.compile(r"\b(?:extract|trim|substring|overlay)\s*\([^()]*$", re.IGNORECASE)
NOT_TABLES = ("unnest", "select", "lateral", "distinct")

CONSTANTS = (
    "TRUE", "FALSE", "NULL", "CURRENT_DATE", "CURRENT_DATETIME", "CURRENT_TIME",
    "CURRENT_TIMESTAMP", "SESSION_USER",
)  # fmt: skip
NUMBERS = ("INT64", "INTEGER", "FLOAT", "FLOAT64", "NUMERIC", "BIGNUMERIC")
BOOLEANS = ("BOOL", "BOOLEAN")
TEXTS = ("STRING", "BYTES", "DATE", "DATETIME", "TIME", "TIMESTAMP")


def query_errors(query: str, legacy: bool | None) -> Iterator[str]:
    """What is wrong with a view's query; `legacy` is None where its dialect is not told."""
    text = _bare(query)
    if text is None:
        yield "Syntax error: Unclosed string literal"
        return
    if not BEGINNING.match(text):
        yield f"Syntax error: Unexpected {' '.join(text.split()[:1]) or 'end of script'!r}"
        return
    if text.count("(") != text.count(")"):
        yield "Syntax error: parentheses are not in pairs"
    dialect = False if re.match(r"\s*#standardsql", query, re.IGNORECASE) else legacy
    if dialect is True and "`" in text:
        yield "Invalid table name: names in backticks are standard SQL, useLegacySql is true"
    if dialect is not False:
        return
    if re.search(r"\b(?:from|join)\s+\[[^\]]+:[^\]]+\]", text, re.IGNORECASE):
        yield 'Syntax error: Unexpected "[": names in brackets are legacy SQL'
    for name in _tables(text):
        if "." not in name:
            yield f'Table "{name}" must be qualified with a dataset (e.g. dataset.table)'


def query_tables(query: str) -> Iterator[list[str]]:
    """The parts of the names of tables that a query in standard SQL reads."""
    text = _bare(query)
    for name in _tables(text or ""):
        parts = name.split(".")
        if len(parts) in (2, 3) and not re.search(r"[*$@]|INFORMATION_SCHEMA", name):
            yield parts


def default_error(expression: Any, kind: str) -> str | None:
    """Why a column of a type can't have a default value; None if it can."""
    text = str(expression).strip()
    if re.match(r"\(*\s*select\b", text, re.IGNORECASE):
        return "a default value has no subquery"
    if re.fullmatch(r"[A-Za-z_]\w*", text) and text.upper() not in CONSTANTS:
        return f"Unrecognized name: {text}"
    if STRING.fullmatch(text) and kind in (*NUMBERS, *BOOLEANS):
        return f"the default {text} is no {kind}"
    if re.fullmatch(r"-?\d+(\.\d+)?", text) and kind in (*TEXTS, *BOOLEANS):
        return f"the default {text} is no {kind}"
    if text.upper() in ("TRUE", "FALSE") and kind in (*NUMBERS, *TEXTS):
        return f"the default {text} is no {kind}"
    return None


def _bare(query: str) -> str | None:
    """A query without its comments and texts; None if a text does not end."""
    text = COMMENT.sub(" ", STRING.sub("''", query))
    return None if re.search(r"['\"]", text.replace("''", "")) else text


def _tables(text: str) -> Iterator[str]:
    inner = {match[1].strip("`").lower() for match in INNER.finditer(text)}
    for match in TABLE.finditer(text):
        name = match["name"].replace("`", "").rstrip(".")
        before = text[: match.start("name")]
        word = re.sub(r"(?:from|join)\s+$", "", before, flags=re.IGNORECASE)
        if "(" in match["after"] or name.lower() in NOT_TABLES or FUNCTION_OF.search(word):
            continue
        if re.search(r"\bdistinct\s+$", word, re.IGNORECASE):
            continue
        if name.lower() not in inner:
            yield name
