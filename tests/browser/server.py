"""How does a test get a running app? A process of its own, on a free port, as a user would start it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90  # seconds until a process must serve

Way = Literal["serve.py", "streamlit run"]


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether the server is up; asks for nothing that runs the app."""
    try:
        with urlopen(f"{url}/_stcore/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@contextmanager
def serving(log: Path, way: Way = "serve.py", **environment: str) -> Iterator[str]:
    """The address of a new process, which ends with the block.

    Args:
        log: where what it prints goes.
        way: serve.py counts as up when it says so; `streamlit run` when it answers, before anybody has visited.
        **environment: variables on top of this process's.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "serve.py"]
    if way == "streamlit run":
        options = ["--server.port", str(port), "--server.address", "127.0.0.1"]
        command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    variables = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1", **environment}
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + PATIENCE
        while not (f":{port}" in log.read_text("utf-8") if way == "serve.py" else answers(url)):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{' '.join(command)} doesn't serve:\n{log.read_text('utf-8')}")
            time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()
