"""The few plain pages the server answers by itself, without Streamlit: refusals."""

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response

from core.i18n.language import choose, translate
from core.i18n.letters import escaped
from core.reasons import N_

TEXTS = {
    "token": (
        N_("Sign in"),
        N_(
            "This desk is open on the network, so it asks who you are. Open the address with the "
            "token that was printed when Refuz started, or scan a new code from its Scan page."
        ),
    ),
    "account": (
        N_("Sign in"),
        N_("This desk asks who you are. Open it in a browser and sign in."),
    ),
    "host": (
        N_("Another name"),
        N_("This desk answers only to its own name. Open it as http://localhost with its port."),
    ),
    "beside": (
        N_("Another path"),
        N_(
            "This desk lives below the path that REFUZ_PUBLIC_URL names. A proxy in front must "
            "hand that path on, not cut it off."
        ),
    ),
    "slow": (
        N_("Wait a minute"),
        N_("Too many wrong tokens came from this address. Wait a minute, then try again."),
    ),
    "foreign": (
        N_("Not from here"),
        N_("This call came from another web page and was not taken."),
    ),
    "scope": (
        N_("Only for scanning"),
        N_("This phone was let in to scan. For the other pages sign in on a computer."),
    ),
}

PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title} · Refuz</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 34rem;
  margin: 20vh auto; padding: 0 1.5rem }}
h1 {{ font-size: 1.6rem }}
input, button {{ font: inherit; padding: .6rem .8rem; border-radius: .5rem;
  border: 1px solid #8888 }}
button {{ background: #0f766e; color: #fff; border: 0 }}
</style><h1>{title}</h1><p>{text}</p>{form}</html>"""

FORM = """<form method="get"><label>{token} <input name="token" autocomplete="off"
required></label> <button>{open}</button></form>"""


def refusal(status: int, why: str, headers: Headers) -> Response:
    """A page that says why nothing is shown, and what to do, in the browser's language."""
    language = choose("", headers.get("accept-language"))
    title, text = (escaped(translate(one, language)) for one in TEXTS[why])
    words = {
        "token": translate(N_("Token"), language),
        "open": translate(N_("Open"), language),
    }
    form = FORM.format(**words) if why == "token" else ""
    page = PAGE.format(language=language, title=title, text=text, form=form)
    return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})
