// An episode's time from end to end: where one is, what happened when, which piece would be cut out.

import type { Signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Mark } from "./episode";
import { seconds } from "./told";
import type { Span } from "./trace";

const HIGH = 42;
const SIDE = 8;

export function Ruler({ time, piece, duration, marks, onLook }: { time: Signal<number>; piece: Signal<Span>; duration: number; marks: Mark[]; onLook: (time: number) => void }) {
  const picture = useRef<SVGSVGElement>(null);
  const [wide, setWide] = useState(600);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWide(Math.max(120, entry.contentRect.width)));
    watch.observe(picture.current!);
    return () => watch.disconnect();
  }, []);
  const x = (at: number) => SIDE + ((wide - 2 * SIDE) * at) / duration;
  const at = (event: PointerEvent) => {
    if (event.type === "pointermove" && !event.buttons) return;
    const box = picture.current!.getBoundingClientRect();
    onLook((duration * (event.clientX - box.left - SIDE)) / (wide - 2 * SIDE));
  };
  const step = rounded((duration * 90) / wide);
  const ticks = Array.from({ length: Math.floor(duration / step + 1e-6) + 1 }, (_, i) => i * step);
  const { from, to } = piece.value;
  return (
    <svg
      ref={picture}
      class="ruler"
      viewBox={`0 0 ${wide} ${HIGH}`}
      height={HIGH}
      role="slider"
      tabindex={0}
      aria-label="Time in the episode"
      aria-valuemin={0}
      aria-valuemax={Number(duration.toFixed(2))}
      aria-valuenow={Number(time.value.toFixed(2))}
      aria-valuetext={seconds(time.value)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        at(event);
      }}
      onPointerMove={at}
      onKeyDown={(event) => {
        const by = { ArrowRight: 0.04, ArrowLeft: -0.04, PageUp: 1, PageDown: -1, Home: -duration, End: duration }[event.key];
        if (by === undefined) return;
        onLook(time.value + by * (event.shiftKey ? 10 : 1));
        event.preventDefault();
      }}
    >
      {ticks.map((tick) => (
        <g key={tick}>
          <path class="tick" d={`M${x(tick)} 20V${HIGH - 8}`} />
          <text x={x(tick)} y={13} text-anchor={tick === 0 ? "start" : x(tick) > wide - 30 ? "end" : "middle"}>
            {Number(tick.toPrecision(4))} s
          </text>
        </g>
      ))}
      <path class="line" d={`M${x(0)} 27H${x(duration)}`} />
      <path class="piece" d={`M${x(from)} 27H${x(to)}`} />
      {(from > 0 || to < duration) && <path class="ends" d={`M${x(from) + 4} 19h-4v16h4M${x(to) - 4} 19h4v16h-4`} />}
      {marks.map((mark, i) => (
        <path key={i} class={`mark ${mark.kind}`} d={`M${x(mark.time_s)} 22v10`}>
          <title>{`${mark.time_s.toFixed(2)} s: ${mark.told}`}</title>
        </path>
      ))}
      <path class="now" d={`M${x(time.value)} 16V${HIGH - 3}`} />
    </svg>
  );
}

/** The next of 1, 2, 5, 10 … times a power of ten. */
function rounded(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((n) => n * power >= value * (1 - 1e-9)) ?? 10);
}
