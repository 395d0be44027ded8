"""The command line `mlops`, the same on every target.

A command is a module of this package with `configure(parser)` and `run(args) -> int`, the exit
code. Only the module of the command given is imported, and none imports pandas or MLflow at
its top, so that status, history, rollback and help answer at once.
"""

from __future__ import annotations

import argparse
import difflib
import errno
import importlib
import json
import shutil
import subprocess
import sys
import textwrap

from training import __version__, clients
from training.errors import UserError
from training.platform import project_root

COMMANDS = {
    "status": "the champion, alarms, the last drift check and the last run",
    "history": "all releases: which version, when, by whom and why",
    "versions": "all registered model versions and their metrics",
    "promote": "make a registered version the champion",
    "export": "write a version to a file, for another stack",
    "import": "register the version in a file from another stack",
    "rollback": "make the version before the champion the champion again",
    "retrain": "run the training pipeline now, or go on with a failed run",
    "drift": "run the drift-check pipeline now; or compare any two tables",
    "runs": "the newest pipeline runs, or one run's steps and logs",
    "captures": "captured requests by their ids, as a drift report names them",
    "logs": "the log of the endpoint's server, or of a run's steps",
    "alerts": "try the receivers of a local stack's alarms, look at them once, or silence one",
    "serve": "the endpoint, the dashboard, the alarms and the schedules of a local stack",
    "console": "the pages of any stack in your browser; with --actions they act, too",
    "ui": "the MLflow UI of a local stack's model registry",
    "replay": "real flights of 2013 through the whole closed loop",
    "step": "one pipeline step on paths, as every target runs it",
}
# The commands as the help lists them, and an example of each for its own help.
GROUPS = {
    "look": (
        "status", "history", "versions", "runs", "logs", "captures", "alerts", "console", "ui"
    ),
    "release": ("promote", "rollback", "export", "import"),
    "train and check": ("retrain", "drift", "step"),
    "run on this computer": ("serve", "replay"),
    "bring up and change a stack, in a clone of the project": (
        "init", "doctor", "preview", "destroy"
    ),
}  # fmt: skip
EXAMPLES = {
    "status": "mlops status --exit-code",
    "history": "mlops history",
    "versions": "mlops versions 7",
    "runs": "mlops runs 20261128t170725590036-training-a0ec",
    "logs": "mlops logs --level warning --follow",
    "captures": "mlops captures 000001.000007-0",
    "alerts": 'mlops alerts silence drift --hours 4 --why "known since Monday"',
    "console": "mlops -s aws-prod console --actions",
    "ui": "mlops ui",
    "promote": 'mlops promote 7 --why "better on March"',
    "rollback": 'mlops rollback --why "too many errors"',
    "export": "mlops export 7 --out champion.tar",
    "import": "mlops -s prod import champion.tar --promote",
    "retrain": 'mlops retrain --why "new prices"',
    "drift": "mlops drift",
    "step": "mlops step prepare --help",
    "serve": "mlops serve --log-format json",
    "replay": "mlops replay",
}
# `import` is a word of the language.
MODULES = {"import": "import_"}
# Commands for who works on the project: they know Pulumi, so they live in the project's `tools`,
# which a deployed package does not have (docs/adr/0005).
PROJECT_COMMANDS = {
    "preview": "what a change would do to stacks: resources, pipelines, cost, policy",
    "destroy": "remove a stack, and say what is kept and why",
    "init": "a new stack file, from a few questions",
    "doctor": "what a stack's target needs and whether it is there",
}


