"""What cannot be followed, said so that it can be mended: which words, what is there instead, one question where several are meant."""

from __future__ import annotations

from collections.abc import Sequence

from lifeworld.core.errors import WordsError, close_names
from lifeworld.scene.words.clause import Phrase, Span
from lifeworld.scene.words.grounding.cast import Cast, Referent

MOST = 6
"""So many candidates a question names."""
HINT = 0.45
"""A noun this near to one that is here is worth a hint, though not to be taken for it."""


def ambiguous(phrase: Phrase, meant: Sequence[Referent], cast: Cast, text: str = "") -> WordsError:
    """Several are meant alike: one question, with what tells them apart."""
    said = _said(phrase, text)
    names = [r.name for r in meant]
    shown = [f"{r.spoken}{_told_apart(r, meant)}" for r in meant[:MOST]]
    more = f" or {len(meant) - MOST} other{'s' if len(meant) > MOST + 1 else ''}" if len(meant) > MOST else ""
    question = f"Which one do you mean: {', '.join(shown[:-1])}{',' if more else ' or'} {shown[-1]}{more}?"
    return WordsError(
        f"{said!r} could be {len(meant)} things here",
        reason="ambiguous",
        span=phrase.span,
        suggestions=names,
        question=question,
        fix=question,
    )


def absent(phrase: Phrase, cast: Cast, *, sorts: Sequence[str], text: str = "") -> WordsError:
    """Nobody here is called so: a word that is not known at all, or one for what is not here."""
    from lifeworld.scene.words.lexicon import is_known
    from lifeworld.scene.words.lexicon.nearest import nearest

    noun = phrase.noun or phrase.pronoun or ""
    nouns: dict[str, str] = {}
    for referent in cast.referents:
        if referent.sort in sorts:
            for word in referent.words:
                nouns.setdefault(word, referent.words[0])
    near = [m.candidate if m.how == "typo" else nouns[m.candidate] for m in nearest(noun, sorted(nouns)) if m.score >= HINT] if noun else []
    hints = list(dict.fromkeys((*near, *close_names(noun, nouns))))[:3]
    known = is_known(noun)
    if not hints and sorts:
        here = [r.name for r in cast.referents if r.sort in sorts and r.sort != "part"]
        fix = f"Here are: {', '.join(here[:20])}{' …' if len(here) > 20 else ''}." if here else "Nothing of the sort is here."
        hints = here[:3] if known else []
    else:
        fix = f"Did you mean {' or '.join(hints)}?"
    what = f"there is no {noun} here" if known else f"no {noun!r} here"
    return WordsError(what, reason="not_present" if known else "unknown_word", span=phrase.span, suggestions=hints, fix=fix)


def typo(phrase: Phrase, word: str) -> WordsError:
    """A noun that looks like a slip of one that is here: asked back, not guessed."""
    return WordsError(f"no {phrase.noun!r} here", reason="unknown_word", span=phrase.span, suggestions=(word,), fix=f"Did you mean {word}?")


def unlike(phrase: Phrase, word: str, called: Sequence[Referent], text: str = "") -> WordsError:
    """There are such things, but none is as an adjective says."""
    seen = [f"{r.spoken}{_told_apart(r, called, always=True)}" for r in called[:MOST]]
    return WordsError(
        f"no {phrase.noun} here is {word.replace('_', ' ')}",
        reason="not_present",
        span=phrase.span,
        suggestions=[r.name for r in called[:MOST]],
        fix=f"There is {', '.join(seen)}.",
    )


def too_few(phrase: Phrase, meant: Sequence[Referent], wanted: int) -> WordsError:
    """More were asked for than are here."""
    here = f"only {len(meant)} {phrase.noun}{'s' if len(meant) != 1 else ''}" if meant else f"no {phrase.noun}"
    return WordsError(
        f"there {'is' if len(meant) < 2 else 'are'} {here} here",
        reason="not_present",
        span=phrase.span,
        suggestions=[r.name for r in meant],
        fix=f"{wanted} {'was' if wanted == 1 else 'were'} asked for.",
    )


def impossible(what: str, span: Span, *, fix: str | None = None, suggestions: Sequence[str] = ()) -> WordsError:
    """What is understood, and cannot be."""
    return WordsError(what, reason="impossible", span=span, suggestions=suggestions, fix=fix)


def listed(names: Sequence[str], word: str = "and") -> str:
    """`a, b and c`."""
    return f" {word} ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def a_(kind: str) -> str:
    """The words of a kind with their article: an apple, a wine glass."""
    word = kind.replace("_", " ")
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _said(phrase: Phrase, text: str) -> str:
    start, end = phrase.span
    return text[start:end] or " ".join((*phrase.words, phrase.noun or phrase.pronoun or ""))


def _told_apart(one: Referent, among: Sequence[Referent], *, always: bool = False) -> str:
    """What of it differs from the others: its colour, or what it is on."""
    told = []
    if one.part_of is None:
        if one.color is not None and (always or len({r.color for r in among}) > 1):
            told.append(one.color.replace("_", " "))
        place = next((f"{kind} {name}" for kind, name in sorted(one.facts) if kind in ("on", "in") and "/" not in name), None)
        if place is not None and not always and len({f for r in among for f in r.facts if f[0] in ("on", "in")}) > 1:
            told.append(place)
    return f" ({', '.join(told)})" if told else ""
