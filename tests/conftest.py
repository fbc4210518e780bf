"""What do all tests share? A cache folder of their own, kept from one run to the next."""

from __future__ import annotations

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Keep converted models under .pytest_cache, away from the user's own, unless ORRERY_CACHE names a place.

    Set before any test module is imported, and in the environment, so that processes that tests start share it.
    """
    # torch's threads then don't wait in busy loops, which a test beside a browser and a server would pay for.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    if config.cache is not None:
        os.environ.setdefault("ORRERY_CACHE", str(config.cache.mkdir("orrery")))
