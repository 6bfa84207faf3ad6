"""The HTML report: complete, bounded, and harmless whatever a pack calls its files."""

import base64
import io
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from decision_samples import (
    BUNNY,
    character,
    copies,
    decision,
    decisions,
    full_decision,
    hostile_decision,
    name,
    part,
    unscreened,
)
from hypothesis import given, settings
from PIL import Image

from screening.decision import Decision
from screening.evidence import Evidence
from screening.matching import ReferenceImage
from screening.packs import Ignored
from screening.policy import Standing
from screening.report.findings import MEANING
from screening.report.html import NoPictures, render_html
from screening.visible_text import SENTENCE_CHARACTERS, TITLE_CHARACTERS

VOID = {"meta", "img", "path", "circle", "rect", "br"}
BLOCKS = {"title", "h1", "h2", "h3", "p", "li", "dt", "dd", "div"}


class Pictures:
    """Pictures of one colour for the pack, of another for the references."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def pack_picture(self, path: str, view: str) -> bytes | None:  # noqa: ARG002
        self.asked.append(path)
        return drawn("JPEG")

    def reference_picture(self, reference: ReferenceImage) -> bytes | None:  # noqa: ARG002
        return drawn("PNG")


class Page(HTMLParser):
    """Elements, attributes and text of a page; an element that is not closed is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += [(tag, key, value or "") for key, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag
        if tag in BLOCKS:
            self.texts.append(" ")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    def values(self, tag: str, attribute: str) -> list[str]:
        return [value for t, key, value in self.attributes if (t, key) == (tag, attribute)]


def drawn(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "navy").save(out, kind)
    return out.getvalue()


def page(each: Decision) -> Page:
    return Page(render_html(each, Pictures()))


@pytest.mark.parametrize(
    "each",
    [decision(), decision(unscreened=(unscreened("a"),)), full_decision()],
    ids=["allow", "flag", "block"],
)
def test_page_says_the_verdict_its_meaning_and_the_main_reason_first(each: Decision) -> None:
    word, meaning = each.verdict.value, MEANING[each.verdict]
    start = f"{word.upper()}: my pack {word} {meaning} {each.reasons[0].text}"
    assert page(each).text.startswith(start)


def test_everything_that_was_found_is_on_the_page() -> None:
    each = full_decision()
    found = page(each)
    for expected in (
        *(reason.text for reason in each.reasons),
        "Bunny from Big Buck Bunny · rights: Blender Foundation",
        "14 pictures are edited copies of reference images.",
        "⇄ mirrored",
        "12 of 256 bits differ",
        "images/bunny/000.jpg at 00:00:00.040",
        "phash-256",
        "Robot from Toons",
        "score 0.900",
        "r1.png (frame 2)",
        "“big buck bunny” names Bunny from Big Buck Bunny",
        "Ambiguous name in a file name: does not count alone.",
        "latents.npz",
        "the archive is encrypted",
        "27 members = 24 screened + 2 not screened + 1 ignored",
        "holds no picture and no text",
        "uploader u-1",
        "2026-01-02 03:04:05 UTC, 0.8 s",
        "imagehash 4.3.2",
        f"manifest sha256 {each.pack.sha256}",
    ):
        assert expected in found.text, expected
    assert found.text.endswith(each.pack.sha256)


def test_pictures_are_embedded_side_by_side_with_words_for_who_cannot_see_them() -> None:
    found = page(decision(Evidence(copies=(copies("a.jpg", "b.jpg"),))))
    sources = found.values("img", "src")
    assert [source.partition(";")[0] for source in sources] == [
        "data:image/jpeg",
        "data:image/png",
    ] * 2
    assert base64.b64decode(sources[0].partition(",")[2]) == drawn("JPEG")
    alternatives = found.values("img", "alt")
    assert alternatives[:2] == [
        "Picture of the pack, a.jpg",
        "Reference image of Bunny, images/bunny/000.jpg",
    ]


def overlapping() -> Evidence:
    found = replace(copies("a.jpg"), matches=(part("a.jpg"),))
    return Evidence(copies=(found,))


def test_overlaps_are_drawn_on_both_pictures() -> None:
    """The left half of the reference, in the upper right quarter of the picture."""
    found = page(decision(overlapping()))
    assert found.values("svg", "viewbox")[-2:] == ["0 0 8 6"] * 2
    sides = ("x", "y", "width", "height")
    boxes = zip(*(map(float, found.values("rect", side)) for side in sides), strict=True)
    assert list(boxes) == [(4, 0, 4, 3)] * 2 + [(0, 0, 4, 6)] * 2
    assert "50 % of the reference in 25 % of the picture" in found.text


def test_an_overlap_is_drawn_where_there_is_no_picture() -> None:
    html = render_html(decision(overlapping()), NoPictures())
    assert [float(x) for x in Page(html).values("rect", "x")] == [60, 60, 0, 0]


def test_no_overlap_is_drawn_on_a_picture_that_cannot_be_measured() -> None:
    class Odd(Pictures):
        def pack_picture(self, path: str, view: str) -> bytes | None:  # noqa: ARG002
            return b"\xff\xd8\xff"

    assert len(Page(render_html(decision(overlapping()), Odd())).values("rect", "x")) == 2


def test_what_a_hash_found_has_no_overlap() -> None:
    assert page(decision(Evidence(copies=(copies("a.jpg"),)))).elements["rect"] == 0


def test_missing_pictures_are_drawn_as_placeholders() -> None:
    html = render_html(decision(Evidence(copies=(copies("a.jpg"),))), NoPictures())
    found = Page(html)
    assert found.elements["img"] == 0
    labels = found.values("svg", "aria-label")
    assert [label.rpartition(": ")[2] for label in labels] == ["not available", "fingerprint only"]


def test_what_is_no_jpeg_or_png_is_not_embedded() -> None:
    class Odd(Pictures):
        def pack_picture(self, path: str, view: str) -> bytes | None:  # noqa: ARG002
            return b"<svg onload=alert(1)>"

    found = Page(render_html(decision(Evidence(copies=(copies("a.jpg"),))), Odd()))
    assert found.elements["img"] == 1


@pytest.mark.parametrize(("pairs", "shown", "folded"), [(12, 12, 0), (13, 12, 1), (70, 12, 48)])
def test_pairs_are_folded_after_twelve_and_bounded(pairs: int, shown: int, folded: int) -> None:
    pictures = Pictures()
    each = decision(Evidence(copies=(copies(*(f"{i}.jpg" for i in range(pairs))),)))
    html = render_html(each, pictures)
    before, _, after = html.partition("more pair" + ("" if folded == 1 else "s") + "</summary>")
    assert before.count('<li class="pair">') == shown
    assert after.count('<li class="pair">') == folded
    assert len(pictures.asked) == shown + folded
    assert ("10 more pairs in the JSON" in html) == (pairs == 70)


def test_long_lists_are_bounded() -> None:
    many = tuple(unscreened(f"{i}.npz", f"reason {i % 30}") for i in range(30_000))
    html = render_html(decision(unscreened=many), NoPictures())
    assert len(html) < 400_000
    assert "and 990 more" in html
    assert "790 more members in the JSON" in html
    assert "20 more reasons in the JSON" in html


def test_unscreened_members_come_before_pairs_where_they_are_the_cause() -> None:
    cause = page(
        decision(
            Evidence(copies=(copies("a.jpg"),)),
            unscreened=(unscreened("a.npz"),),
            standing=(Standing.LICENSED, "Licensed."),
        )
    )
    assert cause.text.index("Not screened") < cause.text.index("Bunny from Big")
    assert "warning" in cause.values("section", "class")
    beside = page(full_decision())
    assert beside.text.index("Not screened") > beside.text.index("Robot from Toons")
    assert "warning" not in beside.values("section", "class")


def test_licensed_pack_says_allow_and_why() -> None:
    each = decision(
        Evidence(copies=(copies("a.jpg", "b.jpg", "c.jpg"),)),
        standing=(Standing.LICENSED, "The uploader holds a licence for it."),
    )
    text = page(each).text
    assert "May be trained. 3 different pictures are copies" in text
    assert "The uploader holds a licence for it." in text


def test_hostile_names_become_text_and_nothing_else() -> None:
    tame = decision(
        Evidence(
            copies=(copies(*(f"{i}.png" for i in range(7))),),
            characters=(character(*(f"{i}.png" for i in range(7))),),
            names=(name("bunny", *map(str, range(7))),) * 2,
        ),
        pictures=tuple(map(str, range(7))),
        unscreened=tuple(unscreened(f"!{i}", f"cannot be read: {i}") for i in range(7)),
        ignored=tuple(Ignored(path=f"~{i}", reason=f"odd: {i}") for i in range(7)),
    )
    hostile = page(hostile_decision())
    expected = page(tame).elements
    marked = {"span", "bdi"}  # escapes are marked, and both packs name no uploader or one
    for element in {*hostile.elements, *expected} - marked:
        assert hostile.elements[element] == expected[element], element
    assert "script" not in hostile.elements
    assert {key for _, key, _ in hostile.attributes if key.startswith("on")} == set()
    assert "<script>document.title" in hostile.text


def test_hostile_names_are_visibly_escaped_and_bounded() -> None:
    html = render_html(hostile_decision(), NoPictures())
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u202a-\u202e\ud800-\udfff]", html
    )
    html.encode("utf-8")
    for escaped in (r"\x1b", r"\u202e", r"\x0d\x0a", r"\u2028", r"\xe9"):
        assert f'<span class="escaped">{escaped}' in html
    assert html.count("A" * 100) > 0
    assert html.count("A" * (TITLE_CHARACTERS // 2 + 1)) == 0
    assert Page(html).text.count("A" * (SENTENCE_CHARACTERS // 2 + 1)) == 0
    assert "{{ 7 * 7 }}" in html


@given(decisions)
@settings(deadline=None, max_examples=25)
def test_any_decision_renders_to_a_well_formed_page(each: Decision) -> None:
    html = render_html(each, NoPictures())
    html.encode("utf-8")
    assert not {"script", "iframe", "object", "link", "base", "form"} & set(Page(html).elements)


def test_same_decision_gives_the_same_page() -> None:
    assert render_html(full_decision(), Pictures()) == render_html(full_decision(), Pictures())


def test_page_of_a_decision_read_back_is_the_same() -> None:
    read = Decision.from_json(full_decision().to_json())
    assert render_html(read, Pictures()) == render_html(full_decision(), Pictures())


def test_page_forbids_what_it_does_not_need() -> None:
    html = render_html(hostile_decision(), Pictures())
    found = Page(html)
    (policy,) = (v for v in found.values("meta", "content") if "default-src" in v)
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert found.elements["style"] == 1
    assert not [key for _, key, _ in found.attributes if key == "style"]
    links = [value for _, key, value in found.attributes if key in ("href", "src", "action")]
    assert links
    assert all(link.startswith("data:image/") for link in links)
    assert "url(" not in html
    assert "@import" not in html
    assert '<html lang="en">' in html


def test_work_of_the_same_name_is_not_said_twice() -> None:
    evidence = Evidence(copies=(copies("a.jpg"),), names=(name("bunny", "a.txt"),))
    each = replace(decision(evidence), named=(replace(BUNNY, work="Bunny"),))
    assert "Bunny rights: Blender Foundation" in page(each).text
    assert "“bunny” names Bunny Distinctive" in page(each).text


def test_picture_that_is_a_copy_is_not_shown_again_as_alike() -> None:
    looks = character("a.jpg", "b.jpg", named=BUNNY)
    looks = replace(looks, matches=tuple(replace(each, view="") for each in looks.matches))
    html = render_html(
        decision(Evidence(copies=(copies("a.jpg"),), characters=(looks,))), NoPictures()
    )
    assert html.count("<strong>Copy</strong>") == 1
    assert html.count("<strong>Looks alike</strong>") == 1


def test_unknown_character_is_shown_by_its_ids() -> None:
    each = replace(decision(Evidence(copies=(copies("a.jpg"),))), named=())
    assert "bunny from big-buck-bunny" in page(each).text


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed"
)
def test_browser_builds_the_page_that_was_meant(tmp_path: Path) -> None:
    assert CHROMIUM is not None, "CI must have Chromium: apt-get install chromium"
    path = tmp_path / "report.html"
    html = render_html(hostile_decision(), Pictures())
    path.write_text(html, encoding="utf-8")
    network_log = tmp_path / "network.json"
    shown = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--log-net-log={network_log}",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        timeout=60,
        check=True,
    )
    built, written = Page(shown.stdout.decode("utf-8")), Page(html)
    assert built.elements == written.elements
    assert built.values("img", "src") == written.values("img", "src")
    assert built.text == written.text
    # the policy lets the page's own style through, and has nothing to stop
    assert b"Content Security Policy" not in shown.stderr
    requested = network_log.read_text(encoding="utf-8")
    assert path.name in requested
    assert "evil.invalid" not in requested
