"""The parts of Scan follow their pile, and never stand in the way of another page."""

from contextvars import copy_context
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner import RerunException
from streamlit.runtime.scriptrunner_utils.script_run_context import RunLocation, ThreadState

from pages.scan import live


def _as_a_callback() -> None:
    ThreadState.initialize(run_location=RunLocation.CALLBACK)
    live.follow()


def wanted(monkeypatch: pytest.MonkeyPatch, drawn: list[str], asked: list[str]) -> list[str] | None:
    """The parts that Streamlit is asked to run; an empty list is the whole page, None nothing."""
    storage = MemoryFragmentStorage()
    for name in drawn:
        storage.register(f"id-{name}", lambda: None, target_key=name)
    run = SimpleNamespace(
        fragment_ids_this_run=asked,
        fragment_storage=storage,
        script_requests=object(),
        query_string="",
        page_script_hash="",
        cached_message_hashes=set(),
        context_info=None,
        gather_usage_stats=False,
    )
    whose = lambda *_args, **_kwargs: run  # noqa: E731
    monkeypatch.setattr(live, "get_script_run_ctx", whose)
    monkeypatch.setattr("streamlit.commands.execution_control.get_script_run_ctx", whose)
    try:
        copy_context().run(_as_a_callback)
    except RerunException as rerun:
        asked_for: Any = rerun.rerun_data
        return list(asked_for.fragment_id_queue)
    return None


def test_the_parts_alone_are_run_when_the_pile_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = wanted(monkeypatch, live.FRAGMENTS, ["id-ear"])
    assert parts == [f"id-{name}" for name in live.FRAGMENTS]


def test_a_run_of_the_whole_page_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wanted(monkeypatch, live.FRAGMENTS, []) is None


@pytest.mark.parametrize("left", [[], ["parcel"], ["parcel", "counters"]])
def test_where_the_parts_are_gone_the_page_that_is_shown_runs_whole(
    monkeypatch: pytest.MonkeyPatch, left: list[str]
) -> None:
    """It came behind a way to another page; it once showed an error over that page."""
    assert wanted(monkeypatch, left, ["id-ear"]) == []
