"""Command line of the simulated cloud.

simcloud serve --state FOLDER     # until Ctrl-C; prints what the engine needs
simcloud run --state FOLDER -- pulumi preview
simcloud show --state FOLDER      # the resources that exist
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from pulumi_simcloud.harness import SimCloud, engine_environment
from pulumi_simcloud.life import ACCOUNTS, EMPTY, SETTLED
from pulumi_simcloud.server import Provider, start
from pulumi_simcloud.state import State


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; its exit code."""
    args = _parser().parse_args(arguments)
    return args.command(args)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("simcloud", description="a simulated cloud for Pulumi")
    commands = parser.add_subparsers(required=True)
    for name, command, text in (
        ("serve", _serve, "serve until interrupted"),
        ("run", _run, "serve while a command runs"),
        ("show", _show, "list the resources that exist"),
    ):
        sub = commands.add_parser(name, help=text)
        sub.set_defaults(command=command)
        sub.add_argument("--state", type=Path, required=True, help="folder of this cloud's state")
        sub.add_argument("--json", action="store_true", help="print JSON")
        if name in ("serve", "run"):
            sub.add_argument(
                "--open",
                action="store_true",
                help="take what a program refers to and does not make to exist",
            )
            text = "who calls the cloud: a role's ARN, an object id, serviceAccount:EMAIL"
            sub.add_argument("--account", choices=ACCOUNTS, default=SETTLED, help="see SimCloud")
            sub.add_argument("--principal", help=f"{text}; default: somebody who may do everything")
        if name == "serve":
            sub.add_argument(
                "--port", type=int, default=0, help="of the first cloud; default: free ones"
            )
        if name == "run":
            sub.add_argument(
                "--gateway",
                action="append",
                default=[],
                metavar="CLOUD=VARIABLE",
                type=_gateway,
                help="variable that gets the address of the program's own calls (azure, gcp)",
            )
            sub.add_argument("argv", nargs="+", metavar="COMMAND", help="after --")
    return parser


def _gateway(text: str) -> tuple[str, str]:
    cloud, _, variable = text.partition("=")
    if cloud not in ("azure", "gcp") or not variable:
        raise argparse.ArgumentTypeError(f"{text!r} is not azure=VARIABLE or gcp=VARIABLE")
    return cloud, variable


def _serve(args: argparse.Namespace) -> int:
    empty = args.account == EMPTY
    provider = Provider(
        State(args.state), closed=not args.open, principal=args.principal, empty=empty
    )
    servers, ports, _ = start(provider, args.port)
    environment = engine_environment(ports)
    if args.json:
        print(json.dumps({"ports": ports, "environment": environment}), flush=True)
    else:
        lines = [f"export {key}={value}" for key, value in environment.items()]
        print("\n".join(lines), flush=True)
    try:
        servers[0].wait_for_termination()
    except KeyboardInterrupt:
        for server in servers:
            server.stop(None)
    return 0


def _run(args: argparse.Namespace) -> int:
    options = {
        "closed": not args.open,
        "principal": args.principal,
        "account": args.account,
    }
    with SimCloud(args.state, gateways=dict(args.gateway), **options) as cloud:
        return subprocess.call(args.argv, env={**os.environ, **cloud.environment})


def _show(args: argparse.Namespace) -> int:
    with State(args.state).transaction() as transaction:
        rows = transaction.rows()
    if args.json:
        documents = [{"type": row.token, "id": row.id, "outputs": row.outputs} for row in rows]
        print(json.dumps(documents, indent=2))
    else:
        print("\n".join(f"{row.token}  {row.id}" for row in rows) or "the cloud is empty")
    return 0


if __name__ == "__main__":
    sys.exit(main())
