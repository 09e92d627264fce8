"""The list of orders stays sorted as orders come, change and go."""

from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.places import OrderPlaces

MOMENTS = st.sampled_from(["2026-11-01", "2026-11-02", "2026-11-03"])
KEYS = st.sampled_from("abcdef")


@given(
    st.lists(st.tuples(KEYS, st.none() | MOMENTS)),
    st.none() | st.tuples(MOMENTS, KEYS),
    st.booleans(),
)
def test_what_is_behind_a_place_is_what_sorting_everything_would_give(
    changes: list[tuple[str, str | None]], place: tuple[str, str] | None, reverse: bool
) -> None:
    places, orders = OrderPlaces("at"), dict[str, str]()
    for key, moment in changes:
        places.keep(key, None if moment is None else {"at": moment})
        orders.pop(key, None)
        if moment is not None:
            orders[key] = moment
    expected = sorted(((moment, key) for key, moment in orders.items()), reverse=reverse)
    if place is not None:
        expected = [one for one in expected if (one < place if reverse else one > place)]
    assert list(places.behind(place, reverse=reverse)) == expected
