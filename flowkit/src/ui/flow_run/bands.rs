//! Bands: very many task runs over time, one band a task.

use super::picture::{MARGIN, Scale, TOP, WIDTH};
use crate::ui::svg::Svg;
use crate::ui::text;
use crate::wire::{Band, Timeline};

/// How many tasks are drawn.
const DRAWN: usize = 40;

const BAND: f64 = 44.0;
const LABEL: f64 = 16.0;

/// Draws when the runs of each task were called; what failed stands on the ground.
pub(super) fn draw(timeline: &Timeline, zoom: u32) -> Svg {
    let bands = &timeline.bands[..timeline.bands.len().min(DRAWN)];
    #[expect(clippy::cast_precision_loss, reason = "at most a few dozen")]
    let height = TOP + bands.len() as f64 * BAND + 4.0;
    let width = WIDTH * f64::from(zoom);
    let scale = Scale { from: timeline.from, until: timeline.until, width };
    let (class, label) = (format!("timeline z{zoom}"), "Task runs over time, by task");
    let mut svg = Svg::new(&class, [width, height], label).styled();
    scale.axis(&mut svg, height);
    let mut y = TOP;
    for band in bands {
        draw_band(&mut svg, band, y, width);
        y += BAND;
    }
    svg.done()
}

#[expect(clippy::cast_precision_loss, reason = "a picture is not that exact")]
fn draw_band(svg: &mut Svg, band: &Band, y: f64, width: f64) {
    let called: u64 = band.spans.iter().map(|span| span.called).sum();
    let failed: u64 = band.spans.iter().map(|span| span.failed).sum();
    let unfinished: u64 = band.spans.iter().map(|span| span.unfinished).sum();
    let mut label = format!("{} · about {}", band.task, text::count(called, "run"));
    for (count, what) in [(failed, "✕ failed"), (unfinished, "▸ going on")] {
        if count > 0 {
            label.push_str(&format!(" · {} {what}", text::number(count)));
        }
    }
    svg.text("name", [MARGIN, y + 12.0], &label);
    let peak = band.spans.iter().map(|span| span.called).max().unwrap_or(1).max(1) as f64;
    let step = (width - 2.0 * MARGIN) / band.spans.len().max(1) as f64;
    let ground = y + BAND - 4.0;
    svg.line("grid", [MARGIN, ground], [width - MARGIN, ground]);
    for (index, span) in band.spans.iter().enumerate().filter(|(_, span)| span.called > 0) {
        let x = MARGIN + index as f64 * step;
        let tall = |runs: u64| runs as f64 / peak * (BAND - LABEL - 6.0);
        let title = format!("{}: {} called, {} failed", band.task, span.called, span.failed);
        svg.group(&title, |svg| {
            let parts = [
                ("f-failed", span.failed),
                ("f-running", span.unfinished),
                ("f-completed", span.called.saturating_sub(span.failed + span.unfinished)),
            ];
            let mut bottom = ground;
            for (class, runs) in parts.into_iter().filter(|(_, runs)| *runs > 0) {
                let height = tall(runs).max(2.0);
                bottom -= height;
                svg.rect(class, [x, bottom, (step - 1.0).max(1.0), height], 0.0);
            }
        });
    }
}
