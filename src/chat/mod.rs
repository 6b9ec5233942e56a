//! Typed answers: reads the data of an event, or a body, into types. This layer uses only [`Data`](crate::Data) and
//! [`Body`](crate::Body).
//!
//! From bytes to a finished, typed answer:
//!
//! ```
//! use llm_response::{Event, Outcome, Parser, chat::Accumulator};
//!
//! # let transport = [&b": keep-alive\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"Hel"[..], b"lo\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"];
//! let (mut parser, mut answer) = (Parser::new(), Accumulator::new());
//! for mut chunk in transport {
//!     while let Some(event) = parser.next_output(&mut chunk)? {
//!         if let Event::Data(data) = event {
//!             // If the API reports an error, the loop ends here.
//!             answer.push(&data.chunk().map_err(|error| error.to_string())?)?;
//!         }
//!     }
//! }
//! let finish = parser.finish()?;
//! assert!(finish.event.is_none()); // otherwise: a last event without its final line end, to push too
//! assert_eq!(finish.outcome, Outcome::Complete);
//! assert_eq!(answer.completion().choices[0].message.content.as_deref(), Some("Hello"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Four APIs are supported, and all give the same type of answer:
//!
//! | API | an event of its stream | a body |
//! |---|---|---|
//! | chat completions of DeepSeek, OpenAI and many others | [`Data::chunk`](crate::Data::chunk) | [`Body::completion`](crate::Body::completion) |
//! | Anthropic's messages API | [`Data::anthropic`](crate::Data::anthropic) | [`Body::anthropic`](crate::Body::anthropic) |
//! | OpenAI's Responses API | [`Data::responses`](crate::Data::responses) | [`Body::responses`](crate::Body::responses) |
//! | Ollama's own API | [`Data::ollama`](crate::Data::ollama) | [`Body::ollama`](crate::Body::ollama) |

mod accumulator;
mod answer;
mod anthropic;
mod anthropic_wire;
mod api_error;
mod bodies;
mod choices;
mod conclusion;
mod decode;
mod json;
mod json_str;
mod logprobs;
mod message;
mod object;
mod ollama;
mod parts;
mod responses;
mod responses_wire;
mod text;
mod tool_calls;

pub use accumulator::{Accumulator, AnswerTooLong};
pub use answer::{Choice, Chunk, ChunkChoice, Completion};
pub use anthropic::{AnthropicEvent, BlockPiece};
pub use api_error::ApiError;
pub use choices::Choices;
pub use conclusion::Conclusion;
pub use decode::DecodeError;
pub use message::{Delta, Message};
pub use ollama::OllamaLine;
pub use parts::{FinishReason, Function, ToolCall, Usage};
pub use responses::{ResponseInfo, ResponsesEvent};
pub use text::{Raw, Text};
