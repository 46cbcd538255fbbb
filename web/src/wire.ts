// The wire of docs/studio.md: text in order, binary latest wins, every question answered by its number.

import type { Answer, Sent, State, Wrong } from "./said";

const HEADER_BYTES = 24;
const FIRST_PANE = 16;
const PICTURE = 2;
const PAUSED = 1;
const SURE = 2;
const HALF = 4;
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
    const head = { seq: view.getUint32(4, true), time: view.getFloat64(8, true), paused: (flags & PAUSED) !== 0, half: (flags & HALF) !== 0 };
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
