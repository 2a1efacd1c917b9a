"""Writes pictures of every kind, and what Pillow, transformers and timm make of them.

    python make_pictures.py --out DIR

DIR gets small files of odd sizes in every format, damaged ones and others that are no pictures, and expected.json: for
each good file the decoded pixels (transformers' load_image: turned upright, convert("RGB")), and for some of them what
processors give. Arrays are base64 of little-endian bytes.
"""
import argparse
import base64
import io
import os
import struct
import zlib

import numpy as np
from PIL import Image

from common import versions, write_json
from tiny.images import picture

ORIENTATION = 0x0112
PROCESSED = ["rgb.png", "rgb.jpg", "grey.png", "rgba.png", "tall.png", "orientation-6.jpg"]
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

# Settings of Hugging Face's ViT processor, and of timm's transform.
HUGGING_FACE = {
    "bilinear": dict(size={"height": 12, "width": 12}, resample=2),
    "bicubic": dict(size={"height": 16, "width": 8}, resample=3),
    "nearest": dict(size={"height": 12, "width": 12}, resample=0),
    "larger": dict(size={"height": 24, "width": 28}, resample=3),
    "shorter-crop": dict(size={"shortest_edge": 15}, resample=3, crop_size={"height": 12, "width": 12}),
    "crop-beyond": dict(size={"shortest_edge": 9}, resample=2, crop_size={"height": 12, "width": 16}),
}
TIMM = {"timm-bicubic": dict(input_size=(3, 12, 12), interpolation="bicubic", crop_pct=0.8),
        "timm-bilinear": dict(input_size=(3, 12, 12), interpolation="bilinear", crop_pct=0.9)}


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(array, bits, colour, more=b""):
    """A PNG of samples that Pillow does not write: [row, column, channel] of 16 bits, or rows of packed bytes."""
    rows = array.shape[0]
    columns = array.shape[1] if bits >= 8 else array.shape[1] * 8 // bits
    body = b"".join(b"\0" + (row.astype(">u2") if bits == 16 else row.astype("u1")).tobytes() for row in array)
    header = struct.pack(">IIBBBBB", columns, rows, bits, colour, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more + chunk(b"IDAT", zlib.compress(body))
            + chunk(b"IEND", b""))


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def turned(value):
    exif = Image.Exif()
    exif[ORIENTATION] = value
    return exif.tobytes()


def good():
    """Name to bytes."""
    rgb = picture()
    wide = np.asarray(rgb).astype(np.uint16) * 257 - 128
    grey = rgb.convert("L")
    alpha = Image.fromarray(np.random.default_rng(3).integers(0, 256, (rgb.height, rgb.width)).astype(np.uint8))
    rgba, la = rgb.convert("RGBA"), grey.convert("LA")
    rgba.putalpha(alpha)
    la.putalpha(alpha)
    palette = rgb.quantize(31)
    exif = Image.Exif()
    exif[ORIENTATION] = 8
    smooth = rgb.resize((45, 61), Image.Resampling.BICUBIC)
    files = {
        "rgb.png": saved(rgb, "PNG"), "rgba.png": saved(rgba, "PNG"), "grey.png": saved(grey, "PNG"),
        "grey-alpha.png": saved(la, "PNG"), "bits-1.png": saved(rgb.convert("1"), "PNG"),
        "bits-2.png": png(np.arange(70).reshape(10, 7) * 3 % 256, 2, 0),
        "bits-4.png": png(np.arange(70).reshape(10, 7) * 3 % 256, 4, 0),
        "palette.png": saved(palette, "PNG"), "palette-alpha.png": saved(palette, "PNG", transparency=3),
        "palette-4.png": saved(rgb.quantize(7), "PNG", bits=4),
        "colour-key.png": png(np.asarray(rgb), 8, 2, chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))),
        "rgb-16.png": png(wide, 16, 2), "rgba-16.png": png(np.dstack([wide, wide[..., :1]]), 16, 6),
        "tall.png": saved(smooth, "PNG"), "orientation-8.png": saved(rgb, "PNG", exif=exif.tobytes()),
        "one-pixel.png": saved(rgb.crop((3, 3, 4, 4)), "PNG"),
        "rgb.jpg": saved(smooth, "JPEG", quality=90), "rgb-444.jpg": saved(smooth, "JPEG", quality=95, subsampling=0),
        "rgb-422.jpg": saved(smooth, "JPEG", quality=85, subsampling=1),
        "progressive.jpg": saved(smooth, "JPEG", quality=80, progressive=True),
        "grey.jpg": saved(smooth.convert("L"), "JPEG", quality=90),
        "cmyk.jpg": saved(smooth.convert("CMYK"), "JPEG", quality=95),
    }
    files.update({
        "palette.gif": saved(palette, "GIF"), "transparent.gif": saved(palette, "GIF", transparency=3),
        "grey.gif": saved(grey, "GIF"), "interlaced.gif": saved(palette, "GIF", interlace=1),
        "frames.gif": saved(palette, "GIF", save_all=True, append_images=[rgb.transpose(0).quantize(9)], loop=0),
        "rgb.bmp": saved(rgb, "BMP"), "palette.bmp": saved(palette, "BMP"), "grey.bmp": saved(grey, "BMP"),
        "bits-1.bmp": saved(rgb.convert("1"), "BMP"), "rgba.bmp": saved(rgba, "BMP")})
    upright = Image.Exif()
    upright[ORIENTATION] = 6
    again = [rgb.transpose(0)]
    files.update({
        "lossless.webp": saved(rgb, "WEBP", lossless=True), "lossy.webp": saved(smooth, "WEBP", quality=80),
        "lossy-alpha.webp": saved(rgba, "WEBP", quality=60), "lossless-alpha.webp": saved(
            rgba, "WEBP", lossless=True, exact=True), "orientation-6.webp": saved(rgb, "WEBP", lossless=True, exif=upright),
        "frames.webp": saved(rgb, "WEBP", save_all=True, append_images=again, lossless=True),
        "frames-alpha.webp": saved(rgba, "WEBP", save_all=True, append_images=[rgba.transpose(0)], quality=70),
        "rgb.tif": saved(rgb, "TIFF"), "lzw.tif": saved(smooth, "TIFF", compression="tiff_lzw"),
        "deflate.tif": saved(smooth, "TIFF", compression="tiff_adobe_deflate"),
        "packbits.tif": saved(smooth, "TIFF", compression="packbits"), "jpeg.tif": saved(smooth, "TIFF", compression="jpeg"),
        "grey.tif": saved(grey, "TIFF"), "grey-alpha.tif": saved(la, "TIFF"), "rgba.tif": saved(rgba, "TIFF"),
        "palette.tif": saved(palette, "TIFF"), "bits-1.tif": saved(rgb.convert("1"), "TIFF"),
        "group4.tif": saved(rgb.convert("1"), "TIFF", compression="group4"),
        "pages.tif": saved(rgb, "TIFF", save_all=True, append_images=again),
        "orientation-6.tif": saved(rgb, "TIFF", tiffinfo={ORIENTATION: 6})})
    for value in range(1, 9):
        files[f"orientation-{value}.jpg"] = saved(smooth.crop((0, 0, 21, 14)), "JPEG", quality=90, exif=turned(value))
    return files


