//! A bar chart drawn on the server: one bar a day, the number above each, and the same as a table.
//!
//! Knows no dates: labels are handed in. Look next: `admin/templates/admin/chart.html`.

/// How wide the drawing is; the browser scales it.
const WIDTH: u64 = 504;
/// How high the highest bar is.
const HEIGHT: u64 = 96;
/// Room above the bars for the numbers.
const ABOVE: u64 = 18;

/// A chart of counts.
#[derive(Clone, Debug)]
pub struct Chart {
    /// An id that no other chart of the page has: letters only.
    pub id: &'static str,
    /// What is counted: "Sign-ins per day".
    pub title: String,
    /// One sentence for those who do not see the bars.
    pub summary: String,
    /// The days, the oldest first.
    pub days: Vec<Day>,
}

/// One bar.
#[derive(Clone, Debug)]
pub struct Day {
    /// In the table: "Mon 2 March".
    pub label: String,
    /// Under the bar: "2".
    pub short: String,
    /// How many.
    pub count: u64,
}

/// One bar as drawn.
pub(super) struct Bar<'a> {
    pub(super) day: &'a Day,
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) middle: u64,
    pub(super) above: u64,
    pub(super) last: bool,
    /// Its date is shown on a narrow page too.
    pub(super) even: bool,
    /// Its number is shown on a narrow page too: the highest, and today's.
    pub(super) told: bool,
}

impl Chart {
    pub(super) fn bars(&self) -> Vec<Bar<'_>> {
        let most = self
            .days
            .iter()
            .map(|day| day.count)
            .max()
            .unwrap_or(0)
            .max(1);
        let many = (self.days.len() as u64).max(1);
        let step = WIDTH / many;
        let gap = step / 5;
        let highest = self.days.iter().rposition(|day| day.count == most);
        let highest = highest.map(|at| at as u64);
        let bar = |(at, day): (usize, &'_ Day)| {
            // A day on which something happened never looks like one on which nothing did.
            let scaled = u128::from(day.count) * u128::from(HEIGHT) / u128::from(most);
            let least = u64::from(day.count > 0) * 2;
            let height = u64::try_from(scaled).unwrap_or(HEIGHT).max(least);
            (at as u64, height)
        };
        let drawn = self.days.iter().enumerate().map(|(at, day)| {
            let (at, height) = bar((at, day));
            let y = ABOVE + HEIGHT - height;
            Bar {
                day,
                x: at * step + gap / 2,
                y,
                width: step - gap,
                height,
                middle: at * step + step / 2,
                above: y - 5,
                last: at + 1 == many,
                even: (many - at) % 3 == 1,
                told: at + 1 == many || Some(at) == highest,
            }
        });
        drawn.collect()
    }

    pub(super) fn base(&self) -> u64 {
        ABOVE + HEIGHT
    }

    pub(super) fn below(&self) -> u64 {
        self.base() + 16
    }

    pub(super) fn view_box(&self) -> String {
        format!("0 0 {WIDTH} {}", self.base() + 22)
    }

    pub(super) fn width(&self) -> u64 {
        WIDTH
    }
}
