"""Tags to clauses by the grammar (`grammar.lark`, LALR): flat lists of phrases and links. A tag that fits nowhere is left out, and counted.

Attachment is left open here: "put the cup on the plate on the table" is a verb, a phrase and two links.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from lifeworld.scene.words.clause import Article, Link, Phrase, Way
from lifeworld.scene.words.tagging.scan import Tag
from lifeworld.scene.words.tagging.vocabulary import vocabulary

if TYPE_CHECKING:
    from lark import Lark, Token, Tree


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation as it was said, not yet tied to what it is about; `who` where it certainly tells what the phrase before is like."""

    tag: Tag
    to: Phrase | None
    who: bool = False
    negated: bool = False
    measure: Tag | None = None

    @property
    def span(self) -> tuple[int, int]:
        end = self.to.span[1] if self.to is not None else self.tag.span[1]
        return (self.measure.span[0] if self.measure is not None else self.tag.span[0], end)


Item = Phrase | Tie | Tag


@dataclass(frozen=True, slots=True)
class Flat:
    """A clause as a list: its verb (None if it has none) and items in order; `states` are those after "is" ("the cup is on the plate")."""

    verb: Tag | None
    items: tuple[Item, ...]
    states: tuple[Item, ...] = ()
    copula: Tag | None = None
    negated: bool = False
    when: Tag | None = None
    opened_by: str = ""


def clauses_of(tags: Sequence[Tag]) -> tuple[list[Flat], list[Tag]]:
    """The clauses of a tagged sentence, and the tags that fit in none."""
    from lark import Token
    from lark.exceptions import UnexpectedToken

    parser = _parser().parse_interactive("")
    left_out: list[Tag] = []
    for tag in tags:
        token = Token(tag.kind, cast(str, tag))
        try:
            parser.feed_token(token)
        except UnexpectedToken:
            left_out.append(tag)
    tree = cast("Tree[Token]", parser.feed_token(Token("$END", "")))
    flats: list[Flat] = []
    opened = ""
    for child in tree.children:
        if _is_token(child):
            opened = _tag(child).name
        else:
            flats.append(replace(_flat(cast("Tree[Token]", child)), opened_by=opened))
            opened = ""
    return flats, left_out


@cache
def _parser() -> Lark:
    from lark import Lark
    from lark.lexer import Lexer

    class NoLexer(Lexer):
        """Tokens are fed one by one: they are tags already."""

        def __init__(self, conf: object) -> None:
            del conf

        def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Token]:
            return iter(())

    grammar = files("lifeworld.scene.words.grammar").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=NoLexer)


def _is_token(node: object) -> bool:
    return hasattr(node, "type")


def _tag(node: object) -> Tag:
    return cast(Tag, cast("Token", node).value)


def _flat(tree: Tree[Token]) -> Flat:
    verb = copula = when = None
    negated = False
    items: list[Item] = []
    states: list[Item] = []
    for child in tree.children:
        if not _is_token(child):
            (items if copula is None else states).extend(_items(cast("Tree[Token]", child)))
            continue
        tag = _tag(child)
        if tag.kind == "VERB":
            verb = tag
        elif tag.kind == "COPULA":
            copula = tag
            negated = tag.name == "not"
        elif tag.kind == "WHEN":
            when = tag
        elif tag.kind == "NOT":
            negated = True
        else:
            (items if copula is None else states).append(tag)
    return Flat(verb, tuple(items), tuple(states), copula, negated, when)


def _items(tree: Tree[Token]) -> list[Item]:
    if tree.data == "loose":
        return []
    if tree.data in ("core", "owned"):
        return [_phrase(tree), *_amounts(tree)]
    tags = [_tag(child) for child in tree.children if _is_token(child)]
    phrase = next((_phrase(cast("Tree[Token]", child)) for child in tree.children if not _is_token(child)), None)
    kinds = {tag.kind: tag for tag in tags}
    main = next(kinds[kind] for kind in ("REL", "STATE", "SIDE") if kind in kinds)
    measure = kinds.get("MEASURE")
    if measure is not None and measure.unit != "length":  # "a ball of 3 kg on the floor": no distance
        loose, measure = [measure], None
    else:
        loose = []
    tie = Tie(
        main,
        phrase,
        who="WHO" in kinds,
        negated="NOT" in kinds or ("WHO" in kinds and kinds["WHO"].name == "not"),
        measure=measure,
    )
    return [*loose, tie]


def _amounts(tree: Tree[Token]) -> list[Item]:
    """ "a 2 m long table": how much, and of what, is the clause's."""
    tags = [_tag(child) for child in tree.children if _is_token(child)]
    out: list[Item] = []
    for tag, following in zip(tags, [*tags[1:], None], strict=True):
        if tag.kind == "AMOUNT":
            out.append(replace(tag, kind="MEASURE"))
            if following is not None and following.name in vocabulary().dimensions:
                out.append(replace(following, kind="STATE", unit="dimension"))
    return out


