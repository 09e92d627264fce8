"""Connects every service in a real browser, as its owner would, and writes down what the page said.

`python -m scripts.record_connecting [MARK …]`; `scripts.screens` runs it with the other pictures.
It starts a desk with an empty home and the sandbox beside it, types each form, presses *Test
connection*, and fills the recorded parts of docs/connecting.md and docs/screens/settings-*.png.
"""

import contextlib
import datetime as dt
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests
from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from core import rights
from core.sandbox import process
from core.services import registry
from core.settings import connections
from core.store import db
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "connecting.md"
SCREENS = ROOT / "docs" / "screens"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PATIENCE = 60_000  # milliseconds
OPENS = 6_000  # that a card has for opening by itself
PASSWORD = "typed by the recorder"  # noqa: S105 (of a desk that is thrown away)


@dataclass(frozen=True)
class Case:
    """One form as it is typed; `wrong` is then typed over it, to see what the test says."""

    mark: str  # of the part in the page and of the picture
    service: str
    path: str
    values: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()  # what the shop's app is left with, for the wrong run


MAIL, VAT = "sandbox@refuz.example", "RO12345674"
LOGIN = {"username": "sandbox", "password": "sandbox"}
CASES = (
    Case("shopify-token", "shopify", "/shopify", {"token": "shpat_sandbox"},
         {"token": "shpat_of_another_shop"}),
    Case("shopify-app", "shopify", "/shopify",
         {"client_id": "sandbox-client", "client_secret": "sandbox-client-secret"},
         scopes=("read_orders",)),
    Case("woocommerce", "woocommerce", "/woocommerce",
         {"consumer_key": "ck_sandbox", "consumer_secret": "cs_sandbox"},
         {"consumer_secret": "cs_of_another_shop"}),
    Case("smartbill", "smartbill", "/smartbill/SBORO/api",
         {"email": MAIL, "token": "sandbox-token", "vat_code": VAT, "series": "CVZ"},
         {"vat_code": "RO99999999"}),
    Case("oblio", "oblio", "/oblio",
         {"email": MAIL, "secret": "sandbox-secret", "vat_code": VAT}, {"vat_code": "RO99999999"}),
    Case("fgo", "fgo", "/fgo",
         {"key": "fgo_test_api_v1_sandbox", "vat_code": "12345674",
          "platform_url": "https://casa-verde.example"}, {"vat_code": "99999999"}),
    Case("stripe", "stripe", "/stripe/v1", {"secret_key": "sk_test_sandbox"},
         {"secret_key": "sk_test_of_somebody"}),
    Case("sameday", "sameday", "/sameday", LOGIN, {"password": "another"}),
    Case("fan", "fan", "/fan", {**LOGIN, "client_id": "7000000"}, {"password": "another"}),
    Case("cargus", "cargus", "/cargus/api", {**LOGIN, "subscription_key": "sandbox"},
         {"password": "another"}),
    Case("gls", "gls", "/gls/ParcelService.svc/json", LOGIN, {"password": "another"}),
    Case("dpd", "dpd", "/dpd/v1", LOGIN, {"password": "another"}),
    Case("packeta", "packeta", "/packeta/api", {"api_password": "sandbox"},
         {"api_password": "another"}),
)  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """The page, and the sandbox that it connects to."""

    page: Page
    sandbox: str
    address: str
    numbers: dict[str, int] = field(default_factory=dict)  # of the connections, in turn

    def begin(self, token: str) -> None:
        """Make the owner's account: a connection that is not the sandbox's asks for a sign-in."""
        self.page.goto(f"{self.address}/welcome/{token}")
        self.page.get_by_label("Your name").fill("Ana Pop")
        self.page.get_by_label("Name or e-mail address").fill("ana")
        self.page.get_by_label("New password").fill(PASSWORD)
        self.page.get_by_role("button", name="Begin", exact=True).click()
        self.rest()

    def sign_in(self) -> None:
        """Sign in anew, or the page would ask for the password in the middle of a long run."""
        self.page.context.clear_cookies()
        self.page.goto(f"{self.address}/sign-in?next=/settings")
        self.page.get_by_label("Name or e-mail address").fill("ana")
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.settings()

    def settings(self) -> None:
        """Open Settings at its connections."""
        self.page.goto(f"{self.address}/settings")
        self.page.get_by_role("tab", name="Connections").click(timeout=PATIENCE)
        self.rest()

    def rest(self) -> None:
        """Wait until the page is drawn."""
        drawn = '[data-testid="stApp"][data-test-script-state="notRunning"]'
        self.page.locator(drawn).wait_for(timeout=PATIENCE)

    def add(self, case: Case, name: str) -> None:
        """Type the form of a new connection and save it.

        Where the form lets one choose among real addresses only, it is stored without the form.
        """
        info = registry.info(case.service)
        if any(one.choices for one in info.fields if one.name == "base_url"):
            self.store(case, name)
            return
        box = self.page.get_by_role("combobox", name="Service")
        box.click()
        box.fill(info.title)
        box.press("Enter")
        self.numbers[name] = len(self.numbers) + 1  # the home was empty
        mark = f"{case.service}-new"
        self.page.locator(f".st-key-name-{mark} input").fill(name)
        self.fill(self.page, mark, {"base_url": self.sandbox + case.path, **case.values})
        self.page.locator(f".st-key-save-{mark} button").click()
        self.card(name).wait_for(timeout=PATIENCE)

    def store(self, case: Case, name: str) -> None:
        """Store it beside the running desk, and draw the page anew."""
        info = registry.info(case.service)
        self.numbers[name] = len(self.numbers) + 1
        hidden = {one.name for one in info.fields if one.secret}
        values = {"base_url": self.sandbox + case.path, **case.values}
        with rights.acting(rights.HOST), db.writing() as connection:
            connections.save(
                connection, kind=info.kind, service=case.service, name=name,
                settings={key: value for key, value in values.items() if key not in hidden},
                secrets_={key: values[key] for key in hidden},
            )  # fmt: skip
        self.settings()
        self.card(name).wait_for(timeout=PATIENCE)

    def fill(self, place: Page | Locator, mark: str, values: dict[str, str]) -> None:
        """Type into the fields of a form; `mark` is how their keys begin."""
        for name, value in values.items():
            place.locator(f".st-key-field-{mark}-{name} input").fill(value)

    def card(self, name: str) -> Locator:
        """The folded card of a connection."""
        return self.page.get_by_test_id("stExpander").filter(has_text=name)

    def test(self, name: str) -> tuple[Locator, str]:
        """Press Test connection; gives the card and what it said."""
        card = self.card(name)
        button = card.get_by_role("button", name="Test connection")
        try:
            button.wait_for(timeout=OPENS)  # what was just saved opens by itself, and is tested
        except PlaywrightTimeout:
            card.locator("summary").first.click()  # the others are of parts within it
        self.rest()
        button.click()
        said = card.locator("[class*=st-key-findings]")
        said.wait_for(timeout=PATIENCE)
        self.page.wait_for_timeout(700)
        return card, said.inner_text()

    def refused(self, case: Case, name: str) -> str:
        """Type the wrong values over a connection that works and save; gives what was said."""
        card, mark = self.card(name), f"{case.service}-{self.numbers[name]}"
        self.fill(card, mark, case.wrong)
        card.get_by_role("button", name="Save").click()
        said = card.get_by_role("alert").filter(has_text="Not saved")
        said.wait_for(timeout=PATIENCE)
        return said.inner_text()


