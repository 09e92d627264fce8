"""`refuz sandbox`: the sandbox services alone, with this desk connected to them."""

import threading

from core.cli import say
from core.config import home
from core.demo import world
from core.sandbox import process
from core.store import db


def run_sandbox(port: int, history: int | None, stop: threading.Event, *, as_json: bool) -> None:
    """Run until told to stop; prints one base URL a service when ready."""
    where = home()
    db.migrate(where)
    if process.running(where.sandbox):
        say.give_up("The sandbox of this REFUZ_HOME is running already.")
    running = process.start(where.sandbox, port=port, world=world.WORLD)
    try:
        world.connect(where, running.base_url)
        world.load(where)
        if history:
            world.load_generated_history(where, history)
        _print_addresses(running.base_url, as_json=as_json)
        while not stop.wait(0.5) and running.process.poll() is None:
            continue
    finally:
        running.stop()


def _print_addresses(base_url: str, *, as_json: bool) -> None:
    addresses = {account.service: base_url + account.path for account in world.accounts()}
    addresses["control"] = f"{base_url}/_sandbox"
    if as_json:
        say.record(addresses)
        return
    for service, address in addresses.items():
        print(f"{service:10} {address}", flush=True)
