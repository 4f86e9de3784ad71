"""Drawing pictures: a gradient with a quiet pattern and the title, always the same for the same name."""

import colorsys
import io
import textwrap
import threading
from collections import OrderedDict

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from metarr_sandbox.dice import Dice
from metarr_sandbox.picture_paths import Wanted

_CACHE_BYTES = 24 << 20
_TRANSPARENT = {"logo", "company", "clearart", "disc"}
_QUALITY = 82
_DRAWN = 320
"""Width in pixels of a scene before it is enlarged."""

Colour = tuple[int, int, int]


class Cache:
    """The most recently drawn pictures, up to 24 MiB; safe to use from several threads."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[tuple[Wanted, str], bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, wanted: Wanted, title: str) -> bytes:
        """The encoded picture, drawn if need be."""
        key = (wanted, title)
        with self._lock:
            if key in self._bodies:
                self._bodies.move_to_end(key)
                return self._bodies[key]
        body = draw(wanted, title)
        with self._lock:
            if key not in self._bodies:
                self._bodies[key] = body
                self._size += len(body)
            while self._size > _CACHE_BYTES:
                self._size -= len(self._bodies.popitem(last=False)[1])
        return body


def draw(wanted: Wanted, title: str) -> bytes:
    """The picture as JPEG or PNG bytes."""
    dice = Dice("colours", wanted.shows.tmdb_id if wanted.shows else wanted.name)
    hue = dice.roll(360) / 360
    size = (wanted.width, wanted.height)
    if wanted.kind in _TRANSPARENT:
        picture = Image.new("RGBA", size, (0, 0, 0, 0))
        if wanted.kind == "disc":
            _disc(picture, hue)
    else:
        picture = _scene(size, hue, Dice("scene", wanted.name))
    if title:
        _write(picture, title, wanted.kind, hue)
    return _encoded(picture, wanted.extension)


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _scene(size: tuple[int, int], hue: float, dice: Dice) -> Image.Image:
    """Sky, a soft light and three ridges, drawn small and enlarged so that every size costs about the same."""
    small = (_DRAWN, max(24, _DRAWN * size[1] // size[0]))
    top, bottom = _colour(hue, 0.7, 0.28), _colour(hue + 0.09, 0.55, 0.8)
    mask = Image.linear_gradient("L").resize(small)
    picture = Image.composite(Image.new("RGB", small, bottom), Image.new("RGB", small, top), mask)
    pen = ImageDraw.Draw(picture)
    x, y = dice.roll(small[0]), small[1] // 4 + dice.roll(small[1] // 4)
    radius = small[0] // 20 + dice.roll(small[0] // 8)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(hue + 0.12, 0.3, 0.95))
    for ridge in range(3):
        level = small[1] * (6 + ridge) // 10
        points = [(step * _DRAWN // 8, level + dice.roll(max(2, small[1] // 9))) for step in range(9)]
        pen.polygon([(0, small[1]), *points, small], fill=_colour(hue + 0.02 * ridge, 0.75, 0.42 - 0.11 * ridge))
    return picture.filter(ImageFilter.GaussianBlur(1)).resize(size, Image.Resampling.BICUBIC)


def _disc(picture: Image.Image, hue: float) -> None:
    pen, (width, height) = ImageDraw.Draw(picture), picture.size
    pen.ellipse((2, 2, width - 3, height - 3), fill=(*_colour(hue, 0.5, 0.7), 255))
    pen.ellipse((width * 0.38, height * 0.38, width * 0.62, height * 0.62), fill=(0, 0, 0, 0))


def _write(picture: Image.Image, title: str, kind: str, hue: float) -> None:
    """The title, wrapped and as large as fits: in the middle of a logo, in the lower third of a poster."""
    pen, (width, height) = ImageDraw.Draw(picture), picture.size
    ground = kind in _TRANSPARENT
    room = (width * 0.88, height * (0.8 if ground or kind == "banner" else 0.3))
    text, font = _fitting(pen, title, room)
    middle = (width / 2, height * (0.5 if ground or kind == "banner" else 0.78))
    colour = _colour(hue, 0.18, 1.0) if ground else (255, 255, 255)
    edge = max(1, int(font.size // 18))
    pen.multiline_text(
        middle, text, fill=colour, font=font, anchor="mm", align="center", stroke_width=edge, stroke_fill=(20, 20, 30)
    )


def _fitting(pen: ImageDraw.ImageDraw, title: str, room: tuple[float, float]) -> tuple[str, ImageFont.FreeTypeFont]:
    """The wrapping that allows the largest letters."""
    best: tuple[float, str] = (0.0, title)
    probe = _font(40)
    for lines in range(1, 5):
        text = textwrap.fill(title, max(4, -(-len(title) // lines) + 3), break_long_words=False)
        left, top, right, bottom = pen.multiline_textbbox((0, 0), text, font=probe)
        scale = min(room[0] / max(1, right - left), room[1] / max(1, bottom - top))
        best = max(best, (scale, text))
    return best[1], _font(max(6, min(int(40 * best[0]), int(room[1] / 1.6))))


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError(font)
    return font


def _encoded(picture: Image.Image, extension: str) -> bytes:
    body = io.BytesIO()
    if extension == "png":
        picture.save(body, "PNG", compress_level=4)
    else:
        picture.convert("RGB").save(body, "JPEG", quality=_QUALITY)
    return body.getvalue()
