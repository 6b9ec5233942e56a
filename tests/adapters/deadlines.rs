//! Deadlines to the millisecond: a stream on tokio's paused clock and a reader on a clock of the test's own, both under
//! the same watchdogs, with the same bytes at the same times.

use std::{
    cell::Cell,
    collections::VecDeque,
    convert::Infallible,
    io::{self, ErrorKind, Read},
    pin::pin,
    rc::Rc,
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream, stream::FusedStream};
use llm_response::{EventReader, EventStream, Outcome, ReadError, StreamError, Timer, Watchdog};
use tokio::time::{Instant, sleep, sleep_until};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const SILENCE: Watchdog = Watchdog::new().silence(ms(1000));
const START: Watchdog = Watchdog::new().start(ms(1000));
const STALL: Watchdog = Watchdog::new().stall(ms(1000));
const ALL: Watchdog = Watchdog::new().start(ms(2500)).silence(ms(1000)).stall(ms(1500));

/// What is received when, in milliseconds since the request; afterwards the server says no more.
type Chunks<'a> = &'a [(u64, &'static str)];

/// What is watched, what is received, when which timer expires, and what the response amounts to then.
type Row<'a> = (Watchdog, Chunks<'a>, (u64, Timer, Outcome));

const ALIVE: &str = ": keep-alive\n\n";

const ROWS: &[Row<'_>] = &[
    // Nothing is received.
    (SILENCE, &[], (1000, Timer::Silence, Outcome::Empty)),
    // Whole keep-alives, of which the blank line is parsed later than received.
    (SILENCE, &[(500, ALIVE)], (1500, Timer::Silence, Outcome::KeepAliveOnly)),
    (
        SILENCE,
        &[(500, ALIVE), (1499, ALIVE)],
        (2499, Timer::Silence, Outcome::KeepAliveOnly),
    ),
    (
        SILENCE,
        &[(500, ": a\n\n: b\n\n\n\n: c\n\n")],
        (1500, Timer::Silence, Outcome::KeepAliveOnly),
    ),
    (SILENCE, &[(500, "\n")], (1500, Timer::Silence, Outcome::KeepAliveOnly)),
    // CR LF, of which the LF is parsed later than received, also where it is.
    (
        SILENCE,
        &[(500, ": keep-alive\r\n\r\n")],
        (1500, Timer::Silence, Outcome::KeepAliveOnly),
    ),
    (
        SILENCE,
        &[(500, ": keep-alive\r\n\r"), (700, "\n")],
        (1700, Timer::Silence, Outcome::KeepAliveOnly),
    ),
    (
        SILENCE,
        &[(500, "data: 1\r\n\r\n")],
        (1500, Timer::Silence, Outcome::Unfinished),
    ),
    // Bytes that complete no event.
    (SILENCE, &[(500, "da")], (1500, Timer::Silence, Outcome::Unrecognized)),
    (
        SILENCE,
        &[(500, "data: {"), (900, "\"a\":")],
        (1900, Timer::Silence, Outcome::Truncated),
    ),
    (
        SILENCE,
        &[(500, ALIVE), (700, "data: {"), (1600, "}\n\n")],
        (2600, Timer::Silence, Outcome::Unfinished),
    ),
    // After the end, as long as the server does not close.
    (
        SILENCE,
        &[(500, "data: [DONE]\n\n")],
        (1500, Timer::Silence, Outcome::Complete),
    ),
    // A late body: its bytes are output as they come.
    (
        START,
        &[(900, "\n{"), (1800, "\"a\":")],
        (u64::MAX, Timer::Start, Outcome::Truncated),
    ),
    (
        SILENCE,
        &[(900, "\n{"), (1800, "\"a\":")],
        (2800, Timer::Silence, Outcome::Truncated),
    ),
    (
        STALL,
        &[(900, "\n{"), (1800, "\"a\":"), (2500, "1")],
        (3500, Timer::Stall, Outcome::Truncated),
    ),
    (
        STALL,
        &[(900, "{"), (1800, "}")],
        (2800, Timer::Stall, Outcome::Complete),
    ),
    // Keep-alives are no output, in whatever pieces they come.
    (
        START,
        &[(300, ALIVE), (600, ALIVE), (900, ALIVE)],
        (1000, Timer::Start, Outcome::KeepAliveOnly),
    ),
    (
        START,
        &[(300, ALIVE), (600, ": keep"), (900, "-alive\n")],
        (1000, Timer::Start, Outcome::KeepAliveOnly),
    ),
    (
        START,
        &[(300, "data: {"), (990, "}\n")],
        (1000, Timer::Start, Outcome::Truncated),
    ),
    (
        STALL,
        &[(200, "data: 1\n\n"), (700, ALIVE), (1100, ALIVE)],
        (1200, Timer::Stall, Outcome::Unfinished),
    ),
    (
        STALL,
        &[(200, "data: 1\n\n: a\n\n"), (1100, "data: {")],
        (1200, Timer::Stall, Outcome::Truncated),
    ),
    (
        STALL,
        &[(200, "data: 1\n\n"), (1199, "data: 2\n\n"), (2000, ALIVE)],
        (2199, Timer::Stall, Outcome::Unfinished),
    ),
    // A block that has a name and no data is output, and what follows it is not.
    (
        START,
        &[(900, "event: message_start\n\n")],
        (u64::MAX, Timer::Start, Outcome::Unfinished),
    ),
    (
        STALL,
        &[(200, "event: message_start\n\n"), (700, ALIVE), (1100, ALIVE)],
        (1200, Timer::Stall, Outcome::Unfinished),
    ),
    // Together: the first of them, which may be earlier than the one before.
    (ALL, &[(800, ALIVE)], (1800, Timer::Silence, Outcome::KeepAliveOnly)),
    (
        ALL,
        &[(800, ALIVE), (1700, ALIVE), (2400, ALIVE)],
        (2500, Timer::Start, Outcome::KeepAliveOnly),
    ),
    (
        ALL,
        &[(100, "data: 1\n\n"), (900, ALIVE)],
        (1600, Timer::Stall, Outcome::Unfinished),
    ),
    (
        Watchdog::new().start(ms(5000)).stall(ms(1000)),
        &[(100, "data: 1\n\n")],
        (1100, Timer::Stall, Outcome::Unfinished),
    ),
];

/// No row waits as long as this.
const NEVER: u64 = 60_000;

fn transport(chunks: Chunks<'static>, sent: Instant) -> impl Stream<Item = Result<&'static str, Infallible>> {
    let later = stream::iter(chunks).then(move |&(at, chunk)| async move {
        sleep_until(sent + ms(at)).await;
        Ok(chunk)
    });
    later.chain(stream::pending())
}

#[tokio::test(start_paused = true)]
async fn a_watched_stream_keeps_every_deadline_exactly() {
    for &(watchdog, chunks, (at, timer, outcome)) in ROWS {
        let sent = Instant::now();
        let events = EventStream::boxed(transport(chunks, sent));
        let mut events = events.watched(watchdog, move || sent.elapsed(), sleep);
        let read = async {
            loop {
                match events.next().await.expect("the transport does not end") {
                    Ok(_) => {}
                    Err(error) => break error,
                }
            }
        };
        match tokio::time::timeout(ms(NEVER), read).await {
            Ok(
                ref error @ StreamError::Expired {
                    expired,
                    outcome: given,
                    ..
                },
            ) => {
                let text = if given.is_safe_to_retry() {
                    format!("{expired}; the request can be sent again")
                } else {
                    expired.to_string()
                };
                assert_eq!(error.to_string(), text);
                assert_eq!(sent.elapsed(), ms(at), "{chunks:?}");
                assert_eq!(expired.timer(), timer, "{chunks:?}");
                assert_eq!(expired.deadline(), ms(at), "{chunks:?}");
                assert_eq!(given, outcome, "{chunks:?}");
                assert!(events.next().await.is_none() && events.is_terminated());
            }
            Ok(error) => panic!("{error} after {chunks:?}"),
            Err(_) => assert_eq!(at, u64::MAX, "{chunks:?}"),
        }
        assert_figures(events.watchdog(), chunks);
    }
}

/// A transport on a clock of its own, which honours its timeout.
struct Socket {
    chunks: VecDeque<(u64, &'static str)>,
    clock: Rc<Cell<Duration>>,
    timeout: Option<Duration>,
}

impl Read for Socket {
    fn read(&mut self, memory: &mut [u8]) -> io::Result<usize> {
        let last = self.clock.get() + self.timeout.unwrap_or(ms(NEVER));
        match self.chunks.front_mut() {
            Some((at, chunk)) if ms(*at) <= last => {
                self.clock.set(self.clock.get().max(ms(*at)));
                let len = chunk.len().min(memory.len());
                memory[..len].copy_from_slice(&chunk.as_bytes()[..len]);
                *chunk = &chunk[len..];
                if chunk.is_empty() {
                    self.chunks.pop_front();
                }
                Ok(len)
            }
            _ => {
                self.clock.set(last);
                Err(ErrorKind::WouldBlock.into())
            }
        }
    }
}

#[test]
fn a_watched_reader_keeps_every_deadline_exactly() {
    for &(watchdog, chunks, (at, timer, outcome)) in ROWS {
        for chunk_len in [1, 8, 8192] {
            let mut watchdog = watchdog;
            let clock = Rc::new(Cell::new(Duration::ZERO));
            let mut reader = EventReader::new(Socket {
                chunks: chunks.iter().copied().collect(),
                clock: Rc::clone(&clock),
                timeout: None,
            })
            .with_chunk_len(chunk_len);
            let expired = loop {
                let event = reader.next_watched(
                    &mut watchdog,
                    || clock.get(),
                    |socket, timeout| {
                        socket.timeout = timeout;
                        Ok(())
                    },
                );
                match event {
                    Ok(event) => assert!(event.is_some(), "the transport does not end"),
                    Err(ReadError::Expired(expired)) => break Some(expired),
                    Err(error) if error.is_timeout() && clock.get() >= ms(NEVER) => break None,
                    Err(error) => panic!("{error}"),
                }
            };
            match expired {
                Some(expired) => {
                    assert_eq!(clock.get(), ms(at), "{chunks:?}");
                    assert_eq!(expired.timer(), timer, "{chunks:?}");
                    assert_eq!(expired.deadline(), ms(at), "{chunks:?}");
                }
                None => assert_eq!(at, u64::MAX, "{chunks:?}"),
            }
            assert_eq!(reader.close(), outcome, "{chunks:?}");
            assert_figures(&watchdog, chunks);
        }
    }
}

/// Gaps lie between times of receipt, not of parsing.
fn assert_figures(watchdog: &Watchdog, chunks: Chunks<'_>) {
    let times: Vec<_> = chunks.iter().map(|(at, _)| *at).collect();
    let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
    assert_eq!(watchdog.longest_gap(), ms(gaps.max().unwrap_or(0)), "{chunks:?}");
    assert_eq!(watchdog.time_to_first_byte(), times.first().map(|at| ms(*at)));
    assert_eq!(watchdog.last_byte(), times.last().map(|at| ms(*at)));
}

/// What was received while the caller was busy is not late, and a server that said nothing meanwhile is.
#[tokio::test(start_paused = true)]
async fn a_slow_caller_does_not_suspect_the_server() {
    let sent = Instant::now();
    let chunks: Chunks<'_> = &[
        (100, "data: 1\n\n"),
        (900, "data: 2\n\n"),
        (4000, "data: 3\n\ndata: 4\n\n"),
    ];
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut chunks = pin!(transport(chunks, sent));
        while let Some(chunk) = chunks.next().await {
            sender.send(chunk).unwrap();
        }
    });
    let watchdog = Watchdog::new().silence(ms(1000)).stall(ms(1000));
    let received = stream::poll_fn(move |cx| receiver.poll_recv(cx));
    let mut events = EventStream::new(received).watched(watchdog, move || sent.elapsed(), sleep);
    for _ in 0..4 {
        assert!(events.next().await.unwrap().is_ok());
        sleep(ms(5000)).await;
    }
    let error = events.next().await.unwrap().unwrap_err();
    assert!(matches!(error, StreamError::Expired { .. }), "{error}");
    assert_eq!(io::Error::from(error).kind(), ErrorKind::TimedOut);
    assert_eq!(sent.elapsed(), ms(100 + 4 * 5000 + 1), "with a millisecond of grace");
}

