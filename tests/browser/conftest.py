"""What do the browser tests share? One app, one Chromium, and a fresh tab without a way out for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, Route, sync_playwright

from models import catalog, defaults
from tests.browser.chromium import SETTLED, launch
from tests.browser.server import Way, serving

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
DESKTOP = {"width": 1280, "height": 900}
failed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app that all browser tests share, with its models converted, as after a first visit."""
    catalog.load(defaults.DECODER)
    with serving(tmp_path_factory.mktemp("server") / "log.txt") as url:
        yield url


@pytest.fixture
def cold_server(tmp_path: Path) -> Iterator[Callable[[Way], str]]:
    """Makes the address of a process that nobody has visited yet."""
    numbers = itertools.count()
    with ExitStack() as running:
        yield lambda way: running.enter_context(serving(tmp_path / f"log{next(numbers)}.txt", way))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, which can be started only once in a process."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, shared."""
    running = launch(playwright)
    yield running
    running.close()


@pytest.fixture
def outside() -> list[str]:
    """The addresses outside this machine that the test's tab has asked for."""
    return []


@pytest.fixture
def page(browser: Browser, outside: list[str], request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A tab with nothing in its cache, which can't reach beyond this machine, and must not have tried to."""
    context = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)

    def gate(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in {"http", "https"} and address.hostname not in LOOPBACK:
            outside.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    def watch(socket_url: str) -> None:
        if urlsplit(socket_url).hostname not in LOOPBACK:
            outside.append(socket_url)

    context.route("**/*", gate)
    context.on("page", lambda tab: tab.on("websocket", lambda socket: watch(socket.url)))
    tab = context.new_page()
    yield tab
    if request.node.stash.get(failed, False):
        picture = tmp_path / "failed.png"
        tab.screenshot(path=picture, full_page=True)
        request.node.add_report_section("teardown", "screenshot", str(picture))
    context.close()
    assert outside == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test failed, for the picture of its tab."""
    report = yield
    if report.when == "call":
        item.stash[failed] = report.failed
    return report


@pytest.fixture
def visit(page: Page, server: str) -> Callable[[str], Page]:
    """Opens a path of the shared app and waits until its script has run: `visit("/attention?layer=3")`."""

    def go(path: str) -> Page:
        page.goto(f"{server}{path}")
        page.wait_for_selector(SETTLED)
        page.wait_for_selector("h1")
        return page

    return go


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Asserts that axe-core finds nothing serious or critical in a tab."""

    def check(page: Page) -> None:
        grave = [
            f"{finding['impact']}: {finding['id']}: {finding['help']}\n    "
            + "\n    ".join(f"{node['target']} {node['html'][:200]}" for node in finding["nodes"][:5])
            for finding in Axe().run(page).response["violations"]
            if finding["impact"] in {"serious", "critical"}
        ]
        assert not grave, "\n".join(grave)

    return check
