// All streams of an episode on one clock: look at it, cut it, say what it is, take it away, step into it.

import { useComputed, useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { Episode, Mark, Track } from "./episode";
import { Pause, Play } from "./icons";
import { Labels } from "./labels";
import { fetched, TakeMenu } from "./menu";
import type { Form } from "./menu";
import { Badge, ORIGINS } from "./origin";
import { play, useKeys, usePlaying } from "./playing";
import { Reel } from "./reel";
import { Ruler } from "./ruler";
import { seconds } from "./told";
import { Trace } from "./trace";
import type { Span } from "./trace";

const FIRST_PICTURES = 4;
const FIRST_CURVES = 2;

interface Acts {
  onCut: (from: number, to: number) => void;
  onSay: (title: string, labels: Record<string, string | null>) => void;
  onEnter: (at: number) => void;
}

export function Desk({ episode, base, busy, ...acts }: { episode: Episode; base: string; busy: string | null } & Acts) {
  const time = useSignal(0);
  const playing = useSignal(false);
  const span = useSignal<Span>({ from: 0, to: episode.duration_s });
  const piece = useSignal<Span>({ from: 0, to: episode.duration_s });
  const [pictures, setPictures] = useState(() => chosen(episode.pictures));
  const [curves, setCurves] = useState(() => episode.curves.slice(0, FIRST_CURVES).map((one) => one.name));
  const [sound, setSound] = useState<string | null>(null);
  usePlaying(time, playing, episode.duration_s, sound ? `${base}/sound/${sound}` : null);
  const cut = useComputed(() => piece.value.from > 0.0005 || piece.value.to < episode.duration_s - 0.0005);
  const look = (at: number) => {
    playing.value = false;
    time.value = Math.min(episode.duration_s, Math.max(0, at));
  };
  useKeys(time, playing, piece, episode.duration_s, look);

  return (
    <main class="desk">
      <section class="watched" aria-label="Pictures and curves">
        <div class="films">
          {episode.pictures
            .filter((track) => pictures.includes(track.name))
            .map((track) => (
              <Reel key={track.name} track={track} base={base} time={time} onClose={() => setPictures(pictures.filter((one) => one !== track.name))} />
            ))}
        </div>
        {curves.map((name) => (
          <Trace key={name} base={base} name={name} meaning={episode.curves.find((one) => one.name === name)?.meaning ?? ""} time={time} span={span} onLook={look} onClose={() => setCurves(curves.filter((one) => one !== name))} />
        ))}
        <div class="more">
          <Add label="Show pictures" names={episode.pictures.map((one) => one.name).filter((one) => !pictures.includes(one))} onAdd={(one) => setPictures([...pictures, one])} />
          <Add label="Show a curve" names={[...episode.curves, ...episode.sounds].map((one) => one.name).filter((one) => !curves.includes(one))} onAdd={(one) => setCurves([...curves, one])} />
          {(span.value.from > 0 || span.value.to < episode.duration_s) && (
            <button class="chip" onClick={() => (span.value = { from: 0, to: episode.duration_s })}>
              Curves of the whole
            </button>
          )}
        </div>
      </section>

      <aside class="about" aria-label="About this episode">
        <header>
          <Badge origin={episode.origin} />
          <h1>{episode.title || "untitled"}</h1>
          <p class="quiet">
            {seconds(episode.duration_s)}, {ORIGINS[episode.origin]?.[1] ?? episode.origin}: {episode.made.engine} {episode.made.version}
            {episode.made.seed !== null && <>, seed {episode.made.seed}</>}
          </p>
        </header>
        <div class="answers">
          <button class="main" disabled={!episode.enterable || busy !== null} onClick={() => acts.onEnter(time.value)}>
            {busy === "stepping in" ? "The world is being made…" : "Step in at "}
            {busy !== "stepping in" && <Now time={time} />}
          </button>
          <Take episode={episode} base={base} piece={cut.value ? piece.value : null} />
        </div>
        {!episode.enterable && <p class="quiet">It keeps neither states nor pictures, so that nobody can stand in it.</p>}
        <Labels episode={episode} busy={busy === "saving"} onSay={acts.onSay} />
        {episode.marks.length > 0 && <Marks marks={episode.marks} time={time} onLook={look} />}
        <Streams episode={episode} />
      </aside>

      <footer class="transport" aria-label="Time">
        <button class="round" aria-label={playing.value ? "Pause" : "Play"} onClick={() => play(time, playing, episode.duration_s)}>
          {playing.value ? <Pause /> : <Play />}
        </button>
        <output class="mono">
          <Now time={time} />
        </output>
        <Ruler time={time} piece={piece} duration={episode.duration_s} marks={episode.marks} onLook={look} />
        <div class="cutting">
          {episode.sounds.length > 0 && (
            <select class="box" aria-label="Sound" value={sound ?? ""} onChange={(event) => setSound(event.currentTarget.value || null)}>
              <option value="">no sound</option>
              {episode.sounds.map((one) => (
                <option key={one.name} value={one.name}>
                  {one.name.replaceAll("_", " ")}
                </option>
              ))}
            </select>
          )}
          <button class="chip" title="[" onClick={() => (piece.value = { from: Math.min(time.value, piece.value.to - 0.02), to: piece.value.to })}>
            Begin here
          </button>
          <button class="chip" title="]" onClick={() => (piece.value = { from: piece.value.from, to: Math.max(time.value, piece.value.from + 0.02) })}>
            End here
          </button>
          <button class="main" disabled={!cut.value || busy !== null} onClick={() => acts.onCut(piece.value.from, piece.value.to)}>
            {busy === "cutting" ? "Cutting…" : "Cut"}
          </button>
        </div>
      </footer>
    </main>
  );
}

const FILM: Form = ["mp4", "Film", "its cameras side by side, with sound, MP4, signed"];
const ALL: Form = ["mcap", "Everything", "all streams in one file, MCAP, read back to the bit"];

/** A file of it, or of the piece that is marked. */
function Take({ episode, base, piece }: { episode: Episode; base: string; piece: Span | null }) {
  const [told, setTold] = useState<{ kind: "done" | "wrong"; text: string } | null>(null);
  const people = [...new Set(episode.streams.flatMap((one) => one.people))];
  const of = piece ? `Of the piece from ${seconds(piece.from)} to ${seconds(piece.to)}.` : "Of the whole; mark a piece below to take that alone.";
  const note = people.length ? `${of} It holds data of ${people.join(", ")}, in plain: erasing them here does not reach it.` : of;
  const take = (form: string) => fetched(`${base}/export`, { form, ...(piece && { from_s: piece.from, to_s: piece.to }) });
  const forms = episode.pictures.some((one) => one.signal === "rgb") ? [FILM, ALL] : [ALL];
  return (
    <>
      <TakeMenu worded forms={forms} note={note} take={take} told={(kind, text) => setTold({ kind, text })} />
      {told && (
        <p class={told.kind === "wrong" ? "warn" : "quiet"} role={told.kind === "wrong" ? "alert" : "status"}>
          {told.text}
        </p>
      )}
    </>
  );
}

function Now({ time }: { time: Signal<number> }) {
  return <>{seconds(time.value)}</>;
}

/** What is shown at first: the cameras' pictures, then other signals of the first. */
function chosen(tracks: Track[]): string[] {
  const first = tracks[0]?.source;
  const seen = tracks.filter((one) => one.signal === "rgb");
  const more = tracks.filter((one) => one.signal !== "rgb" && one.source === first);
  return [...seen, ...more].slice(0, Math.max(FIRST_PICTURES, Math.min(seen.length, 6))).map((one) => one.name);
}

function Add({ label, names, onAdd }: { label: string; names: string[]; onAdd: (name: string) => void }) {
  if (!names.length) return null;
  return (
    <select class="box" aria-label={label} value="" onChange={(event) => onAdd(event.currentTarget.value)}>
      <option value="">{label}…</option>
      {names.map((name) => (
        <option key={name} value={name}>
          {name.replaceAll("_", " ").replace("@", " · ")}
        </option>
      ))}
    </select>
  );
}

function Marks({ marks, time, onLook }: { marks: Mark[]; time: Signal<number>; onLook: (time: number) => void }) {
  const now = marks.filter((mark) => mark.time_s <= time.value + 1e-6).length - 1;
  return (
    <section>
      <h2>
        What happened <small>{marks.length}</small>
      </h2>
      <ol class="rows marks">
        {marks.map((mark, i) => (
          <li key={i}>
            <button class={mark.kind} aria-current={i === now} onClick={() => onLook(mark.time_s)}>
              <span class="num">{mark.time_s.toFixed(2)} s</span> {mark.told}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Streams({ episode }: { episode: Episode }) {
  const whole = episode.streams.reduce((sum, one) => sum + one.bytes, 0);
  const people = [...new Set(episode.streams.flatMap((one) => one.people))];
  return (
    <details>
      <summary>
        {episode.streams.length} streams, {weight(whole)}
      </summary>
      <table class="plain">
        <tbody>
          {episode.streams.map((one) => (
            <tr key={one.name} title={`${one.meaning} ${one.kept_as}`}>
              <th scope="row">{one.name.replaceAll("_", " ")}</th>
              <td>{one.count}</td>
              <td>{one.unit}</td>
              <td>{weight(one.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        {people.length ? `With data of ${people.join(", ")}, who agreed to it. ` : "Nobody is named in it. "}
        {episode.lerobot === null ? "LeRobot sees it." : `LeRobot does not see it: ${episode.lerobot}.`}
      </p>
    </details>
  );
}

function weight(bytes: number): string {
  return bytes < 1e3 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toPrecision(3)} kB` : `${(bytes / 1e6).toPrecision(3)} MB`;
}
