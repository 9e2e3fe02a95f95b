//! The terminal dashboard: progress, curves, values, and what was said.
//!
//! It takes the terminal when the first stage begins and gives it back when it is dropped; ratatui gives it back in a panic, [`Stop`]
//! where the program is told to leave at once. In raw mode Ctrl-C is a key like any other, so a thread listens for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::{Axis, Block, Chart, Dataset, Gauge, GraphType, Paragraph, Row, Table};
use ratatui::{DefaultTerminal, Frame};

use super::pace::Throughput;
use super::stop::Stop;
use crate::io::log;

/// How often the screen is drawn, at most.
const DRAW_EVERY: Duration = Duration::from_millis(250);
/// How long a wait for a key may last, so that the thread notices the end.
const KEY_WAIT: Duration = Duration::from_millis(200);
/// Points of a curve that are kept; beyond, every second one is let go.
const POINTS: usize = 600;
/// Values drawn as curves, those that tell most first.
const CURVES: [(&str, Color); 4] =
    [("swap", Color::LightRed), ("validation", Color::LightBlue), ("matching", Color::LightGreen), ("set", Color::Yellow)];

/// The screen and what is on it.
pub struct Dashboard {
    stop: Stop,
    terminal: Option<DefaultTerminal>,
    /// What the program says while the dashboard has the terminal.
    log: Option<Receiver<String>>,
    listening: Arc<AtomicBool>,
    drawn: Option<Instant>,
    /// How much had been said before the terminal was taken.
    printed: usize,
    content: Content,
}

/// What is on the screen.
#[derive(Default)]
struct Content {
    pace: Option<Throughput>,
    values: BTreeMap<String, f64>,
    curves: BTreeMap<String, Vec<(f64, f64)>>,
    said: Vec<String>,
    stopping: bool,
}

impl Dashboard {
    pub(super) fn new(stop: Stop) -> Self {
        Self { stop, terminal: None, log: None, listening: Arc::default(), drawn: None, printed: 0, content: Content::default() }
    }

    pub(super) fn say(&mut self, line: &str) {
        self.content.said.push(line.to_owned());
        match self.terminal {
            Some(_) => self.draw(),
            None => println!("{line}"),
        }
    }

    pub(super) fn begin(&mut self, pace: Throughput) {
        self.content.curves.clear();
        self.content.values.clear();
        self.content.pace = Some(pace);
        self.take_terminal();
        self.draw();
    }

    pub(super) fn advance(&mut self, step: usize) {
        if let Some(pace) = &mut self.content.pace {
            pace.now = step;
        }
        if self.drawn.is_none_or(|drawn| drawn.elapsed() >= DRAW_EVERY) {
            self.draw();
        }
    }

    pub(super) fn log(&mut self, step: usize, values: &[(String, f64)]) {
        self.content.log(step, values);
    }

    pub(super) fn end(&mut self) {
        if let Some(pace) = self.content.pace.take() {
            self.say(&pace.end());
        }
    }

    fn take_terminal(&mut self) {
        if self.terminal.is_some() {
            return;
        }
        // A terminal that cannot be had is no reason not to train: then the lines printed are all there is.
        let Ok(terminal) = ratatui::try_init() else { return };
        self.terminal = Some(terminal);
        self.printed = self.content.said.len();
        let (lines, log) = mpsc::channel();
        log::send_to(Some(lines));
        self.log = Some(log);
        self.stop.set_on_screen(true);
        self.listening.store(true, Ordering::Relaxed);
        let (listening, stop) = (self.listening.clone(), self.stop.clone());
        std::thread::spawn(move || {
            while listening.load(Ordering::Relaxed) {
                if event::poll(KEY_WAIT).unwrap_or(false) && event::read().is_ok_and(|event| asks_to_stop(&event)) {
                    stop.ask();
                }
            }
        });
    }