def record(desk: Desk, case: Case) -> str:
    """Connect one service, test it, save it wrong; gives the part of the page."""
    name = f"{registry.info(case.service).title} ({case.mark})"
    desk.sign_in()
    desk.add(case, name)
    card, well = desk.test(name)
    desk.page.get_by_test_id("stToast").last.wait_for(state="detached", timeout=PATIENCE)
    desk.rest()  # what an unfinished run is to draw anew stands in grey
    shoot(card, case.mark)
    parts = [f"Test connection:\n\n```\n{words(well)}\n```"]
    if case.scopes:
        put(desk.sandbox, {"scopes": list(case.scopes)})
        _, wrong = desk.test(name)
        requests.put(f"{desk.sandbox}/_sandbox/settings", json={"scopes": SCOPES}, timeout=5)
        parts.append(f"With an app that has only `read_orders`:\n\n```\n{words(wrong)}\n```")
    elif case.wrong:
        label = next(one.label for one in registry.info(case.service).fields
                     if one.name in case.wrong)  # fmt: skip
        wrong = words(desk.refused(case, name))
        parts.append(f"With a wrong *{label}*, saved over one that works:\n\n```\n{wrong}\n```")
    picture = (
        f"![The form of {registry.info(case.service).title}](screens/settings-{case.mark}.png)"
    )
    return "\n\n".join([picture, *parts])


