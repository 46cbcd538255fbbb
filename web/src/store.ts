// What the page knows, as signals: components show them, the wire and the viewport write them.

import { computed, effect, signal } from "@preact/signals";
import { endOf, laid, wayTo } from "./lanes";
import type { Compared, Ghost, Goals, Happenings, Kept, Line, Outline, Pane, State, Thing, Welcome, Wrong } from "./wire";
import { Wire } from "./wire";

export type Told = { kind: "done" | "wrong" | "note"; text: string; at: number };
export type Tool = "look" | "move" | "turn" | "push";
export type Tab = "about" | "events" | "goals";
export type Panel = "none" | "things" | "time" | Tab;

export const session = signal<string | null>(null);
export const welcome = signal<Welcome | null>(null);
export const entered = signal(false);
export const outline = signal<Outline | null>(null);
export const line = signal<Line | null>(null);
export const connected = signal(false);
/** Whether this browser can draw a world itself; else the server does. */
export const drawsItself = signal(true);
/** Of a dream: how sure it is of what it shows, 0 to 1. */
export const sure = signal<number | null>(null);
export const ended = signal<string | null>(null);
export const selected = signal<string | null>(null);
export const driving = signal<string | null>(null);
/** How far the sticks of a touched screen are pushed: right and up, each -1 to 1; and what is pressed there. */
export const lean = signal({ left: [0, 0] as [number, number], right: [0, 0] as [number, number], grip: false });
/** Where the pointer pulls what is driven [m/s, world frame]; null: it does not. */
export const pulled = signal<[number, number, number] | null>(null);
export const ghosts = signal<Ghost[]>([]);
export const reading = signal<{ told: string; score: number } | null>(null);
export const trouble = signal<Wrong | null>(null);
export const log = signal<Told[]>([]);
export const time = signal(0);
export const fps = signal(0);
export const latency = signal<number | null>(null);
export const eye = signal<string | null>(null);
export const eyes = signal<string[]>([]);
/** What is open on a narrow screen, and which tab of the dock on a wide one. */
export const panel = signal<Panel>("none");
export const tab = signal<Tab>("about");
export const immersed = signal(false);
export const tool = signal<Tool>("look");
export const snap = signal(true);
/** What a gesture would do if it ended now. */
export const told = signal<string | null>(null);
export const sheet = signal<"none" | "keys">("none");
/** Whether single letters are keys: who speaks to their computer, or slips, may switch that off. */
export const letters = signal(localStorage.getItem("letters") !== "off");
effect(() => localStorage.setItem("letters", letters.value ? "on" : "off"));
/** Whether the menu of signals is open. */
export const choosing = signal(false);
/** The streams that are watched, in the order of their panes. */
export const watched = signal<string[]>([]);
/** Looks at the selected thing, or at all. */
export const frame = signal(() => {});
/** From where one looks, as exports want it; null where the picture is not drawn here. */
export const looking = signal<() => { eye_m: number[]; at_m: number[]; fov_deg: number } | null>(() => null);
/** Puts the cursor into the sentence line. */
export const toSentence = signal(() => {});

export const comparing = signal(false);
/** The branches to be compared; null: those that are likely meant. */
export const pair = signal<[number, number] | null>(null);
export const compared = signal<Compared | null>(null);
export const happenings = signal<Happenings | null>(null);
export const goals = signal<Goals | null>(null);
/** What is shown of each signal that is watched. */
export const panes = signal<Pane[]>([]);

export const keeping = signal<"no" | "asking" | "going" | "done">("no");
export const kept = signal<Kept[]>([]);
/** How much is done of what takes a while. */
export const share = signal<number | null>(null);
/** Portraits by their number: where they are to be had. */
export const sceneries = new Map<number, string>();

export const thing = computed(() => outline.value?.things.find((one) => one.name === selected.value) ?? null);
/** What is so of the selected thing. */
export const facts = computed(() => {
  const name = selected.value;
  const quiet = new Set(["still", "upright", "touching", "rests_on", "moving"]);
  return (outline.value?.facts ?? []).filter((fact) => name !== null && fact.slice(1).includes(name) && !quiet.has(fact[0] ?? ""));
});
/** Whether something is over the world, which takes the keys. */
export const covered = computed(() => comparing.value || keeping.value !== "no" || sheet.value !== "none" || !entered.value || !!ended.value);
export const lanes = computed(() => laid(line.value?.nodes ?? []));
/** The node at whose end the way ends that one is on: who goes back on a branch is still on it. */
const held = signal(0);
export const tip = computed(() => held.value);
/** The tick that is now, since the first state: what is seen tells it more often than the line. */
export const now = computed(() => (welcome.value ? Math.round(time.value / welcome.value.tick_s) : 0));
export const end = computed(() => (lanes.value[held.value] ? endOf(lanes.value, held.value) : 0));

/** Where pictures come so much later than what is said, the clock goes by what is said. */
const LATE_S = 1;
let wire: Wire | null = null;

