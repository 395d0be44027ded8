"""The page to try a model: a request to edit and send, and programs that send it.

All of it is in the page, so that it works without a network.
"""

from __future__ import annotations

import json
import pprint
import secrets
from typing import Any

from training.serving.dashboard import load_template

CURL = """\
curl -s {url} -H 'content-type: application/json' -d '{body}'"""
PYTHON = """\
import json
import urllib.request

request = urllib.request.Request(
    "{url}",
    json.dumps({{"instances": [row]}}).encode(),
    {{"content-type": "application/json"}},
)
with urllib.request.urlopen(request, timeout=10) as response:
    answer = json.load(response)
print(answer["predictions"], answer["scores"], answer["version"])"""
TYPESCRIPT = """\
interface Answer {{
  predictions: (string | number | boolean | null)[];
  scores: (number | null)[];
  model: string;
  version: number | null;
  request_id: string;
}}

const response = await fetch("{url}", {{
  method: "POST",
  headers: {{ "content-type": "application/json" }},
  body: JSON.stringify({{ instances: [row] }}),
}});
if (!response.ok) throw new Error((await response.json()).error);
const answer: Answer = await response.json();"""


def snippets(url: str, row: dict[str, Any]) -> dict[str, str]:
    """Programs that send `row` to `url`, by their language."""
    body = json.dumps({"instances": [row]}).replace("'", "'\\''")
    literal = json.dumps(row, indent=2)
    return {
        "curl": CURL.format(url=url, body=body),
        "Python": f"row = {pprint.pformat(row, sort_dicts=False)}\n" + PYTHON.format(url=url),
        "TypeScript": f"const row = {literal};\n" + TYPESCRIPT.format(url=url),
    }


def page(
    model: str, version: int | None, row: dict[str, Any], origin: str
) -> tuple[str, dict[str, str]]:
    """The page, and the headers that let its one script run and nothing else."""
    nonce, path = secrets.token_urlsafe(16), f"/models/{model}/invocations"
    html = load_template("try.html").render(
        model=model,
        version=version,
        path=path,
        body=json.dumps({"instances": [row]}, indent=1),
        snippets=snippets(origin + path, row),
        nonce=nonce,
    )
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    return html, {"content-security-policy": policy}
