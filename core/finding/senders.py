"""Which lines of a label are the shop's own: by what is known of it, and by what stands on every
label. They say nothing of the order, and must not be weighed as its receiver's."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from core.finding.captions import caption_of
from core.finding.fields import AddressBlock, Fields, Value, fields_of
from core.finding.folding import digits_of, fold, nearly
from core.settings import preferences
from core.store.states import BoxState
from core.store.tables import boxes, connections

_INITIALS = re.compile(r"(?<=\b[A-Z]) (?=[A-Z]\b)")
_PHONE = re.compile(r"[+\d][\d\s().\-/]{7,}\d")
MOST_OWN = 0.75  # of a line's words that are the shop's


class Sender:
    """What is known of the shop's own name, address and phones."""

    def __init__(self, printed: Iterable[str] = ()) -> None:
        """`printed`: a line each, as labels print it."""
        lines = [one for one in printed if fold(one)]
        self._words = frozenset(word for one in lines for word in _words(one))
        numbers = [digits_of(one) for line in lines for one in _PHONE.findall(line)]
        self._phones = [one[-9:] for one in numbers if len(one) >= 9]

    def wrote(self, text: str) -> bool:
        """Whether a line is the shop's: each of its numbers, and most of its words."""
        words = _words(text)
        if not words or not self._words:
            return False
        numbers = [word for word in words if not word.isalpha()]
        own = sum(self._knows(word) for word in words)
        return all(one in self._words for one in numbers) and own >= MOST_OWN * len(words)

    def _knows(self, word: str) -> bool:
        return word in self._words or any(nearly(word, one) for one in self._words)

    def answers(self, phone: str) -> bool:
        """Whether these last digits of a phone are the shop's own."""
        return any(one.endswith(phone) or phone.endswith(one) for one in self._phones)

    def own_rows(self, block: AddressBlock) -> set[int]:
        """The lines of a block that are the shop's, by their numbers on the label.

        A town or a postcode alone may be the customer's as well: it is the shop's only beside
        another line of the shop's that says more. A captioned block of the shop is so as a whole.
        """
        own = [self.wrote(row.text) for row in block.lines]
        ours = [row.text for row, mine in zip(block.lines, own, strict=True) if mine]
        if block.role and 2 * len(ours) > len(own) and any(map(_telling, ours)):
            return {row.line for row in block.lines}
        found: set[int] = set()
        run: list[Value] = []
        for row, mine in [*zip(block.lines, own, strict=True), (None, False)]:
            if mine and row is not None:
                run.append(row)
                continue
            if any(_telling(one.text) for one in run):
                found.update(one.line for one in run)
            run = []
        return found

    def left(self, block: AddressBlock) -> AddressBlock | None:
        """The block without the shop's lines; None where nothing else stands in it."""
        own = self.own_rows(block)
        rows = tuple(row for row in block.lines if row.line not in own)
        codes = tuple(one for one in block.postcodes if one.line not in own)
        return replace(block, lines=rows, postcodes=codes) if rows else None


def _words(text: str) -> list[str]:
    """The folded words, letters that stand alone joined: "S.R.L." is "SRL"."""
    return _INITIALS.sub("", fold(text)).split()


def _telling(text: str) -> bool:
    """Whether a line says more than a town or a postcode: two words of it are no number."""
    return sum(word.isalpha() and len(word) > 2 for word in text.split()) > 1


def without(fields: Fields, sender: Sender) -> Fields:
    """What a label says besides its sender's own lines.

    The sender's block stays where none of its lines is known: on the label of a way back, the
    customer is the sender.
    """
    in_blocks = {row.line for block in fields.blocks for row in block.lines}
    own = {line for block in fields.blocks for line in sender.own_rows(block)}
    for at, line in enumerate(fields.lines):
        captioned = caption_of(line.text)
        if at not in in_blocks and sender.wrote(captioned.rest if captioned else line.text):
            own.add(at)
    blocks = [sender.left(block) for block in fields.blocks]
    return replace(
        fields,
        numbers=tuple(one for one in fields.numbers if one.line not in own),
        references=tuple(one for one in fields.references if one.line not in own),
        cash=tuple(one for one in fields.cash if one.line not in own),
        phones=tuple(
            one for one in fields.phones if one.line not in own and not sender.answers(one.text)
        ),
        blocks=tuple(one for one in blocks if one is not None),
    )


