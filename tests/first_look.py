"""How a test of a page gets to it without drawing another one first."""

from unittest import mock

from streamlit.navigation.page import StreamlitPage
from streamlit.testing.v1 import AppTest


def known_pages(app: AppTest) -> AppTest:
    """The app after a first look that draws the frame alone: a page is known by its file only then.

    Drawing the first page as well took half the time of each test that looks at another one.
    """
    with mock.patch.object(StreamlitPage, "run", return_value=None):
        return app.run()
