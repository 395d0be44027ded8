"""Clauses of KQL that its grammar lets through and its engine does not.

learn.microsoft.com/kusto/query: the operators `where`, `join`, `lookup` and `union`;
learn.microsoft.com, "Create or edit a log search alert rule", for what an alert's query leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pulumi_simcloud.rules.kql_functions import function_errors

JOINS = (
    "innerunique", "inner", "leftouter", "rightouter", "fullouter", "leftanti", "anti",
    "leftantisemi", "rightanti", "rightantisemi", "leftsemi", "rightsemi",
)  # fmt: skip
KINDS = {"join": JOINS, "lookup": ("leftouter", "inner"), "union": ("inner", "outer")}
KIND = re.compile(r"\b(join|lookup|union)\s+(?:hint\.\w+\s*=\s*\w+\s+)*kind\s*=\s*(\w+)")
# A value that is named and is a truth is a test all the same: `where Enabled = true`, as an
# alert has it of github Azure/azure-monitor-baseline-alerts, services/DesktopVirtualization.
ASSIGNED = re.compile(r"(?<![=!<>~])=(?![=~])(?!\s*(?i:true|false)\b)")
# Of every log alert, and of those that are asked each minute.
LEFT_OUT = re.compile(r"\b(?:bag_unpack|narrow|pivot)\s*\(")
EACH_MINUTE = re.compile(r"\b(?:search|union|take|limit)\b|\b(?:ingestion_time|adx)\s*\(")


# Functions of other languages that Kusto has by another name, or not at all.
FOREIGN = {
    "concat": "strcat", "substr": "substring", "len": "strlen", "length": "strlen",
    "upper": "toupper", "lower": "tolower", "datediff": "datetime_diff",
    "dateadd": "datetime_add", "getdate": "now", "nvl": "coalesce", "ifnull": "coalesce",
    "date_trunc": "startofday", "average": "avg", "mean": "avg", "distinct_count": "dcount",
    "regexp": "matches regex",
}  # fmt: skip
CALLED = re.compile(r"\b([a-z_]\w*)\s*\(")


def clause_error(bare: str) -> str | None:
    """What is wrong with a query whose texts and comments have been taken out."""
    return next(_errors(bare), None)


def _errors(bare: str) -> Iterator[str]:
    for name in CALLED.findall(bare):
        if name in FOREIGN and not re.search(rf"\blet\s+{name}\b", bare):
            yield f"Unknown function: {name!r}, is it {FOREIGN[name]}?"
    yield from function_errors(bare)
    for operator, kind in KIND.findall(bare):
        if kind not in KINDS[operator]:
            yield f"{operator} kind={kind}: {', '.join(KINDS[operator])}"
    for part in bare.split("|")[1:]:
        words = part.strip().split(None, 1)
        tests = words[1] if len(words) > 1 and words[0] in ("where", "filter") else ""
        if ASSIGNED.search(_outside(tests)):
            yield f"where {tests.strip()[:40]}: a value is compared with =="


# Brackets behind one of these hold a part of the test itself, and no arguments or table.
GROUP = re.compile(r"(?:^|\b(?:and|or))\s*$")


def _outside(text: str) -> str:
    """A text without what stands in its brackets, but for those that hold a part of a test."""
    kept, within = "", []
    for sign in text:
        if sign in "([{":
            within.append(all(within) and bool(GROUP.search(kept)))
            sign = ""
        elif sign in ")]}":
            if not within:
                break
            sign = " group" if within.pop() else ""
        elif sign == ";":
            break
        if all(within):
            kept += sign
    return kept


def alert_error(bare: str, every_minute: bool) -> str | None:
    """What an alert's query must not have."""
    match = LEFT_OUT.search(bare) or (every_minute and EACH_MINUTE.search(bare))
    if not match:
        return None
    where = "an alert asked each minute" if every_minute else "an alert"
    return f"{match.group(0).strip()!r} is not for the query of {where}"
