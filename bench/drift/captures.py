"""A drift check's reading of captures on AWS, whatever has been kept.

    python -m bench.drift.captures -o captures.json

A store with one day of captures and one with many days, of the same requests a day, are read for a
window of one day: alone, and as each of several instances would. The store stands in a process of
its own that answers S3's ListObjectsV2 and GetObject; an object is what the container's capture
writes in ten seconds. Seconds and memory are those of whole processes.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from bench.drift.speed import medians

END = datetime(2026, 3, 1, tzinfo=timezone.utc)
PREFIX = "models/toys/captures/toys/main"
PAGE = 1000
SECONDS = 10
NUMBERS = [f"x{number}" for number in range(12)]
READ = """
import sys
from datetime import datetime
from training.captures import aws
from training.captures.part import Part
source, since, until, part, columns = sys.argv[1:]
inputs = [{"name": name, "kind": "number"} for name in columns.split(",")]
since, until = map(datetime.fromisoformat, (since, until))
files = aws.window(source, since, until, {"version": 1, "inputs": inputs}, Part.parse(part))
assert files
"""


def body(hour: datetime, number: int, lines: int) -> bytes:
    """One object: `lines` requests of one row, as `training.scoring.aws_capture` writes them."""
    at = hour + timedelta(seconds=SECONDS * number)
    instance = {name: 0.5 + index + number for index, name in enumerate(NUMBERS)}
    answer = {"predictions": ["on time"], "scores": [0.25], "version": 1, "request_id": "r" * 32}
    line = {
        "captureData": {
            "endpointInput": _captured(json.dumps({"instances": [instance]}).encode()),
            "endpointOutput": _captured(json.dumps(answer).encode()),
        },
        "eventMetadata": {"eventId": "e" * 36, "inferenceTime": at.isoformat()},
        "eventVersion": "0",
    }
    return (json.dumps(line) + "\n").encode() * lines


def _captured(content: bytes) -> dict[str, str]:
    return {
        "observedContentType": "application/json",
        "mode": "INPUT",
        "data": base64.b64encode(content).decode(),
        "encoding": "BASE64",
    }


def serve(days: int, lines: int) -> None:
    """Answer as S3 would of a bucket with `days` days of captures; prints its port."""
    first, objects = END - timedelta(days=days), 3600 // SECONDS
    hours = [first + timedelta(hours=hour) for hour in range(24 * days)]
    keys = [
        f"{PREFIX}/{hour:%Y/%m/%d/%H}/{number:03d}.jsonl"
        for hour in hours
        for number in range(objects)
    ]

    class Bucket(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            if "list-type" in query:
                self._answer(_key_page(keys, query))
                return
            *_, year, month, day, hour, name = url.path.split("/")
            at = datetime(int(year), int(month), int(day), int(hour), tzinfo=timezone.utc)
            self._answer(body(at, int(name.split(".")[0]), lines))

        def _answer(self, content: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def _key_page(keys: list[str], query: dict[str, str]) -> bytes:
    """A page of ListObjectsV2."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter")
    after = query.get("continuation-token", "")
    names = (key for key in keys if key.startswith(prefix))
    if delimiter:
        folders = (prefix + key[len(prefix) :].split(delimiter)[0] + delimiter for key in names)
        names = iter(sorted(set(folders)))
    remainder = [name for name in names if name > after]
    page, tag = remainder[:PAGE], ("CommonPrefixes", "Prefix") if delimiter else ("Contents", "Key")
    entries = "".join(f"<{tag[0]}><{tag[1]}>{escape(n)}</{tag[1]}></{tag[0]}>" for n in page)
    more = len(remainder) > PAGE
    token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
    return (
        f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}"
        "</ListBucketResult>"
    ).encode()


@contextmanager
def _store(days: int, lines: int) -> Iterator[str]:
    """The address of a store in a process of its own."""
    command = [sys.executable, "-m", "bench.drift.captures", "--serve", f"{days},{lines}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def _reading(address: str, part: str) -> list[str]:
    since = (END - timedelta(days=1)).isoformat()
    arguments = [f"s3://bucket/{PREFIX.rsplit('/', 2)[0]}", since, END.isoformat(), part]
    environment = [f"AWS_ENDPOINT_URL={address}", "AWS_ACCESS_KEY_ID=a", "AWS_REGION=eu-central-1"]
    environment += ["AWS_SECRET_ACCESS_KEY=b"]
    return ["env", *environment, sys.executable, "-c", READ, *arguments, ",".join(NUMBERS)]


def main() -> None:
    """Read in turns, and write what each way took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30, help="days of the larger store")
    parser.add_argument("--rows", type=int, default=333_000, help="requests a day")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    if args.serve:
        serve(*map(int, args.serve.split(",")))
        return
    lines = max(1, args.rows * SECONDS // 86_400)
    lines_a_day = lines * 86_400 // SECONDS
    with _store(1, lines) as small, _store(args.days, lines) as large:
        commands = {
            f"{lines_a_day:,} kept": _reading(small, "1/1"),
            f"{lines_a_day * args.days:,} kept": _reading(large, "1/1"),
            f"{lines_a_day * args.days:,} kept, one of 4 instances": _reading(large, "1/4"),
        }
        runs = medians(commands, args.rounds)
    for name, run in runs.items():
        print(f"{name:42} {run.seconds:6.1f} s {run.megabytes:6.0f} MB")
    if args.output:
        args.output.write_text(json.dumps({name: vars(run) for name, run in runs.items()}))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
