//! The only reader of the time of day.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use compliance::Instant;

/// Where `now` comes from. Demo and tests hold the hands of a simulated clock.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// Stands still until it is set.
    Set(Arc<AtomicI64>),
    /// Runs `speed` times as fast as the system's clock, from `began_at` on.
    Fast {
        began_at: Instant,
        system_began_at: Instant,
        speed: i64,
    },
}

impl Clock {
    pub fn set_to(now: Instant) -> Self {
        Self::Set(Arc::new(AtomicI64::new(now.ms())))
    }

    pub fn fast(began_at: Instant, speed: i64) -> Self {
        Self::Fast { began_at, system_began_at: system_now(), speed }
    }

    pub fn now(&self) -> Instant {
        match self {
            Self::System => system_now(),
            Self::Set(ms) => Instant::from_ms(ms.load(Ordering::SeqCst)),
            Self::Fast { began_at, system_began_at, speed } => {
                *began_at + (system_now() - *system_began_at).saturating_mul(*speed)
            }
        }
    }

    /// How many of its milliseconds pass in one of the system's.
    pub fn speed(&self) -> i64 {
        match self {
            Self::Fast { speed, .. } => *speed,
            Self::System | Self::Set(_) => 1,
        }
    }

    /// Moves a clock that stands still; the others cannot be moved.
    pub fn set(&self, now: Instant) {
        if let Self::Set(ms) = self {
            ms.store(now.ms(), Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
fn system_now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// How long something takes, for figures; never for decisions.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    pub fn elapsed_ms(&self) -> i64 {
        i64::try_from(self.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}
