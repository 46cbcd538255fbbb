// The outline: what is here, as text, under what carries it. Whoever does not see the picture has the world from this.

import { useRef, useState } from "preact/hooks";
import * as store from "./store";
import { BUILT, plain } from "./told";
import type { Thing } from "./said";

const PLACED = new Set(["on", "in"]);
const DEEPEST = 8;

export function Outline() {
  const outline = store.outline.value;
  const [filter, setFilter] = useState("");
  const tree = useRef<HTMLUListElement>(null);
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
  const found = filter ? outline.things.filter((one) => plain(`${one.name} ${one.kind}`).includes(filter.toLowerCase())) : null;
  const [built, other] = [true, false].map((is) => children(null).filter((one) => BUILT.has(one.kind) === is));
  const roots = found ?? [...other!, ...built!];
  const first = store.selected.value && known.has(store.selected.value) ? store.selected.value : roots[0]?.name;

  /** Up and down in the list, by its rows as they stand. */
  function walk(event: KeyboardEvent) {
    const rows = [...(tree.current?.querySelectorAll<HTMLElement>("[role=treeitem]") ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    rows[Math.min(Math.max(to, 0), rows.length - 1)]?.focus();
  }

  return (
    <aside class="panel outline" aria-label="What is here" data-open={store.panel.value === "things"}>
      <h2>
        Here <small class="num">{outline.things.length}</small>
      </h2>
      <input type="search" placeholder="Find" aria-label="Find a thing" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
      {roots.length === 0 && <p class="quiet">Nothing here is called so.</p>}
      <ul ref={tree} role="tree" aria-label="Things" onKeyDown={walk}>
        {roots.map((one) => (
          <Row key={one.name} thing={one} of={found ? () => [] : children} how={under} depth={0} first={first} />
        ))}
      </ul>
    </aside>
  );
}

interface Rows {
  thing: Thing;
  of: (name: string) => Thing[];
  how: Map<string, [string, string]>;
  depth: number;
  /** The row that Tab leads to. */
  first: string | undefined;
}

function Row({ thing, of, how, depth, first }: Rows) {
  const inside = depth < DEEPEST ? of(thing.name) : [];
  const picked = store.selected.value === thing.name;
  return (
    <li role="none">
      <button
        role="treeitem"
        aria-level={depth + 1}
        aria-selected={picked}
        tabIndex={thing.name === first ? 0 : -1}
        onClick={() => store.select(picked ? null : thing.name)}
      >
        <i class="dot" style={{ background: thing.color ?? "var(--faint)" }} />
        <span>{plain(thing.name)}</span>
        {depth > 0 && <small>{how.get(thing.name)?.[0]}</small>}
      </button>
      {inside.length > 0 && (
        <ul role="group">
          {inside.map((one) => (
            <Row key={one.name} thing={one} of={of} how={how} depth={depth + 1} first={first} />
          ))}
        </ul>
      )}
    </li>
  );
}
