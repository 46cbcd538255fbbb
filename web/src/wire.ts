// The wire of docs/studio.md: text in order, binary latest wins, every question answered by its number.

export interface ActionSpec {
  name: string;
  kind: string;
  labels: string[];
  low: number[];
  high: number[];
  rest: number[];
}

export interface Welcome {
  session: string;
  seat: "owner" | "guest";
  title: string;
  origin: string;
  engine: string;
  cannot: string[];
  tick_s: number;
  actions: ActionSpec[];
  pictures: string[];
  editable: boolean;
  keep: Offer | null;
  signals: Offered[];
  events: EventKind[];
  saved: string | null;
  resumed: string | null;
}

/** A signal that can be watched. */
export interface Offered {
  signal: string;
  family: string;
  meaning: string;
  unit: string;
  shows: Shows;
  streams: string[];
}

type Shows = "picture" | "sound" | "text" | "table" | "numbers";

/** A kind of event that can befall somebody here; `plan` makes it happen at once. */
export interface EventKind {
  kind: string;
  family: string;
  summary: string;
  befalls: string;
  who: string[];
  low: number;
  high: number;
  unit: string;
  means: string;
  safety: string;
  rate_per_min: number;
  plan: { plan: number; edits: { type: string; name: string; event: Record<string, unknown> }[] };
}

/** What has happened on this branch, the latest last, and what is to come. Ticks count from its first state. */
export interface Happenings {
  happened: { tick: number; event: string; kind: string | null; told: string; who: string[]; safety: string | null; why: string }[];
  due: { event: string; kind: string | null; told: string; tick: number | null }[];
}

export interface Goal {
  name: string;
  said: string;
  hint: string;
  points: number;
  after: string | null;
  keep: boolean;
  progress: number;
  reached: boolean;
  lost: boolean;
  tick: number | null;
}

export interface Goals {
  goals: Goal[];
  points: number;
  most: number;
  next: string | null;
  passed: boolean;
}

/** What the colours of a picture mean. */
export type Key =
  | { sort: "bar"; low: number; high: number; unit: string; stops: string[]; inverse: boolean }
  | { sort: "names"; names: [string, string][] }
  | { sort: "wheel"; full: number; unit: string; around: string[] }
  | { sort: "words"; said: string };

/** A signal that is watched: what it is, and how it is shown. All but the first two are said with its first message. */
export interface Pane {
  pane: number;
  stream: string;
  signal?: string;
  shows?: Shows;
  meaning?: string;
  unit?: string;
  frame?: string;
  origin?: string;
  key?: Key;
  width?: number;
  height?: number;
  rate_hz?: number;
  channels?: number;
  columns?: { name: string; legend: string | null }[];
  rows?: string[];
  legend?: Record<string, string[]>;
}

/** What a pane is sent. */
export interface Sent {
  /** 2: a picture; 3: float32 in rows; 4: 16-bit samples; 5: a JSON list of lines. */
  type: number;
  pane: number;
  seq: number;
  time: number;
  data: ArrayBuffer;
}

/** Where to and what for something can be kept, and in which words it is asked. */
export interface Offer {
  folder: string;
  terms: string;
  words: string;
  purposes: Record<string, string>;
  signals: string[];
  pictures: string[];
}

export interface Thing {
  name: string;
  kind: string;
  size_m: [number, number, number] | null;
  turned_on: boolean;
  color?: string;
  material?: string;
  mass_kg?: number;
  friction?: number;
  attach?: string;
  joints?: Record<string, number>;
  position_m?: [number, number, number];
  quat_wxyz?: [number, number, number, number];
}

export interface Outline {
  tick: number;
  things: Thing[];
  facts: string[][];
}

export interface Branch {
  said: string;
  ticks: number;
  parent: number | null;
  left: number;
}

export interface Line {
  nodes: Branch[];
  node: number;
  tick: number;
  undo: boolean;
  redo: boolean;
  marks: [string, number, number][];
  playing: boolean;
  speed: number;
  /** Whether time goes along what was done here once. */
  along: boolean;
  /** So many ticks of the first node were not lived here: they are a recording. */
  recorded: number;
}

export interface Ghost {
  name: string;
  kind: string;
  size_m: [number, number, number] | null;
  position_m: [number, number, number];
  quat_wxyz: [number, number, number, number];
}

export interface Wrong {
  is: "wrong";
  seq: number | null;
  code: string;
  message: string;
  reason: string | null;
  span: [number, number] | null;
  suggestions: string[];
  question: string | null;
}

type Side = "base" | "branch";
export type Result = { came: boolean; time_s: number | null } | null;

/** A thing that is elsewhere on the other branch. */
export interface Moved {
  thing: string;
  since_s: number;
  most_m: number;
  most_at_s: number;
  in_the_end_m: number | null;
  in_the_end_rad: number | null;
  apart_m: (number | null)[];
}

/** How a branch differs from the first of those that are compared. */
export interface Against {
  nothing: boolean;
  times_s: number[];
  moved: Moved[];
  more: number;
  first_touch: { time_s: number; a: string; b: string; side: Side; force_n: number } | null;
  relations: { side: Side; told: string }[];
  events: { side: Side; time_s: number; told: string; times: number }[];
  came: string[];
  gone: string[];
}

export interface Compared {
  nodes: number[];
  node: number;
  node_said: string;
  tick: number;
  ticks: number;
  lived: number[];
  said: string[];
  /** Of each but the first what is otherwise there. */
  others: Against[];
  outcomes: { outcome: string; results: Result[] }[];
}

export interface Kept {
  uids: string[];
  folder: string;
  seconds: number;
  streams: string[];
  receipt: string;
  back: string;
}

