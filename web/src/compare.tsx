// Two branches side by side: both worlds on one clock, how far apart everything is, and in words what is otherwise.

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { Curves } from "./curves";
import { Pause, Play } from "./icons";
import * as store from "./store";
import { Viewport } from "./viewport";
import type { Compared, Line, State } from "./wire";

const tick = signal(0);
const shown: ((state: State) => void)[] = [];

/** Where everything is on one of the branches (1 or 2). */
export function side(state: State): void {
  shown[state.stream]?.(state);
}

/** What a branch is called. */
export function called(line: Line, node: number): string {
  const said = line.nodes[node]?.said;
  return `${node + 1} · ${said || "gone on otherwise"}`;
}

/** The branch that is now, and the one that is most likely meant to be held against it. */
export function likely(line: Line): [number, number] {
  const path = new Set<number>();
  for (let at: number | null = line.node; at !== null; at = line.nodes[at]!.parent) path.add(at);
  const others = line.nodes.map((_, number) => number).filter((number) => !path.has(number));
  return [others.at(-1) ?? line.nodes[line.node]!.parent ?? 0, line.node];
}

async function compare(a: number, b: number): Promise<void> {
  const answer = await store.compare(a, b);
  if (answer) look(Math.round(answer.ticks / 2));
}

function look(at: number): void {
  const most = store.compared.value?.ticks ?? 0;
  tick.value = Math.min(Math.max(0, at), most);
  store.look(tick.value);
}

export function Compare() {
  const line = store.line.value!;
  const [pair, setPair] = useState(() => store.pair.value ?? likely(line));
  const found = store.compared.value;
  useEffect(() => {
    void store.ask({ do: "pause" });
    void compare(...pair);
  }, [pair[0], pair[1]]);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    store.driving.value = null;
    section.current?.focus();
    const leave = (event: KeyboardEvent) => event.key === "Escape" && (store.comparing.value = false);
    addEventListener("keydown", leave);
    return () => {
      removeEventListener("keydown", leave);
      store.compared.value = store.pair.value = null;
    };
  }, []);
  return (
    <section ref={section} tabIndex={-1} class="compare" role="dialog" aria-label="Two branches compared">
      <header>
        <h2>Compare</h2>
        <Choice letter="A" line={line} value={pair[0]} other={pair[1]} onChange={(node) => setPair([node, pair[1]])} />
        <button class="bare" aria-label="The other way round" onClick={() => setPair([pair[1], pair[0]])}>
          ⇄
        </button>
        <Choice letter="B" line={line} value={pair[1]} other={pair[0]} onChange={(node) => setPair([pair[0], node])} />
        <button class="chip close" onClick={() => (store.comparing.value = false)}>
          Back to the world
        </button>
      </header>
      {found ? <Both found={found} /> : <Waiting />}
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
      <span>Both are gone through again…</span>
      <progress max={1} value={share ?? 0} />
    </p>
  );
}

