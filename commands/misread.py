"""What was meant by words, values and flags that a command's parser cannot make anything of."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from pathlib import Path

from ..dream.targets.syntax import weight_advice
from ..errors import suggestion
from ..models.reading.numerals import meant_decimal

_FILE_LIKE = re.compile(r".+\.[A-Za-z][A-Za-z0-9]{1,4}")
_NEGATIVE = re.compile(r"-\.?[0-9]")
_NUMBERS = re.compile(r"[0-9.]+[a-z%]*(?: [0-9.]+[a-z%]*)+")
_OUTPUT = ("--output", "-o")
_WEIGHTED = ("--class", "--palette", "--layer", "--channel", "--neuron", "--guide")


def too_many_words(command: str, args: Sequence[str], left: Sequence[str], valued: Mapping[str, str]) -> str:
    """Return what to say of a line on which the words `left` have no place.

    `valued` has every flag that takes a value, by each of its names, as it is called.
    """
    if cut := _cut_value(args, valued):
        flag, words = cut
        if _NUMBERS.fullmatch(words):
            joined = words.replace(" ", ",")
            return f"{flag} {words}: several values are joined by commas. Write {flag} {joined}."
        if flag in _WEIGHTED and (weight := weight_advice(words)):
            return f"{flag} {words}:{weight}"
        several = (
            f" Several classes are joined by commas: {','.join(words.split())}." if flag == "--class" else ""
        )
        return f"{flag} {words}: several words need quotes. Write {flag} {shlex.quote(words)}.{several}"
    loose = list(_loose_words(args, valued))
    if whole := _file_in_pieces(loose):
        return f"{whole}: a name with spaces needs quotes. Write {shlex.quote(whole)}."
    told = " ".join(left)
    if len(left) == 1 and _FILE_LIKE.fullmatch(told) and not any(flag in args for flag in _OUTPUT):
        return f"{told!r} is a word too many. An output follows -o: {command} … -o {shlex.quote(told)}"
    return f"{told!r} is too much: {command} has no place for it (see: {command} --help)"


def no_such_flag(
    command: str, name: str, args: Sequence[str], owners: Sequence[str], known: Sequence[str]
) -> str:
    """Return what to say of a flag that this command does not have, and the commands `owners` may have."""
    if _NEGATIVE.match(name):
        number = next((each for each in args if each.startswith(name)), name)
        return f"{number!r} is no flag. A weight follows an equals sign: NAME={number}"
    if not owners:
        return f"{command} has no flag {name}.{suggestion(name, known)} See: {command} --help"
    return f"{name} has no effect on {command}: it belongs to {_listed(owners)}"


def no_such_command(group: str, word: str, commands: Sequence[str]) -> str:
    """Return what to say of a word that stands where a command should; `commands` are those of the group."""
    if word == "help":
        return f"help is a flag: {group} --help, or {group} {commands[0]} --help"
    if group.count(" ") == 0 and (_FILE_LIKE.fullmatch(word) or _is_there(word)):
        name = shlex.quote(word)
        ways = f"{group} render {name} -o OUT.mp4, or {group} still {name} -o OUT.png"
        return f"{word!r} is no command. To dream it: {ways}"
    near = suggestion(word, commands)
    return f"{group} has no command {word!r}.{near} It has {_listed(commands)} (see: {group} --help)"


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def wrong_value(flag: str, word: str, complaint: str) -> str:
    """Return what to say of a number that typer cannot read; `complaint` is what it says itself."""
    if meant := meant_decimal(word):
        return f"{flag} {word}: numbers are written with a point, {flag} {meant}"
    if "number" in complaint or "integer" in complaint or "float" in complaint:
        kind = "a whole number" if "integer" in complaint else "a number"
        return f"{flag} {word}: {word!r} is not {kind}"
    return f"{flag} {word}: {complaint[:1].lower()}{complaint[1:].rstrip('.')}"


def _cut_value(args: Sequence[str], valued: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the flag and the words of a value that goes on behind a space: --class tropical fish."""
    for place, word in enumerate(args[:-1]):
        if word not in valued:
            continue
        of_value = partial(_goes_on, word in _OUTPUT)
        more = list(takewhile(of_value, args[place + 2 :]))
        if more:
            return valued[word], " ".join([args[place + 1], *more])
    return None


def _goes_on(is_path: bool, word: str) -> bool:
    """Tell whether a word behind a flag's value may belong to it, rather than be a file or another flag."""
    is_file = _FILE_LIKE.fullmatch(word) is not None or _is_there(word)
    return not word.startswith("-") and (is_path or not is_file)


def _loose_words(args: Sequence[str], valued: Mapping[str, str]) -> Iterator[str]:
    """Yield the words that are neither flags nor their values."""
    before = ""
    for word in args:
        if not word.startswith("-") and before not in valued:
            yield word
        before = word


def _file_in_pieces(words: Sequence[str]) -> str | None:
    """Return the name of a file that is there once the words are put together: my clip.mp4."""
    joined = " ".join(words)
    return joined if len(words) > 1 and _is_there(joined) else None


def _is_there(word: str) -> bool:
    try:
        return Path(word).exists()
    except (OSError, ValueError):  # too long for a name, or not one at all
        return False
