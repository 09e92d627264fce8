"""`refuz process`: pictures in, cancelled orders and reversed invoices out."""

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from core import clock
from core.cli import say
from core.cli.pictures import picture_record
from core.config import home
from core.i18n.reasons import sentence
from core.intake import PictureError, ReaderPool
from core.intake.codes import PictureCode
from core.orders.judge.shown import Shown
from core.orders.photos import intake_queue, reading
from core.orders.piles import card, edits, piles, review
from core.reasons import Reason
from core.reversal.runs import results, runs
from core.reversal.worker import slots
from core.server.supervision import Supervisor
from core.settings import connections
from core.store import db

FOLLOW_SECONDS = 0.3


def process(files: Sequence[Path], *, yes: bool, restock: bool | None, as_json: bool) -> int:
    """Do the whole way of a pile; exit status 0 only when nothing failed."""
    db.migrate()
    with _services():
        _need_a_shop()
        pile_id = piles.create(f"From the command line, pictures: {len(files)}")
        counts = _read(files, pile_id, as_json=as_json)
        if restock is not None:
            edits.set_options_of_pile(pile_id, restock=restock)
        shown = review.shown_of(pile_id)
        totals = review.totals(pile_id)
        if not yes:
            click.confirm(f"{totals.sentence()}. Cancel and reverse them?", abort=True, err=True)
        outcome = _run(pile_id, shown, as_json=as_json)
    summary = {**_scanned(pile_id), **counts, **outcome}
    _print_summary(summary, as_json=as_json)
    return 0 if summary["failed"] == 0 and summary["needs_person"] == 0 else 1


@contextlib.contextmanager
def _services() -> Iterator[None]:
    """A worker, and the sandbox where it is used: those that run already, or ones for now."""
    where = home()
    running = slots.worker_alive(where)
    supervisor = Supervisor(where, worker=not running)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


def _need_a_shop() -> None:
    with db.reading() as connection:
        shops = connections.all_connections(connection, "shop")
    if not shops:
        say.give_up(
            "No shop is connected. Connect one in Settings (`refuz serve`), or try it all on "
            "the sandbox: refuz process --sandbox FILE…"
        )


def _read(files: Sequence[Path], pile_id: int, *, as_json: bool) -> dict[str, int]:
    """Take every file in as the pages do, and read them here; gives what the summary counts."""
    counts = Counter({"pictures": len(files), "codes": 0, "failed": 0})
    with click.progressbar(length=len(files), label="Reading", file=sys.stderr) as bar:

        def tell(path: Path, result: reading.ReadResult, scans: int) -> None:
            _print_picture(path, result, as_json=as_json)
            counts["codes"] += scans
            counts["failed"] += isinstance(result, PictureError)
            bar.update(1)

        paths: dict[int, list[Path]] = {}
        for path in files:
            try:
                added = intake_queue.add_picture(pile_id, path, path.name, read_by_sender=True)
            except intake_queue.PictureRefused as refused:
                tell(path, PictureError(refused.reason), 0)
            except OSError as error:
                tell(path, _cannot_be_opened(path, error), 0)
            else:
                paths.setdefault(added.id, []).append(path)
        with ReaderPool() as pool:
            for picture, result, scans in reading.read(pool, reading.claimed(list(paths))):
                first, *same = paths[picture]
                tell(first, result, scans)
                for path in same:
                    tell(path, result, 0)
    return dict(counts)


def _cannot_be_opened(path: Path, error: OSError) -> PictureError:
    return PictureError(PictureCode.CANNOT_BE_OPENED, name=path.name, said=error.strerror or "")


def _print_picture(path: Path, result: reading.ReadResult, *, as_json: bool) -> None:
    line = picture_record(path, result)
    if as_json:
        say.record(line)
    elif line["error"]:
        say.line(f"{path}: {line['error']}")


def _run(pile_id: int, shown: Mapping[int, Shown], *, as_json: bool) -> dict[str, int]:
    try:
        run = runs.start_run(pile_id, shown=shown)
    except runs.NothingToRun as nothing:
        say.line(str(nothing))
        return {"reversed": 0, "needs_person": 0}
    if run.changed:
        say.line(f"Changed since they were shown, and left out: {run.changed}")
    progress = _follow(run.id)
    _results(run.id, as_json=as_json)
    return {"reversed": progress.done, "needs_person": progress.needs_person}


def _follow(run_id: int) -> runs.Progress:
    """Show how the run gets on until it has ended; what holds it up is said once."""
    progress = runs.progress(run_id)
    shown: Reason | None = None
    with click.progressbar(length=progress.total, label="Reversing", file=sys.stderr) as bar:
        while progress.finished < progress.total:
            if progress.run.note != shown and (shown := progress.run.note):
                say.line(f"\n{sentence(shown)}")
            clock.sleep(FOLLOW_SECONDS)
            before, progress = progress.finished, runs.progress(run_id)
            bar.update(progress.finished - before)
    return progress


def _results(run_id: int, *, as_json: bool) -> None:
    frame = results.results(run_id)
    for row in frame.drop(columns="finished_at").to_dict("records"):
        fields = {str(name): value for name, value in row.items()}
        if as_json:
            coded = {name: fields[name] and fields[name].as_json() for name in ("what", "why")}
            say.record({**fields, **coded})
        else:
            words = sentence(fields["what"] or fields["why"])
            click.echo(f"{fields['order']:10} {fields['state']:13} {words} {fields['storno']}")


def _scanned(pile_id: int) -> dict[str, object]:
    outcomes = card.outcomes(pile_id)
    return {name: outcomes.get(name, 0) for name in ("matched", "ambiguous", "unmatched")}


def _print_summary(summary: dict[str, object], *, as_json: bool) -> None:
    names = (
        "pictures", "codes", "matched", "ambiguous", "unmatched", "reversed", "needs_person",
    )  # fmt: skip
    if as_json:
        say.record({"summary": {name: summary[name] for name in names}})
        return
    say.line(", ".join(f"{name.replace('_', ' ')} {summary[name]}" for name in names))
