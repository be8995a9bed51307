"""Putting together data sets that are handed out in parts: SHSeg, WSESeg, COCO+LVIS."""
