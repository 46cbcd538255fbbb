// Numbers over the last seconds, as curves.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const SECONDS = 12;
const MOST_CURVES = 7;

/** A little more than from the least to the greatest; what does not change stays in the middle. */
function spread(low: number | null, high: number | null): [number, number] {
  const [from, to] = [low ?? 0, high ?? 0];
  const room = Math.max(0.08 * (to - from), 1e-3 * Math.max(Math.abs(from), Math.abs(to)), 1e-4);
  return [from - room, to + room];
}

export class Plot {
  private readonly plot: uPlot;
  private readonly watch: ResizeObserver;
  private readonly times: number[] = [];
  private readonly curves: number[][];

  constructor(on: HTMLElement, names: string[], unit: string) {
    const shown = names.slice(0, MOST_CURVES);
    this.curves = shown.map(() => []);
    const resolved = (name: string) => {
      const probe = document.createElement("i");
      probe.style.color = `var(${name})`;
      on.append(probe);
      const color = getComputedStyle(probe).color;
      probe.remove();
      return color;
    };
    const [soft, edge] = [resolved("--soft"), resolved("--edge")];
    const font = `11px ${getComputedStyle(on).fontFamily}`;
    const axis = { stroke: soft, font, grid: { stroke: edge, width: 1 }, ticks: { show: false } };
    this.plot = new uPlot(
      {
        width: Math.max(80, on.clientWidth),
        height: Math.max(60, on.clientHeight - (shown.length > 1 ? 22 : 0)),
        pxAlign: false,
        legend: { show: shown.length > 1, live: false },
        cursor: { drag: { setScale: false, x: false, y: false }, points: { size: 5 } },
        scales: { x: { time: false }, y: { range: (_, low, high) => spread(low, high) } },
        axes: [
          { ...axis, size: 22, space: 60, values: (_, ticks) => ticks.map((t) => `${t} s`) },
          { ...axis, size: 46, space: 28, values: (_, ticks) => ticks.map((v) => `${Number(v.toPrecision(3))}`), label: undefined },
        ],
        series: [{ label: "time" }, ...shown.map((name, i) => ({ label: name || unit || "value", stroke: resolved(`--c${i}`), width: 1.6, points: { show: false } }))],
      },
      [[], ...this.curves.map(() => [])] as uPlot.AlignedData,
      on,
    );
    this.watch = new ResizeObserver(() => this.plot.setSize({ width: Math.max(80, on.clientWidth), height: Math.max(60, on.clientHeight - (shown.length > 1 ? 22 : 0)) }));
    this.watch.observe(on);
  }

  /** The numbers of a moment; who goes back in time begins anew. */
  take(time_s: number, values: Float32Array): void {
    const last = this.times.at(-1);
    if (last !== undefined && time_s < last) {
      this.times.length = 0;
      for (const curve of this.curves) curve.length = 0;
    }
    if (time_s === last) return;
    this.times.push(time_s);
    this.curves.forEach((curve, i) => curve.push(Number.isFinite(values[i]) ? values[i]! : NaN));
    while (this.times.length > 1 && time_s - this.times[0]! > SECONDS) {
      this.times.shift();
      for (const curve of this.curves) curve.shift();
    }
    const gaps = this.curves.map((curve) => curve.map((v) => (Number.isNaN(v) ? null : v)));
    this.plot.setData([this.times, ...gaps] as uPlot.AlignedData);
  }

  dispose(): void {
    this.watch.disconnect();
    this.plot.destroy();
  }
}
