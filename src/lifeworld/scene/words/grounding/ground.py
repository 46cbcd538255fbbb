"""Who is meant: a phrase and a cast make referents, or the one error that says why not.

    found = Finder(cast=cast).find(phrase)
    found.referents, found.score, found.evidence

The nouns come first, then what else is said of them, then relations that hold now, and last who was spoken of before. What is left
after that is meant; where one is asked for and several are left, nobody is chosen: the error asks which.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from math import inf

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Link, Phrase
from lifeworld.scene.words.grounding.asking import absent, ambiguous, too_few, typo, unlike
from lifeworld.scene.words.grounding.called import AS_SAID, COLLECTIVES, OF_A_SORT, SURE, TRUSTED, Called, called
from lifeworld.scene.words.grounding.cast import Cast, Referent
from lifeworld.scene.words.grounding.standing import distance_m, stands
from lifeworld.scene.words.grounding.traits import compared, fact_of, in_order, kept, place_of

THINGS = ("thing", "embodiment")
PLACES = ("thing", "part", "ground", "embodiment")
OPENING = ("part", "thing")
ANY = ("thing", "part", "ground", "space", "camera", "light", "embodiment", "group", "scene")
PLURAL = frozenset({"they", "them", "these", "those", "both", "all", "themselves", "each", "ones"})
WHOLES = frozenset({"everything", "all", "anything", "what", "whatever", "everyone"})
ONES = frozenset({"one", "ones", "other"})
LIKE_BEST = 0.012
"""Nouns found this nearly as surely are found alike."""
UNSURE = 0.6
"""A noun that is found less surely than this is no ground to pick among several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who is meant, how sure that is (0 to 1), and what spoke for it."""

    referents: tuple[Referent, ...]
    score: float
    evidence: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(r.name for r in self.referents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """A cast to find the referents of phrases in. `them` are those spoken of together last; `text` the sentence, for what is asked back.

    With `typos` false, a noun that looks like a slip of the pen is asked back instead of taken; nouns found less surely than `least` are
    not found.
    """

    cast: Cast
    them: tuple[str, ...] = ()
    text: str = ""
    typos: bool = True
    least: float = TRUSTED

    def find(
        self,
        phrase: Phrase,
        sorts: Sequence[str] = THINGS,
        *,
        fits: Callable[[Referent], bool] | None = None,
        but: Collection[str] = (),
        any_number: bool = False,
    ) -> Found:
        """Who is meant by a phrase, among referents of these sorts and without those named in `but`.

        `fits` says who could be meant at all by what is done with it; it decides where nothing else does. With `any_number`, as many as
        the phrase describes.

        Raises:
            WordsError: `unknown_word`, `not_present` or `ambiguous`, with span and suggestions.
        """
        if phrase.pronoun in ONES and phrase.words and "one" not in self.text[slice(*phrase.span)].lower().split():
            # "The orange", "the glass": no colour of one spoken of before, where something here is called so.
            phrase = replace(phrase, noun=phrase.words[-1], words=phrase.words[:-1], pronoun=None)
        phrase = _first(_in_room(phrase, self.cast), self.cast)
        if phrase.pronoun is not None and not phrase.noun:
            return self._pronoun(phrase, sorts, fits, but)
        left = [c for c in called(phrase, self.cast, sorts, self.least) if c.referent.name not in but]
        if "other" in phrase.words and phrase.article != "every" and len(left) > 1:
            spoken = [name for name in self.cast.last if any(c.referent.name == name for c in left)]
            left = [c for c in left if c.referent.name not in spoken[:1]]
        if not left:
            raise absent(phrase, self.cast, sorts=sorts, text=self.text)
        if not self.typos and left[0].how == "typo":
            raise typo(phrase, left[0].word)
        evidence = [f"{phrase.noun}: {_how(left[0])}"] if left[0].how != "exact" else []
        left = self._described(left, phrase, evidence)
        if any_number:
            return self._found([c.referent for c in left], left, evidence)
        return self._counted(left, phrase, fits, evidence)

    def _described(self, left: list[Called], phrase: Phrase, evidence: list[str]) -> list[Called]:
        """Those who are as the phrase says: adjectives, owner, relations, comparison, order."""
        before = left
        left, wrong, told = kept(left, phrase, self.cast)
        evidence += told
        if wrong is not None:
            raise unlike(phrase, wrong, [c.referent for c in before], self.text)
        if phrase.of is not None:
            left = self._parts_of(left, phrase, phrase.of, evidence)
        for link in phrase.links:
            left = self._linked(left, phrase, link, evidence)
        if phrase.compare is not None or phrase.order is not None:
            left = _best(left)
        if phrase.compare is not None:
            many = phrase.count if phrase.plural and phrase.count is not None else 1
            left = compared(left, *phrase.compare, self.cast, many)
            evidence.append(f"{phrase.compare[1]} {phrase.compare[0]}: {_names(left)}")
        if phrase.order is not None:
            many = phrase.count if phrase.plural and phrase.count is not None else 1
            one = in_order(left, phrase.order, phrase.order_from, self.cast, many)
            if not one:
                raise too_few(phrase, [c.referent for c in left], abs(phrase.order))
            evidence.append(f"number {phrase.order} of {len(left)} from the {phrase.order_from or 'left or the top'}: {_names(one)}")
            left = one
        return left

    def _parts_of(self, left: list[Called], phrase: Phrase, owner: Phrase, evidence: list[str]) -> list[Called]:
        """Those who belong to the owner: its parts, or what is on it or in it."""
        wholes = self.find(owner, ("thing", "part", "group", "scene"), any_number=True)
        own = [c for c in left if any(stands("of", c.referent, (w,), self.cast) for w in wholes.referents)]
        own = own or [c for c in left if any(stands("on", c.referent, (w,), self.cast) for w in wholes.referents)]
        if not own and not any(w.sort == "scene" for w in wholes.referents):
            raise unlike(phrase, f"of the {owner.noun}", [c.referent for c in left], self.text)
        evidence.append(f"of {', '.join(wholes.names[:3])}: {_names(own)}")
        return own or left

    def _linked(self, left: list[Called], phrase: Phrase, link: Link, evidence: list[str]) -> list[Called]:
        """Those for whom a relation holds now (or does not, if it was denied)."""
        if link.relation == "state" or (link.state is not None and not link.to):
            state = fact_of(link.state or "") or link.state or ""
            fit = [c for c in left if ((state, "") in c.referent.facts) != link.negated]
            word = state
        elif link.relation == "except":
            counted = next((to for to in link.to if to.count is not None and to.article is None), None)
            if counted is not None:
                raise WordsError(
                    f"which {counted.count} are to be left out is not said",
                    reason="unsupported",
                    span=counted.span,
                    suggestions=(f"{counted.count} of the {counted.noun}s",),
                    fix="Name those that are left out, or say how many are meant.",
                )
            out = {r.name for to in link.to for r in self.find(to, ANY, any_number=True).referents}
            inside = any(c.referent.name in out for c in left)
            if not inside and not phrase.plural and phrase.article != "every" and phrase.pronoun is None:
                return left  # "the mug, not the can"
            if not inside:  # what is no part of it is no exception from it
                raise unlike(phrase, f"with {', '.join(sorted(out))} among them", [c.referent for c in left], self.text)
            fit, word = [c for c in left if c.referent.name not in out], f"other than {', '.join(sorted(out))}"
        elif link.relation in ("than", "as"):
            raise WordsError(
                "things are not told apart by the measure of another",
                reason="unsupported",
                span=link.span,
                suggestions=("the larger mug", "the heaviest thing"),
                fix="Say which by a colour, a place or its name.",
            )
        elif not link.to:
            side = place_of(link.spot or link.relation.removesuffix("_of"))
            if side is None:
                return left
            sided = replace(phrase, words=(side,), links=(), of=None)
            return kept([replace(c, words=(side,)) for c in left], sided, self.cast)[0] or left
        else:
            fit, word = self._related(left, link)
        if not fit:
            raise unlike(phrase, f"not {word}" if link.negated else word, [c.referent for c in left], self.text)
        if len(fit) < len(left):
            evidence.append(f"{'not ' if link.negated else ''}{word}: {_names(fit)}")
        return fit

    def _related(self, left: list[Called], link: Link) -> tuple[list[Called], str]:
        others = [self.find(to, ANY, any_number=True).referents for to in link.to]
        if link.relation == "except":
            but = {o.name for each in others for o in each}
            return [c for c in left if c.referent.name not in but], f"except {', '.join(sorted(but))}"
        pairs = [(o,) for o in others[0]] if len(others) < 2 else [(a, b) for a in others[0] for b in others[1] if a.name != b.name]
        fit = [c for c in left if any(stands(link.relation, c.referent, pair, self.cast) for pair in pairs) != link.negated]
        if link.relation in ("near", "beside", "against") and not link.negated:
            # Of several the nearest is meant, also where it is not very near; of a single one it was hardly said to choose it.
            fit = [replace(c, score=round(c.score * 0.96, 3)) for c in fit] if len(left) == 1 else fit or left
            far = {
                c.referent.name: min((distance_m(c.referent, o) for o in others[0] if o.name != c.referent.name), default=inf) for c in fit
            }
            fit = [c for c in fit if far[c.referent.name] <= min(far.values()) + 0.05] if fit else []
        word = f"{link.relation.replace('_', ' ')} {' and '.join(o[0].spoken for o in others if o)}"
        return fit, word

    def _counted(self, left: list[Called], phrase: Phrase, fits: Callable[[Referent], bool] | None, evidence: list[str]) -> Found:
        """As many as the phrase asks for, by its article, its count and its number."""
        meant = [c.referent for c in left]
        last = phrase.noun.split()[-1:] or [""]
        collective = left[0].how == "hypernym" and last[0] in COLLECTIVES
        if (phrase.count is not None and phrase.count > 1) or phrase.plural or phrase.article == "every" or collective:
            wanted = phrase.count
            if phrase.article == "every" and "other" in phrase.words:  # every other one, as they stand
                evidence.append(f"every second of {len(left)}")
                return self._found([c.referent for c in left][1::2], left, evidence)
            if phrase.plural and wanted is None and any(_is_plural(c, phrase) for c in left):
                return self._found(*_only(left, lambda c: _is_plural(c, phrase)), evidence)
            if wanted is None:
                able = [c.referent for c in _best(left) if fits is not None and fits(c.referent)]
                return self._found(able or [c.referent for c in _best(left)], left, evidence)
            if len(meant) < wanted:
                raise too_few(phrase, meant, wanted)
            if len(meant) > wanted:
                if phrase.article in ("the", "this", "that"):
                    raise ambiguous(phrase, meant, self.cast, self.text)
                evidence.append(f"any {wanted} of {len(meant)}: {', '.join(r.name for r in meant[:wanted])}")
            return self._found(meant[:wanted], left, evidence)
        if len(left) > 1:
            left = self._one(left, phrase, fits, evidence)
        return self._found([left[0].referent], left, evidence)

    def _one(self, left: list[Called], phrase: Phrase, fits: Callable[[Referent], bool] | None, evidence: list[str]) -> list[Called]:
        """The one who is meant of several: the best called, the one that fits, the one spoken of last."""
        best = _best(left)
        if fits is not None and not any(fits(c.referent) for c in best):
            able = [c for c in left if fits(c.referent)]
            if not able:
                return best[:1]  # none of them will do, and whoever asks says why
            best = able
        elif fits is not None:
            best = [c for c in best if fits(c.referent)]
        if len(best) > 1:
            spoken = [c for name in self.cast.last for c in best if c.referent.name == name]
            if spoken:
                evidence.append(f"spoken of last: {spoken[0].referent.name}")
                return spoken[:1]
        if len(best) > 1 and phrase.article in ("a", "another") and best[0].score >= UNSURE:
            evidence.append(f"any of {len(best)}: {best[0].referent.name}")
            return best[:1]
        if len(best) > 1:
            raise ambiguous(phrase, [c.referent for c in best], self.cast, self.text)
        left = _as_nearly(left)
        if best[0].score < SURE and len(left) > 1 and left[1].score > best[0].score - 0.03 and left[1] is not best[0]:
            raise ambiguous(phrase, [c.referent for c in left], self.cast, self.text)
        return best

    def _pronoun(self, phrase: Phrase, sorts: Sequence[str], fits: Callable[[Referent], bool] | None, but: Collection[str]) -> Found:
        """Those spoken of before: the last one that can be meant, or the last ones together."""
        word = (phrase.pronoun or "").lower()
        if word in WHOLES and (phrase.links or phrase.of is not None or word not in PLURAL or not self.them):
            return self.find(replace(phrase, noun="thing", pronoun=None, plural=True), sorts, fits=fits, but=but)
        if word == "each_other":
            raise WordsError(
                "things are placed one by one",
                reason="unsupported",
                span=phrase.span,
                suggestions=("put the can next to the mug and the bowl next to the can",),
                fix="Say for each what it is to be next to.",
            )
        spoken = [r for name in self.cast.last if (r := self.cast.named(name)) is not None]
        if word in PLURAL and len(self.them) > 1:
            them = [r for name in self.them if (r := self.cast.named(name)) is not None and r.name not in but]
            if them:
                return Found(referents=tuple(them), score=0.95, evidence=(f"{word}: {', '.join(r.name for r in them)}",))
        if word in ONES and spoken:
            return self._another(phrase, spoken[0], sorts, fits, but)
        able = [r for r in spoken if r.name not in but and r.sort in (*sorts, "part", "thing")]
        fit = [r for r in able if fits is None or fits(r)] or able
        if not fit:
            said = f"nothing was spoken of before that {word!r} could be" if word else "it was not said what"
            candidates = [r.name for r in self.cast.referents if r.sort == "thing" and r.name not in but][:6]
            raise WordsError(
                said, reason="ambiguous", span=phrase.span, suggestions=candidates, question="What do you mean?", fix="Say what you mean."
            )
        return Found(referents=(fit[0],), score=0.95 if len(able) == 1 else 0.9, evidence=(f"{word}: {fit[0].spoken}",))

    def _another(
        self,
        phrase: Phrase,
        before: Referent,
        sorts: Sequence[str],
        fits: Callable[[Referent], bool] | None,
        but: Collection[str],
    ) -> Found:
        """ "The red one", "the other": one of the sort spoken of last."""
        other = "other" in phrase.words or phrase.article == "another" or phrase.pronoun == "other"
        words = tuple(w for w in phrase.words if w != "other")
        alike = replace(phrase, noun=before.words[0] if before.words else before.name, pronoun=None, words=words)
        hidden = {*but, *({before.name} if other else ())}
        return self.find(alike, tuple(dict.fromkeys((*sorts, before.sort))), fits=fits, but=hidden)

    def _found(self, meant: Sequence[Referent], left: Sequence[Called], evidence: Sequence[str]) -> Found:
        names = {r.name for r in meant}
        score = min((c.score for c in left if c.referent.name in names), default=0.0)
        return Found(referents=tuple(meant), score=score, evidence=tuple(evidence))


def _in_room(phrase: Phrase, cast: Cast) -> Phrase:
    """ "The kitchen walls" are those in the kitchen, where one of several rooms is called so and nothing is called a kitchen wall."""
    said = (*phrase.words, *phrase.noun.split())
    for space in cast.referents if phrase.noun else ():
        for word in (w for w in space.words if space.sort == "space" and w != "room"):
            room = tuple(word.split())
            at = next((i for i in range(len(said) - len(room)) if said[i : i + len(room)] == room), None)
            if at is None or any(" ".join(said[at:]) in r.words for r in cast.referents):
                continue
            rest, cut = (*said[:at], *said[at + len(room) :]), max(len(phrase.words) - (len(room) if at < len(phrase.words) else 0), 0)
            there = Link(relation="in", span=phrase.span, to=(Phrase(noun=space.name, span=phrase.span, article="the"),))
            return replace(phrase, noun=" ".join(rest[cut:]), words=rest[:cut], links=(*phrase.links, there))
    return phrase


def _first(phrase: Phrase, cast: Cast) -> Phrase:
    """ "Chair 1" is the first, where only the others have a number in their names."""
    stem = phrase.noun.removesuffix(" 1")
    name = stem.replace(" ", "_")
    if stem == phrase.noun or cast.named(f"{name}_1") is not None or cast.named(f"{name}_2") is None:
        return phrase
    return replace(phrase, noun=stem, order=1)


def _best(left: list[Called]) -> list[Called]:
    """Those who are called so as well as the best is; what a general noun covers is covered alike."""
    general = left[0].how == "hypernym"
    spare = OF_A_SORT if general else LIKE_BEST
    return [c for c in _as_nearly(left) if c.score >= left[0].score - spare and (c.how == "hypernym" or not general)]


def _as_nearly(left: list[Called]) -> list[Called]:
    """Those called so in the same way: where a mug is called a cup, a plate is none, though a cup is a dish and a plate may be one."""
    return [c for c in left if c.how != "hyponym"] if left[0].how in AS_SAID else left


def _is_plural(one: Called, phrase: Phrase) -> bool:
    """Whether one thing goes by a plural: "the drawers", "the scissors"."""
    return one.referent.sort == "thing" and any(w.endswith("s") and w.removesuffix("s") == phrase.noun for w in one.referent.words)


def _only(left: list[Called], test: Callable[[Called], bool]) -> tuple[list[Referent], list[Called]]:
    some = [c for c in left if test(c)]
    return [c.referent for c in some], some


def _how(one: Called) -> str:
    return f"{one.word} ({one.how}, {one.score:.2f})"


def _names(left: Sequence[Called]) -> str:
    return ", ".join(c.referent.spoken for c in left[:4]) + (" …" if len(left) > 4 else "")
