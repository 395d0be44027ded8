"""Queries of Azure Monitor by Kusto's reference: what it takes, and what is nearest and refused.

Each rule is called by itself. Names of pages are those of learn.microsoft.com/kusto/query.
"""

from __future__ import annotations

import sys

import pytest
from pulumi_simcloud.rules import kql, kql_clauses
from pulumi_simcloud.rules.kql_functions import function_errors

LIBRARY = pytest.mark.skipif(sys.version_info < (3, 11), reason="duckdb-kql needs Python 3.11")

# Arguments by each function's page; where it says no upper limit, by the signatures of github
# microsoft/Kusto-Query-Language, src/Kusto.Language/Functions.cs and Aggregates.cs.
ARGUMENTS: dict[tuple[int, int | None], str] = {
    (0, 0): "ingestion_time new_guid",
    (0, 1): "count now pack_all rand",
    (1, 1): """
        abs acos ago array_length array_reverse array_sum asin atan avg bag_keys
        base64_decode_tostring base64_encode_tostring binary_not ceiling cos countif dayofmonth
        dayofweek dayofyear degrees exp exp10 exp2 getmonth gettype getyear hourofday
        ipv4_is_private isascii isempty isfinite isinf isnan isnotempty isnotnull isnull isutf8
        log log10 log2 max min monthofyear not parse_json parse_path parse_url parse_urlquery
        parse_version parse_xml radians reverse sign sin sqrt stdev stdevp strlen sum tan
        tobool toboolean todatetime todecimal todouble todynamic toguid toint tolong tolower
        toreal toscalar tostring totimespan toupper treepath unixtime_milliseconds_todatetime
        unixtime_seconds_todatetime url_decode url_encode variance variancep week_of_year
        weekofyear""",
    (1, 2): """
        dcount endofday endofmonth endofweek endofyear hash make_bag make_list make_set round
        startofday startofmonth startofweek startofyear tohex""",
    (1, 4): "make_timespan",
    (1, 6): "make_datetime",
    (1, 64): "array_concat strcat",
    (1, None): "has_any pack_array",
    (2, 2): """
        atan2 avgif bag_has_key bin binary_and binary_or binary_xor column_ifexists
        datetime_part format_datetime format_timespan ipv4_is_in_range maxif minif
        parse_command_line percentile pow repeat set_has_element stdevif strcat_array strcmp
        sumif trim trim_end trim_start varianceif""",
    (2, 3): """
        countof dcountif extract_all extract_json extractjson ipv4_compare range split
        substring""",
    (2, 5): "array_index_of indexof",
    (2, 16): "zip",
    (2, 64): "bag_merge coalesce max_of min_of set_difference set_intersect set_union",
    (2, None): "bag_pack pack percentiles",
    (3, 3): """
        array_slice bin_at datetime_add datetime_diff iff iif replace replace_regex
        replace_string translate""",
    (3, 4): "extract",
    (3, 65): "strcat_delim",
    (3, None): "case",
}


@pytest.mark.parametrize("limits", ARGUMENTS)
def test_a_function_takes_what_its_page_says(limits: tuple[int, int | None]) -> None:
    least, most = limits
    words = f"{least}" if least == most else f"{least} to {most or 'any number of'}"
    for name in ARGUMENTS[limits].split():
        for number in range(67):
            told = list(function_errors(f"T | extend x = {name}({', '.join(['a'] * number)})"))
            fits = least <= number and (most is None or number <= most)
            reason = f"{name}(): has {number} arguments, takes {words}"
            assert told == ([] if fits else [reason]), name


@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("abs(a)", None), ("abs ( a )", None), ("abs(max_of(a, b))", None), ("abs(a[0, 1])", None),
        ('abs(dynamic({"": 1, "": 2}))', None), ("abs(a, b", None), ("now(  )", None),
        ("t.abs(a, b)", None), ("abs()", 0), ("abs( )", 0), ("abs(a, b)", 2),
        ("abs(max_of(a, b), c)", 2), ("abs((a), (b))", 2), ("abs(a[0], {b})", 2),
    ],
)  # fmt: skip
def test_arguments_are_told_from_those_of_calls_within(call: str, number: int | None) -> None:
    told = [] if number is None else [f"abs(): has {number} arguments, takes 1"]
    assert list(function_errors(f"T | extend x = {call}, y = 1, z = 2")) == told


