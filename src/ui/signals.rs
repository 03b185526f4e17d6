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
    use nix::sys::signal::{self as send, Signal};
    use nix::unistd::{self, Pid};
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
            let stop = SignalKind::from_raw(Signal::SIGTSTP as i32);
            let go_on = SignalKind::from_raw(Signal::SIGCONT as i32);
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
            send::kill(Pid::from_raw(0), Signal::SIGTSTP)?;
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
        Ok(send::kill(unistd::getpid(), Signal::SIGSTOP)?)
    }

    /// Whether a shell that could continue the program stands above it.
    #[must_use]
    pub fn can_be_continued() -> bool {
        let place = |pid| Some(Place { session: unistd::getsid(pid).ok()?, group: unistd::getpgid(pid).ok()? });
        let parent = unistd::getppid();
        matches!((place(None), place(Some(parent))), (Some(own), Some(above)) if is_a_job_of(own, parent, above))
    }

    /// Where a process stands in the system's job control. Either is 0 where the leader is outside the container that the
    /// program runs in (`pid_namespaces(7)`).
    #[derive(Clone, Copy)]
    struct Place {
        session: Pid,
        group: Pid,
    }

    /// A parent of the same session, and either of another group or itself part of a job, sees that its child stopped.
    fn is_a_job_of(own: Place, parent: Pid, above: Place) -> bool {
        let nobody = Pid::from_raw(0);
        parent != nobody && own.session == above.session && !(own.group == above.group && parent == own.session)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_a_shell_of_the_same_session_goes_on_with_it() {
            // Own session and group, the parent, its session and group.
            for (numbers, wanted) in [
                ([10, 40, 10, 10, 10], true),  // a shell with jobs
                ([10, 40, 20, 10, 40], true),  // below something that is a job of the shell
                ([10, 10, 10, 10, 10], false), // a shell without jobs
                ([40, 40, 20, 10, 10], false), // a terminal of its own
                ([40, 40, 20, 0, 0], false),   // the same, and the parent's leader is outside the container
                ([0, 40, 20, 0, 20], true),    // a shell in a container, begun in a terminal outside
                ([1, 1, 0, 1, 1], false),      // the first of a container: the parent is outside
            ] {
                let [session, group, parent, its_session, its_group] = numbers.map(Pid::from_raw);
                let above = Place { session: its_session, group: its_group };
                assert_eq!(is_a_job_of(Place { session, group }, parent, above), wanted, "{numbers:?}");
            }
        }
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
