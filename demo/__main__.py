"""`python -m demo`: the main job from end to end, with nothing but Python.

It trains, produces, classifies and accounts, and ends with 0 only if every step succeeded and
every produced record is accounted for.
"""

import sys

from demo.steps import main

if __name__ == "__main__":
    sys.exit(main())