# Functions.cs, Aggregates.cs and "bag_unpack plugin": names that a slip of another one gives too.
@pytest.mark.parametrize(
    "name",
    [
        "around", "arraylength", "bag_unpack", "base64_decodestring", "base64_encodestring",
        "columnifexists", "count_distinct", "count_distinctif", "covariance", "covarianceif",
        "covariancep", "covariancepif", "datetime", "extractall", "ipv4_is_in_any_range",
        "ipv6_compare", "ipv6_is_in_range", "makelist", "makeset", "notempty", "parsejson",
        "parseurl", "parseurlquery", "parsexml", "percentilesw", "percentilew", "replace_strings",
        "timespan", "unixtime_microseconds_todatetime", "unixtime_nanoseconds_todatetime",
        "variancepif", "series_stats", "take_any", "between", "contoso_of_the_workspace",
    ],
)  # fmt: skip
def test_functions_that_there_are_beside_are_taken(name: str) -> None:
    assert kql_clauses.clause_error(f"T | extend x = {name}(a, b)") is None


@pytest.mark.parametrize(
    ("name", "right"),
    [
        # A letter too many, too few, swapped or left out.
        ("dcounts", "dcount"), ("tostrin", "tostring"), ("strcta_delim", "strcat_delim"),
        ("to_string", "tostring"), ("stddev", "stdev"), ("isnotempt", "isnotempty"),
        # "SQL to Kusto cheat sheet" has what other languages call them.
        ("concat", "strcat"), ("substr", "substring"), ("len", "strlen"), ("length", "strlen"),
        ("upper", "toupper"), ("lower", "tolower"), ("datediff", "datetime_diff"),
        ("dateadd", "datetime_add"), ("getdate", "now"), ("nvl", "coalesce"),
        ("ifnull", "coalesce"), ("date_trunc", "startofday"), ("average", "avg"), ("mean", "avg"),
        ("distinct_count", "dcount"), ("regexp", "matches regex"),
    ],
)  # fmt: skip
def test_a_function_that_there_is_not_is_told_with_the_one_meant(name: str, right: str) -> None:
    error = kql_clauses.clause_error
    assert error(f"T | extend x = {name}(a)") == f"Unknown function: {name!r}, is it {right}?"
    # "Let statement": a function of the query's own.
    assert error(f"let {name} = (a: int, b: int) {{ a }}; T | extend x = {name}(a, 1)") is None


@pytest.mark.parametrize(
    ("query", "told"),
    [
        # "join operator", "lookup operator": `on`, after the brackets of the right table.
        ("T | join (U) on x", []), ("T | join (U | where a > 1) on $left.x == $right.y", []),
        ("T | lookup U on x", []), ("T | join (U | join (V) on a) on b | count", []),
        ("let j = T | join (U) on x; j | count", []),
        ("T | join (U)", ["join"]), ("T | lookup (U)", ["lookup"]),
        ("T | count | join U", ["join"]), ("T | join (U | join (V)) on b", ["join"]),
        ("T | join (U | lookup (V) on a)", ["join"]),
        ("let j = T | join (U); T | join (j) on x", ["join"]),
        ("T | join (U | join (V)) | take 1", ["join", "join"]),
        # "Let statement": a function of the query hides one of the language.
        ("let abs = (a: int) { a }; T | extend x = abs(1, 2), y = sign()", ["sign(): has 0"]),
        # "datetime data type".
        ("print datetime(2024-02-29)", []), ("print datetime(2023-12-31 23:59:59)", []),
        ("print datetime(2023-02-29)", ["datetime(2023-02-29)"]),
        ("print datetime (2023-13-01)", ["datetime(2023-13-01)"]),
        ("print datetime(2023-04-31), datetime(2023-00-01)",
         ["datetime(2023-04-31)", "datetime(2023-00-01)"]),
        # "Query statements": a tabular expression is last; "Management commands".
        ("let x = 1; T", []), ("set notruncation; T | count", []), ("T;", []), ("", []),
        (" ; ", []), ("let f = () { T | count };", []), ("let letters = 1; letters", []),
        ("let x = 1", ["has statements"]), ("let x = 1; ", ["has statements"]),
        ("set notruncation;\nlet x = 1;\n", ["has statements"]),
        (".show tables", ["a command"]), ("  .drop table T", ["a command"]),
        ("T | where a.b > 1", []),
    ],
)  # fmt: skip
def test_joins_dates_and_statements(query: str, told: list[str]) -> None:
    errors = sorted(function_errors(query))
    assert len(errors) == len(told)
    assert all(error.startswith(part) for error, part in zip(errors, sorted(told), strict=True))


