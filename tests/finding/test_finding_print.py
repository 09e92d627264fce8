"""Real print is read in a reader process: cut out of its photo, turned, line by line."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rapidocr", reason="the extra `text` is not installed")

from core.intake import doors
from core.intake.process import close_shared

ROOT = Path(__file__).resolve().parents[2]
PHOTOS = ROOT / "data" / "photos"


def test_a_labels_print_is_read_whichever_way_it_lies(tmp_path: Path) -> None:
    from PIL import Image

    truth = json.loads((PHOTOS / "truth.json").read_text(encoding="utf-8"))["photos"]
    photo = next(one for one in truth if one["file"] == "pile_05.jpg")
    label = photo["labels"][0]
    turned = tmp_path / "turned.png"
    image = Image.open(PHOTOS / photo["file"]).rotate(180, expand=True)
    image.save(turned)
    bars = label["codes"][0]["corners"]
    corners = [(image.width - x, image.height - y) for x, y in bars]
    backwards = tuple(corners[2:] + corners[:2])  # as for bars whose direction nobody knows
    try:
        (paper,) = doors.find_papers(turned, 0, [backwards])
        printed = doors.read_print(turned, 0, paper.paper)
    finally:
        close_shared()
    texts = [one.text for one in printed.lines]
    assert {"Destinatar", "Bianca Sandu", "010011", "Ref #100400"} <= set(texts)
    assert texts.index("Destinatar") < texts.index("Bianca Sandu") < texts.index("010011")


def test_a_drawn_label_lies_on_one_paper_and_its_print_names_its_order() -> None:
    from benchmarks.finding_labels import boxes, shop
    from benchmarks.finding_photos import Reader
    from core.finding.fields import read_fields
    from core.finding.known import Index
    from core.finding.weights import rank

    draw = random.Random(12)
    orders = shop(draw, 500)
    (made,) = boxes(draw, orders, 1)
    found = rank(read_fields(Reader(1).read(made, 2, "one")), Index(orders))
    assert found[0].order.order.order_id == made.order_id


# VmHWM: `ru_maxrss` of a process that was started tells of its parent as well.
MEMORY = """
import sys
from pathlib import Path
from core.intake.text import jobs
for name in sys.argv[1:]:
    (paper,) = jobs.find_papers(Path(name), 0, [None])
    assert len(jobs.read_print(Path(name), 0, paper.paper).lines) > 6
status = Path("/proc/self/status").read_text().split()
print(int(status[status.index("VmHWM:") + 1]) / 1024)
"""


@pytest.mark.heavy
def test_a_process_that_reads_one_label_after_another_keeps_below_500_megabytes(
    tmp_path: Path,
) -> None:
    from benchmarks.finding_labels import boxes, shop
    from benchmarks.finding_photos import photo

    draw = random.Random(31)
    files = [tmp_path / f"{at}.jpg" for at in range(6)]
    for at, made in enumerate(boxes(draw, shop(draw, 100), len(files))):
        files[at].write_bytes(photo(made, at % 3 + 1, str(at)))
    # A process of its own: this one has loaded more.
    command = [sys.executable, "-c", MEMORY, *map(str, files)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < 500
