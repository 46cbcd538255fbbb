// Runs web/src/playhead.ts for tests: a line of JSON in, [states, draws] as [[arrives_ms, time_s], …] and [ms, …]; a line of JSON out, the time
// of the world in each picture, or null.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [web] = process.argv.slice(2);
const { transformWithOxc } = await import(pathToFileURL(`${web}/node_modules/vite/dist/node/index.js`));
const { code } = await transformWithOxc(readFileSync(`${web}/src/playhead.ts`, "utf8"), "playhead.ts");
const { Playhead } = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);

for await (const line of createInterface({ input: process.stdin })) {
  const [states, draws] = JSON.parse(line);
  const playhead = new Playhead();
  let next = 0;
  console.log(
    JSON.stringify(
      draws.map((now) => {
        for (; next < states.length && states[next][0] <= now; next++) {
          playhead.add({ time: states[next][1], portrait: 1, paused: false }, states[next][0]);
        }
        const between = playhead.at(now);
        if (!between) return null;
        const { before, state, share, time } = between;
        const there = before ? before.time + share * (state.time - before.time) : state.time;
        if (!(share >= 0 && share <= 1) || Math.abs(there - time) > 1e-9) throw new Error(JSON.stringify(between));
        return time;
      }),
    ),
  );
}
