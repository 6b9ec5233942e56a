//! What the model thinks and says, in all APIs.

pub(super) const REASONING: &str = "The user sees keep-alives and wonders. The request is queued, so the server sends \
    something to keep the connection open: comment lines in a stream, empty lines before a JSON body. \
    I should also say why they must not be parsed as JSON.";

pub(super) const ANSWER: &str = "Because your request is waiting for its turn. A connection that says nothing is soon closed by \
    some proxy on the way, so the server says \"still here\" – as a comment line in a stream, as an empty line before \
    a JSON body. Neither is part of the answer.\n\n\
    A client that hands these lines to a JSON parser fails; one that cuts text at the borders of network packets \
    breaks every character of more than one byte: Grüße, Ελλάδα, Привет, こんにちは, 你好, 안녕하세요, 🐋. \
    A parser that works on bytes and gives whole events does neither.";

/// A word counts as a token here, and each comes as an event.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}
