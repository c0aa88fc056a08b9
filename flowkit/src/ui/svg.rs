//! SVG: pictures, drawn as text. All that comes from users is escaped here.

use std::fmt::{self, Write};

use askama::filters::HtmlSafe;

use super::text::escape;

/// A picture that is being drawn, or is done.
#[derive(Debug, Default)]
pub(super) struct Svg(String);

impl Svg {
    /// Begins a picture of that size, with a class and what it shows for whoever cannot see it.
    pub(super) fn new(class: &str, size: [f64; 2], label: &str) -> Self {
        let ([width, height], label) = (size, escape(label));
        Self(format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{label}\"",
            Number(width),
            Number(height)
        ))
    }

    /// Lets it be as wide as its place, whatever that does to its shapes.
    pub(super) fn stretched(mut self) -> Self {
        self.0.push_str(" preserveAspectRatio=\"none\">");
        self
    }

    /// Is as large as the style sheet says.
    pub(super) fn styled(mut self) -> Self {
        self.0.push('>');
        self
    }

    /// Keeps its size in pixels.
    pub(super) fn fixed(mut self, [width, height]: [f64; 2]) -> Self {
        let (width, height) = (Number(width), Number(height));
        let _ = write!(self.0, " width=\"{width}\" height=\"{height}\">");
        self
    }

    /// A rectangle.
    pub(super) fn rect(&mut self, class: &str, [x, y, width, height]: [f64; 4], radius: f64) {
        let (x, y, width, height) = (Number(x), Number(y), Number(width), Number(height));
        let _ = write!(
            self.0,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""
        );
        if radius > 0.0 {
            let _ = write!(self.0, " rx=\"{}\"", Number(radius));
        }
        self.0.push_str("/>");
    }

    /// Many rectangles of one class, as one shape.
    pub(super) fn rects(&mut self, class: &str, rects: &[[f64; 4]]) {
        if rects.is_empty() {
            return;
        }
        let _ = write!(self.0, "<path class=\"{class}\" d=\"");
        for [x, y, width, height] in rects {
            let (x, y, width, height) = (Number(*x), Number(*y), Number(*width), Number(*height));
            let _ = write!(self.0, "M{x} {y}h{width}v{height}h-{width}z");
        }
        self.0.push_str("\"/>");
    }

    /// A line.
    pub(super) fn line(&mut self, class: &str, from: [f64; 2], to: [f64; 2]) {
        let _ = write!(
            self.0,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            Number(from[0]),
            Number(from[1]),
            Number(to[0]),
            Number(to[1])
        );
    }

    /// A curve that leaves to the right and arrives from the left.
    pub(super) fn curve(&mut self, class: &str, from: [f64; 2], to: [f64; 2]) {
        let bend = ((to[0] - from[0]).abs() / 2.0).clamp(12.0, 60.0);
        let _ = write!(
            self.0,
            "<path class=\"{class}\" d=\"M{} {}C{} {} {} {} {} {}\"/>",
            Number(from[0]),
            Number(from[1]),
            Number(from[0] + bend),
            Number(from[1]),
            Number(to[0] - bend),
            Number(to[1]),
            Number(to[0]),
            Number(to[1])
        );
    }

    /// A text.
    pub(super) fn text(&mut self, class: &str, [x, y]: [f64; 2], text: &str) {
        let (x, y, text) = (Number(x), Number(y), escape(text));
        let _ = write!(self.0, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>");
    }

    /// Shapes that say something when they are pointed at, and lead somewhere.
    pub(super) fn link(&mut self, href: &str, title: &str, draw: impl FnOnce(&mut Self)) {
        let (href, title) = (escape(href), escape(title));
        let _ = write!(self.0, "<a href=\"{href}\"><title>{title}</title>");
        draw(self);
        self.0.push_str("</a>");
    }

    /// Shapes that say something when they are pointed at.
    pub(super) fn group(&mut self, title: &str, draw: impl FnOnce(&mut Self)) {
        let _ = write!(self.0, "<g><title>{}</title>", escape(title));
        draw(self);
        self.0.push_str("</g>");
    }

    /// Says that nothing more is drawn.
    pub(super) fn done(mut self) -> Self {
        self.0.push_str("</svg>");
        self
    }
}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Svg {}

/// A coordinate, to a tenth of a pixel.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 10.0).round() / 10.0;
        if rounded.is_finite() { write!(f, "{rounded}") } else { f.write_str("0") }
    }
}
