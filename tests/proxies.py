"""The real nginx with the settings of deploy/, as the tests run it: in a folder, on a free port."""

import os
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """The text with each old part, which must be there, as the new one."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def whole_host(port: int, desk: int, crt: Path, key: Path) -> str:
    """deploy/nginx.conf for a desk at the port `desk`."""
    return replaced(
        (DEPLOY / "nginx.conf").read_text(), ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("127.0.0.1:8501", f"127.0.0.1:{desk}"), ("/etc/ssl/desk.example.com.crt", str(crt)),
        ("/etc/ssl/desk.example.com.key", str(key)),
    )  # fmt: skip


def below_a_path(port: int, desk: int, *, site: str = "localhost", tls: str = "") -> str:
    """Another site's server that has the lines of deploy/nginx-sub-path.conf in it.

    `tls`: its certificate's lines; without them the port stands in Host, since it is no usual one.
    """
    lines = replaced(
        (DEPLOY / "nginx-sub-path.conf").read_text(), ("127.0.0.1:8501", f"127.0.0.1:{desk}")
    )
    if not tls:
        lines = replaced(lines, ("$host", "$http_host"))
    secure = " ssl" if tls else ""
    return (
        f"server {{ listen 127.0.0.1:{port}{secure}; server_name {site};\n{tls}\n{lines}\n"
        "location / { return 200 'the other site'; } }"
    )


def nginx(program: str, folder: Path, server: str) -> list[str]:
    """The command of an nginx that serves just this and writes into `folder` alone."""
    temps = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in KINDS)
    user = "user root;\n" if os.geteuid() == 0 else ""
    settings = folder / "nginx.conf"
    settings.write_text(
        f"{user}daemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
        f"http {{ access_log off;\n{temps}{server}\n}}"
    )
    return [program, "-c", str(settings), "-p", str(folder)]
