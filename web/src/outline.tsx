// The outline: what is here, as text.

import { useState } from "preact/hooks";
import * as store from "./store";
import type { Thing } from "./wire";

const PLACED = new Set(["on", "in"]);

/** Things under what carries them; the text of what the picture shows. */
export function Outline() {
  const outline = store.outline.value;
  const [filter, setFilter] = useState("");
  if (!outline) return null;
  const under = new Map<string, [string, string]>();
  for (const [predicate, thing, other] of outline.facts) {
    if (predicate && thing && other && PLACED.has(predicate) && !under.has(thing)) under.set(thing, [predicate, other]);
  }
  const known = new Set(outline.things.map((one) => one.name));
  const children = (name: string | null) =>
    outline.things.filter((one) => {
      const carrier = under.get(one.name)?.[1];
      return name === null ? !carrier || !known.has(carrier) : carrier === name;
    });
  const found = filter ? outline.things.filter((one) => `${one.name} ${one.kind}`.includes(filter.toLowerCase())) : null;
  return (
    <aside class="panel outline" aria-label="What is here" data-open={store.panel.value === "outline"}>
      <h2>
        Here <small>{outline.things.length}</small>
      </h2>
      <input type="search" placeholder="Find" aria-label="Find a thing" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
      <ul role="tree" aria-label="Things">
        {(found ?? children(null)).map((one) => (
          <Row key={one.name} thing={one} of={found ? () => [] : children} how={under} depth={0} />
        ))}
      </ul>
    </aside>
  );
}

function Row({ thing, of, how, depth }: { thing: Thing; of: (name: string) => Thing[]; how: Map<string, [string, string]>; depth: number }) {
  const inside = depth < 8 ? of(thing.name) : [];
  const picked = store.selected.value === thing.name;
  return (
    <li role="none">
      <button role="treeitem" aria-selected={picked} onClick={() => (store.selected.value = picked ? null : thing.name)}>
        <i class="dot" style={{ background: thing.color ?? "var(--faint)" }} />
        <span>{thing.name.replaceAll("_", " ")}</span>
        {depth > 0 && <small>{how.get(thing.name)?.[0]}</small>}
      </button>
      {inside.length > 0 && (
        <ul role="group">
          {inside.map((one) => (
            <Row key={one.name} thing={one} of={of} how={how} depth={depth + 1} />
          ))}
        </ul>
      )}
    </li>
  );
}
