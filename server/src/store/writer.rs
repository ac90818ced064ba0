//! SQLite's one writer: a thread that owns the writing connection.
//!
//! Whatever is waiting, or arrives while others are being written, is one transaction, so that many
//! phones share the cost of one fsync and a lone one waits for nobody. A write that fails must not
//! take its neighbours with it: then the transaction is undone and each is run in one of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use compliance::ledger::SaltKey;
use tokio::sync::{mpsc, oneshot};

use super::checkpointer::Checkpointer;
use super::connection::{AnyConnection, OpenFile};
use super::tx::{self, Begin, Tx};
use super::{StoreError, WriteError};

/// More would make the first wait for the last; fewer would buy less for each fsync.
const BATCH_MAX: usize = 256;
/// Past this many waiting writes, another is told to come back.
const QUEUE_MAX: usize = 4096;

#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Message>,
}

enum Message {
    Write(Box<dyn Command>),
    Close(oneshot::Sender<()>),
}

/// A write whose types have been put away.
trait Command: Send {
    /// Runs it; says whether its effects may be kept.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Runs it as a transaction of its own.
    fn run_alone(&mut self, conn: &mut AnyConnection, salts: &SaltKey);
    /// Forgets the result because it could not be committed.
    fn fail(&mut self, error: StoreError);
    fn reply(self: Box<Self>);
}

struct Pending<T, E, F> {
    act: F,
    done: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Command for Pending<T, E, F>
where
    T: Send,
    E: WriteError,
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let done = caught(|| (self.act)(tx));
        let keep = done.is_ok();
        self.done = Some(done);
        keep
    }

    fn run_alone(&mut self, conn: &mut AnyConnection, salts: &SaltKey) {
        self.done = Some(tx::transact(conn, salts, Begin::Write, |tx| caught(|| (self.act)(tx))));
    }

    fn fail(&mut self, error: StoreError) {
        self.done = Some(Err(error.into()));
    }

    fn reply(self: Box<Self>) {
        let done = self.done.unwrap_or_else(|| Err(StoreError::Abandoned.into()));
        // A caller that has hung up is not told; the write stands.
        let _hung_up = self.answer.send(done);
    }
}

/// A panic in one write must not end the writing of all the others.
fn caught<T, E: WriteError>(act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| Err(StoreError::Abandoned.into()))
}

impl Writer {
    pub fn start(
        database: (AnyConnection, OpenFile),
        salts: SaltKey,
        checkpointer: Checkpointer,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        std::thread::spawn(move || run(database, &salts, checkpointer, waiting));
        Self { queue }
    }

    pub async fn write<T, E, F>(&self, act: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let pending = Pending { act, done: None, answer };
        let queued = self.queue.try_send(Message::Write(Box::new(pending)));
        queued.map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => StoreError::Abandoned,
        })?;
        answered.await.unwrap_or_else(|_| Err(StoreError::Abandoned.into()))
    }

    pub async fn close(&self) {
        let (closed, is_closed) = oneshot::channel();
        if self.queue.send(Message::Close(closed)).await.is_ok() {
            let _thread_has_ended = is_closed.await;
        }
    }
}

fn run(
    (mut conn, file): (AnyConnection, OpenFile),
    salts: &SaltKey,
    mut checkpointer: Checkpointer,
    mut waiting: mpsc::Receiver<Message>,
) {
    let mut batch = Batch::default();
    while let Some(first) = waiting.blocking_recv() {
        batch.take(first);
        // Before each, because whoever is answered relies on it: the heartbeat, and a phone that drops its
        // record.
        match file.is_in_place() {
            true => batch.run(&mut conn, salts, &mut waiting),
            false => batch.fail(|| StoreError::FileGone),
        }
        checkpointer.committed(batch.commands.len());
        batch.commands.drain(..).for_each(Command::reply);
        if batch.closing.is_some() {
            break;
        }
    }
    checkpointer.stop();
    drop(conn);
    if let Some(closed) = batch.closing {
        let _nobody_waits = closed.send(());
    }
}

/// The writes that share a commit, and whether it is the last one.
#[derive(Default)]
struct Batch {
    commands: Vec<Box<dyn Command>>,
    closing: Option<oneshot::Sender<()>>,
}

impl Batch {
    fn take(&mut self, message: Message) {
        match message {
            Message::Write(command) => self.commands.push(command),
            Message::Close(closed) => self.closing = Some(closed),
        }
    }

    /// What arrives while others are being run joins them, so that a commit waits for nobody and is
    /// still shared by all who are there.
    fn run(
        &mut self,
        conn: &mut AnyConnection,
        salts: &SaltKey,
        waiting: &mut mpsc::Receiver<Message>,
    ) {
        if let Err(error) = tx::begin(conn, Begin::Write) {
            return self.fail_with(&error);
        }
        if !self.run_all(&mut Tx::new(conn, salts), waiting) {
            tx::rollback(conn);
            return self.commands.iter_mut().for_each(|command| command.run_alone(conn, salts));
        }
        if let Err(error) = tx::commit(conn) {
            tx::rollback(conn);
            self.fail_with(&error);
        }
    }

    /// Says whether the effects of all of them may be kept.
    fn run_all(&mut self, tx: &mut Tx<'_>, waiting: &mut mpsc::Receiver<Message>) -> bool {
        let mut run = 0;
        loop {
            let Some(command) = self.commands.get_mut(run) else { return true };
            if !command.run(tx) {
                return false;
            }
            run += 1;
            let is_open = self.closing.is_none() && run < BATCH_MAX;
            if is_open && let Ok(next) = waiting.try_recv() {
                self.take(next);
            }
        }
    }

    /// Diesel's errors cannot be cloned; every caller of a failed batch is told the same text.
    fn fail_with(&mut self, error: &diesel::result::Error) {
        let says = error.to_string();
        self.fail(|| StoreError::Connect(says.clone()));
    }

    fn fail(&mut self, error: impl Fn() -> StoreError) {
        self.commands.iter_mut().for_each(|command| command.fail(error()));
    }
}
