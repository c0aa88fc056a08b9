//! Reporter: the thread that tells a server what the runs of this process do.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::http::{Http, Trouble};
use super::peer::{self, denied};
use super::teller::Teller;
use super::telling::Telling;
use super::{theirs, wish};
use crate::api::report::Told;
use crate::api::{Client, Server};
use crate::clock::Clock;
use crate::model::FlowRunId;
use crate::settings::mask_password;
use crate::wire::{TaskRunRecord, look};
use crate::{Durability, Error, Result, Timestamp};

/// How long changes gather before they are told.
const GATHER: Duration = Duration::from_millis(250);

/// How soon leftovers of other processes are looked for again, and reports kept as ours.
const LOOK_AROUND: Duration = Duration::from_secs(10);

/// How often the server hears that the process lives.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How often wishes are heard: of our server at once, of others as often as they may be asked.
const HEAR_OURS: Duration = Duration::from_secs(1);
const HEAR_THEIRS: Duration = Duration::from_secs(3);

/// How long the first and the longest break is after the server went away.
const SHORTEST_BREAK: Duration = Duration::from_millis(500);
const LONGEST_BREAK: Duration = Duration::from_secs(30);

/// How many task runs wait in memory for a server that is away; more are read when it is back.
const MOST_WAITING: usize = 50_000;

/// How the reporter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// How many flow runs the server does not know as they are here.
    pub(super) left: usize,
    /// How often the server did not answer since it last did.
    pub(super) misses: u32,
    /// Which of those who wait for the end may rely on it: so many had asked when the round began.
    pub(super) answered: u64,
}

/// What the thread and its owner share.
pub(super) struct Shared {
    pub(super) wake: Notify,
    pub(super) stop: CancellationToken,
    /// How many have asked to be told when all is told.
    pub(super) asked: AtomicU64,
    pub(super) standing: watch::Sender<Standing>,
}

/// The body of the thread.
pub(super) struct Round {
    server: Server,
    client: Client,
    shared: Arc<Shared>,
    /// The time of waiting, which tests do not move.
    clock: Clock,
    teller: Option<Teller>,
    tellings: BTreeMap<FlowRunId, Telling>,
    /// Task runs whose flow run is not known yet.
    strays: Vec<Arc<Mutex<TaskRunRecord>>>,
    misses: u32,
    /// How many requests had been answered when one was not.
    answered: u64,
    break_until: Timestamp,
    is_told_away: bool,
    is_told_denied: bool,
    looked_around: Timestamp,
    heard: Timestamp,
    beat: Timestamp,
}

impl Round {
    pub(super) fn new(server: Server, client: Client, shared: Arc<Shared>) -> Self {
        let never = Timestamp::default();
        Self {
            server,
            client,
            shared,
            clock: Clock::system(),
            teller: None,
            tellings: BTreeMap::new(),
            strays: Vec::new(),
            misses: 0,
            answered: 0,
            break_until: never,
            is_told_away: false,
            is_told_denied: false,
            looked_around: never,
            heard: never,
            beat: never,
        }
    }

    /// Goes round until it is stopped, and leaves what is left to others.
    pub(super) async fn run(mut self) {
        let stop = self.shared.stop.clone();
        loop {
            let ended = tokio::select! {
                () = stop.cancelled() => true,
                () = self.go() => false,
            };
            if ended {
                break;
            }
        }
        for id in self.tellings.into_keys() {
            // It is taken over anyway when this process is seen to be gone.
            let _ = self.client.release_report(id).await;
        }
    }

    /// One round, and the wait before the next one.
    async fn go(&mut self) {
        let asked = self.shared.asked.load(Ordering::Acquire);
        if let Err(trouble) = self.round().await {
            self.note(trouble);
        }
        let standing = Standing {
            left: self.tellings.values().filter(|telling| !telling.is_given_up).count(),
            misses: self.misses,
            answered: asked,
        };
        self.shared.standing.send_replace(standing);
        let gather = if asked > 0 { Duration::from_millis(20) } else { GATHER };
        let pause = self.break_until.since(self.clock.now()).max(gather);
        let is_idle = self.tellings.is_empty();
        let clock = self.clock.clone();
        tokio::select! {
            () = self.shared.wake.notified() => self.break_until = Timestamp::default(),
            () = clock.sleep(pause), if !is_idle => {}
        }
    }

