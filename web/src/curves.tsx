// How far everything is on one branch from where it is on another, over time.

import { useEffect, useRef, useState } from "preact/hooks";
import { length } from "./otherwise";
import * as store from "./store";
import type { Against, Compared, Moved } from "./said";

const COLORS = 7;
const LEFT = 54;
const FOOT = 22;
const HIGH = 190;

interface Apart {
  found: Compared;
  other: Against;
  /** How many ticks both of them have been lived. */
  lived: number;
  tickS: number;
  tick: number;
  onLook: (tick: number) => void;
}

export function Curves({ found, other, lived, tickS, tick, onLook }: Apart) {
  const [wide, setWide] = useState(560);
  const picture = useRef<SVGSVGElement>(null);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWide(Math.max(220, entry.contentRect.width)));
    if (picture.current) watch.observe(picture.current);
    return () => watch.disconnect();
  }, []);
  if (!other.moved.length) return <p class="nothing">What both have stays where it is: nothing parts by more than a millimetre or a degree.</p>;
  const seconds = found.ticks * tickS;
  const top = rounded(Math.max(...other.moved.map((one) => one.most_m), 1e-3));
  const x = (time: number) => LEFT + ((wide - LEFT - 6) * time) / seconds;
  const y = (metres: number) => HIGH - FOOT - ((HIGH - FOOT - 10) * metres) / top;
  const step = rounded((seconds * 80) / (wide - LEFT));
  const times = Array.from({ length: Math.floor(seconds / step + 1e-6) + 1 }, (_, i) => i * step);
  const rest = lived * tickS;
  const picked = other.moved.find((one) => one.thing === store.selected.value)?.thing; // something else than these is none of them
  const at = (event: PointerEvent) => {
    if (event.type === "pointermove" && !event.buttons) return;
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    onLook(Math.round(((event.clientX - box.left - LEFT) / (wide - LEFT - 6)) * found.ticks));
  };
  return (
    <figure class="curves" tabIndex={0} role="group" aria-label="How far apart">
      <h3>How far apart</h3>
      <svg ref={picture} viewBox={`0 0 ${wide} ${HIGH}`} style={{ height: `${HIGH}px` }} onPointerDown={at} onPointerMove={at} role="img" aria-label={told(other)}>
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <path class="grid" d={`M${LEFT} ${y(share * top)}H${wide - 6}`} />
            <text x={LEFT - 8} y={y(share * top) + 4} text-anchor="end">
              {share ? length(share * top) : "0"}
            </text>
          </g>
        ))}
        {times.map((time) => (
          <text key={time} x={x(time)} y={HIGH - 5} text-anchor={time ? "middle" : "start"}>
            {Number(time.toPrecision(3))} s
          </text>
        ))}
        {rest < seconds && <rect class="rest" x={x(rest)} y="4" width={x(seconds) - x(rest)} height={HIGH - FOOT - 4} />}
        {[...other.moved].reverse().map((one) => (
          <path
            key={one.thing}
            class={`curve c${other.moved.indexOf(one) % COLORS}${picked && picked !== one.thing ? " dim" : ""}`}
            d={path(one, other.times_s, x, y)}
          />
        ))}
        <path class="needle" d={`M${x(tick * tickS)} 4V${HIGH - FOOT}`} />
      </svg>
      {rest < seconds && <figcaption class="quiet">Shaded: one of them has not been lived so far, and rests.</figcaption>}
      <table>
        <thead>
          <tr>
            <th scope="col">thing</th>
            <th scope="col">elsewhere since</th>
            <th scope="col">farthest</th>
            <th scope="col">in the end</th>
          </tr>
        </thead>
        <tbody>
          {other.moved.map((one, i) => (
            <tr key={one.thing} aria-selected={store.selected.value === one.thing}>
              <th scope="row">
                <button onClick={() => (store.selected.value = store.selected.value === one.thing ? null : one.thing)}>
                  <i class={`dot c${i % COLORS}`} />
                  {one.thing.replaceAll("_", " ")}
                </button>
              </th>
              <td>{one.since_s.toFixed(2)} s</td>
              <td>
                {length(one.most_m)} <small>at {one.most_at_s.toFixed(2)} s</small>
              </td>
              <td>
                {one.in_the_end_m === null ? "–" : length(one.in_the_end_m)}
                {one.in_the_end_rad !== null && one.in_the_end_rad > 0.0175 && <small> turned {Math.round((180 * one.in_the_end_rad) / Math.PI)}°</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {other.more > 0 && <p class="quiet">and {other.more} more</p>}
    </figure>
  );
}

function told(other: Against): string {
  const [first] = other.moved;
  return first ? `Over ${other.moved.length} things, ${first.thing} parts farthest: ${length(first.most_m)}.` : "";
}

function path(one: Moved, times: number[], x: (time: number) => number, y: (metres: number) => number): string {
  let said = "";
  let pen = "M";
  one.apart_m.forEach((metres, i) => {
    if (metres === null) {
      pen = "M";
      return;
    }
    said += `${pen}${x(times[i]!).toFixed(1)} ${y(metres).toFixed(1)}`;
    pen = "L";
  });
  return said;
}

/** The next of 1, 1.5, 2, 3, 4, 5, 6, 8, 10 … */
function rounded(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 1.5, 2, 3, 4, 5, 6, 8].find((n) => n * power >= value * (1 - 1e-9)) ?? 10);
}