JOINS = (
    "innerunique, inner, leftouter, rightouter, fullouter, leftanti, anti, leftantisemi, "
    "rightanti, rightantisemi, leftsemi, rightsemi"
)


# "join operator", "lookup operator", "union operator": their kinds, and hints before them.
@pytest.mark.parametrize(
    ("operator", "kinds", "others"),
    [
        ("join", JOINS, ("outer", "left", "cross", "Inner")),
        ("lookup", "leftouter, inner", ("rightouter", "innerunique")),
        ("union", "inner, outer", ("leftouter", "all")),
    ],
)
def test_kinds_of_joins_and_unions(operator: str, kinds: str, others: tuple[str, ...]) -> None:
    for hint in ("", "hint.strategy = broadcast ", "hint.a=b hint.c = d "):
        for kind in kinds.split(", "):
            query = f"T | {operator} {hint}kind={kind} (U) on x"
            assert kql_clauses.clause_error(query) is None, query
        for kind in others:
            query = f"T | {operator} {hint}kind = {kind} (U) on x"
            assert kql_clauses.clause_error(query) == f"{operator} kind={kind}: {kinds}"


# "where operator": a predicate; "Numerical operators" and "String operators" for comparisons.
@pytest.mark.parametrize(
    ("query", "is_right"),
    [
        ("T | where a == 1", True), ("T | filter a == 1", True), ("T | where a != 1", True),
        ("T | where a <= 1 and b >= 2", True), ("T | where a =~ b", True),
        ("T | where a !~ b", True), ("T | where", True), ("T | count", True), ("T |", True),
        # github Azure/azure-monitor-baseline-alerts, services/DesktopVirtualization
        ("T | where a = true", True), ("T | where a =FALSE and b > 1", True),
        ("T | extend where = 1", True), ("T | where a in (b) | extend c = 1", True),
        ("T | extend a = toscalar(U | where b == 1), c = 2", True),
        ("let t = T | where a == 1; let c = 1; t", True), ("T | where a > f(x = 1)", True),
        ("T | where d[a = 1] == {b = 2}", True),
        ("T | where a = 1", False), ("T | filter a = 1", False), ("T | where a = truth", False),
        (f"T | where {'a' * 40} = 1", False),
        ("T | where a == 1 and b = 2", False), ("T | where a in (1, 2) and b = 2", False),
        ("T | where a in ((U)) or d[0] == 1 or x = 1", False), ("T | count | where x = 1", False),
        ("T | where (x = 1)", False), ("T | where a == 1 or (b == 2 and (x = 3))", False),
        ("T | where (a == 1) and f(x = 1)", True), ("T | where a == f(b, (x = 1))", True),
        ("T | where ((a == 1)) and b == 2", True), ("T | where (a == 1) = 2", False),
    ],
)  # fmt: skip
def test_a_value_is_compared_with_two_signs(query: str, is_right: bool) -> None:
    error = kql_clauses.clause_error(query)
    assert error is None if is_right else (error or "").endswith("is compared with ==")
    assert error is None or len(error) <= len(f"where {'a' * 40}: a value is compared with ==")


