"""The files of a new project, made from the templates beside this module."""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from headrace.commands.new.answers import Answers
from headrace.errors import HeadraceError

_FILES = Path(__file__).with_name("files")
_SUFFIX = ".tmpl"  # so that no tool takes a template for the file that it becomes


class _Template(Template):
    """A template whose names begin with two percent signs: neither make nor the shell uses them."""

    delimiter = "%%"


def files_of(answers: Answers) -> dict[str, str]:
    """Return the content of each file, by its path in the project."""
    values = _values(answers)
    found = {}
    for layer in ("common", answers.source, *_model_layers(answers)):
        for template in sorted((_FILES / layer).rglob(f"*{_SUFFIX}")):
            path = str(template.relative_to(_FILES / layer)).removesuffix(_SUFFIX)
            text = _filled(template.read_text(), values)
            if not path.endswith(".py"):  # where a part is left out, one empty line is enough
                text = re.sub(r"\n{3,}", "\n\n", text)
            found[path.replace("dot-", ".")] = text
    return found


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write the files into a new folder: all of them, or none.

    Raises:
        HeadraceError: the folder is there already, or cannot be made.
    """
    if os.path.lexists(folder):  # a link to nowhere, too
        raise HeadraceError(f"{folder} is there already: nothing was written")
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            made = Path(scratch, "project")
            for name, text in files.items():
                path = made / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            made.rename(folder)
    except OSError as error:  # a full disk names no file, and the scratch folder means nothing
        raise HeadraceError(f"{folder}: {error.strerror}: nothing was written") from None


def _model_layers(answers: Answers) -> tuple[str, ...]:
    return ("model", answers.model) if answers.has_model else ("none",)


def _values(answers: Answers) -> dict[str, str]:
    """The short texts, and the parts of files that only some projects have."""
    values = answers.values()
    parts = dict(_parts(answers))
    names = {path.name.removesuffix(_SUFFIX) for path in _FILES.glob(f"parts/*/*{_SUFFIX}")}
    values |= dict.fromkeys(names, "")
    # A part may hold another one, so the inner ones are filled first.
    for name, text in sorted(parts.items(), key=lambda part: part[1].count(_Template.delimiter)):
        values[name] = _filled(text, values).rstrip("\n")
    values["template_parameters_section"] = (
        f"Parameters:\n{values['template_parameters']}" if values["template_parameters"] else ""
    )
    targets = [values["model_targets"], values["source_targets"]]
    names_of_targets = [line.split(":")[0] for text in targets for line in text.splitlines()]
    values["phony_targets"] = " ".join(name for name in names_of_targets if name.isalpha())
    return values


def _parts(answers: Answers) -> Iterator[tuple[str, str]]:
    for layer in (answers.source, *(("model",) if answers.has_model else ())):
        for path in (_FILES / "parts" / layer).glob(f"*{_SUFFIX}"):
            yield path.name.removesuffix(_SUFFIX), path.read_text()


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Fill a template in. A line that holds but a name goes if the name stands for nothing."""
    lines = []
    for line in text.splitlines(keepends=True):
        filled = _Template(line).substitute(values)
        if filled.strip() or not line.strip():
            lines.append(filled)
    return "".join(lines)
