"""CSV files as Arrow: the kind of each column by all of its values, and their conversion.

Every value is read as text. A first pass over the file decides what each column holds, so that it
does not depend on blocks, files or a library's guess; a second one converts. The rules are those
of docs/data.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from training import number_text, table_files
from training.arrow_table import TEXT_BLOCK, Arrays, Part, Table, arrays_of
from training.errors import UserError

TRUE_WORDS, FALSE_WORDS = ("true", "True", "TRUE"), ("false", "False", "FALSE")
# A leading zero makes a code of it (a postal code), not a number; so does an underscore.
_NUMBER = r"^[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_CODE = r"^[+-]?0[0-9]"
_INFINITY = f"^{number_text.INFINITY}$"
_COMMA_NUMBER = f"^{number_text.COMMA_NUMBER}$"
_DATE = r"^[0-9]{4}-[01][0-9]-[0-3][0-9]"
_CLOCK = r"(?:[ T][0-2][0-9]:[0-5][0-9](?::[0-6][0-9](?:\.[0-9]{1,9})?)?)"
_ZONE = r"(?:Z| ?[+-][0-2][0-9]:?[0-5][0-9])$"
_MOMENT = _DATE + _CLOCK + r"?(?:Z| ?[+-][0-2][0-9]:?[0-5][0-9])?$"
_UNCLEAR = f"^(?:[0-9]+|{number_text.UNCLEAR_NUMBER})$"
_TIME_OF_DAY = f"^{number_text.TIME_OF_DAY}$"

# What a column of text holds, in the order in which it is tried.
NUMBER, COMMA_NUMBER, TRUTH, MOMENT, TIME_OF_DAY, TEXT = (
    "number",
    "comma number",
    "truth",
    "moment",
    "time of day",
    "text",
)
# Of a column of comma numbers, none of which tells whether the comma parts thousands.
UNCLEAR = "unclear"
TYPES = {
    NUMBER: pa.float64(),
    COMMA_NUMBER: pa.float64(),
    TRUTH: pa.bool_(),
    MOMENT: pa.timestamp("us"),
    TIME_OF_DAY: pa.float64(),
    TEXT: pa.string(),
}
# The content of a column whose kind was decided before.
CONTENT_OF_KIND = {"numeric": NUMBER, "boolean": TRUTH, "datetime": MOMENT, "categorical": TEXT}


def csv_table(path: Path, kinds: Mapping[str, str]) -> Table:
    """A CSV file as a table.

    A column whose kind is in `kinds` has that kind if its values allow it, else the one that they
    allow: text, in the end.
    """
    names = table_files.csv_header(path)
    if not names:
        raise UserError(f"data {str(path)!r} has no header line")
    contents = _contents(path, names, kinds)
    types = {name: TYPES[content] if content else pa.null() for name, content in contents.items()}

    def read(columns: Sequence[str]) -> Iterator[Arrays]:
        for texts in _texts(path, names, columns):
            yield {name: converted(texts[name], contents[name]) for name in columns}

    def parts(columns: Sequence[str], beside: str | None) -> list[Part]:
        further = [] if beside is None or beside in columns else [beside]
        return [Part(tuple(columns), partial(read, [*columns, *further]))]

    return Table(str(path), types, None, parts, read)


def converted(texts: pa.Array, content: str | None) -> pa.Array:
    """Text as what it holds; a text that is no such value is null."""
    if content is None:
        return pa.nulls(len(texts))
    if content == TEXT:
        return texts
    if content == NUMBER:
        with suppress(pa.ArrowInvalid):  # spaces, or texts that are no numbers
            return texts.cast(pa.float64())
    texts = pc.utf8_trim_whitespace(texts)
    if content == TRUTH:
        truth = pc.is_in(texts, pa.array(TRUE_WORDS))
        is_truth = pc.is_in(texts, pa.array(TRUE_WORDS + FALSE_WORDS))
        return pc.if_else(is_truth, truth, pa.scalar(None, pa.bool_()))
    if content == COMMA_NUMBER:
        texts = pc.replace_substring(texts, ",", ".")
    if content in (NUMBER, COMMA_NUMBER):
        return _numbers(texts)
    if content == TIME_OF_DAY:
        seconds = [t if t is None else number_text.seconds(t) for t in texts.to_pylist()]
        return pa.array(seconds, pa.float64())
    return moments(texts)


def moments(texts: pa.Array) -> pa.Array:
    """ISO 8601 dates and times as timestamps in UTC; without a zone they are taken as UTC."""
    texts = _only(texts, _MOMENT)
    zoned = pc.fill_null(pc.match_substring_regex(texts, _CLOCK + _ZONE), False)
    if not pc.any(zoned).as_py():
        return texts.cast(pa.timestamp("us"))
    null = pa.scalar(None, pa.string())
    plain = pc.if_else(zoned, null, texts).cast(pa.timestamp("us"))
    compact = pc.replace_substring_regex(texts, r" ?([+-][0-9]{2}):?([0-9]{2})$", r"\1:\2")
    utc = pc.if_else(zoned, compact, null).cast(pa.timestamp("us", "UTC"))
    return pc.coalesce(plain, utc.cast(pa.timestamp("us")))


def _contents(path: Path, names: list[str], kinds: Mapping[str, str]) -> dict[str, str | None]:
    """Content of each column, by all of its values; None for one without any."""
    candidates = {name: _candidates(kinds.get(name)) for name in names}
    is_empty = dict.fromkeys(names, True)
    # In a file with other characters between columns a comma is the decimal one, if it is a number.
    is_plain = table_files.csv_delimiter(path) != ","
    has_decimals = {name: is_plain and name in kinds for name in names}
    unsettled = names
    while unsettled:
        late: set[str] = set()
        for texts in _texts(path, names, unsettled):
            for name, array in texts.items():
                if array.null_count == len(array):
                    continue
                before = candidates[name][0]
                while not _holds(array, candidates[name][0]):
                    candidates[name].pop(0)
                content = candidates[name][0]
                # Blocks that came before have to be such values as well.
                if content not in (before, TEXT) and not is_empty[name]:
                    late.add(name)
                is_empty[name] = False
                if content == COMMA_NUMBER and not has_decimals[name]:
                    has_decimals[name] = not _matches(pc.utf8_trim_whitespace(array), UNCLEAR)
        unsettled = [name for name in names if name in late]
    for name, contents in candidates.items():
        if contents[0] == COMMA_NUMBER and not has_decimals[name]:
            candidates[name] = [TEXT]
    decided = {name: kinds.get(name) for name in names}
    return {
        name: None
        if is_empty[name] and decided[name] not in CONTENT_OF_KIND
        else candidates[name][0]
        for name in names
    }


def _candidates(kind: str | None) -> list[str]:
    if kind == "categorical":
        return [TEXT]
    if kind == "numeric":
        return [NUMBER, COMMA_NUMBER, TIME_OF_DAY, TEXT]
    if kind in CONTENT_OF_KIND:
        return [CONTENT_OF_KIND[kind], TEXT]
    return [NUMBER, TRUTH, MOMENT, TIME_OF_DAY, COMMA_NUMBER, TEXT]


def _holds(texts: pa.Array, content: str) -> bool:
    """True if every text is such a value, or missing."""
    if content == TEXT:
        return True
    return _matches(texts, content) or _matches(pc.utf8_trim_whitespace(texts), content)


def _matches(texts: pa.Array, content: str) -> bool:
    if content == TRUTH:
        matches = pc.is_in(texts, pa.array((*TRUE_WORDS, *FALSE_WORDS, None), pa.string()))
    elif content == NUMBER:
        if _is_cast(texts):
            return not pc.any(pc.match_substring_regex(texts, _CODE)).as_py()
        matches = pc.match_substring_regex(texts, f"{_NUMBER}|{_INFINITY}")
    else:
        pattern = {
            COMMA_NUMBER: _COMMA_NUMBER,
            UNCLEAR: _UNCLEAR,
            MOMENT: _MOMENT,
            TIME_OF_DAY: _TIME_OF_DAY,
        }[content]
        matches = pc.match_substring_regex(texts, pattern)
    if not pc.all(matches).as_py():
        return False
    if content == MOMENT:  # of the right form, and there is such a day
        try:
            moments(texts)
        except pa.ArrowInvalid:
            return False
    return True


def _is_cast(texts: pa.Array) -> bool:
    """True if Arrow takes all texts for numbers: faster than a pattern, and nearly the same."""
    try:
        texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _numbers(texts: pa.Array) -> pa.Array:
    texts = pc.replace_substring_regex(texts, r"^\+", "")  # which Arrow does not take
    return _only(texts, f"{_NUMBER}|{_INFINITY}").cast(pa.float64())


def _only(texts: pa.Array, pattern: str) -> pa.Array:
    """The texts of a form; null for others."""
    return pc.if_else(pc.match_substring_regex(texts, pattern), texts, pa.scalar(None, pa.string()))


def _texts(path: Path, names: list[str], columns: Sequence[str]) -> Iterator[Arrays]:
    """The file's columns as text, in batches."""
    from pyarrow import csv

    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise UserError(f"data {str(path)!r} has more than one column named {', '.join(repeated)}")
    positions = {name: f"f{number}" for number, name in enumerate(names)}
    _, compression = table_files.format_of(path) or (None, None)
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(positions.values(), pa.string()),
        include_columns=[positions[name] for name in columns],
        null_values=list(table_files.MISSING_WORDS),
        strings_can_be_null=True,
    )
    options: dict[str, Any] = {
        "read_options": csv.ReadOptions(
            use_threads=False,
            block_size=TEXT_BLOCK,
            column_names=list(positions.values()),
            skip_rows_after_names=1,
            encoding="utf8" if table_files.encoding_of(path) != "utf-16" else "utf16",
        ),
        "parse_options": csv.ParseOptions(
            delimiter=table_files.csv_delimiter(path), newlines_in_values=True
        ),
        "convert_options": convert,
    }
    with table_files.reading(path), pa.input_stream(str(path), compression=compression) as stream:
        reader = csv.open_csv(stream, **options)
        for batch in reader:
            arrays = arrays_of(batch)
            yield {name: arrays[positions[name]] for name in columns}
