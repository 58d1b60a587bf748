"""A child process imports what its parent can import."""

import subprocess
import sys

CODE = """\
import subprocess, sys
from headrace.child_environment import child_environment
subprocess.run([sys.executable, "-P", "-c", "import orders"], env=child_environment(), check=True)
"""


def test_the_working_directory_of_python_c_is_on_the_path_of_its_child(tmp_path):
    """There it stands in `sys.path` as an empty text."""
    (tmp_path / "orders.py").write_text("")
    path = [folder for folder in sys.path if folder]
    code = f"import sys; sys.path += {path!r}\n{CODE}"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
