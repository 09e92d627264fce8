"""A page without a browser: Streamlit's websocket, spoken as its own page speaks it."""

import time
import uuid
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

LONGEST = 50 * 2**20


@dataclass
class PageClient:
    """One open page; `draw` runs it and gives every element as (type, protobuf)."""

    base: str
    room: str = ""
    query: str = "by=Ana"
    cookies: dict[str, str] = field(default_factory=dict)
    session: str = ""
    _tabs: str = ""

    def __enter__(self) -> Self:
        parts = urlsplit(self.base)
        scheme = "wss" if parts.scheme == "https" else "ws"
        self.http = requests.Session()
        self.http.cookies.update(self.cookies)
        self.http.get(f"{self.base}/_stcore/health", timeout=30)  # gives the XSRF cookie
        cookie = "; ".join(f"{one.name}={one.value}" for one in self.http.cookies)
        self.socket = connect(
            f"{scheme}://{parts.netloc}{parts.path}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": cookie} if cookie else {},
            max_size=LONGEST,
            origin=f"{parts.scheme}://{parts.netloc}",  # type: ignore[arg-type]
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()
        self.http.close()

    def draw(self, states: Any = None, seconds: float = 60.0) -> list[tuple[str, Any]]:
        """Run the page with these widget states (`WidgetStates`); its elements."""
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_name = self.room
        if states is not None:
            asked.rerun_script.widget_states.CopyFrom(states)
        self.socket.send(asked.SerializeToString())
        found: list[tuple[str, Any]] = []
        until = time.monotonic() + seconds
        while True:
            message = ForwardMsg()
            message.ParseFromString(self.socket.recv(timeout=max(0.1, until - time.monotonic())))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                found.append((element.WhichOneof("type"), element))
            elif kind == "delta" and message.delta.add_block.HasField("tab_container"):
                self._tabs = message.delta.add_block.tab_container.id or message.delta.add_block.id
            elif kind == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):  # fmt: skip
                return found

    def open_tab(self, name: str) -> list[tuple[str, Any]]:
        """Open a tab of the page, which is drawn with it; its elements."""
        from streamlit.proto.WidgetStates_pb2 import WidgetStates

        self.draw()
        states = WidgetStates()
        one = states.widgets.add()
        one.id, one.string_value = self._tabs, name
        return self.draw(states)

    def upload(self, widget: str, name: str, data: bytes) -> Any:
        """Hand a file to a file uploader and give the widget states that say so."""
        from streamlit.proto.WidgetStates_pb2 import WidgetStates

        file = str(uuid.uuid4())
        url = f"{self.base}/_stcore/upload_file/{self.session}/{file}"
        answer = self.http.put(url, files={"file": (name, data)}, headers=self._token(), timeout=60)
        answer.raise_for_status()
        states = WidgetStates()
        one = states.widgets.add()
        one.id = widget
        info = one.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(data), file
        info.file_urls.file_id = file
        info.file_urls.upload_url = info.file_urls.delete_url = url
        return states

    def remove(self, states: Any) -> None:
        """Take the file back, as the page does when a person removes it."""
        for widget in states.widgets:
            for info in widget.file_uploader_state_value.uploaded_file_info:
                self.http.delete(
                    info.file_urls.delete_url, headers=self._token(), timeout=30
                ).raise_for_status()

    def _token(self) -> dict[str, str]:
        found = next((one.value for one in self.http.cookies if "xsrf" in one.name), "")
        return {"X-Xsrftoken": found or ""}


def uploader(elements: list[tuple[str, Any]], label: str) -> str:
    """The id of the file uploader with this label."""
    for kind, element in elements:
        if kind == "file_uploader" and element.file_uploader.label == label:
            return str(element.file_uploader.id)
    raise AssertionError(f"no uploader {label}: {[kind for kind, _ in elements]}")


def said(elements: list[tuple[str, Any]]) -> list[str]:
    """Errors and warnings on the page, and crashes ("exception: …")."""
    alerts = [element.alert.body for kind, element in elements if kind == "alert"]
    return alerts + [
        f"exception: {e.exception.message}" for kind, e in elements if kind == "exception"
    ]
