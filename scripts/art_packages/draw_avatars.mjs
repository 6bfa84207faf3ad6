// Draw identities of a DiceBear style: node draw_avatars.mjs CORE STYLE OUT IDENTITIES PICTURES
// CORE and STYLE are unpacked packages. Writes OUT/<identity>/<picture>.svg, without a background.
// What makes an identity (hair, skin, clothes, glasses) stays; its mood and its pose change.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [corePackage, stylePackage, out, identities, pictures] = process.argv.slice(2);
const load = (folder) => import(pathToFileURL(join(folder, "lib/index.js")));
const { createAvatar } = await load(corePackage);
const style = await load(stylePackage);

const MOOD = /^(mouth|eyes|eyebrows|brows|lips|gesture|mood|cheeks?$)/;
const FRAMING = /^(background|flip|rotate|scale|seed|translate|radius|size|clip|randomizeIds|style)/;
const HAIR = /^(hair|top|rearHair|facialHair|beard|eyebrows)Color$/;
const CLOTHES = /^(clothes|clothing|shirt|body|dress|hat|accessories|glasses|earrings?)Color$/;

function seeded(number) {
  let state = number >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const oneOf = (random, values) => values[Math.floor(random() * values.length)];

function colour(random) {
  const [hue, saturation, lightness] = [random() * 360, 0.2 + random() * 0.75, 0.22 + random() * 0.6];
  const range = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset) => {
    const turn = (offset + hue / 30) % 12;
    const value = lightness - range * Math.max(-1, Math.min(turn - 3, 9 - turn, 1));
    return Math.round(value * 255).toString(16).padStart(2, "0");
  };
  return channel(0) + channel(8) + channel(4);
}

const variants = (property) => property.items?.enum ?? property.enum ?? [];
// in some styles "face" is the face's outline, in others what it expresses
const isMood = (name, property) =>
  !name.endsWith("Color") && (MOOD.test(name) || (name === "face" && /smile|angry/i.test(variants(property))));

function identityOptions(random) {
  const options = {};
  for (const [name, property] of Object.entries(style.schema.properties)) {
    if (FRAMING.test(name)) continue;
    if (name.endsWith("Color")) {
      const own = HAIR.test(name) || CLOTHES.test(name);
      const usual = (property.default ?? []).filter((each) => each !== "transparent");
      if (own && random() < 0.7) options[name] = [colour(random)];
      else if (usual.length) options[name] = [oneOf(random, usual)];
    } else if (name.endsWith("Probability")) {
      const usual = /^(hair|top|rearHair)/.test(name) ? 92 : (property.default ?? 50);
      options[name] = random() * 100 < usual ? 100 : 0;
    } else if (variants(property).length && !isMood(name, property)) {
      options[name] = [oneOf(random, variants(property))];
    }
  }
  return options;
}

function moodOptions(random) {
  const options = { flip: random() < 0.3 };
  for (const [name, property] of Object.entries(style.schema.properties)) {
    if (isMood(name, property) && variants(property).length) options[name] = [oneOf(random, variants(property))];
  }
  return options;
}

for (let identity = 0; identity < Number(identities); identity++) {
  const folder = join(out, String(identity).padStart(3, "0"));
  mkdirSync(folder, { recursive: true });
  const fixed = identityOptions(seeded(identity * 104729 + 7));
  const drawn = new Set();
  for (let turn = 0; drawn.size < Number(pictures) && turn < 4 * Number(pictures); turn++) {
    const random = seeded(identity * 1000003 + turn * 31 + 5);
    const svg = createAvatar(style, { seed: String(identity), ...fixed, ...moodOptions(random) }).toString();
    if (drawn.has(svg)) continue;
    writeFileSync(join(folder, `${String(drawn.size).padStart(2, "0")}.svg`), svg);
    drawn.add(svg);
  }
}
