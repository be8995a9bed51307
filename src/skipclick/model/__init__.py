"""The network, from image to logits, and its configurations.

Importing this package loads no PyTorch; `skipclick.model.skipclick` does.
"""