EPILOG = """\
examples (mlops COMMAND --help has one of each):
  mlops status --exit-code                 is all well? for cron, CI, monitoring
  mlops versions 7                         a version, and what changed before it
  mlops logs --level warning               what the server had to say
  mlops promote 7 --why "better on March"  release it
  mlops rollback --why "too many errors"   go back at once

exit codes: 0 done, 1 an error, 2 wrong usage, 130 interrupted; with a meaning
of their own: status --exit-code (3 an alarm, 4 no answer), alerts check (3 an
alarm), drift (3 drift, 4 too few rows), export (3 no champion yet).
Times are UTC. NO_COLOR and FORCE_COLOR are honored; tables fit the terminal,
or COLUMNS."""
# What a full, broken or read-only disk says.
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; 1 for what the user can mend."""
    argv = sys.argv[1:] if argv is None else argv
    _check_command(argv)
    args, remainder = _parser(argv).parse_known_args(argv)
    try:
        if hasattr(args, "tool"):
            return run_tool(args.tool, args.stack, remainder)
        if remainder:
            _parser(argv).error(f"unrecognized arguments: {' '.join(remainder)}")
        return args.run(args)
    except UserError as error:
        return _refused(args, str(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output (`| head`) has seen enough.
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.errno not in OF_THE_DISK:
            raise
        return _refused(args, f"{error.filename or 'a file'} cannot be written: {error.strerror}")
    except Exception as error:
        says = clients.explained(error)
        if says is None:
            raise
        return _refused(args, says)


def _refused(args: argparse.Namespace, message: str) -> int:
    if getattr(args, "json", False):
        print(json.dumps({"error": message}))
    print(f"error: {message}", file=sys.stderr)
    return 1


def _parser(argv: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mlops",
        usage="mlops [-s STACK] [-m MODEL] COMMAND ...",
        description=f"An MLOps platform set up with `pulumi up`: its commands.\n\n{_groups()}",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mlops {__version__}")
    _add_stack_options(parser, None)
    children = parser.add_subparsers(metavar="COMMAND", required=True, help=argparse.SUPPRESS)
    for name, says in COMMANDS.items():
        child = children.add_parser(
            name,
            prog=f"mlops {name}",
            description=says[0].upper() + says[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name in argv:
            module = importlib.import_module(f"training.cli.{MODULES.get(name, name)}")
            _add_stack_options(child, argparse.SUPPRESS)
            module.configure(child)
            codes = textwrap.fill(child.epilog or "", _width())
            child.epilog = f"example: {EXAMPLES[name]}\n\n{codes}".rstrip()
            child.set_defaults(run=module.run)
    for name in PROJECT_COMMANDS:
        child = children.add_parser(name, add_help=False)
        child.set_defaults(tool=name)
    return parser


def _width() -> int:
    return shutil.get_terminal_size().columns - 2


def _groups() -> str:
    """The commands by group, as wide as the terminal."""
    commands = {**COMMANDS, **PROJECT_COMMANDS}
    indent = 2 + max(map(len, commands)) + 2
    lines = []
    for title, names in GROUPS.items():
        lines += ["", f"{title}:"]
        for name in names:
            first = f"  {name}".ljust(indent)
            lines += textwrap.wrap(
                commands[name], max(_width(), indent + 20),
                initial_indent=first, subsequent_indent=" " * indent,
            )  # fmt: skip
    return "\n".join(lines[1:])


def _check_command(argv: list[str]) -> None:
    """End with code 2 if there is no command of the name given, and say which one is near."""
    values = {"-s", "--stack", "-m", "--model"}
    words = [
        word
        for before, word in zip(["", *argv], argv, strict=False)
        if not word.startswith("-") and before not in values
    ]
    names = [*COMMANDS, *PROJECT_COMMANDS]
    if not words or words[0] in names:
        return
    near = difflib.get_close_matches(words[0], names, 1)
    hint = f"did you mean {near[0]}?" if near else "mlops --help lists them"
    print(f"error: there is no command {words[0]!r}; {hint}", file=sys.stderr)
    raise SystemExit(2)


def run_tool(name: str, stack: str | None, arguments: list[str]) -> int:
    """Run `python -m tools.NAME` in the project and return its exit code."""
    root = project_root()
    if not (root / "tools" / name).is_dir():
        raise UserError(f"mlops {name} works in a clone of the project; {root} has no tools/{name}")
    stack_option = ["--stack", stack] if stack else []
    return subprocess.call(
        [sys.executable, "-m", f"tools.{name}", *stack_option, *arguments], cwd=root
    )


def _add_stack_options(parser: argparse.ArgumentParser, default: str | None) -> None:
    """The options that say which stack and model; they may stand before or after the command."""
    parser.add_argument("-s", "--stack", default=default, help="the stack; $MLOPS_STACK or local")
    parser.add_argument("-m", "--model", default=default, help="the model, if there are several")