    async fn round(&mut self) -> Result<(), Trouble> {
        self.claim().await?;
        self.read_runs().await?;
        self.sort_in().await?;
        if self.tellings.is_empty() {
            return Ok(());
        }
        let mut teller = match self.teller.take() {
            Some(teller) => teller,
            None => self.connect().await?,
        };
        let told = self.tell(&mut teller).await;
        self.teller = Some(teller);
        told?;
        self.note_success();
        Ok(())
    }

    /// Finds what this process began, and now and then what others left.
    async fn claim(&mut self) -> Result<()> {
        let known: Vec<_> = self.tellings.keys().copied().collect();
        for (report, is_own) in self.client.claim_reports(known).await? {
            self.tellings.insert(report.flow_run_id, Telling::new(report, is_own));
        }
        let now = self.clock.now();
        if now.since(self.looked_around) >= LOOK_AROUND {
            self.looked_around = now;
            let mut lost = Vec::new();
            for telling in self.tellings.values() {
                if !self.client.save_report(telling.report.clone()).await? {
                    lost.push(telling.report.flow_run_id);
                }
            }
            for id in lost {
                self.tellings.remove(&id);
            }
        }
        Ok(())
    }

    /// Reads how the runs stand; what was written before an end is in the database by then.
    async fn read_runs(&mut self) -> Result<()> {
        let mut has_ended = false;
        for (id, telling) in &mut self.tellings {
            let is_first = telling.run.is_none();
            telling.run = self.client.flow_run_with_states(*id).await?;
            if is_first && telling.is_own && telling.is_new() {
                // All of it comes by the tap; reading it would race with the run.
                telling.unread = None;
            }
            if !telling.is_over() {
                telling.is_settled = false;
            } else if !telling.is_settled {
                (telling.has_lines, has_ended) = (true, true);
                if !telling.is_own {
                    // Its task runs did not come by the tap.
                    telling.read_all();
                }
            }
        }
        if has_ended {
            self.client.flush(Durability::Process).await?;
            for telling in self.tellings.values_mut() {
                telling.is_settled = telling.is_over();
            }
        }
        Ok(())
    }

