//! Folds a function over finitely many cases into a table that a person can read.
//!
//! Values of a column that lead to the same rest of the table become one group, column by column
//! from the left. No case is left out, none is guessed. What the cases mean, the tests know.

use std::fmt::Write;

/// A column: its values in the order they are shown in.
pub type Column<'a> = &'a [&'a str];

/// One case: a value of each column, by index, and what comes of it.
pub type Case = (Vec<usize>, String);

struct Row {
    groups: Vec<Vec<usize>>,
    result: String,
}

/// Writes the cases as a table. The first `headings` columns become headings, the others columns.
#[must_use]
pub fn table(columns: &[Column<'_>], headings: usize, cases: &[Case]) -> String {
    let mut shown: Vec<(Vec<String>, String)> = Vec::new();
    for row in fold(cases, 0, columns.len()) {
        let named = row.groups.iter().zip(columns);
        let named = named
            .map(|(group, column)| group_name(group, column))
            .collect();
        shown.push((named, row.result));
    }
    let mut width = vec![0; columns.len()];
    for (row, _) in &shown {
        for (widest, cell) in width.iter_mut().zip(row) {
            *widest = cell.chars().count().max(*widest);
        }
    }
    let mut out = String::new();
    let mut before: &[String] = &[];
    for (row, result) in &shown {
        let (above, cells) = row.split_at(headings);
        let same = above
            .iter()
            .zip(before)
            .take_while(|(now, then)| now == then)
            .count();
        for (depth, heading) in above.iter().enumerate().skip(same) {
            let gap = if depth == 0 && !out.is_empty() {
                "\n"
            } else {
                ""
            };
            let _ = writeln!(out, "{gap}{}{heading}", "  ".repeat(depth));
        }
        before = above;
        let mut line = "  ".repeat(headings);
        for (cell, widest) in cells.iter().zip(&width[headings..]) {
            let _ = write!(line, "{cell:widest$}  ");
        }
        let _ = writeln!(out, "{line}{result}");
    }
    out
}

fn fold(cases: &[Case], depth: usize, columns: usize) -> Vec<Row> {
    if depth == columns {
        let result = cases
            .first()
            .map_or_else(String::new, |(_, result)| result.clone());
        return vec![Row {
            groups: Vec::new(),
            result,
        }];
    }
    let mut groups: Vec<(Vec<usize>, Vec<Row>)> = Vec::new();
    let mut values: Vec<usize> = cases.iter().map(|(case, _)| case[depth]).collect();
    values.sort_unstable();
    values.dedup();
    for value in values {
        let of_value = cases.iter().filter(|(case, _)| case[depth] == value);
        let of_value: Vec<Case> = of_value.cloned().collect();
        let rest = fold(&of_value, depth + 1, columns);
        match groups.iter_mut().find(|(_, known)| same(known, &rest)) {
            Some((group, _)) => group.push(value),
            None => groups.push((vec![value], rest)),
        }
    }
    let prefixed = |(group, rest): (Vec<usize>, Vec<Row>)| {
        rest.into_iter().map(move |mut row| {
            row.groups.insert(0, group.clone());
            row
        })
    };
    groups.into_iter().flat_map(prefixed).collect()
}

fn same(one: &[Row], other: &[Row]) -> bool {
    let alike = |(a, b): (&Row, &Row)| a.groups == b.groups && a.result == b.result;
    one.len() == other.len() && one.iter().zip(other).all(alike)
}

fn group_name(group: &[usize], column: Column<'_>) -> String {
    let missing: Vec<&str> = (0..column.len())
        .filter(|value| !group.contains(value))
        .map(|value| column[value])
        .collect();
    if missing.is_empty() {
        "any".to_owned()
    } else if missing.len() == 1 && group.len() > 2 {
        format!("not {}", missing[0])
    } else {
        let named: Vec<&str> = group.iter().map(|value| column[*value]).collect();
        named.join(", ")
    }
}