LEAST_LABELS, MOST_LABELS = 4, 2 / 3  # that bear a line before it counts as the sender's


def recurring(labels: Sequence[tuple[Sequence[AddressBlock], Sequence[Value]]]) -> tuple[str, ...]:
    """The lines and whole phones that stand on most of these labels (blocks and phones of each).

    Boxes of one customer share the customer's lines as well: without at least four labels that
    name four people besides, nothing is learnt. A town or postcode is learnt beside a line that
    says more.
    """
    rows = [_rows(blocks, phones) for blocks, phones in labels]
    needed = max(LEAST_LABELS, MOST_LABELS * len(labels))
    counted = Counter(text for label in rows for text in {t for block in label for t in block})
    often = [text for text, count in counted.most_common() if 2 * count >= needed]
    bearing = {
        text: [any(_same(text, one) for block in label for one in block) for label in rows]
        for text in often
    }
    found = [text for text in often if sum(bearing[text]) >= needed]
    names = [_name_besides(label, found) for label in rows]
    found = [
        text for text in found
        if _people(name for name, there in zip(names, bearing[text], strict=True) if there)
    ]  # fmt: skip
    telling = [text for text in found if _telling(text) or _whole_phone(text)]
    return tuple(
        text for text in found
        if text in telling or 2 * sum(_beside(text, telling, label) for label in rows) >= needed
    )  # fmt: skip


def _rows(blocks: Sequence[AddressBlock], phones: Sequence[Value]) -> list[list[str]]:
    lines = [[row.text for row in block.lines] for block in blocks]
    return [*lines, *([one.text] for one in phones if _whole_phone(one.text))]


def _whole_phone(text: str) -> bool:
    return text.isdigit() and len(text) == 9


def _same(one: str, other: str) -> bool:
    """Whether two folded lines are one, a letter misread here and there."""
    if one == other:
        return True
    words, others = one.split(), other.split()
    return len(words) == len(others) and all(
        nearly(a, b) if a.isalpha() else a == b for a, b in zip(words, others, strict=True)
    )


def _name_besides(label: Sequence[Sequence[str]], found: Sequence[str]) -> str:
    """The first line of words alone, two or more of them, that is none of those found."""
    for block in label:
        for text in block:
            alone = all(word.isalpha() for word in text.split())
            if alone and _telling(text) and not any(_same(text, one) for one in found):
                return text
    return ""


def _people(names: Iterable[str]) -> bool:
    """Whether they name enough people."""
    apart: list[str] = []
    for name in names:
        if name and not any(_same(name, one) for one in apart):
            apart.append(name)
    return len(apart) >= LEAST_LABELS


def _beside(text: str, telling: Sequence[str], label: Sequence[Sequence[str]]) -> bool:
    """Whether a line stands next to one of `telling` in a block of the label."""
    for block in label:
        for one, other in itertools.pairwise(block):
            if _same(text, one) and any(_same(other, t) for t in telling):
                return True
            if _same(text, other) and any(_same(one, t) for t in telling):
                return True
    return False


# ---------------------------------------------------------------- where it is known from

LABELS = 200  # of a pile, the newest, that are asked which lines recur
FOUND = 50  # boxes, the newest, whose sender's lines are remembered


def own_lines(connection: Connection) -> list[str]:
    """What the shop says of itself: the preference's lines, and the names of its connections."""
    shops = select(connections.c.name).where(connections.c.kind == "shop")
    lines = preferences.load(connection).sender_lines.splitlines()
    return [*lines, *connection.scalars(shops)]


def learnt(connection: Connection, pile_id: int) -> tuple[str, ...]:
    """The lines that stand on most labels of a pile, and those that did where boxes were found."""
    labels = select(boxes.c.fields).where(
        boxes.c.pile_id == pile_id,
        boxes.c.state.in_((BoxState.OPEN, BoxState.WAITING)),
        boxes.c.fields.is_not(None),
    )
    read = [
        fields_of(data)[0]
        for data in connection.scalars(labels.order_by(boxes.c.id.desc()).limit(LABELS))
    ]
    before = select(boxes.c.fields).where(
        boxes.c.state == BoxState.FOUND, boxes.c.fields.is_not(None)
    )
    kept = [
        line
        for data in connection.scalars(before.order_by(boxes.c.id.desc()).limit(FOUND))
        for line in data.get("sender", ())
    ]
    return tuple(sorted({*recurring([(one.blocks, one.phones) for one in read]), *kept}))
