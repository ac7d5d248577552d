#!/usr/bin/env python3
"""Decodes a tar of photos (JPEG, PNG, WebP) into the packed tensor file that mgdm-train reads: unpack_photos.py IN.tar OUT.safetensors

Needs Pillow. One process for each core.
"""
import io
import json
import multiprocessing
import os
import sys
import tarfile

from PIL import Image


def decode(item):
    name, data = item
    with Image.open(io.BytesIO(data)) as image:
        rgb = image.convert("RGB")
        red, green, blue = rgb.split()
        return name, rgb.height, rgb.width, red.tobytes() + green.tobytes() + blue.tobytes()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, target = sys.argv[1:]
    items = []
    with tarfile.open(source) as tar:
        for member in tar:
            if member.isfile():
                items.append((os.path.splitext(os.path.basename(member.name))[0], tar.extractfile(member).read()))
    items.sort()
    with multiprocessing.Pool() as pool:
        photos = pool.map(decode, items, chunksize=64)
    header, offset = {}, 0
    for name, height, width, data in photos:
        header[name] = {"dtype": "U8", "shape": [3, height, width], "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(target + ".part", "wb") as out:
        out.write(len(text).to_bytes(8, "little"))
        out.write(text)
        for photo in photos:
            out.write(photo[3])
    os.replace(target + ".part", target)
    print(f"{target}: {len(photos)} photos, {offset / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
