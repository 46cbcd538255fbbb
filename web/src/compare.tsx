// Branches side by side: which are held against which, all on one clock, and in words what is otherwise.

import { useEffect, useRef, useState } from "preact/hooks";
import * as apart from "./apart";
import { Curves } from "./curves";
import { Badge } from "./origin";
import { Outcomes, Words } from "./otherwise";
import { Scrub, Sides } from "./sides";
import * as store from "./store";
import type { Compared, Line } from "./said";

/** What a branch is called. */
function called(line: Line, node: number): string {
  return `${node + 1} · ${line.nodes[node]?.said || "gone on otherwise"}`;
}

/** Where a branch ends, those first that are not on the way one is on. */
function others(line: Line, but: number[]): number[] {
  const path = new Set<number>();
  for (let at: number | null = line.node; at !== null; at = line.nodes[at]!.parent) path.add(at);
  const all = line.nodes.map((_, number) => number).filter((number) => !but.includes(number));
  return [...all.filter((number) => !path.has(number)), ...all.filter((number) => path.has(number))];
}

/** The branch that is most likely meant to be held against the one that is now. */
function likely(line: Line): number[] {
  const tips = others(line, [line.node]).filter((number) => !line.nodes.some((node) => node.parent === number));
  return [tips.at(-1) ?? line.nodes[line.node]!.parent ?? 0, line.node];
}

async function compare(nodes: number[]): Promise<void> {
  const answer = await apart.compare(nodes);
  if (answer) apart.look(Math.round(answer.ticks / 2));
}

export function Compare() {
  const line = store.line.value!;
  const [nodes, setNodes] = useState(() => apart.wanted.value ?? likely(line));
  const [told, setTold] = useState(1);
  const found = apart.compared.value;
  useEffect(() => {
    void store.ask({ do: "pause" });
    void compare(nodes);
  }, [nodes.join()]);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    store.driving.value = null;
    section.current?.focus();
    const leave = (event: KeyboardEvent) => event.key === "Escape" && (store.comparing.value = false);
    addEventListener("keydown", leave);
    return () => {
      removeEventListener("keydown", leave);
      apart.compared.value = apart.wanted.value = null;
    };
  }, []);
  const more = nodes.length < apart.MOST_BRANCHES ? others(line, nodes)[0] : undefined;
  return (
    <section ref={section} tabIndex={-1} class="compare" role="dialog" aria-label="Branches compared">
      <header>
        <h2>Compare</h2>
        <Badge origin={store.welcome.value!.origin} />
        {nodes.map((node, i) => (
          <Choice
            key={apart.LETTERS[i]}
            letter={apart.LETTERS[i]!}
            line={line}
            value={node}
            taken={nodes}
            onChange={(to) => setNodes(nodes.map((one, at) => (at === i ? to : one)))}
            onDrop={nodes.length > 2 ? () => setNodes(nodes.filter((_, at) => at !== i)) : undefined}
          />
        ))}
        {nodes.length === 2 && (
          <button class="bare" aria-label="The other way round" title="The other way round" onClick={() => setNodes([nodes[1]!, nodes[0]!])}>
            ⇄
          </button>
        )}
        {more !== undefined && (
          <button class="chip" title="Another branch beside these, up to four" onClick={() => setNodes([...nodes, more])}>
            + Another
          </button>
        )}
        <button class="chip close" onClick={() => (store.comparing.value = false)}>
          Back to the world
        </button>
      </header>
      {found ? <All key={found.nodes.join()} found={found} told={Math.min(told, found.others.length)} onTell={setTold} /> : <Waiting />}
    </section>
  );
}

function Waiting() {
  const share = store.share.value;
  const trouble = store.trouble.value;
  if (trouble && share === null) {
    return (
      <p class="wait" role="alert">
        {trouble.message}
      </p>
    );
  }
  return (
    <p class="wait" role="status">
      <span>They are gone through again…</span>
      <progress max={1} value={share ?? 0} />
    </p>
  );
}

interface Chosen {
  letter: string;
  line: Line;
  value: number;
  taken: number[];
  onChange: (node: number) => void;
  onDrop?: () => void;
}

function Choice({ letter, line, value, taken, onChange, onDrop }: Chosen) {
  return (
    <div class={`choice of-${letter}`}>
      <b>{letter}</b>
      <select aria-label={`Branch ${letter}`} value={String(value)} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {line.nodes.map((_, number) => (
          <option key={number} value={String(number)} disabled={number !== value && taken.includes(number)}>
            {called(line, number)}
          </option>
        ))}
      </select>
      {onDrop && (
        <button class="bare" aria-label={`Without ${letter}`} title={`Without ${letter}`} onClick={onDrop}>
          ×
        </button>
      )}
    </div>
  );
}

/** All of them, and of one what is otherwise than on A. */
function All({ found, told, onTell }: { found: Compared; told: number; onTell: (which: number) => void }) {
  const tickS = store.welcome.value!.tick_s;
  const other = found.others[told - 1]!;
  const letter = apart.LETTERS[told]!;
  return (
    <>
      <Sides found={found} />
      <Scrub found={found} />
      <div class="findings">
        {found.others.length > 1 && (
          <div class="which" role="tablist" aria-label="Which differs from A">
            {found.others.map((_, i) => (
              <button key={i} role="tab" aria-selected={told === i + 1} class={`of-${apart.LETTERS[i + 1]}`} onClick={() => onTell(i + 1)}>
                <b>{apart.LETTERS[i + 1]}</b> against A
              </button>
            ))}
          </div>
        )}
        {other.nothing ? (
          <>
            <p class="nothing">Nothing is otherwise on {letter} than on A: as far as both go, they are the same.</p>
            {found.outcomes.length > 0 && <Outcomes found={found} />}
          </>
        ) : (
          <>
            <Curves found={found} other={other} lived={Math.min(found.lived[0]!, found.lived[told]!)} tickS={tickS} tick={apart.tick.value} onLook={apart.look} />
            <Words found={found} other={other} letter={letter} />
          </>
        )}
      </div>
    </>
  );
}
