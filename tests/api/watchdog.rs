//! The dead man's switch: whoever watches from outside hears something while sweeps complete, and
//! nothing as soon as they do not.

use std::time::Duration;

use compliance::instant::{MINUTE_MS, SECOND_MS};
use holdfast::watchdog::{Watchdog, WatchdogConfig, Watched};
use tokio::sync::watch;

use crate::builders::OneOrder;
use crate::harness::push_service::PushService;
use crate::harness::{TestApp, eventually, on_each_database, runtime};

/// What listens outside is a push service to its bones: it takes everything and answers 201.
fn watchdog(app: &TestApp, outside: &PushService) -> Watchdog {
    let url = format!("{}/ping/1", outside.origin());
    let every = Duration::from_millis(20);
    let config = WatchdogConfig { every, ..WatchdogConfig::parse(&url, true).unwrap() };
    Watchdog::new(app.worker.store.clone(), app.clock.0.clone(), &config).unwrap()
}

#[test]
fn whoever_is_outside_is_told_of_each_completed_sweep_and_of_no_case() {
    on_each_database(|app| {
        let outside = PushService::start();
        let mut watchdog = watchdog(app, &outside);
        let mut watch = || runtime().block_on(watchdog.watch());
        assert_eq!(watch(), Watched::Silent, "no sweep has ever completed");
        app.import(&OneOrder::default().file());
        app.sweep();
        assert_eq!(watch(), Watched::Told);
        let told = outside.take();
        assert_eq!((told.len(), told[0].path.as_str()), (1, "/ping/1"));
        assert!(told[0].body.is_empty());
        let names: Vec<&str> = told[0].headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["accept", "host"]);
        // Without another sweep there is nothing to tell.
        assert_eq!(watch(), Watched::Silent);
        app.clock.advance(SECOND_MS);
        app.sweep();
        outside.answers("500 Internal Server Error");
        assert_eq!(watch(), Watched::NotHeard);
        assert_eq!(watch(), Watched::Told, "and told again");
    });
}

#[test]
fn nothing_is_told_of_a_sweep_that_is_old_or_cannot_be_read_of() {
    on_each_database(|app| {
        let outside = PushService::start();
        let mut watchdog = watchdog(app, &outside);
        let mut watch = || runtime().block_on(watchdog.watch());
        app.sweep();
        app.clock.advance(MINUTE_MS + 1);
        assert_eq!(watch(), Watched::Silent);
        app.clock.advance(-1);
        assert_eq!(watch(), Watched::Told);
        app.clock.advance(MINUTE_MS);
        app.sweep();
        app.sql().execute("ALTER TABLE heartbeats RENAME TO heartbeats_out_of_reach");
        assert_eq!(watch(), Watched::Silent);
        app.sql().execute("ALTER TABLE heartbeats_out_of_reach RENAME TO heartbeats");
        assert_eq!(watch(), Watched::Told);
        assert_eq!(outside.take().len(), 2);
    });
}

#[test]
fn a_sweep_that_cannot_write_falls_silent_outside() {
    on_each_database(|app| {
        let outside = PushService::start();
        let mut watchdog = watchdog(app, &outside);
        let mut watch = || runtime().block_on(watchdog.watch());
        app.sweep();
        assert_eq!(watch(), Watched::Told);
        // A sweep that fails in the middle leaves no heartbeat, however often it is tried.
        app.sql().execute("ALTER TABLE alerts RENAME TO alerts_out_of_reach");
        for _ in 0..3 {
            app.clock.advance(30 * SECOND_MS);
            assert!(app.try_sweep().is_err());
            assert_eq!(watch(), Watched::Silent);
        }
        app.sql().execute("ALTER TABLE alerts_out_of_reach RENAME TO alerts");
        app.sweep();
        assert_eq!(watch(), Watched::Told);
    });
}

#[test]
fn it_goes_on_by_itself_until_it_is_stopped() {
    on_each_database(|app| {
        let outside = PushService::start();
        let (stop, stopping) = watch::channel(false);
        let runs = watchdog(app, &outside).run(stopping);
        let running = runtime().spawn(runs);
        app.sweep();
        eventually(|| outside.take().pop());
        app.clock.advance(SECOND_MS);
        app.sweep();
        eventually(|| outside.take().pop());
        stop.send(true).unwrap();
        runtime().block_on(running).unwrap();
        app.clock.advance(SECOND_MS);
        app.sweep();
        assert!(outside.take().is_empty());
    });
}
