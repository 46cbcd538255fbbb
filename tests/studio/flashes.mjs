// Runs web/src/flashes.ts for tests: a line of JSON in, [times_ms, the pictures' cells as float32 in base64]; a line of JSON out, the share of each
// picture that is shown.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [web] = process.argv.slice(2);
const { transformWithOxc } = await import(pathToFileURL(`${web}/node_modules/vite/dist/node/index.js`));
const { code } = await transformWithOxc(readFileSync(`${web}/src/flashes.ts`, "utf8"), "flashes.ts");
const { Flashes } = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);

for await (const line of createInterface({ input: process.stdin })) {
  const flashes = new Flashes();
  const [times, packed] = JSON.parse(line);
  const cells = new Float32Array(new Uint8Array(Buffer.from(packed, "base64")).buffer);
  const each = cells.length / times.length;
  console.log(JSON.stringify(times.map((time, i) => flashes.next(cells.subarray(i * each, (i + 1) * each), time))));
}
