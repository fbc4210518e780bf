"""What do all tests share? A cache folder of their own, kept from one run to the next, and a hub on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import hub as stand_in


def pytest_configure(config: pytest.Config) -> None:
    """Keep converted models under .pytest_cache, away from the user's own, unless ORRERY_CACHE names a place.

    Set before any test module is imported, and in the environment, so that processes that tests start share it.
    """
    # torch's threads then don't wait in busy loops, which a test beside a browser and a server would pay for.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    if config.cache is not None:
        os.environ.setdefault("ORRERY_CACHE", str(config.cache.mkdir("orrery")))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[stand_in.Hub]:
    """A hub on this machine, and an empty cache of it."""
    with stand_in.serve() as running:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", running.url)
        template = running.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        monkeypatch.setenv("HF_TOKEN", "hf_ofwhoeverrunsorrery")
        yield running
