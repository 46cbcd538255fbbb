// What goes over the wire of docs/studio.md, as the page reads it.

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
  number: number;
  said: string;
  ticks: number;
  parent: number | null;
  left: number;
}

export interface Line {
  /** As it comes: those that are new or have gone on; in the store: all. */
  nodes: Branch[];
  /** Whether the rest of them follows. */
  more: boolean;
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
  /** Whether it is half-way to a tick. */
  half: boolean;
  /** Of a physical world: where everything is. */
  numbers: Float32Array;
  /** Of a game or a dream, or drawn by the server: its picture (PNG or JPEG). */
  picture: Blob | null;
  /** Of a dream: how sure it is of its picture, 0 to 1. */
  sure: number | null;
}
