"""Before a decoder believes a file: what of it makes the pixels, and nothing else.

Each format has a file with one function, `essence`. It walks through the file once, and

- refuses a file that ends early, and one that is a bomb by its structure;
- leaves out what the pixels do not need: texts, profiles, comments, thumbnails, later frames.
  Damaged or huge metadata then can neither refuse a sound picture nor cost memory;
- hands out the EXIF block, for the orientation.

Parts are cheap to write and dear to read. A scan of a progressive JPEG can be a dozen bytes long
and still cost a pass over every pixel: ten megabytes of them keep a processor busy for hours.
"""
