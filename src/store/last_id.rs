//! The last event id, with which the store begins: where it comes from, and what moves when it changes.

use super::{
    Buffer,
    log::{KEPT, Store},
    marks::{Gathered, shift},
};

impl<B: Buffer> Store<B> {
    #[inline]
    pub(crate) fn last_event_id(&self) -> &[u8] {
        &self.buffer.as_slice()[..self.id_len]
    }

    /// Makes the id of a block the last event id. This moves the rest of the block.
    pub(crate) fn adopt_gathered_id(&mut self, gathered: &mut Gathered) {
        let Some(id) = gathered.id.take() else { return };
        let old_len = self.id_len;
        self.id_len = id.len();
        self.buffer.as_mut_slice()[..id.end].rotate_left(id.start);
        if let Some(event) = &mut gathered.event {
            if event.start < id.start {
                *event = shift(event, id.len() as isize);
            }
        }
        // The old id lies after the new one now. If it is short, it is dropped later, with the event.
        if old_len > KEPT {
            self.buffer.as_mut_slice().copy_within(id.len() + old_len.., id.len());
            self.buffer.truncate(self.buffer.as_slice().len() - old_len);
            self.give_back_above();
            let by = -(old_len as isize);
            gathered.data = shift(&gathered.data, by);
            gathered.event = gathered.event.take().map(|event| shift(&event, by));
        }
    }

    /// Makes an id in the chunk the last event id, if it is as long, so that nothing moves. Whether it did.
    #[inline(always)]
    pub(crate) fn set_id_in_place(&mut self, id: &[u8]) -> bool {
        let is_as_long = id.len() == self.id_len;
        if is_as_long {
            self.buffer.as_mut_slice()[..id.len()].copy_from_slice(id);
        }
        is_as_long
    }

    /// Makes an id in the chunk the last event id. This moves the log.
    pub(crate) fn set_id(&mut self, id: &[u8]) {
        let (old_len, len) = (self.id_len, id.len());
        self.id_len = len;
        let stored = self.buffer.as_slice().len();
        if len > old_len {
            self.append(&id[..len - old_len]); // only for the length
            self.buffer.as_mut_slice().copy_within(old_len..stored, len);
        } else if len < old_len {
            self.buffer.as_mut_slice().copy_within(old_len.., len);
            self.buffer.truncate(stored - (old_len - len));
        }
        self.buffer.as_mut_slice()[..len].copy_from_slice(id);
        if len < old_len {
            self.give_back_above();
        }
    }

    /// Replaces the last event id and drops everything else. An id that does not fit is dropped too.
    pub(crate) fn restore_id(&mut self, id: &[u8]) {
        self.clear();
        let fits = id.len() <= self.buffer.max_capacity();
        self.set_id(if fits { id } else { &[] });
        self.clear_next();
    }

    /// A block is skipped: nothing stays of its log but the id, without its mark.
    pub(crate) fn keep_id(&mut self, gathered: &Gathered) {
        let id = gathered.id.clone().unwrap_or(self.id_len..self.id_len);
        let end = self.id_len + id.len();
        self.buffer.as_mut_slice().copy_within(id, self.id_len);
        self.buffer.truncate(end);
        self.begin_line();
    }

    /// All that is stored is the id of a block, and becomes the last event id.
    pub(crate) fn adopt_kept_id(&mut self) {
        let old_len = self.id_len;
        self.id_len = self.log_len();
        self.buffer.as_mut_slice().copy_within(old_len.., 0);
        self.clear();
        if self.id_len < old_len {
            self.give_back_above();
        }
    }
}
