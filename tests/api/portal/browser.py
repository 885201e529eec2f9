"""A real server and a real browser: what tests of pages and `make screenshots` share."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import httpx2
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright

from api.serving import bind
from matcher.demo import DOMAIN, PASSWORD

ROOT: Final = Path(__file__).parents[3]
#: A first start builds the encoder and encodes the catalogue.
START_SECONDS: Final = 800
Size = Literal["desktop", "phone"]
SIZES: Final[dict[Size, tuple[int, int]]] = {"desktop": (1280, 800), "phone": (390, 844)}
#: Without background networking a browser calls nobody but the server under test.
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: All rules of WCAG 2.2 A and AA, and what axe's makers hold for good practice.
AXE: Final = {"resultTypes": ["violations"]}


def chromium() -> str | None:
    """The browser's program; None where none is installed."""
    return shutil.which("chromium") or shutil.which("google-chrome")


@contextlib.contextmanager
def running_server(data_folder: Path, folder: Path, **environment: str) -> Iterator[str]:
    """The address of a server with demo accounts over the shipped catalogue, in a process of its own.

    Args:
        data_folder: lends the encoder and stored vectors. folder: for its database and log.
        environment: further settings, by their full names.
    """
    for name in ("encoders", "encodings"):
        (data_folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(data_folder / name)
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    values = {"PILOTMATCH_DATA": str(folder), "PILOTMATCH_SIGN_IN_RATE": "0", "PILOTMATCH_MATCH_RATE": "0"}
    log = folder / "log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "matcher", "serve", "--demo", "--port", str(port)],
            cwd=ROOT,
            stderr=stderr,
            env=os.environ | values | environment,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(address, process, log)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said, said
    assert " 500 " not in said, said


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    with httpx2.Client(base_url=address, timeout=60) as client:
        for _ in range(4 * START_SECONDS):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            with contextlib.suppress(httpx2.TransportError):
                if client.get("/health/ready").status_code == 200:
                    return
            time.sleep(0.25)
    raise TimeoutError("the server did not become ready")


def open_browser(playwright: Playwright) -> Browser:
    """The installed Chromium, without a screen."""
    program = chromium()
    assert program is not None
    return playwright.chromium.launch(executable_path=program, args=list(FLAGS))


@dataclass
class Visitor:
    """Somebody at a browser: `page` is where he is; `complaints` what the browser's console said was wrong."""

    page: Page
    context: BrowserContext
    address: str
    complaints: list[str]
    script: bool = True

    def open(self, path: str) -> Page:
        """Go to a path of the site."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, role: str) -> None:
        """Sign in with the demo account of a role."""
        self.open("/sign-in")
        self.page.fill("[name=email]", f"{role}@{DOMAIN}")
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main form button")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def check(self) -> None:
        """What holds for every page: accessible, no complaint of the browser, nothing wider than the screen."""
        # axe is a script itself: without scripts in pages it would never come back.
        if self.script:
            found = Axe().run(self.page, options=AXE)
            assert found.violations_count == 0, found.generate_report()
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than the screen"
        assert self.complaints == []


def new_visitor(
    browser: Browser, address: str, size: Size = "desktop", *, script: bool = True, dark: bool = False
) -> Visitor:
    """Somebody new, with a browser that knows nothing of the site."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        java_script_enabled=script,
        color_scheme="dark" if dark else "light",
        is_mobile=size == "phone",
        has_touch=size == "phone",
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A page that is refused on purpose (404, 422) is no fault of the page.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return Visitor(page, context, address, complaints, script)
