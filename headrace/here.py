"""The user's modules whose names mean something else already: `headrace.here.queue`.

A file `queue.py` in the working directory is a fine worker, but `import queue` must go on to mean
the standard library's. So `headrace.loading` imports such a file as a module of this package,
whose path is `sys.path` without the standard library. Other processes find it by the same name.
"""

from headrace.loading import places_of_users

__path__ = places_of_users()
