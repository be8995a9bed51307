"""Bringing weights in and out.

`loading.load_weights` takes whatever names a model; `files` writes and reads our own files, `published` the
authors' checkpoints, `backbones` the encoders' original files, `pretrained` Hugging Face folders. `registry`
and `download` know where models come from. Importing this package loads no PyTorch.
"""
