"""The artist: paints a figure's parts in a style."""

import random

import skia

from drawn_characters.brush import packed
from drawn_characters.colour import BLACK, Colour
from drawn_characters.part import Figure, Part
from drawn_characters.style import PAPER_STYLES, Style

_STROKE = skia.Paint.kStroke_Style


class Artist:
    """Paints parts on a canvas whose matrix maps figure units to pixels.

    `unit` is the number of pixels to a figure unit, `size_px` the picture's width.
    """

    def __init__(self, canvas: skia.Canvas, style: Style, unit: float, size_px: int) -> None:
        self._canvas = canvas
        self._style = style
        self._pixel = 1.0 / unit
        fine = max(0.45, min(1.15, (unit / (0.2 * size_px)) ** 0.5))
        self._width = style.line_width * fine * size_px / 100.0 / unit
        self._smooth = style.finish != "pixel"
        self._dice = random.Random(style.line_seed)
        self._colours: dict[Colour, Colour] = {}

    def paint(self, figure: Figure) -> None:
        """Paint all parts from back to front."""
        style = self._style
        if style.sticker or style.line == "bold":
            self._paint_contour(figure)
        for part in figure.parts:
            if part.kind == "shine" and not style.shines:
                continue
            if part.kind == "shade" and style.shading not in ("cel", "soft"):
                continue
            if part.clip is not None:
                self._canvas.save()
                self._canvas.clipPath(part.clip, doAntiAlias=self._smooth)
            if part.kind == "line":
                self._paint_line(part)
            else:
                self._paint_form(part)
            if part.clip is not None:
                self._canvas.restore()

    def colour(self, colour: Colour) -> Colour:
        """A character's colour as this artist mixes it."""
        known = self._colours.get(colour)
        if known is not None:
            return known
        style = self._style
        noise = (
            (hash((round(colour.hue, 3), round(colour.lightness, 4))) >> 3) % 2001 / 1000.0
        ) - 1.0
        mixed = Colour(
            colour.hue + style.hue_drift + noise * style.wander,
            0.0 if style.colourless else min(1.0, colour.saturation * style.saturation),
            min(
                0.985,
                max(
                    0.03,
                    (colour.lightness - 0.5) * style.contrast
                    + 0.5
                    + style.lift
                    + noise * 0.008 * style.wander,
                ),
            ),
        )
        self._colours[colour] = mixed
        return mixed

    def _ink(self, colour: Colour, alpha: float = 1.0) -> skia.Paint:
        red, green, blue = colour.rgb()
        return skia.Paint(AntiAlias=self._smooth, Color4f=skia.Color4f(red, green, blue, alpha))

    def _pen(self, colour: Colour, width: float, alpha: float = 1.0) -> skia.Paint:
        paint = self._ink(colour, alpha)
        paint.setStyle(_STROKE)
        paint.setStrokeWidth(width)
        paint.setStrokeJoin(skia.Paint.kRound_Join)
        paint.setStrokeCap(skia.Paint.kRound_Cap)
        if self._style.line == "pencil":
            paint.setPathEffect(
                skia.DiscretePathEffect.Make(
                    9 * self._pixel, 0.9 * self._pixel, self._style.line_seed
                )
            )
        return paint

    def _paint_contour(self, figure: Figure) -> None:
        """One thick line, or a sticker's white rim, round the whole figure."""
        style = self._style
        colour = Colour(0, 0, 0.99) if style.sticker else BLACK
        paint = self._pen(colour, max(self._width * 2.6, 6 * self._pixel if style.sticker else 0.0))
        for part in figure.parts:
            if part.kind == "form" and part.clip is None:
                self._canvas.drawPath(part.path, paint)

    def _paint_line(self, part: Part) -> None:
        colour = self.colour(part.colour)
        self._canvas.drawPath(
            part.path, self._pen(colour, max(part.width, 0.8 * self._pixel), part.alpha)
        )

    def _paint_form(self, part: Part) -> None:
        style, canvas, path = self._style, self._canvas, part.path
        colour = self.colour(part.colour)
        if style.name in PAPER_STYLES and part.kind == "form":
            colour = Colour(0, 0, 0.9 + 0.1 * colour.lightness)
        wash = style.shading == "wash" and part.kind == "form"
        paint = self._ink(colour, part.alpha * (0.88 if wash else 1.0))
        line = (
            self._outline_colour(colour) if part.kind == "form" and style.line != "none" else None
        )
        if line is not None and style.uneven > 0.25 and style.line in ("ink", "bold"):
            heavy = self._width * style.uneven
            canvas.save()
            canvas.translate(-style.light * heavy * 0.5, heavy * 0.5)
            canvas.drawPath(path, self._pen(line, self._width))
            canvas.restore()
        bounds = path.getBounds()
        if part.fade is not None:
            paint.setShader(self._fade(bounds, colour, self.colour(part.fade), part.fade_from))
        elif part.kind == "form" and style.shading in ("soft", "glossy", "wash"):
            paint.setShader(self._gradient(bounds, colour))
        canvas.drawPath(path, paint)
        if part.kind == "form":
            self._shade(part, bounds, colour)
            if style.finish == "paint":
                self._dab(path, bounds, colour)
            if line is not None:
                canvas.drawPath(path, self._pen(line, self._width))
            elif wash:
                canvas.drawPath(path, self._pen(colour.shaded(0.35), 1.3 * self._pixel, 0.5))

    def _dab(self, path: skia.Path, bounds: skia.Rect, colour: Colour) -> None:
        """Loose brush strokes inside a form, lighter towards the light."""
        wide, tall = bounds.width(), bounds.height()
        if max(wide, tall) < 16 * self._pixel:
            return
        canvas, dice = self._canvas, self._dice
        canvas.save()
        canvas.clipPath(path, doAntiAlias=True)
        for _ in range(4):
            x, y = bounds.fLeft + wide * dice.random(), bounds.fTop + tall * dice.random()
            lit = 0.09 - 0.18 * (y - bounds.fTop) / max(tall, 1e-6)
            pen = self._pen(
                colour.lighter(lit + dice.uniform(-0.03, 0.03)), min(wide, tall) * 0.2, 0.45
            )
            reach = min(wide, tall, 1.5) * dice.uniform(0.2, 0.5)
            canvas.drawLine(x, y, x + reach * self._style.light, y + reach * 0.7, pen)
        canvas.restore()

    def _outline_colour(self, colour: Colour) -> Colour:
        style = self._style
        if style.line == "coloured":
            return Colour(colour.hue, colour.saturation * 0.8, max(0.06, colour.lightness * 0.4))
        if style.line == "pencil":
            return Colour(240, 0.03, 0.25)
        return Colour(260, 0.2, 0.09)

    def _fade(self, bounds: skia.Rect, first: Colour, last: Colour, start: float) -> skia.Shader:
        return skia.GradientShader.MakeLinear(
            points=[skia.Point(0, bounds.fTop), skia.Point(0, bounds.fBottom)],
            colors=[packed(first), packed(first), packed(last), packed(last)],
            positions=[0.0, start, min(1.0, start + 0.3), 1.0],
        )

    def _gradient(self, bounds: skia.Rect, colour: Colour) -> skia.Shader:
        style = self._style
        middle, top = bounds.centerX(), bounds.fTop
        if style.shading == "glossy":
            radius = max(bounds.width(), bounds.height()) * 0.85 or 1.0
            return skia.GradientShader.MakeRadial(
                center=skia.Point(
                    middle + style.light * bounds.width() * 0.2, top + bounds.height() * 0.25
                ),
                radius=radius,
                colors=[
                    packed(colour.lighter(0.12)),
                    packed(colour),
                    packed(colour.shaded(style.depth * 1.3)),
                ],
                positions=[0.0, 0.45, 1.0],
            )
        reach = 0.5 * bounds.width() * style.light
        return skia.GradientShader.MakeLinear(
            points=[skia.Point(middle + reach, top), skia.Point(middle - reach, bounds.fBottom)],
            colors=[
                packed(colour.lighter(0.06)),
                packed(colour),
                packed(colour.shaded(style.depth)),
            ],
            positions=[0.0, 0.4, 1.0],
        )

    def _shade(self, part: Part, bounds: skia.Rect, colour: Colour) -> None:
        style, canvas = self._style, self._canvas
        small = max(bounds.width(), bounds.height()) < 14 * self._pixel
        if style.shading not in ("cel", "hatch", "soft", "glossy") or small:
            return
        canvas.save()
        canvas.clipPath(part.path, doAntiAlias=self._smooth)
        shift = 0.13 * min(bounds.width(), bounds.height(), 2.0)
        if style.shading == "glossy":
            gloss = self._ink(Colour(0, 0, 1.0), 0.32)
            wide, tall = bounds.width(), bounds.height()
            x, y = bounds.centerX() + style.light * wide * 0.18, bounds.fTop + tall * 0.24
            canvas.drawOval(
                skia.Rect.MakeLTRB(
                    x - wide * 0.22, y - tall * 0.12, x + wide * 0.22, y + tall * 0.12
                ),
                gloss,
            )
        elif style.shading == "hatch":
            pen = self._pen(Colour(0, 0, 0.55), 1.1 * self._pixel)
            step = 4.5 * self._pixel
            lines = skia.Path()
            x = bounds.fLeft + bounds.width() * 0.55
            while x < bounds.fRight + bounds.height():
                lines.moveTo(x, bounds.fTop)
                lines.lineTo(x - bounds.height(), bounds.fBottom)
                x += step
            canvas.drawPath(lines, pen)
        else:
            lit = skia.Path(part.path)
            lit.offset(style.light * shift, -shift * 0.8)
            lit.toggleInverseFillType()
            alpha = 1.0 if style.shading == "cel" else 0.45
            shadow = colour.shaded(style.depth)
            if part.fade is not None:
                shadow, alpha = Colour(250, 0.3, 0.15), 0.25
            canvas.drawPath(lit, self._ink(shadow, alpha))
        canvas.restore()
