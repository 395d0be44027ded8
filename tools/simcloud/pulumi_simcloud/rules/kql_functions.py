"""Functions and statements of KQL that its grammar lets through and its engine does not.

learn.microsoft.com/kusto/query: each function's own page says how many arguments it takes; "join
operator", "lookup operator", "let statement", "datetime data type". Where a page says no upper
limit, the signatures of github microsoft/Kusto-Query-Language, Functions.cs and Aggregates.cs, do.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import date

# Name to the least and the most arguments; None for any number.
ARITIES: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(
        (
            "abs", "acos", "ago", "array_length", "array_reverse", "array_sum", "asin", "atan",
            "avg", "bag_keys", "base64_decode_tostring", "base64_encode_tostring", "binary_not",
            "ceiling", "cos", "dayofmonth", "dayofweek", "dayofyear", "degrees",
            "exp", "exp10", "exp2", "getmonth", "getyear", "hourofday", "isascii",
            "isempty", "isfinite", "isinf", "isnan", "isnotempty", "isnotnull", "isnull", "isutf8",
            "log", "log10", "log2", "max", "min", "monthofyear", "not", "parse_json", "parse_url",
            "parse_urlquery", "parse_version", "parse_xml", "radians", "reverse", "sign", "sin",
            "sqrt", "stdev", "stdevp", "strlen", "sum", "tan", "tobool", "toboolean",
            "todatetime", "todecimal", "todouble", "todynamic", "toguid", "toint",
            "tolong", "tolower", "toreal", "toscalar", "tostring", "totimespan", "toupper",
            "unixtime_seconds_todatetime", "unixtime_milliseconds_todatetime", "url_decode",
            "url_encode", "variance", "variancep", "weekofyear", "week_of_year", "parse_path",
            "countif", "gettype",
        ),
        (1, 1),
    ),
    **dict.fromkeys(
        (
            "bin", "binary_and", "binary_or", "binary_xor", "datetime_part", "format_datetime",
            "format_timespan", "percentile", "pow", "sumif", "avgif", "minif",
            "maxif", "stdevif", "varianceif", "trim", "trim_start", "trim_end",
            "set_has_element", "atan2", "parse_command_line",
        ),
        (2, 2),
    ),
    **dict.fromkeys(("iff", "iif", "datetime_add", "datetime_diff", "replace_string"), (3, 3)),
    **dict.fromkeys(("replace_regex", "replace", "bin_at"), (3, 3)),
    **dict.fromkeys(
        ("startofday", "startofweek", "startofmonth", "startofyear", "endofday", "endofweek",
         "endofmonth", "endofyear", "dcount", "make_list", "make_set", "make_bag", "round",
         "tohex"),
        (1, 2),
    ),
    "array_concat": (1, 64), "array_index_of": (2, 5), "array_slice": (3, 3),
    "bag_has_key": (2, 2), "bag_merge": (2, 64), "bag_pack": (2, None), "case": (3, None),
    "coalesce": (2, 64), "column_ifexists": (2, 2), "count": (0, 1), "countof": (2, 3),
    "dcountif": (2, 3), "extract": (3, 4), "extract_all": (2, 3), "extract_json": (2, 3),
    "extractjson": (2, 3), "hash": (1, 2), "indexof": (2, 5), "ingestion_time": (0, 0),
    "ipv4_is_in_range": (2, 2), "ipv4_is_private": (1, 1), "make_datetime": (1, 6),
    "make_timespan": (1, 4), "max_of": (2, 64), "min_of": (2, 64), "new_guid": (0, 0),
    "now": (0, 1), "pack": (2, None), "pack_all": (0, 1), "pack_array": (1, None),
    "percentiles": (2, None), "rand": (0, 1), "range": (2, 3), "repeat": (2, 2),
    "set_difference": (2, 64), "set_intersect": (2, 64), "set_union": (2, 64),
    "split": (2, 3), "strcat": (1, 64), "strcat_array": (2, 2), "strcat_delim": (3, 65),
    "strcmp": (2, 2), "substring": (2, 3), "translate": (3, 3), "treepath": (1, 1),
    "zip": (2, 16), "has_any": (1, None), "ipv4_compare": (2, 3),
}  # fmt: skip
# Further names, so like one of those above that they would be taken for it; older ones too.
NEIGHBOURS = frozenset((
    "around", "arraylength", "bag_unpack", "base64_decodestring", "base64_encodestring",
    "columnifexists", "covariance", "covarianceif", "covariancep", "covariancepif", "datetime",
    "extractall", "ipv4_is_in_any_range", "ipv6_compare", "ipv6_is_in_range", "makelist",
    "makeset", "notempty", "parsejson", "parseurl", "parseurlquery", "parsexml", "percentilesw",
    "percentilew", "replace_strings", "timespan", "unixtime_microseconds_todatetime",
    "unixtime_nanoseconds_todatetime", "variancepif",
))  # fmt: skip
CALL = re.compile(r"(?<![\w.])([a-z_]\w*)\s*\(")
# How alike two names are: of a function that there is with a letter too many, too few or swapped.
NEAR = 0.88
DATE = re.compile(r"\bdatetime\s*\(\s*(\d{4})-(\d\d)-(\d\d)")
STATEMENT = re.compile(r"\s*(let|set|declare|alias|restrict)\b")


def function_errors(bare: str) -> Iterator[str]:
    """What is wrong with a query whose texts are empty and whose comments are gone."""
    if bare.lstrip().startswith("."):
        yield "a command of management is no query"
    own = set(re.findall(r"\blet\s+(\w+)\b", bare))
    for match in CALL.finditer(bare):
        name = match[1]
        if name in own:
            continue
        if name not in ARITIES and name not in NEIGHBOURS:
            near = difflib.get_close_matches(name, ARITIES, 1, NEAR)
            if near:
                yield f"Unknown function: {name!r}, is it {near[0]}?"
        arity, arguments = ARITIES.get(name), _arguments(bare, match.end())
        if arity is None or arguments is None:
            continue
        least, most = arity
        if arguments < least or (most is not None and arguments > most):
            words = f"{least}" if least == most else f"{least} to {most or 'any number of'}"
            yield f"{name}(): has {arguments} arguments, takes {words}"
    yield from _joined(bare)
    for year, month, day in DATE.findall(bare):
        try:
            date(int(year), int(month), int(day))
        except ValueError:
            yield f"datetime({year}-{month}-{day}) is no date"
    statements = [part for part in re.split(r";", bare) if part.strip()]
    if statements and all(STATEMENT.match(part) for part in statements) and "{" not in bare:
        yield "has statements alone, and no tabular expression at its end"


def _arguments(bare: str, start: int) -> int | None:
    """The number of arguments of a call, None if it is not closed."""
    depth, commas, empty = 1, 0, True
    for sign in bare[start:]:
        if sign in ")]}":
            depth -= 1
            if depth == 0:
                return 0 if empty else commas + 1
        elif sign in "([{":
            depth += 1
        elif sign == "," and depth == 1:
            commas += 1
        empty = empty and sign.isspace()
    return None


def _joined(bare: str) -> Iterator[str]:
    """A join says the columns that it is on, where its brackets are over."""
    groups, text = [], bare
    while match := re.search(r"\(([^()]*)\)", text):
        groups.append(match[1])
        text = f"{text[: match.start()]} _ {text[match.end() :]}"
    for group in (*groups, text):
        for part in re.split(r"[|;]", group)[1:]:
            words = re.match(r"\s*(join|lookup)\b", part)
            if words and not re.search(r"\bon\b", part):
                yield f"{words[1]} says no column that it is on"