function Choice({ letter, line, value, other, onChange }: { letter: "A" | "B"; line: Line; value: number; other: number; onChange: (node: number) => void }) {
  return (
    <label class={`choice of-${letter}`}>
      <b>{letter}</b>
      <select aria-label={`Branch ${letter}`} value={String(value)} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {line.nodes.map((_, number) => (
          <option key={number} value={String(number)} disabled={number === other}>
            {called(line, number)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Both({ found }: { found: Compared }) {
  const tickS = store.welcome.value!.tick_s;
  const first = useRef<HTMLCanvasElement>(null);
  const second = useRef<HTMLCanvasElement>(null);
  const [playing, setPlaying] = useState(false);

  useEffect(() => {
    if (!store.drawsItself.value) return;
    const views = [first, second].map((canvas) => new Viewport(canvas.current!, (state) => store.drawn(state), false));
    const known = views.map(() => new Set<number>());
    views.forEach((view, i) => {
      view.onLook = () => views[1 - i]!.lookLike(view);
      shown[i + 1] = (state) => {
        if (!known[i]!.has(state.portrait)) {
          known[i]!.add(state.portrait);
          void view.scenery(state.portrait, store.sceneries.get(state.portrait)!);
        }
        view.state(state);
      };
    });
    look(tick.value);
    return () => {
      shown.length = 0;
      for (const view of views) view.dispose();
    };
  }, []);

  useEffect(() => {
    if (!playing) return;
    const begin = performance.now() - 1000 * tickS * (tick.value >= found.ticks ? 0 : tick.value);
    let frame = requestAnimationFrame(function on() {
      const at = Math.floor((performance.now() - begin) / (1000 * tickS));
      if (at !== tick.value) look(at);
      if (at >= found.ticks) setPlaying(false);
      else frame = requestAnimationFrame(on);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, found]);

  const origin = store.welcome.value!.origin;
  return (
    <>
      {!store.drawsItself.value && <p class="quiet">This browser draws no pictures of its own (no WebGL2): the numbers stand below.</p>}
      <div class="views-of-two" hidden={!store.drawsItself.value}>
        {([["A", first], ["B", second]] as const).map(([letter, canvas], i) => (
          <figure key={letter} class={`of-${letter}`}>
            <canvas ref={canvas} tabIndex={0} aria-label={`Branch ${letter}: ${found.said[i]}`} />
            <div class={`frame ${origin}`} aria-hidden="true" />
            <figcaption>
              <b>{letter}</b> <span>{found.said[i]}</span>
              {tick.value > found.lived[i]! && <small>at rest</small>}
            </figcaption>
          </figure>
        ))}
      </div>
      <div class="scrub">
        <button class="round" aria-label={playing ? "Pause both" : "Play both"} onClick={() => setPlaying(!playing)}>
          {playing ? <Pause /> : <Play />}
        </button>
        <input
          type="range"
          aria-label="Ticks since they part"
          min={0}
          max={found.ticks}
          value={tick.value}
          onInput={(event) => {
            setPlaying(false);
            look(Number(event.currentTarget.value));
          }}
        />
        <output class="mono">+{(tick.value * tickS).toFixed(2)} s</output>
      </div>
      <div class="findings">
        {found.nothing ? (
          <p class="nothing">Nothing is otherwise: as far as both go, they are the same.</p>
        ) : (
          <>
            <Curves found={found} tickS={tickS} tick={tick.value} onLook={look} />
            <Words found={found} />
          </>
        )}
      </div>
    </>
  );
}

const plain = (name: string) => name.replaceAll("_", " ");
const after = (time: number) => `${time.toFixed(2)} s`;

/** A length in three digits, in the unit that suits it. */
export function length(metres: number): string {
  if (metres >= 0.995) return `${metres.toFixed(2)} m`;
  return metres >= 0.00995 ? `${(100 * metres).toFixed(1)} cm` : `${(1000 * metres).toFixed(1)} mm`;
}

function Words({ found }: { found: Compared }) {
  const touch = found.first_touch;
  const came = (one: { came: boolean; time_s: number | null } | null) =>
    one === null ? "not there" : one.came ? `yes${one.time_s === null ? "" : `, ${after(one.time_s)}`}` : "no";
  const sides = ["base", "branch"] as const;
  return (
    <div class="words" role="region" aria-label="What is otherwise" tabIndex={0}>
      <p class="quiet">
        They part at {after(found.tick * store.welcome.value!.tick_s)}
        {found.node_said && <> of “{found.node_said}”</>}; times count from there.
      </p>
      {(found.came.length > 0 || found.gone.length > 0) && (
        <p>
          {found.came.length > 0 && <>Only in <b class="b">B</b>: {found.came.map(plain).join(", ")}. </>}
          {found.gone.length > 0 && <>Only in <b class="a">A</b>: {found.gone.map(plain).join(", ")}.</>}
        </p>
      )}
      {touch && (
        <p>
          First contact that differs: {plain(touch.a)} touches {plain(touch.b)}, only in <b class={touch.side === "base" ? "a" : "b"}>{touch.side === "base" ? "A" : "B"}</b>,
          after {after(touch.time_s)} ({touch.force_n.toFixed(1)} N).
        </p>
      )}
      {found.outcomes.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">outcome</th>
              <th scope="col">
                <b class="a">A</b>
              </th>
              <th scope="col">
                <b class="b">B</b>
              </th>
            </tr>
          </thead>
          <tbody>
            {found.outcomes.map((one) => (
              <tr key={one.outcome}>
                <th scope="row">{plain(one.outcome)}</th>
                <td>{came(one.base)}</td>
                <td>{came(one.branch)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div class="two">
        {sides.map((which, i) => {
          const so = found.relations.filter((one) => one.side === which);
          const happened = found.events.filter((one) => one.side === which);
          return (
            <section key={which}>
              <h3>
                Only in <b class={i ? "b" : "a"}>{i ? "B" : "A"}</b>
              </h3>
              {happened.length > 0 && (
                <ul>
                  {happened.slice(0, 12).map((one) => (
                    <li key={`${one.time_s}${one.told}`}>
                      <span class="mono">{after(one.time_s)}</span> {plain(one.told)}
                      {one.times > 1 && `, ${one.times} times`}
                    </li>
                  ))}
                  {happened.length > 12 && <li class="quiet">and {happened.length - 12} more</li>}
                </ul>
              )}
              {so.length > 0 && (
                <>
                  <p class="quiet">in the end</p>
                  <ul>
                    {so.slice(0, 12).map((one) => (
                      <li key={one.told}>{plain(one.told)}</li>
                    ))}
                  </ul>
                </>
              )}
              {!happened.length && !so.length && <p class="quiet">nothing</p>}
            </section>
          );
        })}
      </div>
    </div>
  );
}
