"""A certificate for this computer's own names: phone cameras need HTTPS beyond localhost."""

import datetime as dt
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.clock import now

LIFE = dt.timedelta(days=397)  # the longest life browsers accept for a leaf certificate
RENEW_BEFORE = dt.timedelta(days=14)


@dataclass(frozen=True)
class Certificate:
    """The two PEM files."""

    certificate: Path
    key: Path


def local_certificate(root: Path, host: str) -> Certificate:
    """The certificate in `root`, made anew when it is missing, old, or lacks an address of ours."""
    files = Certificate(root / "https.crt", root / "https.key")
    names = _names(host)
    if not _fits(files, names):
        _make(files, names)
    return files


def lan_address() -> str | None:
    """The address other machines reach this one by; None without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # asks the routing table only; nothing is sent
            address = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if ipaddress.ip_address(address).is_loopback else address


def _names(host: str) -> list[x509.GeneralName]:
    addresses = {"127.0.0.1", "::1", lan_address(), host} - {None, "", "0.0.0.0", "::"}  # noqa: S104
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.DNSName(socket.gethostname())]
    for address in sorted(str(one) for one in addresses):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(address)))
        except ValueError:
            names.append(x509.DNSName(address))
    return list(dict.fromkeys(names))


def _fits(files: Certificate, names: list[x509.GeneralName]) -> bool:
    try:
        made = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        serialization.load_pem_private_key(files.key.read_bytes(), password=None)
    except (OSError, ValueError):
        return False
    held = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return made.not_valid_after_utc - RENEW_BEFORE > now() and set(names) <= set(held)


def _make(files: Certificate, names: list[x509.GeneralName]) -> None:
    """Make a key and a certificate that it signs itself, for these names."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Refuz on this computer")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - dt.timedelta(hours=1))
        .not_valid_after(now() + LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write_private(files.key, pem)
    files.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _write_private(file: Path, data: bytes) -> None:
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
    fresh.replace(file)
