//! The errors that an API reports, in all the forms that providers use.
//!
//! `is_error` (R18), below this layer, decides whether there is an error. This file decodes its parts. Decoding never fails,
//! because an error must always be readable.

use alloc::{borrow::Cow, format, string::String};
use core::fmt;

use super::json_str;
use crate::{Body, Data, event::ErrorFields};

/// An error that the API reported within a response, whatever its HTTP status was.
///
/// [`Data::error`] and [`Body::error`] give it if, and only if, [`Data::is_error`] or [`Body::is_error`] is true. Providers use
/// many forms for errors; this type covers all of them. Strings are borrowed from the event unless they contain escapes. Half a
/// surrogate pair becomes U+FFFD.
///
/// The parser does not know the HTTP status of the response. If it was not 200, set [`status`](Self::status) before you call
/// [`is_retryable`](Self::is_retryable).
///
/// ```
/// use llm_response::{Event, Parser};
///
/// let mut parser = Parser::new();
/// let mut chunk = &br#"data: {"error":{"message":"Rate limit reached","type":"rate_limit_error","param":null,"code":429}}
///
/// "#[..];
/// let Some(Event::Data(data)) = parser.next_event(&mut chunk)? else { panic!() };
///
/// let error = data.error().unwrap();
/// assert_eq!(error.message, "Rate limit reached");
/// assert_eq!(error.kind.as_deref(), Some("rate_limit_error"));
/// assert_eq!(error.code.as_deref(), Some("429"));
/// assert_eq!(error.param, None);
/// assert_eq!(error.status, Some(429));
/// assert!(error.is_retryable());
/// assert_eq!(error.to_string(), "Rate limit reached (status 429, type rate_limit_error)");
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError<'a> {
    /// The message for people. It is never empty: if the error has no message, this is its type, its code, or all of its JSON.
    pub message: Cow<'a, str>,
    /// What kind of error it is: `type`, such as `insufficient_quota`, or Google's `status`, such as `RESOURCE_EXHAUSTED`.
    pub kind: Option<Cow<'a, str>>,
    /// The provider's code. A number is given as text.
    pub code: Option<Cow<'a, str>>,
    /// The parameter of the request that is wrong.
    pub param: Option<Cow<'a, str>>,
    /// The HTTP status within the error, from 400 to 599.
    pub status: Option<u16>,
}

impl<'a> ApiError<'a> {
    /// The error of an event with this `name`, this `data` and these error fields.
    fn new(fields: ErrorFields<'a>, name: &'a [u8], data: &'a [u8]) -> Self {
        let [kind, code, param] = [fields.kind, fields.code, fields.param].map(|value| value.map(text));
        Self {
            message: message(&fields, name, data),
            kind,
            code,
            param,
            status: fields.status.and_then(|status| text(status).parse().ok()),
        }
    }

    /// Whether the same request may succeed later. [`Conclusion::retry_after`](super::Conclusion::retry_after) says how long to wait.
    ///
    /// | the error contains | retry? |
    /// |---|---|
    /// | a type or code for a balance or quota that is used up | no, whatever the status |
    /// | status 400, 401, 402, 403, 404, 413, 422 and other 4xx | no: the same request fails again |
    /// | status 408, 425, 429 | yes |
    /// | status 500, 502, 503, 504, 520 to 524, 529 | yes |
    /// | no status, but a type or code for rate limit, throttling, overload, timeout, unavailable or server error | yes |
    /// | anything else, such as a provider's own number | no |
    ///
    /// A retry is safe only if no part of the answer was received. Otherwise the tokens that were sent are billed twice.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// let is_retryable = |json: &'static str| Data::new(b"", b"", json.as_bytes()).error().unwrap().is_retryable();
    /// assert!(is_retryable(r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#));
    /// assert!(is_retryable(r#"{"error":{"code":503,"message":"busy"}}"#));
    /// assert!(!is_retryable(r#"{"error":{"code":"invalid_api_key","message":"Wrong key"}}"#));
    /// // Servers send this with status 429, but waiting does not help.
    /// assert!(!is_retryable(r#"{"error":{"code":429,"type":"insufficient_quota","message":"You exceeded your quota"}}"#));
    /// ```
    pub fn is_retryable(&self) -> bool {
        let says = |words: &[&str]| {
            let texts = [self.kind.as_deref(), self.code.as_deref()];
            texts.into_iter().flatten().any(|text| contains_any(text, words))
        };
        if says(&USED_UP) {
            return false;
        }
        match self.status {
            Some(status) => matches!(status, 408 | 425 | 429 | 500 | 502..=504 | 520..=524 | 529),
            None => says(&PASSING),
        }
    }

