"""A stranger's page in the same browser: it frames nothing, posts nothing, opens no socket."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_desk import Desk
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TRIES = """
async () => {
  const desk = DESK, pile = PILE, tried = {};
  const body = JSON.stringify({ pile, code: "STRANGER-1", key: "stranger-1", source: "scanner" });
  const post = async (options) => {
    try {
      const answer = await fetch(`${desk}/api/scans`, { method: "POST", body, ...options });
      return answer.type === "opaque" ? "opaque" : answer.status;
    } catch (error) { return "refused"; }
  };
  tried.simple = await post({ mode: "no-cors", credentials: "include" });
  tried.asked = await post({ headers: { "X-Refuz": "1", "Content-Type": "application/json" } });
  tried.read = await fetch(`${desk}/api/me`, { credentials: "include" })
    .then((answer) => answer.text(), () => "refused");
  tried.socket = await new Promise((done) => {
    const socket = new WebSocket(`${desk.replace("http", "ws")}/_stcore/stream`, ["streamlit"]);
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
  });
  const form = document.createElement("form");
  const frame = document.createElement("iframe");
  frame.name = "sink";
  Object.assign(form, { method: "post", action: `${desk}/api/scans`, target: "sink",
                        enctype: "text/plain" });
  const field = document.createElement("input");
  Object.assign(field, { name: body.slice(0, -1) + ',"x":"', value: '"}' });
  form.append(field);
  document.body.append(frame, form);
  form.submit();
  const look = document.createElement("iframe");
  look.src = `${desk}/?pile=${pile}`;
  look.id = "look";
  document.body.append(look);
  await new Promise((done) => setTimeout(done, 3000));
  return tried;
}
"""


@pytest.fixture
def foreign_page(tmp_path: Path) -> Iterator[str]:
    """A page of another origin on this computer."""
    (tmp_path / "index.html").write_text("<!doctype html><title>stranger</title><body>")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *rest: object, **more: object) -> None:
            super().__init__(*rest, directory=str(tmp_path), **more)  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


def test_a_stranger_s_page_frames_nothing_posts_nothing_and_opens_no_socket(
    page: Page, desk: Desk, foreign_page: str
) -> None:
    pile = desk.new_pile("Stranger")
    page.goto(foreign_page)
    script = TRIES.replace("DESK", repr(desk.base_url)).replace("PILE", str(pile))
    tried = page.evaluate(script)
    assert tried == {
        "simple": "refused",
        "asked": "refused",
        "read": "refused",
        "socket": "refused",
    }
    look = page.frame(url=lambda url: url.startswith(desk.base_url))
    shown = [frame for frame in page.frames if frame != page.main_frame]
    assert len(shown) == 2
    assert look is None or look.locator("[data-testid=stApp]").count() == 0
    for frame in shown:
        assert frame.locator("[data-testid=stApp]").count() == 0
    assert desk.scans(pile) == []
