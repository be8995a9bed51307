"""Back ends: whatever can encode an image and decode a prompt, in numpy arrays."""

from skipclick.backend.protocol import Backend, Features

__all__ = ["Backend", "Features"]