    /// Converts the error into one that owns its text.
    ///
    /// ```
    /// use llm_response::{Data, chat::ApiError};
    ///
    /// fn first_error(lines: &str) -> Option<ApiError<'static>> {
    ///     let mut errors = lines.lines().filter_map(|line| Data::new(b"", b"", line.as_bytes()).error().map(ApiError::into_owned));
    ///     errors.next()
    /// }
    ///
    /// assert_eq!(first_error("{}\n{\"error\":\"model not found\"}").unwrap().message, "model not found");
    /// ```
    pub fn into_owned(self) -> ApiError<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        ApiError {
            message: owned(self.message),
            kind: self.kind.map(owned),
            code: self.code.map(owned),
            param: self.param.map(owned),
            status: self.status,
        }
    }
}

/// Types and codes of errors that remain, however long a client waits.
const USED_UP: [&str; 6] = [
    "insufficientquota",
    "insufficientbalance",
    "insufficientcredit",
    "insufficientfund",
    "billing",
    "arrearage",
];

/// Types and codes of temporary errors.
const PASSING: [&str; 15] = [
    "ratelimit",
    "throttl",
    "toomanyrequests",
    "resourceexhausted",
    "overload",
    "capacity",
    "busy",
    "unavailable",
    "timeout",
    "timedout",
    "deadlineexceeded",
    "servererror",
    "internal",
    "apierror",
    "badgateway",
];

/// Whether `text` contains one of `words`, which are in lower case. The case of `text` and the characters that join its words do
/// not matter: `RateLimit`, `rate_limit` and `rate-limit` are the same.
fn contains_any(text: &str, words: &[&str]) -> bool {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    let letters = letters.to_ascii_lowercase();
    words.iter().any(|word| letters.contains(word))
}

/// The best available message.
fn message<'a>(fields: &ErrorFields<'a>, name: &[u8], data: &'a [u8]) -> Cow<'a, str> {
    let is_word = |value: &&[u8]| value.starts_with(b"\"");
    let said = fields.message.or(fields.kind).or(fields.code.filter(is_word));
    match said.unwrap_or(data.trim_ascii()) {
        b"" | b"\"\"" => Cow::Owned(format!("event \"{}\" without data", String::from_utf8_lossy(name))),
        said => text(said),
    }
}

/// The text of a string; any other value unchanged.
fn text(value: &[u8]) -> Cow<'_, str> {
    json_str::string(value).unwrap_or_else(|| String::from_utf8_lossy(value))
}

/// The message, followed in parentheses by the parts that it does not contain itself.
impl fmt::Display for ApiError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let status = self.status.map(|status| format!("{status}"));
        let is_new = |text: &&str| **text != *self.message;
        let kind = self.kind.as_deref().filter(is_new);
        let is_new = |text: &&str| Some(*text) != status.as_deref() && Some(*text) != kind && is_new(text);
        let code = self.code.as_deref().filter(is_new);
        let parts = [
            ("status", status.as_deref()),
            ("type", kind),
            ("code", code),
            ("parameter", self.param.as_deref()),
        ];
        let mut before = " (";
        for (name, part) in parts {
            if let Some(part) = part {
                write!(f, "{before}{name} {part}")?;
                before = ", ";
            }
        }
        if before == ", " { f.write_str(")") } else { Ok(()) }
    }
}

impl core::error::Error for ApiError<'_> {}

