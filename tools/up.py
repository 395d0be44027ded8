"""A local stack and a year of real flights through it: `make up`.

On a terminal Pulumi's tree and each month show as they come. Else there is a line for what is done,
on standard error, and the result last: how long it took and what there is now, then the months.
Whatever fails is shown whole.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence

from tools.progress import SetupError, step
from training import clock
from training.cli import replay
from training.platform import open_platform


def main(arguments: list[str] | None = None) -> int:
    """Bring the stack up and replay the year; 1 if that fails."""
    parser = argparse.ArgumentParser(prog="tools.up", description=__doc__)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--since", type=float, default=time.time(), help="when it all began")
    args, options = parser.parse_known_args(arguments)
    try:
        with step("flights of 2013"):
            output_of(["mlops", "replay", "--prepare"])
        output_of(["pulumi", "stack", "select", "--create", args.stack])
        run_year = _run_openly if sys.stdout.isatty() else _run_briefly
        run_year(args.stack, options, args.since)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _run_openly(stack: str, options: Sequence[str], since: float) -> None:
    """Let both programs print by themselves."""
    for command in (_bring_up(stack, options), ["mlops", "replay", "--stack", stack]):
        if subprocess.call(command) != 0:
            raise SetupError(f"{' '.join(command[:2])} failed")
    print(f"\n{_total(since)}")


def _run_briefly(stack: str, options: Sequence[str], since: float) -> None:
    """Print the result alone, and beside it what is being done."""
    with step(f"stack {stack}") as progress:
        output = output_of([*_bring_up(stack, options), "--suppress-progress", "--color", "never"])
        progress.result = changes(output)
    print(diagnostics(output), end="", file=sys.stderr)
    command = ["mlops", "replay", "--stack", stack, "--json"]
    year = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if year.returncode != 0:
        raise SetupError("mlops replay failed")
    result, platform = json.loads(year.stdout), open_platform(stack)
    print(_total(since))
    replay.show_result(platform, platform.model(None), result["months"], result["mean_gain"])
    print("", replay.HEADINGS, *replay.rows(result["months"]), sep="\n")


def _bring_up(stack: str, options: Sequence[str]) -> list[str]:
    policies = ["--policy-pack", "policy/analyzer"]
    return ["pulumi", "up", "--stack", stack, *policies, "--suppress-outputs", *options]


def _total(since: float) -> str:
    return f"done in {clock.duration(time.time() - since)}"


def output_of(command: Sequence[str]) -> str:
    """All that a command prints; raises SetupError with it, whole, if it fails.

    At an interrupt, which the command gets too, it is waited for: Pulumi leaves no locked stack.
    """
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate()
    except KeyboardInterrupt:
        process.wait()
        raise
    if process.returncode != 0:
        raise SetupError(f"{output.rstrip()}\n{' '.join(command[:2])} failed")
    return output


def changes(output: str) -> str:
    """The resources of an update in a line, such as ``24 created``, from what Pulumi printed."""
    summary = output.partition("\nResources:\n")[2].partition("\n\n")[0]
    return ", ".join(re.findall(r"^ +(?:\S+ )?(\d+ .+)$", summary, re.MULTILINE))


def diagnostics(output: str) -> str:
    """The warnings of an update; empty if there are none."""
    warnings = re.search(r"^Diagnostics:\n.*?\n\n(?=\S)", output, re.MULTILINE | re.DOTALL)
    return warnings[0] if warnings else ""


if __name__ == "__main__":
    sys.exit(main())