def _phrase(tree: Tree[Token]) -> Phrase:
    tags: list[Tag] = []
    owner: Phrase | None = None
    for child in tree.children:
        if _is_token(child):
            tags.append(_tag(child))
        else:
            owner = _phrase(cast("Tree[Token]", child))
    tags = [tag for tag in tags if tag.kind not in ("OWN",)]
    of = next((tag for tag in tags if tag.kind == "OF"), None)
    tags = [tag for tag in tags if tag.kind != "OF"]
    spans = [tag.span for tag in tags] + ([owner.span] if owner is not None else [])
    phrase = replace(_core(tags), span=(min(a for a, _ in spans), max(b for _, b in spans)))
    its = next((tag for tag in tags if tag.kind == "ART" and tag.said in ("its", "their")), None)
    if its is not None and owner is None and phrase.noun.split()[-1:] and phrase.noun.split()[-1] in vocabulary().properties:
        pronoun = "it" if its.said == "its" else "them"
        return replace(phrase, of=Phrase(noun="", span=its.span, pronoun=pronoun, plural=pronoun == "them"))
    if owner is None:
        return phrase
    # "the cabinet's top drawer", "the top drawer of the cabinet"
    return replace(phrase, article="the", of=owner) if of is None else _of(phrase, owner, of)


def _core(tags: Sequence[Tag]) -> Phrase:
    nouns = [tag for tag in tags if tag.kind == "NOUN"]
    pronoun = next((tag for tag in tags if tag.kind == "PRON"), None)
    article = next((tag.name for tag in tags if tag.kind == "ART"), None)
    count = next((tag for tag in tags if tag.kind == "NUM"), None)
    order = next((tag for tag in tags if tag.kind == "ORD"), None)
    compare = next((tag for tag in tags if tag.kind == "COMP"), None)
    article = "the" if article is None and count is not None and count.name == "both" and nouns else article
    measured = {i + 1 for i, tag in enumerate(tags) if tag.kind == "AMOUNT" and tags[i + 1].name in vocabulary().dimensions}
    words = [tag.name for i, tag in enumerate(tags) if tag.kind == "ADJ" and i not in measured]
    last = nouns[-1] if nouns else None
    if last is not None and last.name == "one" and last.said in ("one", "ones"):
        nouns = nouns[:-1]
        pronoun = last
    noun = " ".join(tag.said if tag is not last else tag.name for tag in nouns)
    name = pronoun.name if pronoun is not None else None
    if nouns and name == "one":
        noun, name = "", "one"
        words += [tag.name for tag in nouns]
    if not nouns and pronoun is None:
        name = "both" if count is not None and count.name == "both" else "one"
    return Phrase(
        noun=noun,
        span=(0, 0),
        article=cast("Article | None", article),
        count=None if count is None or count.number is None else int(count.number),
        plural=any(tag.plural for tag in (*nouns[-1:], *([pronoun] if pronoun else []))),
        pronoun=name,
        words=tuple(words),
        order=None if order is None or order.number is None else int(order.number),
        order_from=(order.name or None) if order is not None else None,
        compare=None if compare is None else (compare.name, cast(Way, compare.unit)),
    )


def _of(phrase: Phrase, owner: Phrase, of: Tag) -> Phrase:
    """ "the drawer of the cabinet" is a part; "a slice of bread" bread; "a bowl of apples" has apples in it; "two of the cups" cups."""
    span = (phrase.span[0], max(phrase.span[1], owner.span[1]))
    if not phrase.noun:
        return replace(
            owner,
            span=span,
            article=phrase.article or owner.article,
            count=phrase.count or owner.count,
            words=(*phrase.words, *owner.words),
            order=phrase.order or owner.order,
            order_from=phrase.order_from or owner.order_from,
            compare=phrase.compare or owner.compare,
        )
    head = phrase.noun.split()[-1]
    if head in vocabulary().properties and owner.noun and phrase.count is None:
        return replace(phrase, span=span, of=owner)  # "mass of mug"
    stuff = owner.article in (None, "a") and owner.pronoun is None and owner.count is None
    if stuff and head in {words[-1] for words in vocabulary().small["partitives"].rows}:
        return replace(
            phrase,
            noun=owner.noun,
            span=span,
            words=(*phrase.words, *owner.words, head),
            plural=phrase.plural or owner.plural,
            links=owner.links,
            of=owner.of,
        )
    if head in {words[-1] for words in vocabulary().small["portions"].rows} and owner.noun:
        return replace(
            owner, span=span, article=phrase.article, count=phrase.count, words=(*phrase.words, *owner.words, head), plural=phrase.plural
        )
    if stuff:
        return replace(phrase, span=span, links=(Link(relation="with", span=(of.span[0], owner.span[1]), to=(owner,)),))
    return replace(phrase, span=span, of=owner)
