// The clock and the branches.

import { useEffect, useRef, useState } from "preact/hooks";
import { Pause, Play } from "./icons";
import * as store from "./store";
import { seconds } from "./told";
import type { Branch, Line } from "./wire";

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