export type Answer =
  | ({ is: "welcome" } & Welcome)
  | { is: "scenery"; portrait: number; url: string }
  | ({ is: "outline" } & Outline)
  | ({ is: "line" } & Line)
  | { is: "understood"; seq: number; told: string; score: number; ghosts: Ghost[] }
  | { is: "done"; seq: number; told: string; node: number | null }
  | { is: "going"; seq: number; share: number }
  | ({ is: "compared"; seq: number } & Compared)
  | ({ is: "kept"; seq: number } & Kept)
  | ({ is: "happenings" } & Happenings)
  | ({ is: "goals" } & Goals)
  | { is: "panes"; seq: number | null; panes: Pane[] }
  | { is: "probed"; seq: number; values: (number | null)[]; unit: string; said: string }
  | Wrong
  | { is: "bye"; why: string };

/** Where everything is at one moment. */
export interface State {
  /** 0: the world as it is; from 1 on the branches that are compared. */
  stream: number;
  seq: number;
  time: number;
  input: number;
  portrait: number;
  paused: boolean;
  /** Of a physical world: where everything is. */
  numbers: Float32Array;
  /** Of a game or a dream, or drawn by the server: its picture (PNG or JPEG). */
  picture: Blob | null;
  /** Of a dream: how sure it is of its picture, 0 to 1. */
  sure: number | null;
}

const HEADER_BYTES = 24;
const FIRST_PANE = 16;
const PICTURE = 2;
const PAUSED = 1;
const SURE = 2;
const UNANSWERED = ["act", "at", "again", "drawn"];
const AGAIN_MS = [250, 500, 1000, 2000, 4000];

type Listener = { answer: (said: Answer) => void; state: (state: State) => void; pane: (sent: Sent) => void; connected: (now: boolean) => void };

/** A session's socket, opened again by itself when it is lost. */
export class Wire {
  private socket: WebSocket | null = null;
  private seq = 0;
  private tries = 0;
  private closed = false;
  private waiting = new Map<number, (said: Answer) => void>();
  private sentAt = new Map<number, number>();
  /** What the last inputs took until what they did was here [ms]. */
  readonly latencies: number[] = [];

  constructor(
    private readonly session: string,
    private readonly listener: Listener,
  ) {
    this.open();
  }

  /** Ask, and be answered; nobody waits for an answer to `act`, `at`, `again` and `drawn`. */
  ask(what: { do: string; [key: string]: unknown }): Promise<Answer> {
    const seq = ++this.seq;
    return new Promise((resolve) => {
      if (this.socket?.readyState !== WebSocket.OPEN) {
        resolve(lost(seq));
        return;
      }
      if (!UNANSWERED.includes(what.do)) this.waiting.set(seq, resolve);
      if (what.do === "act") this.sentAt.set(seq, performance.now());
      this.socket.send(JSON.stringify({ ...what, seq }));
    });
  }

  /** The page has drawn a state. */
  drawn(state: State): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ do: "drawn", seq: state.seq }));
    for (const [seq, at] of this.sentAt) {
      if (seq > state.input) continue;
      this.sentAt.delete(seq);
      this.latencies.push(performance.now() - at);
      if (this.latencies.length > 120) this.latencies.shift();
    }
  }

  close(): void {
    this.closed = true;
    this.socket?.close();
  }

  private open(): void {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/sessions/${this.session}`, "studio.v1");
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.tries = 0;
      this.listener.connected(true);
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (typeof event.data === "string") this.said(JSON.parse(event.data) as Answer);
      else this.moved(event.data);
    };
    socket.onclose = () => {
      for (const [seq, wait] of this.waiting) wait(lost(seq));
      this.waiting.clear();
      if (this.closed) return;
      this.listener.connected(false);
      const wait = AGAIN_MS[Math.min(this.tries++, AGAIN_MS.length - 1)] ?? 4000;
      setTimeout(() => this.open(), wait);
    };
  }

  private said(answer: Answer): void {
    if ("seq" in answer && answer.seq !== null && answer.is !== "going") {
      const wait = this.waiting.get(answer.seq);
      this.waiting.delete(answer.seq);
      if (wait) {
        wait(answer);
        return;
      }
    }
    this.listener.answer(answer);
  }

  private moved(data: ArrayBuffer): void {
    const view = new DataView(data);
    if (view.getUint8(1) >= FIRST_PANE) {
      const [type, pane, seq] = [view.getUint8(0), view.getUint8(1), view.getUint32(4, true)];
      this.listener.pane({ type, pane, seq, time: view.getFloat64(8, true), data: data.slice(HEADER_BYTES) });
      this.socket?.send(JSON.stringify({ do: "drawn", seq }));
      return;
    }
    const type = view.getUint8(0);
    const stream = view.getUint8(1);
    const flags = view.getUint16(2, true);
    const head = { seq: view.getUint32(4, true), time: view.getFloat64(8, true), paused: (flags & PAUSED) !== 0 };
    const of = view.getUint32(20, true);
    const picture = type === PICTURE ? new Blob([data.slice(HEADER_BYTES)]) : null;
    this.listener.state({
      ...head,
      stream,
      input: view.getUint32(16, true),
      portrait: picture ? 0 : of,
      numbers: picture ? new Float32Array(0) : new Float32Array(data, HEADER_BYTES),
      picture,
      sure: (flags & SURE) !== 0 ? of / 10_000 : null,
    });
  }
}

/** What nobody will answer any more. */
function lost(seq: number): Wrong {
  const message = "The line to the world was lost; it is being opened again.";
  return { is: "wrong", seq, code: "lost", message, reason: null, span: null, suggestions: [], question: null };
}
