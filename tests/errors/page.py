"""docs/errors.md, made from the table of cases: ``python -m tests.errors.page``."""

from __future__ import annotations

from pathlib import Path

from tests.errors.cases import cases

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "errors.md"
HEAD = """# Errors

Bad input and the sentence it gets; `...` stands for the rest. Nothing is changed by any of them:
bad settings come before any resource is touched, bad tables and model files before any training,
bad bundles before anything is unpacked or registered. Commands exit with 1, requests are answered
with a 4xx. Made by `python -m tests.errors.page`; each line is a test.
"""


def page() -> str:
    """The page as text."""
    groups: dict[str, list[str]] = {}
    for case in cases():
        texts = (case.situation, case.sentence)
        situation, sentence = (text.replace("|", "\\|").replace("\n", "<br>") for text in texts)
        groups.setdefault(case.group, []).append(f"| {situation} | {sentence} |")
    parts = [HEAD]
    for name, lines in groups.items():
        parts.append(f"\n## {name.capitalize()}\n\n| given | sentence |\n|---|---|\n")
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