#[test]
fn a_slow_caller_of_a_reader_does_not_suspect_the_server() {
    let clock = Rc::new(Cell::new(Duration::ZERO));
    let mut reader = EventReader::new(Socket {
        chunks: [(100, "data: 1\n\n"), (900, "data: 2\n\n"), (4000, "data: 3\n\n")].into(),
        clock: Rc::clone(&clock),
        timeout: None,
    });
    let mut watchdog = Watchdog::new().silence(ms(1000)).stall(ms(1000));
    let mut next = || {
        let set_timeout = |socket: &mut Socket, timeout| {
            socket.timeout = timeout;
            Ok(())
        };
        let event = reader.next_watched(&mut watchdog, || clock.get(), set_timeout);
        let is_event = event.map(|event| event.is_some());
        clock.set(clock.get() + ms(5000));
        is_event
    };
    for _ in 0..3 {
        assert!(next().unwrap());
    }
    assert!(matches!(next(), Err(ReadError::Expired(_))));
    assert_eq!(clock.get(), ms(100 + 4 * 5000 + 1), "with a millisecond of grace");
}

/// Without the transport ever waiting, which is no reason to go on for ever.
#[tokio::test(start_paused = true)]
async fn keep_alives_without_a_pause_expire_too() {
    let clock = Rc::new(Cell::new(Duration::ZERO));
    let now = {
        let clock = Rc::clone(&clock);
        move || {
            clock.set(clock.get() + ms(1));
            clock.get()
        }
    };
    for flood in [ALIVE, ":", "\n"] {
        clock.set(Duration::ZERO);
        let endless = stream::repeat_with(|| Ok::<_, Infallible>(flood));
        let mut events = EventStream::new(endless).watched(START, now.clone(), sleep);
        let mut count = 0;
        let error = loop {
            match events.next().await.unwrap() {
                Ok(_) => count += 1,
                Err(error) => break error,
            }
            assert!(count < 10_000);
        };
        assert!(matches!(error, StreamError::Expired { expired, .. } if expired.timer() == Timer::Start));
        assert_eq!(clock.get(), ms(1000), "{flood:?}");
    }
}

