"""An SMTP server on this computer: RFC 5321, STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954)."""

from __future__ import annotations

import base64
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass
class Mailbox:
    """What the server was sent: messages, with envelope, user and whether TLS was on.

    A command is answered with what `refuses` has for it.
    """

    port: int = 0
    refuses: dict[str, str] = field(default_factory=dict)
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    connections: int = 0


@contextmanager
def receiving_mail(
    certificate: Path | None = None,
    *,
    implicit: bool = False,
    refuses: dict[str, str] | None = None,
) -> Iterator[Mailbox]:
    """A server with TLS if it has a `certificate`: from the first byte, or by STARTTLS."""
    mailbox = Mailbox(refuses=refuses or {})
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            mailbox.connections += 1
            self.tls = False
            try:
                if implicit:
                    self.encrypt()
                self.converse()
            except (OSError, ssl.SSLError):
                return  # the client did not trust the certificate

        def finish(self) -> None:
            if self.tls:
                self.request.close()
            else:
                super().finish()

        def encrypt(self) -> None:
            assert context is not None
            self.request = context.wrap_socket(self.request, server_side=True)
            self.connection, self.tls = self.request, True
            self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def converse(self) -> None:
            self.say("220 mail.test ESMTP")
            sender, recipients = "", []
            while line := self.rfile.readline():
                assert line.endswith(b"\r\n") and len(line) <= 512, line
                command, _, argument = line.decode().strip().partition(" ")
                command = command.upper()
                if command in mailbox.refuses:
                    self.say(mailbox.refuses[command])
                elif command == "EHLO":
                    lines = ["mail.test", "AUTH PLAIN"]
                    lines += ["STARTTLS"] if context and not self.tls else []
                    for number, text in enumerate(lines, 1):
                        self.say(f"250{' ' if number == len(lines) else '-'}{text}")
                elif command == "STARTTLS":
                    self.say("220 go ahead")
                    self.encrypt()
                elif command == "AUTH":
                    kind, _, token = argument.partition(" ")
                    assert kind == "PLAIN"
                    _, user, password = base64.b64decode(token).decode().split("\0")
                    mailbox.logins.append((user, password))
                    self.say("235 2.7.0 welcome")
                elif command == "MAIL":
                    sender, recipients = argument, []
                    self.say("250 ok")
                elif command == "RCPT":
                    recipients.append(argument)
                    self.say("250 ok")
                elif command == "DATA":
                    self.say("354 go on")
                    content = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        assert part.endswith(b"\r\n") and len(part) <= 1000
                        content += part[1:] if part.startswith(b".") else part
                    mailbox.messages.append(message_from_bytes(content, policy=policy.default))
                    mailbox.envelopes.append((sender, recipients))
                    mailbox.encrypted.append(self.tls)
                    self.say("250 queued")
                elif command == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
    server.daemon_threads = True
    mailbox.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield mailbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def self_signed(folder: Path) -> Path:
    """A certificate for this computer with its key, in one PEM file."""
    path, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", path,
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_text(path.read_text() + key.read_text())
    return path
