"""Reads a picture stage by stage, and stops when every barcode-like region is read."""

import math
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from core.intake.codes import PictureCode
from core.intake.decode import belief, readers, square, stages
from core.intake.decode.frame import WholeFrame
from core.intake.decode.linear import FOLLOW_LONGEST, RegionReader
from core.intake.decode.places import Places
from core.intake.decode.regions import Region, RegionSearch, joined
from core.intake.opening import open_picture, open_whole
from core.intake.types import Code, Corners, Gray, Reading, Unread, middle

SMALL = 2_500_000  # pixels: such a picture is looked at whole, and thoroughly, as well
SMALLEST_UNREAD = 0.08  # of the picture's longer side: a person is asked about no smaller place
COSTLY_SECONDS = 2.0  # of CPU for the costly looks of one picture
COSTLY = ("straightened", "model", "stitched")  # stages
CLOSE, MOST_SOFT = 800, 2  # pixels of the longer side, and its largest places of soft bars
MOST_PAIRS = 8  # of regions of one picture, looked at as one
MOST_AGAIN = 8  # regions, strongest first, whose bars are followed
MOST_PRODUCTS = 4  # places of one picture, strongest first, where a product code is fitted

# Of a code's neighbour above or below: its middle and height in the code's heights, its length.
NEXT_AT, NEXT_HIGH, NEXT_LONG = 1.5, 2.0, 1.5
FINE = 2.2  # pixels a module: at half the picture's size a bar is hardly a pixel wide
REST_SHARE = 0.2  # of the length: what is lower, above or below a code, is mostly print

Seen = tuple[list[Code], list[Unread]]


def read_pages(data: bytes, formats: Collection[str] | None = None) -> list[Reading]:
    """Every page of a picture or PDF. `formats` as in read(). Raises PictureError."""
    return [read_gray(page.gray, formats=formats) for page in open_picture(data)]


def read(data: bytes, formats: Collection[str] | None = None) -> Reading:
    """The first page. `formats`: names such as "Code128" or "QRCode" (readers.FORMATS), by default
    all. Raises PictureError, and ValueError for a format that is not known."""
    return read_gray(open_whole(data).gray, formats=formats)


def read_frame(data: bytes, formats: Collection[str] | None = None) -> Reading:
    """The fast path for webcam frames: no second thoughts. Raises as read() does."""
    return read_gray(open_whole(data).gray, fast=True, formats=formats)


def read_gray(gray: Gray, *, fast: bool = False, formats: Collection[str] | None = None) -> Reading:
    """Take one upright gray picture through the stages."""
    began = time.process_time()
    wanted = readers.wanted(formats)
    codes, unread = (_fast_path if fast else _full_path)(gray, wanted)
    places = Places(codes)
    left = [one for one in unread if _worth_asking(one, gray)]
    left = [one for one in left if not places.cover(*middle(one.corners))]
    height, width = gray.shape
    ms = (time.process_time() - began) * 1000
    return Reading(tuple(belief.without_parts(_once(codes))), tuple(left), width, height, ms)


def _fast_path(gray: Gray, wanted: frozenset[str]) -> Seen:
    """Bars, and patches that look like a two-dimensional code beside them."""
    search = RegionSearch(gray)
    codes, unread = _linear(gray, search, WholeFrame(gray, wanted), wanted, [], fast=True)
    return codes + square.patches(gray, search, wanted, Places(codes), fast=True), unread


def _full_path(gray: Gray, wanted: frozenset[str]) -> Seen:
    frame, search = WholeFrame(gray, wanted), RegionSearch(gray)
    codes = square.look(gray, search, wanted)
    linear, unread = _linear(gray, search, frame, wanted, codes, fast=False)
    codes += linear
    codes += square.patches(gray, search, wanted, Places(codes))
    if wanted & readers.LINEAR_NAMES and (not codes or _worth_whole(gray, unread)):
        heard = {text for one in unread for text in one.guesses}
        places = Places(codes)
        codes += [
            one
            for one in frame.codes(heard, bars=bool(unread))
            if not places.cover(*middle(one.corners))
        ]
    codes = codes or square.again(gray, wanted)
    return codes or _out_of_focus(gray, search, frame, wanted), unread


