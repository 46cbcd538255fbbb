// Signals beside the picture: any number of panes, each with its stream, its unit, what its colours mean and where it comes from.

import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { Close, Mute, Sound } from "./icons";
import { Badge } from "./origin";
import { Plot } from "./plot";
import { streamName, toggle } from "./signals";
import { Speaker } from "./sound";
import { Easel } from "./easel";
import { probe, watch } from "./watch";
import * as store from "./store";
import { brief, plain } from "./told";
import type { Key, Pane, Sent } from "./said";

const PROBE_MS = 120;
/** What is longer than that is a sentence about units, and stands in the title. */
const LONGEST_UNIT = 8;

const listeners = new Map<number, (sent: Sent) => void>();
/** Of each pane what came last: it may come before the pane stands, and while time stands nothing comes again. */
const last = new Map<number, Sent>();

/** What came for a pane. */
export function show(sent: Sent): void {
  last.set(sent.pane, sent);
  listeners.get(sent.pane)?.(sent);
}

/** What is said of some panes anew; the others stay as they are. */
export function said(news: Pane[]): void {
  store.panes.value = store.panes.value.map((one) => news.find((other) => other.stream === one.stream) ?? one);
}

/** Watch what is to be watched, also after the line was lost. */
export function watching(): void {
  let asked = "";
  effect(() => {
    const streams = store.watched.value;
    if (!store.connected.value) asked = "";
    else if (streams.join() !== asked) {
      asked = streams.join();
      void watch(streams);
    }
  });
}

export function Panes() {
  if (!store.watched.value.length) return null;
  return (
    <section class="panes" aria-label="Signals">
      {store.panes.value
        .filter((pane) => store.watched.value.includes(pane.stream))
        .map((pane) => (
          <One key={pane.stream} pane={pane} />
        ))}
    </section>
  );
}

function One({ pane }: { pane: Pane }) {
  const [signal, of] = streamName(pane.stream);
  const [probed, setProbed] = useState<string | null>(null);
  const [speaker] = useState(() => (pane.stream.startsWith("audio") ? new Speaker() : null));
  const [loud, setLoud] = useState(false);
  useEffect(() => () => speaker?.stop(), []);
  return (
    <article class="pane" aria-label={pane.stream}>
      <header>
        <b title={`${pane.stream} [${pane.unit ?? ""}]: ${pane.meaning ?? ""}`}>{signal}</b>
        {of && <small>{of}</small>}
        {pane.unit && pane.unit !== "1" && pane.unit.length <= LONGEST_UNIT && <small class="mono">{pane.unit}</small>}
        {speaker && (
          <button
            class="tool"
            aria-label={loud ? "Mute" : "Listen"}
            aria-pressed={loud}
            onClick={() => {
              speaker.loud(!loud);
              setLoud(!loud);
            }}
          >
            {loud ? <Sound /> : <Mute />}
          </button>
        )}
        <button class="tool" aria-label={`Close ${pane.stream}`} onClick={() => toggle(pane.stream)}>
          <Close />
        </button>
      </header>
      <figure>
        {pane.shows === undefined && <p class="quiet">waiting…</p>}
        {pane.shows === "picture" && <Picture pane={pane} onProbe={setProbed} />}
        {pane.shows === "sound" && <Wave pane={pane} speaker={speaker} />}
        {pane.shows === "numbers" && <Numbers pane={pane} />}
        {(pane.shows === "table" || pane.shows === "text") && <Lines pane={pane} />}
      </figure>
      <footer>
        {pane.origin && <Badge origin={pane.origin} />}
        {probed ? <span class="num">{probed}</span> : pane.key && <Legend of={pane.key} />}
      </footer>
    </article>
  );
}

function useSent(pane: Pane, take: (sent: Sent) => void): void {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    listeners.set(pane.pane, (sent) => latest.current(sent));
    const waiting = last.get(pane.pane);
    if (waiting) latest.current(waiting);
    return () => {
      listeners.delete(pane.pane);
      last.delete(pane.pane);
    };
  }, [pane.pane]);
}