export function useWire(made: Wire): void {
  wire = made;
}

export function follow(said: Line): void {
  line.value = said;
  const told_s = (welcome.value?.tick_s ?? 0) * ((lanes.value[said.node]?.start ?? 0) + said.tick);
  if (!said.playing || told_s > time.value + LATE_S) time.value = told_s; // what is seen comes later
  const way = held.value < said.nodes.length ? wayTo(said.nodes, held.value) : [];
  const next = way[way.indexOf(said.node) + 1];
  const hasLeft = !along && next !== undefined && said.tick > said.nodes[next]!.left; // gone on beside the way
  if (!way.includes(said.node) || hasLeft) held.value = said.node;
}

/** How the goals stand; a lesson shows them first, and what is reached is told. */
export function reach(said: Goals): void {
  if (goals.value === null && said.goals.some((one) => one.hint)) tab.value = "goals";
  const before = new Map(goals.value?.goals.map((one) => [one.name, one]));
  for (const one of said.goals) {
    const was = before.get(one.name);
    if (was && !was.reached && one.reached && !one.keep) say("done", `Reached: ${one.name.replaceAll("_", " ")}, ${one.points} points`);
    if (was && !was.lost && one.lost) say("wrong", `Lost: ${one.name.replaceAll("_", " ")}`);
  }
  goals.value = said;
}

export function say(kind: Told["kind"], text: string): void {
  log.value = [...log.value.slice(-30), { kind, text, at: Date.now() }];
}

export function select(name: string | null): void {
  selected.value = name;
  if (name !== null) tab.value = "about";
}

/** Out of the world. */
export function wake(): void {
  wire?.close();
  ended.value = "You have left the world.";
}

/** Ask, and tell what came of it: in the server's words, or in those that are given. */
export async function ask(what: { do: string; [key: string]: unknown }, words?: string): Promise<boolean> {
  const answer = await wire?.ask(what);
  if (answer?.is === "wrong") {
    trouble.value = answer;
    say("wrong", answer.question ?? answer.message);
    return false;
  }
  if (answer?.is === "done" && answer.told) say("done", words ?? answer.told);
  trouble.value = null;
  return true;
}

let reads = 0;

/** What a sentence would do, while it is being typed; who has gone on typing, or said it, waits for no answer. */
export async function read(text: string): Promise<void> {
  const mine = ++reads;
  const answer = await wire?.ask({ do: "read", text, selected: selected.value ? [selected.value] : [] });
  if (mine !== reads) return;
  if (answer?.is === "understood") {
    reading.value = { told: answer.told, score: answer.score };
    ghosts.value = answer.ghosts;
    trouble.value = null;
  } else if (answer?.is === "wrong") {
    reading.value = null;
    ghosts.value = [];
    trouble.value = answer;
  }
}

/** Nothing is being typed. */
export function unread(): void {
  reads++;
  reading.value = trouble.value = null;
  ghosts.value = [];
}

export function act(embodiment: string, value: number[]): void {
  void wire?.ask({ do: "act", embodiment, value });
}

// -- changes, as plans ------------------------------------------------------------------------------------------------------

export type Place = { position_m: [number, number, number]; quat_wxyz: [number, number, number, number] };

export function change(said: string, edits: object[]): Promise<boolean> {
  return ask({ do: "change", plan: { plan: 1, said, edits } }, said.charAt(0).toUpperCase() + said.slice(1));
}

export function set(name: string, values: object): Promise<boolean> {
  const [what, to] = Object.entries(values)[0]!;
  return change(`${what.replace(/_.*/, "")} of the ${name.replaceAll("_", " ")}: ${to}`, [{ type: "set", name, ...values }]);
}

/** All that stands on or in a thing, and on that: what goes along when it is moved. */
export function riders(name: string): Thing[] {
  const facts = (outline.value?.facts ?? []).filter(([predicate]) => predicate === "on" || predicate === "in");
  const found = new Set([name]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [, one, other] of facts) {
      if (one && other && found.has(other) && !found.has(one)) grown = !!found.add(one);
    }
  }
  found.delete(name);
  return (outline.value?.things ?? []).filter((one) => found.has(one.name) && one.position_m);
}

export function move(thing: Thing, to: [number, number, number]): Promise<boolean> {
  const from = thing.position_m!;
  const by = to.map((v, i) => v - from[i]!);
  const edits = [thing, ...riders(thing.name)].map((one) => ({
    type: "move",
    name: one.name,
    pose: { position_m: one.position_m!.map((v, i) => v + by[i]!), quat_wxyz: one.quat_wxyz ?? [1, 0, 0, 0] },
  }));
  return change(`move the ${thing.name.replaceAll("_", " ")} ${wordsOf(by)}`, edits);
}

export function turn(thing: Thing, angle_deg: number): Promise<boolean> {
  return change(`turn the ${thing.name.replaceAll("_", " ")} by ${Math.round(angle_deg)}°`, [{ type: "rotate", name: thing.name, angle_deg }]);
}

