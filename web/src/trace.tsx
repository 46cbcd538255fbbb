// A stream's numbers over an episode: a curve for each, thinned by the server so that no peak is lost.

import { useSignalEffect } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { get } from "./api";
import { brief } from "./told";

const COLORS = 7;
const HIGH = 132;

interface Curve {
  times_s: number[];
  lines: (number | null)[][];
  names: string[];
  unit: string;
  more: number;
}

export type Span = { from: number; to: number };

export function Trace({ base, name, meaning, time, span, onLook, onClose }: { base: string; name: string; meaning: string; time: Signal<number>; span: Signal<Span>; onLook: (time: number) => void; onClose: () => void }) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [curve, setCurve] = useState<Curve | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);

  useSignalEffect(() => {
    const { from, to } = span.value;
    const points = Math.round(1.5 * (holder.current?.clientWidth ?? 800));
    get<Curve>(`${base}/curve/${name}?from_s=${from}&to_s=${to}&points=${points}`).then(setCurve, (error: Error) => setTrouble(error.message));
  });
  useSignalEffect(() => {
    void time.value;
    plot.current?.redraw(false, false);
  });

  useEffect(() => {
    const on = holder.current;
    if (!on || !curve) return;
    const ink = (word: string) => {
      on.style.color = `var(${word})`;
      const said = getComputedStyle(on).color;
      on.style.color = "";
      return said;
    };
    const [soft, edge, needle] = [ink("--soft"), ink("--edge"), ink("--ink")];
    const font = `11px ${getComputedStyle(on).fontFamily}`;
    const axis = { stroke: soft, font, grid: { stroke: edge, width: 1 }, ticks: { show: false } };
    const made = new uPlot(
      {
        width: on.clientWidth,
        height: HIGH,
        pxAlign: false,
        legend: { show: false },
        cursor: { points: { size: 5 }, drag: { x: true, y: false, setScale: false } },
        select: { show: true, left: 0, top: 0, width: 0, height: 0 },
        scales: { x: { time: false, range: () => [span.value.from, span.value.to] } },
        axes: [
          { ...axis, size: 20, space: 70, values: (_, ticks) => ticks.map((t) => `${brief(t)} s`) },
          { ...axis, size: 52, space: 26, values: (_, ticks) => ticks.map((v) => brief(v)) },
        ],
        series: [{ label: "time" }, ...curve.names.map((label, i) => ({ label, stroke: ink(`--c${i % COLORS}`), width: 1.5, points: { show: false } }))],
        hooks: {
          draw: [
            (u) => {
              const x = Math.round(u.valToPos(time.value, "x", true));
              u.ctx.fillStyle = needle;
              if (x >= u.bbox.left && x <= u.bbox.left + u.bbox.width) u.ctx.fillRect(x, u.bbox.top, Math.max(1, devicePixelRatio), u.bbox.height);
            },
          ],
          setSelect: [
            (u) => {
              const { left, width } = u.select;
              if (width > 8) span.value = { from: u.posToVal(left, "x"), to: u.posToVal(left + width, "x") };
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      [curve.times_s, ...curve.lines] as uPlot.AlignedData,
      on,
    );
    const click = (event: MouseEvent) => {
      const box = made.over.getBoundingClientRect();
      if (event.detail === 2) return;
      onLook(made.posToVal(event.clientX - box.left, "x"));
    };
    made.over.addEventListener("click", click);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: on.clientWidth, height: HIGH }));
    watch.observe(on);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [curve]);

  return (
    <figure class="trace">
      <figcaption title={meaning}>
        <b>{name.replaceAll("_", " ").replace("@", " · ")}</b>
        {curve?.unit && curve.unit.length < 12 && <span class="quiet">{curve.unit}</span>}
        <span class="names">
          {curve?.names.map((one, i) => (
            <span key={one} class={`c${i % COLORS}`}>
              <i class="dot" />
              {one}
            </span>
          ))}
          {(curve?.more ?? 0) > 0 && <span class="quiet">and {curve!.more} more, that change less</span>}
        </span>
        <button class="bare" aria-label={`Hide ${name}`} onClick={onClose}>
          ×
        </button>
      </figcaption>
      {trouble && <p class="warn">{trouble}</p>}
      <div ref={holder} class="plot" role="img" aria-label={`${name} over time${curve ? `: ${curve.names.join(", ")}` : ""}`} />
    </figure>
  );
}
