// The clock and the branches: what was done, where we are, where else one could go on. Every branch is a row, named by the sentence that made it.

import { useEffect, useRef, useState } from "preact/hooks";
import { Back, Fork, On, Pause, Play, Redo, Rewind, Undo, Versus } from "./icons";
import { called, endOf, stepOf, tips, wayTo } from "./lanes";
import type { Lane } from "./lanes";
import * as apart from "./apart";
import * as clock from "./clock";
import * as store from "./store";
import { seconds } from "./told";
import type { Line } from "./said";

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];
const LEAST_S = 5;
const REWIND_MS = 60;
const EDGE_PX = 10;

export function Time() {
  const line = store.line.value;
  if (!line) return null;
  return (
    <section class="time" aria-label="Time and branches">
      <Clock line={line} />
      <Branches line={line} />
    </section>
  );
}

function Clock({ line }: { line: Line }) {
  const owns = store.welcome.value?.seat === "owner";
  const [back, setBack] = useState(false);
  useEffect(() => {
    if (!back) return;
    const many = Math.max(1, Math.round((REWIND_MS * 1e-3 * (line.speed || 1)) / store.welcome.value!.tick_s));
    const timer = setInterval(() => (clock.aim() > 0 ? void clock.seek(Math.max(0, clock.aim() - many)) : setBack(false)), REWIND_MS);
    return () => clearInterval(timer);
  }, [back, line.speed]);
  useEffect(() => {
    if (line.playing) setBack(false);
  }, [line.playing]);
  const past = clock.now.value < clock.end.value;
  return (
    <div class="clock">
      <button class="tool only-wide" disabled={!owns} aria-label="Rewind" title="Rewind" aria-pressed={back} onClick={() => setBack(!back)}>
        <Rewind />
      </button>
      <button class="tool only-wide" disabled={!owns || clock.now.value === 0} aria-label="One tick back" title="One tick back ([)" onClick={() => void clock.seek(Math.max(0, clock.aim() - 1))}>
        <Back />
      </button>
      <button class="round" disabled={!owns} aria-label={line.playing ? "Pause" : "Play"} title={`${line.playing ? "Pause" : "Play"} (Space)`} onClick={clock.toggle}>
        {line.playing ? <Pause /> : <Play />}
      </button>
      <button class="tool" disabled={!owns} aria-label="One tick on" title="One tick on (])" onClick={clock.stepOn}>
        <On />
      </button>
      <output class="num now" aria-label="Time of the world">
        {seconds(store.time.value)}
      </output>
      <select aria-label="Speed" title="How fast time goes" disabled={!owns} value={String(line.speed)} onChange={(event) => void store.ask({ do: "play", speed: Number(event.currentTarget.value) })}>
        {[...new Set([...SPEEDS, line.speed])].sort((a, b) => a - b).map((speed) => (
          <option key={speed} value={String(speed)}>
            {speed} ×
          </option>
        ))}
      </select>
      <p class="said quiet">
        {past && owns && !line.playing && store.welcome.value!.actions.length > 0 ? <b>In the past: what you do now begins a branch. </b> : null}
        {called(line.nodes, line.node)}
        {!owns && " · guests look on"}
      </p>
      <button class="tool" disabled={!owns || !line.undo} aria-label="Undo" title="Undo (Ctrl Z)" onClick={() => void store.ask({ do: "undo" })}>
        <Undo />
      </button>
      <button class="tool" disabled={!owns || !line.redo} aria-label="Redo" title="Redo (Ctrl Shift Z)" onClick={() => void store.ask({ do: "redo" })}>
        <Redo />
      </button>
      {store.welcome.value?.editable && (
        <button class="bare" disabled={!owns} aria-label="Fork here" title="A branch from this moment (F)" onClick={clock.fork}>
          <Fork /> <span class="word">Fork here</span>
        </button>
      )}
      {line.nodes.length > 1 && (
        <button class="bare" aria-label="Compare" title="Branches side by side (C)" onClick={() => (store.comparing.value = true)}>
          <Versus /> <span class="word">Compare</span>
        </button>
      )}
    </div>
  );
}

