"""The commands; each hands over to the room that does the work."""

import importlib.util
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

import click
import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core import logs, rights
from core.cli import say
from core.cli.host import commands as host_commands
from core.config import CHECKOUT, home, keep_private
from core.store import db

AGAIN_SECONDS = 2.0  # before a worker that lost its database begins again

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group(
    cls=host_commands.PlainErrors, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="refuz")
def main() -> None:
    """The refused-parcel desk: cancel the orders, reverse the invoices, once each.

    REFUZ_HOME holds everything written; REFUZ_DATABASE_URL moves it to PostgreSQL.
    """
    logs.configure()
    keep_private(home())
    rights.of_process(replace(rights.HOST, name=say.person()))


# ---------------------------------------------------------------- servers


@main.command()
@click.option("--port", type=int, envvar="PORT", default=8501, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback unless told.")
@click.option(
    "--sandbox", is_flag=True, help="Use the sandbox services, loaded with a sample shop."
)
@click.option("--https", is_flag=True, help="Make a local certificate, which phone cameras need.")
@click.option("--plain-http", is_flag=True, help="Let other machines in without encryption.")
def serve(port: int, host: str, sandbox: bool, https: bool, plain_http: bool) -> None:
    """Run the dashboard, with its worker, until Ctrl-C."""
    from core.server import reach, supervision

    if importlib.util.find_spec("streamlit") is None:
        say.give_up("Streamlit is not installed; run `make setup`.")
    try:
        public = reach.from_environment()
    except reach.WrongAddress as error:
        say.give_up(str(error))
    encrypted = https or public.https or plain_http
    if not encrypted and reach.beyond_loopback(host):
        say.give_up(
            "Other machines would send passwords in clear. Use --https, or a proxy with https and "
            "REFUZ_PUBLIC_URL (docs/operate.md), or ask for it by name: --plain-http"
        )
    if not supervision.is_free(host, port):
        say.give_up(f"Port {port} is taken. Choose another one: --port NUMBER")
    db.migrate()
    if sandbox:
        os.environ["REFUZ_SANDBOX"] = "1"
    if os.environ.get("REFUZ_CONFIG"):
        from core.cli.host import declared

        declared.apply_at_start(Path(os.environ["REFUZ_CONFIG"]))
    web = ["--port", str(port), "--host", host, *(_certificate(host) if https else [])]
    scheme = "https" if https else "http"
    shown = "localhost" if host in ("127.0.0.1", "::1") else host
    say.line(f"Refuz is starting. Open {public.url or f'{scheme}://{shown}:{port}'}")
    stop = _stop_on_signals(None)
    keeper = supervision.Supervisor(web=web)
    try:
        keeper.start()
        stop.wait()
    finally:
        keeper.stop()


@main.command(hidden=True)
@click.option("--port", type=int, required=True)
@click.option("--host", required=True)
@click.option("--certificate", default="")
@click.option("--key", default="")
@click.option("--parent-pid", type=int, hidden=True)
def web(port: int, host: str, certificate: str, key: str, parent_pid: int | None) -> None:
    """Run the web process alone; `refuz serve` starts it, and again when it ends."""
    from core.server import web as server

    os.environ |= {"STREAMLIT_SERVER_ADDRESS": host, "STREAMLIT_SERVER_PORT": str(port)}
    if certificate:
        os.environ |= {
            "STREAMLIT_SERVER_SSL_CERT_FILE": certificate, "STREAMLIT_SERVER_SSL_KEY_FILE": key,
        }  # fmt: skip
    os.environ["REFUZ_SUPERVISED"] = "1"
    rights.refuse_unbound()
    os.environ["REFUZ_HOME"] = str(home().root)  # a relative one is of the folder we came from
    os.chdir(CHECKOUT / "pages")  # Streamlit's settings lie there
    sys.path.insert(0, str(CHECKOUT))
    if parent_pid:
        orphaned = threading.Event()
        threading.Thread(target=_end_orphaned, args=(parent_pid, orphaned), daemon=True).start()
    sys.exit(server.run("dashboard:app", host, port, certificate, key))


def _end_orphaned(parent_pid: int, orphaned: threading.Event) -> None:
    _follow(parent_pid, orphaned)
    os.kill(os.getpid(), signal.SIGTERM)


def _certificate(host: str) -> list[str]:
    from core.server import certificate

    made = certificate.local_certificate(home().root, host)
    return ["--certificate", str(made.certificate), "--key", str(made.key)]


@main.command()
@click.option("--parent-pid", type=int, hidden=True)
def worker(parent_pid: int | None) -> None:
    """Run a worker: one on SQLite, as many as you like on PostgreSQL."""
    from core.cli import timetable
    from core.reversal.worker import slots
    from core.reversal.worker.worker import run_worker

    rights.of_process(rights.WORKER)
    timetable.announce()
    stop = _stop_on_signals(parent_pid)
    try:
        run_worker(stop)
    except slots.SlotTakenError as error:
        say.give_up(str(error), status=3)
    except SQLAlchemyError as error:
        why = error.orig if isinstance(error, DBAPIError) else error
        say.line(f"The database cannot be used: {why} Trying again.")
        if not stop.wait(AGAIN_SECONDS):
            # In a new process: what this one holds in memory may differ from what was written.
            os.execv(sys.executable, [sys.executable, "-m", "core.cli", *sys.argv[1:]])  # noqa: S606
    except Exception:  # noqa: BLE001 (told, and the process must end all the same)
        structlog.get_logger(__name__).exception("the worker failed")
        os._exit(1)
    os._exit(0)  # threads that hold what was claimed and not begun do not end by themselves


@main.command()
@click.option("--port", type=int, default=8502, show_default=True)
@click.option("--history", type=int, help="Load a history of N made-up parcels into the desk.")
@json_option
def sandbox(port: int, history: int | None, as_json: bool) -> None:
    """Run the sandbox services alone, connect this desk to them, print their addresses."""
    from core.cli import demo_run

    stop = _stop_on_signals(None)
    demo_run.run_sandbox(port, history, stop, as_json=as_json)


def _stop_on_signals(parent_pid: int | None) -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if parent_pid:
        threading.Thread(target=_follow, args=(parent_pid, stop), daemon=True).start()
    return stop


def _follow(parent_pid: int, stop: threading.Event) -> None:
    """End with the parent, also when it was killed and could not say goodbye."""
    while not stop.wait(0.5):
        if os.getppid() != parent_pid:
            stop.set()


# ---------------------------------------------------------------- a pile


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def decode(files: tuple[Path, ...], as_json: bool) -> None:
    """Read the barcodes in pictures: one line a picture."""
    from core.cli import pictures

    raise SystemExit(pictures.decode(files, as_json=as_json))


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask before cancelling and reversing.")
@click.option("--restock/--no-restock", default=None, help="Put the goods back in stock.")
@click.option("--sandbox", "use_sandbox", is_flag=True, help="Work on the sandbox services.")
@json_option
def process(
    files: tuple[Path, ...], yes: bool, restock: bool | None, use_sandbox: bool, as_json: bool
) -> None:
    """Read, match, then cancel the orders and reverse their invoices."""
    from core.cli import pile

    if use_sandbox:
        os.environ["REFUZ_SANDBOX"] = "1"
    raise SystemExit(pile.process(files, yes=yes, restock=restock, as_json=as_json))


@main.command()
@click.argument("pile")
@json_option
def plan(pile: str, as_json: bool) -> None:
    """Show what a run of PILE (its number or name) would reverse, and why; changes nothing."""
    from core.cli import plan as planning

    raise SystemExit(planning.plan(pile, as_json=as_json))


# ---------------------------------------------------------------- orders


@main.group()
def orders() -> None:
    """Orders and their parcels."""


@orders.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Take the guessed columns without asking.")
@click.option("--invoices-at", default="", help="Where invoices are that do not say: smartbill …")
@click.option("--day-first/--month-first", default=None, help="How 03/04/2026 is meant.")
@json_option
def import_orders(
    file: Path, yes: bool, invoices_at: str, day_first: bool | None, as_json: bool
) -> None:
    """Import orders from CSV, XLSX, XLS, ODS, HTML or XML; bad rows are named by line."""
    from core.cli import upkeep

    raise SystemExit(
        upkeep.import_orders(
            file, yes=yes, invoices_at=invoices_at, day_first=day_first, as_json=as_json
        )
    )


@main.group()
def couriers() -> None:
    """What couriers tell."""


@couriers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--courier", default="", help="Only this courier's parcels: sameday, fan, gls …")
@json_option
def import_report(file: Path, courier: str, as_json: bool) -> None:
    """Take in a courier's report (CSV): statuses and return numbers."""
    from core.cli import upkeep

    raise SystemExit(upkeep.import_report(file, courier, as_json=as_json))


@main.command()
@json_option
def sync(as_json: bool) -> None:
    """Take in what changed at the connected shops; exit 1 if one could not be read."""
    from core.cli import upkeep

    raise SystemExit(upkeep.sync_shops(as_json=as_json))


# ---------------------------------------------------------------- people


@main.group()
def people() -> None:
    """Accounts: who may sign in."""


@people.command("list")
@json_option
def list_people(as_json: bool) -> None:
    """Every account with its role, and whether it can sign in."""
    from core.cli import people as accounts

    accounts.listed(as_json=as_json)


@people.command()
@click.argument("login", default="")
def owner(login: str) -> None:
    """Print a one-time link: for the first owner, or for LOGIN to get back in as an owner."""
    from core.cli import people as accounts

    accounts.owner(login)


@people.command()
@click.argument("login")
@click.option("--name", required=True, help="What the person is called.")
@click.option("--role", default="operator", show_default=True)
def invite(login: str, name: str, role: str) -> None:
    """Make an account for LOGIN and print its one-time link."""
    from core.cli import people as accounts

    accounts.invite(login, name, role)


@people.command("end")
@click.argument("login")
def end_account(login: str) -> None:
    """End an account and all its sessions."""
    from core.cli import people as accounts

    accounts.end(login)


@people.command("known")
@click.argument("login")
def known_person(login: str) -> None:
    """Say that LOGIN, whose account one person made alone, is a person of their own."""
    from core.cli import people as accounts

    accounts.vouch_for(login)


# ---------------------------------------------------------------- upkeep


for one in host_commands.ALL:
    main.add_command(one)


@main.command()
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="Ask about the orders reversed in so many last days.",
)
@click.option("--all", "everything", is_flag=True, help="Ask about every order ever reversed.")
@json_option
def reconcile(days: int, everything: bool, as_json: bool) -> None:
    """Ask both services about the orders reversed lately, each cancelled once, reversed once.

    Exit 1 if anything does not fit, or if a service could not be asked. What could not be asked
    about is asked about again the next time. The worker does the same every night.
    """
    from core.cli import upkeep

    raise SystemExit(upkeep.reconcile(None if everything else days, as_json=as_json))


@main.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it.")
@click.option("--send", is_flag=True, help="Also send it, as REFUZ_SMTP_URL and others say.")
@json_option
def digest(out: Path | None, send: bool, as_json: bool) -> None:
    """Write the weekly digest of what was refused, as one HTML page."""
    from core.cli import digest as weekly

    raise SystemExit(weekly.run(out, send=send, as_json=as_json))


@main.command()
@click.option(
    "--live", metavar="SERVICE", help="Also try what can be tried read-only there (or at all)."
)
@json_option
def doctor(live: str | None, as_json: bool) -> None:
    """Check this desk: database, audit chain, readers, worker, services."""
    from core.cli import doctor as checks

    raise SystemExit(checks.run(live, as_json=as_json))
