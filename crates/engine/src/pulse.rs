//! When services and messages were heard: who fell silent, and what came by the clock and comes no more.

use std::collections::BTreeMap;
use waylaid_model::{Timestamp, time::human_duration};

const MINUTE: i64 = 60 * 1_000_000_000;
/// So often something must have been heard before its silence says anything.
const FEWEST: usize = 10;
/// Shorter silences say nothing.
const SHORTEST: i64 = 15 * MINUTE;
/// Times kept of one.
const MAX_TIMES: usize = 10_000;

/// A service, or one message of it, that was heard regularly and is heard no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FellSilent {
    pub(crate) service: String,
    /// The message; `None` where the whole service is silent.
    pub(crate) message: Option<String>,
    pub(crate) last: Timestamp,
    /// The longest pause before, nanoseconds.
    pub(crate) pause: i64,
    /// How long it took from one to the next, where that is (nearly) always the same: it comes by the clock, and not
    /// because there is something to do. Nanoseconds.
    pub(crate) beat: Option<i64>,
}

impl FellSilent {
    /// Who, how often before, since when no more.
    pub(crate) fn sentence(&self) -> String {
        let Self { service, last, .. } = self;
        let every = self.beat.map(|b| format!(" every {}", human_duration(b))).unwrap_or_default();
        match &self.message {
            Some(message) => {
                let message = crate::facts::shorten(message, 120);
                format!("{service}, which logged \"{message}\"{every} until {last} and has not since")
            }
            None => format!("{service}, which was heard{every} until {last} and not since"),
        }
    }
}

/// The times of one, those that were delivered first, and the last of all.
#[derive(Clone, Debug)]
pub(crate) struct Pulse {
    times: Vec<Timestamp>,
    last: Timestamp,
}

impl Pulse {
    pub(crate) fn new(first: Timestamp) -> Self {
        Self { times: vec![first], last: first }
    }

    /// Notes that it was heard. Of what is heard very often only the last time is kept in the end.
    pub(crate) fn feel(&mut self, time: Timestamp) {
        self.last = self.last.max(time);
        if self.times.len() < MAX_TIMES {
            self.times.push(time);
        }
    }

    /// Times kept.
    pub(crate) fn kept(&self) -> usize {
        self.times.len()
    }

    fn sorted(&self) -> Vec<Timestamp> {
        let mut times = self.times.clone();
        times.sort_unstable();
        times
    }

    /// The longest pause, if it has been silent for much longer than that.
    fn silence(&self, now: Timestamp) -> Option<i64> {
        let times = self.sorted();
        let pause = times.windows(2).map(|w| w[1].since(w[0])).max()?;
        let silence = now.since(self.last);
        let is_silent = times.len() >= FEWEST && silence > SHORTEST && silence > pause.saturating_mul(5) / 2;
        is_silent.then_some(pause)
    }

    /// How long it takes from one to the next, if it comes by the clock.
    fn beat(&self) -> Option<i64> {
        beat(&self.sorted())
    }
}

/// How long it takes from one bout to the next where that is always the same, within a quarter. What comes in one bout
/// (the lines of one run) is one.
fn beat(times: &[Timestamp]) -> Option<i64> {
    const ROUNDS: usize = 8;
    let gaps: Vec<i64> = times.windows(2).map(|w| w[1].since(w[0])).collect();
    let longest = *gaps.iter().max()?;
    let mut rests: Vec<i64> = gaps.iter().copied().filter(|g| *g > longest / 2).collect();
    rests.sort_unstable();
    let typical = *rests.get(rests.len() / 2)?;
    let bouts: i64 = gaps.iter().filter(|g| **g <= longest / 2).sum();
    let is_even = rests.first().zip(rests.last()).is_some_and(|(a, b)| b - a <= typical / 4);
    // The bouts themselves are short beside what lies between them.
    let is_rest = bouts <= rests.iter().sum::<i64>() / 2;
    (rests.len() >= ROUNDS && is_even && is_rest && typical > 0).then_some(typical)
}

/// Services that paused for much longer than ever before, while others went on; and messages that came by the clock and
/// come no more, unless others of their service with the same beat still do. `messages` are those that name nobody: what
/// names somebody comes as somebody does.
pub(crate) fn fell_silent(
    services: &BTreeMap<String, Pulse>,
    messages: &BTreeMap<(String, String), Pulse>,
    now: Timestamp,
) -> Vec<FellSilent> {
    let others = |service: &str, last: Timestamp| {
        let half = now.since(last) / 2;
        services.iter().any(|(s, p)| s != service && p.last.since(last) > half)
    };
    let mut out: Vec<FellSilent> = Vec::new();
    for (service, pulse) in services {
        if let Some(pause) = pulse.silence(now).filter(|_| others(service, pulse.last)) {
            let own = messages.iter().filter(|((s, _), _)| s == service);
            let beat = own.filter_map(|(_, p)| p.beat()).min();
            let (service, last) = (service.clone(), pulse.last);
            out.push(FellSilent { service, message: None, last, pause, beat });
        }
    }
    let silent: Vec<_> =
        messages.iter().filter_map(|(i, p)| Some((i, p, p.silence(now)?, p.beat()?))).collect();
    for ((service, message), pulse, pause, beat) in silent {
        let same_beat = |other: &Pulse| {
            let same = |a: i64, b: i64| (a - b).abs() <= a.max(b) / 4;
            other.silence(now).is_none() && other.beat().is_some_and(|b| same(b, beat))
        };
        let goes_on = messages.iter().any(|((s, _), p)| s == service && same_beat(p));
        if !goes_on && others(service, pulse.last) {
            out.push(FellSilent {
                service: service.clone(),
                message: Some(message.clone()),
                last: pulse.last,
                pause,
                beat: Some(beat),
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000_000)
    }

    fn pulse(seconds: impl IntoIterator<Item = i64>) -> Pulse {
        let mut times = seconds.into_iter().map(at);
        let mut pulse = Pulse::new(times.next().unwrap());
        times.for_each(|t| pulse.feel(t));
        pulse
    }

    #[test]
    fn a_clock_beats_evenly_and_requests_do_not() {
        let runs = (0..20).flat_map(|n| [n * 300, n * 300 + 2, n * 300 + 3]);
        assert_eq!(pulse(runs).beat(), Some(at(297).0));
        assert_eq!(pulse((0..40).map(|n| n * 300 + n * n % 170)).beat(), None);
        // One run was left out: what comes next would be late as well.
        assert_eq!(pulse((0..20).filter(|n| *n != 7).map(|n| n * 300)).beat(), None);
        assert_eq!(pulse([0, 300, 600]).beat(), None);
    }

    #[test]
    fn a_message_is_missed_unless_its_beat_goes_on() {
        let services = BTreeMap::from([
            ("jobs".to_owned(), pulse((0..40).map(|n| n * 300))),
            ("shop".to_owned(), pulse((0..60).map(|n| n * 200))),
        ]);
        let name = |m: &str| ("jobs".to_owned(), m.to_owned());
        let mut messages = BTreeMap::from([
            (name("labels printed"), pulse((0..20).map(|n| n * 300))),
            (name("cache swept"), pulse((0..200).map(|n| n * 60))),
        ]);
        let found = |messages: &BTreeMap<(String, String), Pulse>| -> Vec<Option<String>> {
            fell_silent(&services, messages, at(12_000)).into_iter().map(|f| f.message).collect()
        };
        assert_eq!(found(&messages), [Some("labels printed".to_owned())]);
        messages.insert(name("labels begun"), pulse((0..40).map(|n| n * 300 + 1)));
        assert_eq!(found(&messages), []);
    }
}
