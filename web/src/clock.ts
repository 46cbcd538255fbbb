// Where one is in time, and how one goes elsewhere: along a branch, to another, on and back.

import { computed, effect, signal } from "@preact/signals";
import { endOf, laid, wayTo } from "./lanes";
import { change } from "./plans";
import * as store from "./store";
import { ask } from "./store";
import type { Branch, Line } from "./said";

/** Where pictures come so much later than what is said, the clock goes by what is said. */
const LATE_S = 1;
export const lanes = computed(() => laid(store.line.value?.nodes ?? []));
/** The node at whose end the way ends that one is on: who goes back on a branch is still on it. */
const held = signal(0);
export const tip = computed(() => held.value);
/** The tick that is now, since the first state: what is seen tells it more often than the line. */
export const now = computed(() => (store.welcome.value ? Math.round(store.time.value / store.welcome.value.tick_s) : 0));
export const end = computed(() => (lanes.value[held.value] ? endOf(lanes.value, held.value) : 0));

let nodes: Branch[] = [];

/** Somebody who is told all there is anew. */
export function begin(): void {
  nodes = [];
}

export function follow(news: Line): void {
  for (const node of news.nodes) nodes[node.number] = node;
  if (news.more) return;
  const said = (store.line.value = { ...news, nodes: [...nodes] });
  const told_s = (store.welcome.value?.tick_s ?? 0) * ((lanes.value[said.node]?.start ?? 0) + said.tick);
  if (!said.playing || told_s > store.time.value + LATE_S) store.time.value = told_s; // what is seen comes later
  const way = held.value < said.nodes.length ? wayTo(said.nodes, held.value) : [];
  const next = way[way.indexOf(said.node) + 1];
  const hasLeft = !along && next !== undefined && said.tick > said.nodes[next]!.left; // gone on beside the way
  if (!way.includes(said.node) || hasLeft) held.value = said.node;
}

export function fork(): void {
  void change(`fork at ${store.time.value.toFixed(1)} s`, []);
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
  while (wanted && store.line.value) {
    const to: { tick: number; node: number } = wanted;
    wanted = null;
    held.value = to.node;
    const most = endOf(lanes.value, to.node);
    const way = wayTo(store.line.value.nodes, to.node);
    const holds = way.findLast((node) => lanes.value[node]!.start <= to.tick) ?? 0;
    if (store.line.value.playing) await ask({ do: "pause" });
    if (way.indexOf(store.line.value.node) < way.indexOf(holds)) await ask({ do: "go", node: to.node }); // from there everything before it is reached
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
  along = !store.line.value?.playing && now.value < end.value;
  if (store.line.value?.playing) void ask({ do: "pause" });
  else void ask({ do: "play", speed: store.line.value?.speed ?? 1, along });
}

/** Gone along to where the way leaves a node: it goes on with the next. */
effect(() => {
  const [said, tick, last] = [store.line.value, now.value, end.value];
  if (!along || going || !said) return;
  const way = wayTo(said.nodes, held.value);
  const next = way[way.indexOf(said.node) + 1];
  if (tick >= last) along = false;
  else if (next !== undefined && tick >= lanes.value[next]!.start) void hop(lanes.value[next]!.start);
});

async function hop(tick: number): Promise<void> {
  await seek(tick);
  if (along) await ask({ do: "play", speed: store.line.value?.speed ?? 1, along: true });
}

/** From the beginning once more, otherwise: a branch. */
export async function again(): Promise<void> {
  await seek(0);
  await ask({ do: "play", speed: store.line.value?.speed ?? 1, along: false });
}

/** How time went when it was made to stand for who owns it and is not in yet. */
let stopped: { speed: number; along: boolean } | null = null;

/** At the gate time stands: a dream would be over before one is in it. */
export function wait(): () => void {
  return effect(() => {
    const line = store.line.value;
    if (stopped || !line?.playing || store.welcome.value?.seat !== "owner") return;
    stopped = { speed: line.speed, along: line.along };
    void ask({ do: "pause" });
  });
}

/** In, and time goes on as it went. */
export function enter(): void {
  store.entered.value = true;
  if (stopped) void ask({ do: "play", ...stopped });
  stopped = null;
}
