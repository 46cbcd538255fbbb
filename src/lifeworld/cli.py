"""The command line: `lifeworld VERB …`.

This file only finds the verb, reads its options and says how it ended; each verb is a file in `commands/` (see `commands/verb.py`
for what such a file holds). Loading this file loads no verb, so that `lifeworld --help` answers at once.

How every verb ends:

    0    it is done
    1    something here broke: an engine, a missing extra, a full disk (or a mistake of ours: then a traceback follows)
    2    what was given cannot be used; the message says what was got, what was expected and how to mend it
    130  stopped by Ctrl-C; nothing is left half-written

With `--json` stdout holds one JSON object and nothing else: `{"ok": true, …}` or `{"ok": false, "error": code, "message": …}`, with what
the error knows beside it: `reason`, `span`, `suggestions`, `question`.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

from lifeworld.commands import VERBS
from lifeworld.core.errors import InputError, LifeworldError, UnknownName
from lifeworld.core.storage import refusal

if TYPE_CHECKING:
    from lifeworld.commands.verb import Outcome


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb with these arguments (`sys.argv` when None) and return the exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in args
    try:
        code = _verb(args, as_json)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _ended("interrupted", "stopped; nothing is left half-written", 130, as_json)
    except InputError as error:
        return _ended(error.code, str(error), 2, as_json, known=error)
    except LifeworldError as error:
        return _ended(error.code, str(error), 1, as_json, known=error)
    except BrokenPipeError:  # the reader went away (`| head`); what is left in the buffer must not raise again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if (refused := refusal(error, error.filename or ".")) is not None:
            return _ended(refused.code, str(refused), 1, as_json)
        return _ended("os_error", f"{type(error).__name__}: {error}", 1, as_json)
    except Exception as error:  # a mistake of ours: programs still get their one object, people the traceback
        traceback.print_exc()
        return _ended("bug", f"{type(error).__name__}: {error}", 1, as_json)


def _verb(args: list[str], as_json: bool) -> int:
    if args[:1] == ["--version"]:
        from importlib.metadata import version

        print(f"lifeworld {version('lifeworld')}")
        return 0
    if not args or args[0] in ("-h", "--help"):
        print(_overview())
        return 0
    name = args[0]
    if name.startswith("-"):
        raise InputError(
            "the first word is the command", got=name, expected=" | ".join(VERBS), fix="Options come after it: `lifeworld doctor --json`."
        )
    if name not in VERBS:
        raise UnknownName("command", name, VERBS, fix="`lifeworld --help` lists them.")

    verb: Any = importlib.import_module(VERBS[name].module)
    options, ended = _options(verb.Options, name, args[1:], as_json)
    if ended is not None:
        return ended
    if as_json:
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for the one object, whatever is printed on the way
            outcome: Outcome = verb.run(options)
        _print_json({"ok": outcome.exit_code == 0, **outcome.value})
    else:
        outcome = verb.run(options)
        print(outcome.text)
    return outcome.exit_code


def _options(kind: type, name: str, args: list[str], as_json: bool) -> tuple[Any, int | None]:
    """The options read by tyro; or the exit code, where tyro has shown the help or said what is wrong."""
    import tyro

    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            found: Any = tyro.cli(kind, prog=f"lifeworld {name}", args=args, config=(tyro.conf.FlagCreatePairsOff,))
    except SystemExit as exit_:
        if exit_.code in (0, None):
            return None, 0
        if as_json:
            return None, _ended("usage", _plain(said.getvalue()), 2, as_json)
        sys.stderr.write(said.getvalue())
        return None, 2
    return found, None


def _ended(code: str, message: str, exit_code: int, as_json: bool, *, known: LifeworldError | None = None) -> int:
    print(f"lifeworld: {message}", file=sys.stderr)
    if as_json:
        facts = {key: getattr(known, key) for key in ("reason", "span", "suggestions", "question") if hasattr(known, key)}
        _print_json({"ok": False, "error": code, "message": message, **facts})
    return exit_code


def _print_json(value: dict[str, Any], out: TextIO | None = None) -> None:
    import msgspec

    print(msgspec.json.encode(value, enc_hook=_as_json).decode(), file=out or sys.stdout)


def _as_json(value: Any) -> Any:
    """What msgspec does not know: paths as text, NumPy as numbers and lists."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise NotImplementedError(f"no JSON for {type(value).__name__}")


def _plain(boxed: str) -> str:
    """What tyro's frame says in one line, without its title and the help below its rule."""
    said: list[str] = []
    for line in boxed.splitlines():
        inside = line.strip(" │")
        if said and inside.startswith(("─", "╰")):
            break
        if inside and not inside.startswith(("╭", "╰", "─")):
            said.append(inside)
    return " ".join(said)


def _overview() -> str:
    width = max(map(len, VERBS)) + 2
    verbs = "\n".join(f"  {name:<{width}}{verb.summary}" for name, verb in VERBS.items())
    return (
        "lifeworld: worlds made from words, stepped into, and learned.\n\n"
        f"usage: lifeworld COMMAND [options]\n\ncommands\n{verbs}\n\n"
        "Every command takes --help, --json (one object on stdout, progress on stderr) and --seed.\n"
        "Exit codes: 0 done, 1 something here broke, 2 what was given cannot be used, 130 stopped by Ctrl-C."
    )


if __name__ == "__main__":
    sys.exit(main())