    /// Puts what runs did to what is to be told of them.
    async fn sort_in(&mut self) -> Result<()> {
        let Some(reporting) = self.client.reporting() else { return Ok(()) };
        let Told { task_runs, wrote_lines, is_overflown } = reporting.tap.take();
        let earlier = std::mem::take(&mut self.strays).into_iter().map(|stray| (stray, false));
        for (record, is_news) in earlier.chain(task_runs.into_iter().map(|record| (record, true))) {
            let (id, flow_run_id) = look(&record, |record| (record.id, record.flow_run_id));
            match flow_run_id.and_then(|id| self.tellings.get_mut(&id)) {
                Some(telling) => drop(telling.queue.insert(id, record)),
                // Its flow run was made after this round looked for new ones.
                None if is_news && flow_run_id.is_some() => self.strays.push(record),
                None => {}
            }
        }
        for id in wrote_lines {
            match self.tellings.get_mut(&id) {
                Some(telling) => telling.has_lines = true,
                // A hook that writes lines when its run has ended.
                None => self.client.reopen_report(id).await?,
            }
        }
        let waiting: usize = self.tellings.values().map(|telling| telling.queue.len()).sum();
        if is_overflown || waiting > MOST_WAITING {
            for telling in self.tellings.values_mut() {
                telling.queue.clear();
                telling.read_all();
            }
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<Teller, Trouble> {
        let mut http = Http::new(&self.server)?;
        let peer = peer::find(&mut http, &self.server.url).await?;
        let url = self.server.url.clone();
        let (flows, flow_runs) = Default::default();
        Ok(Teller { client: self.client.clone(), http, peer, url, flows, flow_runs })
    }

    async fn tell(&mut self, teller: &mut Teller) -> Result<(), Trouble> {
        let mut done = Vec::new();
        let tellings = self.tellings.iter_mut().filter(|(_, telling)| !telling.is_given_up);
        for (id, telling) in tellings {
            match telling.tell(teller).await {
                Ok(true) => done.push(*id),
                Ok(false) => {}
                Err(Trouble::Refused { why }) => {
                    telling.is_given_up = true;
                    say_refused(telling, &why);
                }
                Err(trouble) => {
                    telling.is_certain = false;
                    done.iter().for_each(|id| drop(self.tellings.remove(id)));
                    return Err(trouble);
                }
            }
        }
        done.iter().for_each(|id| drop(self.tellings.remove(id)));
        self.hear(teller).await
    }

    /// Hears wishes and gives signs of life, each in its time.
    async fn hear(&mut self, teller: &mut Teller) -> Result<(), Trouble> {
        let now = self.clock.now();
        let every = if teller.peer.is_flowkit() { HEAR_OURS } else { HEAR_THEIRS };
        if now.since(self.heard) >= every {
            self.heard = now;
            wish::hear(teller, self.tellings.values_mut()).await?;
        }
        if teller.kind().takes_events() && now.since(self.beat) >= HEARTBEAT {
            self.beat = now;
            let alive = |telling: &&Telling| telling.is_own && !telling.is_over();
            for telling in self.tellings.values().filter(alive) {
                theirs::heartbeat(teller, telling, now).await?;
            }
        }
        Ok(())
    }

    fn url(&self) -> String {
        mask_password(&self.server.url).into_owned()
    }

    fn note_success(&mut self) {
        let is_all_told = self.tellings.values().all(|telling| telling.queue.is_empty());
        (self.misses, self.break_until) = (0, Timestamp::default());
        if self.is_told_away && is_all_told {
            self.is_told_away = false;
            tracing::info!(target: "flowkit", "The API at {} answers again; what it missed is reported.", self.url());
        }
        self.is_told_denied = false;
    }

    fn note(&mut self, trouble: Trouble) {
        let answered = self.teller.as_ref().map_or(0, |teller| teller.http.answered());
        // A server that answers now and then is not away.
        let is_alive = std::mem::replace(&mut self.answered, answered) < answered;
        self.misses = if is_alive { 1 } else { self.misses + 1 };
        let doubled = SHORTEST_BREAK * 2_u32.saturating_pow(self.misses.min(8) - 1);
        let mut pause = doubled.min(LONGEST_BREAK);
        match trouble {
            Trouble::Away { why } => self.say_away(&why),
            Trouble::Busy { wait, why } => {
                pause = wait.unwrap_or(pause);
                // Being asked to come again now and then is no reason for a word.
                if self.misses > 5 {
                    self.say_away(&why);
                }
            }
            Trouble::Denied => {
                pause = LONGEST_BREAK;
                if !std::mem::replace(&mut self.is_told_denied, true) {
                    let error = denied(&self.server.url);
                    say(&error);
                }
            }
            Trouble::Refused { why } => {
                pause = LONGEST_BREAK;
                if !std::mem::replace(&mut self.is_told_denied, true) {
                    say(&why);
                }
            }
            Trouble::Local(error) => {
                let reason = error.full_message();
                tracing::warn!(target: "flowkit", "Runs were not reported this time: {reason}");
            }
        }
        self.break_until = self.clock.now() + pause;
    }

    fn say_away(&mut self, why: &Error) {
        if std::mem::replace(&mut self.is_told_away, true) {
            return;
        }
        let (url, why) = (self.url(), why.full_message());
        tracing::warn!(target: "flowkit", "The API at {url} does not answer; runs go on and are reported later: {why}");
    }
}

fn say(error: &Error) {
    let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
    let reason = error.full_message();
    tracing::error!(target: "flowkit", "Runs are not reported: {reason}{hint}");
}

fn say_refused(telling: &Telling, why: &Error) {
    let name = telling.run.as_ref().map_or("", |(run, _)| run.name.as_str());
    let reason = why.full_message();
    tracing::warn!(target: "flowkit", "Flow run '{name}' is not reported any further: {reason}");
}
