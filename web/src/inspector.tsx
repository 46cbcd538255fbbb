// The inspector: what is known of one thing.

import * as store from "./store";

/** What is known of the selected thing, and the commonest things to say of it. */
export function Inspector() {
  const thing = store.thing.value;
  if (!thing) return null;
  const name = thing.name.replaceAll("_", " ");
  const size = thing.size_m?.map((v) => (100 * v).toFixed(1)).join(" × ");
  const rows: [string, string | undefined][] = [
    ["kind", thing.kind.replaceAll("_", " ")],
    ["size", size && `${size} cm`],
    ["material", thing.material],
    ["mass", thing.mass_kg === undefined ? undefined : `${thing.mass_kg} kg`],
    ["friction", thing.friction?.toString()],
    ["place", thing.position_m && thing.position_m.map((v) => v.toFixed(3)).join("  ")],
  ];
  const joints = Object.entries(thing.joints ?? {});
  const can = ["remove it", "make it a bit bigger", "paint it red", ...(joints.length ? ["open it", "close it"] : [])];
  return (
    <aside class="panel inspector" aria-label={`About ${name}`} data-open>
      <h2>
        {name}
        <button class="bare" aria-label="Let go of it" onClick={() => (store.selected.value = null)}>
          ×
        </button>
      </h2>
      <dl>
        {rows.map(([key, value]) => value && (
          <>
            <dt>{key}</dt>
            <dd class={key === "place" ? "mono" : ""}>{value}</dd>
          </>
        ))}
        {joints.map(([joint, value]) => (
          <>
            <dt>{joint}</dt>
            <dd class="mono">{value.toFixed(2)}</dd>
          </>
        ))}
      </dl>
      {store.facts.value.length > 0 && (
        <ul class="facts">
          {store.facts.value.slice(0, 8).map((fact) => (
            <li key={fact.join()}>{says(fact)}</li>
          ))}
        </ul>
      )}
      <div class="chips">
        {can.map((said) => (
          <button key={said} class="chip" onClick={() => void store.ask({ do: "say", text: said, selected: [thing.name] })}>
            {said}
          </button>
        ))}
      </div>
    </aside>
  );
}

function says([predicate, a, b]: string[]): string {
  const words = (name: string | undefined) => (name ?? "").replaceAll("_", " ");
  return b ? `${words(a)} ${words(predicate)} ${words(b)}` : `${words(a)} is ${words(predicate)}`;
}
