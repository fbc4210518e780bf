"""`serve.py` refuses in one sentence what it can't serve, and says nothing more."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import serve

ROOT = Path(__file__).parents[2]


def refusal(**environment: str) -> str:
    """What serve.py prints when it can't start."""
    run = subprocess.run(
        [sys.executable, "serve.py"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    return run.stderr


def test_a_taken_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        sentence = refusal(PORT=str(port), HOST="127.0.0.1")
    assert f"Port {port} is taken" in sentence
    assert f"make run PORT={port + 1}" in sentence


@pytest.mark.parametrize("port", ["http", "-1", "65536", "8501 ", "²"])
def test_a_port_that_is_none(port: str) -> None:
    assert "make run PORT=8502" in refusal(PORT=port)


def test_a_host_that_is_not_this_machine() -> None:
    assert "HOST must be an address of this machine" in refusal(
        HOST="192.0.2.1", PORT="8501"
    )  # an address kept free for documentation


def test_small_messages_leave_at_once() -> None:
    listener = serve.listen("127.0.0.1", 0)
    with listener:
        # asyncio sets TCP_NODELAY only where the socket names its protocol, and connections inherit that.
        assert listener.proto == socket.IPPROTO_TCP
