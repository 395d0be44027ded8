"""Ten edits of each shipped stack give the comments that are checked in.

`UPDATE_SNAPSHOTS=1 pytest tests/preview/test_edits.py` writes them anew; read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from tests.installed import CLOUDS
from tests.preview.edits import EDITS, NOT_ON_LOCAL, Edited, stable
from tools.preview import checkout, markdown
from tools.preview.base import Base

pytestmark = pytest.mark.engine
SNAPSHOTS = Path(__file__).parent / "snapshots"
STACKS = ("local", *(f"{name}-dev" for name in CLOUDS))
CASES = [
    (stack, edit)
    for stack in STACKS
    for edit in EDITS
    if stack != "local" or edit not in NOT_ON_LOCAL
]


@pytest.fixture(scope="module")
def bases(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], tuple[Edited, Base]]]:
    """Each stack as it is shipped, up on a simulated cloud from its first edit on."""
    with ExitStack() as up:

        @cache
        def base(stack: str) -> tuple[Edited, Base]:
            folder = tmp_path_factory.mktemp(stack)
            project = Edited(folder / "project", stack)
            commit = checkout.resolve(project.path, "main")
            (folder / "base").mkdir()
            preview_base = Base(project.path, stack, commit, "main", folder / "base")
            return project, up.enter_context(preview_base)

        yield base


@pytest.mark.parametrize(("stack", "edit"), CASES)
def test_an_edit_gives_the_comment_that_is_checked_in(
    bases: Callable[[str], tuple[Edited, Base]], stack: str, edit: str
) -> None:
    project, base = bases(stack)
    project.reset()
    EDITS[edit](project)
    comment = stable(markdown.render([base.preview()]))
    file = SNAPSHOTS / stack / f"{edit}.md"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(comment)
    assert comment == file.read_text()
