"""A key service for the stacks of clouds, as these have one: HashiCorp Vault's transit engine.

From a passphrase the engine derives its key anew for each command, by a million rounds of PBKDF2
(sdk/go/common/resource/config/crypt.go of Pulumi), which takes a quarter of a preview. A stack with
a key service as secrets provider asks that to decrypt its key instead. This one encrypts nothing:
what is tested with it are resources, and no secret of theirs.

Requests and answers: https://developer.hashicorp.com/vault/api-docs/secret/transit
"""

from __future__ import annotations

import json
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

PROVIDER = "hashivault://tests"
PREFIX = "vault:v1:"


@cache
def environment() -> dict[str, str]:
    """What tells the engine where the service is; it runs as long as this process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Transit)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    return {"VAULT_SERVER_URL": address, "VAULT_SERVER_TOKEN": "tests"}


class _Transit(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "/transit/encrypt/" in self.path:
            data = {"ciphertext": PREFIX + request["plaintext"]}
        else:
            data = {"plaintext": request["ciphertext"].removeprefix(PREFIX)}
        content = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a request is no news."""
