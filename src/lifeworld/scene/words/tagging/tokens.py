"""A text cut into words: numbers, names, marks, each with its place in the text; what cannot be a sentence is refused here.

words_of("Put the cup 20cm left of it.")  ->  put · the · cup · 20 · cm · left · of · it · .
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Span

LONGEST_CHARS = 2000
"""A text longer than this is no request; reading it would take longer than anybody waits."""
SAYING = "add a glass on the table"
MOST_WORDS = 300

_WORD = re.compile(
    r"""
    (?P<quoted>"[^"\n]{1,64}"|“[^”\n]{1,64}”)
  | (?P<color>\#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?\b)
  | (?P<clock>\b[0-2]?\d:[0-5]\d\b)
  | (?P<number>(?:(?<![\w)])[-−+])?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:[.,]\d+)?(?:[eE][-+]?\d+)?|(?<![\w.])\.\d+)
  | (?P<name>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[A-Za-z]+\d+\b)
  | (?P<short>n['’]t\b)
  | (?P<tail>['’](?:s|d|re|ll|ve|m)\b|(?<=s)['’](?=\s))
  | (?P<word>[^\W\d_]+?(?=n['’]t\b)|[^\W\d_]+)
  | (?P<mark>[.,;:!?%°/&+×=()])
    """,
    re.VERBOSE,
)
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands in the text: `low` in small letters, `sort` of it (word, number, name, quoted, color, clock, mark, tail)."""

    low: str
    sort: str
    span: Span


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text in order; marks that mean nothing here (brackets, dashes) are left out.

    Raises:
        WordsError: `not_text`, `empty`, `too_long`, `not_english`.
    """
    if not isinstance(text, str):
        raise WordsError("a sentence is text", reason="not_text", fix="Give it as a str.")
    if len(text) > LONGEST_CHARS:
        raise WordsError(
            f"the text has {len(text)} characters, more than {LONGEST_CHARS}",
            reason="too_long",
            span=(LONGEST_CHARS, len(text)),
            fix="Say it in several requests.",
        )
    for at, char in enumerate(text):
        if unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") and char not in "\t\n\r":
            raise WordsError(
                f"character {at} is a control character (U+{ord(char):04X})", reason="not_text", span=(at, at + 1), fix="Leave it out."
            )
    if not text.strip():
        raise WordsError("the sentence is empty", reason="empty", span=(0, len(text)), suggestions=(SAYING,))
    words = tuple(_cut(text))
    if len(words) > MOST_WORDS:
        raise WordsError(
            f"the text has {len(words)} words, more than {MOST_WORDS}",
            reason="too_long",
            span=(words[MOST_WORDS].span[0], len(text)),
            fix="Say it in several requests.",
        )
    _refuse_other_alphabets(text, words)
    return words


def _cut(text: str) -> list[Word]:
    cut: list[Word] = []
    for match in _WORD.finditer(text):
        sort = match.lastgroup or "word"
        low = match.group().lower().replace("’", "'")
        if sort == "short":
            low, sort = "not", "word"
        elif sort == "number":
            low = low.replace("−", "-")
        elif sort == "quoted":
            low = match.group()[1:-1]
        elif sort == "color":
            low = low.lower()
        elif sort == "word":
            low = {"ca": "can", "wo": "will", "sha": "shall"}.get(low, low) if text[match.end() : match.end() + 2] in ("n'", "n’") else low
        cut.append(Word(low, sort, match.span()))
    return cut


def _refuse_other_alphabets(text: str, words: tuple[Word, ...]) -> None:
    """Letters of another alphabet: more than a stray one, and it is no English sentence."""
    letters = [char for char in text if char.isalpha()]
    foreign = [char for char in letters if "LATIN" not in unicodedata.name(char, "")]
    if foreign:
        at = text.index(foreign[0])
        raise WordsError(
            "it is not in English", reason="not_english", span=(at, at + 1), fix="Only English is understood.", suggestions=(SAYING,)
        )
    if all(word.sort == "mark" for word in words):
        raise WordsError("there is no word in it", reason="empty", span=(0, len(text)), suggestions=(SAYING,))
