"""The unit, the container's files and the proxies' settings say what docs/operate.md says."""

import datetime as dt
import fnmatch
import functools
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import proxies
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hostile_desk import served
from proxies import DEPLOY, replaced

from tests.ports import free_port

NAME = "desk.example.com"
SITE = "example.com"  # whose path /desk is the desk's


def program(name: str) -> str:
    """Where a program is: on the path, or beside this Python; else the test is skipped."""
    beside = Path(sys.executable).with_name(name)
    found = shutil.which(name) or (str(beside) if beside.exists() else "")
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def test_systemd_takes_the_unit_and_finds_it_closed(tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    unit = tmp_path / "refuz.service"
    text = (DEPLOY / "refuz.service").read_text()
    assert "/opt/refuz/bin/refuz serve" in text
    unit.write_text(text.replace("/opt/refuz/bin/refuz", "/bin/true"))
    done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, "")
    for wanted in ("User=refuz", "Restart=always", "UMask=0077", "TimeoutStopSec=40",
                   "StartLimitIntervalSec=0"):  # fmt: skip
        assert f"\n{wanted}\n" in text
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", unit], capture_output=True
    )
    assert done.returncode == 0  # exposure of 2.0 of 10 at most


@pytest.mark.parametrize("name", ["Caddyfile", "Caddyfile.compose", "Caddyfile.sub-path"])
def test_caddy_takes_its_files(name: str, tmp_path: Path) -> None:
    command = [program("caddy"), "validate", "--adapter", "caddyfile", "--config", DEPLOY / name]
    done = subprocess.run(
        command, env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_container_is_no_root_and_says_whether_it_is_well() -> None:
    lines = (DEPLOY / "Containerfile").read_text()
    last = lines.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert "/readyz" in last
    assert "HEALTHCHECK" in last
    assert re.search(r"^VOLUME /data$", last, re.MULTILINE)
    assert "--require-hashes" in lines
    # Without a group of that number the process has one that owns nothing.
    assert re.search(r"groupadd --gid 10001 refuz\b", last)
    assert re.search(r"^ENTRYPOINT \[\"tini\", ", last, re.MULTILINE)  # process 1 reaps
    assert re.search(r"^STOPSIGNAL SIGTERM$", last, re.MULTILINE)


def test_pg_dump_of_the_container_is_not_older_than_the_database_beside_it() -> None:
    """It refuses a newer server's database (PostgreSQL's own rule)."""
    text = (DEPLOY / "Containerfile").read_text()
    debian = re.findall(r"^FROM python:\S+-slim-(\w+)", text, re.MULTILINE)
    assert len(set(debian)) == 1
    client = {"bookworm": 15, "trixie": 17}[debian[0]]  # postgresql-client of that release
    compose = (DEPLOY / "compose.yaml").read_text()
    server = int(re.findall(r"image: postgres:(\d+)-", compose)[0])
    assert server <= client
    at = "/var/lib/postgresql" if server >= 18 else "/var/lib/postgresql/data"
    assert f"- database:{at}\n" in compose  # where that image keeps its data


def test_no_secret_beside_the_compose_file_gets_into_an_image_or_the_repository() -> None:
    yaml = pytest.importorskip("yaml")
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for ignored in (".dockerignore", ".gitignore"):
        lines = (DEPLOY.parent / ignored).read_text().splitlines()
        patterns = [one.strip("/") for one in lines if one]
        for secret in compose["secrets"].values():
            named = f"deploy/{secret['file'].removeprefix('./')}"
            assert any(fnmatch.fnmatch(named, one) for one in patterns), (ignored, named)


def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run(
        [program("hadolint"), DEPLOY / "Containerfile"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, "")


def test_compose_is_as_its_format_s_own_schema_says() -> None:
    tool = [program("check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*tool, DEPLOY / "compose.yaml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_compose_runs_the_desk_closed_and_every_file_it_names_is_here_or_yours() -> None:
    yaml = pytest.importorskip("yaml")
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    desk, database = compose["services"]["desk"], compose["services"]["database"]
    assert desk["read_only"] is True
    assert desk["user"] == "10001:10001"
    assert desk["cap_drop"] == ["ALL"]
    assert "ports" not in desk  # by Caddy only
    assert "ports" not in database
    assert desk["depends_on"]["database"]["condition"] == "service_healthy"
    # Its image starts once without a network while it is set up: that is not yet well.
    assert "--host" in database["healthcheck"]["test"]
    proxies_named = desk["environment"]["REFUZ_TRUSTED_PROXIES"]
    [network] = compose["networks"]["default"]["ipam"]["config"]
    assert proxies_named == network["subnet"]
    assert f"REFUZ_TRUSTED_PROXIES={proxies_named}" in (DEPLOY / "Caddyfile.compose").read_text()
    for service in compose["services"].values():
        assert service["restart"] == "unless-stopped"
        assert service["logging"]["options"]["max-size"]  # a year's lines fill no disk
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            there = source in compose["volumes"] or (DEPLOY / source).exists()
            assert there, mount
    given = [one for service in compose["services"].values() for one in service.get("secrets", [])]
    named = {one if isinstance(one, str) else one["source"] for one in given}
    assert named == set(compose["secrets"])
    # Compose binds a file as it lies on the host: it cannot change its owner or mode
    # (docs.docker.com, Compose file reference, services, secrets).
    assert all(isinstance(one, str) for one in given)
    passwords = re.findall(r"(?i)password: *\S+", (DEPLOY / "compose.yaml").read_text())
    assert passwords == []


# ---------------------------------------------------------------- proxies, the real ones


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.DNSName(SITE)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(7)
        .not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    crt, own = tmp_path / "c.crt", tmp_path / "c.key"
    crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    own.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ))  # fmt: skip
    return crt, own


def nginx(folder: Path, port: int, desk: int, crt: Path, key: Path) -> list[str]:
    return proxies.nginx(program("nginx"), folder, proxies.whole_host(port, desk, crt, key))


def nginx_sub_path(folder: Path, port: int, desk: int, crt: Path, key: Path) -> list[str]:
    tls = f"ssl_certificate {crt}; ssl_certificate_key {key};"
    server = proxies.below_a_path(port, desk, site=SITE, tls=tls)
    return proxies.nginx(program("nginx"), folder, server)


def caddy(folder: Path, port: int, desk: int, crt: Path, key: Path) -> list[str]:
    text = replaced(
        (DEPLOY / "Caddyfile").read_text(), ("127.0.0.1:8501", f"127.0.0.1:{desk}"),
        ("desk.example.com {", f"https://desk.example.com:{port} {{\n\ttls {crt} {key}"),
    )  # fmt: skip
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text)
    return [program("caddy"), "run", "--config", str(folder / "Caddyfile"),
            "--adapter", "caddyfile"]  # fmt: skip


def caddy_sub_path(folder: Path, port: int, desk: int, crt: Path, key: Path) -> list[str]:
    text = replaced(
        (DEPLOY / "Caddyfile.sub-path").read_text(), ("127.0.0.1:8501", f"127.0.0.1:{desk}"),
        ("\nexample.com {", f"\nhttps://example.com:{port} {{\n\ttls {crt} {key}"),
    )  # fmt: skip
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text)
    return [program("caddy"), "run", "--config", str(folder / "Caddyfile"),
            "--adapter", "caddyfile"]  # fmt: skip


