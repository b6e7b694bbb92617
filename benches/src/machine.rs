//! The machine that the figures were taken on, as it says itself.
//! Never guesses: what cannot be read is left out.

use std::fs;

/// Processor, cores, memory and system in one line.
pub fn describe() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo")
        .lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split(':').nth(1))
        .map(|name| name.trim().to_owned())
        .unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory: u64 = read("/proc/meminfo")
        .lines()
        .find(|line| line.starts_with("MemTotal"))
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|kib| kib.parse().ok())
        .unwrap_or(0);
    let load = read("/proc/loadavg")
        .split_whitespace()
        .next()
        .unwrap_or("?")
        .to_owned();
    let kernel = read("/proc/sys/kernel/osrelease").trim().to_owned();
    format!(
        "machine: {cpu}, {cores} cores, {} GiB, Linux {kernel}, load before the run {load}",
        memory / 1024 / 1024
    )
}

/// User and system time of a process and its children that have ended, in microseconds.
pub fn cpu_micros(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<u64> = after
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    // Fields 14 and 15 of the whole line, in clock ticks of 10 ms.
    let ticks = fields.get(11).copied().unwrap_or(0) + fields.get(12).copied().unwrap_or(0);
    ticks * 10_000
}

/// CPU time of a whole family of processes (nginx and HAProxy have workers).
pub fn family_cpu_micros(pids: &[u32]) -> u64 {
    pids.iter().map(|pid| cpu_micros(*pid)).sum()
}

/// The processes whose parent is `pid`, and it.
pub fn family(pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let Ok(entries) = fs::read_dir("/proc") else {
        return found;
    };
    for entry in entries.flatten() {
        let Some(child) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        let parent = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.split_whitespace().nth(1));
        if parent.and_then(|text| text.parse::<u32>().ok()) == Some(pid) {
            found.push(child);
        }
    }
    found
}

/// Resident memory of a process in MiB, now and at its highest.
pub fn memory_mib(pid: u32) -> (f64, f64) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| {
        status
            .lines()
            .find(|line| line.starts_with(name))
            .and_then(|line| line.split_whitespace().nth(1))
            .and_then(|kib| kib.parse::<f64>().ok())
            .map_or(0.0, |kib| kib / 1024.0)
    };
    (field("VmRSS"), field("VmHWM"))
}
