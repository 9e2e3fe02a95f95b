"""Colour profiles and what littleCMS makes of colours under them, for trainer/src/data/picture/profile/: Pillow 13.0 with littleCMS 2.19,
`pip install pillow`, then python3 trainer/reference/profiles.py. Writes NAME.icc and colours.tsv there."""

import itertools
import struct
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms

FOLDER = Path(__file__).parent.parent / "src/data/picture/profile"
# Bradford-adapted to D50, as profiles have them.
D50 = (0.9642, 1.0, 0.8249)
PRIMARIES = {
    "display-p3": ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)),
    "adobe": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
    "prophoto": ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)),
    # sRGB with red and blue exchanged: what is not applied is seen at once.
    "exchanged": ((0.1431, 0.0606, 0.7141), (0.3851, 0.7169, 0.0971), (0.4361, 0.2225, 0.0139)),
}
SRGB = PRIMARIES["exchanged"][::-1]


def fixed(number):
    return struct.pack(">i", round(number * 65536))


def xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))


def gamma(number):
    return b"para\0\0\0\0\0\0\0\0" + fixed(number)


def srgb_curve():
    return b"para\0\0\0\0\0\3\0\0" + b"".join(map(fixed, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)))


def table(values):
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *values)


def text(words):
    encoded = words.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(encoded), 28) + encoded


def profile(space, kind, tags, pcs=b"XYZ ", version=0x04200000):
    tags = {b"desc": text("Emblem's test"), b"cprt": text("CC0"), b"wtpt": xyz(D50), **tags}
    table, data, place = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", place + len(data), len(content))
        data += content + b"\0" * (-len(content) % 4)
    header = struct.pack(">I4sI4s4s4s", place + len(data), b"\0" * 4, version, kind, space, pcs)
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + b"".join(map(fixed, D50)) + b"\0" * 48
    return header + struct.pack(">I", len(tags)) + table + data


def shaped(name, curve):
    tags = {b"rXYZ": 0, b"gXYZ": 1, b"bXYZ": 2}
    tags = {tag: xyz(PRIMARIES[name][number]) for tag, number in tags.items()}
    return profile(b"RGB ", b"mntr", {**tags, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def lab(x, y, z):
    root = lambda t: t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116
    x, y, z = (root(value / white) for value, white in zip((x, y, z), D50))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def looked_up(space, inputs, grid, colour):
    """A profile by table (mft2), whose `colour` tells the XYZ of inputs from 0 to 1."""
    straight = struct.pack(">2H", 0, 65535)
    points = b""
    for place in itertools.product(range(grid), repeat=inputs):
        light, a, b = lab(*colour(*(number / (grid - 1) for number in place)))
        values = (light * 652.8, (a + 128) * 256, (b + 128) * 256)
        points += struct.pack(">3H", *(min(max(round(value), 0), 65535) for value in values))
    head = b"mft2\0\0\0\0" + bytes([inputs, 3, grid, 0]) + b"".join(fixed(n) for n in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    lut = head + struct.pack(">2H", 2, 2) + straight * inputs + points + straight * 3
    return profile(space, b"prtr", {b"A2B0": lut}, pcs=b"Lab ", version=0x02400000)


def warm(r, g, b):
    """A screen whose colours fall off differently, and whose black is lit."""
    light = [0.01 + 0.99 * value**curve for value, curve in ((r, 1.8), (g, 2.0), (b, 2.3))]
    return [sum(light[n] * SRGB[n][axis] for n in range(3)) for axis in range(3)]


def press(c, m, y, k):
    """Inks that each take their part of the light, none of them all of it."""
    light = [1 - 0.96 * k] * 3
    for ink, most in ((c, (0.92, 0.3, 0.1)), (m, (0.1, 0.85, 0.35)), (y, (0.03, 0.1, 0.9))):
        light = [part * (1 - ink * taken) for part, taken in zip(light, most)]
    return [sum(light[n] * SRGB[n][axis] for n in range(3)) for axis in range(3)]


PROFILES = {
    "display-p3": ("RGB", shaped("display-p3", srgb_curve())),
    "adobe": ("RGB", shaped("adobe", gamma(563 / 256))),
    "prophoto": ("RGB", shaped("prophoto", table([round(65535 * (n / 255) ** 1.8) for n in range(256)]))),
    "exchanged": ("RGB", shaped("exchanged", srgb_curve())),
    "screen": ("RGB", looked_up(b"RGB ", 3, 9, warm)),
    "grey": ("L", profile(b"GRAY", b"mntr", {b"kTRC": gamma(1.4)})),
    "press": ("CMYK", looked_up(b"CMYK", 4, 7, press)),
}


def main():
    FOLDER.mkdir(exist_ok=True)
    lines = []
    srgb = ImageCms.createProfile("sRGB")
    for name, (mode, content) in PROFILES.items():
        (FOLDER / f"{name}.icc").write_bytes(content)
        channels = len(mode) if mode != "L" else 1
        if channels == 1:
            colours = [(value,) for value in range(0, 256, 15)]
        else:
            colours = list(itertools.product((0, 60, 128, 200, 255), repeat=channels))
            colours = colours[:: max(1, len(colours) // 60)]
        picture = Image.new(mode, (len(colours), 1))
        picture.putdata([colour[0] if channels == 1 else colour for colour in colours])
        seen = ImageCms.profileToProfile(picture, ImageCms.ImageCmsProfile(BytesIO(content)), srgb, outputMode="RGB")
        for colour, shown in zip(colours, seen.get_flattened_data()):
            lines.append("\t".join([name, ",".join(map(str, colour)), ",".join(map(str, shown))]))
    (FOLDER / "colours.tsv").write_text("\n".join(lines) + "\n")


main()
