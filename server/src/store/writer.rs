//! SQLite's one writer: a thread that owns the writing connection.
//!
//! What has queued up while the last commit went to disk is the next transaction, so that many
//! phones share the cost of one fsync and a lone one waits for nobody. A write that fails must not
//! take its neighbours with it: then the transaction is undone and each is run in one of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::connection::AnyConnection;
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
    fn run_alone(&mut self, conn: &mut AnyConnection);
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

    fn run_alone(&mut self, conn: &mut AnyConnection) {
        self.done = Some(tx::transact(conn, Begin::Write, |tx| caught(|| (self.act)(tx))));
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
    pub fn start(conn: AnyConnection) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        std::thread::spawn(move || run(conn, waiting));
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

fn run(mut conn: AnyConnection, mut waiting: mpsc::Receiver<Message>) {
    let mut batch: Vec<Box<dyn Command>> = Vec::with_capacity(BATCH_MAX);
    while let Some(first) = waiting.blocking_recv() {
        let mut closing = take(first, &mut batch);
        while closing.is_none() && batch.len() < BATCH_MAX {
            let Ok(next) = waiting.try_recv() else { break };
            closing = take(next, &mut batch);
        }
        run_batch(&mut conn, &mut batch);
        batch.drain(..).for_each(Command::reply);
        if let Some(closed) = closing {
            drop(conn);
            let _nobody_waits = closed.send(());
            return;
        }
    }
}

fn take(message: Message, batch: &mut Vec<Box<dyn Command>>) -> Option<oneshot::Sender<()>> {
    match message {
        Message::Write(command) => {
            batch.push(command);
            None
        }
        Message::Close(closed) => Some(closed),
    }
}

fn run_batch(conn: &mut AnyConnection, batch: &mut [Box<dyn Command>]) {
    if let [only] = batch {
        return only.run_alone(conn);
    }
    if batch.is_empty() {
        return;
    }
    if let Err(error) = tx::begin(conn, Begin::Write) {
        let error = Arc::new(error);
        return batch.iter_mut().for_each(|command| command.fail(copy_of(&error)));
    }
    let all_kept = {
        let mut tx = Tx::new(conn);
        batch.iter_mut().all(|command| command.run(&mut tx))
    };
    if !all_kept {
        tx::rollback(conn);
        return batch.iter_mut().for_each(|command| command.run_alone(conn));
    }
    if let Err(error) = tx::commit(conn) {
        let error = Arc::new(error);
        tx::rollback(conn);
        batch.iter_mut().for_each(|command| command.fail(copy_of(&error)));
    }
}

/// Diesel's errors cannot be cloned; every caller of a failed batch is told the same text.
fn copy_of(error: &Arc<diesel::result::Error>) -> StoreError {
    StoreError::Connect(error.to_string())
}
