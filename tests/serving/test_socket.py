"""The sockets of connections: small answers are sent at once."""

from __future__ import annotations

import asyncio
import socket

from training.serving.server import listen


def test_answers_do_not_wait_for_the_client_to_acknowledge() -> None:
    async def nodelay() -> int:
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            accepted.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen("127.0.0.1", 0) as listening:
            server = await asyncio.start_server(answer, sock=listening)
            async with server:
                _, writer = await asyncio.open_connection(*listening.getsockname())
                value = await asyncio.wait_for(accepted, 30)
                writer.close()
        return value

    assert asyncio.run(nodelay()) != 0
