"""The one place that imports OpenCV: its pixel limit must stand before the import, and each process
keeps to one thread, because pictures are shared out over processes."""

from __future__ import annotations

import os

MAX_PIXELS = 120_000_000  # a 108-megapixel phone photo passes, a 30,000 x 30,000 bomb does not

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))

import cv2  # noqa: E402

cv2.setNumThreads(1)

__all__ = ["MAX_PIXELS", "cv2"]
