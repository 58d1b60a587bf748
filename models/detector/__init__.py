"""The object detector: pixels in, boxes with classes and scores out."""
