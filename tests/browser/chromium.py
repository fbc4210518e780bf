"""Which Chromium do the browser tests drive? An installed one; else Playwright's own.

`python -m tests.browser.chromium` sees to it that there is one: where none starts, it fetches Playwright's, or
Debian's package where Playwright's can't be had and packages may be installed.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'  # the page, once its script has run
DRAWN = "[data-ready='1'], .js-plotly-plot .main-svg"  # a figure of ours, or Plotly's


@functools.cache
def executable() -> str | None:
    """The installed browser's path; None leaves the choice to Playwright, which then takes its own."""
    for path in filter(None, map(shutil.which, NAMES)):
        # On some systems the name only stands for a note that says where to get the browser.
        if subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
            return path
    return None


def launch(playwright: Playwright) -> Browser:
    """Start the browser, with nothing in it that calls home."""
    return playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)


def starts() -> bool:
    """Whether the browser opens a page: one that is there may still lack a library."""
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
            browser.new_page()
            browser.close()
        except Error:
            return False
    return True


def install() -> None:
    """Fetch a browser that starts, or leave with one sentence."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        apt = ["apt-get", "--quiet", "--quiet"]
        attempts += [[*apt, "update"], [*apt, "install", "--yes", "--no-install-recommends", "chromium"]]
    for command in attempts:
        subprocess.run(command, check=False)
        executable.cache_clear()
        if starts():
            return
    sys.exit("The browser tests need Chromium and it could not be installed: install it and run `make test` again.")


if __name__ == "__main__":
    if not starts():
        install()