def _out_of_focus(
    gray: Gray, search: RegionSearch, frame: WholeFrame, wanted: frozenset[str]
) -> list[Code]:
    """A product code held before a small camera that fills the picture, too near to be sharp."""
    if max(gray.shape) > CLOSE:
        return []
    for region in search.soft()[:MOST_SOFT]:
        one = RegionReader(gray, region, frame, wanted).soft()
        if isinstance(one, Code):
            return [one]
    return []


def _linear(
    gray: Gray,
    search: RegionSearch,
    frame: WholeFrame,
    wanted: frozenset[str],
    square: Sequence[Code],
    *,
    fast: bool,
) -> Seen:
    """The bars of every region that holds no code yet."""
    bars = _Bars(gray, frame, wanted, Places(square), fast=fast)
    if not wanted & readers.LINEAR_NAMES:
        return [], []
    first = search.regions()
    bars.cheap(first)
    if not fast:
        bars.beside_fine()
        bars.floor()
        bars.costly()
        if _is_hard(gray, bars.codes, bars.unread):
            bars.cheap(search.more(first))
            bars.costly()
    return bars.codes, bars.unread


class _Bars:
    """The regions of one picture: cheap looks at all of them, costly ones while there is time."""

    def __init__(
        self, gray: Gray, frame: WholeFrame, wanted: frozenset[str], places: Places, *, fast: bool
    ) -> None:
        self.codes: list[Code] = []
        self.unread: list[Unread] = []
        self._gray, self._frame, self._wanted, self._fast = gray, frame, wanted, fast
        self._places = places
        self._left: list[RegionReader] = []
        self._pairs = 0  # of parts that were looked at as one
        self._parts: list[RegionReader] = []  # in which costly looks read nothing
        self._until = time.thread_time() + COSTLY_SECONDS

    def cheap(self, regions: Sequence[Region]) -> None:
        """Looks that every bar-like region gets."""
        waiting = list(reversed(regions))
        first = {id(region) for region in regions}
        while waiting:
            region = waiting.pop()
            if self._places.meet(region):
                continue
            reader = RegionReader(self._gray, region, self._frame, self._wanted, self._fast)
            self._take(reader.cheap())
            waiting += reader.rest
            worth = id(region) in first or region.height >= REST_SHARE * region.length
            if reader.bars and worth:
                self._left.append(reader)
        if self._fast:
            self.unread += [reader.unread() for reader in self._left]
            self._left = []

    def floor(self) -> None:
        """What zxing-cpp sees by itself in the whole picture, looked at again where it lies, and
        above and below: the search that missed it missed its neighbour on the label alike."""
        for found in self._frame.straight:
            if found.format not in self._wanted or self._places.cover(*middle(found.corners)):
                continue
            region = belief.region_of(found, self._gray)
            if region is None:
                continue
            reader = RegionReader(self._gray, region, self._frame, self._wanted, fast=True)
            code = reader.cheap()
            if code is None and not reader.texts - {found.text}:
                code = self._frame.believed(found)
            self._take(code)
            if isinstance(code, Code):
                self._neighbours(region)

    def beside_fine(self) -> None:
        """Above and below codes of fine bars: the search looks at half the picture's size, where
        the bars of their neighbour on the label may be grey."""
        for code in list(self.codes):
            if code.format != "Code128" or belief.module(code.text, code.corners) >= FINE:
                continue
            region = Region.around(code.corners)
            for near in _next_to(region):
                if not self._known(near) and stages.has_bars(self._gray, near):
                    self._near(stages.grown(self._gray, replace(near, length=region.length)))

    def _known(self, region: Region) -> bool:
        left = any(one.region.contains(region.x, region.y) for one in self._left)
        return left or self._places.meet(region)

    def _neighbours(self, region: Region) -> None:
        for near in _next_to(region):
            self._near(near)

    def _near(self, region: Region) -> None:
        if not self._places.meet(region):
            reader = RegionReader(self._gray, region, self._frame, self._wanted, fast=True)
            self._take(reader.cheap())

    def costly(self) -> None:
        """The costly looks at what is left, strongest first; what time does not reach is told."""
        missed: list[tuple[RegionReader, Unread | None]] = []
        for reader in self._left:
            if self._places.meet(reader.region):
                continue
            if not self._in_time():
                self.unread.append(reader.unread(PictureCode.NOT_LOOKED_AT))
                continue
            one = reader.costly()
            if isinstance(one, Code):
                self._take(one)
                for part in reader.rest:
                    self._near(part)
            else:
                missed.append((reader, one))
        self._left = []
        before = len(self._parts)
        self._parts += [reader for reader, _ in missed if reader.fine]
        self._joined(before)
        self._again(missed)
        self._products(missed)

    def _joined(self, known: int) -> None:
        """Pairs of regions in which nothing was read, as one: parts of a bent code. Of the first
        `known` of them no pair is looked at again."""
        for number, other in enumerate(self._parts[known:], known):
            for one in self._parts[:number]:
                both = joined(one.found, other.found)
                if both is None or both.length > FOLLOW_LONGEST or self._places.meet(both):
                    continue
                if self._pairs < MOST_PAIRS and self._in_time():
                    self._pairs += 1
                    self._of_parts(both)

    def _of_parts(self, both: Region) -> None:
        reader = RegionReader(self._gray, both, self._frame, self._wanted)
        for look in (reader.costly, reader.again):
            code = look()
            if isinstance(code, Code):
                return self._take(code)
        return None

    def _again(self, missed: Sequence[tuple[RegionReader, Unread | None]]) -> None:
        for reader in [one for one, _ in missed if one.fine][:MOST_AGAIN]:
            if self._in_time() and not self._places.meet(reader.region):
                code = reader.again()
                if isinstance(code, Code):
                    self._take(code)

    def _in_time(self) -> bool:
        return time.thread_time() < self._until

    def _products(self, missed: Sequence[tuple[RegionReader, Unread | None]]) -> None:
        """Product codes by their fit, where nothing was read at all: costly, and a parcel that has
        a code read needs none."""
        most = 0 if self.codes else MOST_PRODUCTS
        for number, (reader, unread) in enumerate(missed):
            in_time = number < most and self._in_time()
            met = self._places.meet(reader.region)
            self._take((reader.product() if in_time and not met else None) or unread)

    def _take(self, one: Code | Unread | None) -> None:
        if isinstance(one, Code):
            self.codes.append(one)
            self._places.add(one)
        elif one is not None:
            self.unread.append(one)


