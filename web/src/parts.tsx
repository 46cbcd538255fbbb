// The parts of the workspace, from top to foot.

import { useEffect, useRef, useState } from "preact/hooks";
import { meaning } from "./drive";
import { Keeping } from "./keep";
import * as store from "./store";
import type { Branch, Line, Thing } from "./wire";

const ORIGINS: Record<string, [string, string]> = {
  simulated: ["Simulated", "computed by a physics engine"],
  dreamed: ["Dreamed", "imagined by a learned model"],
  measured: ["Measured", "recorded in the real world"],
  edited: ["Edited", "changed by hand"],
  mixed: ["Mixed", "of several origins"],
};

export function seconds(value: number): string {
  const minutes = Math.floor(value / 60);
  return `${minutes}:${(value - 60 * minutes).toFixed(1).padStart(4, "0")}`;
}

/** What this is, before one enters; nothing is recorded unless asked for. */
export function Gate() {
  const welcome = store.welcome.value;
  if (!welcome) return <div class="gate"><p class="quiet">The world is being made…</p></div>;
  const [name, meaningOf] = ORIGINS[welcome.origin] ?? [welcome.origin, ""];
  return (
    <div class="gate" role="dialog" aria-labelledby="gate-title">
      <section class="card">
        <p class={`badge ${welcome.origin}`}>{name}</p>
        <h1 id="gate-title">{welcome.title}</h1>
        <dl>
          <dt>What it is</dt>
          <dd>
            {welcome.engine.startsWith("game") ? "computed by a game" : meaningOf}: <span class="mono">{welcome.engine.replace(/^(physics|game) /, "")}</span>. It is
            not the real world, and shows no real person.
          </dd>
          <dt>What it cannot do</dt>
          <dd>{welcome.cannot.length ? welcome.cannot.join(", ") : "nothing is left out"}</dd>
          <dt>Recording</dt>
          <dd>
            {welcome.keep ? "Off. Nothing is kept unless you ask for it, are told what, and say yes." : "Off. Nothing you do here is kept beyond this session."}
          </dd>
          <dt>Your seat</dt>
          <dd>{welcome.seat === "owner" ? "You own this session." : "You are a guest: you can look."}</dd>
        </dl>
        <button class="main" autofocus onClick={() => (store.entered.value = true)}>
          Enter
        </button>
        <p class="quiet">
          Leave at any time: <kbd>Esc</kbd> <kbd>Esc</kbd>
        </p>
      </section>
    </div>
  );
}

/** Who made what is seen: always there. */
export function Frame() {
  const origin = store.welcome.value?.origin ?? "simulated";
  return <div class={`frame ${origin}`} aria-hidden="true" />;
}

export function Head() {
  const welcome = store.welcome.value!;
  const [name] = ORIGINS[welcome.origin] ?? [welcome.origin];
  return (
    <header class="head">
      <div class="what">
        <span class={`badge ${welcome.origin}`}>{name}</span>
        <h1>{welcome.title}</h1>
      </div>
      <nav class="views" aria-label="Cameras">
        {store.eyes.value.map((eye) => (
          <button key={eye} class="chip" aria-pressed={store.eye.value === eye} onClick={() => (store.eye.value = eye)}>
            {eye.replaceAll("_", " ")}
          </button>
        ))}
      </nav>
      <p class="hud mono" aria-label="Pictures a second, and milliseconds from a key to what it did">
        <Keeping />
        <span>{store.fps} fps</span>
        {store.latency.value !== null && <span>{Math.round(store.latency.value)} ms</span>}
        {welcome.seat === "guest" && <span>guest</span>}
        {!store.connected.value && <span class="warn">reconnecting…</span>}
      </p>
    </header>
  );
}

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

/** What could be said here, of the things that are here. */
function examples(): string[] {
  const facts = store.outline.value?.facts.filter(([predicate, , b]) => predicate === "on" && b && b !== "ground") ?? [];
  const said = (name: string | undefined) => (name ?? "").replaceAll("_", " ");
  const [first, last] = [facts[0], facts.at(-1)];
  const made = first && last ? [`put a glass on the ${said(first[2])}`, `move the ${said(last[1])} to the left`, `remove the ${said(first[1])}`] : [];
  return [...made, "make it 8 pm"];
}

