// What the page knows, as signals: components show them, the wire and the viewport write them.

import { computed, effect, signal } from "@preact/signals";
import type { Answer, Ghost, Goals, Happenings, Kept, Line, Outline, Pane, State, Welcome, Wrong } from "./said";
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
/** Whether what is seen flashes too often, and some of it is held back. */
export const calmed = signal(false);
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
/** Whether the view is drawn more coarsely than the display can show, so that it moves evenly; and whether somebody wants it finely at any rate. */
export const coarse = signal(false);
export const finely = signal(localStorage.getItem("finely") === "on");
effect(() => localStorage.setItem("finely", finely.value ? "on" : "off"));
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

/** Whether the page of comparing is open. */
export const comparing = signal(false);
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
let wire: Wire | null = null;

export function useWire(made: Wire): void {
  wire = made;
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

/** Ask, and be given the answer as it is. */
export function send(what: { do: string; [key: string]: unknown }): Promise<Answer> | undefined {
  return wire?.ask(what);
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
