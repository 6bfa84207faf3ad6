// Draw SVG files as PNG: node draw_svg.mjs RESVG WIDTH_PX < LIST
// RESVG is the unpacked package @resvg/resvg-wasm. Each line of LIST is `SVG<tab>PNG`.
// What cannot be drawn is named on the standard error output, one file a line, and has no PNG.
// A drawing marked `data-trim` is cut to what is drawn.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [resvg, width] = process.argv.slice(2);
const { initWasm, Resvg } = createRequire(import.meta.url)(join(resvg, "index.js"));
await initWasm(readFileSync(join(resvg, "index_bg.wasm")));

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const [svg, png] = line.split("\t");
  try {
    const text = readFileSync(svg, "utf8");
    const fitTo = { mode: "width", value: Number(width) };
    const drawing = new Resvg(text, { fitTo, font: { loadSystemFonts: false } });
    const drawn = text.includes("data-trim") ? drawing.getBBox() : undefined;
    if (drawn) drawing.cropByBBox(drawn);
    writeFileSync(png, drawing.render().asPng());
  } catch {
    console.error(svg);
  }
}
