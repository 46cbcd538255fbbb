// Prints web/src/calm.ts, with what it needs of the page, as one script that any document takes.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [web] = process.argv.slice(2);
const { transformWithOxc } = await import(pathToFileURL(`${web}/node_modules/vite/dist/node/index.js`));
for (const name of ["flashes", "glance", "calm"]) {
  const { code } = await transformWithOxc(readFileSync(`${web}/src/${name}.ts`, "utf8"), `${name}.ts`);
  console.log(code.replace(/^import .*$/gm, "").replace(/^export /gm, ""));
}
