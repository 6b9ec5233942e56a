//! Which piece of a tool call belongs to which call.
//!
//! Most servers send the id and the name in the first piece, and an index in every one. Others repeat the id or the
//! name, omit the index, or give every call the index 0.

use alloc::{borrow::Cow, vec::Vec};

use super::{
    parts::{Function, ToolCall},
    text::Text,
};

/// The tool calls of a choice, as far as they have come, in the order of their first pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct ToolCalls(Vec<Call>);

#[derive(Clone, Debug, Default)]
struct Call {
    call: ToolCall<'static>,
    arguments: Nesting,
}

impl ToolCalls {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `piece` begins a call.
    pub(super) fn is_new(&self, piece: &ToolCall<'_>) -> bool {
        self.place(piece).is_none()
    }

    pub(super) fn push(&mut self, piece: &ToolCall<'_>) {
        let place = self.place(piece).unwrap_or_else(|| {
            self.0.push(Call::default());
            self.0.len() - 1
        });
        self.0[place].push(piece);
    }

    /// The calls by their indices, where all have one of their own; else in the order in which they came.
    pub(super) fn in_order(&self) -> Vec<ToolCall<'static>> {
        let mut calls: Vec<_> = self.0.iter().map(|call| call.call.clone()).collect();
        if calls.iter().all(|call| call.index.is_some()) {
            calls.sort_by_key(|call| call.index);
        }
        for call in &mut calls {
            // A body has none.
            call.index = None;
        }
        calls
    }

    /// The call that `piece` continues.
    fn place(&self, piece: &ToolCall<'_>) -> Option<usize> {
        let place = match (piece.index, &piece.id) {
            (Some(index), _) => self.0.iter().rposition(|call| call.call.index == Some(index)),
            (None, Some(id)) => self.0.iter().rposition(|call| call.call.id.as_ref() == Some(id)),
            (None, None) => None,
        };
        // A server that sends an index or an id at first may omit it later.
        let place = match (place, piece.index, &piece.id) {
            (None, None, None) => self.0.len().checked_sub(1)?,
            (place, ..) => place?,
        };
        self.0[place].continues_with(piece).then_some(place)
    }
}

impl Call {
    /// Whether `piece`, of the same index, is of this call.
    fn continues_with(&self, piece: &ToolCall<'_>) -> bool {
        match (&self.call.id, &piece.id) {
            (Some(id), Some(other)) => id == other,
            // Another whole call, whose index is missing or is the same again.
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
        let ToolCall {
            index,
            id,
            kind,
            function,
        } = piece;
        let call = &mut self.call;
        call.index = call.index.or(*index);
        for (place, word) in [(&mut call.id, id), (&mut call.kind, kind)] {
            if let (None, Some(word)) = (&place, word) {
                *place = Some(Cow::Owned(word.clone().into_owned()));
            }
        }
        // Once the arguments have begun, the name is whole; a name that comes again is a repetition.
        let name: &Text<'_> = &function.name;
        if call.function.arguments.is_empty() && *name != call.function.name {
            call.function.name.push(name);
        }
        call.function.arguments.push(&function.arguments);
        self.arguments.push(&function.arguments);
    }
}

/// How deep within a JSON value text ends, so that its end is known without another look at it.
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
