"""The pages of signing in: plain HTML of ours, outside Streamlit."""

from collections.abc import Mapping

from starlette.responses import HTMLResponse

from core.errors import UserError
from core.i18n.language import translate
from core.i18n.letters import escaped
from core.i18n.reasons import sentence
from core.i18n.words import shown
from core.people.ways.passkeys import PasskeyCode
from core.reasons import ReasonCode

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Refuz</title>
<link rel="stylesheet" href="{base}/sign-in/style.css">
<link rel="icon" href="{base}/sign-in/icon.png"></head>
<body><main><div class="mark"><img src="{base}/sign-in/icon.png" alt="">Refuz</div>
<h1>{title}</h1>{body}{here}</main>{script}</body></html>"""

SCRIPT = '<script src="{base}/sign-in/passkey.js" type="module"></script>'


FIELD = """<label>{label}<input name="{name}" type="{kind}" value="{value}"
 autocomplete="{hint}"{more}></label>"""

LOGIN = shown("Name or e-mail address")
PASSWORD = shown("Password")
NEW_PASSWORD = shown("New password")
YOUR_NAME = shown("Your name")


class SignInPage:
    """One page in one language."""

    def __init__(self, language: str, base: str = "", here: ReasonCode | None = None) -> None:
        """`language`: "en" or "ro"; `base`: the path that the desk lives below, "" at the root.

        `here`: what every page of this desk says, that of a sandbox.
        """
        self.language = language
        self.base = base
        self.here = "" if here is None else escaped(sentence(here.of(), language))

    def t(self, text: str) -> str:
        """The text in the reader's language, safe in HTML."""
        return escaped(translate(text, self.language))

    def field(
        self, label: str, name: str, hint: str, *, value: str = "", first: bool = False
    ) -> str:
        """One labelled field; a password's is hidden as it is typed."""
        secret = "password" in hint or hint == "one-time-code"
        more = " autofocus" if first else ""
        more += ' readonly tabindex="-1"' if hint == "username" and value and not first else ""
        return FIELD.format(
            label=self.t(label),
            name=name,
            kind="password" if secret else "text",
            value=escaped(value),
            hint=hint,
            more=f'{more} required maxlength="200"',
        )

    def wrong(self, refused: UserError | None) -> str:
        """Why the last try was not taken."""
        if refused is None:
            return ""
        why = escaped(sentence(refused.reason, self.language))
        return f'<p class="wrong" role="alert">{why}</p>'

    def form(self, action: str, fields: str, button: str, hidden: Mapping[str, str]) -> str:
        """A form of ours; it is taken only when it comes from a page of ours."""
        more = "".join(
            f'<input type="hidden" name="{name}" value="{escaped(value)}">'
            for name, value in hidden.items()
        )
        return (
            f'<form method="post" action="{self._here(action)}">{more}{fields}'
            f"<button>{self.t(button)}</button></form>"
        )

    def passkey(self, action: str, button: str, where: str, *, first: bool = False) -> str:
        """A button that asks the browser for a passkey: `action` tells what for, and takes it.

        Drawn where a passkey can work at all; without a script, or a browser that knows none, it
        stays hidden.
        """
        kind = "" if first else ' class="second"'
        wrong = sentence(PasskeyCode.NOT_TAKEN.of(), self.language)
        return (
            f'<button type="button"{kind} hidden data-passkey="{self._here(action)}" '
            f'data-next="{escaped(where)}" data-wrong="{escaped(wrong)}">'
            f"{self.t(button)}</button>"
        )

    def link(self, href: str, text: str) -> str:
        """A link that looks like the second button; `text` as `t` gives it."""
        return f'<a class="button" href="{self._here(href)}">{text}</a>'

    def _here(self, path: str) -> str:
        """A path of this desk as the browser must ask for it, safe in HTML."""
        return escaped(self.base + path)

    def answer(self, title: str, body: str, status: int = 200) -> HTMLResponse:
        """The page."""
        script = SCRIPT.format(base=self.base) if "data-passkey=" in body else ""
        page = PAGE.format(
            language=self.language,
            title=self.t(title),
            body=body,
            script=script,
            base=self.base,
            here=f'<p class="small unprinted">{self.here}</p>' if self.here else "",
        )
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": POLICY,
            "Referrer-Policy": "same-origin",
        }
        return HTMLResponse(page, status_code=status, headers=headers)
