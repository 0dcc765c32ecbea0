#!/usr/bin/python3
"""Makes data/fashion-mnist-mini from the full Fashion-MNIST: the first 500 training images and the first 100 test
images of each class, in their original order, in the original format.

    data/make_mini.py [--from /usr/share/datasets/fashion-mnist]

The result depends on nothing but the input: running it again changes no byte (with the same zlib).
"""

import argparse
import gzip
import struct
from pathlib import Path

OUT = Path(__file__).parent / "fashion-mnist-mini"
SPLITS = {"train": 500, "t10k": 100}  # images per class
CLASSES = 10


def read(path: Path, magic: int) -> tuple[list[int], bytes]:
    """The sizes of the axes, and the bytes."""
    data = gzip.decompress(path.read_bytes())
    axes = magic & 0xFF
    found, *sizes = struct.unpack_from(f">{1 + axes}I", data)
    if found != magic:
        raise SystemExit(f"{path}: magic number {found:#x}, expected {magic:#x}")
    return sizes, data[4 + 4 * axes :]


def write(path: Path, magic: int, sizes: list[int], data: bytes) -> None:
    header = struct.pack(f">{1 + len(sizes)}I", magic, *sizes)
    path.write_bytes(gzip.compress(header + data, compresslevel=9, mtime=0))


def first_of_each(labels: bytes, count: int) -> list[int]:
    taken = [0] * CLASSES
    chosen = []
    for index, label in enumerate(labels):
        if taken[label] < count:
            taken[label] += 1
            chosen.append(index)
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="source", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    source = parser.parse_args().source
    OUT.mkdir(exist_ok=True)
    for split, count in SPLITS.items():
        images_name, labels_name = f"{split}-images-idx3-ubyte.gz", f"{split}-labels-idx1-ubyte.gz"
        (_, height, width), images = read(source / images_name, 0x803)
        _, labels = read(source / labels_name, 0x801)
        chosen = first_of_each(labels, count)
        size = height * width
        pixels = b"".join(images[i * size : (i + 1) * size] for i in chosen)
        write(OUT / images_name, 0x803, [len(chosen), height, width], pixels)
        write(OUT / labels_name, 0x801, [len(chosen)], bytes(labels[i] for i in chosen))
    total = sum(file.stat().st_size for file in OUT.iterdir())
    print(f"{OUT}: {total:,} bytes")


if __name__ == "__main__":
    main()
