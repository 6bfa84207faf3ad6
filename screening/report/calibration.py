"""A calibration in words and a plot, for whoever has to answer for its promise."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from screening.calibration import Binding, Calibration, Check, Kind, Suspect, Yardstick
from screening.calibration.binding import MOST_GROWTH
from screening.calibration.bounds import CONFIDENCE, clopper_pearson, realised_rate
from screening.calibration.calibration import packs_needed, packs_wanted, sizes_of
from screening.counts import counted
from screening.visible_text import visible

ALPHAS = (0.05, 0.01, 0.001)
PLOT_COLUMNS = 48
_BLOCKS = " ▁▂▃▄▅▆▇█"
_UNGROWN = dict.fromkeys(Kind, 1.0)
_WHAT = {
    Kind.CHARACTERS: "Character evidence. A pack's number is its margin over the score that flags "
    "without a calibration, of the protected character that it looks most like; 0 is that score",
    Kind.COPIES: "Copy evidence. A pack's number is how many certain copies of one character it "
    "has; likely ones together count less than one",
}


def explain(calibration: Calibration) -> Iterator[str]:
    """Lines of text: what it is of, what it holds for, what it promises, what a check found."""
    binding = calibration.binding
    yield f"Calibration {calibration.sha256[:16]}: {visible(calibration.source, 400)}"
    if calibration.provisional:
        yield f"PROVISIONAL: {visible(calibration.provisional, 400)}. It can flag, and never block."
    makers = ", ".join(f"{name} {version}" for name, version in sorted(binding.makers.items()))
    yield f"Made with {visible(makers, 400)}"
    yield (
        f"against {counted(binding.characters, 'character')} with "
        f"{counted(binding.reference_images, 'reference image')} (index {binding.index})."
    )
    yield _holds_for(binding)
    for kind in Kind:
        if any(each.statistics.get(kind) for each in calibration.buckets):
            yield ""
            yield from _explain_kind(calibration, kind)
        else:
            yield f"Nothing was measured about {kind.value}."
    yield ""
    yield from _checked(calibration)
    for suspect in calibration.suspects if binding.known else ():
        yield _suspected(suspect)


def _holds_for(binding: Binding) -> str:
    images = int(MOST_GROWTH * binding.reference_images)
    if not binding.known:
        return (
            "NOT MADE AGAINST YOUR INDEX: it serves any index of up to "
            f"{int(MOST_GROWTH * binding.characters)} characters and {images} images, and how many "
            "benign packs it flags there has not been measured. Calibrate with packs of your own."
        )
    return (
        "It is bound to these characters and their reference images. Each that is new or has other "
        f"images adds 1/{len(binding.known)} to what p-values are multiplied by; it is refused "
        f"when more than {int((MOST_GROWTH - 1) * len(binding.known))} are new, none is left, or "
        f"there are more than {images} images."
    )


def compared_with(calibration: Calibration, now: Binding) -> Iterator[str]:
    """What became of the characters since, and what that costs. Raises CalibrationUnusable."""
    growth = calibration.binding.growth(now)
    times = " and ".join(f"{by:.2f} (by {kind.value})" for kind, by in growth.items())
    if calibration.binding.known:
        changes = calibration.binding.changes(now)
        yield (
            f"In the index of now {changes.added} of {len(now.known)} characters are new, "
            f"{changes.replaced} have other reference images, and {changes.gone} are gone: "
            f"p-values are multiplied by {times}."
        )
    else:
        yield f"For the index of now, p-values are multiplied by {times}."


def asked_for(calibration: Calibration, alphas: Mapping[Kind, float]) -> Iterator[str]:
    """What the alphas of a policy come to with this calibration, and where it is too small."""
    limited = " and ".join(
        f"{_percent(alpha)} are flagged by {kind.value}" for kind, alpha in alphas.items()
    )
    total = f", {_percent(sum(alphas.values()))} together" if len(alphas) > 1 else ""
    yield f"The policy accepts that of benign packs {limited}{total}."
    for kind in Kind:
        if kind not in alphas:
            yield f"By {kind.value} the policy sets no alpha: they flag without such a promise."
    for kind, alpha in alphas.items():
        needed = packs_needed(alpha)
        counts = [len(each.statistics.get(kind, ())) for each in calibration.buckets]
        short = [f"{count} of {sizes_of(n)}" for n, count in enumerate(counts) if count < needed]
        if short:
            yield (
                f"WARNING: {_percent(alpha)} needs {needed} benign packs of a size, and there are "
                f"{', '.join(short)}: by {kind.value}, packs of these sizes are judged as without "
                "a calibration."
            )
        if enough := sorted({count for count in counts if count >= needed}):
            yield from _steadiness(kind, alpha, enough)


def _steadiness(kind: Kind, alpha: float, counts: list[int]) -> Iterator[str]:
    """How far from alpha the true rate may be, because a few packs decide where the limit is."""
    for count in counts:
        limit = int(Fraction(str(alpha)) * (count + 1))
        low, high = realised_rate(limit, count)
        text = (
            f"With {count} benign packs of a size, {_percent(alpha)} by {kind.value} is truly "
            f"{_percent(low)} to {_percent(high)} in 90 % of calibrations"
        )
        wanted = packs_wanted(alpha)
        if count < wanted:
            text += f"; with {wanted}, half to twice of it"
        yield f"{text}."


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"


def _explain_kind(calibration: Calibration, kind: Kind) -> Iterator[str]:
    yield f"{_WHAT[kind]}."
    yield "Flagged are packs above the number in the column of the alpha that the policy sets:"
    heads = "".join(f"{f'alpha {_percent(alpha)}':>14}" for alpha in ALPHAS)
    yield f"  {'size of the pack':22}{'benign':>6}{'lowest p':>10}{heads}"
    for number, bucket in enumerate(calibration.buckets):
        benign = bucket.statistics.get(kind, ())
        if benign:
            rule = Yardstick(benign={kind: benign}, growth=_UNGROWN, provisional=False)
            limits = "".join(f"{_limit(rule, kind, alpha):>14}" for alpha in ALPHAS)
            least = 1 / (len(benign) + 1)
            yield f"  {sizes_of(number):22}{len(benign):>6}{least:>10.4f}{limits}"
    yield from _plot(calibration, kind)


def _limit(rule: Yardstick, kind: Kind, alpha: float) -> str:
    limit = rule.limit(kind, alpha)
    return "too few packs" if limit is None else f"{limit:+.3f}"


def _plot(calibration: Calibration, kind: Kind) -> Iterator[str]:
    """How the statistics of benign packs are spread, one line a size."""
    yield "How many benign packs have which number, one line a size (higher is more alike):"
    all_of = [each.statistics.get(kind, ()) for each in calibration.buckets]
    low = min(each[0] for each in all_of if each)
    high = max(each[-1] for each in all_of if each)
    width = (high - low) or 1.0
    for number, statistics in enumerate(all_of):
        if statistics:
            counts = [0] * PLOT_COLUMNS
            for each in statistics:
                counts[min(PLOT_COLUMNS - 1, int((each - low) / width * PLOT_COLUMNS))] += 1
            most = max(counts)
            # Even one pack in a column is seen: the tail is what the promise hangs on.
            bars = "".join(_BLOCKS[-(-8 * each // most)] for each in counts)
            yield f"  {sizes_of(number):22}|{bars}|"
    if low < 0 < high:
        place = min(PLOT_COLUMNS - 1, int(-low / width * PLOT_COLUMNS))
        yield f"  {'':22}|{'0':>{place + 1}}"
    axis = f"{low:+.3f}{high:>+{PLOT_COLUMNS + 2 - len(f'{low:+.3f}')}.3f}"
    yield f"  {'':22}{axis}"


def _checked(calibration: Calibration) -> Iterator[str]:
    if not calibration.checks:
        yield (
            "Not checked with held-out packs: none was held out, or there are too few packs of its "
            "size. The promise rests on the p-values alone."
        )
        return
    yield f"Held-out benign packs ({CONFIDENCE:.0%} intervals by Clopper and Pearson):"
    for check in calibration.checks:
        yield f"  {_check(check)}"


def _check(check: Check) -> str:
    needed = packs_needed(check.alpha)
    if check.packs < needed:
        return (
            f"{check.kind.value}, alpha {check.alpha:g}: {check.flagged} of {check.packs} flagged; "
            f"fewer than {needed} packs say nothing about this alpha"
        )
    low, high = clopper_pearson(check.flagged, check.packs)
    rate = check.flagged / check.packs
    return (
        f"{check.kind.value}, alpha {check.alpha:g}: {check.flagged} of {check.packs} flagged, "
        f"{rate:.2%} ({low:.2%} to {high:.2%}), {rate / check.alpha:.2f} times alpha "
        f"({low / check.alpha:.2f} to {high / check.alpha:.2f})"
    )


def _suspected(suspect: Suspect) -> str:
    name = visible(f"{suspect.reference_set}/{suspect.character}")
    return (
        f"{name} matches {suspect.packs} of {suspect.of} unrelated benign packs by "
        f"{suspect.kind.value}, more than alpha allows for all characters together: look at its "
        "references; one that others have too is left out with quarantined_images."
    )