def other():
    """What Pillow does not convert as we do: it clips grey of 16 bits at 255."""
    return {"grey-16.png": png((np.arange(18 * 17) * 200).reshape(18, 17), 16, 0)}


def small_frame():
    """A GIF whose screen is larger than its first frame."""
    file = bytearray(saved(picture().quantize(8), "GIF"))
    file[6:8] = struct.pack("<H", 40)
    return bytes(file)


def bad(files):
    """Name to bytes; what is wrong is in the name."""
    png_file, jpeg = files["rgb.png"], files["rgb.jpg"]
    broken = bytearray(png_file)
    broken[len(broken) // 2] ^= 0x55
    bomb = png(np.zeros((1, 1)), 8, 0)
    size = struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0)
    return {
        "truncated.png": png_file[:len(png_file) // 2], "truncated.jpg": jpeg[:len(jpeg) // 2],
        "headless.jpg": jpeg[:40], "flipped-bits.png": bytes(broken),
        "no-pixels.png": png_file[:8 + 25] + chunk(b"IEND", b""),
        "bomb.png": bomb[:8] + chunk(b"IHDR", size) + bomb[8 + 25:],
        "text.png": b"This is a caption, not a picture.\n", "empty.jpg": b"",
        "truncated.webp": saved(picture(), "WEBP")[:300], "truncated.tif": saved(picture(), "TIFF")[:-900],
        "cmyk.tif": saved(picture().convert("CMYK"), "TIFF"), "lab.tif": saved(picture().convert("LAB"), "TIFF"),
        "float.tif": saved(Image.fromarray(np.ones((4, 5), np.float32)), "TIFF"),
        "grey-16.tif": saved(Image.fromarray(np.ones((4, 5), np.uint16)), "TIFF"),
        "big.tif": b"II+\0" + bytes(40),
        "truncated.gif": saved(picture().quantize(31), "GIF")[:200], "truncated.bmp": saved(picture(), "BMP")[:900],
        "small-frame.gif": small_frame(),
    }


def packed(array, kind):
    return base64.b64encode(np.ascontiguousarray(array).astype(kind).tobytes()).decode("ascii")


def decoded(path):
    from transformers.image_utils import load_image

    return load_image(path)


def processors():
    """Name to a function from a picture to pixel_values [channel, row, column], and its settings."""
    import timm.data
    import transformers

    for name, settings in HUGGING_FACE.items():
        both = dict(settings, image_mean=MEAN, image_std=STD, do_center_crop="crop_size" in settings)
        # DeiT's processor does all that ViT's does, and crops.
        kind = transformers.BitImageProcessorPil if "shortest_edge" in settings["size"] else transformers.DeiTImageProcessorPil
        processor = kind(**both)
        yield name, settings, lambda image, p=processor: p(image, return_tensors="np")["pixel_values"][0]
    for name, settings in TIMM.items():
        transform = timm.data.create_transform(**settings, mean=MEAN, std=STD, crop_mode="center")
        yield name, settings, lambda image, t=transform: t(image).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    files = good()
    for name, content in {**files, **other(), **bad(files)}.items():
        with open(os.path.join(options.out, name), "wb") as out:
            out.write(content)
    images = {name: decoded(os.path.join(options.out, name)) for name in files}
    shown = {name: {"rows": image.height, "columns": image.width, "rgb": packed(image, "u1")}
             for name, image in images.items()}
    cases = []
    for name, settings, process in processors():
        for file in PROCESSED:
            values = process(images[file])
            cases.append({"processor": name, "file": file, "shape": values.shape, "values": packed(values, "<f4"),
                          "settings": settings})
    write_json(os.path.join(options.out, "expected.json"), {
        "schema": 1, "versions": {**versions(), "pillow": Image.__version__}, "mean": MEAN, "std": STD,
        "decoded": shown, "processed": cases})


if __name__ == "__main__":
    main()
