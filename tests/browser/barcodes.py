"""Barcodes as pictures, and as the film that a camera would take of them."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

LEFT = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]
PARITY = ["000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010"]
SIZE = (640, 480)


def bars(code: str) -> str:
    """The 95 modules of an EAN-13, 1 for dark (ISO/IEC 15420)."""

    def inverse(digit: str) -> str:
        return "".join("10"[int(bit)] for bit in LEFT[int(digit)])

    left = "".join(
        inverse(digit)[::-1] if mirrored == "1" else LEFT[int(digit)]
        for digit, mirrored in zip(code[1:7], PARITY[int(code[0])], strict=True)
    )
    return f"101{left}01010{''.join(map(inverse, code[7:]))}101"


def picture(
    code: str,
    *,
    module: float = 3,
    angle: float = 0,
    blur: float = 0,
    noise: int = 0,
    contrast: float = 1,
    shade: float = 0,
    seed: int = 1,
) -> Image.Image:
    """The back of a book as a camera sees it: `module` pixels wide is the thinnest bar, `angle` in degrees."""
    fine = 4  # drawn larger and made smaller, so that bars may end between two pixels
    unit = module * fine
    label = Image.new("L", (round(unit * 119), round(unit * 76)), 255)
    pen = ImageDraw.Draw(label)
    for place, bit in enumerate(bars(code)):
        if bit == "1":
            left = round(unit * (12 + place))
            pen.rectangle((left, round(unit * 4), round(unit * (13 + place)) - 1, round(unit * 62)), fill=0)
    seen = Image.new("L", (SIZE[0] * fine, SIZE[1] * fine), 170)
    seen.paste(label, ((seen.width - label.width) // 2, (seen.height - label.height) // 2))
    seen = seen.rotate(angle, Image.Resampling.BICUBIC, fillcolor=170).resize(SIZE, Image.Resampling.BOX)
    seen = seen.filter(ImageFilter.GaussianBlur(blur)) if blur else seen
    lit = 127.5 + (np.asarray(seen, dtype=np.float32) - 127.5) * contrast
    lit *= 1 - shade * np.arange(SIZE[0], dtype=np.float32) / SIZE[0]
    lit += np.random.default_rng(seed).normal(0, noise, lit.shape) if noise else 0
    return Image.fromarray(lit.round().clip(0, 255).astype(np.uint8))


def film(path: Path, frames: list[Image.Image]) -> None:
    """Write pictures as a Y4M file, which Chromium plays as its camera."""
    grey = bytes([128]) * (SIZE[0] * SIZE[1] // 2)
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F10:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            out.write(b"FRAME\n" + frame.tobytes() + grey)
