"""A certificate for this machine, made here: phone cameras work over HTTPS only."""

import datetime as dt
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_DAYS = 397  # phones refuse longer-lived ones


@dataclass(frozen=True)
class Files:
    """Where the certificate and its key lie."""

    certificate: Path
    key: Path


def local_certificate(directory: Path, host: str) -> Files:
    """The certificate of this home, made on first use and again before it runs out."""
    files = Files(directory / "certificate.pem", directory / "certificate.key")
    if not _still_good(files):
        _make(files, _names(host))
    return files


def addresses() -> list[str]:
    """The addresses under which other devices can reach this machine."""
    found = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    return sorted(str(one) for one in found if not str(one).startswith("127."))


def _names(host: str) -> list[x509.GeneralName]:
    texts = {"127.0.0.1", *addresses()} | ({host} - {"0.0.0.0", "::"})  # noqa: S104 (compared)
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.DNSName(socket.gethostname())]
    for text in sorted(texts):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(text)))
        except ValueError:
            names.append(x509.DNSName(text))
    return names


def _still_good(files: Files) -> bool:
    if not (files.certificate.exists() and files.key.exists()):
        return False
    made = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    return made.not_valid_after_utc > dt.datetime.now(dt.UTC) + dt.timedelta(days=14)


def _make(files: Files, names: list[x509.GeneralName]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Storno on this machine")])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    with os.fdopen(os.open(files.key, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
        out.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