function Branches({ line }: { line: Line }) {
  const lanes = clock.lanes.value;
  const tree = useRef<HTMLDivElement>(null);
  const rows = tips(lanes);
  const way = new Set(wayTo(line.nodes, clock.tip.value));
  const row = lanes[clock.tip.value]?.row ?? 0;
  useEffect(() => {
    const shown = tree.current?.querySelector("[aria-current]");
    shown?.scrollIntoView({ block: "nearest" });
  }, [row, rows.length]);
  return (
    <div ref={tree} class={store.panel.value === "time" ? "tree open" : "tree"}>
      <ol aria-label="Branches">
        {rows.map((one) => (
          <li key={one.row} aria-current={one.row === row ? "true" : undefined}>
            <button title={`${one.said}: to its end`} onClick={() => clock.go(one.node)}>
              <i class="dot" />
              <span>{one.said}</span>
            </button>
            {one.row !== row && (
              <button class="tool" aria-label={`Compare with: ${one.said}`} title="Compare with where we are" onClick={() => apart.compareWith(one.node)}>
                <Versus />
              </button>
            )}
          </li>
        ))}
      </ol>
      <Lanes line={line} lanes={lanes} way={way} rows={rows.length} />
    </div>
  );
}

function Lanes({ line, lanes, way, rows }: { line: Line; lanes: Lane[]; way: Set<number>; rows: number }) {
  const picture = useRef<SVGSVGElement>(null);
  const [wide, setWide] = useState(600);
  const [rem, setRem] = useState(14);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      if (!entry) return;
      setWide(Math.max(120, entry.contentRect.width));
      setRem(parseFloat(getComputedStyle(document.documentElement).fontSize));
    });
    if (picture.current) watch.observe(picture.current);
    return () => watch.disconnect();
  }, []);
  const tickS = store.welcome.value!.tick_s;
  const most = rounded(Math.max(...lanes.map((_, i) => endOf(lanes, i))) * tickS) / tickS;
  const [top, high] = [1.3 * rem, 1.55 * rem];
  const height = high * rows + 4;
  const x = (tick: number) => EDGE_PX + ((wide - 2 * EDGE_PX) * tick) / most;
  const y = (row: number) => high * (row + 0.5);
  const step = stepOf(most * tickS, wide, 6.5 * rem);
  const times = Array.from({ length: Math.floor((most * tickS) / step) + 1 }, (_, i) => i * step);
  const owns = store.welcome.value?.seat === "owner";

  const scrub = (event: PointerEvent) => {
    if (!owns || (event.type === "pointermove" && !event.buttons)) return;
    const box = picture.current!.getBoundingClientRect();
    const tick = (most * (event.clientX - box.left - EDGE_PX)) / (box.width - 2 * EDGE_PX);
    if (event.type === "pointerdown") (event.currentTarget as SVGElement).setPointerCapture(event.pointerId);
    void clock.seek(Math.min(Math.max(0, tick), clock.end.value));
  };
  const key = (event: KeyboardEvent) => {
    const far = event.shiftKey ? 25 : 1;
    const to = { ArrowRight: clock.aim() + far, ArrowLeft: clock.aim() - far, Home: 0, End: clock.end.value }[event.key];
    if (to === undefined || !owns) return;
    event.preventDefault();
    event.stopPropagation();
    void clock.seek(Math.min(Math.max(0, to), clock.end.value));
  };
  const press = (act: () => void) => (event: PointerEvent) => {
    event.stopPropagation();
    if (owns) act();
  };

  return (
    <div class="lanes-box">
      <svg class="axis" viewBox={`0 0 ${wide} ${top}`} style={{ height: `${top}px` }} aria-hidden="true" onPointerDown={scrub} onPointerMove={scrub}>
        {times.map((time) => (
          <text key={time} x={x(time / tickS)} y={top - 6} text-anchor={!time ? "start" : x(time / tickS) > wide - 24 ? "end" : "middle"}>
            {Number(time.toPrecision(4))} s
          </text>
        ))}
        <path class="needle" d={`M${x(clock.now.value)} ${top}v-2m-4.5 -6h9l-4.5 6z`} />
      </svg>
      <svg
        ref={picture}
        class="lanes"
        viewBox={`0 0 ${wide} ${height}`}
        style={{ height: `${height}px` }}
        onPointerDown={scrub}
        onPointerMove={scrub}
        onKeyDown={key}
        role="slider"
        aria-label="Tick of this branch"
        aria-valuemin={0}
        aria-valuemax={clock.end.value}
        aria-valuenow={clock.now.value}
        aria-valuetext={`${seconds(store.time.value)} of ${called(line.nodes, line.node)}`}
        {...{ tabindex: 0 /* in SVG the name is told by its case */ }}
      >
      {times.map((time) => (
        <path key={time} class="tickline" d={`M${x(time / tickS)} 0V${height}`} />
      ))}
      {lanes.map((lane, number) => {
        const from = lane.parent === null ? null : lanes[lane.parent]!;
        const end = Math.max(x(lane.start + lane.ticks), x(lane.start) + 2);
        const onWay = way.has(number);
        const leaves = onWay ? Math.max(x(lane.start), leftAt(lanes, way, number, x)) : x(lane.start);
        const lived = Math.min(Math.max(x(clock.now.value), x(lane.start)), leaves);
        return (
          <g key={number} class={onWay ? "lane on-way" : "lane"}>
            {from && from.row !== lane.row && <path d={curve(x(lane.start), y(from.row), y(lane.row))} />}
            {leaves < end && <path class="left" d={`M${leaves} ${y(lane.row)}H${end}`} />}
            {lived < leaves && <path class="ahead" d={`M${lived} ${y(lane.row)}H${leaves}`} />}
            {onWay && <path d={`M${x(lane.start)} ${y(lane.row)}H${lived}`} />}
          </g>
        );
      })}
      {lanes.map((lane, number) => (
        <g key={number} class={way.has(number) ? "lane on-way" : "lane"}>
          <circle cx={x(lane.start)} cy={y(lane.row)} r={0.32 * rem} onPointerDown={press(() => void clock.seek(lane.start, number))}>
            <title>{`${called(line.nodes, number)}, ${seconds(lane.start * tickS)}`}</title>
          </circle>
          <text class="pin" x={x(lane.start) + 0.6 * rem} y={y(lane.row) + 0.28 * rem}>
            {pinned(lanes, number, (tick) => x(tick), wide, rem)}
          </text>
        </g>
      ))}
      {line.marks.map(([name, node, tick]) => {
        const lane = lanes[node];
        if (!lane) return null;
        return (
          <path key={name} class="flag" d={`M${x(lane.start + tick)} ${y(lane.row)}v${-0.8 * rem}l7 3.5l-7 3.5`} onPointerDown={press(() => void clock.seek(lane.start + tick, node))}>
            <title>{name}</title>
          </path>
        );
      })}
      <Beats x={x} y={y(lanes[clock.tip.value]?.row ?? 0)} tall={0.34 * rem} most={most} />
      <path class="needle" d={`M${x(clock.now.value)} ${height}V0`} />
      </svg>
    </div>
  );
}

