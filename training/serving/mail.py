"""E-mail of a notice, by the SMTP server that the environment names.

``MLOPS_SMTP_URL`` is ``smtps://USER:PASSWORD@HOST`` (TLS from the first byte, port 465, which
RFC 8314 recommends) or ``smtp://USER:PASSWORD@HOST`` (port 587, STARTTLS before anything else).
Without TLS nothing is sent but to a server on this computer. ``MLOPS_SMTP_FROM`` is the sender,
USER if it is not set. Neither stands in settings: there is a password in it.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from training.serving import formats
from training.serving.failure import Failure

SCHEME = "mailto:"
SERVER, SENDER = "MLOPS_SMTP_URL", "MLOPS_SMTP_FROM"
PORTS = {"smtps": 465, "smtp": 587}
THIS_COMPUTER = ("localhost", "127.0.0.1", "::1")
TIMEOUT_SECONDS = 10.0
MOST_SUBJECT = 200


def send(address: str, event: Mapping[str, Any]) -> Failure | None:
    """Send `event` to an e-mail address; why it failed, None if the server took it."""
    value = os.environ.get(SERVER)
    if not value:
        return Failure(f"environment variable {SERVER} is not set", is_final=True)
    # What is said of a URL that is wrong must not quote it.
    failure = Failure(
        f"{SERVER} is not smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST", is_final=True
    )
    try:
        server = urlsplit(value)
        port = server.port or PORTS[server.scheme]
    except (ValueError, KeyError):
        return failure
    if server.hostname is None:
        return failure
    sender = os.environ.get(SENDER) or unquote(server.username or "")
    if "@" not in sender:
        return Failure(f"environment variable {SENDER} is not the sender's address", is_final=True)
    try:
        message = _message(sender, address, event)
        with _connect(server, server.hostname, port) as client:
            client.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        ((code, text),) = error.recipients.values()
        return Failure(f"{address} is refused: {_reply(code, text)}", is_final=code >= 500)
    except smtplib.SMTPResponseException as error:
        reason = _reply(error.smtp_code, error.smtp_error)
        return Failure(reason, is_final=error.smtp_code >= 500)
    except smtplib.SMTPNotSupportedError as error:  # STARTTLS or AUTH
        return Failure(f"{server.hostname}: {error}", is_final=True)
    except ssl.SSLCertVerificationError as error:
        return Failure(f"{server.hostname}: {error.verify_message}", is_final=True)
    except (OSError, ValueError) as error:
        return Failure(f"{server.hostname} port {port}: {error}")
    return None


def _connect(server: SplitResult, host: str, port: int) -> smtplib.SMTP:
    """A client that is connected, by TLS, and logged in."""
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        client = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        client.ehlo()
        if server.scheme == "smtp" and (client.has_extn("starttls") or host not in THIS_COMPUTER):
            client.starttls(context=context)
            client.ehlo()
        if server.username:
            client.login(unquote(server.username), unquote(server.password or ""))
    except BaseException:
        with suppress(OSError):
            client.close()
        raise
    return client


def _message(sender: str, address: str, event: Mapping[str, Any]) -> EmailMessage:
    text = formats.text(event)
    message = EmailMessage()
    # A header is one line (RFC 5322); what others named may hold more.
    message["Subject"] = " ".join(text.partition("\n")[0].split())[:MOST_SUBJECT]
    message["From"], message["To"] = sender, address
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="mlops.invalid")
    # So that no vacation notice answers (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text + "\n")
    return message


def _reply(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {words}"
