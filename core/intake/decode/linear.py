"""One region, stage by stage: its code, an honest "unsure", or nothing where there are no bars."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.intake.codes import PictureCode
from core.intake.decode import belief, code128, readers, stages
from core.intake.decode.fitted import code128_bounds, ean, ean_places, stitched
from core.intake.decode.frame import WholeFrame
from core.intake.decode.readers import NEEDS_TWO, RETAIL, ReaderFound
from core.intake.decode.regions import Region
from core.intake.decode.stages import RegionView
from core.intake.types import Code, Corners, Gray, Unread

LOWEST, LOWEST_SHARE = 16.0, 0.1  # pixels, and of the length: bars that may be a code of their own
FEWEST_STRIPS = 3  # of 16 that say a text: fewer are a sliver
BANDS = 8  # of all strips; two of them say a text, and none says another
SEVERAL_STRIPS = 4  # where other texts stand in the same region
FEWEST_SOFT, MOST_EDGES = 15, 66  # of 60 in a product code, whose fit needs few
# Of product codes that a fit read on photos, 20 of 21 had .84 or more, and the other one bars that
# are seen nearly all; of 26 textures and false bars 20 had less than .75.
PRODUCT_ALIKE, CLEAR_EDGES = 0.75, 50  # correlation of both halves; edges from which none is asked
SOFT_ALIKE = 0.8  # correlation of both halves of soft bars: of 21 textures one had so much
SOFT_SHARE = 0.42  # of a region that runs from edge to edge of a label, its code
SHORTEST_PRODUCT = 80.0  # pixels of its 95 modules
PROMISING = 0.06  # of `clear`: below, the halves of the bars are not looked at
# Of 27 right fits on photos no reader reads, clear was .26 to 2; of wrong ones over folds .11.
PRODUCT_REST, PRODUCT_CLEAR = 0.15, 0.2
PRODUCT_SEAM = 0.3  # modules: two halves glued half a module aside had .53, the 27 none
FOLLOW_LONGEST = 600.0  # pixels: longer codes have modules that are read as they lie
FOLLOW_ALIKE = 0.5  # correlation of both halves of bars that are worth to be followed
FEWEST_EDGES = 20  # the shortest code has 41, and half a code is no use
DENSEST_PRINT = 0.1  # edges a pixel: lines of print have fewer, blurred codes more


@dataclass
class RegionReader:
    """Takes one region through the stages. `fast`: only the two cheap ones."""

    gray: Gray
    region: Region
    frame: WholeFrame
    formats: Collection[str]
    fast: bool = False
    texts: set[str] = field(default_factory=set)  # all that any reader said
    rest: list[Region] = field(default_factory=list)  # beside the code that was read
    bars: bool = False  # there are some, and no cheap look read them
    _straight: stages.Straightened | None = None
    _found: Region | None = None  # the region as it was before it was grown

    def read(self) -> Code | Unread | None:
        """The code; Unread where readers disagree or bars gave nothing; None without bars."""
        code = self.cheap()
        if code is not None or not self.bars:
            return code
        return self.unread() if self.fast else self.costly()

    def cheap(self) -> Code | Unread | None:
        """The looks that every region gets. Afterwards `bars` says whether more may help."""
        for number, view in enumerate(stages.views(self.gray, self.region)):
            code = self._look(view)
            if code is not None:
                return self._agreed(code)
            if number == 0 and not self.texts and not self._worth_more_stages(view):
                return None
        self.bars = True
        return None

    def costly(self) -> Code | Unread | None:
        """The looks for what the cheap ones did not read."""
        self._found = self.region
        self.region = stages.grown(self.gray, self.region)
        if self._whole():
            look = stages.straightened(self.gray, self.region)
            self._straight = look
            if not self.texts and look.edges() < FEWEST_EDGES:
                return None
            code = self._read_straight(look)
            if code is not None:
                return self._agreed(code)
        return self.unread()

    def again(self) -> Code | Unread | None:
        """After costly(): the same for the bars followed along their code, whose region was turned
        away from it or held a part of it. None where that gives nothing."""
        if self._straight is None or not self.fine or self._straight.alike() < FOLLOW_ALIKE:
            return None
        grown, region = self.region, stages.followed(self.gray, self.found)
        if region is None or region.height > region.length:
            return None
        self.region = region
        code = (
            self._read_straight(stages.straightened(self.gray, region)) if self._whole() else None
        )
        self.region = grown
        return code and self._agreed(code)

    @property
    def fine(self) -> bool:
        """After costly(): whether edges are as close to each other as in a blurred code, unlike
        print's, and the region is no longer than a code of narrow modules."""
        look = self._straight
        close = look is not None and look.edges() >= DENSEST_PRINT * self.region.length
        return close and self.found.length <= FOLLOW_LONGEST

    @property
    def found(self) -> Region:
        """The region as the search found it."""
        return self._found or self.region

    def unread(self, reason: str = "") -> Unread:
        """The place for a person to look at."""
        reason = reason or (PictureCode.UNSURE if self.texts else PictureCode.UNREADABLE)
        return Unread(self._corners(), reason, tuple(sorted(self.texts)))

    def _worth_more_stages(self, view: RegionView) -> bool:
        """Not for a box edge, a block of print or a texture: codes are wider than high."""
        return self.region.height <= self.region.length and stages.bar_like(view.strips)

    def _look(self, view: RegionView) -> Code | None:
        """The first believable code that zxing-cpp reads in a view; None where it reads none.

        Whatever it says is kept in `texts`, what lies beside its code in `rest`.
        """
        for found, strips in self._by_strips(view):
            corners = self._outline(found, view)
            placed = replace(found, corners=corners)
            if found.format == "ITF" and not belief.whole(placed, self.gray):
                continue
            self.texts.add(found.text)
            worth = self._worth(placed, view, strips)
            if worth is None:
                continue
            self.rest = self._beside(corners)
            return Code(found.text, found.format, corners, worth, view.name)
        return None

    def _worth(self, found: ReaderFound, view: RegionView, strips: float) -> belief.Worth | None:
        """How surely a code that `strips` of a view's strips say is there; None: not believed."""
        strong = found.format not in NEEDS_TWO and strips >= FEWEST_STRIPS
        certain = strong and not belief.fine(found, found.corners)
        if certain or (self._whole() and self._seconded(found, view)):
            return belief.worth(found, self.gray, strong=found.format not in NEEDS_TWO)
        return "weak" if strong else None

    def _by_strips(self, view: RegionView) -> list[tuple[ReaderFound, float]]:
        """What zxing-cpp reads in a view, with the strips that say so, most first. Of several texts
        of one kind those of few strips are mixtures: a line over the edge between two labels."""
        readings = [
            (one, max(y for _, y in one.corners) - min(y for _, y in one.corners) + 1)
            for one in self._zxing(view.strips)
        ]
        readings.sort(key=lambda pair: -pair[1])
        several = {one.format for one, _ in readings if one.text != readings[0][0].text}
        return [
            (one, strips)
            for one, strips in readings
            if one.format not in several or strips >= SEVERAL_STRIPS
        ]

    def _outline(self, found: ReaderFound, view: RegionView) -> Corners:
        """The corners of a code in a view: its own bars only, where others stand below them."""
        xs, ys = [x for x, _ in found.corners], [y for _, y in found.corners]
        rows = view.cut.rows
        step = len(rows) / len(view.strips)
        first = min(len(rows) - 1, int(min(ys) * step))
        last = min(len(rows) - 1, max(first, int(max(ys) * step)))
        around = stages.rows_around(rows, int(min(xs)), int(max(xs)), first, last)
        return view.cut.outline(min(xs), max(xs), *around)

    def _beside(self, corners: Corners) -> list[Region]:
        """What the region holds above and below a code: often one more, of the same direction."""
        cos, sin = math.cos(self.region.angle), math.sin(self.region.angle)
        down = [(y - self.region.y) * cos - (x - self.region.x) * sin for x, y in corners]
        half = self.region.height / 2
        parts = []
        for low, high in ((-half, min(down)), (max(down), half)):
            if high - low >= max(LOWEST, LOWEST_SHARE * self.region.length):
                middle = (low + high) / 2
                at = (self.region.x - middle * sin, self.region.y + middle * cos)
                parts.append(replace(self.region, x=at[0], y=at[1], height=high - low))
        return parts

    def _whole(self) -> bool:
        """Whether both ends lie in the picture: half a code can be another code."""
        height, width = self.gray.shape
        along = self.region.length / 2
        x, y = along * math.cos(self.region.angle), along * math.sin(self.region.angle)
        ends = ((self.region.x - x, self.region.y - y), (self.region.x + x, self.region.y + y))
        return all(0 <= px < width and 0 <= py < height for px, py in ends)

    def _zxing(self, strips: Gray) -> list[ReaderFound]:
        found = readers.zxing(strips, readers.LINEAR, thorough=False)
        return [one for one in found if one.format in self.formats]

    def _seconded(self, found: ReaderFound, view: RegionView) -> bool:
        """Weak check digits need a second source: both halves of the bars, which share no pixel,
        or another reader; or two of BANDS where something covers the rest, or, for product codes,
        whose check is a digit, one half when the whole picture, straight, says so too."""
        halves = self._by_parts(found, view, 2)
        if halves == 2:
            return True
        retail = found.format in RETAIL
        if halves and (
            found.text in self.frame if retail else self._by_parts(found, view, BANDS) > 1
        ):
            return True
        second = readers.zbar(np.repeat(view.strips, 4, axis=0))
        return belief.plain(found.text) in {belief.plain(one.text) for one in second}

    def _by_parts(self, found: ReaderFound, view: RegionView, parts: int) -> int:
        """How many of so many bands of strips say the text, if none says another."""
        texts = [
            {one.text for one in self._zxing(part)} for part in np.array_split(view.strips, parts)
        ]
        return sum(map(bool, texts)) if set().union(*texts) <= {found.text} else 0

    def _read_straight(self, look: stages.Straightened) -> Code | None:
        """Straightened bars, then a reader of another kind on their average."""
        code = self._look(look.view)
        if code is not None or look.edges() < DENSEST_PRINT * self.region.length:
            return code
        return self._model(look) if "Code128" in self.formats else None

    def product(self) -> Code | Unread | None:
        """After costly(): a product code by its fit, which two averages give, or one and another
        reader. None where there is none."""
        return (
            None if self._straight is None else self._product(self._straight, ean_places.NARROWEST)
        )

    def soft(self) -> Code | Unread | None:
        """The same by itself, where a code out of focus may be a part of the region only."""
        if self.region.length < SHORTEST_PRODUCT:
            return None
        look = stages.straightened(self.gray, self.region)
        return self._product(look, SOFT_SHARE) if look.alike() > SOFT_ALIKE else None

    def _product(self, look: stages.Straightened, narrowest: float) -> Code | Unread | None:
        """As `product`, in this look; `narrowest`: the least share of the region that a code is."""
        if "EAN13" not in self.formats or self.region.length < SHORTEST_PRODUCT:
            return None
        edges = look.edges()
        if not FEWEST_SOFT <= edges <= MOST_EDGES:
            return None
        if edges < CLEAR_EDGES and look.alike() < PRODUCT_ALIKE:
            return None
        seen: list[ean.Fit] = []
        for row in (look.profile, look.upper, look.lower):
            fit = ean.decode(row, narrowest)
            if fit is None or (row is look.profile and fit.clear < PROMISING):
                return None
            if not is_clear(fit):
                continue
            seen.append(fit)
            if fit.text in self.texts or sum(one.text == fit.text for one in seen) > 1:
                code = self._printed(fit, look)
                return code and self._agreed(code)
        return None

    def _printed(self, fit: ean.Fit, look: stages.Straightened) -> Code | None:
        """The product code of a fit, with its corners; None where it is not believed."""
        self.texts |= {fit.text}
        corners = look.view.cut.corners(*sorted((fit.begin, fit.end)))
        found = ReaderFound(fit.text, "EAN13", corners)
        worth = belief.worth(found, self.gray)
        return worth and Code(found.text, found.format, corners, worth, "model")

    def _model(self, look: stages.Straightened) -> Code | None:
        """A fit counts as sure with another reader's word, or when two averages (all rows, the
        upper half, the lower half) give it; a good one alone is weak."""
        fits: list[code128.Fit] = []
        faint: list[code128.Fit] = []
        others = self._by_zxing(look)
        ends = code128.find_ends(look.profile)
        if ends is None:
            return None
        for row in (look.profile, look.upper, look.lower):
            fit = code128.decode(row, ends)
            if fit is not None and fit.text in others and code128_bounds.AGREED.hold(fit):
                self.texts.add(fit.text)
                return self._fitted(fit, look, "sure")
            if fit is not None:
                faint.append(fit)
            if fit is None or not code128_bounds.SECONDED.hold(fit):
                continue
            fits.append(fit)
            self.texts.add(fit.text)
            if code128_bounds.twice(fits):
                return self._fitted(fit, look, "sure")
        return self._weak(fits, faint, look) or self._stitched(look, ends)

    def _stitched(self, look: stages.Straightened, ends: code128.Ends) -> Code | None:
        """Around a fold. Weak, unless another reader says so too: two halves of codes side by side
        look folded, and one in some thousands of them even in one piece."""
        strips = stages.in_strips(look.view.cut.rows, stitched.STRIPS)
        found = stitched.read(strips, ends)
        if found is None:
            return None
        certain = found.certain and found.text in self.texts
        self.texts.add(found.text)
        step = len(look.view.cut.rows) / stitched.STRIPS
        first, last = step * found.first, step * found.last
        corners = look.view.cut.outline(found.begin, found.end, first, last)
        self.rest = self._beside(corners)
        worth = belief.worth(ReaderFound(found.text, "Code128", corners), self.gray, strong=True)
        worth = worth if certain else worth and "weak"
        return worth and Code(found.text, "Code128", corners, worth, "stitched")

    def _weak(
        self, fits: Sequence[code128.Fit], faint: Sequence[code128.Fit], look: stages.Straightened
    ) -> Code | None:
        """The best of the fits that no second source says, as a weak code; None without one.

        `fits` are within SECONDED, `faint` are all, of the three averages.
        """
        good = next(
            (
                fit
                for fit in fits
                if code128_bounds.ALONE.hold(fit) or code128_bounds.often(fit.text, fits)
            ),
            None,
        )
        good = good or next((fit for fit in faint if code128_bounds.believable(fit, faint)), None)
        if good is None:
            return None
        self.texts |= {fit.text for fit in faint if code128_bounds.believable(fit, faint)} | {
            good.text
        }
        return self._fitted(good, look, "weak")

    def _by_zxing(self, look: stages.Straightened) -> set[str]:
        """What zxing-cpp makes of the same average; part of all that was said."""
        texts = {
            one.text
            for amount in (2.0, 4.0)
            for one in self._zxing(stages.tall(look.profile, amount))
            if one.format == "Code128"
        }
        self.texts |= texts
        return texts

    def _fitted(
        self, fit: code128.Fit, look: stages.Straightened, confidence: belief.Worth
    ) -> Code:
        """The code of a fit with its corners, weak where `belief.worth` says so."""
        corners = look.view.cut.corners(*sorted((fit.begin, fit.end)))
        if belief.worth(ReaderFound(fit.text, "Code128", corners), self.gray) == "weak":
            confidence = "weak"
        return Code(fit.text, "Code128", corners, confidence, "model")

    def _agreed(self, code: Code) -> Code | Unread:
        """The code where no reader said another text anywhere in the region, else a question."""
        if self.texts == {code.text}:
            return code
        return Unread(code.corners, PictureCode.UNSURE, tuple(sorted(self.texts)))

    def _corners(self) -> Corners:
        return tuple((float(x), float(y)) for x, y in self.region.corners())


def is_clear(fit: ean.Fit) -> bool:
    """Whether a fit of a product code tells its text from every other one."""
    whole = fit.seam < PRODUCT_SEAM
    return whole and fit.free and fit.rest < PRODUCT_REST and fit.clear > PRODUCT_CLEAR
