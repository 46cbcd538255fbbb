"""Put a trained model among those that come with lifeworld: `python scripts/ready.py out/nano/model push_table --from out/nano/held_out`.

Its weights, two short plays of which nothing was learned to begin from, and a card to read.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from msgspec import structs

from lifeworld.core.write import replace_file
from lifeworld.episode.bundle import Bundle, open_bundle
from lifeworld.episode.seal import append_to
from lifeworld.evaluate.heldout import open_heldout
from lifeworld.evaluate.horizon import horizon
from lifeworld.evaluate.ours import SubjectDream
from lifeworld.evaluate.score import score
from lifeworld.models.data.footage import open_footage
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import load, save
from lifeworld.models.zoo.ready import READY

BEGINNINGS = 2


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("model", type=Path)
    ask.add_argument("name")
    ask.add_argument("--from", dest="source", type=Path, required=True, help="a bundle of which something was not learned")
    ask.add_argument("--long", type=Path, help="a bundle of long episodes to measure drift on")
    ask.add_argument("--title", required=True)
    ask.add_argument("--made", action="append", required=True, help="a command that made it; several in order")
    ask.add_argument("--license", required=True)
    ask.add_argument("--limit", action="append", default=[])
    said = ask.parse_args()
    model, card = load(said.model)
    folder, size, context = READY / said.name, (card.shape.height, card.shape.width), card.shape.context
    footage = open_footage(said.source, size=size, length=context + 32, cache=said.model / "data")
    bundle, learned = open_bundle(said.source), set(card.episodes)
    subject = SubjectDream(said.model)
    found = score(subject, footage, all_of_it=not learned & set(bundle.uids))
    told = [str(found)]
    if said.long is not None:
        longer = open_heldout(said.long, [subject], cache=said.model / "data", horizon=32)
        for one in horizon(subject, longer, seed=0).measured:
            between, least = f"{one.low:.2f} to {one.high:.2f}", f"{one.floors[0].name} {one.floors[0].value:.2f}"
            told.append(f"{one.name:<20} {one.value:6.2f} {one.unit} ({between}; {least})")
    card = structs.replace(card, scores=found.named(), licenses=(said.license,))
    folder.mkdir(parents=True, exist_ok=True)
    save(folder, model, card)
    begin(bundle, learned, folder / "data" / "begin")
    with replace_file(folder / "README.md") as beside:
        beside.write_text(page(said, card, told), encoding="utf-8")
    print(f"{folder}: {sum(p.stat().st_size for p in folder.rglob('*') if p.is_file()) / 1e6:.1f} MB")


def begin(bundle: Bundle, learned: set[str], folder: Path) -> None:
    """The first episodes of a bundle of which nothing was learned, as a bundle of their own."""
    free = [i for i, uid in enumerate(bundle.uids) if uid not in learned]
    with append_to(folder) as writer:
        writer.commit([writer.stage(bundle[i]) for i in free[:BEGINNINGS]])


def page(said: argparse.Namespace, card: Card, told: list[str]) -> str:
    """The card, to read."""
    limits = [
        *said.limit,
        "It knows nothing but what it was shown: these things, this camera, this light. A dream is never a measurement.",
        "What was touched loses its edges after some pictures, and long dreams drift: see the numbers.",
    ]
    made = "\n".join([*said.made, f"python {shlex.join(sys.argv)}"])
    numbers = "\n\n".join(f"```\n{each}\n```" for each in told)
    doing = "inferred from the pictures" if card.doing is None else f"those recorded in {card.doing.stream}"
    return f"""# {said.name}: {said.title}

A {card.kind} model of {card.shape.height} × {card.shape.width} pixels, {1e9 / card.frame_ns:g} pictures a second; its actions are {doing}.
Learned from {len(card.episodes)} episodes (data {card.data_sha256[:12]}) in {card.steps} steps, seed {card.seed}, by {card.made_with}.
Licence of the weights and of the plays beside them: {said.license}.

Made by

```
{made}
```

## What it is worth

Measured on episodes of which nothing was learned.

{numbers}

## Limits

{chr(10).join(f"- {each}" for each in limits)}
"""


if __name__ == "__main__":
    main()
