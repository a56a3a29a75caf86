"""Photos that people hand in: what they are by their content, made anew without anything beside the picture.

Only a JPEG, PNG or WebP is opened, and its size is asked before a single pixel
is unpacked, so that a small file that unpacks to gigabytes is refused. What leaves here is a JPEG that this process
wrote: whatever else stood in the file (names, serial numbers, hidden texts) stays behind. Time and place are handed to
the caller apart, for who may keep them.
"""

from __future__ import annotations

import io
import threading
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, Image, ImageOps

from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

TAKEN = 20 << 20
"""Bytes of a file that is opened at all."""
KEPT = 10 << 20
"""Bytes of a picture as it is kept."""
_FORMS = ("JPEG", "PNG", "WEBP")
_PIXELS = 60_000_000  # a telephone makes 12 to 50 million
_EDGE = 12_000
_LONGEST = 2_560  # pixels of the longer side as kept
_THUMB = 320
_QUALITY = 85
_ONE = threading.Lock()
"""One picture at a time is unpacked: a file of 200 KB may need 400 MB, and many people upload at once."""
_EXIF_DAY = "%Y:%m:%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made anew. ``taken_at`` is the camera's own clock, without a zone; ``latitude`` and ``longitude`` in
    1e-5 degrees. None = the file does not say."""

    content: bytes
    thumb: bytes
    width: int
    height: int
    taken_at: datetime | None
    latitude: int | None
    longitude: int | None


def read(file: UploadedFile[bytes], name: str) -> Picture:
    """The picture in a file. Raises Problem: too large, no picture, too many pixels, a file that is cut off."""
    if (file.size or 0) > TAKEN:
        raise Problem(
            "photo_too_large",
            f"{name}：照片超过 {TAKEN >> 20} MB。请用手机的普通画质重拍，或压缩后再上传。",
            f"{name}: the photo is larger than {TAKEN >> 20} MB. Take it again in normal quality, or make it smaller.",
        )
    content = file.read()
    try:
        with _ONE, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMS) as image:
                _check_size(image, name)
                exif = image.getexif()
                taken, place = _taken(exif), _place(exif)
                upright = _upright(image)
    except Problem:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name) from error
    except Exception as error:  # whatever a broken or made-up file brings the decoder to
        raise Problem(
            "no_photo",
            f"{name}：不是能打开的照片。请上传 JPG、PNG 或 WebP 照片。",
            f"{name}: no photo that can be opened. Hand in a JPEG, PNG or WebP.",
        ) from error
    made, thumb = _jpeg(upright), upright.copy()
    if len(made) > KEPT:
        raise Problem("photo_too_large", f"{name}：照片太大。", f"{name}: the photo is too large.")
    thumb.thumbnail((_THUMB, _THUMB))
    latitude, longitude = place
    return Picture(made, _jpeg(thumb), upright.width, upright.height, taken, latitude, longitude)


def _upright(image: Image.Image) -> Image.Image:
    """The picture as it is kept, small before anything else is made of it: a large one fills the memory once."""
    image.draft("RGB", (_LONGEST, _LONGEST))  # a JPEG is unpacked at half its size or less
    plain = image if image.mode == "RGB" else image.convert("RGB")
    plain.thumbnail((_LONGEST, _LONGEST))
    return ImageOps.exif_transpose(plain)


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > _PIXELS or max(width, height) > _EDGE:
        raise _too_many_pixels(name)


def _too_many_pixels(name: str) -> Problem:
    return Problem(
        "photo_too_many_pixels",
        f"{name}：图片像素过大，没有打开。请上传普通照片。",
        f"{name}: the picture has too many pixels and was not opened. Hand in an ordinary photo.",
    )


def _jpeg(image: Image.Image) -> bytes:
    target = io.BytesIO()
    Image.frombytes("RGB", image.size, image.tobytes()).save(target, "JPEG", quality=_QUALITY, optimize=True)
    return target.getvalue()


def _taken(exif: Image.Exif) -> datetime | None:
    """When the camera says the picture was taken; None for what is no time."""
    details = exif.get_ifd(ExifTags.IFD.Exif)
    written = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    try:
        return datetime.strptime(str(written).strip("\0 ")[:19], _EXIF_DAY)  # noqa: DTZ007 - cameras know no zone
    except ValueError:
        return None


def _place(exif: Image.Exif) -> tuple[int | None, int | None]:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    if latitude is None or longitude is None:
        return None, None
    return sound_place(latitude, longitude)


def sound_place(latitude: int, longitude: int) -> tuple[int | None, int | None]:
    """A place in 1e-5 degrees if it lies on the earth, else nothing."""
    if abs(latitude) <= 90 * 10**5 and abs(longitude) <= 180 * 10**5:
        return latitude, longitude
    return None, None


def _degrees(parts: Any, side: Any, negative: str) -> int | None:
    try:
        degrees, minutes, seconds = (float(each) for each in parts)
        found = round((degrees + minutes / 60 + seconds / 3600) * 10**5)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return -found if str(side).strip("\0 ").upper() == negative else found
