"""What a run did: the sum of it, what needs a person first, every order, and the same on paper."""

import pandas as pd
import streamlit as st

from core.audit import trail
from core.labels import courier_titles
from core.reasons import Reason
from core.reversal.runs import results, runs
from core.reversal.runs.results import DoneCode
from core.store.states import ReversalState
from pages.common.order_trail import order_trail
from pages.common.plain import pick_in_grid, plain, plain_table
from pages.common.proof import names_in_files
from pages.common.session import Rights, downloads, moment, money, own_rights, t, tongue, zoned
from pages.common.ways import way_to
from pages.review.words import amounts, states

ON_PAPER = 500  # rows; longer results are printed from their XLSX
NAMED = 12  # orders of one cause that are named above the list
FIRST = {ReversalState.NEEDS_PERSON: 0, ReversalState.STOPPED: 1}  # then what went well


@st.cache_data(ttl=60, max_entries=10, show_spinner=False)
def _results(run_id: int, finished: int, mine: Rights) -> pd.DataFrame:  # noqa: ARG001 (the key)
    return results.results(run_id)


def result(run_id: int) -> None:
    """The result, failures first, with filters, files, and the way to what is left to do."""
    now = runs.progress(run_id)
    frame = _results(run_id, now.finished, own_rights())
    if frame.empty:
        return
    trail.names_shown(f"run {run_id}", len(frame))
    frame = _sorted(frame)
    with st.container(border=True, key="result"):
        _headline(now, frame)
        with st.expander(t("Every order of this run"), icon=":material/receipt_long:"):
            _rows(run_id, frame)
    with st.container(key="on-paper"):
        _paper(now, frame)


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    """What needs a person first."""
    order = frame["state"].map(lambda state: FIRST.get(state, 2))
    return frame.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def _sums(frame: pd.DataFrame) -> str:
    sums = frame.groupby("currency")["total_minor"].sum()
    return ", ".join(money(int(minor), str(code)) for code, minor in sums.items())


def _headline(now: runs.Progress, frame: pd.DataFrame) -> None:
    done = frame[frame["state"] == ReversalState.DONE]
    row = st.container(horizontal=True, vertical_alignment="center")
    template = t("Run {number}: {done} of {total} done")
    text = template.format(number=now.run.id, done=len(done), total=now.total)
    sums = _sums(done)
    row.markdown(f"**:green[{plain(text)}]**" + (f" · {plain(sums)}" if sums else ""))
    left = frame[frame["state"].isin(list(FIRST))]
    if left.empty:
        return
    need = int((left["state"] == ReversalState.NEEDS_PERSON).sum())
    if need:
        label = t("{count} need you") if need > 1 else t("1 needs you")
        counted = label.format(count=need)
        way_to("follow_up", counted, where=row, icon=":material/back_hand:")
    for state, why, ones in _by_cause(left):
        _cause(state, why, ones)


