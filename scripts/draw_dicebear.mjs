// Draw faces of the DiceBear styles that are CC0: node draw_dicebear.mjs MODULES OUT SIZE_PX COUNT STYLE...
// MODULES is a folder in which @dicebear/core, @dicebear/collection and @resvg/resvg-js are installed.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, out, size, count, ...styles] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(modules, "package.json")));
const { Resvg } = require("@resvg/resvg-js");
const fromModules = (name) => import(pathToFileURL(join(modules, "node_modules", name, "lib/index.js")));
const { createAvatar } = await fromModules("@dicebear/core");
const collection = await fromModules("@dicebear/collection");

const BACKGROUNDS = ["ffffff", "b6e3f4", "ffd5dc", "d1d4f9", "c0aede", "2b2d42", "f4d35e"];

for (const style of styles) {
  const camelCase = style.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  mkdirSync(join(out, style), { recursive: true });
  for (let number = 0; number < Number(count); number++) {
    const avatar = createAvatar(collection[camelCase], {
      seed: `${style}-${number}`,
      backgroundColor: [BACKGROUNDS[number % BACKGROUNDS.length]],
    });
    const drawn = new Resvg(avatar.toString(), { fitTo: { mode: "width", value: Number(size) } });
    writeFileSync(join(out, style, `${String(number).padStart(2, "0")}.png`), drawn.render().asPng());
  }
}
