"""Cut out an object with this folder's graphs: numpy and onnxruntime; pillow reads and writes the pictures.

    python example.py photo.jpg 320,240 90,60:- mask.png

A click is X,Y in pixels of the photo; X,Y:- says that this is not the object.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps


def resizing(old: int, new: int) -> np.ndarray:
    """A matrix (new, old) that resizes linearly: first pixel on first, last on last, no antialiasing."""
    places = np.linspace(0, old - 1, new)[:, None]
    return np.maximum(0, 1 - np.abs(places - np.arange(old))).astype(np.float32)


folder, (photo_file, *words, mask_file) = Path(__file__).parent, sys.argv[1:]
encode, click = (onnxruntime.InferenceSession(folder / name) for name in ("encode.onnx", "click.onnx"))
about = encode.get_modelmeta().custom_metadata_map
names, side = about["skipclick_features"].split(","), 32 * int(about["skipclick_stride"])  # 32 by 32 patches
photo = np.asarray(ImageOps.exif_transpose(Image.open(photo_file)).convert("RGB"))
height, width, _ = photo.shape
image = resizing(height, side) @ photo.transpose(2, 0, 1) @ resizing(width, side).T / 255
features = dict(zip(names, encode.run(names, {"image": image[None]}), strict=True))  # once per photo
points = np.full((1, 2, len(words), 2), -1.0)  # axis 1: object, background; row and column, -1 is unused
answer = np.zeros((1, 1, side, side), np.float32)
for number, word in enumerate(words):  # once per click: all clicks so far, and the answer before
    x, y = map(float, word.removesuffix(":-").split(","))
    points[0, int(word.endswith(":-")), number] = y * side / height, x * side / width
    logits = click.run(["logits"], {**features, "points": points, "previous": answer})[0]
    answer = (1 + np.tanh(logits / 2)) / 2  # the probability
mask = resizing(side, height) @ answer[0, 0] @ resizing(side, width).T > 0.5
Image.fromarray(mask).save(mask_file)
print(f"{mask_file}: {mask.mean():.1%} of the photo")
