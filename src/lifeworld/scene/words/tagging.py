"""Words become tags: what each does in the sentence, told by the tables and by what stands around it.

"open the open drawer": the first is a verb, for it begins the clause; the second an adjective, for it follows an article. Every rule here
is about kinds of words; the words themselves stand in the tables. A word that no table knows is a noun, or an adjective before one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Span, Value
from lifeworld.scene.words.tokens import Word
from lifeworld.scene.words.units import ORDINALS, measure_at, not_a_number
from lifeworld.scene.words.vocabulary import VerbForm, Vocabulary, vocabulary

NOUNISH = ("NOUN", "PRON", "NAME", "OWN")
OPENS = ("SEP", "NOT", "WHEN", "COMMA", "LEAD")
"""After these a verb begins a clause."""
PLACES = frozenset(
    ["top", "bottom", "left", "right", "middle", "front", "back", "upper", "lower", "centre", "center", "rear", "far", "near", "inner", "outer", "side", "topmost", "lowest", "round", "opposite"]
)
FUZZY_LETTERS = 5
_STATES_TOO = frozenset(["stand", "sit", "rest", "lean", "hang", "need", "have", "want", "face", "go", "lie", "reach", "stay"])
"""Verbs that also say how things are: "the lamp stands on the table"."""
GOALS = ("place", "move", "stack", "attach", "push", "slide", "pull", "rotate", "go", "face", "swap", "group", "add", "copy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What a word or a few do: `kind` is a terminal of the grammar, `name` what is meant in canonical words, `said` the words.

    `number` is of counts, ordinals and measures, `unit` a measure's kind; `spot` of a relation; `form` of a verb.
    """

    kind: str
    said: str
    span: Span
    name: str = ""
    spot: str | None = None
    number: float | None = None
    unit: str = ""
    form: VerbForm | None = None
    plural: bool = False
    value: tuple[str, Value] | None = None

    def __str__(self) -> str:
        return self.said