#[test]
fn a_reader_of_keep_alives_without_a_pause_expires_too() {
    for flood in [ALIVE, ":", "\n"] {
        let clock = Cell::new(Duration::ZERO);
        let now = || {
            clock.set(clock.get() + ms(1));
            clock.get()
        };
        let mut reader = EventReader::new(Repeat(flood));
        let mut watchdog = START;
        let mut count = 0;
        let error = loop {
            match reader.next_watched(&mut watchdog, now, |_, _| Ok(())) {
                Ok(_) => count += 1,
                Err(error) => break error,
            }
            assert!(count < 10_000);
        };
        assert!(matches!(error, ReadError::Expired(expired) if expired.timer() == Timer::Start));
        assert_eq!(clock.get(), ms(1000), "{flood:?}");
    }
}

/// The same again and again.
struct Repeat(&'static str);

impl Read for Repeat {
    fn read(&mut self, memory: &mut [u8]) -> io::Result<usize> {
        self.0.as_bytes().read(memory)
    }
}

/// As timers do that round down, or whose clock is ahead.
#[test]
fn a_timer_that_ends_early_is_made_again() {
    let made = Cell::new(0);
    let sleep = |_| {
        made.set(made.get() + 1);
        async {}
    };
    let pending = stream::pending::<Result<&'static str, Infallible>>();
    let mut events = EventStream::new(pending).watched(SILENCE, || Duration::ZERO, sleep);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for polls in 1..4 {
        assert!(events.poll_next_unpin(&mut context).is_pending());
        assert_eq!(made.get(), 2 * polls, "it does not spin");
    }
}

#[test]
fn close_drops_the_timer() {
    let held = Rc::new(());
    let timer = |_| {
        let held = Rc::clone(&held);
        async move {
            std::future::pending::<()>().await;
            drop(held);
        }
    };
    let pending = stream::pending::<Result<&'static str, Infallible>>();
    let mut events = EventStream::new(pending).watched(SILENCE, || Duration::ZERO, timer);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(events.poll_next_unpin(&mut context).is_pending());
    assert_eq!(Rc::strong_count(&held), 2);
    assert_eq!(events.close(), Outcome::Empty);
    assert_eq!(Rc::strong_count(&held), 1);
}

#[tokio::test(start_paused = true)]
async fn a_watched_stream_is_the_stream_but_for_the_deadlines() {
    let chunks: Chunks<'_> = &[(10, ": a\n\nda"), (20, "ta: 1\n\n"), (30, "data: {")];
    let sent = Instant::now();
    let ended = |sent| transport(chunks, sent).take(chunks.len());
    let plain: Vec<_> = EventStream::boxed(ended(sent))
        .map(|item| format!("{item:?}"))
        .collect()
        .await;
    for watchdog in [Watchdog::new(), ALL] {
        let sent = Instant::now();
        let mut events = EventStream::boxed(ended(sent)).watched(watchdog, move || sent.elapsed(), sleep);
        assert!(!events.is_terminated());
        let watched: Vec<_> = events.by_ref().map(|item| format!("{item:?}")).collect().await;
        assert_eq!(watched, plain);
        assert!(events.is_terminated());
        assert_eq!(events.outcome(), Some(Outcome::Truncated));
        assert_eq!(events.watchdog().keep_alives(), events.events().parser().keep_alives());
        assert_eq!(events.watchdog().time_to_first_data(), Some(ms(20)));
        let text = format!("{events:?}");
        assert!(text.starts_with("Watched { events: EventStream {"), "{text}");
        assert_eq!(events.close(), Outcome::Truncated);
        assert_eq!(events.into_inner().outcome(), Some(Outcome::Truncated));
    }
}

#[tokio::test(start_paused = true)]
async fn a_watched_stream_that_is_closed_waits_no_more() {
    let sent = Instant::now();
    let events = EventStream::boxed(transport(&[(10, ": a\n\n"), (20, "data: 1\n\n")], sent));
    let mut events = events.watched(ALL, move || sent.elapsed(), sleep);
    assert!(events.next().await.unwrap().is_ok());
    assert_eq!(events.outcome(), None);
    assert_eq!(events.close(), Outcome::KeepAliveOnly);
    assert!(events.is_terminated() && events.next().await.is_none());
    assert_eq!(sent.elapsed(), ms(10));
}

/// One timer serves many events: a new one is made when the last has ended, or would end too late.
#[tokio::test(start_paused = true)]
async fn timers_are_made_seldom() {
    let sent = Instant::now();
    let chunks = stream::iter(0..1500).then(|_| async {
        sleep(ms(1)).await;
        Ok::<_, Infallible>("data: 1\n\n")
    });
    let made = Rc::new(Cell::new(0));
    let count = Rc::clone(&made);
    let sleep = move |left| {
        count.set(count.get() + 1);
        sleep(left)
    };
    let events = EventStream::boxed(chunks).watched(SILENCE, move || sent.elapsed(), sleep);
    assert_eq!(events.count().await, 1501); // and the error at the end
    assert_eq!(made.get(), 2);
}

#[test]
fn a_watched_stream_may_be_sent() {
    fn check<T: Send + Unpin>(_: &T) {}
    let sent = std::time::Instant::now();
    let events = EventStream::new(stream::empty::<Result<&'static str, Infallible>>());
    check(&events.watched(ALL, move || sent.elapsed(), sleep));
}
