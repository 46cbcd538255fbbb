"""XML from strangers as a tree: no DTD, no entities, so many bytes, so many elements, so deep.

Built on expat directly, because ElementTree's own parser expands entities ("billion laughs") before anyone can say no.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any
from xml.parsers import expat

from lifeworld.core.errors import FileTooLarge, UnreadableFile, UnsafeFile
from lifeworld.scene.formats.limits import Limits

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def read_xml(data: bytes, limits: Limits, *, where: str) -> ET.Element:
    """The root element of `data`.

    Raises:
        FileTooLarge: over the limits of bytes, elements or depth.
        UnsafeFile: if it declares a document type or an entity.
        UnreadableFile: if it is not well-formed.
    """
    if len(data) > limits.xml_bytes:
        raise FileTooLarge("the XML is too long", where=where, got=f"{len(data):,} bytes", expected=f"at most {limits.xml_bytes:,}")
    parser = expat.ParserCreate()
    builder = ET.TreeBuilder()
    depth = elements = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > limits.xml_depth:
            raise FileTooLarge("the XML is nested too deeply", where=where, expected=f"at most {limits.xml_depth} levels")
        if elements > limits.xml_elements:
            raise FileTooLarge("too many elements in the XML", where=where, expected=f"at most {limits.xml_elements:,}")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> Any:
        raise UnsafeFile("the XML declares a document type or entities", where=where, fix="Write their text out, and drop <!DOCTYPE …>.")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise UnreadableFile(f"not well-formed XML: {error}", where=where) from error
    except AssertionError as error:  # TreeBuilder, when no element was closed
        raise UnreadableFile("the XML is empty", where=where) from error


def numbers(element: ET.Element, attribute: str, default: str, *, where: str) -> list[float]:
    """The numbers of an attribute.

    Raises:
        UnreadableFile: if a word of it is none.
    """
    words = element.get(attribute, default).split()
    if not all(_NUMBER.fullmatch(word) for word in words):
        raise UnreadableFile(f"<{element.tag} {attribute}> is not made of numbers", where=where, got=element.get(attribute, "")[:100])
    return [float(word) for word in words]