impl<'a> Data<'a> {
    /// The error that this event reports: `Some` if, and only if, [`is_error`](Self::is_error) is true.
    ///
    /// It is decoded as far as possible. Even an event without data gives a message.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// let data = Data::new(b"error", b"", br#"{"code":4000,"msg":"The bot is not published"}"#);
    /// assert_eq!(data.error().unwrap().message, "The bot is not published");
    ///
    /// assert_eq!(Data::new(b"error", b"", b"").error().unwrap().message, "event \"error\" without data");
    /// assert_eq!(Data::new(b"", b"", br#"{"choices":[]}"#).error(), None);
    /// ```
    pub fn error(&self) -> Option<ApiError<'a>> {
        let fields = self.error_fields()?;
        Some(ApiError::new(fields, self.name(), self.as_bytes()))
    }
}

impl<'a> Body<'a> {
    /// The error that this body reports: `Some` if, and only if, [`is_error`](Self::is_error) is true.
    ///
    /// ```
    /// use llm_response::{Event, Parser};
    ///
    /// let mut parser = Parser::new();
    /// let mut chunk = &br#"{"error":{"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"}}"#[..];
    /// let Some(Event::Body(body)) = parser.next_event(&mut chunk)? else { panic!() };
    /// assert_eq!(body.error().unwrap().message, "Insufficient Balance");
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn error(&self) -> Option<ApiError<'a>> {
        let fields = self.error_fields()?;
        Some(ApiError::new(fields, b"", self.as_bytes()))
    }
}

#[cfg(feature = "bytes")]
impl crate::OwnedData {
    /// Like [`Data::error`]: the error that this event reports, if any.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use llm_response::{OwnedEvent, Parser};
    ///
    /// let mut parser = Parser::new();
    /// let mut chunk = Bytes::from_static(b"event: error\ndata: {\"error\":{\"message\":\"Overloaded\"}}\n\n");
    /// let Some(OwnedEvent::Data(data)) = parser.next_owned(&mut chunk)? else { panic!() };
    /// assert_eq!(data.error().unwrap().message, "Overloaded");
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn error(&self) -> Option<ApiError<'_>> {
        self.as_data().error()
    }
}