/** The sentence: read while it is typed, followed at Enter. */
export function Sentence() {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const past = useRef<string[]>([]);
  const at = useRef(0);

  useEffect(() => {
    if (!text.trim()) {
      store.reading.value = null;
      store.ghosts.value = [];
      store.trouble.value = null;
      return;
    }
    const timer = setTimeout(() => void store.read(text), 180);
    return () => clearTimeout(timer);
  }, [text]);

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key === "/" && !(event.target instanceof HTMLInputElement)) {
        event.preventDefault();
        input.current?.focus();
      }
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);

  async function follow(said: string) {
    if (!said.trim() || busy) return;
    setBusy(true);
    const done = await store.ask({ do: "say", text: said, selected: store.selected.value ? [store.selected.value] : [] });
    setBusy(false);
    past.current = [said, ...past.current.filter((one) => one !== said)].slice(0, 50);
    at.current = 0;
    if (done) setText("");
  }

  function key(event: KeyboardEvent) {
    if (event.key === "ArrowUp" && past.current.length) {
      setText(past.current[Math.min(at.current++, past.current.length - 1)] ?? "");
      event.preventDefault();
    } else if (event.key === "Escape") {
      setText("");
      input.current?.blur();
    }
  }

  const tries = examples();
  const trouble = text.trim() ? store.trouble.value : null;
  const reading = store.reading.value;
  return (
    <form
      class="sentence"
      onSubmit={(event) => {
        event.preventDefault();
        void follow(text);
      }}
    >
      {reading && (
        <p class="reading">
          <span>{reading.told}</span>
          <small class="mono">{Math.round(100 * reading.score)} %</small>
        </p>
      )}
      {trouble && (
        <p class="reading trouble" role="alert">
          <span>{trouble.question ?? trouble.message}</span>
          {trouble.suggestions.slice(0, 4).map((one) => (
            <button type="button" key={one} class="chip" onClick={() => setText(mended(text, trouble.span, one))}>
              {one}
            </button>
          ))}
        </p>
      )}
      <label class="line">
        <span class="sr">What should change?</span>
        <input
          ref={input}
          value={text}
          maxLength={2000}
          autocomplete="off"
          spellcheck={false}
          placeholder={`What should change?  Try: ${tries[0]}`}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={key}
        />
        <button class="main" disabled={busy || !text.trim()}>
          {busy ? "…" : "Do it"}
        </button>
      </label>
      {!text && (
        <div class="chips quiet-chips">
          {tries.slice(1).map((one) => (
            <button type="button" key={one} class="chip" onClick={() => setText(one)}>
              {one}
            </button>
          ))}
        </div>
      )}
    </form>
  );
}

/** The sentence with a suggestion where it was wrong; a whole sentence takes its place. */
function mended(text: string, span: [number, number] | null, suggestion: string): string {
  if (!span || suggestion.includes(" ") || span[1] <= span[0]) return suggestion.includes(" ") ? suggestion : `${text} ${suggestion}`;
  return text.slice(0, span[0]) + suggestion + text.slice(span[1]);
}

/** The clock and the branches: what was done, where we are, where else one could go on. */
export function Time() {
  return store.line.value ? <Branches line={store.line.value} /> : null;
}