    fn draw(&mut self) {
        self.content.stopping = self.stop.asked();
        self.content.said.extend(self.log.iter().flat_map(Receiver::try_iter));
        if let Some(terminal) = &mut self.terminal {
            // Should the terminal go away, training goes on without it.
            let _ = terminal.draw(|frame| self.content.render(frame));
        }
        self.drawn = Some(Instant::now());
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        self.listening.store(false, Ordering::Relaxed);
        if self.terminal.take().is_some() && self.stop.is_on_screen() {
            log::send_to(None);
            self.content.said.extend(self.log.iter().flat_map(Receiver::try_iter));
            ratatui::restore();
            self.stop.set_on_screen(false);
            // What was said stays readable after the screen is gone.
            for line in &self.content.said[self.printed..] {
                println!("{line}");
            }
        }
    }
}

fn asks_to_stop(event: &Event) -> bool {
    let Event::Key(key) = event else { return false };
    let control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind == KeyEventKind::Press && (control_c || key.code == KeyCode::Char('q'))
}

impl Content {
    fn log(&mut self, step: usize, values: &[(String, f64)]) {
        for (name, value) in values {
            self.values.insert(name.clone(), *value);
            let curve = self.curves.entry(name.clone()).or_default();
            curve.push((step as f64, *value));
            if curve.len() > POINTS {
                let mut keep = false;
                curve.retain(|_| {
                    keep = !keep;
                    keep
                });
            }
        }
    }

    fn render(&self, frame: &mut Frame<'_>) {
        let [top, middle, bottom, keys] =
            Layout::vertical([Constraint::Length(3), Constraint::Min(8), Constraint::Length(6), Constraint::Length(1)])
                .areas(frame.area());
        let [curves, values] = Layout::horizontal([Constraint::Min(30), Constraint::Length(30)]).areas(middle);
        self.progress(frame, top);
        self.curves(frame, curves);
        self.values(frame, values);
        self.said(frame, bottom);
        let hint = if self.stopping {
            " stopping after this step and saving; again: leave at once"
        } else {
            " q or Ctrl-C: save and stop"
        };
        frame.render_widget(Line::from(hint).dim(), keys);
    }

    fn progress(&self, frame: &mut Frame<'_>, area: Rect) {
        let Some(pace) = &self.pace else { return };
        let title = format!(" Emblem: {} ", pace.name);
        let label = format!("step {} of {}, {}", pace.now, pace.course.steps, pace.text());
        let gauge =
            Gauge::default().block(Block::bordered().title(title)).gauge_style(Color::Cyan).ratio(pace.share()).label(label);
        frame.render_widget(gauge, area);
    }

    fn curves(&self, frame: &mut Frame<'_>, area: Rect) {
        let shown: Vec<_> =
            CURVES.into_iter().filter_map(|(name, colour)| Some((name, colour, self.curves.get(name)?))).collect();
        let all = || shown.iter().flat_map(|(_, _, curve)| curve.iter());
        let right = all().map(|point| point.0).fold(1.0, f64::max);
        let left = all().map(|point| point.0).fold(right, f64::min);
        let high = all().map(|point| point.1).fold(f64::MIN_POSITIVE, f64::max);
        let lines = shown.iter().map(|(name, colour, curve)| {
            Dataset::default().name(*name).marker(Marker::Braille).graph_type(GraphType::Line).style(*colour).data(curve)
        });
        let axis =
            |from: f64, to: f64, labels: [String; 2]| Axis::default().style(Style::new().dim()).bounds([from, to]).labels(labels);
        let chart = Chart::new(lines.collect())
            .block(Block::bordered().title(" losses "))
            .x_axis(axis(left, right, [format!("{left:.0}"), format!("{right:.0}")]))
            .y_axis(axis(0.0, high, ["0".to_owned(), format!("{high:.2}")]));
        frame.render_widget(chart, area);
    }

