"""All actions of the program in one table: menus, keys, tooltips and the key overview come from it."""

from __future__ import annotations

from dataclasses import dataclass

GROUPS = ("File", "Edit", "Object", "Mask", "Image", "View", "Tools", "Help")
"""The menus, in their order."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that the user can do.

    Attributes:
        id: unique; under it other keys are remembered.
        text: English, as in the menu.
        keys: shortcuts in Qt's portable writing, the first one shown in the menu. Shift goes with letters
            only: whether a sign needs it differs from keyboard to keyboard.
        group: one of `GROUPS`.
        handler: which part does it, and its method, as `part.method`.
        checkable: it is on or off.
        line: a separator comes before it in the menu.
        repeats: it is done again and again while its key is held.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    group: str
    handler: str
    checkable: bool = False
    line: bool = False
    repeats: bool = False


ACTIONS: tuple[Action, ...] = (
    Action("open_folder", "Open folder …", ("Ctrl+O",), "File", "files.open_folder"),
    Action("open_image", "Load photo …", ("L",), "File", "files.open_image"),
    Action("import", "Import masks …", ("Ctrl+I",), "File", "transfer.import_masks", line=True),
    Action("export", "Export masks …", ("Ctrl+E",), "File", "transfer.export_masks"),
    Action("save", "Save", ("S", "Ctrl+S"), "File", "files.save", line=True),
    Action("save_elsewhere", "Save project elsewhere …", ("Ctrl+Shift+S",), "File", "files.save_elsewhere"),
    Action("model", "Switch model …", ("Ctrl+M",), "File", "models.choose", line=True),
    Action("features", "Keep encoded images …", (), "File", "models.choose_features"),
    Action("quit", "Quit", ("Ctrl+Q",), "File", "window.close", line=True),
    Action("undo", "Undo", ("Ctrl+Z", "U"), "Edit", "clicking.undo", repeats=True),
    Action("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit", "work.redo", repeats=True),
    Action("select_all", "Select all objects", ("Ctrl+A",), "Edit", "objects.select_all", line=True),
    Action("select_next", "Select next object", ("W",), "Edit", "objects.select_next", repeats=True),
    Action("finish", "Finish object", ("Return", "Enter", "Space"), "Object", "clicking.finish"),
    Action("hide", "Hide or show", ("H",), "Object", "objects.hide", line=True),
    Action("show_all", "Show all", ("Shift+H",), "Object", "objects.show_all"),
    Action("lock", "Lock or unlock", ("K",), "Object", "objects.lock"),
    Action("delete", "Delete", ("Del",), "Object", "objects.delete"),
    Action("forward", "Bring forward", ("PgUp",), "Object", "objects.forward", line=True, repeats=True),
    Action("backward", "Send backward", ("PgDown",), "Object", "objects.backward", repeats=True),
    Action("copy_to_next", "Copy to next image", ("Ctrl+D",), "Object", "objects.copy_to_next"),
    Action("front_wins", "Front object wins overlaps", (), "Object", "objects.front_wins", True, line=True),
    Action("fill_holes", "Fill holes", ("J",), "Mask", "editing.fill_holes"),
    Action("drop_islands", "Drop islands", ("I",), "Mask", "editing.drop_islands"),
    Action("smooth", "Smooth", ("M",), "Mask", "editing.smooth"),
    Action("grow", "Grow", ("T",), "Mask", "editing.grow", line=True),
    Action("shrink", "Shrink", ("Shift+T",), "Mask", "editing.shrink"),
    Action("next", "Next image", ("D", "Right"), "Image", "images.next", repeats=True),
    Action("previous", "Previous image", ("A", "Left"), "Image", "images.previous", repeats=True),
    Action("next_unfinished", "Next unfinished image", ("N",), "Image", "work.next_unfinished"),
    Action("done", "Mark as done", ("X",), "Image", "objects.mark_done", True, line=True),
    Action("done_and_next", "Done, next unfinished image", ("Shift+X",), "Image", "objects.done_and_next"),
    Action("reviewed", "Mark as reviewed", ("Y",), "Image", "objects.mark_reviewed", True, line=True),
    Action(
        "reviewed_and_next", "Reviewed, next to review", ("Shift+Y",), "Image", "objects.reviewed_and_next"
    ),
    Action("find", "Find image", ("Ctrl+F",), "Image", "folder.search", line=True),
    Action("refresh", "Look for new images", ("F5",), "Image", "images.refresh"),
    Action("fit", "Fit to window", ("F",), "View", "canvas.fit"),
    Action("actual_size", "100 %", ("Ctrl+1",), "View", "canvas.actual_size"),
    Action("zoom_in", "Zoom in", ("Ctrl++", "+"), "View", "images.zoom_in", repeats=True),
    Action("zoom_out", "Zoom out", ("Ctrl+-", "-"), "View", "images.zoom_out", repeats=True),
    Action("outline", "Outlines only", ("O",), "View", "display.outline", True, line=True),
    Action("on_black", "Masks on black", ("Shift+B",), "View", "display.on_black", True),
    Action("by_class", "Colours by class", ("Shift+C",), "View", "display.refresh_colours", True),
    Action("flash", "Flash previous mask", ("V",), "View", "display.flash_previous"),
    Action("more_opaque", "Stronger fill", (".",), "View", "display.more_opaque", line=True, repeats=True),
    Action("less_opaque", "Weaker fill", (",",), "View", "display.less_opaque", repeats=True),
    Action("focus", "Magnify small objects", ("Z",), "View", "images.focus", True, line=True),
    Action("preview", "Preview under the pointer", ("P",), "View", "images.preview", True),
    Action("theme", "Dark theme", ("F11",), "View", "window.switch_theme", True, line=True),
    Action("tool_click", "Click", ("C",), "Tools", "toolbox.click", True),
    Action("tool_brush", "Brush", ("B",), "Tools", "toolbox.brush", True),
    Action("tool_eraser", "Eraser", ("E",), "Tools", "toolbox.eraser", True),
    Action("tool_fill", "Polygon: fill", ("G",), "Tools", "toolbox.fill", True),
    Action("tool_cut", "Polygon: cut", ("Shift+G",), "Tools", "toolbox.cut", True),
    Action("tool_box", "Box", ("R",), "Tools", "toolbox.box", True),
    Action("tool_hand", "Move and select", ("Q",), "Tools", "toolbox.hand", True),
    Action("smaller", "Smaller brush", ("[",), "Tools", "toolbox.smaller", line=True, repeats=True),
    Action("larger", "Larger brush", ("]",), "Tools", "toolbox.larger", repeats=True),
    Action("keys", "Keys …", ("?", "F1"), "Help", "window.show_keys"),
    Action("history", "Undo history", ("Ctrl+H",), "Help", "window.show_history"),
    Action("language", "Language …", (), "Help", "files.choose_language"),
    Action("about", "About skipclick", (), "Help", "window.show_about", line=True),
)

BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}
