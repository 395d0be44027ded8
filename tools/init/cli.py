"""Command line of a new stack.

mlops init                                        # asks
mlops init --target aws --stack aws-dev --data s3://b/t/ --target-column churned ...
"""

from __future__ import annotations

import argparse
import json
import sys

from components import targets
from tools.init import stackfile
from tools.init.questions import every, questions_for
from training.errors import UserError
from training.platform import project_root


def main(arguments: list[str] | None = None) -> int:
    """Write a stack file and say what to do next; 1 if it would not be accepted."""
    args = vars(_parser().parse_args(arguments))
    try:
        answers = {key.replace("_", "-"): value for key, value in args.items() if value}
        if sys.stdin.isatty():
            _ask(answers)
        target = answers.get("target", "")
        if target not in targets.names():
            allowed = ", ".join(targets.names())
            raise UserError(f"--target: {target!r} is not allowed; allowed: {allowed}")
        stack = answers.get("stack") or ("local" if target == "local" else f"{target}-dev")
        config = stackfile.config(target, answers)
        stackfile.check(config, stack)
        file = stackfile.write(project_root(), stack, config, bool(args["force"]))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    following = [f"pulumi stack init {stack}", f"make deploy STACK={stack}"]
    if args["json"]:
        print(json.dumps({"stack": stack, "file": str(file), "next": following}))
    else:
        print(f"wrote {file}; what it needs: mlops doctor {stack}\nnext:")
        print("\n".join(f"  {command}" for command in following))
    return 0


def _ask(answers: dict[str, str]) -> None:
    """Ask for what no flag gave; an empty line takes the default."""
    if "target" not in answers:
        answers["target"] = (
            input(f"target ({', '.join(targets.names())}) [local]: ").strip() or "local"
        )
    for question in questions_for(answers["target"]):
        if question.flag not in answers:
            hint = f" [{question.default}]" if question.default else ""
            answers[question.flag] = input(f"{question.text}{hint}: ")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mlops init", description="Write the file of a new stack.")
    parser.add_argument("-s", "--stack", help="its name; default: TARGET-dev, or local")
    parser.add_argument("--target", help=f"where it runs: {', '.join(targets.names())}")
    for flag in dict.fromkeys(question.flag for question in every()):
        questions = [question for question in every() if question.flag == flag]
        parser.add_argument(f"--{flag}", help=questions[0].text)
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