function Branches({ line }: { line: Line }) {
  const welcome = store.welcome.value!;
  const lanes = laid(line.nodes);
  const most = Math.max(...lanes.map((lane) => lane.start + lane.ticks), 50);
  const here = lanes[line.node]!;
  const now = here.start + line.tick;
  const height = 12 + 14 * (Math.max(...lanes.map((lane) => lane.row)) + 1);
  const [wide, setWide] = useState(600);
  const picture = useRef<SVGSVGElement>(null);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWide(Math.max(120, entry.contentRect.width)));
    if (picture.current) watch.observe(picture.current);
    return () => watch.disconnect();
  }, []);
  const x = (tick: number) => 7 + ((wide - 14) * tick) / most;
  const seek = (event: PointerEvent) => {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    const tick = Math.round(most * Math.min(1, Math.max(0, (event.clientX - box.left - 7) / (box.width - 14))));
    void store.ask({ do: "seek", tick: Math.min(tick, here.start + here.ticks) });
  };
  return (
    <section class="time" aria-label="Time and branches">
      <div class="clock">
        <button class="round" aria-label={line.playing ? "Pause" : "Play"} onClick={() => void store.ask({ do: line.playing ? "pause" : "play" })}>
          {line.playing ? <Pause /> : <Play />}
        </button>
        <button class="bare" aria-label="One tick on" onClick={() => void store.ask({ do: "step", ticks: 1 })}>
          ›|
        </button>
        <span class="mono now">{seconds(store.time.value)}</span>
        <button class="chip" disabled={!line.undo} onClick={() => void store.ask({ do: "undo" })}>
          Undo
        </button>
        <button class="chip" disabled={!line.redo} onClick={() => void store.ask({ do: "redo" })}>
          Redo
        </button>
        {line.nodes.length > 1 && (
          <button class="chip" onClick={() => (store.comparing.value = true)}>
            Compare
          </button>
        )}
        <select
          aria-label="Speed"
          value={String(line.speed)}
          onChange={(event) => void store.ask({ do: "play", speed: Number(event.currentTarget.value) })}
        >
          {[0.1, 0.25, 0.5, 1, 2].map((speed) => (
            <option key={speed} value={String(speed)}>
              {speed} ×
            </option>
          ))}
        </select>
      </div>
      <svg
        ref={picture}
        viewBox={`0 0 ${wide} ${height}`}
        style={{ height: `${height}px` }}
        onPointerDown={seek}
        onKeyDown={(event) => {
          const way = event.key === "ArrowRight" ? 5 : event.key === "ArrowLeft" ? -5 : 0;
          if (way) void store.ask({ do: "seek", tick: Math.min(Math.max(0, now + way), here.start + here.ticks) });
        }}
        role="slider"
        aria-label="Tick of this branch"
        aria-valuemin={0}
        aria-valuemax={here.start + here.ticks}
        aria-valuenow={now}
        tabIndex={0}
      >
        {lanes.map((lane, number) => {
          const y = 10 + 14 * lane.row;
          const from = lane.parent === null ? null : lanes[lane.parent]!;
          return (
            <g key={number} class={number === line.node ? "lane here" : "lane"}>
              {from && <path d={`M${x(lane.start)} ${10 + 14 * from.row}V${y}`} />}
              <path d={`M${x(lane.start)} ${y}H${Math.max(x(lane.start + lane.ticks), x(lane.start) + 2)}`} />
              <circle
                cx={x(lane.start)}
                cy={y}
                r="4"
                onPointerDown={(event) => {
                  event.stopPropagation();
                  void store.ask({ do: "go", node: number });
                }}
              >
                <title>{lane.said}</title>
              </circle>
            </g>
          );
        })}
        <path class="needle" d={`M${x(now)} 2V${height - 2}`} />
      </svg>
      <p class="said quiet">
        {line.nodes[line.node]?.said}
        {line.nodes.length > 1 && <small> · branch {line.node + 1} of {line.nodes.length}</small>}
        {welcome.seat === "guest" && <small> · guests look on</small>}
      </p>
    </section>
  );
}

interface Lane extends Branch {
  start: number;
  row: number;
}

/** Where each branch begins [ticks], and its row: one that goes on from another's end stays in its row. */
function laid(nodes: Branch[]): Lane[] {
  const lanes: Lane[] = [];
  let rows = 0;
  nodes.forEach((node, number) => {
    const from = node.parent === null ? undefined : lanes[node.parent];
    const start = from ? from.start + node.left : 0;
    const goesOn = from !== undefined && node.left === nodes[node.parent!]!.ticks && !lanes.some((lane, i) => i < number && lane.parent === node.parent && lane.row === from.row);
    lanes.push({ ...node, start, row: from === undefined ? rows++ : goesOn ? from.row : rows++ });
  });
  return lanes;
}

export const Play = () => <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4.5 2.8v10.4L13 8z" fill="currentColor" /></svg>;
export const Pause = () => <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 3h3v10H4zm5 0h3v10H9z" fill="currentColor" /></svg>;

const TAKING: Record<string, string> = { "": "Play", walker: "Walk", hand: "Take the hand", pusher: "Take the pusher", free_camera: "Fly" };

/** Taking a body: a chip for each embodiment that keys can move. */
export function Bodies() {
  const actions = (store.welcome.value?.actions ?? []).filter((one) => meaning(one).length > 0);
  const driven = actions.find((one) => one.name === store.driving.value);
  if (!actions.length || store.welcome.value?.seat === "guest") return null;
  return (
    <div class="bodies">
      {actions.map((one) => (
        <button
          key={one.name}
          class="chip"
          aria-pressed={driven === one}
          onClick={(event) => {
            store.driving.value = driven === one ? null : one.name;
            event.currentTarget.blur();
          }}
        >
          {driven === one ? "Let go" : (TAKING[one.kind] ?? `Move the ${one.name}`)}
        </button>
      ))}
      {driven && (
        <p class="keys">
          {meaning(driven).map(([keys, what]) => (
            <span key={keys}>
              <kbd>{keys}</kbd> {what}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

/** What has been done and refused, for those who do not see the picture too. */
export function Log() {
  const last = store.log.value.slice(-3);
  return (
    <div class="log" role="log" aria-live="polite">
      {last.map((one) => (
        <p key={one.at + one.text} class={one.kind}>
          {one.text}
        </p>
      ))}
    </div>
  );
}
