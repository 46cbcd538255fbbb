// The tree of branches as lanes on one axis of time.

import type { Branch } from "./said";

export interface Lane extends Branch {
  /** Where it begins [ticks since the first state]. */
  start: number;
  row: number;
}

/** Where each branch begins, and its row: one that goes on from another's end stays in its row. */
export function laid(nodes: Branch[]): Lane[] {
  const lanes: Lane[] = [];
  const gone = new Set<string>();
  let rows = 0;
  for (const node of nodes) {
    const from = node.parent === null ? undefined : lanes[node.parent];
    const start = from ? from.start + node.left : 0;
    const goesOn = from !== undefined && node.left === from.ticks && !gone.has(`${node.parent} ${from.row}`);
    const row = goesOn ? from.row : rows++;
    gone.add(`${node.parent} ${row}`);
    lanes.push({ ...node, start, row });
  }
  return lanes;
}

/** The nodes from the first to one of them. */
export function wayTo(nodes: Branch[], node: number): number[] {
  const way: number[] = [];
  for (let at: number | null = node; at !== null; at = nodes[at]?.parent ?? null) way.unshift(at);
  return way;
}

/** Where the way to a node ends [ticks since the first state]. */
export function endOf(lanes: Lane[], node: number): number {
  const lane = lanes[node]!;
  return lane.start + lane.ticks;
}

/** The last node of each row, and what is said of it. */
export function tips(lanes: Lane[]): { row: number; node: number; said: string }[] {
  const last = new Map<number, number>();
  lanes.forEach((lane, number) => last.set(lane.row, number));
  return [...last].sort(([a], [b]) => a - b).map(([row, node]) => ({ row, node, said: called(lanes, node) }));
}

/** What a node is called: by the sentence that made it, or by where it went on otherwise. */
export function called(nodes: Branch[], node: number): string {
  const { said, parent } = nodes[node]!;
  if (said) return said;
  return parent === null ? "the beginning" : `otherwise after “${called(nodes, parent)}”`;
}

/** A step of 1, 2 or 5 times a power of ten that leaves `px` between two of them. */
export function stepOf(most_s: number, wide: number, px = 90): number {
  const least = (most_s * px) / Math.max(wide, 1);
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-6)));
  return power * ([1, 2, 5, 10].find((n) => n * power >= least) ?? 10);
}
