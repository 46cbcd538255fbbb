"""Protocol Buffers, as much of them as recordings need: messages by a table of their fields, and that table from and to descriptors.

A table says of each message its fields: name, number, type and whether it repeats; a type is a scalar's name (`double`, `fixed32` …) or
the full name of another message. MCAP files carry their descriptors with them, so any message in one can be read.

Source: protobuf.dev, Encoding; google/protobuf/descriptor.proto for the numbers of FileDescriptorSet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnreadableFile

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
SCALARS = {
    1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32", 8: "bool", 9: "string",
    12: "bytes", 13: "uint32", 14: "enum", 15: "sfixed32", 16: "sfixed64", 17: "sint32", 18: "sint64",
}  # fmt: skip
"""FieldDescriptorProto.Type; 11 is a message, 10 a group, which nobody uses."""
_FIXED = {"double": "<d", "float": "<f", "fixed64": "<Q", "fixed32": "<I", "sfixed64": "<q", "sfixed32": "<i"}
_MESSAGE = 11
_MOST_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message; `type` is a scalar's name, or a message's with its package."""

    name: str
    number: int
    type: str
    repeated: bool = False


Table = Mapping[str, tuple[Field, ...]]


def fields(data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Number, wire type and content (of a varint its own bytes) of each field of a message.

    Raises:
        ValueError, IndexError: if it is none.
    """
    at, end = 0, len(data)
    while at < end:
        key, at = varint(data, at)
        wire = key & 7
        start = at
        if wire == VARINT:
            _, at = varint(data, at)
        elif wire == BYTES:
            length, start = varint(data, at)
            at = start + length
        elif wire in (FIXED32, FIXED64):
            at += 4 if wire == FIXED32 else 8
        else:
            raise ValueError(f"wire type {wire}")
        if at > end:
            raise ValueError(f"a field of {at - start} bytes where {end - start} are left")
        yield key >> 3, wire, data[start:at]


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """The number that begins there, and where the next byte is."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
    raise ValueError("a varint of more than ten bytes")


def varints(data: bytes) -> NDArray[np.int64]:
    """All varints of packed bytes as int64 (n,)."""
    raw = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(raw < 128)
    if raw.size and (not ends.size or ends[-1] != raw.size - 1):
        raise ValueError("the last varint is cut off")
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64) if ends.size else ends
    lengths = ends - starts + 1
    if lengths.size and lengths.max() > 10:
        raise ValueError("a varint of more than ten bytes")
    out = np.zeros(len(ends), dtype=np.uint64)
    for place in range(int(lengths.max(initial=0))):
        has = lengths > place
        out[has] |= (raw[starts[has] + place].astype(np.uint64) & np.uint64(127)) << np.uint64(7 * place)
    return out.astype(np.int64)


# -- messages ----------------------------------------------------------------------------------------------------------------


def encode(table: Table, name: str, value: Mapping[str, Any]) -> bytes:
    """A message of these values; fields that are not there are left out, as they are where they are zero."""
    out = []
    for field in table[name]:
        held = value.get(field.name)
        if field.repeated:
            out += [_field(table, field, each) for each in held or ()]
        elif held is not None:
            out.append(_field(table, field, held))
    return b"".join(out)


def _field(table: Table, field: Field, value: Any) -> bytes:
    if field.type in table:
        return _piece(field.number, encode(table, field.type, value))
    if field.type in ("string", "bytes"):
        return _piece(field.number, value.encode() if isinstance(value, str) else bytes(value))
    if field.type in _FIXED:
        form = _FIXED[field.type]
        return _number(field.number << 3 | (FIXED64 if struct.calcsize(form) == 8 else FIXED32)) + struct.pack(form, value)
    return _number(field.number << 3 | VARINT) + _number(int(value) & 0xFFFFFFFFFFFFFFFF)


def decode(table: Table, name: str, data: bytes | memoryview, *, where: str) -> dict[str, Any]:
    """A message's fields by name: zero, empty or, of a message, None where they are not there. Unknown fields are passed over.

    Raises:
        UnreadableFile: if these bytes are no such message.
    """
    try:
        return _decode(table, name, memoryview(data), 0)
    except (ValueError, IndexError, KeyError, struct.error) as error:
        raise UnreadableFile(f"this is no {name}", where=where, got=str(error)) from error


def _decode(table: Table, name: str, data: memoryview, depth: int) -> dict[str, Any]:
    if depth > _MOST_DEPTH:
        raise ValueError(f"messages nested more than {_MOST_DEPTH} deep")
    known = {field.number: field for field in table[name]}
    out: dict[str, Any] = {field.name: _nothing(table, field) for field in table[name]}
    for number, wire, raw in fields(data):
        field = known.get(number)
        if field is None:
            continue
        if field.type in table:
            if wire != BYTES:
                raise ValueError(f"{field.name} is a message and comes as wire type {wire}")
            value: Any = _decode(table, field.type, raw, depth + 1)
        elif field.type in ("string", "bytes"):
            value = bytes(raw) if field.type == "bytes" else bytes(raw).decode("utf-8", "replace")
        else:
            many = _scalars(field.type, wire, raw)
            if field.repeated:
                out[field.name] += many
                continue
            value = many[-1]
        if field.repeated:
            out[field.name].append(value)
        else:
            out[field.name] = value
    return out


