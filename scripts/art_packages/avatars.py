"""Procedural avatars: made-up identities of many styles, each in several moods."""

from collections.abc import Callable, Iterator
from pathlib import Path

from art_packages.clients import run
from art_packages.package import Archive, Package, Picture

IDENTITIES = 60
PICTURES = 8


def dicebear(style: str) -> Callable[[Path], Iterator[Picture]]:
    """Draw and label the identities of one DiceBear style, as SVG."""

    def label(unpacked: Path) -> Iterator[Picture]:
        script = Path(__file__).with_name("draw_avatars.mjs")
        core, drawn = unpacked / "node_modules/@dicebear/core", unpacked / "drawn"
        core.parent.mkdir(parents=True)
        # a style imports the core by name, which is looked for in node_modules above it
        (unpacked / "needs/@dicebear/core/package").rename(core)
        counts = (str(IDENTITIES), str(PICTURES))
        run(["node", script, core, unpacked / "package", drawn, *counts], unpacked)
        for file in sorted(drawn.glob("*/*.svg")):
            yield Picture(file, f"dicebear-{style}", f"{style}-{file.parent.name}")

    return label


CORE = Archive(
    "@dicebear/core",
    "9.4.2",
    "npm",
    "dicebear-core-9.4.2.tgz",
    "c71bde6cd908137748dc52a8c103f6e2076cc896a9f5c25c2131706118baece7",
    "MIT, Florian Körner",
)
RESVG = Archive(
    "@resvg/resvg-wasm",
    "2.6.2",
    "npm",
    "resvg-resvg-wasm-2.6.2.tgz",
    "ff51acbb5ee0074601b75c3bea9226a18d346752af787f6d2d3adcdd98493d71",
    "MPL-2.0",
)

# The licences are those of the drawings, as each package's LICENSE states them. Left out for
# theirs: avataaars and bottts, which are "free for personal and commercial use". Left out for
# showing nobody: glass, icons, identicon, initials, rings, shapes, thumbs, fun-emoji.
STYLES = (
    (
        "adventurer",
        "eec6ecaba48dc91ce047de900ef9a600a52983f866943dc9597164daf846e101",
        "CC BY 4.0, Lisa Wischofsky",
    ),
    (
        "big-ears",
        "4284720da3272512a1c77ccd25c9f21db77264437e8f25bd3adc9edfaedddf6f",
        "CC BY 4.0, The Visual Team",
    ),
    (
        "big-smile",
        "077cd9389c02d7a761b63a1496de10d88546a2450cec851fd4b2e052b0318bee",
        "CC BY 4.0, Ashley Seo",
    ),
    (
        "croodles",
        "0a111857fd821d04d96ea10c2910a87953e8944917a6eb0a6d7ef9efbb030284",
        "CC BY 4.0, vijay verma",
    ),
    (
        "dylan",
        "99ee75f22ccb4c795b5e122a0ecdafc8508b9f3d3296c4c8de8db4354871c92f",
        "CC BY 4.0, Natalia Spivak",
    ),
    (
        "lorelei",
        "de797c458bbcf584991ff3f53665581c9026346787715ba396aa2067ae150535",
        "CC0 1.0, Lisa Wischofsky",
    ),
    (
        "micah",
        "8f225178114eb5426f5a8c3abfef22123e505d4fc44fa3e11f198242f6684190",
        "CC BY 4.0, Micah Lanier",
    ),
    (
        "miniavs",
        "75a0fe0e3d150c209286ebca11a6a32ddcdbdc135bc38ba4cf07a519cf427054",
        "CC BY 4.0, Webpixels",
    ),
    (
        "notionists",
        "e812410b4cbe3da3051b2ad48c9c84253b29eecf284930b81f2eed70760e6581",
        "CC0 1.0, Zoish",
    ),
    (
        "open-peeps",
        "562b2c82245be2b84f46a21665b04ba6604c0549198783ac5b9349f7d5521546",
        "CC0 1.0, Pablo Stanley",
    ),
    (
        "personas",
        "4952df00a5a8b5527854d0e1fbbee32b7d02bd30daaa7d7e0ab7940104fb140b",
        "CC BY 4.0, Draftbit",
    ),
    (
        "pixel-art",
        "779d4b46ecb7f2638f00afece0878bc01fbd5294a5bd0db9a0642ec8a807cbb6",
        "CC0 1.0, DiceBear",
    ),
    (
        "toon-head",
        "e1b54fb5cac4f925fb24cc23f905525356f61ae7786d4e18cf35613edc1b1c31",
        "CC BY 4.0, Johan Melin",
    ),
)

PACKAGES = tuple(
    Package(
        f"@dicebear/{style}",
        "9.4.2",
        "npm",
        f"dicebear-{style}-9.4.2.tgz",
        sha256,
        licence,
        dicebear(style),
        needs=("@dicebear/core", "@resvg/resvg-wasm"),
    )
    for style, sha256, licence in STYLES
)
