"""The station beside its scans: commands without a mouse, what changed, and what it prints."""

import functools
from dataclasses import dataclass

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from core.clock import uptime
from core.i18n.language import translate
from core.i18n.letters import escaped
from core.i18n.reasons import sentence
from core.i18n.sentences import N_
from core.intake import doors
from core.intake.types import PictureError
from core.labels import courier_titles
from core.orders.piles import card, edits
from core.orders.piles.pulse import pulse
from core.reasons import Reason
from core.reversal.runs import runs
from core.reversal.runs.commands import BARCODES, CONDITIONS, Command, obey
from core.rights import named
from core.server import http_helpers
from core.server.http_helpers import CallCode
from core.server.reach import base_of
from core.store.states import UNDER_WAY

HOLD_SECONDS = 12.0  # that a question waits for a change before it is answered "nothing new"
LOOK_SECONDS = 0.7  # between two looks at the database
LATELY = 5  # newest runs that are looked at

TITLES = {
    Command.RESTOCK: N_("Cancel order, restock"),
    Command.NO_RESTOCK: N_("Cancel order, without restock"),
    Command.OPENED: N_("Opened"),
    Command.DAMAGED: N_("Damaged"),
    Command.MISSING_ITEMS: N_("Items missing"),
    Command.UNDO: N_("Undo my last scan"),
    Command.NEW_PILE: N_("New pile"),
    Command.PRINT_LABEL: N_("Print a label"),
}
SHEET_TITLE = N_("Commands to scan")
SHEET_HELP = N_("Scan a parcel, then what to do with it. Each command is about the parcel before.")

PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title} · Refuz</title>
<link rel="stylesheet" href="{base}/station/paper.css">
<script type="module" src="{base}/station/paper.js"></script>
<main>{body}</main></html>"""


async def page(request: Request) -> Response:
    """On to the scan page, by the name that the others have: Streamlit's first page has none, and
    `/scan` was told not to exist."""
    asked = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{base_of(request.scope)}/{asked}", status_code=307)


@http_helpers.json_route
async def commands(request: Request) -> Response:
    """Take `{pile, command, scan?, order_id?, key?, by}` → `{done, say, sound, pile}`.

    `scan`: the key of the scan that it is about; `key`: the command's own, sent again with it.
    """
    body = await http_helpers.json_body(request, 4096)
    pile = http_helpers.number(body.get("pile"), "pile")
    order = body.get("order_id")
    order_id = None if order is None else http_helpers.number(order, "order")
    try:
        command = Command(str(body.get("command")))
    except ValueError as error:
        raise http_helpers.Problem(400, CallCode.NO_COMMAND) from error
    scan, key = (str(body.get(name) or "").strip()[:80] for name in ("scan", "key"))
    with named(http_helpers.person(request, body.get("by"))):
        outcome = await to_thread.run_sync(
            lambda: obey(command, pile, order_id, scan_key=scan, key=key)
        )
    language = await to_thread.run_sync(http_helpers.tongue, request)
    return JSONResponse(
        {
            "done": outcome.done,
            "say": sentence(outcome.why, language),
            "sound": "good" if outcome.done else "bad",
            "pile": outcome.pile_id,
        }
    )


@http_helpers.json_route
async def changes(request: Request) -> Response:
    """Answer when the pile's pulse is another than `?since=`, or after a while without change.

    → `{pulse, parcels}`. One waiting call instead of a page that draws itself every second.
    """
    pile = http_helpers.number(request.path_params["pile"], "pile")
    since = request.query_params.get("since", "")
    until = uptime() + HOLD_SECONDS
    while True:
        now = await to_thread.run_sync(pulse, pile)
        if now != since or uptime() > until or await request.is_disconnected():
            parcels = await to_thread.run_sync(card.parcels_in, pile)
            return JSONResponse({"pulse": now, "parcels": parcels})
        await anyio.sleep(LOOK_SECONDS)


@http_helpers.json_route
async def under_way(_request: Request) -> Response:
    """What runs there are → `{pulse}`: pages left open ask now and then whether it is another.

    Answered at once: a browser has few calls to one server at a time, and many pages may be open.
    """
    return JSONResponse({"pulse": (await to_thread.run_sync(lately)).pulse})


@dataclass(frozen=True)
class Lately:
    """The newest run that goes or is paused, and the newest of all; None where there is none."""

    going: runs.Run | None
    newest: runs.Run | None

    @property
    def pulse(self) -> str:
        """A text that is another as soon as a run begins or ends."""
        return f"{self.going.id if self.going else 0}.{self.newest.id if self.newest else 0}"


def lately() -> Lately:
    """The runs that the pages' strip tells of. Needs the right of piles."""
    found = runs.newest(LATELY)
    going = next((one for one in found if one.state in UNDER_WAY), None)
    return Lately(going, found[0] if found else None)


async def sheet(request: Request) -> Response:
    """The command barcodes on one page of paper, in the reader's language."""
    language = await to_thread.run_sync(http_helpers.tongue, request)
    drawn = await to_thread.run_sync(_command_bars)
    cells = "".join(
        f"<figure>{drawn[code]}<figcaption>{escaped(translate(TITLES[command], language))}"
        "</figcaption></figure>"
        for command, code in BARCODES.items()
    )
    title, how = (escaped(translate(text, language)) for text in (SHEET_TITLE, SHEET_HELP))
    return _paper(
        request, language, title, f"<h1>{title}</h1><p>{how}</p><div class=sheet>{cells}</div>"
    )


@http_helpers.json_route
async def label(request: Request) -> Response:
    """A small label for one parcel of a pile: order, condition, note, tracking number."""
    try:
        pile = http_helpers.number(request.path_params["pile"], "pile")
        order = http_helpers.number(request.path_params["order"], "order")
    except http_helpers.Problem:
        return Response(status_code=404)
    found = await to_thread.run_sync(card.card, order)
    remark = await to_thread.run_sync(edits.remarks, pile, order)
    if found is None or remark is None:
        return Response(status_code=404)
    language = await to_thread.run_sync(http_helpers.tongue, request)
    code = f"condition_{remark[0].replace(' ', '_')}" if remark[0] in CONDITIONS.values() else ""
    box = found.parcels[0] if found.parcels else None
    lines = [
        f"<h1>{escaped(found.name)}</h1>",
        f"<p>{escaped(found.customer_name)}</p>",
        f"<p><b>{escaped(_sentence(code, language))}</b> {escaped(remark[1])}</p>",
        await to_thread.run_sync(_bars, box.tracking) if box else "",
        f"<p>{escaped(courier_titles(box.courier))} {escaped(box.tracking)}</p>" if box else "",
    ]
    body = f"<div class=label>{''.join(lines)}</div>"
    return _paper(request, language, escaped(found.name), body)


@functools.cache
def _command_bars() -> dict[str, str]:
    """The bars of each command, drawn once a process: they never change."""
    return {code: doors.bars(code) for code in BARCODES.values()}


def _sentence(code: str, language: str) -> str:
    return sentence(Reason(code), language) if code else ""


def _bars(text: str) -> str:
    """A Code 128 as SVG; nothing where the text cannot be drawn as one."""
    try:
        return doors.bars(text)
    except PictureError:
        return ""


def _paper(request: Request, language: str, title: str, body: str) -> HTMLResponse:
    page = PAGE.format(language=language, title=title, body=body, base=base_of(request.scope))
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})
