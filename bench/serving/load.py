"""Load on one address: requests over connections that stay open, and what they took.

    python -m bench.serving.load URL BODY_FILE --clients 16 --seconds 5

A process of its own, so that what it costs is on no contender's account. It prints JSON:
requests a second, and percentiles of the latency in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from urllib.parse import urlsplit


class _Client(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last is whole.

    A server that closes it after each answer is connected to again, which counts as its time.
    """

    def __init__(self, address: tuple[str, int], request: bytes, until: float) -> None:
        self._address = address
        self._request = request
        self._until = until
        self._buffer = bytearray()
        self._send_time = 0.0
        self.took: list[float] = []
        self.failed: list[bytes] = []
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def connect(self) -> None:
        """Connect and send the first request."""
        self._send_time = time.perf_counter()
        await asyncio.get_running_loop().create_connection(lambda: self, *self._address)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return
        now = time.perf_counter()
        self.took.append(now - self._send_time)
        if b" 200 " not in head[:16]:
            self.failed.append(bytes(head[:80]))
        self._buffer.clear()
        if now >= self._until or b"connection: close" in head.lower():
            self._transport.close()
        else:
            self._send_time = time.perf_counter()
            self._transport.write(self._request)  # type: ignore[attr-defined]

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self.failed.append(str(exc).encode())
        if time.perf_counter() < self._until:
            self._reconnection = asyncio.ensure_future(self.connect())
        else:
            self.end.set_result(None)


def _length(head: bytearray) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    raise ValueError(f"an answer without its length: {bytes(head[:200])!r}")


async def run(url: str, body: bytes, clients: int, seconds: float) -> dict[str, float | int]:
    """Send `body` from so many clients for so long."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    begin = time.perf_counter()
    address = parts.hostname or "127.0.0.1", parts.port or 80
    connections = [_Client(address, head.encode() + body, begin + seconds) for _ in range(clients)]
    await asyncio.gather(*(client.connect() for client in connections))
    await asyncio.gather(*(client.end for client in connections))
    spent = time.perf_counter() - begin
    took = sorted(duration for client in connections for duration in client.took)
    return {
        "requests": len(took),
        "failed": sum(len(client.failed) for client in connections),
        "per_second": len(took) / spent,
        "p50_ms": 1000 * took[len(took) // 2],
        "p99_ms": 1000 * took[int(len(took) * 0.99)],
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("body", type=Path)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    args = parser.parse_args()
    result = asyncio.run(run(args.url, args.body.read_bytes(), args.clients, args.seconds))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