# learn.microsoft.com, "Create or edit a log search alert rule": limitations of its queries, and of
# those that are asked each minute.
@pytest.mark.parametrize(
    ("query", "sign", "always"),
    [
        ("T | evaluate bag_unpack(d)", "bag_unpack(", True),
        ("T | evaluate narrow ()", "narrow (", True), ("T | evaluate pivot(a)", "pivot(", True),
        ("search a", "search", False), ("union T, U", "union", False),
        ("T | take 1", "take", False), ("T | limit 1", "limit", False),
        ('adx("").T', "adx(", False),
        ("T | where ingestion_time() > ago(1h)", "ingestion_time(", False),
    ],
)  # fmt: skip
def test_the_query_of_an_alert_leaves_things_out(query: str, sign: str, always: bool) -> None:
    reason = f"{sign!r} is not for the query of an alert"
    assert kql.wrong_alert(query, True) == f"{reason} asked each minute"
    assert kql.wrong_alert(query, False) == (reason if always else None)


def test_the_query_of_an_alert_is_read_without_its_texts() -> None:
    for query in ("T | where a == 'pivot(' // take", "T | extend pivot = set_union(a, b), adx = 1",
                  "T | where research > intake"):  # fmt: skip
        assert kql.wrong_alert(query, True) is None and kql.wrong_alert(query, False) is None


# "string data type": literals, verbatim ones and what they escape; "Kusto query" for comments.
@pytest.mark.parametrize(
    ("query", "bare"),
    [
        ("T | where a == 'x'", 'T | where a == ""'), ('a == "it\'s" and b', 'a == "" and b'),
        (r'a == "say \"x\"" and b', 'a == "" and b'), (r"a == 'it\'s' and b", 'a == "" and b'),
        (r"""a == @"C:\" and b == 'c'""", 'a == "" and b == ""'),
        (r"a == @'C:\' and b", 'a == "" and b'), ('a == @"say ""x""" and b', 'a == "" and b'),
        ("T // it's all\n| count", "T \n| count"), ('a == "http://x" and b', 'a == "" and b'),
    ],
)  # fmt: skip
def test_texts_are_emptied_and_comments_go(query: str, bare: str) -> None:
    assert kql._bare(query) == bare


# github MicrosoftDocs/azure-monitor-docs, reference/tables-index.md, microsoft.insights/components
CLASSIC = [
    "availabilityResults", "browserTimings", "customEvents", "customMetrics", "dependencies",
    "exceptions", "pageViews", "performanceCounters", "requests", "traces",
]  # fmt: skip
# "Scalar data types", and columns of the table reference that have them.
TYPES = {"bool": "", "datetime": "", "decimal": "", "dynamic": "", "guid": "", "int": "ItemCount",
         "long": "", "real": "DurationMs", "string": "Name"}  # fmt: skip


@LIBRARY
@pytest.mark.parametrize(
    "query",
    [
        "Heartbeat | where Computer == 'a'", "let hosts = Heartbeat; hosts | count",
        "let heartbeat = Heartbeat; heartbeat | count", "Heartbeat | extend computer = 1 | take 1",
        "let requests = AppRequests; requests | take 1", "Heartbeat | where Computer has \"os\"",
        "Drift_CL | where anything > 1", "AzureDiagnostics | where anything_s == 'a'",
        "Heartbeat | parse Computer with computer '.' rest | where computer == 'a'",
        "Heartbeat | parse Computer with computer| parse OSName with os | where computer == 'a'",
        "Heartbeat | parse-where Computer with * '.' ostype | where ostype == 'a'",
        "Heartbeat | serialize", "Heartbeat | serialize // rows\n| take 1",
        "(Heartbeat | serialize)", "Heartbeat | as heartbeats | take 1",
        "Heartbeat | project OS = strcat(OSType, OSName) | where OS has 'x'",
        "Heartbeat | extend n = contoso(Computer)", "Heartbeat | extend computer = OSType | count",
        # "parse-kv operator"
        "Heartbeat | parse-kv Computer as (a: string) with (pair_delimiter=',', kv_delimiter=':')",
    ],
)  # fmt: skip
def test_queries_of_a_workspace_are_taken(query: str) -> None:
    assert kql.wrong(query) is None


