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
type Result = { came: boolean; time_s: number | null } | null;

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

export interface Compared {
  a: number;
  b: number;
  node: number;
  node_said: string;
  tick: number;
  ticks: number;
  lived: [number, number];
  said: [string, string];
  nothing: boolean;
  times_s: number[];
  moved: Moved[];
  more: number;
  first_touch: { time_s: number; a: string; b: string; side: Side; force_n: number } | null;
  relations: { side: Side; told: string }[];
  events: { side: Side; time_s: number; told: string; times: number }[];
  came: string[];
  gone: string[];
  outcomes: { outcome: string; base: Result; branch: Result }[];
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
  | Wrong
  | { is: "bye"; why: string };

/** Where everything is at one moment. */
export interface State {
  /** 0: the world as it is; 1 and 2: the branches that are compared. */
  stream: number;
  seq: number;
  time: number;
  input: number;
  portrait: number;
  paused: boolean;
  /** Of a physical world: where everything is. */
  numbers: Float32Array;
  /** Of a game or a dream: its picture (PNG or JPEG). */
  picture: Blob | null;
}

const HEADER_BYTES = 24;
const PAUSED = 1;
const AGAIN_MS = [250, 500, 1000, 2000, 4000];

type Listener = { answer: (said: Answer) => void; state: (state: State) => void; connected: (now: boolean) => void };

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

  /** Ask, and be answered; nobody waits for an answer to `act`, `at`, `watch` and `drawn`. */
  ask(what: { do: string; [key: string]: unknown }): Promise<Answer> {
    const seq = ++this.seq;
    return new Promise((resolve) => {
      if (this.socket?.readyState !== WebSocket.OPEN) return;
      if (!["act", "at", "watch", "drawn"].includes(what.do)) this.waiting.set(seq, resolve);
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
    const socket = new WebSocket(`ws://${location.host}/api/sessions/${this.session}`, "studio.v1");
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
    const isPicture = view.getUint8(0) === 2;
    this.listener.state({
      stream: view.getUint8(1),
      paused: (view.getUint16(2, true) & PAUSED) !== 0,
      seq: view.getUint32(4, true),
      time: view.getFloat64(8, true),
      input: view.getUint32(16, true),
      portrait: view.getUint32(20, true),
      numbers: isPicture ? new Float32Array(0) : new Float32Array(data, HEADER_BYTES),
      picture: isPicture ? new Blob([data.slice(HEADER_BYTES)]) : null,
    });
  }
}

/** Spend the link's token, if there is one; then say which sessions there are. */
export async function arrive(): Promise<{ name: string; title: string }[] | null> {
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, "", location.pathname);
    await fetch("/api/open", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }) });
  }
  const answer = await fetch("/api/sessions");
  return answer.ok ? ((await answer.json()) as { name: string; title: string }[]) : null;
}
