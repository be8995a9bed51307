"""Where an image lies in a widget: the way from screen to image pixels and back."""

from __future__ import annotations

from dataclasses import dataclass, replace

MAX_SCALE = 64.0
"""Largest magnification, in screen units per image pixel."""

_MARGIN = 12.0
_WHOLE = 1e-9


@dataclass(frozen=True, slots=True)
class Viewport:
    """An image of some size in a view of some size, moved and scaled.

    Screen positions are in the widget's own units (logical pixels) from its top left corner. Image
    positions have the centre of the first pixel at (0, 0), so that its corner lies at (-0.5, -0.5).

    Attributes:
        image: (width, height) of the image in pixels.
        view: (width, height) of the widget.
        scale: screen units per image pixel.
        left: where the image's left edge lies on the screen; may be negative.
        top: where its top edge lies.
    """

    image: tuple[int, int]
    view: tuple[float, float]
    scale: float
    left: float
    top: float

    @classmethod
    def fitted(cls, image: tuple[int, int], view: tuple[float, float]) -> Viewport:
        """The whole image, as large as the view allows with a narrow margin, in the middle."""
        (width, height), (across, down) = image, view
        room = max(across - 2 * _MARGIN, 1.0), max(down - 2 * _MARGIN, 1.0)
        scale = min(room[0] / width, room[1] / height, MAX_SCALE)
        return cls(image, view, scale, (across - width * scale) / 2, (down - height * scale) / 2)

    @property
    def fits(self) -> bool:
        """Whether this is what `fitted` gives."""
        return self == Viewport.fitted(self.image, self.view)

    @property
    def centre(self) -> tuple[float, float]:
        """The screen position in the middle of the view."""
        return self.view[0] / 2, self.view[1] / 2

    def to_image(self, across: float, down: float) -> tuple[float, float]:
        """The image position (x, y) under a screen position; outside the image too."""
        return (across - self.left) / self.scale - 0.5, (down - self.top) / self.scale - 0.5

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """The screen position of an image position."""
        return self.left + (x + 0.5) * self.scale, self.top + (y + 0.5) * self.scale

    def holds(self, x: float, y: float) -> bool:
        """Whether an image position lies on the image, its outermost pixels included in full."""
        return -0.5 <= x <= self.image[0] - 0.5 and -0.5 <= y <= self.image[1] - 0.5

    def zoomed(self, scale: float, across: float, down: float, *, least: float = 1.0) -> Viewport:
        """Change the scale; what lies under this screen position stays there.

        Zooming out stops where the whole image is seen, or at the scale `least` if the image is smaller
        than the view then; zooming in stops at `MAX_SCALE`. Near its edge the image may have to move, see
        `panned`.
        """
        whole = Viewport.fitted(self.image, self.view)
        if scale < self.scale and scale <= whole.scale * (1 + _WHOLE) and whole.scale <= least:
            return whole
        scale = min(max(scale, min(whole.scale, least)), MAX_SCALE)
        factor = scale / self.scale
        left, top = across + (self.left - across) * factor, down + (self.top - down) * factor
        return replace(self, scale=scale, left=left, top=top)._held()

    def panned(self, across: float, down: float) -> Viewport:
        """Move the image on the screen; the middle of the view always shows some of the image."""
        return replace(self, left=self.left + across, top=self.top + down)._held()

    def resized(self, view: tuple[float, float]) -> Viewport:
        """The same for a view of another size: still fitted if it was, else with the same middle."""
        if self.fits:
            return Viewport.fitted(self.image, view)
        (x, y), moved = self.centre, replace(self, view=view)
        return moved.panned(moved.centre[0] - x, moved.centre[1] - y)

    def centred(self, x: float, y: float) -> Viewport:
        """Move this image position to the middle of the view, at the same scale."""
        across, down = self.to_screen(x, y)
        return self.panned(self.centre[0] - across, self.centre[1] - down)

    def visible(self) -> tuple[int, int, int, int]:
        """The pixels seen at least in part: left, top, right, bottom, the last two exclusive."""
        left, top = self.to_image(0, 0)
        right, bottom = self.to_image(*self.view)
        width, height = self.image
        return (
            min(max(int(left + 0.5), 0), width),
            min(max(int(top + 0.5), 0), height),
            min(max(-int(-(right + 0.5) // 1), 0), width),
            min(max(-int(-(bottom + 0.5) // 1), 0), height),
        )

    def _held(self) -> Viewport:
        (x, y), (width, height) = self.centre, self.image
        return replace(
            self,
            left=min(max(self.left, x - width * self.scale), x),
            top=min(max(self.top, y - height * self.scale), y),
        )
