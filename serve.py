"""How is the app served? In one process, under uvicorn, on PORT (default 8501) and HOST (default 127.0.0.1).

Two things are better than under `streamlit run app.py`, which works as well. Small messages leave at once: the
listening socket names its protocol, so that asyncio sets TCP_NODELAY on each connection (a trivial rerun takes 7 ms
instead of 48). And the address is printed only once the pages have been visited, when a first visit really works.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from pathlib import Path

import uvicorn
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

APP = Path(__file__).resolve().with_name("app.py")
# The slugs opened before the address is printed; "" is home.
VISITED = ("", "attention", "tokenizers", "embeddings", "inside", "next-token", "parameters")
LONGEST_LINK = 2**20  # bytes with all headers: a link holds its text, of which Streamlit reads 512 KB
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - HOST may ask for it


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address.

    Raises:
        OSError: the port is taken or not allowed, or the host is not one of this machine's.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        if os.name != "nt":  # there it would let two servers share one port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def own_address() -> str | None:
    """This machine's address in its network, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address kept free for documentation; connecting sends nothing
        except OSError:
            return None
        return str(probe.getsockname()[0])


async def visit(port: int, host: str, slug: str) -> None:
    """Open a page as a browser does, over the websocket, and wait until its script has run."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    address = f"ws://{f'[{host}]' if ':' in host else host}:{port}/_stcore/stream"
    async with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None, proxy=None) as connection:
        opened = BackMsg()
        opened.rerun_script.page_name = slug
        await connection.send(opened.SerializeToString())
        async for message in connection:
            if isinstance(message, bytes) and ForwardMsg.FromString(message).HasField("script_finished"):
                return


async def serve(listener: socket.socket) -> None:
    """Serve the app on `listener` until told to stop; say when it is ready."""
    import streamlit as st

    host, port = listener.getsockname()[:2]
    server = uvicorn.Server(
        uvicorn.Config(
            st.App(APP),
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            h11_max_incomplete_event_size=LONGEST_LINK,
            log_config=None,  # .streamlit/config.toml sets the level
            timeout_graceful_shutdown=1,
        )
    )
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not (server.started or running.done()):
        await asyncio.sleep(0.01)

    async def open_pages() -> None:
        for slug in VISITED:
            await visit(port, {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), slug)  # noqa: S104

    opening = asyncio.create_task(open_pages())
    await asyncio.wait({running, opening}, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        await opening
        name = "localhost" if host in {"127.0.0.1", "::1"} | EVERYWHERE else host
        print(f"Orrery is ready: http://{name}:{port}", flush=True)
        if host in EVERYWHERE and (others := own_address()):
            print(f"For others on this network: http://{others}:{port}", flush=True)
    await running


def main() -> None:
    """Read PORT and HOST, and serve."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8501"
    if not (port.isascii() and port.isdecimal() and int(port) < 65536):
        sys.exit(f"PORT={port} is not a port: take a number from 1024 to 65535, for example make run PORT=8502.")
    try:
        listener = listen(host, int(port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sys.exit(f"Port {port} is taken: stop what uses it, or take another: make run PORT={int(port) + 1}.")
        sys.exit(f"{host}:{port} can't be served ({error.strerror}): HOST must be an address of this machine.")
    try:
        asyncio.run(serve(listener))
    except KeyboardInterrupt:
        print("\nOrrery has stopped.", flush=True)
        # A model may still be loading in a thread, which nothing can interrupt; what it writes appears whole or never.
        os._exit(0)


if __name__ == "__main__":
    main()
