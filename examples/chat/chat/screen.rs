//! The terminal, or the file or pipe that stands in for it.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};

/// Back to the beginning of the line, and clear it.
const CLEAR_LINE: &str = "\r\x1b[K";

/// Where everything but errors is shown.
pub(crate) struct Screen {
    out: Box<dyn Write>,
    is_terminal: bool,
    has_colours: bool,
    part: Part,
}

/// What was shown last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Nothing,
    Queue,
    Reasoning,
    Content,
    Refusal,
    Call,
}

impl Screen {
    /// Standard output.
    pub(crate) fn stdout() -> Self {
        let out = io::stdout().lock();
        let is_terminal = out.is_terminal();
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let mut screen = Self::plain(out);
        screen.is_terminal = is_terminal;
        screen.has_colours = is_terminal && !no_color;
        screen
    }

    /// Anything that is no terminal.
    pub(crate) fn plain(out: impl Write + 'static) -> Self {
        Self {
            out: Box::new(out),
            is_terminal: false,
            has_colours: false,
            part: Part::Nothing,
        }
    }

    /// Something beside the answer.
    pub(crate) fn note(&mut self, text: &str) -> io::Result<()> {
        let dim = self.style(Style::new().dimmed());
        writeln!(self.out, "{dim}{text}{dim:#}\n")
    }

    /// One more keep-alive: a line that is drawn anew on a terminal, and now and then a new one elsewhere.
    pub(crate) fn queued(&mut self, keep_alives: u64, since: Duration) -> io::Result<()> {
        let dim = self.style(Style::new().dimmed());
        let since = seconds(since);
        let line = format!("{dim}queued for {since}, keep-alives: {keep_alives}{dim:#}");
        if self.is_terminal {
            self.part = Part::Queue;
            write!(self.out, "{CLEAR_LINE}{line}")?;
        } else if keep_alives.is_power_of_two() {
            writeln!(self.out, "{line}")?;
        }
        self.out.flush()
    }

    /// The line of [`Screen::queued`] has done its work.
    pub(crate) fn end_queue(&mut self) -> io::Result<()> {
        if self.part == Part::Queue {
            self.part = Part::Nothing;
            write!(self.out, "{CLEAR_LINE}")?;
        }
        self.out.flush()
    }

    /// A piece of what the model thinks.
    pub(crate) fn reasoning(&mut self, text: &str) -> io::Result<()> {
        self.piece(Part::Reasoning, Style::new().dimmed(), text)
    }

    /// A piece of what the model answers.
    pub(crate) fn content(&mut self, text: &str) -> io::Result<()> {
        self.piece(Part::Content, Style::new(), text)
    }

    /// Why the model declines to answer.
    pub(crate) fn refusal(&mut self, text: &str) -> io::Result<()> {
        self.piece(Part::Refusal, Style::new(), text)
    }

    /// A tool that the model calls, and the arguments as they came.
    pub(crate) fn call(&mut self, name: &str, arguments: &str) -> io::Result<()> {
        self.end_part()?;
        self.piece(Part::Call, Style::new(), &format!("[calls {name}] {arguments}"))
    }

    fn piece(&mut self, part: Part, style: Style, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if self.part != part {
            self.start(part)?;
        }
        let style = self.style(style);
        write!(self.out, "{style}{}{style:#}", printable(text))?;
        self.out.flush()
    }

    fn start(&mut self, part: Part) -> io::Result<()> {
        self.end_part()?;
        self.part = part;
        // Where reasoning cannot be dimmed, it needs a name.
        match part {
            Part::Reasoning if !self.has_colours => writeln!(self.out, "[reasoning]"),
            Part::Content if !self.has_colours => writeln!(self.out, "[answer]"),
            Part::Refusal => writeln!(self.out, "[refusal]"),
            _ => Ok(()),
        }
    }

    fn end_part(&mut self) -> io::Result<()> {
        self.end_queue()?;
        if self.part != Part::Nothing {
            self.part = Part::Nothing;
            write!(self.out, "\n\n")?;
        }
        Ok(())
    }

    /// The last line: the conclusion, and what there is to say beside it.
    pub(crate) fn summary(&mut self, conclusion: &str, good: bool, rest: &str) -> io::Result<()> {
        self.end_part()?;
        let colour = if good { AnsiColor::Green } else { AnsiColor::Red };
        let bold = self.style(colour.on_default().bold());
        writeln!(self.out, "{bold}{conclusion}{bold:#} · {}", printable(rest))
    }

    fn style(&self, style: Style) -> Style {
        if self.has_colours { style } else { Style::new() }
    }
}

/// What comes next, on stderr or from the shell, gets a line of its own.
impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.end_part();
    }
}

/// Text without control characters: a model can be made to say some, and a terminal would obey them.
pub(crate) fn printable(text: &str) -> String {
    let shown = |char: char| matches!(char, '\n' | '\t') || !char.is_control();
    text.chars()
        .map(|char| if shown(char) { char } else { '\u{FFFD}' })
        .collect()
}

pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
