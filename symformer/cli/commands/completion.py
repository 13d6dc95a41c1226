"""`completion`: what a shell needs to complete commands, options and names."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from string import Template

from symformer.book import chapters
from symformer.cli.command import Command
from symformer.cli.names import SIGNATURES

BASH = Template("""\
# symformer: completion for bash; put it into ~/.bashrc:  source <(symformer completion bash)
_symformer() {
  local word=$${COMP_WORDS[COMP_CWORD]} before=$${COMP_WORDS[COMP_CWORD-1]} choices=
  case $$before in
$values
  esac
  if [[ -z $$choices && $$COMP_CWORD -eq 1 ]]; then choices="$commands"; fi
  if [[ -z $$choices ]]; then
    case $${COMP_WORDS[1]} in
$options
    esac
  fi
  COMPREPLY=($$(compgen -W "$$choices" -- "$$word"))
}
complete -o default -F _symformer symformer
""")
ZSH = Template("""\
#compdef symformer
# symformer: completion for zsh; put it into ~/.zshrc:  source <(symformer completion zsh)
_symformer() {
  local -a choices
  case $$words[CURRENT-1] in
$values
  esac
  if (( ! $$#choices && CURRENT == 2 )); then choices=($commands); fi
  if (( ! $$#choices )); then
    case $$words[2] in
$options
    esac
  fi
  if (( $$#choices )); then compadd -- $$choices; fi
  _files
}
compdef _symformer symformer
""")
FORMS = {"bash": (BASH, 'choices="{}"'), "zsh": (ZSH, "choices=({})")}


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("shell", choices=tuple(FORMS))


def run(options: Namespace) -> int:
    """Prints the script; what it offers is read off the parser."""
    template, assign = FORMS[options.shell]
    commands = dict(_commands(options.top))
    values = {option: words for child in commands.values() for option, words in _choices(child)}
    print(
        template.substitute(
            commands=" ".join(commands),
            values=_cases(values, assign, "    "),
            options=_cases({name: _words(child) for name, child in commands.items()}, assign, "      "),
        ),
        end="",
    )
    return 0


def _commands(top: ArgumentParser) -> Iterator[tuple[str, ArgumentParser]]:
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def _choices(child: ArgumentParser) -> Iterator[tuple[str, str]]:
    """Options that take one of several words."""
    for action in child._actions:
        if action.choices and action.option_strings:
            yield "|".join(action.option_strings), " ".join(map(str, action.choices))


def _words(child: ArgumentParser) -> str:
    """What may stand behind a command: its options, and names where it takes one."""
    words = [option for action in child._actions for option in action.option_strings]
    for action in child._actions:
        if not action.option_strings and action.choices:
            words += map(str, action.choices)
        if action.metavar in ("SLUG", "NAME"):
            words += [chapter.slug for chapter in chapters()]
        if action.metavar == "NAME":
            words += SIGNATURES
    return " ".join(words)


def _cases(table: dict[str, str], assign: str, indent: str) -> str:
    return "\n".join(f"{indent}{pattern}) {assign.format(words)} ;;" for pattern, words in table.items())


COMMAND = Command("completion", "Print what bash or zsh needs to complete commands and names.", fill, run)
