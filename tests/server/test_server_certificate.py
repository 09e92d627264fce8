"""The local certificate names this computer, and is made anew only when it must be."""

from pathlib import Path

from cryptography import x509

from core.server import certificate


def test_it_names_localhost_and_the_address_asked_for(tmp_path: Path) -> None:
    made = certificate.local_certificate(tmp_path, "192.168.7.7")
    read = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    assert {"127.0.0.1", "192.168.7.7"} <= addresses
    assert made.key.stat().st_mode & 0o077 == 0


def test_it_stays_the_same_until_an_address_is_missing_or_a_file_is_broken(tmp_path: Path) -> None:
    first = certificate.local_certificate(tmp_path, "127.0.0.1").certificate.read_bytes()
    assert certificate.local_certificate(tmp_path, "127.0.0.1").certificate.read_bytes() == first
    second = certificate.local_certificate(tmp_path, "192.168.7.8").certificate.read_bytes()
    assert second != first
    (tmp_path / "https.key").write_text("broken")
    third = certificate.local_certificate(tmp_path, "192.168.7.8").certificate.read_bytes()
    assert third != second
