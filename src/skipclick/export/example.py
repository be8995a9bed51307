"""Segment an object with this folder's two graphs: needs numpy, pillow and onnxruntime, nothing else.

    python example.py photo.jpg 320,240 90,60:- mask.png

A click is X,Y in pixels of the photo; X,Y:- says that this is not the object.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

SIDE = 32  # patches in a row: the photo is shown to the network as a square of 32 patches

folder = Path(__file__).parent
encode = ort.InferenceSession(folder / "encode.onnx")
click = ort.InferenceSession(folder / "click.onnx")
information = encode.get_modelmeta().custom_metadata_map
pixels = SIDE * int(information["skipclick_stride"])

photo_file, *words, mask_file = sys.argv[1:]
photo = Image.open(photo_file).convert("RGB")
small = photo.resize((pixels, pixels), Image.Resampling.BILINEAR)
image = np.asarray(small, np.float32).transpose(2, 0, 1)[None] / 255

# Once per photo.
names = information["skipclick_features"].split(",")
features = dict(zip(names, encode.run(names, {"image": image}), strict=True))

# Once per click: all clicks so far as (row, column), and the answer before as a probability.
points = np.full((1, 2, len(words), 2), -1.0)  # axis 1: object, background; -1, -1 is an empty slot
previous = np.zeros((1, 1, pixels, pixels), np.float32)
for number, word in enumerate(words):
    x, y = (float(part) for part in word.removesuffix(":-").split(","))
    points[0, int(word.endswith(":-")), number] = y * pixels / photo.height, x * pixels / photo.width
    logits = click.run(["logits"], {**features, "points": points, "previous": previous})[0]
    previous = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))

probability = Image.fromarray(previous[0, 0]).resize(photo.size, Image.Resampling.BILINEAR)
Image.fromarray(np.asarray(probability) > 0.5).save(mask_file)
print(f"{mask_file}: {np.mean(np.asarray(probability) > 0.5):.1%} of the photo")