def _scalars(kind: str, wire: int, raw: memoryview) -> list[Any]:
    """The numbers of a field: one, or many that are packed."""
    if kind in _FIXED:
        form = np.dtype(_FIXED[kind])
        values = np.frombuffer(raw, dtype=form)
        if wire not in (BYTES, FIXED64 if form.itemsize == 8 else FIXED32):
            raise ValueError(f"a {kind} as wire type {wire}")
        return list(values.tolist())
    if wire not in (BYTES, VARINT):
        raise ValueError(f"a {kind} as wire type {wire}")
    whole = varints(bytes(raw))
    if kind in ("sint32", "sint64"):
        whole = (whole.view(np.uint64) >> np.uint64(1)).astype(np.int64) ^ -(whole & 1)
    if kind in ("int32", "enum"):
        whole = whole.astype(np.int32).astype(np.int64)
    if kind == "bool":
        return [bool(value) for value in whole]
    return list((whole.view(np.uint64) if kind in ("uint64", "uint32") else whole).tolist())


def _nothing(table: Table, field: Field) -> Any:
    if field.repeated:
        return []
    if field.type in table:
        return None
    return {"string": "", "bytes": b"", "bool": False}.get(field.type, 0.0 if field.type in ("double", "float") else 0)


# -- descriptors -------------------------------------------------------------------------------------------------------------


def descriptors(table: Table, name: str) -> bytes:
    """The FileDescriptorSet of a message and all that it is made of, one file a message."""
    wanted: list[str] = []

    def need(message: str) -> None:
        for field in table[message]:
            if field.type in table and field.type not in wanted and field.type != name:
                need(field.type)
        if message not in wanted:
            wanted.append(message)

    need(name)
    return b"".join(_piece(1, _file(table, message)) for message in wanted)


def _file(table: Table, full: str) -> bytes:
    package, _, short = full.rpartition(".")
    needs = dict.fromkeys(field.type for field in table[full] if field.type in table)
    types = {word: number for number, word in SCALARS.items()}
    said = _piece(1, short.encode())
    for field in table[full]:
        kind = "int32" if field.type == "enum" else field.type  # on the wire they are the same
        one = _piece(1, field.name.encode()) + _whole(3, field.number) + _whole(4, 3 if field.repeated else 1)
        one += _whole(5, types.get(kind, _MESSAGE)) + (_piece(6, f".{kind}".encode()) if kind in table else b"")
        said += _piece(2, one)
    wanted = b"".join(_piece(3, _path(need).encode()) for need in needs)
    return _piece(1, _path(full).encode()) + _piece(2, package.encode()) + wanted + _piece(4, said) + _piece(12, b"proto3")


def read_descriptors(data: bytes, *, where: str) -> Table:
    """The table of all messages in a FileDescriptorSet; fields that are groups are left out.

    Raises:
        UnreadableFile: if it is none.
    """
    table: dict[str, tuple[Field, ...]] = {}

    def message(raw: memoryview, prefix: str, depth: int) -> None:
        if depth > _MOST_DEPTH:
            raise ValueError("messages nested too deep")
        parts = list(fields(raw))
        name = f"{prefix}{_text(parts, 1)}"
        table[name] = tuple(field for n, _, body in parts if n == 2 and (field := _described(body)) is not None)
        for number, _, body in parts:
            if number == 3:
                message(body, f"{name}.", depth + 1)

    try:
        for number, _, file in fields(memoryview(data)):
            if number == 1:
                parts = list(fields(file))
                package = _text(parts, 2)
                for inner, _, body in parts:
                    if inner == 4:
                        message(body, f"{package}." if package else "", 0)
    except (ValueError, IndexError) as error:
        raise UnreadableFile("this is no FileDescriptorSet", where=where, got=str(error)) from error
    return {name: tuple(f for f in known if f.type in table or f.type in SCALARS.values()) for name, known in table.items()}


def _described(raw: memoryview) -> Field | None:
    parts = list(fields(raw))
    numbers = {number: varint(body, 0)[0] for number, wire, body in parts if wire == VARINT}
    kind = numbers.get(5, 0)
    name = SCALARS.get(kind, "") or (_text(parts, 6).removeprefix(".") if kind == _MESSAGE else "")
    return Field(_text(parts, 1), numbers.get(3, 0), name, numbers.get(4, 1) == 3) if name else None


def _text(parts: Iterable[tuple[int, int, memoryview]], number: int) -> str:
    return next((bytes(body).decode("utf-8", "replace") for n, wire, body in parts if n == number and wire == BYTES), "")


def _path(full: str) -> str:
    return full.replace(".", "/") + ".proto"


def _piece(field: int, data: bytes) -> bytes:
    return _number(field << 3 | BYTES) + _number(len(data)) + data


def _whole(field: int, value: int) -> bytes:
    return _number(field << 3 | VARINT) + _number(value)


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