def _by_cause(left: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    """The state, the sentence and the orders of each cause; what needs a person first, then by
    how many. What differs by a number of its order alone is one cause, told as of the first."""
    causes = left["why"].map(lambda one: "" if one is None else str(one.code))
    groups = [ones for _, ones in left.groupby([left["state"], causes], sort=False)]
    groups.sort(key=lambda ones: (FIRST[ones.iloc[0]["state"]], -len(ones)))
    return [(str(ones.iloc[0]["state"]), t(ones.iloc[0]["why"]), ones) for ones in groups]


def _cause(state: str, why: str, ones: pd.DataFrame) -> None:
    """One cause with its orders; where they are told otherwise each has its own sentence."""
    word = states().get(state, state)
    each = [t(one) for one in ones["why"]]
    same = len(set(each)) == 1
    count = f"{word} · {len(ones)}" if len(ones) > 1 else word
    st.markdown(f":red[:material/error:] **{plain(count)}** · {plain(why)}" if same else
                f":red[:material/error:] **{plain(count)}**")  # fmt: skip
    named = [
        f"**{plain(one['order'])}** {plain(one['customer'])}"
        + ("" if same else f": {plain(sentence)}")
        for one, sentence in zip(ones.head(NAMED).to_dict("records"), each, strict=False)
    ]
    if len(ones) > NAMED:
        named.append(plain(t("{count} more").format(count=len(ones) - NAMED)))
    st.caption(", ".join(named) if same else "  \n".join(named))


def _rows(run_id: int, frame: pd.DataFrame) -> None:
    words = states()
    left, right = st.columns([1, 1])
    shown = left.multiselect(
        t("State"), list(words), format_func=words.__getitem__, key="result-state",
        placeholder=t("All"),
    )  # fmt: skip
    text = right.text_input(t("Search"), key="result-words").strip()
    chosen = frame[frame["state"].isin(shown)] if shown else frame
    if text:
        hay = chosen[["order", "tracking", "customer", "invoice", "storno"]].agg(" ".join, axis=1)
        chosen = chosen[hay.str.contains(text, case=False, regex=False)]
    clicked = pick_in_grid(
        in_words(chosen),
        "single-row",
        column_config={
            t("State"): st.column_config.TextColumn(width=130),
            t("What was done"): st.column_config.TextColumn(width=230),
            t("Why"): st.column_config.TextColumn(width=280),
        },
        key="result-rows",
        alt=t("Every order of this run"),
    )
    _open(chosen, clicked.selection.rows)
    in_file = in_words(chosen)
    in_file[t("Total")] = (chosen["total_minor"].astype("float64") / 100).round(2)
    in_file[t("Currency")] = chosen["currency"]
    in_file[t("Finished")] = zoned(chosen["finished_at"])
    downloads(in_file, f"refuz-run-{run_id}", "result", sums={t("Total"): t("Currency")},
              customers=t("Customer"))  # fmt: skip
    names_in_files("/review")


def _open(frame: pd.DataFrame, rows: list[int]) -> None:
    """The trail of the clicked order, once a click."""
    seen = st.session_state.get("result-opened")
    st.session_state["result-opened"] = rows
    if rows and rows != seen and rows[0] < len(frame):
        row = frame.iloc[rows[0]]
        order_trail(int(row["order_id"]), str(row["order"]))


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in the reader's words; storno beside invoice, where both fit a desk's screen."""
    words = states()
    return pd.DataFrame(
        {
            t("State"): [words.get(one, one) for one in frame["state"]],
            t("Order"): frame["order"],
            t("Customer"): frame["customer"],
            t("Total"): amounts(frame),
            t("Invoice"): frame["invoice"],
            t("Storno number"): frame["storno"],
            t("Why"): [t(one) for one in frame["why"]],
            t("What was done"): [t(one) for one in frame["what"]],
            t("Tracking number"): frame["tracking"],
            t("Courier"): frame["courier"].map(courier_titles),
            t("Finished"): [moment(one) for one in frame["finished_at"]],
        }
    )


@st.cache_data(ttl=600, max_entries=3, show_spinner=False, scope="session")
def _on_paper(run_id: int, finished: int, language: str, mine: Rights) -> pd.DataFrame:  # noqa: ARG001
    return plain_table(in_words(_sorted(_results(run_id, finished, mine)).head(ON_PAPER)))


def _paper(now: runs.Progress, frame: pd.DataFrame) -> None:
    """A first page to sign, then the orders, on as many pages as they need."""
    run = now.run
    done = frame[frame["state"] == ReversalState.DONE]
    back = Reason(DoneCode.RESTOCKED)
    restocked = sum(one is not None and back in one.parameters["steps"] for one in frame["what"])
    with st.container(key="paper-summary"):
        title = t("Run {number}").format(number=run.id)
        st.markdown(f"# Refuz · {plain(title)}")
        lines = [
            (t("Started"), f"{moment(run.created_at)}, {run.created_by}"),
            (t("Finished"), moment(run.finished_at)),
            (t("Orders"), str(now.total)),
            (t("Done"), f"{now.done} · {_sums(done)}"),
            (t("Put back into stock"), str(restocked)),
            (t("Invoices reversed"), str(int((done["storno"] != "").sum()))),
            (t("Needs a person"), str(now.needs_person)),
            (t("Stopped"), str(now.stopped)),
        ]
        st.table(
            plain_table(pd.DataFrame(lines, columns=[t("What"), t("Details")])),
            hide_index=True,
            border="horizontal",
        )
        st.markdown("&nbsp;\n\n" + t("Checked by") + ": ____________________________")
        st.markdown("&nbsp;\n\n" + t("Date") + ": ____________________________")
    st.table(_on_paper(run.id, now.finished, tongue(), own_rights()), hide_index=True)
