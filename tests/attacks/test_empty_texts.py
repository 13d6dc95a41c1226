"""An empty text for an argument is refused by the argument's name; as a path it would be the folder one stands in."""

import argparse

import pytest

from symformer.cli.commands import COMMANDS
from symformer.cli.parser import parser


def places():
    """Every command with each of its arguments that takes a text."""
    rooms = next(one for one in parser(COMMANDS)._actions if isinstance(one, argparse._SubParsersAction))
    for command, child in rooms.choices.items():
        for action in child._actions:
            if action.nargs != 0:
                yield command, action.option_strings[-1] if action.option_strings else "", child


@pytest.mark.parametrize(("command", "option"), [(command, option) for command, option, _ in places()])
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_text(refused, tmp_path, command, option, empty):
    err = refused(command, *([option] if option else []), empty)
    assert "expected something, got the empty text" in err and (option in err or not option)
    assert list(tmp_path.iterdir()) == []