/** How far something is moved, along the scene's axes: right is +X, back +Y. */
export function wordsOf(by: number[]): string {
  const ways = [["right", "left"], ["back", "forward"], ["up", "down"]];
  const said = by.flatMap((v, i) => (Math.abs(v) < 5e-4 ? [] : [`${Number((100 * Math.abs(v)).toFixed(1))} cm ${ways[i]![v > 0 ? 0 : 1]}`]));
  return said.join(", ") || "nowhere";
}

// -- the clock --------------------------------------------------------------------------------------------------------------

export function fork(): void {
  void change(`fork at ${time.value.toFixed(1)} s`, []);
}

/** Whether what was done once is gone along again, to the end of the way that one is on. */
let along = false;
let wanted: { tick: number; node: number } | null = null;
let going: Promise<void> | null = null;

let aimed = 0;

/** The tick that is gone to, or is now: whoever presses a key again goes on from there. */
export const aim = () => (going ? aimed : now.value);

/** To a tick of the way to a node; of several that are wanted at once the last counts. */
export function seek(tick: number, node = held.value): Promise<void> {
  aimed = Math.round(tick);
  wanted = { tick: aimed, node };
  return (going ??= goThere().finally(() => (going = null)));
}

async function goThere(): Promise<void> {
  while (wanted && line.value) {
    const to: { tick: number; node: number } = wanted;
    wanted = null;
    held.value = to.node;
    const most = endOf(lanes.value, to.node);
    const way = wayTo(line.value.nodes, to.node);
    const holds = way.findLast((node) => lanes.value[node]!.start <= to.tick) ?? 0;
    if (line.value.playing) await ask({ do: "pause" });
    if (way.indexOf(line.value.node) < way.indexOf(holds)) await ask({ do: "go", node: to.node }); // from there everything before it is reached
    if (!(await ask({ do: "seek", tick: Math.min(Math.max(0, to.tick), most) }))) break;
    held.value = to.node;
  }
}

export function go(node: number): void {
  along = false;
  held.value = node;
  void ask({ do: "go", node });
}

export function stepOn(): void {
  if (aim() < end.value) void seek(aim() + 1);
  else void ask({ do: "step", ticks: 1 });
}

export function toggle(): void {
  along = !line.value?.playing && now.value < end.value;
  if (line.value?.playing) void ask({ do: "pause" });
  else void ask({ do: "play", speed: line.value?.speed ?? 1, along });
}

/** Gone along to where the way leaves a node: it goes on with the next. */
effect(() => {
  const [said, tick, last] = [line.value, now.value, end.value];
  if (!along || going || !said) return;
  const way = wayTo(said.nodes, held.value);
  const next = way[way.indexOf(said.node) + 1];
  if (tick >= last) along = false;
  else if (next !== undefined && tick >= lanes.value[next]!.start) void hop(lanes.value[next]!.start);
});

async function hop(tick: number): Promise<void> {
  await seek(tick);
  if (along) await ask({ do: "play", speed: line.value?.speed ?? 1, along: true });
}

// -- signals ----------------------------------------------------------------------------------------------------------------

/** Watch these streams from now on. */
export async function watch(streams: string[]): Promise<void> {
  const answer = await wire?.ask({ do: "watch", streams });
  if (answer?.is === "panes") panes.value = answer.panes;
  else if (answer?.is === "wrong") say("wrong", answer.message);
}

/** What a pixel of a watched picture holds, in words. */
export async function probe(stream: string, x: number, y: number): Promise<string | null> {
  const answer = await wire?.ask({ do: "probe", stream, x, y });
  return answer?.is === "probed" ? answer.said : null;
}

// -- compared and kept ------------------------------------------------------------------------------------------------------

export function compareWith(node: number): void {
  pair.value = [node, held.value];
  comparing.value = true;
}

/** Two branches held against each other; the latest that was asked for counts. */
export async function compare(a: number, b: number): Promise<Compared | null> {
  compared.value = trouble.value = null;
  share.value = 0;
  const answer = await wire?.ask({ do: "compare", a, b });
  share.value = null;
  if (answer?.is === "compared") return (compared.value = answer);
  if (answer?.is === "wrong") trouble.value = answer;
  return null;
}

/** Both branches at a tick, please. */
export function look(tick: number): void {
  void wire?.ask({ do: "at", tick });
}

export function drawn(state: State): void {
  wire?.drawn(state);
}

/** Keep this branch: they were asked, and said yes. */
export async function keep(how: { signals: string[]; licence: string; purposes: string[] }): Promise<void> {
  keeping.value = "going";
  trouble.value = null;
  share.value = 0;
  const answer = await wire?.ask({ do: "keep", consent: true, ...how });
  share.value = null;
  if (answer?.is === "kept") {
    kept.value = [...kept.value, answer];
    keeping.value = "done";
  } else if (answer?.is === "wrong") {
    trouble.value = answer;
    keeping.value = "asking";
    say("wrong", answer.message);
  }
}
