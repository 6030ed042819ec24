"""The picture in a DICOM file, frame by frame, as its maker meant it to be seen. Stored bare, packed by RLE, or as JPEG.

By pydicom without NumPy, and Pillow. Lossless JPEG (the kinds of before JPEG 2000) and colours by a table are not drawn.
"""

import io
from typing import Any

from PIL import Image, ImageOps
from pydicom.encaps import get_frame
from pydicom.pixels import get_decoder
from pydicom.uid import JPEG2000TransferSyntaxes

from .. import Unfit
from .image import MOST_PIXELS, TOO_LARGE

OTHER_KIND = "Dit soort DICOM-beeld kan het portaal niet tekenen."
GREY, COLOUR = ("MONOCHROME1", "MONOCHROME2"), ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


def frames(file: Any) -> int:
    """How many pictures are in it."""
    return int(file.get("NumberOfFrames") or 1)


def picture(file: Any, index: int) -> Image.Image:
    """Picture number `index`, from 0, in grey or RGB. Raises Unfit for what is not drawn."""
    kind = str(file.get("PhotometricInterpretation", ""))
    if "PixelData" not in file or kind not in (*GREY, *COLOUR):
        raise Unfit(OTHER_KIND)
    if file.Rows * file.Columns > MOST_PIXELS:
        raise Unfit(TOO_LARGE)
    try:
        drawn = _by_pillow(file, index) if _syntax(file) in JPEG2000TransferSyntaxes else _by_pydicom(file, index)
    except (RuntimeError, NotImplementedError) as problem:  # packed in a way that nothing here unpacks
        raise Unfit(OTHER_KIND) from problem
    return ImageOps.invert(drawn) if kind == "MONOCHROME1" else drawn


def _syntax(file: Any) -> Any:
    return file.file_meta.TransferSyntaxUID


def _by_pillow(file: Any, index: int) -> Image.Image:
    with Image.open(io.BytesIO(get_frame(file.PixelData, index, number_of_frames=frames(file)))) as packed:
        return _shades(packed, file) if packed.mode.startswith("I") else packed.convert("L" if packed.mode == "L" else "RGB")


def _by_pydicom(file: Any, index: int) -> Image.Image:
    pixels, about = get_decoder(_syntax(file)).as_buffer(file, index=index)
    size, kind, bits = (file.Columns, file.Rows), about["photometric_interpretation"], about["bits_allocated"]
    if about["samples_per_pixel"] == 3 and bits == 8:
        mode = "RGB" if kind == "RGB" else "YCbCr"
        if about.get("planar_configuration") == 1:
            plane = file.Rows * file.Columns
            bands = [Image.frombytes("L", size, pixels[at * plane : (at + 1) * plane]) for at in range(3)]
            return Image.merge(mode, bands).convert("RGB")
        return Image.frombytes(mode, size, pixels).convert("RGB")
    signed = about["pixel_representation"] == 1
    if about["samples_per_pixel"] != 1 or bits not in (8, 16) or (bits == 8 and signed):
        raise Unfit(OTHER_KIND)
    if bits == 8:
        return Image.frombytes("L", size, pixels)
    return _shades(Image.frombytes("I", size, bytes(pixels), "raw", "I;16S" if signed else "I;16"), file)


def _shades(deep: Image.Image, file: Any) -> Image.Image:
    """Grey of sixteen bits in the window that the file names, else from its darkest to its lightest."""
    extremes: Any = deep.getextrema()
    low, high = extremes
    centre, width = _first(file.get("WindowCenter")), _first(file.get("WindowWidth"))
    if centre is not None and width:
        slope, intercept = _first(file.get("RescaleSlope")) or 1, _first(file.get("RescaleIntercept")) or 0
        low, high = ((centre + side * width / 2 - intercept) / slope for side in (-1, 1))
    scale = 255 / ((high - low) or 1)
    return deep.convert("I").point(lambda value: value * scale - low * scale).convert("L")


def _first(value: Any) -> float | None:
    """The first of several, as a number; None for none."""
    value = value[0] if value is not None and not isinstance(value, (str, int, float)) and hasattr(value, "__len__") else value
    return None if value in (None, "") else float(value)
