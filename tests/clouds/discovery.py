"""A server whose requests and answers are checked with Google's discovery documents.

A request comes as ``/HOST/PATH``, as `training.clients.gcp` sends them to a gateway. It has to be a
method of the API at that host, with parameters and a body that the document has; so has the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pulumi_simcloud.constraints.discovery import check_json, discovery
from pulumi_simcloud.planes import Handler

# Hosts, and the documents of the versions of their API that are called.
DOCUMENTS = (
    (r"storage\.googleapis\.com", "storage.v1"),
    (r"[a-z0-9-]+-aiplatform\.googleapis\.com", "aiplatform.v1"),
    (r"\d+\.[a-z0-9-]+\.prediction\.vertexai\.goog", "aiplatform.v1"),
    (r"monitoring\.googleapis\.com", "monitoring.v3"),
    (r"bigquery\.googleapis\.com", "bigquery.v2"),
    (r"logging\.googleapis\.com", "logging.v2"),
    (r"cloudresourcemanager\.googleapis\.com", "cloudresourcemanager.v1"),
    (r"serviceusage\.googleapis\.com", "serviceusage.v1"),
    (r"serviceusage\.googleapis\.com", "serviceusage.v1beta1"),
)


class RefusedError(Exception):
    """An answer that is an error of the service."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Call:
    """A request that the document has: its method's id, parameters and body."""

    method: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    host: str = ""


Service = Callable[[Call], Any]


class Server(ThreadingHTTPServer):
    """Answers with `service`; `calls` are the ids of all methods that were called."""

    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service
        self.calls: list[str] = []
        self.wrong: list[str] = []

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(Handler):
    server: Server

    def _handle(self) -> None:
        try:
            status, answer = 200, self._answer(self.content())
        except RefusedError as refused:
            status = refused.status
            answer = {"error": {"code": status, "message": str(refused)}}
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.answer(status, body)

    do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815 names of the base class

    def _answer(self, content: bytes) -> Any:
        url = urlsplit(self.path)
        host, _, path = url.path.lstrip("/").partition("/")
        try:
            document, method, names = find_method(self.command, host, path)
            query = dict(parse_qsl(url.query, keep_blank_values=True))
            body = _checked(document, method, query, content, self.headers.get("content-type"))
        except ValueError as error:
            self.server.wrong.append(f"{self.command} {self.path}: {error}")
            raise RefusedError(400, str(error)) from None
        self.server.calls.append(method["id"])
        answer = self.server.service(Call(method["id"], names, query, body, host))
        if not isinstance(answer, bytes):
            schema = method["response"]["$ref"] if "response" in method else "Empty"
            failures = (
                [*check_json(document, schema, answer, schema)] if "response" in method else []
            )
            if failures:
                self.server.wrong.append(f"the double's answer to {method['id']}: {failures}")
                raise RefusedError(500, f"the double is wrong: {failures}")
        return answer


def find_method(verb: str, host: str, path: str) -> tuple[str, dict[str, Any], dict[str, str]]:
    """The document and method of a request, and what stands in its path; ValueError if none."""
    documents = [name for pattern, name in DOCUMENTS if re.fullmatch(pattern, host)]
    for document in documents:
        for method, regex in _methods(document, verb):
            match = regex.fullmatch(path)
            if match:
                return document, method, {k: unquote(v) for k, v in match.groupdict().items()}
    if documents:
        raise ValueError(f"{documents[0]} has no {verb} {path}")
    raise ValueError(f"no API at {host}")


@cache
def _methods(document: str, verb: str) -> list[tuple[dict[str, Any], re.Pattern[str]]]:
    content = discovery(document)
    return [
        (method, _regex(path))
        for method in _all_methods(content)
        if method["httpMethod"] == verb
        for path in _paths(content, method)
    ]  # fmt: skip


def _all_methods(part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from part.get("methods", {}).values()
    for resource in part.get("resources", {}).values():
        yield from _all_methods(resource)


def _paths(document: Mapping[str, Any], method: Mapping[str, Any]) -> Iterator[str]:
    yield document["servicePath"] + method.get("flatPath", method["path"])
    if "mediaUpload" in method:
        yield method["mediaUpload"]["protocols"]["simple"]["path"].lstrip("/")


def _regex(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{\+?(\w+)\}", path)
    names = [f"(?P<{part}>[^/:]+)" if n % 2 else re.escape(part) for n, part in enumerate(parts)]
    return re.compile("".join(names))


def _checked(
    document: str,
    method: Mapping[str, Any],
    query: Mapping[str, str],
    content: bytes,
    kind: str | None,
) -> Any:
    parameters = method.get("parameters", {})
    names = {name for name, parameter in parameters.items() if parameter["location"] == "query"}
    common = {*discovery(document)["parameters"], "uploadType"}
    unknown = query.keys() - names - common
    if unknown:
        raise ValueError(f"unknown parameters {sorted(unknown)}")
    missing = {n for n in names if parameters[n].get("required")} - query.keys()
    if missing:
        raise ValueError(f"parameters {sorted(missing)} are missing")
    if query.get("uploadType") == "media":
        return {"name": query["name"]}, content
    if query.get("uploadType") == "multipart":
        described, content = _parts(content, kind or "")
        _check(document, method, described)
        return described, content
    if "request" not in method:
        if content:
            raise ValueError("a body where none is wanted")
        return None
    body = json.loads(content or b"{}")
    # Its body is the container's own, whatever that takes: the document's message has it inside of
    # an HttpBody, which HTTP itself is (cloud.google.com/vertex-ai/docs/predictions/get-online-
    # predictions, "Make a raw prediction").
    if not method["id"].endswith(".rawPredict"):
        _check(document, method, body)
    return body


def _check(document: str, method: Mapping[str, Any], body: Any) -> None:
    failures = [*check_json(document, method["request"]["$ref"], body, "body")]
    if failures:
        raise ValueError("; ".join(f"{item.path}: {item.reason}" for item in failures))


def _parts(content: bytes, kind: str) -> tuple[dict[str, Any], bytes]:
    """Description and content of a multipart upload."""
    mark = b"--" + kind.partition("boundary=")[2].encode()
    first, second = content.split(mark)[1:3]
    described, body = (part.partition(b"\r\n\r\n")[2][:-2] for part in (first, second))
    return json.loads(described), body
