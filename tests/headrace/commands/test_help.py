"""Every help text is a sentence that stands alone."""

import argparse
import re

import pytest

from headrace.cli import parser as command_line


def walk(parser):
    """Each subcommand's parser, its own subcommands included."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield inner.prog, inner
                yield from walk(inner)


COMMANDS = dict(walk(command_line()))
FLAGS = [
    pytest.param(action, id=f"{name} {action.option_strings or action.dest}")
    for name, parser in COMMANDS.items()
    for action in parser._actions
    if not isinstance(action, argparse._SubParsersAction | argparse._HelpAction)
]


@pytest.mark.parametrize("action", FLAGS)
def test_a_flag_is_described_by_sentences_that_stand_alone(action):
    text = action.help or ""
    assert re.fullmatch(r"[A-Z].*[.]", text), "not a sentence"
    assert not re.match(r"(Its|Their|The same)\b", text), "speaks of something before it"
    assert "None" not in text


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_gives_an_example(name):
    assert re.fullmatch(r"[A-Z].*\.", COMMANDS[name].description, re.DOTALL)
    text = COMMANDS[name].format_help()
    assert re.search(rf"\nExamples?:\n  {name} ?", text)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_is_a_command_line_that_is_understood(name):
    for line in COMMANDS[name].epilog.splitlines()[1:]:
        command_line().parse_args(line.split()[1:])
