//! Finds the call to which a piece of a tool call belongs.
//!
//! Most servers send the id and the name in the first piece, and an index in every piece. Others repeat the id or the name, omit
//! the index, or give every call the index 0.

use alloc::{borrow::Cow, collections::BTreeMap, vec::Vec};
use core::mem;

use super::{
    parts::{Function, ToolCall},
    text::{Text, len_to_set, set},
};

/// How many bytes a call counts against the limit of an answer, in addition to its text.
const ENTRY_LEN: usize = 512;

/// The tool calls of a choice so far, in the order of their first pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct ToolCalls {
    calls: Vec<Call>,
    /// The last call for each index and for each id. Searching all calls for each piece would take quadratic time.
    by_index: BTreeMap<u32, usize>,
    by_id: BTreeMap<Cow<'static, str>, usize>,
}

#[derive(Clone, Debug, Default)]
struct Call {
    call: ToolCall<'static>,
    arguments: Nesting,
}

impl ToolCalls {
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// How many bytes `piece` adds to what counts against the limit.
    pub(super) fn len_of(&self, piece: &ToolCall<'_>) -> usize {
        let (known, entry) = match self.place(piece) {
            Some(place) => (&self.calls[place].call, 0),
            None => (&ToolCall::default(), ENTRY_LEN),
        };
        // An id is kept twice.
        let id = 2 * len_to_set(&known.id, &piece.id);
        entry + id + len_to_set(&known.kind, &piece.kind) + piece.function.len()
    }

    pub(super) fn push(&mut self, piece: &ToolCall<'_>) {
        let place = self.place(piece).unwrap_or_else(|| {
            self.calls.push(Call::default());
            self.calls.len() - 1
        });
        let call = &mut self.calls[place];
        if let (None, Some(index)) = (call.call.index, piece.index) {
            self.by_index.insert(index, place);
        }
        if let (None, Some(id)) = (&call.call.id, &piece.id) {
            let last = self.by_id.entry(Cow::Owned(id.clone().into_owned())).or_insert(place);
            *last = place.max(*last);
        }
        call.push(piece);
    }

    /// The calls in the order of their indices if each has its own; otherwise in the order in which they were received.
    pub(super) fn in_order(&self) -> Vec<ToolCall<'static>> {
        let mut calls: Vec<_> = self.calls.iter().map(|call| call.call.clone()).collect();
        if calls.iter().all(|call| call.index.is_some()) {
            calls.sort_by_key(|call| call.index);
        }
        for call in &mut calls {
            // A body has no index.
            call.index = None;
            if mem::take(&mut call.begins) && call.function.arguments.is_empty() {
                call.function.arguments = Text::from("{}");
            }
        }
        calls
    }

    /// The call that `piece` continues.
    fn place(&self, piece: &ToolCall<'_>) -> Option<usize> {
        let place = match (piece.index, &piece.id) {
            (Some(index), _) => *self.by_index.get(&index)?,
            (None, Some(id)) => *self.by_id.get(&**id)?,
            // A server that sends an index or an id at first may omit it later.
            (None, None) => self.calls.len().checked_sub(1)?,
        };
        self.calls[place].continues_with(piece).then_some(place)
    }
}

impl Call {
    /// Whether `piece`, which has the same index, belongs to this call.
    fn continues_with(&self, piece: &ToolCall<'_>) -> bool {
        match (&self.call.id, &piece.id) {
            (Some(id), Some(other)) => id == other,
            // Another complete call, without an index or with the same index.
            (_, None) => {
                let Function { name, arguments } = &piece.function;
                let says_more = !arguments.is_empty() || *name != self.call.function.name;
                let is_another = self.arguments.is_closed() && !name.is_empty() && says_more;
                !is_another
            }
            (None, Some(_)) => true,
        }
    }

    fn push(&mut self, piece: &ToolCall<'_>) {
        let call = &mut self.call;
        if !piece.begins && !piece.function.arguments.is_empty() && mem::take(&mut call.begins) {
            // The pieces say again what the beginning said.
            call.function.arguments = Text::default();
            self.arguments = Nesting::default();
        }
        call.begins |= piece.begins && call.function.arguments.is_empty();
        call.index = call.index.or(piece.index);
        set(&mut call.id, piece.id.as_deref());
        set(&mut call.kind, piece.kind.as_deref());
        call.function.push(&piece.function);
        self.arguments.push(&piece.function.arguments);
    }
}

/// The nesting depth at the end of a piece of JSON, so that the end of the value is known without reading it again.
#[derive(Clone, Copy, Debug, Default)]
struct Nesting {
    depth: usize,
    in_string: bool,
    after_backslash: bool,
    has_begun: bool,
}

impl Nesting {
    fn push(&mut self, piece: &str) {
        for byte in piece.bytes() {
            if self.after_backslash {
                self.after_backslash = false;
                continue;
            }
            match byte {
                b'\\' => self.after_backslash = self.in_string,
                b'"' => self.in_string = !self.in_string,
                b'{' | b'[' if !self.in_string => {
                    self.depth += 1;
                    self.has_begun = true;
                }
                b'}' | b']' if !self.in_string => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }

    fn is_closed(self) -> bool {
        self.has_begun && self.depth == 0 && !self.in_string
    }
}
