// Which signals are watched, and what a pixel of one holds.

import { panes, say, send } from "./store";

/** Watch these streams from now on. */
export async function watch(streams: string[]): Promise<void> {
  const answer = await send({ do: "watch", streams });
  if (answer?.is === "panes") panes.value = answer.panes;
  else if (answer?.is === "wrong") say("wrong", answer.message);
}

/** What a pixel of a watched picture holds, in words. */
export async function probe(stream: string, x: number, y: number): Promise<string | null> {
  const answer = await send({ do: "probe", stream, x, y });
  return answer?.is === "probed" ? answer.said : null;
}