/** What is said of a node on its lane, as far as there is room; the last of a row is named beside the lanes. */
function pinned(lanes: Lane[], number: number, x: (tick: number) => number, wide: number, rem: number): string {
  const lane = lanes[number]!;
  const later = lanes.filter((one, i) => one.row === lane.row && i > number).map((one) => x(one.start));
  if (!later.length || !lane.said) return "";
  const letters = Math.floor((Math.min(...later, wide) - x(lane.start) - 1.4 * rem) / (0.42 * rem));
  return letters < 8 ? "" : lane.said.length <= letters ? lane.said : `${lane.said.slice(0, letters - 1)}…`;
}

/** The next of 5, 10, 15, 20, 30, 45, 60 … seconds: an axis that does not shrink with every tick. */
function rounded(seconds: number): number {
  for (let unit = 5; ; unit *= unit === 5 ? 12 : 10) {
    const found = [1, 2, 3, 4, 6, 9, 12].find((n) => n * unit >= seconds * 1.03);
    if (found) return Math.max(LEAST_S, found * unit);
  }
}

/** What happened by itself on this branch, and what is to come. */
function Beats({ x, y, tall, most }: { x: (tick: number) => number; y: number; tall: number; most: number }) {
  const happenings = store.happenings.value;
  if (!happenings) return null;
  const beat = (tick: number) => `M${x(tick)} ${y - tall}l${tall} ${tall}l${-tall} ${tall}l${-tall} ${-tall}z`;
  return (
    <>
      {happenings.due.map(
        (one) =>
          one.tick !== null &&
          one.tick <= most && (
            <path key={one.event} class="beat coming" d={beat(one.tick)}>
              <title>{`${one.told}, to come`}</title>
            </path>
          ),
      )}
      {happenings.happened.map((one) => (
        <path
          key={`${one.event}${one.tick}`}
          class="beat"
          d={beat(one.tick)}
          onPointerDown={(event) => {
            event.stopPropagation();
            void clock.seek(one.tick);
          }}
        >
          <title>{one.told || one.event}</title>
        </path>
      ))}
    </>
  );
}

/** Where the way leaves a lane: at now, or where the next node of the way begins. */
function leftAt(lanes: Lane[], way: Set<number>, number: number, x: (tick: number) => number): number {
  const next = lanes.findIndex((lane, i) => lane.parent === number && way.has(i));
  return next < 0 ? x(endOf(lanes, number)) : x(lanes[next]!.start);
}

function curve(x: number, from: number, to: number): string {
  const bend = 5;
  return `M${x - bend} ${from}Q${x} ${from} ${x} ${from + bend}V${to - 1}`;
}
