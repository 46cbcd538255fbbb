"""What a sentence asks for, in the names of a cast: for robots, which act and are not the scene's editors.

    said = acts("pick up the mug and put it in the top drawer", cast)
    said.acts     # (Act(verb="pick", things=("mug",)), Act(verb="place", things=("mug",), links=(("in", ("desk/drawer_1",)),)))

Nobody is asked back here: where a phrase could mean several, the best is taken and the score says how sure that is; one that means nobody
is left empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Clause, Link, Phrase, Reading, Value
from lifeworld.scene.words.grounding.cast import Cast, Referent
from lifeworld.scene.words.grounding.ground import ANY, Finder

NEARLY, GUESSED, NOBODY = 0.8, 0.53, 0.3
"""How sure a phrase is that could mean several of which one is called just so, any of several, or nobody."""
PLACING = frozenset({"place", "move", "stack", "push", "pull", "slide", "add"})
FOR_OPENING = frozenset({"open", "close"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One clause with names for its phrases: `links` are (relation, names), `values` what was said besides, `clause` the words.

    `score` is how sure its own phrases are (0 to 1); `them` that it is about what was spoken of together before.
    """

    verb: str
    clause: Clause
    things: tuple[str, ...] = ()
    with_: tuple[str, ...] = ()
    links: tuple[tuple[str, tuple[str, ...]], ...] = ()
    values: tuple[tuple[str, Value], ...] = ()
    them: bool = False
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """The acts of a sentence in their order, how sure they are (0 to 1), and what spoke for them."""

    acts: tuple[Act, ...]
    score: float
    reading: Reading
    evidence: tuple[str, ...] = ()


def acts(text: str, cast: Cast) -> Acts:
    """What a sentence asks for of a cast, by the reading that fits it best.

    Raises:
        WordsError: for a text that cannot be read.
    """
    from lifeworld.scene.words.grammar.read import read

    best: Acts | None = None
    for reading in read(text):
        tried = acts_of(reading, cast, text)
        if best is None or tried.score > best.score + 1e-9:
            best = tried
    if best is None:
        raise WordsError("nothing is asked for", reason="no_verb", span=(0, len(text)))
    return best


def acts_of(reading: Reading, cast: Cast, text: str = "") -> Acts:
    """What a reading asks for of a cast."""
    state = _Said(cast=cast, text=text, last=list(cast.last))
    done = tuple(_act(state, clause) for clause in reading.clauses)
    score = reading.score * min(state.scores, default=1.0)
    return Acts(acts=done, score=round(score, 4), reading=reading, evidence=tuple(state.evidence))


@dataclass(slots=True)
class _Said:
    """What was said so far."""

    cast: Cast
    text: str
    last: list[str]
    held: tuple[str, ...] = ()
    them: tuple[str, ...] = ()
    scores: list[float] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)


def _act(said: _Said, clause: Clause) -> Act:
    sources = tuple(k for k in clause.links if k.relation == "from" and k.to)
    opens = clause.verb in FOR_OPENING
    before = len(said.scores)
    sorts = ("part", "thing") if opens else ("thing", "part", "group")
    things: list[str] = []
    for phrase in clause.things:
        if phrase.pronoun is not None and not phrase.noun and said.held and clause.verb in PLACING and len(said.them) < 2:
            things += said.held
            continue
        if sources and phrase.noun:
            phrase = replace(phrase, links=(*phrase.links, *sources))
        things += _names(said, phrase, sorts, opens)
    if not clause.things and clause.verb in PLACING:
        things += said.held or said.last[:1]
    links = []
    for link in clause.links:
        links.append((link.relation, _link(said, link, things)))
    with_ = tuple(n for p in clause.with_ for n in _names(said, p, ANY, False))
    them = any(p.pronoun in ("them", "they", "both") for p in clause.things)
    spoken = [*things, *(n for _, names in links for n in names), *with_]
    said.held = tuple(things) if clause.verb == "pick" else () if clause.verb in PLACING else said.held
    said.them = tuple(things) if len(things) > 1 else tuple(dict.fromkeys(spoken))
    said.last = list(dict.fromkeys([*spoken, *said.last]))
    return Act(
        verb=clause.verb,
        clause=clause,
        things=tuple(dict.fromkeys(things)),
        with_=with_,
        links=tuple(links),
        values=clause.values,
        them=them,
        score=min(said.scores[before:], default=1.0),
    )


def _link(said: _Said, link: Link, things: Sequence[str]) -> tuple[str, ...]:
    if not link.to and link.state is None and link.spot is None and link.relation in ("in", "on", "under", "beside"):
        return tuple(n for n in said.last if n not in things)[:1]  # "put the bowl inside"
    names: list[str] = []
    for phrase in link.to:
        names += _names(said, phrase, ("thing", "part", "ground", "embodiment", "scene"), False, but=things)
    return tuple(dict.fromkeys(names))


def _names(said: _Said, phrase: Phrase, sorts: Sequence[str], opens: bool, but: Sequence[str] = ()) -> tuple[str, ...]:
    """The best names for a phrase; empty where nobody is meant."""
    finder = Finder(cast=replace(said.cast, last=tuple(said.last)), them=said.them, text=said.text)
    fits = _opens if opens else None
    for told, worth in _less_and_less(phrase):
        try:
            found = finder.find(told, sorts, fits=fits, but=but)
        except WordsError as error:
            if error.reason == "ambiguous" and error.suggestions and (phrase.noun or phrase.plural):
                # Those whose own name ends in the noun come first; a single one of them is nearly sure: a dining table before a desk.
                own = [name for name in error.suggestions if _ends_in(said.cast.named(name), phrase.noun)]
                wanted = phrase.count or 1
                said.scores.append((NEARLY if len(own) == wanted else GUESSED) * worth)
                said.evidence.append(f"a guess of {', '.join(error.suggestions[:4])}")
                return tuple(dict.fromkeys((*own, *error.suggestions)))[:wanted]
            continue
        said.scores.append(found.score * worth)
        said.evidence += found.evidence
        return found.names
    said.scores.append(NOBODY)
    return ()


def _less_and_less(phrase: Phrase) -> Sequence[tuple[Phrase, float]]:
    """The phrase as it was said, and with less and less of what was said of it: what is not true of anybody was not meant to choose."""
    told = [(phrase, 1.0)]
    if phrase.links or phrase.of is not None or phrase.order is not None or phrase.compare is not None:
        told.append((replace(phrase, links=(), of=None, order=None, compare=None), 0.8))
    if phrase.words:
        told.append((replace(phrase, links=(), of=None, order=None, compare=None, words=()), 0.69))
    if phrase.plural or phrase.count:
        told.append((replace(phrase, links=(), of=None, words=(), order=None, compare=None, count=None, plural=False), 0.66))
    return told


def _ends_in(one: Referent | None, noun: str) -> bool:
    return one is not None and any(word.split()[-1:] == noun.split()[-1:] for word in one.words[:1])


def _opens(one: Referent) -> bool:
    return any(k in ("open", "closed") for k, _ in one.facts) or one.sort == "part"
