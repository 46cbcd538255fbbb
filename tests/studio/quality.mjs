// Runs web/src/quality.ts for tests: a line of JSON in, [software, [[ms that each picture takes, so many pictures, held], …]]; a line of JSON
// out, the level after each picture.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

globalThis.devicePixelRatio = 1;
const [web] = process.argv.slice(2);
const { transformWithOxc } = await import(pathToFileURL(`${web}/node_modules/vite/dist/node/index.js`));
const { code } = await transformWithOxc(readFileSync(`${web}/src/quality.ts`, "utf8"), "quality.ts");
const { Quality } = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);

for await (const line of createInterface({ input: process.stdin })) {
  const [software, spans] = JSON.parse(line);
  let now = 0;
  const quality = new Quality(software, now);
  const levels = [];
  for (const [takes, pictures, held] of spans) {
    for (let i = 0; i < pictures; i++) {
      while (!quality.isDue(now)) now += 16;
      quality.begun(now);
      now += typeof takes === "number" ? takes : takes[quality.level];
      quality.count(now, held);
      levels.push(quality.level);
    }
  }
  console.log(JSON.stringify(levels));
}
