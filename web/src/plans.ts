// Changes as the page makes them by hand: moving, turning, setting a thing, each an edit plan that the server follows.

import * as store from "./store";
import { ask } from "./store";
import type { Thing } from "./said";

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
  const facts = (store.outline.value?.facts ?? []).filter(([predicate]) => predicate === "on" || predicate === "in");
  const found = new Set([name]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [, one, other] of facts) {
      if (one && other && found.has(other) && !found.has(one)) grown = !!found.add(one);
    }
  }
  found.delete(name);
  return (store.outline.value?.things ?? []).filter((one) => found.has(one.name) && one.position_m);
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