@dataclass(slots=True)
class Tagger:
    """Goes through the words once; `evidence` is what was taken for something else, each lowering how sure the reading is."""

    words: Sequence[Word]
    known: Vocabulary
    lows: list[str]
    tags: list[Tag]
    evidence: list[str]
    at: int = 0

    def run(self) -> list[Tag]:
        while self.at < len(self.words):
            before = self.at
            for rule in (
                self._mark, self._lead, self._joint, self._verb, self._number, self._relation, self._small, self._quality, self._filler,
            ):  # fmt: skip
                if rule():
                    break
            else:
                self._open_class()
            assert self.at > before
        return self.tags

    # What stands around

    def _kind(self, back: int = 1) -> str:
        return self.tags[-back].kind if len(self.tags) >= back else "SEP"

    def _low(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.lows[at] if 0 <= at < len(self.lows) else ""

    def _opens_clause(self) -> bool:
        return not self.tags or self._kind() in OPENS

    def _has_verb(self) -> bool:
        """Whether the clause that is open has its verb."""
        return next((tag.kind == "VERB" for tag in reversed(self.tags) if tag.kind in ("VERB", "SEP", "WHEN")), False)

    def _starts_phrase(self, at: int) -> bool:
        """Whether a phrase about things can begin at a word."""
        if at >= len(self.words):
            return False
        small, word = self.known.small, self.words[at]
        if word.sort in ("name", "quoted", "number", "color"):
            return True
        if any(small[name].first(self.lows, at) for name in ("articles", "pronouns", "quantity")):
            return not (small["pronouns"].first(self.lows, at) and self.lows[at] in ("there", "here"))
        return self._nounish(at) or word.low in ORDINALS

    def _nounish(self, at: int) -> bool:
        """Whether a word can be (part of) a noun or what stands before one."""
        if at >= len(self.words):
            return False
        word, small = self.words[at], self.known.small
        if word.sort in ("name", "color"):
            return True
        if word.sort != "word" or word.low in ("and", "or", "of", "than", "as", "if", "while", "because"):
            return False
        if any(small[name].first(self.lows, at) for name in ("articles", "pronouns", "copula", "who", "then", "when", "not")):
            return False
        if self.lows[at] in PLACES:
            return self._nounish(at + 1) or self.lows[at] in ("side", "top", "bottom")
        if self.known.relations.first(self.lows, at) or self.known.sides.first(self.lows, at):
            return False
        if small["fillers"].first(self.lows, at):
            return False
        lemma = self.known.verb_lemmas.get(word.low)
        return lemma is None or lemma in self.known.also_noun or lemma in self.known.also_adjective or word.low.endswith(("ed", "ing"))

    def _add(self, kind: str, count: int, **fields: object) -> bool:
        first, last = self.words[self.at], self.words[self.at + count - 1]
        said = " ".join(self.lows[self.at : self.at + count])
        self.tags.append(replace(Tag(kind=kind, said=said, span=(first.span[0], last.span[1])), **fields))  # type: ignore[arg-type]
        self.at += count
        return True

    def _skip(self, count: int) -> bool:
        self.at += count
        return True

    # The rules, in order

    def _mark(self) -> bool:
        word = self.words[self.at]
        if word.sort == "quoted":
            return self._add("NAME", 1, name=word.low)
        if word.sort == "tail":
            if word.low == "'s" and self._kind() in NOUNISH and not self._copula_follows():
                return self._add("OWN", 1)
            if word.low == "'" and self._kind() in NOUNISH:
                return self._add("OWN", 1)
            if word.low == "'s":
                self.lows[self.at] = "is"
            return self._skip(1) if word.low in ("'", "'m") else False
        if word.sort != "mark":
            return False
        if word.low == ",":
            return self._comma()
        if word.low in (".", ";", ":", "!", "?"):
            return self._add("SEP", 1, name="stop")
        if word.low in ("&", "+"):
            self.lows[self.at] = "and"
            return False
        return self._skip(1)

    def _copula_follows(self) -> bool:
        """Whether an "'s" is "is": "the cup that's on the table", "the mug's on the table"."""
        return self.tags[-1].kind == "PRON" or (
            self.at + 1 < len(self.words) and not self._nounish(self.at + 1) and not self._starts_phrase(self.at + 1)
        )

    def _comma(self) -> bool:
        if self._low(1) in ("and", "then", "&"):
            return self._skip(1)
        ahead = replace_at(self, 1)
        if self._verb_at(ahead, after="COMMA") is not None or self._then(ahead):
            return self._add("SEP", 1, name="comma")
        if any(tag.kind == "WHEN" for tag in self._open_clause()) and self._kind() != "WHEN":
            return self._add("SEP", 1, name="comma")
        return self._add("COMMA", 1)

    def _open_clause(self) -> list[Tag]:
        start = max((i + 1 for i, tag in enumerate(self.tags) if tag.kind == "SEP"), default=0)
        return self.tags[start:]

    def _lead(self) -> bool:
        """What politely opens a clause; questions that ask to be told something; "there should be"; "do not"; "when"."""
        small = self.known.small
        if not self._opens_clause():
            return False
        if not self.tags or self._kind() == "SEP":
            asked = small["asks"].first(self.lows, self.at)
            if asked is not None and (self._low(asked[1]) != "" and not self._known_request(asked[0])):
                raise WordsError(
                    f"{asked[0]!r} asks something; only requests are understood here",
                    reason="unsupported",
                    span=(self.words[self.at].span[0], self.words[-1].span[1]),
                    suggestions=("add a glass on the table", "the glass should be on the table"),
                )
            there = small["there"].first(self.lows, self.at)
            if there is not None:
                return self._add("VERB", there[1], name="add", form=VerbForm("add", there[0]))
        if self._low() in ("go", "come") and self._verb_at(self.at + 1, after="SEP") is not None:
            return self._skip(1)  # "go open the drawer"
        not_ = small["not"].first(self.lows, self.at)
        if not_ is not None and self._verb_at(self.at + not_[1], after="NOT") is not None:
            if self.tags and self._kind() != "SEP":
                self.tags.append(Tag(kind="SEP", said="", span=(self.words[self.at].span[0],) * 2, name="implied"))
            return self._add("NOT", not_[1])
        when = small["when"].first(self.lows, self.at)
        lead = small["leads"].first(self.lows, self.at)
        relation = self.known.relations.first(self.lows, self.at)
        if lead is not None and relation is not None and relation[1] > lead[1]:
            lead = None
        if when is not None and (lead is None or when[1] > lead[1]) and self.at + when[1] < len(self.words):
            return self._add("WHEN", when[1], name=when[0])
        verb = self._verb_at(self.at, after=self._kind() if self.tags else "SEP")
        if lead is not None and (verb is None or lead[1] > verb[1]) and not (lead[0] in ("first", "next", "last", "only") and self._nounish(self.at + lead[1])
        and not self._verb_at(self.at + lead[1], after="SEP")):  # fmt: skip
            return self._skip(lead[1])
        return False

    def _known_request(self, asked: str) -> bool:
        """ "which" and "is the" may open a clause after another."""
        return bool(self.tags) and asked in ("which", "is the", "are the")

    def _joint(self) -> bool:
        """ "and", "then", "or", "to do": between things, or between clauses."""
        low = self._low()
        small = self.known.small
        if low in ("and", "or", "plus") or (low == "as" and self._low(1) == "well" and self._low(2) == "as"):
            count = 3 if low == "as" else 1
            if self._kind() == "ADJ" and _quality_of(self._low(1), self.known) is not None and self._describes(self.at + 2, ""):
                return self._skip(1)
            longer = self._then(self.at)
            if (
                longer is not None
                and longer[1] > count
                and (self._verb_at(replace_at(self, longer[1]), after="AND") or "then" in longer[0].split())
            ):
                return self._add("SEP", longer[1], name="then")
            ahead = replace_at(self, count)
            if self._verb_at(ahead, after="AND") is not None or self._clause_begins(ahead):
                return self._add("SEP", count, name="and")
            return self._add("AND", count, name=low)
        then = self._then(self.at)
        if then is not None and not (
            then[0] in ("before", "next", "while", "finally") and not self._verb_at(replace_at(self, then[1]), after="AND")
        ):
            return self._add("SEP", then[1], name="to" if then[0] in ("in order to", "so as to") else "then")
        if low == "to" and self._low(1) not in ("be", "face", "reach", "become") and self._verb_at(self.at + 1, after="TO") is not None:
            return self._add("SEP", 1, name="to")
        if self.tags and self._kind() != "WHEN" and low in ("when", "once", "after", "if", "until", "whenever"):
            when = small["when"].first(self.lows, self.at)
            if when is not None and self.at + when[1] < len(self.words) and self._kind() != "WHO":
                self._add("WHEN", when[1], name=when[0])
                return True
        return False

    def _then(self, at: int) -> tuple[str, int] | None:
        """The words that lead on to a next clause; not the "next" of "next to"."""
        hit = self.known.small["then"].first(self.lows, at)
        relation = self.known.relations.first(self.lows, at)
        return None if hit is None or (relation is not None and relation[1] > hit[1]) else hit

    def _clause_begins(self, at: int) -> bool:
        """Whether a new clause without a verb begins: "and there should be …", "and do not …", "and when …"."""
        small = self.known.small
        if at >= len(self.words):
            return False
        return any(small[name].first(self.lows, at) for name in ("there", "not")) or self.lows[at] in ("please",)

    def _verb(self) -> bool:
        """A verb, where one can stand; or the particle of one said before ("turn the lamp on")."""
        found = self._verb_at(self.at, after=self._kind() if self.tags else "SEP")
        if found is not None:
            form, count = found
            if self.tags and self._kind() not in ("SEP", "NOT", "WHEN"):
                self.tags.append(Tag(kind="SEP", said="", span=(self.words[self.at].span[0],) * 2, name="implied"))
            return self._add("VERB", count, name=form.verb, form=form)
        return self._particle()

    def _verb_at(self, at: int, *, after: str) -> tuple[VerbForm, int] | None:
        """The verb form that begins at a word, if a verb can stand there after a tag of that kind."""
        if at >= len(self.words) or self.words[at].sort != "word":
            return None
        low = self.lows[at]
        lemma = self.known.verb_lemmas.get(low)
        if lemma is None:
            return None
        form = self._verb_form(at, lemma)
        if form is None:
            return None
        ambiguous = lemma in self.known.also_noun or lemma in self.known.also_adjective
        participle = low != lemma and low.endswith(("ing", "ed", "en", "t", "n", "ut", "ung", "eld", "ot"))
        following = at + form[1]
        ends = following >= len(self.words) or self.words[following].sort in ("mark", "tail")
        if after in ("ART", "ADJ", "NUM", "ORD", "COMP", "OWN", "OF", "WHO", "COPULA"):
            return None
        if low == "left" or (self.lows[following : following + 1] == ["of"] and ambiguous):
            return None
        if after in ("SEP", "LEAD", "NOT"):
            if self._low_at(following) in ("is", "are", "should", "must", "'s", "has", "needs") and ambiguous:
                return None
            if participle and low.endswith("ed") and not self._starts_phrase(following):
                return None
            return form
        acts = self._acts_on(following)
        if after in ("AND", "COMMA"):
            if participle and not low.endswith("ing"):
                return None
            if not ambiguous:
                return form
            return form if form[1] > 1 or (acts and not ends) else None
        if after == "TO":
            return form if low == lemma and (not ambiguous or acts or ends) and not self._is_thing(at) else None
        if participle or low != lemma:
            return None
        if after in ("NOUN", "PRON", "NAME", "STATE", "SIDE", "MANNER", "MEASURE", "REL"):
            if lemma in self.known.also_adjective and lemma not in ("open", "clean"):
                return None
            if (
                lemma in ("stand", "sit", "rest", "lean", "hang", "need", "have", "want", "face", "go", "lie", "reach", "stay")
                and not self._after_adjunct()
            ):
                return None
            if not ambiguous or (acts and self._after_adjunct()):
                return form
            if after == "REL":
                return None
            return form if acts and after != "NOUN" else (form if acts == "article" and lemma not in ("light",) else None)
        return None

    def _after_adjunct(self) -> bool:
        """Whether the clause began with a relation: "with the cup in hand go to the sink"."""
        clause = [tag for tag in self._open_clause() if tag.kind != "COMMA"]
        return bool(clause) and clause[0].kind == "REL" and not self._has_verb()

    def _is_thing(self, at: int) -> bool:
        """Whether a word after "to" is rather a thing: "move to face" no, "to bed" yes."""
        return self.lows[at] in ("bed",)

    def _low_at(self, at: int) -> str:
        return self.lows[at] if at < len(self.lows) else ""

    def _acts_on(self, at: int) -> str:
        """Whether something follows that a verb acts on, and what: an article, a pronoun, a way to go."""
        if at >= len(self.words):
            return ""
        small = self.known.small
        if small["articles"].first(self.lows, at) or small["quantity"].first(self.lows, at):
            return "article"
        if small["pronouns"].first(self.lows, at):
            return "pronoun"
        if self.lows[at] in ("on", "off", "up", "down", "around", "left", "right", "back", "to", "out", "over", "forward", "straight"):
            return "way"
        if self.words[at].sort in ("name", "quoted"):
            return "name"
        return "noun" if self._nounish(at) else ""

    def _verb_form(self, at: int, lemma: str) -> tuple[VerbForm, int] | None:
        """The longest form of a verb whose words follow at once; "put in the box" is not the form "put in"."""
        lows = [lemma, *self.lows[at + 1 : at + 6]]
        for form, count in self.known.verbs.at(lows, 0):
            last = lows[count - 1]
            after = self._low_at(at + count)
            if (
                count > 1
                and last in ("in", "on")
                and form.verb in ("add", "push", "fill")
                and after not in ("a", "an", "some", "another", "two", "three")
            ):
                continue
            if count > 1 and last in ("out", "off") and after == "of" and form.said not in ("make a copy of",):
                continue
            if count > 1 and last in ("in", "to", "over", "back", "up", "down", "around") and after == "" and form.verb in ("add",):
                continue
            if (
                form.verb == "go"
                and count > 1
                and last == "a"
                and after not in ("left", "right", "step", "few", "couple", "u", "slight", "sharp", "small", "hard")
            ):
                continue
            return form, count
        return None

    def _particle(self) -> bool:
        """ "turn the lamp on": the particle that makes the clause's verb another."""
        low = self._low()
        if self._kind() not in (*NOUNISH, "STATE", "SIDE", "ADJ") or (
            (self._starts_phrase(self.at + 1) and not self._tells_which(self.at + 1)) and low not in ("open", "shut", "closed", "together")
        ):
            return False
        if self._low(1) in ("of",) and low in ("out", "off"):
            return False
        return self._split(low)

    def _tells_which(self, at: int) -> bool:
        """Whether a relative clause begins: "the lamp on | that is by the bed"."""
        return self.lows[at] in ("that", "which") and self.known.small["copula"].first(self.lows, at + 1) is not None

    def _split(self, low: str) -> bool:
        """Joins a particle to the clause's verb, if the two are one form."""
        for i in range(len(self.tags) - 1, -1, -1):
            tag = self.tags[i]
            if tag.kind in ("SEP", "WHEN"):
                break
            if tag.kind == "VERB" and tag.form is not None:
                split = self.known.verbs.rows.get((*tag.form.said.split()[:1], low))
                if split is None or (
                    low in ("in", "on") and split.verb in ("add", "push", "fill", "turn_on") and tag.form.verb in ("place",)
                ):
                    return False
                if (
                    low in ("up", "down", "back", "over", "out", "off")
                    and self.known.relations.first(self.lows, self.at)
                    and self._is_longer_relation()
                ):
                    if split.verb == tag.form.verb or low in ("out", "off"):
                        return False
                self.tags[i] = replace(tag, name=split.verb, form=split)
                return self._skip(1)
        return False

    def _is_longer_relation(self) -> bool:
        found = self.known.relations.first(self.lows, self.at)
        return found is not None and found[1] > 1

    def _number(self) -> bool:
        """Numbers and measures, ordinals."""
        low = self._low()
        if self.words[self.at].sort == "color":
            return self._add("ADJ" if self._nounish(self.at + 1) else "STATE", 1, name=low, unit="color")
        if not_a_number(self.words, self.at):
            raise WordsError(f"{low!r} is no number", reason="unsafe_number", span=self.words[self.at].span, fix="Say a finite number.")
        if low in ORDINALS and self._kind() != "NUM" and not (low == "second" and self._kind() == "NUM"):
            follows = self._low(1)
            if (
                self._nounish(self.at + 1)
                or follows in ("one", "from", "largest", "smallest", "biggest", "tallest", "of")
                or self._kind() == "ART"
            ):
                return self._add("ORD", 1, number=float(ORDINALS[low]))
        manner = self.known.manner.first(self.lows, self.at)
        measure = measure_at(self.words, self.at)
        if manner is not None and (measure is None or manner[1] >= measure.words) and self._is_manner(manner[0], manner[1]):
            return self._add("MANNER", manner[1], value=manner[0])
        if measure is None:
            return False
        if measure.kind == "count":
            if low == "one" and not self._nounish(self.at + 1):
                return False
            if low == "one" and self._low(1) == "of":
                return self._add("NUM", 1, number=1.0)
            if (
                self._nounish(self.at + measure.words)
                or self._low(measure.words) in ("of", "more", "other")
                or self.known.small["quantity"].first(self.lows, self.at + measure.words if self.at + measure.words < len(self.lows) else 0)
            ):
                count = measure.words + (1 if self._low(measure.words) in ("more", "other") else 0)
                return self._add("NUM", count, number=measure.value)
            return self._add("MEASURE", measure.words, number=measure.value, unit="count")
        inside = self._kind() in ("ART", "ADJ", "COMP") and measure.kind in ("length", "mass") and (self._nounish(self.at + measure.words))
        return self._add("AMOUNT" if inside else "MEASURE", measure.words, number=measure.value, unit=measure.kind)

    def _is_manner(self, value: tuple[str, Value], count: int) -> bool:
        """Whether a word of degree is one here: "wide open", not "a wide table"."""
        following = self.at + count
        low = self._low()
        if self._kind() in ("ART", "ADJ", "NUM"):
            return False
        if value[0] == "degree":
            return not self._starts_phrase(following) or self._comparative(following) is not None
        if low in ("half", "double", "wide", "triple", "way", "far", "much") and count == 1:
            return following >= len(self.words) or not self._nounish(following)
        return True

    def _relation(self) -> bool:
        """How things stand to each other, and sides: the longest that fits here."""
        relation = self.known.relations.first(self.lows, self.at)
        side = self.known.sides.first(self.lows, self.at)
        frame = self.known.frames_said.first(self.lows, self.at)
        if frame is not None and (relation is None or frame[1] > relation[1]) and self._kind() not in ("SEP",):
            return self._add("MANNER", frame[1], value=("frame", frame[0]))
        if self._nearest():
            return True
        if (
            self._low() in PLACES
            and self._kind() in ("ART", "ADJ", "ORD", "COMP", "OWN", "AMOUNT")
            and not (relation is not None and relation[1] > 1)
        ):
            return self._place()
        if side is not None and (
            relation is None or side[1] > relation[1] or (side[1] == relation[1] and not self._starts_phrase(self.at + side[1]))
        ):
            for name, count in self.known.sides.at(self.lows, self.at):
                if self._side_ends(count) and (relation is None or count >= relation[1]):
                    return self._add("SIDE", count, name=name)
        if relation is None:
            return self._place() if self._low() in PLACES and self._nounish(self.at + 1) else False
        (name, spot), count = relation
        said = " ".join(self.lows[self.at : self.at + count])
        if name == "by" or (said == "by" and measure_follows(self, self.at + 1)):
            return self._skip(count)
        if self._kind() in ("ART", "ADJ", "COMP", "ORD", "OWN") and count == 1:
            return False
        if name == "touch" and self._kind() not in NOUNISH:
            return False
        if (
            count == 1
            and said in ("over", "along", "off", "past", "before", "next", "by", "round")
            and not self._starts_phrase(self.at + 1)
        ):
            return self._skip(1)
        return self._add("REL", count, name=name, spot=spot)

    def _nearest(self) -> bool:
        """ "closest to", "furthest from": the one for whom the distance is least or most."""
        low, follows = self._low(), self._low(1)
        if low in ("nearest", "closest") and self._kind() not in ("ART", "ADJ") and (follows == "to" or self._starts_phrase(self.at + 1)):
            return self._add("REL", 2 if follows == "to" else 1, name="near", spot="least")
        if low in ("furthest", "farthest") and follows in ("from", "away"):
            return self._add("REL", 3 if follows == "away" else 2, name="far_from", spot="most")
        return False

    def _place(self) -> bool:
        """ "the top drawer", "the back left burner": a place as an adjective, or as a noun where no noun follows."""
        if self._low(1) == "hand" and self._low() in ("left", "right") and self._nounish(self.at + 2):
            return self._add("ADJ", 2, name=self._low())
        if self._kind() == "NOUN":
            return self._add("NOUN", 1, name=self._low())
        if self._nounish(self.at + 1) or (self._low(1) in PLACES and self._nounish(self.at + 2)) or self._low(1) in ("one", "ones"):
            return self._add("ADJ", 1, name=self._low())
        return self._add("NOUN", 1, name=self._low())

    def _side_ends(self, count: int) -> bool:
        """Whether a side stands by itself: "on the left", not "on the left plate"; "up", not "up the stairs"."""
        following = self.at + count
        last = self._low(count - 1)
        if self._kind() == "ART":
            return False
        if self._low(count) == "of" or (self._nounish(following) and self._verb_at(following, after="SIDE") is None):
            return False
        return not (count == 1 and last in ("up", "down", "around", "round", "in", "on") and self._starts_phrase(following))

    def _small(self) -> bool:
        """Articles, pronouns, quantities, "of", "is", "that"."""
        small, low = self.known.small, self._low()
        if low == "of":
            return self._add("OF", 1) if self._kind() in (*NOUNISH, "NUM", "ORD", "COMP", "STATE", "ADJ", "ART") else self._skip(1)
        if low == "than":
            return self._add("REL", 1, name="than")
        if self._who():
            return True
        if self._copula():
            return True
        found = [(small[name].first(self.lows, self.at), name) for name in ("quantity", "articles", "pronouns")]
        best = max(((hit[1], -order, hit[0], name) for order, (hit, name) in enumerate(found) if hit is not None), default=None)
        if best is None:
            return False
        count, _, meaning, name = best
        following = self.at + count
        if name == "pronouns" and meaning == "rest" and self._low(count) == "of":
            return self._add("ART", count, name="every")
        if name != "pronouns" and not self._starts_phrase(following) and self._comparative(following) is None and self._low(count) != "of":
            pronoun = small["pronouns"].first(self.lows, self.at)
            if pronoun is not None:
                return self._add("PRON", pronoun[1], name=pronoun[0])
            alone = {
                "this": "it",
                "that": "it",
                "these": "them",
                "those": "them",
                "all": "all",
                "each": "all",
                "another": "another",
                "both": "both",
                "some": "some",
                "every": "all",
            }
            if low in alone:
                return self._add("PRON", count, name=alone[low])
            if self._low(count) in PLACES or self._low(count) in self.known.also_noun or self._verb_noun(following):
                return self._add("ART", count, name=meaning)
            return self._skip(count)
        if name == "quantity":
            return self._add("NUM", count, number=2.0, name="both")
        if name == "articles":
            return self._add("ART", count, name=meaning)
        if meaning in ("other", "another") and self._nounish(following):
            return self._add("ADJ", count, name="other")
        if meaning == "one" and self._kind() not in ("ART", "ADJ", "COMP", "ORD", "NUM") and low == "one" and self._low(1) != "of":
            return self._add("PRON", count, name="one") if not self._nounish(following) else self._add("NUM", 1, number=1.0)
        if meaning in ("there", "here") and self._kind() not in ("REL",):
            return self._skip(count) if meaning == "there" else self._add("PRON", count, name=meaning)
        return self._add("PRON", count, name=meaning, plural=meaning in ("them", "both", "all"))

    def _verb_noun(self, at: int) -> bool:
        return at < len(self.words) and self.words[at].sort == "word" and self.lows[at] in self.known.verb_lemmas

    def _who(self) -> bool:
        """ "that is", "which stands", "standing": what follows tells which one is meant."""
        low, small = self._low(), self.known.small
        if self._kind() not in (*NOUNISH, "SIDE", "STATE", "AND", "COMMA", "ADJ", "ORD", "COMP"):
            return False
        count = 0
        if (low in ("that", "which", "who") and self._kind() not in ("AND", "COMMA", "SIDE")) or low in ("which", "who"):
            count = 1
            if self._low(1) in ("you", "i", "we"):
                count = 2
        at = self.at + count
        if count:
            hit = small["copula"].first(self.lows, at) if at < len(self.lows) else None
            if at < len(self.words) and self.words[at].low == "'s":
                hit = ("is", 1)
            if hit is None and not (self._low_at(at) in ("not",) or self._posture(at)):
                return False
            at += hit[1] if hit else 0
        negated = self._low_at(at) == "not" or (count > 0 and "not" in self.lows[self.at : at])
        at += self._low_at(at) == "not"
        postures = self._posture(at)
        at += postures
        if at == self.at:
            return False
        marks = count > 0 or any(
            low.endswith(("ing", "ed", "sat", "found", "hung", "stuck", "kept", "stood", "hidden")) for low in self.lows[self.at : at]
        )
        taken = at - self.at
        if not marks:
            return self._skip(taken)
        return self._add("WHO", taken, name="not" if negated else "")

    def _posture(self, at: int) -> int:
        """How many words of posture stand before a relation: "standing right | next to"; none where no relation follows."""
        count = 0
        while at + count < len(self.words) and self.known.small["posture"].first(self.lows, at + count):
            relation = self.known.relations.first(self.lows, at + count)
            if (relation is not None and relation[1] > 1) or (relation is not None and self.lows[at + count] in ("over",)):
                break
            side = self.known.sides.first(self.lows, at + count)
            if side is not None and side[1] > 1:
                break
            count += 1
        if count == 0 or at + count >= len(self.words):
            return 0
        follows = self.known.relations.first(self.lows, at + count) or self.known.sides.first(self.lows, at + count)
        closest = self.lows[at + count] in ("closest", "nearest", "furthest", "farthest")
        return count if follows or closest else 0

    def _copula(self) -> bool:
        """ "is", "should be" between what is spoken of and what is said of it."""
        hit = self.known.small["copula"].first(self.lows, self.at)
        if hit is None or self._kind() not in (*NOUNISH, "STATE", "SIDE", "ADJ", "COMP", "ORD", "NUM"):
            hits = self.known.small["hits"].first(self.lows, self.at)
            if hits is not None and any(tag.kind == "WHEN" for tag in self._open_clause()) and self._kind() in NOUNISH:
                return self._add("COPULA", hits[1], name=hits[0])
            return False
        hits = self.known.small["hits"].first(self.lows, self.at)
        if self._has_verb() and self.tags and not self._may_state():
            if hit[0] in ("is", "are", "'s", "was", "be", "being"):
                return self._skip(hit[1])
            return False
        negated = "not" in hit[0].split() or self._low(hit[1]) == "not"
        self._add("COPULA", hit[1] + (self._low(hit[1]) == "not"), name="not" if negated else "be")
        if self._low() == "to" and self._low(1) == "be":
            self._skip(2)
        if self._low() in (
            "put",
            "placed",
            "set",
            "moved",
            "located",
            "standing",
            "sitting",
            "lying",
            "stored",
            "positioned",
            "hanging",
            "resting",
            "kept",
            "left",
            "placed",
        ):
            self._skip(1)
        return True

    def _may_state(self) -> bool:
        """Whether the clause's verb is one that states: "make sure the lamp is on"."""
        return next((tag.name in ("goal", "time") for tag in reversed(self._open_clause()) if tag.kind == "VERB"), False)

    def _quality(self) -> bool:
        """Adjectives: comparatives, colours, materials, states; before a noun they describe, else they say how it is to be."""
        from lifeworld.scene.words.lexicon import parts_of_speech

        compared = self._comparative(self.at)
        if compared is not None:
            dimension, way, count = compared
            following = self.at + count
            if (
                self._low(count) in ("of",)
                or self._nounish(following)
                or self._low(count) in ("one", "ones")
                or way in ("most", "least")
                or self._kind() == "ART"
            ):
                return self._add("COMP", count, name=dimension, unit=way)
            return self._add("STATE", count, name=dimension, unit=way)
        for count in (2, 1):
            said = " ".join(self.lows[self.at : self.at + count])
            if self.at + count > len(self.words) or any(word.sort != "word" for word in self.words[self.at : self.at + count]):
                continue
            unit = _quality_of(said, self.known)
            if unit is None:
                continue
            if unit == "material" and count == 1 and self._kind() == "NOUN" and not self._sets():
                return False  # "the wine glass", "the toilet paper roll": a part of the noun
            if self._describes(self.at + count, unit):
                return self._add("ADJ", count, name=said)
            if (
                unit == "color"
                and count == 1
                and self._kind() in ("ART", "NUM", "VERB", "REL", "AND", "COMMA", "ADJ")
                and not self._sets()
                and _is_thing_too(said)
            ):
                return False  # "the orange"
            if self._kind() == "ART" and (unit == "color" or (unit in ("dimension", "state") and parts_of_speech(said)[:1] != ("noun",))):
                return self._add("ADJ", count, name=said)
            if self._kind() in ("ART", "OWN", "ADJ", "NUM") and unit in ("material", "dimension") and count == 1:
                return False
            if (
                unit == "material"
                and self._kind() in ("OF", "REL", "SEP", "VERB", "AND", "COMMA")
                and not (self._kind() == "REL" and self.tags[-1].name == "as")
            ):
                return False
            return self._add("STATE", count, name=said, unit=unit)
        return False

    def _sets(self) -> bool:
        """Whether the clause's verb gives things qualities: "make the cup glass"."""
        verb = next((tag for tag in reversed(self._open_clause()) if tag.kind == "VERB"), None)
        return verb is not None and verb.name == "set"

    def _describes(self, at: int, unit: str) -> bool:
        """Whether a noun follows that an adjective describes; "yellow and white mug" too."""
        if self._nounish(at):
            return not (self._verb_at(at, after="STATE") is not None and self._kind() in NOUNISH)
        low = self._low_at(at)
        if low in ("one", "ones"):
            return True
        if low in ("and", ",") and at + 1 < len(self.words):
            again = _quality_of(self.lows[at + 1], self.known)
            return again is not None and self._describes(at + 2, again) and self._kind() not in NOUNISH
        return low in PLACES and self._nounish(at + 1)

    def _comparative(self, at: int) -> tuple[str, str, int] | None:
        """(dimension, way, words) of "larger", "the most heavy", "less bright"."""
        if at >= len(self.words) or self.words[at].sort != "word":
            return None
        low, dimensions = self.lows[at], self.known.dimensions
        turned = {"more": "less", "less": "more", "most": "least", "least": "most"}
        if low in ("more", "less", "most", "least") and self._low_at(at + 1) in dimensions:
            dimension, way = dimensions[self._low_at(at + 1)]
            if low in ("more", "most"):
                return dimension, way if low == "more" else {"more": "most", "less": "least"}[way], 2
            return dimension, turned[way] if low == "less" else {"more": "least", "less": "most"}[way], 2
        if low in ("leftmost", "rightmost"):
            return None
        irregular = {
            "further": ("distance", "more"),
            "farther": ("distance", "more"),
            "furthest": ("distance", "most"),
            "farthest": ("distance", "most"),
        }
        if low in irregular:
            return (*irregular[low], 1)
        for ending, step in (("est", True), ("er", False)):
            if low.endswith(ending) and len(low) > 4:
                stem = low[: -len(ending)]
                for base in (
                    stem,
                    stem + "e",
                    stem[:-1] if stem[-1:] == stem[-2:-1] else "",
                    stem[:-1] + "y" if stem.endswith("i") else "",
                ):
                    if base in dimensions:
                        dimension, way = dimensions[base]
                        return dimension, {"more": "most", "less": "least"}[way] if step else way, 1
        return None

    def _filler(self) -> bool:
        low = self._low()
        if low in ("leftmost", "rightmost"):
            return self._add("ORD", 1, number=1.0, name=low.removesuffix("most"))
        hit = self.known.small["fillers"].first(self.lows, self.at)
        if hit is not None and self._kind() not in ("ART", "ADJ"):
            return self._skip(hit[1])
        if low in ("not", "never"):
            return self._add("NOT", 1)
        return low in ("and", "or", "of", "as", "'") and self._skip(1)

    def _open_class(self) -> None:
        """A word of no table: a noun, or before a noun perhaps what describes it."""
        from lifeworld.scene.words.lemma import lemma
        from lifeworld.scene.words.lexicon import parts_of_speech

        word = self.words[self.at]
        low = self._low()
        if word.sort == "name":
            self._add("NOUN", 1, name=word.low)
            return
        if self._mistyped():
            return
        parts = parts_of_speech(low)
        base = lemma(low, "noun")
        plural = base != low and low.endswith(("s", "en", "ves", "ice", "eet", "eeth"))
        if parts[:1] == ("adv",) and low.endswith("ly"):
            self._skip(1)
            return
        if self._nounish(self.at + 1):
            adjective = (
                (parts[:1] == ("adj",) and "noun" not in parts[:2])
                or (low.endswith(("ed", "en")) and "noun" not in parts)
                or self._low() in self.known.also_adjective
            )
            if adjective:
                self._add("ADJ", 1, name=low)
                return
        elif self._kind() in NOUNISH and parts[:1] == ("adj",):
            self._add("STATE", 1, name=low, unit="state")
            return
        self._add("NOUN", 1, name=base, plural=plural)

    def _mistyped(self) -> bool:
        """Corrects a slip in a verb or a small word, where the word is no English one: "mvoe the mug", "undr"."""
        from lifeworld.scene.words.lexicon import is_known

        low = self._low()
        if len(low) < 3 or is_known(low) or low in self.known.verb_lemmas:
            return False
        opens = self._opens_clause() and self._starts_phrase(self.at + 1)
        meant = near_word(low, self.known, verbs=opens)
        if meant is None:
            return False
        self.evidence.append(f"{low!r} taken for {meant!r}")
        self.lows[self.at] = meant
        before = self.at
        for rule in (self._joint, self._verb, self._relation, self._small):
            if rule():
                return True
        self.lows[before] = low
        self.evidence.pop()
        return False


def tagged(words: Sequence[Word]) -> tuple[list[Tag], list[str]]:
    """The tags of a sentence's words, and what was taken for something else.

    Raises:
        WordsError: `unsafe_number`; `unsupported` for a question that asks to be told something.
    """
    short = {"'re": "are", "'d": "would", "'ll": "will", "'ve": "have", "'m": "am"}
    lows = [short.get(word.low, word.low) for word in words]
    tagger = Tagger(words=words, known=vocabulary(), lows=lows, tags=[], evidence=[])
    return tagger.run(), tagger.evidence


def replace_at(tagger: Tagger, ahead: int) -> int:
    """The place after leads and fillers that stand `ahead`: "and please put"."""
    at = tagger.at + ahead
    while at < len(tagger.lows):
        hit = tagger.known.small["leads"].first(tagger.lows, at) or tagger.known.small["fillers"].first(tagger.lows, at)
        if hit is None or tagger._verb_at(at, after="SEP") is not None or hit[0] in ("on", "off", "out", "in", "by", "along", "there"):
            break
        at += hit[1]
    return at


def measure_follows(tagger: Tagger, at: int) -> bool:
    """Whether "by" is followed by how much."""
    return at < len(tagger.words) and (measure_at(tagger.words, at) is not None or tagger.known.manner.first(tagger.lows, at) is not None)


def _quality_of(said: str, known: Vocabulary) -> str | None:
    """What an adjective is about: color, material, state, dimension; None if it is none."""
    from lifeworld.scene.words.lexicon import color_of, material_of

    if said in known.states:
        return "state"
    if color_of(said) is not None:
        return "color"
    if said in known.dimensions:
        return "dimension"
    return "material" if material_of(said) is not None else None


def _is_thing_too(color: str) -> bool:
    """Whether a colour is a thing as well: "orange"."""
    from lifeworld.scene.words.lexicon import kinds_for

    return any(match.score >= 0.9 for match in kinds_for(color)[:1])


def near_word(low: str, known: Vocabulary, *, verbs: bool) -> str | None:
    """The verb or small word somebody meant who typed this."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extractOne

    if verbs:
        best = extractOne(low, sorted({words[0] for words in known.verbs.rows}), scorer=OSA.distance, score_cutoff=1 if len(low) < 6 else 2)
        if best is not None:
            return str(best[0])
    if len(low) < FUZZY_LETTERS - 1:
        return None
    small = sorted({word for words in known.relations.rows for word in words[:1] if len(word) >= FUZZY_LETTERS - 1})
    best = extractOne(low, small, scorer=OSA.distance, score_cutoff=1)
    return None if best is None else str(best[0])
