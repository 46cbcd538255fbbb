// Branches held against each other: which, what was found, where one looks.

import { signal } from "@preact/signals";
import * as clock from "./clock";
import { comparing, send, share, trouble } from "./store";
import type { Compared } from "./said";

export const MOST_BRANCHES = 4;
/** What the branches are called, in their order. */
export const LETTERS = ["A", "B", "C", "D"] as const;
/** The tick that is looked at, since they part. */
export const tick = signal(0);
/** The branches to be compared, the others against the first; null: those that are likely meant. */
export const wanted = signal<number[] | null>(null);
export const compared = signal<Compared | null>(null);

/** A branch, and the one that we are on. */
export function compareWith(node: number): void {
  wanted.value = [node, clock.tip.value];
  comparing.value = true;
}

/** Branches held against the first of them; the latest that was asked for counts. */
export async function compare(nodes: number[]): Promise<Compared | null> {
  compared.value = trouble.value = null;
  share.value = 0;
  const answer = await send({ do: "compare", nodes });
  share.value = null;
  if (answer?.is === "compared") return (compared.value = answer);
  if (answer?.is === "wrong") trouble.value = answer;
  return null;
}

/** All of them at a tick, as far as they go. */
export function look(at: number): void {
  tick.value = Math.min(Math.max(0, at), compared.value?.ticks ?? 0);
  void send({ do: "at", tick: tick.value });
}
