//! What the system tells the program while the screen is open: to end, to stop, that it goes on.

use std::io;

/// What was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    End,
    /// To stop until it is continued.
    Stop,
    /// It was stopped, and somebody may have used the terminal meanwhile.
    Continued,
}

#[cfg(unix)]
mod system {
    use super::{Told, io};
    use rustix::process::{self, Signal};
    use std::task::Poll;
    use tokio::signal::unix::{self, SignalKind, signal};

    /// By which somebody asks a program to end.
    const ENDS: [fn() -> SignalKind; 4] = [SignalKind::terminate, SignalKind::hangup, SignalKind::interrupt, SignalKind::quit];

    /// SIGTERM, SIGHUP, SIGINT, SIGQUIT; SIGTSTP; SIGCONT.
    pub struct Signals {
        all: Vec<(Told, unix::Signal)>,
        /// The stop signal that the program sent to its own group comes back to it.
        own_stops: u32,
    }

    impl Signals {
        /// Listens from now on.
        #[must_use]
        pub fn listen() -> Self {
            let stop = SignalKind::from_raw(Signal::TSTP.as_raw());
            let go_on = SignalKind::from_raw(Signal::CONT.as_raw());
            let kinds = ENDS.into_iter().map(|kind| (Told::End, kind())).chain([(Told::Stop, stop), (Told::Continued, go_on)]);
            Self { all: kinds.filter_map(|(told, kind)| Some((told, signal(kind).ok()?))).collect(), own_stops: 0 }
        }
        /// The next thing that is told.
        pub async fn next(&mut self) -> Told {
            std::future::poll_fn(|context| {
                for (told, signal) in &mut self.all {
                    while signal.poll_recv(context).is_ready() {
                        if *told == Told::Stop && self.own_stops > 0 {
                            self.own_stops -= 1;
                            continue;
                        }
                        return Poll::Ready(*told);
                    }
                }
                Poll::Pending
            })
            .await
        }
        /// Stops the whole job, as Ctrl-z of a shell does; returns when it is continued.
        ///
        /// # Errors
        /// The system refuses.
        pub fn stop_job(&mut self) -> io::Result<()> {
            self.own_stops += 1;
            // The others of a pipeline are told as a shell would; the program itself has a handler for that and stops by force.
            process::kill_current_process_group(Signal::TSTP)?;
            stop_self()
        }
    }

    /// Ends when somebody wants the program to end; what stops and continues a job stays the system's.
    pub async fn told_to_end() {
        let mut signals = Signals { all: Vec::new(), own_stops: 0 };
        signals.all.extend(ENDS.into_iter().filter_map(|kind| Some((Told::End, signal(kind()).ok()?))));
        signals.next().await;
    }

    /// Stops this process; returns when it is continued.
    ///
    /// # Errors
    /// The system refuses.
    pub fn stop_self() -> io::Result<()> {
        Ok(process::kill_process(process::getpid(), Signal::STOP)?)
    }

    /// Whether a shell that could continue the program stands above it: its parent is of the same session, and either of
    /// another group or itself part of a job.
    #[must_use]
    pub fn can_be_continued() -> bool {
        let Some(parent) = process::getppid() else { return false };
        let (Ok(own), Ok(above)) = (process::getsid(None), process::getsid(Some(parent))) else { return false };
        let is_own_group = process::getpgid(None).ok() == process::getpgid(Some(parent)).ok();
        own == above && !(is_own_group && parent == own)
    }
}

#[cfg(not(unix))]
mod system {
    use super::{Told, io};

    pub struct Signals;

    impl Signals {
        #[must_use]
        pub fn listen() -> Self {
            Self
        }
        pub async fn next(&mut self) -> Told {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            Told::End
        }
        /// # Errors
        /// None here.
        pub fn stop_job(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Ends when somebody wants the program to end.
    pub async fn told_to_end() {
        Signals.next().await;
    }

    /// # Errors
    /// None here.
    pub fn stop_self() -> io::Result<()> {
        Ok(())
    }

    #[must_use]
    pub fn can_be_continued() -> bool {
        false
    }
}

pub use system::{Signals, can_be_continued, stop_self, told_to_end};
