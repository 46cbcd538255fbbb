// What the page knows, as signals: components show them, the wire and the viewport write them.

import { computed, signal } from "@preact/signals";
import type { Compared, Ghost, Kept, Line, Outline, State, Welcome, Wrong } from "./wire";
import { Wire } from "./wire";

export type Told = { kind: "done" | "wrong" | "note"; text: string; at: number };

export const session = signal<string | null>(null);
export const refused = signal(false);
export const welcome = signal<Welcome | null>(null);
export const entered = signal(false);
export const outline = signal<Outline | null>(null);
export const line = signal<Line | null>(null);
export const connected = signal(false);
export const ended = signal<string | null>(null);
export const selected = signal<string | null>(null);
export const hovered = signal<string | null>(null);
export const driving = signal<string | null>(null);
export const ghosts = signal<Ghost[]>([]);
export const reading = signal<{ told: string; score: number } | null>(null);
export const trouble = signal<Wrong | null>(null);
export const log = signal<Told[]>([]);
export const time = signal(0);
export const fps = signal(0);
export const latency = signal<number | null>(null);
export const eye = signal<string | null>(null);
export const eyes = signal<string[]>([]);
export const panel = signal<"none" | "outline" | "inspector">("none");

export const comparing = signal(false);
export const compared = signal<Compared | null>(null);
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

let wire: Wire | null = null;

export function useWire(made: Wire): void {
  wire = made;
}

export function say(kind: Told["kind"], text: string): void {
  log.value = [...log.value.slice(-30), { kind, text, at: Date.now() }];
}

/** Ask, and tell what came of it. */
export async function ask(what: { do: string; [key: string]: unknown }): Promise<boolean> {
  const answer = await wire?.ask(what);
  if (answer?.is === "wrong") {
    trouble.value = answer;
    say("wrong", answer.question ?? answer.message);
    return false;
  }
  if (answer?.is === "done" && answer.told) say("done", answer.told);
  trouble.value = null;
  return true;
}

/** What a sentence would do, while it is being typed. */
export async function read(text: string): Promise<void> {
  const answer = await wire?.ask({ do: "read", text, selected: selected.value ? [selected.value] : [] });
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

export function act(embodiment: string, value: number[]): void {
  void wire?.ask({ do: "act", embodiment, value });
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
