"""Command line of previews; `mlops preview` passes its arguments here.

mlops preview aws-prod --base origin/main      # no credentials: against a simulated cloud
mlops preview aws-prod                         # with credentials: against the real state
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.preview import checkout, markdown, text
from tools.preview.document import document
from tools.preview.model import StackPreview
from tools.preview.run import against_base, against_state, all_stacks
from training.errors import UserError
from training.platform import default_stack, project_root

RENDERERS = {"markdown": markdown.render, "text": text.render, "json": document}


def main(arguments: list[str] | None = None) -> int:
    """Preview stacks and print the result; 1 if a stack has no preview or breaks a policy."""
    args = _parser().parse_args(arguments)
    try:
        root = project_root()
        stacks = [*args.stacks, *args.chosen] or [default_stack()]
        stacks = all_stacks(root) if args.all else stacks
        if args.base:
            previews = against_base(root, stacks, args.base)
        else:
            previews = against_state(root, stacks, args.option)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    form = "json" if args.json else args.format
    if form == "markdown":
        rendered = markdown.render(previews, args.head or checkout.head(root))
    else:
        rendered = RENDERERS[form](previews)
    if args.out:
        args.out.write_text(rendered)
    else:
        print(rendered, end="")
    refused = any(preview.errors or _breaks_policy(preview) for preview in previews)
    return int(refused)


def _breaks_policy(preview: StackPreview) -> bool:
    return any(finding.mandatory for finding in preview.findings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mlops preview", description="What a change would do.")
    parser.add_argument("stacks", nargs="*", metavar="STACK", help="default: $MLOPS_STACK or local")
    parser.add_argument(
        "-s", "--stack", dest="chosen", action="append", default=[], help="the same, by an option"
    )
    parser.add_argument("--all", action="store_true", help="every stack that has a file")
    parser.add_argument(
        "--base", help="compare with this revision on a simulated cloud, without credentials"
    )
    parser.add_argument(
        "--head", help="the revision to name as previewed, if it is not the one checked out"
    )
    parser.add_argument("--format", choices=sorted(RENDERERS), default="text")
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    parser.add_argument("--out", type=Path, help="write to this file instead of printing")
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        help="passed on to `pulumi preview`, such as --option=--refresh",
    )
    return parser
