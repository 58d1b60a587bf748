"""Every help text is a sentence that stands alone."""

import argparse
import re

import pytest

from headrace.commands import dead_letters, serve
from headrace.commands.run import command as run

PARSER = argparse.ArgumentParser(prog="headrace")
SUBPARSERS = PARSER.add_subparsers()
for module in (run, serve, dead_letters):
    module.add_parser(SUBPARSERS)


def walk(parser):
    """Each subcommand's parser, its own subcommands included."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield name, inner
                yield from walk(inner)


COMMANDS = dict(walk(PARSER))
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
    text = COMMANDS[name].format_help()
    assert re.search(r"\n[A-Z].*\.\n", text)
    assert re.search(r"\nExamples?:\n  headrace ", text)
