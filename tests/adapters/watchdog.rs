//! Deadlines and figures: tables of what is told when, in seconds, and what the watchdog makes of it.

use std::time::Duration;

use llm_response::{Event, Expired, KeepAlive, Options, Parser, Timer, Watchdog};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What comes at a time.
#[derive(Clone, Copy, Debug)]
enum Told {
    Bytes,
    KeepAlive,
    Unknown,
    Done,
    /// A chunk, parsed, with its events.
    Chunk(&'static str),
    /// A chunk of which only the parser is observed.
    Observed(&'static str),
}
use Told::*;

fn watch(mut watchdog: Watchdog, told: &[(u64, Told)]) -> Watchdog {
    let mut memory = [0; 1024];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    for &(now, told) in told {
        let now = seconds(now);
        match told {
            Bytes => watchdog.on_bytes(now),
            KeepAlive => watchdog.on_event(&Event::KeepAlive(self::KeepAlive::BlankLine), now),
            Unknown => watchdog.on_event(&Event::Unknown(b"error: busy"), now),
            Done => watchdog.on_event(&Event::Done, now),
            Chunk(chunk) => {
                watchdog.on_bytes(now);
                parser
                    .push(chunk.as_bytes(), |event| watchdog.on_event(&event, now))
                    .unwrap();
                watchdog.observe(&parser, now);
            }
            Observed(chunk) => {
                parser.push(chunk.as_bytes(), |_| {}).unwrap();
                watchdog.observe(&parser, now);
            }
        }
    }
    watchdog
}

const ALL: Watchdog = Watchdog::new()
    .start(seconds(600))
    .silence(seconds(30))
    .stall(seconds(60));
const START: Watchdog = Watchdog::new().start(seconds(600));
const SILENCE: Watchdog = Watchdog::new().silence(seconds(30));
const STALL: Watchdog = Watchdog::new().stall(seconds(60));

/// A watchdog, what it is told, and the deadline: when, which timer, and since when that runs.
type Row<'a> = (Watchdog, &'a [(u64, Told)], Option<(u64, Timer, u64)>);

#[test]
fn deadlines() {
    let data = Chunk("data: {}\n\n");
    let table: &[Row<'_>] = &[
        // Nothing is watched.
        (Watchdog::new(), &[(1, KeepAlive), (2, data)], None),
        // Start: from the request to the first output of any kind, whatever keep-alives come.
        (START, &[], Some((600, Timer::Start, 0))),
        (START, &[(1, Bytes), (500, KeepAlive)], Some((600, Timer::Start, 0))),
        (START, &[(1, Chunk(": keep-alive\n\n"))], Some((600, Timer::Start, 0))),
        (START, &[(1, Chunk("data: {\"unfini"))], Some((600, Timer::Start, 0))),
        (
            START,
            &[(1, Chunk("event: ping\ndata: {}\n\n"))],
            Some((600, Timer::Start, 0)),
        ),
        (START, &[(9, data)], None),
        (START, &[(9, Unknown)], None),
        (START, &[(9, Done)], None),
        (START, &[(9, Chunk("{\"a\":1}"))], None),
        (START, &[(9, Chunk("\n\n{\"unfini"))], None),
        (START, &[(9, Observed("\n\n{\"unfini"))], None),
        // Silence: from the request, and then from the last byte of any kind.
        (SILENCE, &[], Some((30, Timer::Silence, 0))),
        (SILENCE, &[(20, Bytes)], Some((50, Timer::Silence, 20))),
        (SILENCE, &[(20, KeepAlive)], Some((50, Timer::Silence, 20))),
        (SILENCE, &[(20, data), (25, Bytes)], Some((55, Timer::Silence, 25))),
        (SILENCE, &[(20, Observed("da"))], Some((50, Timer::Silence, 20))),
        (
            SILENCE,
            &[(20, Observed("da")), (25, Observed(""))],
            Some((50, Timer::Silence, 20)),
        ),
        // Stall: from output to output.
        (STALL, &[], None),
        (STALL, &[(10, KeepAlive), (20, Bytes)], None),
        (STALL, &[(20, data)], Some((80, Timer::Stall, 20))),
        (
            STALL,
            &[(20, data), (50, KeepAlive), (51, Bytes)],
            Some((80, Timer::Stall, 20)),
        ),
        (
            STALL,
            &[(20, data), (50, Chunk(": alive\n\n"))],
            Some((80, Timer::Stall, 20)),
        ),
        (STALL, &[(20, data), (50, data)], Some((110, Timer::Stall, 50))),
        (STALL, &[(20, data), (50, Unknown)], Some((110, Timer::Stall, 50))),
        (STALL, &[(20, data), (50, Done)], Some((110, Timer::Stall, 50))),
        (
            STALL,
            &[(20, Chunk("data: [DONE]\n\n")), (50, Chunk(": alive\n\n"))],
            Some((80, Timer::Stall, 20)),
        ),
        // The bytes of a body are progress, the bytes of an event are not before it is complete.
        (
            STALL,
            &[(20, Chunk("\n{\"a")), (50, Chunk("\":"))],
            Some((110, Timer::Stall, 50)),
        ),
        (
            STALL,
            &[(20, Chunk("\n{\"a")), (50, Observed("\":"))],
            Some((110, Timer::Stall, 50)),
        ),
        (
            STALL,
            &[(20, Chunk("\n{\"a")), (50, Observed(""))],
            Some((80, Timer::Stall, 20)),
        ),
        (
            STALL,
            &[(20, data), (50, Chunk("data: {"))],
            Some((80, Timer::Stall, 20)),
        ),
        // A block that has a name and no data is output, and the lines after it are not, wherever they are split.
        (START, &[(20, Observed("event: a\n\n: k"))], None),
        (
            STALL,
            &[
                (20, Observed("event: a\n\n: k")),
                (50, Observed("eep\n: al")),
                (60, Observed("ive\n: x")),
            ],
            Some((80, Timer::Stall, 20)),
        ),
        (
            STALL,
            &[
                (20, Chunk("event: a\n\n: k")),
                (50, Chunk("eep\n: al")),
                (60, Chunk("ive\n: x")),
            ],
            Some((80, Timer::Stall, 20)),
        ),
        (
            STALL,
            &[(20, Observed("\n{\"a")), (50, Observed("\":"))],
            Some((110, Timer::Stall, 50)),
        ),
        (
            STALL,
            &[
                (20, Observed("event: a\n")),
                (30, Observed("\n")),
                (50, Observed(": x")),
            ],
            Some((90, Timer::Stall, 30)),
        ),
        // Together: the one that is first.
        (ALL, &[], Some((30, Timer::Silence, 0))),
        (ALL, &[(580, KeepAlive)], Some((600, Timer::Start, 0))),
        (ALL, &[(580, data)], Some((610, Timer::Silence, 580))),
        (ALL, &[(580, data), (630, KeepAlive)], Some((640, Timer::Stall, 580))),
        // At the same time: the one with more to say.
        (ALL, &[(570, KeepAlive)], Some((600, Timer::Start, 0))),
    ];
    for (watchdog, told, expected) in table {
        let watchdog = watch(*watchdog, told);
        let deadline = expected.map(|(deadline, ..)| seconds(deadline));
        assert_eq!(watchdog.next_deadline(), deadline, "{told:?}");
        let Some(((_, timer, since), deadline)) = expected.zip(deadline) else {
            assert_eq!(watchdog.check(Duration::MAX), Ok(()), "{told:?}");
            continue;
        };
        assert_eq!(watchdog.check(deadline - Duration::from_nanos(1)), Ok(()), "{told:?}");
        for now in [deadline, Duration::MAX] {
            let expired = watchdog.check(now).unwrap_err();
            assert_eq!((expired.timer(), expired.since()), (timer, seconds(since)), "{told:?}");
            assert_eq!(expired.since() + expired.limit(), deadline);
            assert_eq!(expired.deadline(), deadline);
        }
    }
}

#[test]
fn figures() {
    let told = [
        (2, Chunk(": keep-alive\n\n")),
        (17, Chunk(": keep-alive\n\n")),
        (40, Chunk("busy\n")),
        (41, Chunk("data: {}\n\n")),
        (60, Chunk("data: [DONE]\n\n")),
    ];
    let watchdog = watch(Watchdog::new(), &told);
    assert_eq!(watchdog.time_to_first_byte(), Some(seconds(2)));
    assert_eq!(watchdog.last_byte(), Some(seconds(60)));
    assert_eq!(watchdog.time_in_queue(), Some(seconds(40)));
    assert_eq!(watchdog.time_to_first_data(), Some(seconds(41)));
    assert_eq!(watchdog.longest_gap(), seconds(23));
    assert_eq!(watchdog.keep_alives(), 2);

    let none = Watchdog::new();
    assert_eq!(none.time_to_first_byte(), None);
    assert_eq!(none.last_byte(), None);
    assert_eq!(none.time_in_queue(), None);
    assert_eq!(none.time_to_first_data(), None);
    assert_eq!(none.longest_gap(), Duration::ZERO);
    assert_eq!(none.keep_alives(), 0);
    assert_eq!(none, Watchdog::default());
}

/// A token is what the caller calls so: the first report counts, and no deadline moves.
#[test]
fn the_first_token_comes_when_it_is_reported() {
    let mut watchdog = watch(ALL, &[(40, Chunk("data: {}\n\n"))]);
    assert_eq!(watchdog.time_to_first_token(), None);
    let deadline = watchdog.next_deadline();
    watchdog.on_token(seconds(55));
    assert_eq!(watchdog.next_deadline(), deadline);
    assert_eq!(watchdog.last_byte(), Some(seconds(40)));
    watchdog.on_token(seconds(56));
    watchdog.on_token(seconds(54));
    assert_eq!(watchdog.time_to_first_data(), Some(seconds(40)));
    assert_eq!(watchdog.time_to_first_token(), Some(seconds(55)));
}

/// A stream whose first event has a role alone.
#[cfg(feature = "serde")]
#[test]
fn a_role_is_no_token() {
    let delta = |now, delta: &str| (now, format!("data: {{\"choices\":[{{\"delta\":{delta}}}]}}\n\n"));
    let chunks = [
        (3, ": keep-alive\n\n".to_owned()),
        delta(40, r#"{"role":"assistant","content":null,"reasoning_content":""}"#),
        delta(55, r#"{"content":null,"reasoning_content":"Hm"}"#),
        delta(56, r#"{"content":"hi"}"#),
    ];
    let mut watchdog = Watchdog::new();
    let mut parser = Parser::new();
    for (now, chunk) in &chunks {
        let now = seconds(*now);
        parser
            .push(chunk.as_bytes(), |event| {
                watchdog.on_event(&event, now);
                if let Event::Data(data) = event {
                    if data.chunk().unwrap().is_output() {
                        watchdog.on_token(now);
                    }
                }
            })
            .unwrap();
    }
    assert_eq!(watchdog.time_to_first_byte(), Some(seconds(3)));
    assert_eq!(watchdog.time_to_first_data(), Some(seconds(40)));
    assert_eq!(watchdog.time_to_first_token(), Some(seconds(55)));
}

#[test]
fn a_body_leaves_the_queue_with_its_first_byte() {
    let told = [(5, Chunk("\n\n{\"a\"")), (9, Chunk(":")), (12, Chunk("1}"))];
    let watchdog = watch(Watchdog::new(), &told);
    assert_eq!(watchdog.time_in_queue(), Some(seconds(5)));
    assert_eq!(watchdog.time_to_first_data(), Some(seconds(12)));
    assert_eq!(watchdog.keep_alives(), 2);
}

/// Keep-alives are counted even if the caller skips them.
#[test]
fn keep_alives_are_counted_once() {
    let watchdog = watch(Watchdog::new(), &[(1, Observed(": a\n\n")), (2, Chunk(": b\n\n"))]);
    assert_eq!(watchdog.keep_alives(), 2);
    let watchdog = watch(Watchdog::new(), &[(1, Chunk(": a\n\n")), (2, Observed(""))]);
    assert_eq!(watchdog.keep_alives(), 1);
}

#[test]
fn a_clock_that_goes_back_is_waited_for() {
    let mut watchdog = ALL;
    watchdog.on_event(&Event::Done, seconds(100));
    let before = watchdog;
    watchdog.on_event(&Event::Done, seconds(40));
    assert_eq!(watchdog, before);
    assert_eq!(watchdog.check(seconds(40)), Ok(()));
    assert_eq!(watchdog.longest_gap(), Duration::ZERO);
    watchdog.on_bytes(seconds(101));
    assert_eq!(watchdog.longest_gap(), seconds(1));
}

#[test]
fn times_without_end_do_no_harm() {
    let mut watchdog = Watchdog::new()
        .start(Duration::MAX)
        .silence(Duration::MAX)
        .stall(Duration::MAX);
    watchdog.on_bytes(Duration::MAX);
    watchdog.on_event(&Event::Done, Duration::MAX);
    assert_eq!(watchdog.next_deadline(), Some(Duration::MAX));
    assert!(watchdog.check(Duration::MAX).is_err());

    let watchdog = Watchdog::new().silence(Duration::ZERO);
    assert_eq!(watchdog.check(Duration::ZERO).unwrap_err().timer(), Timer::Silence);
}

#[test]
fn messages_say_what_is_true_at_any_time() {
    let message = |watchdog: Watchdog, told: &[(u64, Told)]| {
        let expired: Expired = watch(watchdog, told).check(Duration::MAX).unwrap_err();
        let error: &dyn std::error::Error = &expired;
        error.to_string()
    };
    assert_eq!(message(START, &[]), "no output was received within 600s of the request");
    assert_eq!(message(SILENCE, &[]), "no byte was received within 30s of the request");
    assert_eq!(
        message(SILENCE, &[(12, Bytes)]),
        "no byte was received for 30s, from 12s to 42s after the request"
    );
    assert_eq!(
        message(STALL, &[(12, Done)]),
        "no output was received for 60s, from 12s to 72s after the request"
    );
}

#[test]
fn it_is_copied_and_sent() {
    fn check<T: Copy + Send + Sync + Unpin + 'static>() {}
    check::<Watchdog>();
    check::<Expired>();
    check::<Timer>();
}
