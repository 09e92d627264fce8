"""What `refuz serve` asks before it starts."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from core.cli.main import main
from core.server import supervision


@pytest.mark.parametrize(
    ("options", "url", "refused"),
    [
        (["--host", "0.0.0.0"], "", True), (["--host", "192.0.2.7"], "", True),
        (["--host", "0.0.0.0"], "http://desk.example.com", True),
        (["--host", "0.0.0.0"], "https://desk.example.com", False),
        (["--host", "0.0.0.0", "--https"], "", False),
        (["--host", "0.0.0.0", "--plain-http"], "", False), ([], "", False),
        (["--host", "localhost"], "", False), (["--host", "::1"], "", False),
    ],
)  # fmt: skip
def test_other_machines_are_let_in_without_encryption_only_by_name(
    options: list[str], url: str, refused: bool, home_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUZ_PUBLIC_URL", url)
    monkeypatch.setattr(supervision, "is_free", lambda *_: False)  # what is asked next
    done = CliRunner().invoke(main, ["serve", *options])
    assert done.exit_code == 1
    assert ("passwords in clear" in done.output) is refused
    assert ("is taken" in done.output) is not refused