#[cfg(feature = "bytes")]
impl crate::OwnedBody {
    /// Like [`Body::error`]: the error that this body reports, if any.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use llm_response::{OwnedEvent, Parser};
    ///
    /// let mut parser = Parser::new();
    /// let mut chunk = Bytes::from_static(b"{\"detail\":\"Not authenticated\"}");
    /// let Some(OwnedEvent::Body(body)) = parser.next_owned(&mut chunk)? else { panic!() };
    /// assert_eq!(body.error().unwrap().message, "Not authenticated");
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn error(&self) -> Option<ApiError<'_>> {
        self.as_body().error()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{string::ToString, vec::Vec};

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    fn error(json: &str) -> ApiError<'_> {
        let error = Body { bytes: json.as_bytes() }.error();
        error.unwrap_or_else(|| panic!("no error: {json}"))
    }

    /// Message, kind, code, param (`-` for none), and status (0 for none).
    #[track_caller]
    fn assert_parts(json: &str, expected: [&str; 4], status: u16) {
        let error = error(json);
        let parts = [
            Some(&error.message),
            error.kind.as_ref(),
            error.code.as_ref(),
            error.param.as_ref(),
        ];
        let parts = parts.map(|part| part.map_or("-", |part| part));
        assert_eq!((parts, error.status.unwrap_or(0)), (expected, status), "{json}");
        let list = format!("[{json}]");
        let in_list = Body { bytes: list.as_bytes() }.error().map(ApiError::into_owned);
        assert_eq!(in_list, Some(error.into_owned()), "{list}");
    }

    #[test]
    fn every_shape() {
        for (json, parts, status) in [
            // OpenAI, DeepSeek
            (
                r#"{"error":{"message":"No such model","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#,
                ["No such model", "invalid_request_error", "model_not_found", "model"],
                0,
            ),
            (
                r#"{"error":{"message":"Too fast","type":"requests","param":null,"code":"429"}}"#,
                ["Too fast", "requests", "429", "-"],
                429,
            ),
            // OpenRouter
            (
                r#"{"id":"g","object":"chat.completion.chunk","error":{"code":502,"message":"Upstream","metadata":{"type":"x"}},"choices":[]}"#,
                ["Upstream", "-", "502", "-"],
                502,
            ),
            // Gemini
            (
                r#"{"error":{"code":429,"message":"Exhausted","status":"RESOURCE_EXHAUSTED","details":[{"message":"no"}]}}"#,
                ["Exhausted", "RESOURCE_EXHAUSTED", "429", "-"],
                429,
            ),
            (
                r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}"#,
                ["RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED", "429", "-"],
                429,
            ),
            // Anthropic
            (
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#,
                ["Overloaded", "overloaded_error", "-", "-"],
                0,
            ),
            // OpenAI Responses
            (
                r#"{"type":"error","code":"server_error","message":"Went wrong","param":null,"sequence_number":1}"#,
                ["Went wrong", "-", "server_error", "-"],
                0,
            ),
            (
                r#"{"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"rate_limit_exceeded","message":"slow down"},"output":[]}}"#,
                ["slow down", "-", "rate_limit_exceeded", "-"],
                0,
            ),
            // vLLM
            (
                r#"{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}"#,
                ["too long", "BadRequestError", "400", "-"],
                400,
            ),
            // Ollama, and others with a string
            (r#"{"error":"model not found"}"#, ["model not found", "-", "-", "-"], 0),
            (
                r#"{"error":"invalid_grant","error_description":"The token is old"}"#,
                ["The token is old", "invalid_grant", "-", "-"],
                0,
            ),
            (
                r#"{"timestamp":"x","status":500,"error":"Internal Server Error","message":"null pointer"}"#,
                ["null pointer", "Internal Server Error", "-", "-"],
                500,
            ),
            (
                r#"{"statusCode":400,"message":["too short","x"],"error":"Bad Request"}"#,
                ["too short", "Bad Request", "-", "-"],
                400,
            ),
            // DashScope
            (
                r#"{"code":"Throttling.RateQuota","message":"limit","request_id":"r"}"#,
                ["limit", "-", "Throttling.RateQuota", "-"],
                0,
            ),
            // MiniMax
            (
                r#"{"id":"x","choices":null,"base_resp":{"status_code":1002,"status_msg":"rate limit"}}"#,
                ["rate limit", "-", "1002", "-"],
                0,
            ),
            // Azure's gateway
            (
                r#"{"statusCode":429,"message":"Try again"}"#,
                ["Try again", "-", "-", "-"],
                429,
            ),
            // Baidu
            (
                r#"{"error_code":336003,"error_msg":"too long","id":"a"}"#,
                ["too long", "-", "336003", "-"],
                0,
            ),
            // FastAPI
            (
                r#"{"detail":"Not authenticated"}"#,
                ["Not authenticated", "-", "-", "-"],
                0,
            ),
            (
                r#"{"detail":[{"loc":["body","n"],"msg":"field required","type":"value_error.missing"}]}"#,
                ["field required", "value_error.missing", "-", "-"],
                0,
            ),
            (
                r#"{"detail":{"error":{"message":"inner","code":"c"}}}"#,
                ["inner", "-", "c", "-"],
                0,
            ),
            // Dify, Coze
            (
                r#"{"event":"error","status":400,"code":"invalid_param","message":"bad"}"#,
                ["bad", "-", "invalid_param", "-"],
                400,
            ),
            (
                r#"{"code":4000,"msg":"not published","detail":{"logid":"2"}}"#,
                ["not published", "-", "4000", "-"],
                0,
            ),
            // Lists
            (
                r#"{"success":false,"errors":[{"code":7003,"message":"no route"},{"message":"x"}],"result":null}"#,
                ["no route", "-", "7003", "-"],
                0,
            ),
            (
                r#"{"errors":["no such model","x"]}"#,
                ["no such model", "-", "-", "-"],
                0,
            ),
            (r#"{"error":["a","b"]}"#, ["a", "-", "-", "-"], 0),
            (r#"{"error":[{"message":"a"}]}"#, ["a", "-", "-", "-"], 0),
            // A gateway's wrapping
            (
                r#"{"error":{"error":{"message":"deep","type":"t"},"status":503}}"#,
                ["deep", "t", "-", "-"],
                503,
            ),
            (r#"{"success":false,"message":"no"}"#, ["no", "-", "-", "-"], 0),
        ] {
            assert_parts(json, parts, status);
        }
    }

    #[test]
    fn a_message_is_never_empty() {
        for (json, message) in [
            (
                r#"{"error":{"message":"","type":"server_error","code":"x"}}"#,
                "server_error",
            ),
            (
                r#"{"error":{"message":null,"type":null,"code":"overloaded"}}"#,
                "overloaded",
            ),
            (r#" {"error":{"code":500}} "#, r#"{"error":{"code":500}}"#),
            (r#"{"error":true}"#, r#"{"error":true}"#),
            (r#"{"error":7,"type":"error"}"#, r#"{"error":7,"type":"error"}"#),
            (r#"{"success":false}"#, r#"{"success":false}"#),
            (r#"{"type":"response.failed"}"#, r#"{"type":"response.failed"}"#),
            (
                r#"{"errors":{"model":["missing"]}}"#,
                r#"{"errors":{"model":["missing"]}}"#,
            ),
            (r#"{"detail":null}"#, r#"{"detail":null}"#),
        ] {
            assert_eq!(error(json).message, message, "{json}");
        }
        for (name, data, message) in [
            ("error", "", "event \"error\" without data"),
            ("error", " \n", "event \"error\" without data"),
            ("response.failed", "", "event \"response.failed\" without data"),
            ("error", "\"\"", "event \"error\" without data"),
            ("error", "Internal failure\n", "Internal failure"),
            ("error", "\"In \\\"failure\\\"\"", "In \"failure\""),
            ("error", "[\"one\"]", "one"),
            ("error", "{\"text\":1}", "{\"text\":1}"),
            ("chat.failed", "{\"last_error\":1,\"msg\":\"m\"}", "m"),
            ("error", "null", "null"),
            // The name is the first member's, whatever follows.
            ("", "{\"type\":\"error\":null}", "{\"type\":\"error\":null}"),
        ] {
            let data = Data::new(name.as_bytes(), b"", data.as_bytes());
            assert_eq!(data.error().unwrap().message, message, "{data:?}");
        }
    }

    #[test]
    fn text_is_decoded_and_borrowed() {
        let error = error(r#"{"error":{"message":"a \ud83d \ud83d\udc0b\n","type":"t"}}"#);
        assert_eq!(error.message, "a \u{fffd} 🐋\n");
        assert!(matches!(error.kind, Some(Cow::Borrowed("t"))));
        let data = Data::new(b"error", b"", b"\xff{");
        assert_eq!(data.error().unwrap().message, "\u{fffd}{");
    }

    #[test]
    fn the_innermost_says_it_best() {
        for (json, parts, status) in [
            (
                r#"{"message":"Request failed","code":"outer","error":{"message":"No such model"}}"#,
                ["No such model", "-", "outer", "-"],
                0,
            ),
            (r#"{"error":{},"errors":[{"message":"a"}]}"#, ["a", "-", "-", "-"], 0),
            (
                r#"{"detail":{"message":"b"},"errors":[{"message":"a"}]}"#,
                ["a", "-", "-", "-"],
                0,
            ),
            (
                r#"{"errors":[{"message":"a"}],"error":{"message":"b"}}"#,
                ["b", "-", "-", "-"],
                0,
            ),
            // A code that says nothing, and one that is the status.
            (r#"{"error":{"message":"m","code":0}}"#, ["m", "-", "-", "-"], 0),
            (r#"{"message":"m","status_code":429}"#, ["m", "-", "-", "-"], 429),
            (r#"{"message":"m","status_code":1002}"#, ["m", "-", "1002", "-"], 0),
        ] {
            assert_parts(json, parts, status);
        }
    }

    #[test]
    fn the_first_that_says_something_counts() {
        assert_parts(
            r#"{"error":null,"error":{"message":"a"},"error":{"message":"b"}}"#,
            ["a", "-", "-", "-"],
            0,
        );
        assert_parts(
            r#"{"error":{"message":"","message":"b","message":"c"}}"#,
            ["b", "-", "-", "-"],
            0,
        );
        assert_parts(
            r#"{"error":{"detail":"d","msg":"m","message":"b"}}"#,
            ["b", "-", "-", "-"],
            0,
        );
    }

    #[test]
    fn what_may_succeed_later() {
        for (json, expected) in [
            (r#"{"error":{"message":"x","code":400}}"#, false),
            (r#"{"error":{"message":"x","code":401}}"#, false),
            (r#"{"error":{"message":"x","code":402}}"#, false),
            (r#"{"error":{"message":"x","code":404}}"#, false),
            (r#"{"error":{"message":"x","code":422}}"#, false),
            (r#"{"error":{"message":"x","code":429}}"#, true),
            (r#"{"error":{"message":"x","code":500}}"#, true),
            (r#"{"error":{"message":"x","code":501}}"#, false),
            (r#"{"error":{"message":"x","code":502}}"#, true),
            (r#"{"error":{"message":"x","code":503}}"#, true),
            (r#"{"error":{"message":"x","code":504}}"#, true),
            (r#"{"error":{"message":"x","code":529}}"#, true),
            // The status goes before the words, but for what is used up.
            (r#"{"error":{"message":"x","code":400,"type":"server_error"}}"#, false),
            (
                r#"{"error":{"message":"x","code":429,"type":"insufficient_quota"}}"#,
                false,
            ),
            (r#"{"error":{"message":"x","code":"insufficient_quota"}}"#, false),
            (r#"{"error":{"message":"x","type":"billing_error"}}"#, false),
            (r#"{"error":{"message":"x","type":"rate_limit_error"}}"#, true),
            (r#"{"error":{"message":"x","type":"overloaded_error"}}"#, true),
            (r#"{"error":{"message":"x","type":"api_error"}}"#, true),
            (r#"{"error":{"message":"x","type":"InternalServerError"}}"#, true),
            (r#"{"error":{"message":"x","status":"UNAVAILABLE"}}"#, true),
            (r#"{"error":{"message":"x","status":"INVALID_ARGUMENT"}}"#, false),
            (r#"{"error":{"message":"x","type":"invalid_request_error"}}"#, false),
            (r#"{"error":{"message":"x","code":"context_length_exceeded"}}"#, false),
            (r#"{"code":"Throttling.RateQuota","message":"x"}"#, true),
            (r#"{"code":"Arrearage","message":"x"}"#, false),
            (r#"{"base_resp":{"status_code":1008}}"#, false),
            (r#"{"error":"rate limit"}"#, false),
        ] {
            assert_eq!(error(json).is_retryable(), expected, "{json}");
        }
        let mut error = error(r#"{"error":"busy"}"#);
        error.status = Some(503);
        assert!(error.is_retryable());
    }

    #[test]
    fn what_it_says_to_people() {
        for (json, expected) in [
            (r#"{"error":"gone"}"#, "gone"),
            (
                r#"{"error":{"message":"m","type":"t","param":"p","code":"c"}}"#,
                "m (type t, code c, parameter p)",
            ),
            (r#"{"error":{"message":"m","code":429}}"#, "m (status 429)"),
            (r#"{"error":{"type":"t","code":"t"}}"#, "t"),
            (r#"{"error":{"message":"m","type":"t","code":"t"}}"#, "m (type t)"),
        ] {
            assert_eq!(error(json).to_string(), expected, "{json}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// There is an error exactly where there is one, and it has a message.
        #[test]
        fn any_bytes_give_an_error_or_none(
            start in select(&["", "{\"error\":", "{\"error\":{", "{\"detail\":", "{\"errors\":[", "{\"type\":\"error\",", "\""][..]),
            bytes in vec(prop_oneof![any::<u8>(), select(&b"{}[]\":, \\u\"d8"[..])], 0..100),
            name in select(&["", "error", "message"][..]),
        ) {
            let bytes: Vec<u8> = start.bytes().chain(bytes).collect();
            let data = Data::new(name.as_bytes(), b"", &bytes);
            let error = data.error();
            prop_assert_eq!(error.is_some(), data.is_error());
            prop_assert!(error.is_none_or(|error| !error.message.is_empty()));
        }
    }
}