@LIBRARY
@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("Heartbeat | where", "SyntaxError: "), ("Heartbeat | serialized", "SyntaxError: "),
        ("Heartbeat | extend x = abs()", "abs(): has 0 arguments"),
        ("Heartbeat | where Computer == 'a_CL' and Nope == 1", '"Nope" not found'),
        ("Heartbeat | where Computer == 'AzureDiagnostics' | where Nope > 1", '"Nope" not found'),
        ("heartbeat | take 1", "table 'heartbeat': it is called 'Heartbeat'"),
        ("azurediagnostics | take 1", "table 'azurediagnostics': it is called 'AzureDiagnostics'"),
        ("AppTraces | join (heartbeat | take 1) on Type", "table 'heartbeat'"),
        ("union AppTraces, heartbeat | take 1", "table 'heartbeat'"),
        ("Nope | take 1", "Table with name Nope does not exist!"),
        ("Heartbeat | join Nope on Computer", "'Nope' (unknown table"),
        ("Heartbeat | where computer == 'a'", "'computer': the column is called 'Computer'"),
        ("Perf | join (Heartbeat | where ostype == 'a') on Computer", "called 'OSType'"),
        ("Heartbeat | parse OSName with a '.' b | where computer == 'a'", "called 'Computer'"),
        ("Heartbeat | where OSMajorVersion > 5", "Cannot compare values of type VARCHAR"),
        ("heartbeat | parse-kv Computer as (a: string)", "table 'heartbeat'"),
        ("Heartbeat | parse-kv Computer as (a: string) | where a = 1", "compared with =="),
    ],
)  # fmt: skip
def test_what_is_nearest_to_them_is_told(query: str, reason: str) -> None:
    told = kql.wrong(query) or ""
    assert told.startswith(("SyntaxError: ", "SemanticError: ")) and reason in told
    assert "\n" not in told and (reason[:6] == "Syntax") == told.startswith("Syntax")


@LIBRARY
def test_a_component_has_tables_of_its_own() -> None:
    for name in CLASSIC:
        assert kql.wrong(f"{name} | take 1", component=True) is None
        reason = f"table {name!r}: a workspace has it under another name"
        assert reason in (kql.wrong(f"{name} | take 1") or "")
    for name in ("AppRequests", "AzureActivity", "AzureMetrics"):
        assert kql.wrong(f"{name} | take 1", component=True) is None
    assert kql.wrong("let mine = requests; mine | count", component=True) is None
    for name in ("Heartbeat", "AzureDiagnostics"):
        reason = f"table {name!r}: a component has no such table"
        assert reason in (kql.wrong(f"{name} | take 1", component=True) or "")


@LIBRARY
def test_columns_are_known_with_those_that_are_numbers() -> None:
    # "Create or edit a log search alert rule": a measure is a numeric column; a time span is none.
    query = (
        "AppRequests | serialize | project Name, ItemCount, DurationMs, Success, n = strlen(Name), "
        "age = now() - TimeGenerated, Measurements, TimeGenerated | extend half = 0.5"
    )
    numbers = {"ItemCount", "DurationMs", "n", "half"}
    others = {"Name", "Success", "age", "Measurements", "TimeGenerated"}
    assert kql.columns(query) == {**dict.fromkeys(numbers, True), **dict.fromkeys(others, False)}
    assert kql.columns("AppRequests | summarize sum(ItemCount)") == {"sum_ItemCount": True}
    for unknown in ("Drift_CL | take 1", "AzureDiagnostics | take 1", "Heartbeat | where Nope > 1",
                    "Heartbeat | where computer == 'a'", "Heartbeat | extend n = contoso(1)",
                    "Heartbeat | parse-kv Computer as (a: string)"):  # fmt: skip
        assert kql.columns(unknown) is None, unknown


@LIBRARY
def test_each_scalar_type_is_one_of_the_engine() -> None:
    database = kql._database()
    assert kql.TYPES.keys() == TYPES.keys()
    for kind, column in TYPES.items():
        database.sql(f"SELECT CAST(NULL AS {kql.TYPES[kind]})")
        assert not column or kql.tables()["AppRequests"][column] == kind
    assert not {"_source", "#", "of", "Names"} & {*kql.tables(), *kql.other_tables()}


def test_without_the_library_nothing_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kql, "AVAILABLE", False)
    assert kql.wrong("Heartbeat | where !") is kql.columns("Heartbeat | take 2") is None
