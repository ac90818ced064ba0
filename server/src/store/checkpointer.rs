//! Copies what is in SQLite's write-ahead log into the database while the writer goes on writing.
//!
//! SQLite would do it inside a commit, and everybody whose write shares that commit would wait. It
//! still does when the log has grown past its limit, but then little is left to copy.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use diesel::connection::SimpleConnection;

use super::connection::AnyConnection;

/// A confirmation leaves about eight pages in the log, so that this is some 16 MB.
const WRITES_EACH: usize = 500;

pub struct Checkpointer {
    wake: SyncSender<()>,
    thread: JoinHandle<()>,
    writes: usize,
}

impl Checkpointer {
    pub fn start(conn: AnyConnection) -> Self {
        let (wake, woken) = sync_channel(1);
        let thread = std::thread::spawn(move || run(conn, &woken));
        Self { wake, thread, writes: 0 }
    }

    /// So many writes have been committed.
    pub fn committed(&mut self, writes: usize) {
        self.writes += writes;
        if self.writes >= WRITES_EACH {
            self.writes = 0;
            // When one is asked for already, it will see these writes too.
            let _asked_for = self.wake.try_send(());
        }
    }

    pub fn stop(self) {
        drop(self.wake);
        if self.thread.join().is_err() {
            tracing::error!("the checkpointer had stopped before its time");
        }
    }
}

/// `PASSIVE` waits for nobody and lets nobody wait; what it leaves, the next one copies.
fn run(mut conn: AnyConnection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        if let Err(error) = conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)") {
            tracing::warn!(%error, "the write-ahead log could not be copied; trying again later");
        }
    }
}