function Picture({ pane, onProbe }: { pane: Pane; onProbe: (said: string | null) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const asked = useRef(0);
  const easel = useRef<Easel | null>(null);
  useEffect(() => () => easel.current?.dispose(), []);
  useSent(pane, async (sent) => {
    const picture = await createImageBitmap(new Blob([sent.data]));
    if (!canvas.current) return picture.close();
    easel.current ??= new Easel(canvas.current);
    easel.current.resize(picture.width, picture.height);
    easel.current.show(picture);
  });
  async function ask(event: PointerEvent) {
    if (performance.now() - asked.current < PROBE_MS) return;
    asked.current = performance.now();
    const on = canvas.current!;
    const times = Math.min(on.clientWidth / on.width, on.clientHeight / on.height);
    const x = Math.floor((event.offsetX - (on.clientWidth - on.width * times) / 2) / times);
    const y = Math.floor((event.offsetY - (on.clientHeight - on.height * times) / 2) / times);
    if (x >= 0 && y >= 0 && x < on.width && y < on.height) onProbe(await probe(pane.stream, x, y));
  }
  return <canvas ref={canvas} width={pane.width} height={pane.height} role="img" aria-label={pane.meaning} onPointerMove={ask} onPointerDown={ask} onPointerLeave={() => onProbe(null)} />;
}

function Legend({ of }: { of: Key }) {
  switch (of.sort) {
    case "bar":
      return (
        <>
          <span class="num">{brief(of.low)}</span>
          <span class="bar-of" style={{ background: `linear-gradient(90deg, ${of.stops.join(", ")})` }} />
          <span class="num">
            {brief(of.high)} {of.unit === "1" ? "" : of.unit}
          </span>
        </>
      );
    case "wheel":
      return (
        <>
          <span class="wheel" style={{ background: `conic-gradient(from 90deg, ${[...of.around, of.around[0]].reverse().join(", ")})` }} />
          <span class="num">
            full colour: {brief(of.full)} {of.unit}
          </span>
        </>
      );
    case "names":
      return (
        <span class="names">
          {of.names.map(([name, color]) => (
            <span key={name}>
              <i class="dot" style={{ background: color }} />
              {plain(name)}
            </span>
          ))}
        </span>
      );
    default:
      return <span>{of.said}</span>;
  }
}

function Wave({ pane, speaker }: { pane: Pane; speaker: Speaker | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSent(pane, (sent) => speaker?.take(new Int16Array(sent.data), pane.channels ?? 1, pane.rate_hz ?? 48_000));
  useEffect(() => {
    let frame = requestAnimationFrame(function draw() {
      if (canvas.current) speaker?.draw(canvas.current);
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  return <canvas ref={canvas} class="wave" role="img" aria-label="How loud it has been" />;
}

/** Numbers over time: of one row, if there are more. */
function Numbers({ pane }: { pane: Pane }) {
  const rows = pane.rows ?? [""];
  const [picked, setPicked] = useState<string | null>(null);
  const wanted = picked ?? (store.selected.value && rows.includes(store.selected.value) ? store.selected.value : rows[0]!);
  const row = Math.max(0, rows.indexOf(wanted));
  const columns = (pane.columns ?? []).map((one) => one.name);
  const plot = useRef<HTMLDivElement>(null);
  const made = useRef<Plot | null>(null);
  useEffect(() => {
    made.current = new Plot(plot.current!, columns, pane.unit === "1" ? "" : (pane.unit ?? ""));
    return () => made.current?.dispose();
  }, [columns.join(), wanted]);
  useSent(pane, (sent) => {
    const values = new Float32Array(sent.data);
    made.current?.take(sent.time, values.subarray(row * columns.length, (row + 1) * columns.length));
  });
  return (
    <>
      <div ref={plot} class="plot" />
      {rows.length > 1 && (
        <select class="box of-row" aria-label="Whose" value={wanted} onChange={(e) => setPicked(e.currentTarget.value)}>
          {rows.map((name) => (
            <option key={name} value={name}>
              {plain(name)}
            </option>
          ))}
        </select>
      )}
    </>
  );
}

const SHOWN_ROWS = 40;

function Lines({ pane }: { pane: Pane }) {
  const [lines, setLines] = useState<string[][]>([]);
  const [many, setMany] = useState(0);
  const columns = pane.columns ?? [];
  useSent(pane, (sent) => {
    if (sent.type === 5) {
      const read = JSON.parse(new TextDecoder().decode(sent.data)) as unknown[][];
      setMany(read.length);
      setLines(read.slice(0, SHOWN_ROWS).map((line) => line.map(String)));
      return;
    }
    const values = new Float32Array(sent.data);
    const count = columns.length ? values.length / columns.length : 0;
    setMany(count);
    setLines(
      Array.from({ length: Math.min(count, SHOWN_ROWS) }, (_, i) =>
        columns.map(({ legend }, k) => {
          const value = values[i * columns.length + k]!;
          return legend && pane.legend?.[legend] ? plain(pane.legend[legend][value] ?? "") || "–" : brief(value);
        }),
      ),
    );
  });
  if (!many) return <p class="quiet">nothing now</p>;
  return (
    <div class="lines" tabIndex={0} role="group" aria-label={`${many} rows`}>
      <table class="plain">
        {columns.length > 1 && (
          <thead>
            <tr>
              {columns.map((one) => (
                <th key={one.name} scope="col">
                  {plain(one.name)}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {lines.map((line, i) => (
            <tr key={i}>
              {line.map((cell, k) => (
                <td key={k}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {many > SHOWN_ROWS && <p class="quiet">and {many - SHOWN_ROWS} more</p>}
    </div>
  );
}
