//! The parent's side: counts points, starts children that end themselves, starts them again, and looks at what is left.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use claviger::domain::clock::{Clock, Entropy};
use jiff::{SignedDuration, Timestamp};

use crate::crash::points;

const JOURNEY: &str = "CLAVIGER_CRASH_JOURNEY";
const FOLDER: &str = "CLAVIGER_CRASH_FOLDER";
const END_AT: &str = "CLAVIGER_CRASH_END_AT";

/// How long the house stands still between a kill and the next start: longer than a lease.
pub const DOWN: SignedDuration = SignedDuration::from_secs(61);

/// A clock that is set by hand and goes on where the killed process left it.
pub struct LastingClock {
    file: PathBuf,
    now: Mutex<Timestamp>,
}

impl LastingClock {
    /// The clock of a folder, [`DOWN`] later than it was last left.
    pub fn wake(folder: &Path, first: Timestamp) -> Self {
        let file = folder.join("clock");
        let left = std::fs::read_to_string(&file).ok().and_then(|text| text.parse::<Timestamp>().ok());
        let clock = Self { file, now: Mutex::new(first) };
        clock.set(left.map_or(first, |left| left + DOWN));
        clock
    }

    /// Sets it; never back.
    pub fn set(&self, to: Timestamp) {
        let mut now = self.now.lock().unwrap();
        *now = to.max(*now);
        // Written beside and renamed, so that a kill leaves a whole one.
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, now.to_string()).unwrap();
        std::fs::rename(beside, &self.file).unwrap();
    }
}

impl Clock for LastingClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }
}

/// Bytes that differ in every process and call, as the operating system's do.
pub struct ProcessEntropy(pub AtomicUsize);

impl Entropy for ProcessEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let n = self.0.fetch_add(1, Ordering::Relaxed);
            let mixed = claviger::domain::digest::Digest::of(format!("{}:{n}", std::process::id()).as_bytes());
            chunk.copy_from_slice(&mixed.0[..chunk.len()]);
        }
    }
}

/// The child's side: goes on the journey it was sent on, and ends where it was told to.
pub fn child() {
    let Ok(journey) = std::env::var(JOURNEY) else { return };
    let folder = PathBuf::from(std::env::var(FOLDER).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    points::end_at(std::env::var(END_AT).unwrap().parse().unwrap());
    runtime.block_on(crate::crash::travel(&journey, &folder));
    std::fs::write(folder.join("points"), points::passed().to_string()).unwrap();
}

/// Starts a child; `false` where it ended itself, `true` where it came to the journey's end.
fn start(journey: &str, folder: &Path, end_at: usize) -> bool {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--nocapture", "--test-threads=1"])
        .envs([(JOURNEY, journey), (END_AT, &end_at.to_string())])
        .env(FOLDER, folder)
        .output()
        .unwrap();
    let aborted = output.status.signal() == Some(6);
    assert!(
        aborted || output.status.success(),
        "killed at {end_at}, then: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    !aborted
}

/// One journey with these ends on the way, then with none; answers how often the process ended.
fn journey_with_ends(journey: &str, ends: &[usize], check: impl Fn(&Path, usize)) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let mut kills = 0;
    for end_at in ends {
        if start(journey, folder.path(), *end_at) {
            break;
        }
        kills += 1;
    }
    assert!(start(journey, folder.path(), 0));
    check(folder.path(), kills);
    // Once more: what has come to its end stays there.
    assert!(start(journey, folder.path(), 0));
    check(folder.path(), kills);
    kills
}

/// Goes on a journey once for every point it has, ending there, and again at changing points after that, until it was ended at least
/// so often. Afterwards `check` gets the folder and how often the process ended. Answers how often in all.
pub fn kill_at_every_point(journey: &str, at_least: usize, check: impl Fn(&Path, usize) + Sync) -> usize {
    let folder = tempfile::tempdir().unwrap();
    assert!(start(journey, folder.path(), 0));
    check(folder.path(), 0);
    let points: usize = std::fs::read_to_string(folder.path().join("points")).unwrap().parse().unwrap();
    assert!(points > 0);
    let (next, kills) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    let (round, first) = (n / points, n % points + 1);
                    if round > 0 && kills.load(Ordering::SeqCst) >= at_least {
                        return;
                    }
                    assert!(round < 1_000, "the journey has too few points for {at_least} kills");
                    // Ends of later starts walk through the points at other paces, so that pairs and triples are met, too.
                    let later = |pace: usize| (first * pace + round) % points + 1;
                    let done = journey_with_ends(journey, &[first, later(3), later(7)], &check);
                    assert!(done > 0, "the journey passes {points} points but did not end at {first}");
                    kills.fetch_add(done, Ordering::SeqCst);
                }
            });
        }
    });
    kills.into_inner()
}
