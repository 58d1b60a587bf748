"""What topics and streams may be called, by the rules of their services.

Names come from events and dead letters, which strangers may have written: they are checked before
anything is made of them.
"""

import re

TOPIC = r"^(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,249}\Z"
STREAM = r"^[A-Za-z0-9_.-]{1,128}\Z"

is_topic = re.compile(TOPIC).match
is_stream = re.compile(STREAM).match
