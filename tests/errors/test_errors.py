"""Bad input gets its sentence and changes nothing; the page of errors is the table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.errors.cases import Case, cases
from tests.errors.page import PAGE, page
from training.errors import UserError

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=[f"{c.group}: {c.situation}"[:70] for c in CASES])
def test_bad_input_gets_its_sentence(case: Case, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        case.run(tmp_path)
    pattern = ".*".join(re.escape(part) for part in case.sentence.split("..."))
    message = "\n".join(line.strip() for line in str(error.value).splitlines())
    assert re.fullmatch(pattern, message, re.DOTALL), message
    assert not (tmp_path / "out" / "result.json").exists(), "no step came to its end"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    from components import config

    with pytest.raises(UserError) as error:
        config.parse({"target": "mars", "retentionDays": "0", "aproval": "x", "timezone": "Mars"})
    message = str(error.value)
    for key in ("target", "retentionDays", "aproval", "timezone", "data"):
        assert f"mlops:{key}" in message


def test_the_page_of_errors_is_the_table() -> None:
    assert PAGE.read_text() == page()