    fn values(&self, frame: &mut Frame<'_>, area: Rect) {
        let rows = self.values.iter().map(|(name, value)| Row::new([name.clone(), format!("{value:>9.4}")]));
        let table =
            Table::new(rows, [Constraint::Min(16), Constraint::Length(9)]).block(Block::bordered().title(" last values "));
        frame.render_widget(table, area);
    }

    fn said(&self, frame: &mut Frame<'_>, area: Rect) {
        let block = Block::bordered().title(" log ");
        let room = block.inner(area).height.into();
        let last = self.said.iter().skip(self.said.len().saturating_sub(room));
        frame.render_widget(Paragraph::new(last.map(|line| Line::from(line.as_str())).collect::<Vec<_>>()).block(block), area);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::crossterm::event::KeyEvent;

    use super::*;
    use crate::config::StageName;
    use crate::report::view::StageExtent;

    fn screen(content: &Content, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| content.render(frame)).unwrap();
        terminal.backend().to_string()
    }

    fn content() -> Content {
        let course = StageExtent { stage: StageName::Disentangling, steps: 400, batch: 16, first: 0, budget: None };
        let mut content = Content { pace: Some(Throughput { now: 100, ..Throughput::new(course, None) }), ..Content::default() };
        for step in 0..100 {
            content.log(step, &[("swap".to_owned(), 1.0 / (step + 1) as f64), ("d_whole".to_owned(), 0.25)]);
        }
        content.said = (0..20).map(|line| format!("line {line}")).collect();
        content
    }

    #[test]
    fn the_screen_shows_how_far_it_is_and_what_was_said_last() {
        let shown = screen(&content(), 100, 30);
        for part in ["Emblem: disentangling", "step 100 of 400", "d_whole", "0.2500", "line 19", "save and stop"] {
            assert!(shown.contains(part), "{part} is missing:\n{shown}");
        }
        assert!(!shown.contains("line 3\n"), "old lines scroll away");
        assert!(shown.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "no curve:\n{shown}");
        let stopping = Content { stopping: true, ..content() };
        assert!(screen(&stopping, 100, 30).contains("stopping after this step"));
    }

    #[test]
    fn what_the_program_says_elsewhere_is_in_the_log() {
        let mut dashboard = Dashboard::new(Stop::default());
        let (lines, log) = mpsc::channel();
        dashboard.log = Some(log);
        lines.send("warning: a shard is cut off".to_owned()).unwrap();
        dashboard.draw();
        assert!(screen(&dashboard.content, 100, 30).contains("warning: a shard is cut off"));
    }

    #[test]
    fn any_size_of_screen_and_any_values_can_be_drawn() {
        for (width, height) in [(1, 1), (20, 5), (80, 24), (300, 100)] {
            screen(&content(), width, height);
            screen(&Content::default(), width, height);
        }
        let mut odd = Content::default();
        odd.log(0, &[("swap".to_owned(), f64::NAN), ("set".to_owned(), -5.0)]);
        screen(&odd, 80, 24);
    }

    #[test]
    fn long_curves_are_thinned() {
        let mut content = Content::default();
        (0..10 * POINTS).for_each(|step| content.log(step, &[("swap".to_owned(), 1.0)]));
        let curve = &content.curves["swap"];
        assert!(curve.len() <= POINTS && curve.len() > POINTS / 4);
        assert!(curve.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn q_and_control_c_ask_to_stop_and_nothing_else_does() {
        let key = |code, modifiers| asks_to_stop(&Event::Key(KeyEvent::new(code, modifiers)));
        assert!(key(KeyCode::Char('c'), KeyModifiers::CONTROL) && key(KeyCode::Char('q'), KeyModifiers::NONE));
        assert!(!key(KeyCode::Char('c'), KeyModifiers::NONE) && !key(KeyCode::Enter, KeyModifiers::NONE));
        assert!(!asks_to_stop(&Event::FocusLost));
    }
}
