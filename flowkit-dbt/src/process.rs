//! Process: dbt while it runs, in a process group of its own.
//!
//! On an interrupt dbt cancels its queries and closes its nodes; on anything harsher it dies at
//! once and its queries run on in the warehouse. So it is interrupted first and killed last.

use std::process::{ExitStatus, Stdio};

use flowkit::run::Cancellation;
use flowkit::{Error, Result};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::report::Report;

/// A dbt process; dropped before its end, it is killed with all that it started.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    /// Starts it.
    pub(crate) fn start(command: &mut Command) -> std::io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        // A group of its own: Ctrl-C in a terminal reaches flowkit alone, which passes it on.
        #[cfg(unix)]
        command.process_group(0);
        command.spawn().map(Self)
    }

    /// Waits for its end, which the token brings nearer.
    pub(crate) async fn watch(mut self, stop: Cancellation) -> Result<(ExitStatus, Report)> {
        let (stdout, stderr) = (self.0.stdout.take(), self.0.stderr.take());
        let report = std::sync::Mutex::new(Report::default());
        let with_report = |read: fn(&mut Report, &str)| {
            let report = &report;
            move |line: &str| read(&mut report.lock().expect("no reader panics"), line)
        };
        let reading = async {
            tokio::join!(
                each_line(stdout, with_report(Report::read)),
                each_line(stderr, with_report(Report::read_error)),
            );
        };
        let interrupting = async {
            stop.cancelled().await;
            signal(&self.0, Signal::Interrupt);
            tracing::info!(target: "dbt", "Interrupted dbt; waiting for it to end");
            std::future::pending().await
        };
        tokio::select! {
            () = reading => {}
            () = interrupting => {}
        }
        let status = self.0.wait().await;
        let status = status
            .map_err(|error| Error::internal("dbt was started and lost").with_source(error))?;
        Ok((status, report.into_inner().expect("no reader panics")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        signal(&self.0, Signal::Kill);
    }
}

#[derive(Clone, Copy)]
enum Signal {
    Interrupt,
    Kill,
}

/// Sends a signal to the whole group, unless its leader has ended.
#[cfg(unix)]
fn signal(leader: &Child, signal: Signal) {
    use rustix::process::{Pid, Signal as Number, kill_process_group};

    let group = leader.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
    let number = match signal {
        Signal::Interrupt => Number::INT,
        Signal::Kill => Number::KILL,
    };
    if let Some(group) = group {
        // It may have ended by itself meanwhile.
        let _ = kill_process_group(group, number);
    }
}

/// There are no signals here: dbt is killed when it is dropped, and nothing can be done before.
#[cfg(not(unix))]
fn signal(_leader: &Child, _signal: Signal) {}

/// Hands over each line, whatever its bytes are, until the stream ends.
async fn each_line(stream: Option<impl AsyncRead + Unpin>, mut take: impl FnMut(&str)) {
    let Some(stream) = stream else { return };
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while next_line(&mut stream, &mut line).await {
        take(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']));
        line.clear();
    }
}

async fn next_line(stream: &mut (impl AsyncBufRead + Unpin), line: &mut Vec<u8>) -> bool {
    stream.read_until(b'\n', line).await.is_ok_and(|length| length > 0)
}
