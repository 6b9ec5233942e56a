//! The guide: pages of documentation, without code of their own.
//!
//! | page | question |
//! |---|---|
//! | [`keep_alives`] | What does a server send while a request is queued, and what do I do with it? |
//! | [`ends`] | What does the end of a response mean, and can I send the request again? |
//! | [`clocks`] | Which deadlines does a client need? |
//! | [`limits`] | How much memory can a response take? |
//! | [`chunk_borders`] | What happens where an event is split over chunks, and how is that proved? |
//! | [`proxies`] | How does a proxy keep a silent connection open? |
//! | [`reconnecting`] | How do I resume a stream by its last event id? |
//! | [`migrating`] | What changes for code that used `eventsource-stream` or `reqwest-eventsource`? |

pub mod chunk_borders;
pub mod clocks;
pub mod ends;
pub mod keep_alives;
pub mod limits;
pub mod migrating;
pub mod proxies;
pub mod reconnecting;
