"""How does work on a stranger's data run so that it can be stopped?

Some of what a stranger can send asks for endless work in code that no Python thread can interrupt: a regular
expression, a template. So that work is done by a process of its own, with a limit of time and, where the system has
one, of memory. It gets bytes, gives bytes back, and is killed when it is late. A process that fails in any way has
refused.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
MEMORY_BYTES: Final = 4 << 30  # of address space, most of which is libraries and never touched


class FailedApartError(RuntimeError):
    """The process was late, was killed or failed; `late` says whether it was the first."""

    def __init__(self, *, late: bool) -> None:
        super().__init__("out of time" if late else "failed")
        self.late = late


def run(work: Callable[[bytes], bytes], given: bytes, *, seconds: float) -> bytes:
    """What `work`, a function at the top of a module, makes of `given` in a process of its own.

    Raises:
        FailedApartError: it took longer than `seconds`, or failed.
    """
    command = [sys.executable, "-m", "models.apart", work.__module__, work.__qualname__]
    environment = os.environ | {"TOKENIZERS_PARALLELISM": "false", "RUST_BACKTRACE": "0", "HF_HUB_OFFLINE": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and a function of ours
            command, input=given, capture_output=True, timeout=seconds, cwd=ROOT, env=environment, check=True
        )
    except subprocess.TimeoutExpired as error:
        raise FailedApartError(late=True) from error
    except subprocess.CalledProcessError as error:
        raise FailedApartError(late=False) from error
    return done.stdout


def main(module: str, name: str) -> None:
    """Do the work with limits on this process: what `run` starts."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    work = getattr(importlib.import_module(module), name)
    sys.stdout.buffer.write(work(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main(*sys.argv[1:])
