"""Queries of Azure Monitor (KQL): grammar, tables and columns.

Microsoft's own grammar (github.com/microsoft/Kusto-Query-Language) parses a query, and DuckDB binds
it to empty tables that have the columns of Azure Monitor's table reference, by duckdb-kql. What
that library cannot translate is checked for its grammar alone, and so is a query of a custom table
(``..._CL``), whose columns are the user's, and of a table of which only the name is known here
(``azure_table_names.txt``); one with `parse-kv`, which its parser does not know, for its clauses
and tables. Without the library (Python 3.10) nothing is checked.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from importlib.util import find_spec
from typing import Any

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.platforms import table
from pulumi_simcloud.rules.kql_clauses import alert_error, clause_error

AVAILABLE = find_spec("duckdb_kql") is not None
# Scalar types of the table reference in DuckDB.
TYPES = {
    "string": "VARCHAR",
    "int": "INTEGER",
    "long": "BIGINT",
    "real": "DOUBLE",
    "decimal": "DOUBLE",
    "datetime": "TIMESTAMP",
    "dynamic": "JSON",
    "bool": "BOOLEAN",
    "guid": "UUID",
}
# How DuckDB calls numbers; an INTERVAL is none.
NUMBER = re.compile(r"DECIMAL.*|\w*INT(?:EGER)?|DOUBLE")
CUSTOM = re.compile(r"\b\w+_CL\b")
# Texts, verbatim ones first, and comments: each may hold the other's signs.
SKIPPED = re.compile(
    r"""@"(?:[^"]|"")*"|@'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|//[^\n]*"""
)
# Grammar that the library's parser does not know: the operator on its own.
SERIALIZE = re.compile(r"\|\s*serialize\b\s*(?://[^\n]*)?(?=\s*(?:[|;)]|$))")
WORD = re.compile(r"(?<![.\w])[A-Za-z_]\w*(?!\s*\()")
# What a query begins with, or a part of it in brackets.
FIRST = re.compile(r"(?:^|[;(=])\s*(?:union\s+)?((?:\w+\s*,\s*)*\w+)\s*(?=[|;)]|$)")
# github MicrosoftDocs/azure-monitor-docs, reference/tables-index.md, microsoft.insights/components,
# and the names that these tables have in a query of the component itself.
CLASSIC = frozenset((
    "requests", "dependencies", "exceptions", "traces", "customEvents", "customMetrics",
    "pageViews", "browserTimings", "availabilityResults", "performanceCounters",
))  # fmt: skip
COMPONENT = frozenset(("AzureActivity", "AzureMetrics"))
DEFINED = re.compile(r"\b(\w+)\s*(?:=(?![=~])|:)")
UNCHANGED = "| where true"
PARSE_KV = re.compile(r"\|\s*parse-kv\b")
# An operator is no column; what a text is parsed into is named without a sign.
OPERATOR = re.compile(r"\|\s*(?:parse(?:-where)?\b[^|]*|[\w-]+)")


@cache
def wrong(query: str, *, component: bool = False) -> str | None:
    """The error in a query of a workspace, or of a component; None if there is none."""
    if not AVAILABLE:
        return None
    import duckdb_kql

    query, bare = SERIALIZE.sub(UNCHANGED, query), _bare(query)
    is_known = not PARSE_KV.search(bare)
    problems = duckdb_kql.validate(query) if is_known else []
    if problems:
        return f"SyntaxError: {excerpt(query)}: {problems[0].message}"
    reason = clause_error(bare) or _outside(query, component)
    reason = reason or (_resolve(query)[1] if is_known else None)
    return None if reason is None else f"SemanticError: {excerpt(query)}: {reason}"


def wrong_alert(query: str, every_minute: bool) -> str | None:
    """What an alert's query has that it must not have."""
    return alert_error(_bare(query), every_minute)


def columns(query: str) -> dict[str, bool] | None:
    """The columns that a query answers with, and whether each is a number; None if not known."""
    return _resolve(SERIALIZE.sub(UNCHANGED, query))[0] if AVAILABLE else None


def _bare(query: str) -> str:
    """A query without its comments, its texts empty."""
    return SKIPPED.sub(lambda match: "" if match[0].startswith("//") else '""', query)


def _sources(query: str) -> set[str]:
    """Names that stand where a query has its tables."""
    found = FIRST.findall(_bare(query))
    return set(re.findall(r"\w+", ",".join(found)))


def _outside(query: str, component: bool) -> str | None:
    """A table that the scope of the query does not have."""
    for name in sorted(_sources(query)):
        of_component = name in CLASSIC | COMPONENT or name.startswith("App")
        known = name in other_tables() or name in tables()
        if known and not of_component and component:
            return f"failed to resolve table {name!r}: a component has no such table"
        same = {other.lower(): other for other in (*tables(), *other_tables())}.get(name.lower())
        if same not in (None, name) and name not in DEFINED.findall(query):
            return f"failed to resolve table {name!r}: it is called {same!r}"
        if name in CLASSIC and not component and name not in DEFINED.findall(query):
            return f"failed to resolve table {name!r}: a workspace has it under another name"
    return None


@cache
def _resolve(query: str) -> tuple[dict[str, bool] | None, str | None]:
    import duckdb
    import duckdb_kql

    if CUSTOM.search(_bare(query)) or not other_tables().isdisjoint(_sources(query)):
        return None, None
    misspelt = _misspelt(query)
    if misspelt:
        return None, misspelt
    try:
        answer = duckdb_kql.query(_database(), query)
    except duckdb_kql.KqlUnsupportedError:
        return None, None
    except duckdb_kql.KqlSchemaError as error:
        # Names that differ in their case alone, which Kusto tells apart and DuckDB does not.
        return None, str(error).splitlines()[0] if "unknown table" in str(error) else None
    except (duckdb.Error, duckdb_kql.KqlError) as error:
        return None, str(error).splitlines()[0]
    kinds = [(name, str(kind)) for name, kind in zip(answer.columns, answer.types, strict=True)]
    return {name: bool(NUMBER.fullmatch(kind)) for name, kind in kinds}, None


def _misspelt(query: str) -> str | None:
    """A column in another case: Kusto's names are sensitive to it, DuckDB's are not."""
    bare = _bare(query)
    parsed = "".join(part for part in OPERATOR.findall(bare) if "parse" in part)
    known = {*DEFINED.findall(bare), *WORD.findall(parsed)}
    words = set(WORD.findall(OPERATOR.sub("|", bare))) - known
    names = tables()
    tables_used = [names[word] for word in words if word in names]
    for word in sorted(words - names.keys()):
        for fields in tables_used:
            column = next((name for name in fields if name.lower() == word.lower()), word)
            if column != word:
                return f"failed to resolve {word!r}: the column is called {column!r}"
    return None


def tables() -> dict[str, dict[str, str]]:
    """The columns of each table, with the types of the reference."""
    return {name: fields for name, fields in table("azure_tables").items() if name[0] != "_"}


@cache
def other_tables() -> frozenset[str]:
    """Tables of which only the name is known: those of other services, and of components."""
    folder = resources.files("pulumi_simcloud.catalog")
    lines = folder.joinpath("azure_table_names.txt").read_text().splitlines()
    names = (name for line in lines if line[0] != "#" for name in line.split())
    return frozenset(names) | CLASSIC


@cache
def _database() -> Any:
    import duckdb_kql

    database = duckdb_kql.connect()
    for name, fields in tables().items():
        columns_sql = ", ".join(f'"{field}" {TYPES[kind]}' for field, kind in fields.items())
        database.sql(f'CREATE TABLE "{name}" ({columns_sql})')
    return database
