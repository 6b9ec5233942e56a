//! What a fuzz target reads from its bytes: a setup, a way of splitting, and a response.
//!
//! The first line of a seed is the header, written so that an editor shows it: a character for format, dialect, storage and the rules of the end,
//! a character each for the limit and for the size of the slice, four for the lengths of the chunks, and a line end.
//! What follows is the response as it is.

use arbitrary::{Arbitrary, Result, Unstructured};
use llm_response::{Dialect, Format};

use crate::common::trace::Setup;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    pub(crate) setup: Setup,
    /// As the header has it, for those who give it another meaning.
    pub(crate) limit: u8,
    /// The lengths of the chunks, again and again.
    pub(crate) lens: [u8; 4],
    pub(crate) response: &'a [u8],
}

impl<'a> Arbitrary<'a> for Input<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let [options, limit, slice, lens @ .., _line_end]: [u8; 8] = bytes.arbitrary()?;
        let options = options.wrapping_sub(b'a');
        let limit = limit.wrapping_sub(b'0');
        let format = [Format::Auto, Format::EventStream, Format::Json][usize::from(options % 3)];
        let dialect = [Dialect::Llm, Dialect::EventSource][usize::from(options / 3 % 2)];
        let mut setup = Setup::new().format(format).dialect(dialect);
        if options / 6 % 2 == 1 {
            setup = setup.max_len(usize::from(limit));
        }
        if options / 12 % 2 == 1 {
            setup = setup.slice(usize::from(slice.wrapping_sub(b'0')));
        }
        // Letters behind the 24 that make these choices.
        setup = match options / 24 {
            0 => setup,
            1 => setup.format(Format::JsonStream),
            2 => setup.end_mark(false),
            3 => setup.lenient_end(true),
            4 => setup.format(Format::JsonStream).end_mark(false),
            _ => setup.end_mark(false).lenient_end(true),
        };
        Ok(Self {
            setup,
            limit,
            lens: lens.map(|len: u8| len.wrapping_sub(b'0')),
            response: bytes.bytes(bytes.len())?,
        })
    }
}

impl<'a> Input<'a> {
    /// Of any bytes that are long enough for a header.
    pub(crate) fn new(data: &'a [u8]) -> Option<Self> {
        let input = Self::arbitrary(&mut Unstructured::new(data)).ok()?;
        // What the members of an object are that is no JSON, nobody has said (R17): reference and parser may differ.
        let is_json_stream = input.setup.format == Format::JsonStream;
        let may_be_done = input.response.windows(6).any(|bytes| bytes == b"\"done\"");
        (!is_json_stream || !may_be_done).then_some(input)
    }

    /// Where to split `bytes`: a length of zero makes an empty chunk.
    pub(crate) fn splits(&self, bytes: &[u8]) -> Vec<usize> {
        let mut splits = Vec::new();
        let mut at = 0;
        if self.lens != [0; 4] {
            let mut lens = self.lens.iter().cycle();
            while at < bytes.len() {
                at += usize::from(*lens.next().unwrap_or(&1));
                splits.push(at.min(bytes.len()));
            }
        }
        splits
    }

    pub(crate) fn chunks<'b>(&self, bytes: &'b [u8]) -> Vec<&'b [u8]> {
        let splits = self.splits(bytes);
        let starts = [0].into_iter().chain(splits.iter().copied());
        let ends = splits.iter().copied().chain([bytes.len()]);
        starts.zip(ends).map(|(start, end)| &bytes[start..end]).collect()
    }
}