def _is_hard(gray: Gray, codes: Sequence[Code], unread: Sequence[Unread]) -> bool:
    """Whether bars may have been overlooked: some in full view were not read, or only by the costly
    stages."""
    in_view = (one for one in unread if _inside(one.corners, gray))
    return not codes or any(in_view) or any(code.stage in COSTLY for code in codes)


def _inside(corners: Corners, gray: Gray) -> bool:
    height, width = gray.shape
    edge = 0.01 * max(height, width)
    return all(edge < x < width - edge and edge < y < height - edge for x, y in corners)


def _worth_whole(gray: Gray, unread: Sequence[Unread]) -> bool:
    """The whole of a large picture is costly, and its regions are large enough to be found."""
    return bool(unread) and gray.size <= SMALL


def _next_to(region: Region) -> Iterator[Region]:
    """Where the neighbours above and below a code would lie."""
    down = NEXT_AT * region.height
    for way in (-down, down):
        x = region.x - way * math.sin(region.angle)
        y = region.y + way * math.cos(region.angle)
        high, length = NEXT_HIGH * region.height, NEXT_LONG * region.length
        yield replace(region, x=x, y=y, height=min(high, length), length=length)


def _worth_asking(one: Unread, gray: Gray) -> bool:
    """Whether an unread place is as long as a label's code could be: print looks like bars too."""
    (x0, y0), (x1, y1) = one.corners[0], one.corners[1]
    large = math.hypot(x1 - x0, y1 - y0) >= SMALLEST_UNREAD * max(gray.shape)
    return bool(one.guesses) or large


def _once(codes: Iterable[Code]) -> list[Code]:
    """The same text at the same place once; two labels with one text stay two."""
    kept: list[Code] = []
    for code in codes:
        same = Places(one for one in kept if one.text == code.text)
        if not same.cover(*middle(code.corners)):
            kept.append(code)
    return kept