Proxy = Callable[[Path, int, int, Path, Path], list[str]]
WAYS = {
    "nginx": (nginx, f"https://{NAME}"), "caddy": (caddy, f"https://{NAME}"),
    "nginx-below-a-path": (nginx_sub_path, f"https://{SITE}/desk"),
    "caddy-below-a-path": (caddy_sub_path, f"https://{SITE}/desk"),
}  # fmt: skip


@pytest.fixture(scope="module")
def desk_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], int]]:
    """The port of the desk that has this public address, each started once."""
    with ExitStack() as stack:

        @functools.cache
        def port_of(url: str) -> int:
            folder = tmp_path_factory.mktemp("behind")
            _, port = stack.enter_context(
                served(
                    folder / "home", log=folder / "desk.log", REFUZ_PUBLIC_URL=url,
                    REFUZ_WORKER="off", REFUZ_TRUSTED_PROXIES="127.0.0.1",
                )
            )  # fmt: skip
            return port

        yield port_of


@pytest.fixture(params=list(WAYS))
def behind(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    certificate: tuple[Path, Path],
    desk_at: Callable[[str], int],
) -> Iterator[tuple[int, Path, str]]:
    """A desk behind a proxy; the proxy's port, its certificate and the desk's public address."""
    make: Proxy
    make, url = WAYS[request.param]
    port = free_port()
    program(request.param.partition("-")[0])
    process = subprocess.Popen(
        make(tmp_path, port, desk_at(url), *certificate),
        env={**os.environ, "HOME": str(tmp_path)}, stderr=(tmp_path / "proxy.log").open("wb"),
    )  # fmt: skip
    try:
        until = time.monotonic() + 20
        while True:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            assert time.monotonic() < until, (tmp_path / "proxy.log").read_text()
            time.sleep(0.1)
        yield port, certificate[0], url
    finally:
        process.terminate()
        process.wait(20)


def test_a_stranger_behind_the_proxy_comes_by_https_to_no_page_route_or_socket(
    behind: tuple[int, Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, crt, url = behind
    name, path = urlsplit(url).netloc, urlsplit(url).path
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo",
        lambda host, *rest, **more: real("127.0.0.1" if host == name else host, *rest, **more),
    )  # fmt: skip
    with requests.Session() as http:
        http.trust_env, http.verify = False, str(crt)
        http.headers["Host"] = name  # as a browser on port 443 writes it
        base = f"https://{name}:{port}{path}"
        health = http.get(f"{base}/healthz", timeout=20)
        assert health.json() == {"status": "ok"}  # no details for strangers
        assert health.headers["strict-transport-security"].startswith("max-age=")
        page = http.get(f"{base}/", timeout=20, allow_redirects=False)
        assert page.status_code in (302, 303, 401)
        assert page.headers["content-security-policy"]
        wrong = http.post(f"{base}/api/scans", json={}, headers={"X-Refuz": "1"}, timeout=20)
        assert wrong.status_code == 401
        assert http.get(f"{base}/metrics", timeout=20).status_code == 403
        asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                 "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
        socket_ = http.get(f"{base}/_stcore/stream", headers=asked, timeout=20)
        assert socket_.status_code == 403
        if path:
            site = f"https://{name}:{port}"
            assert http.get(f"{site}/", timeout=20).text.lower().startswith("the ")
            assert http.get(f"{site}/api/me", timeout=20).text.lower().startswith("the ")
            short = http.get(f"{site}{path}", timeout=20, allow_redirects=False)
            assert urlsplit(short.headers["location"]).path == f"{path}/"