SCOPES: list[str] = []


def put(sandbox: str, settings: dict[str, object]) -> None:
    """Change the sandbox, and remember the scopes it had."""
    before = requests.get(f"{sandbox}/_sandbox/settings", timeout=5).json()
    SCOPES[:] = before["scopes"]
    requests.put(f"{sandbox}/_sandbox/settings", json=settings, timeout=5).raise_for_status()


def words(said: str) -> str:
    """What the page said, a line a finding, with signs for the names of its icons."""
    for name, sign in (("check_circle", "✓ "), ("error", "✗ ")):
        said = re.sub(rf"\b{name}\b\s*", sign, said)
    said = said.replace("\N{WORD JOINER}", "")  # which keeps the page from making links
    lines = (line.strip() for line in said.splitlines())
    return "\n".join(line for line in lines if line)


def shoot(card: Locator, mark: str) -> None:
    """A small picture of one card."""
    file = SCREENS / f"settings-{mark}.png"
    card.screenshot(path=str(file), animations="disabled")
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(64).save(file, optimize=True)


def write(mark: str, text: str) -> None:
    """Put a recorded part into the page, between its two marks."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- recorded: {mark} -->", "<!-- end -->"
    before, found, rest = page.partition(begin)
    if not found:
        raise SystemExit(f"docs/connecting.md has no place for {mark}")
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


@contextlib.contextmanager
def served(home: Path) -> Iterator[str]:
    """The dashboard on an empty home, without a worker."""
    port = free_port()
    environment = {**os.environ, "REFUZ_HOME": str(home), "REFUZ_WORKER": "off"}
    command = [sys.executable, "-m", "core.cli", "serve", "--port", str(port)]
    started = subprocess.Popen(  # noqa: S603 (our own command)
        command, env=environment, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL
    )
    address = f"http://localhost:{port}"
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and started.poll() is None:
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{address}/healthz", timeout=2).ok:
                    break
            time.sleep(0.3)
        yield address
    finally:
        started.send_signal(signal.SIGINT)
        started.wait(40)


def owner_token(home: Path) -> str:
    """What makes the desk's first account, as `refuz people owner` prints it."""
    command = [sys.executable, "-m", "core.cli", "people", "owner"]
    said = subprocess.run(  # noqa: S603 (our own command)
        command, env={**os.environ, "REFUZ_HOME": str(home)}, cwd=ROOT, check=True,
        capture_output=True, text=True,
    ).stdout  # fmt: skip
    found = re.search(r"/welcome/(\S+)", said)
    if found is None:
        raise SystemExit(f"There is no link of the first owner: {said}")
    return found[1]


def record_all(marks: Collection[str] = ()) -> None:
    """Record every case, or those of these marks."""
    wanted = [case for case in CASES if case.mark in marks or not marks]
    with tempfile.TemporaryDirectory(prefix="refuz-record-") as folder:
        os.environ["REFUZ_HOME"] = str(Path(folder) / "home")  # for what is stored without the form
        sandbox = process.start(Path(folder) / "sandbox", world=ROOT / "data" / "shop.json.gz")
        try:
            with served(Path(folder) / "home") as address, sync_playwright() as driver:
                browser = driver.chromium.launch(
                    executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
                )
                page = browser.new_page(locale="en-GB", viewport={"width": 1000, "height": 1900})
                page.set_default_timeout(PATIENCE)
                desk = Desk(page, sandbox.base_url, address)
                desk.begin(owner_token(Path(folder) / "home"))
                for case in wanted:
                    write(case.mark, record(desk, case))
                    print(f"{case.mark}: recorded", flush=True)
                browser.close()
        finally:
            sandbox.stop()
    if wanted == list(CASES):
        write("when", f"Last recorded on {dt.datetime.now(dt.UTC):%d %B %Y}.")


if __name__ == "__main__":
    record_all(sys.argv[1:])
