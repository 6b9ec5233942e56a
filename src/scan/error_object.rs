//! Whether bytes report an error (R18).
//!
//! Providers report what went wrong within a response of status 200, each in its own shape. All of these shapes can be
//! told from an answer by the members at the top level alone: R18 lists them, and [`Signs`] is that list. Most events are
//! no error, and a search settles that ([`may_report_error`]); only what passes it is walked through.
//!
//! Names and strings are compared as they are written, without undoing escapes: no provider writes `"\u0065rror"`. Nothing
//! is validated, and a truncated or malformed object is judged by the part that was received.

use super::{
    error_hint::may_report_error,
    members::{first_element, inside, members, without_space},
    name::is_error_name,
};

/// Whether `json` is an object that reports an error, or an array whose first element is one.
pub(crate) fn is_error(json: &[u8]) -> bool {
    matches!(without_space(json), [b'{' | b'[', ..]) && may_report_error(json) && reports_error(json)
}

/// [`is_error`], without the search before it.
fn reports_error(json: &[u8]) -> bool {
    let mut signs = Signs::default();
    for (name, value) in members(object(json)) {
        if is_sure(name, value) {
            return true;
        }
        signs.note(name, value);
    }
    signs.report_error()
}

/// The object whose members count: `json` itself, or its first element.
pub(crate) fn object(json: &[u8]) -> &[u8] {
    first_element(json).unwrap_or(json)
}

/// Whether this member is enough, whatever stands beside it (R18 a to d).
fn is_sure(name: &[u8], value: &[u8]) -> bool {
    match name {
        b"error" => is_something(value),
        b"type" | b"object" => inside(value).is_some_and(is_error_name),
        b"errors" => is_container(value) && !is_empty_container(value),
        b"success" => value == b"false",
        b"error_code" => is_code(value),
        b"base_resp" => members(value).any(|(name, value)| name == b"status_code" && is_code(value)),
        _ => false,
    }
}

/// What members say together (R18 e and f).
#[derive(Clone, Copy, Debug, Default)]
struct Signs {
    /// A text that explains.
    text: bool,
    /// A code that says what went wrong.
    code: bool,
    /// Something that only an answer has.
    answer: bool,
    detail: bool,
    /// Anything that is not `detail`.
    other: bool,
}

impl Signs {
    fn note(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"message" | b"msg" | b"detail" => self.text |= value.starts_with(b"\""),
            b"code" => self.code |= is_http_error(value) || is_word(value),
            b"status" | b"status_code" | b"statusCode" => self.code |= is_http_error(value),
            b"choices" | b"candidates" | b"content" | b"delta" | b"output" | b"data" | b"result" => self.answer = true,
            _ => {}
        }
        if name == b"detail" {
            self.detail = true;
        } else {
            self.other = true;
        }
    }

    fn report_error(self) -> bool {
        self.text && self.code && !self.answer || self.detail && !self.other
    }
}

/// Whether `value` reports an error: it is not one of the values that mean no error, and not a truncated one of these (R18 a).
pub(crate) fn is_something(value: &[u8]) -> bool {
    let is_nothing = |nothing: &[u8]| nothing.starts_with(value);
    ![&b"null"[..], b"false", b"0", b"\"\""].into_iter().any(is_nothing) && !is_empty_container(value)
}

/// Whether `value` is a code of what went wrong (R18 d).
fn is_code(value: &[u8]) -> bool {
    let is_nothing = |nothing: &[u8]| nothing.starts_with(value);
    ![&b"null"[..], b"0", b"\"0\"", b"\"\""].into_iter().any(is_nothing)
}

/// Whether `value` is an integer of at least 400, by its digits: a number may be longer than any type holds.
fn is_http_error(value: &[u8]) -> bool {
    let is_large = match value {
        [first, _, _] => *first >= b'4',
        _ => value.len() > 3 && value[0] != b'0',
    };
    is_large && value.iter().all(u8::is_ascii_digit)
}

/// Whether `value` is a string that is neither empty nor a number.
fn is_word(value: &[u8]) -> bool {
    inside(value).is_some_and(|text| !text.is_empty() && !is_number(text))
}

/// Whether `text` is a number: digits, with a sign, a fraction and an exponent where there is one. Leading zeros are
/// allowed, as `0000` says that all went well.
fn is_number(text: &[u8]) -> bool {
    let text = text
        .strip_prefix(b"-")
        .or_else(|| text.strip_prefix(b"+"))
        .unwrap_or(text);
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => digits(rest),
        _ => (0, rest),
    };
    let has_end = match rest {
        [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] => matches!(digits(rest), (1.., [])),
        _ => rest.is_empty(),
    };
    whole + fraction > 0 && has_end
}

/// How many digits `text` begins with, and what follows them.
fn digits(text: &[u8]) -> (usize, &[u8]) {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (len, &text[len..])
}

fn is_container(value: &[u8]) -> bool {
    matches!(value, [b'{' | b'[', ..])
}

fn is_empty_container(value: &[u8]) -> bool {
    is_container(value) && matches!(without_space(&value[1..]), [b'}' | b']', ..])
}

#[cfg(test)]
#[path = "../../tests/common/error_reading.rs"]
mod error_reading;

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{format, string::String, vec::Vec};

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    /// Each shape alone, in an array, and behind so many bytes that the search sees it at another place.
    #[track_caller]
    fn assert_is_error(json: &str, expected: bool) {
        assert_eq!(is_error(json.as_bytes()), expected, "{json}");
        assert_eq!(reports_error(json.as_bytes()), expected, "{json}, without the search");
        if without_space(json.as_bytes()).starts_with(b"{") {
            let list = format!(" [ {json} , {{\"choices\":[]}}]");
            assert_eq!(is_error(list.as_bytes()), expected, "{list}");
        }
        for len in 0..70 {
            let shifted = format!("{}{json}", " ".repeat(len));
            assert_eq!(is_error(shifted.as_bytes()), expected, "{json} at {len}");
        }
    }

    #[test]
    fn errors_of_providers() {
        for json in [
            // OpenAI, DeepSeek, Gemini
            r#"{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}"#,
            r#"{"error": {"code": 429, "message": "Resource exhausted", "status": "RESOURCE_EXHAUSTED"}}"#,
            "{\n  \"error\": {\n    \"code\": 429,\n    \"status\": \"RESOURCE_EXHAUSTED\"\n  }\n}\n",
            r#"[{"error":{"code":400,"message":"Please use a valid role","status":"INVALID_ARGUMENT"}}]"#,
            "[{\n  \"error\": {\n    \"code\": 400\n  }\n}\n]",
            // OpenRouter, in the middle of a stream
            r#"{"id":"gen-1","object":"chat.completion.chunk","error":{"code":502,"message":"Upstream"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
            // Anthropic
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            // OpenAI Responses
            r#"{"type":"error","code":"ERR_SOMETHING","message":"Something went wrong","param":null,"sequence_number":1}"#,
            r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow down"}}}"#,
            // vLLM
            r#"{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}"#,
            // llama.cpp's field
            r#"{"code":400,"message":"exceeds the available context size","type":"invalid_request_error"}"#,
            // Ollama
            r#"{"error":"model not found"}"#,
            // DashScope
            r#"{"code":"Throttling.RateQuota","message":"limit","request_id":"r"}"#,
            // MiniMax
            r#"{"id":"x","choices":null,"base_resp":{"status_code":1002,"status_msg":"rate limit"}}"#,
            // Azure's gateway
            r#"{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 7 seconds." }"#,
            // Baidu
            r#"{"error_code":336003,"error_msg":"the length is too long","id":"as-1"}"#,
            // FastAPI
            r#"{"detail":"Not authenticated"}"#,
            r#"{"detail":[{"loc":["body","model"],"msg":"field required","type":"value_error.missing"}]}"#,
            // Coze, Dify
            r#"{"code":4000,"msg":"The parameter is invalid","detail":{"logid":"2"}}"#,
            r#"{"event":"error","task_id":"t","status":400,"code":"invalid_param","message":"bad"}"#,
            // Cloudflare
            r#"{"success":false,"errors":[{"code":7003,"message":"no route"}],"messages":[],"result":null}"#,
            r#"{"errors":["no such model"]}"#,
            // Spring
            r#"{"timestamp":"2026","status":500,"error":"Internal Server Error","path":"/v1"}"#,
        ] {
            assert_is_error(json, true);
        }
    }

    #[test]
    fn answers_of_providers() {
        for json in [
            r#"{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}]}"#,
            r#"{"id":"1","object":"chat.completion","choices":[{"message":{"role":"assistant","content":"an error"}}],"usage":{"total_tokens":9}}"#,
            r#"{"id":"gen-1","error":null,"choices":[{"delta":{"content":"error"},"finish_reason":"error"}]}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"error"}}"#,
            r#"{"type":"response.created","response":{"error":null,"status":"in_progress"}}"#,
            r#"{"type":"response.mcp_call.failed","item_id":"m","output_index":0}"#,
            r#"{"type":"response.incomplete","response":{"status":"incomplete"}}"#,
            r#"[{"candidates":[{"content":{"parts":[{"text":"error"}]}}]}]"#,
            r#"[{"candidates":[]},{"error":{"code":500}}]"#,
            r#"{"model":"m","created_at":"2026","message":{"role":"assistant","content":"Hi"},"done":false}"#,
            r#"{"id":"x","choices":[{"delta":{"content":"Hi"}}],"base_resp":{"status_code":0,"status_msg":"success"}}"#,
            r#"{"output":{"text":"Hi"},"usage":{},"code":"","message":"","request_id":"r"}"#,
            r#"{"code":0,"msg":"success","data":{"text":"Hi"}}"#,
            r#"{"code":"0000","message":"success"}"#,
            r#"{"code":200,"message":"success","success":true}"#,
            r#"{"error_code":0,"result":"Hi"}"#,
            r#"{"event":"message","message_id":"1","answer":"Hi"}"#,
            "null",
            "[]",
            "[DONE]",
        ] {
            assert_is_error(json, false);
        }
    }

    #[test]
    fn a_member_error_is_one_unless_it_says_nothing() {
        for value in ["null", "false", "0", "\"\"", "{}", "[]", "{ }", "[\n]"] {
            assert_is_error(&format!("{{\"error\":{value}}}"), false);
        }
        for value in [
            "1",
            "00",
            "0.0",
            "-0",
            "0e0",
            "true",
            "\" \"",
            "\"0\"",
            "\"\\\"\"",
            "\"null\"",
            "[null]",
            "[{}]",
            "{\"a\":1}",
        ] {
            assert_is_error(&format!("{{\"error\":{value}}}"), true);
        }
        for json in [
            r#"{"Error":1}"#,
            r#"{"error ":1}"#,
            r#"{"\"error":1}"#,
            r#"{"an error":1}"#,
            r#"{"\u0065rror":1}"#,
            r#"{"err":"x"}"#,
            r#"{"response":{"error":{"code":1}}}"#,
            r#"{"a":[{"error":1}],"b":{"type":"error"}}"#,
            r#"{"a":"error"}"#,
            r#"{"a":"error","b":1}"#,
            r#"{"a":["error",1],"b":["type","error"]}"#,
            r#"{"content":"{\"error\":1,\"type\":\"error\"}"}"#,
            r#"{"content":"\\","x":"\"error\":1, \"error"}"#,
            r#"[[{"error":1}]]"#,
            r#"["x",{"error":1}]"#,
            r#""error""#,
        ] {
            assert_is_error(json, false);
        }
    }

    #[test]
    fn type_and_object_are_names() {
        for name in [
            "error",
            "response.failed",
            "response.error",
            "chat.failed",
            "thread.run.error",
        ] {
            assert_is_error(&format!("{{\"a\":1,\"type\":\"{name}\"}}"), true);
            assert_is_error(&format!("{{\"object\":\"{name}\"}}"), true);
            assert_is_error(&format!("{{\"kind\":\"{name}\",\"event\":\"{name}\"}}"), false);
            assert_is_error(
                &format!("{{\"type\":[\"{name}\"],\"object\":{{\"type\":\"{name}\"}}}}"),
                false,
            );
        }
        for name in [
            "errors",
            "failed",
            "server_error",
            "response.mcp_call.failed",
            "response.x.error",
            "Error",
            "",
        ] {
            assert_is_error(&format!("{{\"type\":\"{name}\",\"object\":\"{name}\"}}"), false);
        }
    }

    #[test]
    fn errors_and_success() {
        for (json, expected) in [
            (r#"{"errors":[1]}"#, true),
            (r#"{"errors":[null]}"#, true),
            (r#"{"errors":{"model":["missing"]}}"#, true),
            (r#"{"errors":[]}"#, false),
            (r#"{"errors":[ ]}"#, false),
            (r#"{"errors":{}}"#, false),
            (r#"{"errors":null}"#, false),
            (r#"{"errors":2}"#, false),
            (r#"{"errors":"many"}"#, false),
            (r#"{"success":false}"#, true),
            (r#"{"success":true}"#, false),
            (r#"{"success":"false"}"#, false),
            (r#"{"success":0}"#, false),
            (r#"{"success":null}"#, false),
        ] {
            assert_is_error(json, expected);
        }
    }

    #[test]
    fn codes_of_their_own() {
        for (value, expected) in [
            ("1", true),
            ("-1", true),
            ("0.0", true),
            ("1002", true),
            ("\"1\"", true),
            ("\"00\"", true),
            ("false", true),
            ("[]", true),
            ("0", false),
            ("null", false),
            ("\"\"", false),
            ("\"0\"", false),
        ] {
            assert_is_error(&format!("{{\"error_code\":{value}}}"), expected);
            assert_is_error(
                &format!("{{\"base_resp\":{{\"a\":1,\"status_code\":{value}}}}}"),
                expected,
            );
        }
        for json in [
            r#"{"base_resp":1002}"#,
            r#"{"base_resp":[{"status_code":1002}]}"#,
            r#"{"base_resp":{"a":{"status_code":1002}}}"#,
            r#"{"base_resp":{"code":1002}}"#,
            r#"{"base_response":{"status_code":1002}}"#,
            r#"{"status_code":1002}"#,
        ] {
            assert_is_error(json, false);
        }
    }

    #[test]
    fn a_text_beside_a_code() {
        for text in ["message", "msg", "detail"] {
            for code in ["code", "status", "status_code", "statusCode"] {
                for (value, expected) in [
                    ("400", true),
                    ("599", true),
                    ("1002", true),
                    ("99999999999999999999999", true),
                    ("399", false),
                    ("0", false),
                    ("200", false),
                    ("40", false),
                    ("-400", false),
                    ("400.0", false),
                    ("4e2", false),
                    ("4000e-1", false),
                    ("\"400\"", false),
                    ("null", false),
                    ("[400]", false),
                    ("0400", false),
                ] {
                    assert_is_error(&format!("{{\"{text}\":\"x\",\"{code}\":{value}}}"), expected);
                }
                assert_is_error(&format!("{{\"{text}\":\"\",\"{code}\":400}}"), true);
                for value in ["null", "1", "{\"a\":\"x\"}", "[\"x\"]"] {
                    assert_is_error(&format!("{{\"{text}\":{value},\"{code}\":400}}"), false);
                }
            }
            for (word, expected) in [
                ("Throttling", true),
                ("invalid_param", true),
                ("429x", true),
                ("1 2", true),
                ("E5", true),
                ("-", true),
                ("1e", true),
                (".", true),
                ("", false),
                ("429", false),
                ("0000", false),
                ("-1", false),
                ("1.5", false),
                ("1e5", false),
                ("+1E-5", false),
                (".5", false),
            ] {
                assert_is_error(&format!("{{\"code\":\"{word}\",\"{text}\":\"x\"}}"), expected);
                assert_is_error(&format!("{{\"status\":\"{word}\",\"{text}\":\"x\"}}"), false);
            }
            for answer in ["choices", "candidates", "content", "delta", "output", "data", "result"] {
                assert_is_error(&format!("{{\"{text}\":\"x\",\"code\":500,\"{answer}\":null}}"), false);
                assert_is_error(
                    &format!("{{\"{answer}\":[],\"{text}\":\"x\",\"code\":\"Word\"}}"),
                    false,
                );
                assert_is_error(&format!("{{\"{text}\":\"x\",\"code\":500,\"{answer}s\":null}}"), true);
            }
        }
        assert_is_error(r#"{"code":500,"status":"x"}"#, false);
        assert_is_error(r#"{"text":"x","code":500}"#, false);
    }

    #[test]
    fn detail_and_nothing_else() {
        for value in ["\"x\"", "\"\"", "[]", "{}", "null", "1"] {
            assert_is_error(&format!("{{\"detail\":{value}}}"), true);
            assert_is_error(&format!("{{\"detail\":{value},\"id\":1}}"), false);
            assert_is_error(&format!("{{\"id\":null,\"detail\":{value}}}"), false);
        }
        assert_is_error("{ \"detail\" : \"x\" , \"detail\":\"y\"}", true);
        assert_is_error("{}", false);
        assert_is_error(r#"{"details":"x"}"#, false);
    }

    #[test]
    fn white_space_everywhere() {
        assert_is_error("\r\n { \t\"a\" : [ 1 , 2 ] , \"error\"\n:\r\n1 } \t", true);
        assert_is_error("{ \"type\" : \"error\" }", true);
        assert_is_error(" { \"error\" :\tnull , \"a\" :\n\"error\" } ", false);
        assert_is_error("{ \"a\":1 ,\"b\" : null,\"error\":true}", true);
        assert_is_error("{ \"code\" :\n400 , \"msg\" :\t\"x\" }", true);
        assert_is_error("{ \"message\" : { \"a\" : 1 } }", false);
        assert_is_error("\u{c}{\"error\":1}", false);
    }

    #[test]
    fn each_of_several_counts() {
        assert_is_error(r#"{"error":null,"error":{"code":1}}"#, true);
        assert_is_error(r#"{"error":{"code":1},"error":null}"#, true);
        assert_is_error(r#"{"type":"x","type":"error"}"#, true);
        assert_is_error(r#"{"success":false,"success":true}"#, true);
        assert_is_error(
            r#"{"base_resp":{"status_code":0,"status_code":5},"base_resp":{}}"#,
            true,
        );
        assert_is_error(r#"{"code":0,"msg":1,"code":500,"msg":"x"}"#, true);
        assert_is_error(r#"{"code":500,"msg":"x","code":0,"msg":1}"#, true);
    }

    #[test]
    fn truncated_or_malformed() {
        for (json, expected) in [
            ("", false),
            (" ", false),
            ("{", false),
            ("[", false),
            ("[{", false),
            (r#"{"error""#, false),
            (r#"{"error":"#, false),
            (r#"{"error":nul"#, false),
            (r#"{"error":""#, false),
            (r#"{"error":"x"#, true),
            (r#"{"error":{"#, true),
            (r#"[{"error":{"#, true),
            (r#"{"type":"error"#, false),
            (r#"{"type":"error""#, true),
            (r#"{"error":,"a":1}"#, false),
            (r#"{"error","a":1}"#, false),
            (r#"{"a" "error":1}"#, true),
            (r#"{,,:"error"::1}"#, false),
            (r#"{"a":1]"error":1}"#, false),
            (r#"{"a":}"error":1}"#, false),
            (r#"{"x":1}{"error":1}"#, false),
            (r#"{"a":"x\"#, false),
            (r#"{"errors":["#, true),
            (r#"{"success":fals"#, false),
            (r#"{"error_code":nul"#, false),
            (r#"{"base_resp":{"status_code":10"#, true),
            (r#"{"code":500,"message":"lim"#, true),
            (r#"{"detail""#, false),
            (r#"{"detail":"x"#, true),
            (r#"{error:1}"#, false),
            (r#"{'error':1}"#, false),
            ("Internal Server Error: \"error\"", false),
        ] {
            assert_eq!(is_error(json.as_bytes()), expected, "{json}");
            assert_eq!(reports_error(json.as_bytes()), expected, "{json}, without the search");
        }
    }

    /// Nothing here calls itself, and nothing is searched twice.
    #[test]
    fn deep_and_long_input_is_no_matter() {
        let deep = format!("{{\"a\":{}", "[{\"a\":".repeat(100_000));
        assert!(!is_error(format!("{deep},\"error\":1").as_bytes()));
        let long = "\"a\":1,".repeat(100_000);
        assert!(is_error(format!("{{{long}\"error\":1}}").as_bytes()));
        assert!(!is_error("[".repeat(100_000).as_bytes()));
    }

    /// Members that matter, values that matter, and some that do not.
    fn member() -> impl Strategy<Value = String> {
        const NAMES: &[&str] = &[
            "error",
            "errors",
            "success",
            "error_code",
            "base_resp",
            "type",
            "object",
            "message",
            "msg",
            "detail",
            "code",
            "status",
            "status_code",
            "statusCode",
            "choices",
            "candidates",
            "content",
            "delta",
            "output",
            "data",
            "result",
            "a",
            "",
            "Error",
            "error\\\"",
            "id",
        ];
        const VALUES: &[&str] = &[
            "null",
            "false",
            "true",
            "0",
            "0.0",
            "-0",
            "1",
            "399",
            "400",
            "4e2",
            "1002",
            "\"\"",
            "\"0\"",
            "\"400\"",
            "\"x\"",
            "\"error\"",
            "\"a.failed\"",
            "\"response.failed\"",
            "\"response.a.failed\"",
            "\"\\\"error\\\"\"",
            "[]",
            "{}",
            "[ ]",
            "[1]",
            "{\"error\":1}",
            "{\"status_code\":0}",
            "{\"status_code\":7}",
            "[{\"status_code\":7}]",
            "\"}],\"",
            "{\"a\":\"\\\\\"}",
        ];
        let space = select(&["", "", " ", "\r\n\t"][..]);
        (select(NAMES), select(VALUES), space)
            .prop_map(|(name, value, space)| format!("{space}\"{name}\"{space}:{space}{value}{space}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_give_an_answer(bytes in vec(prop_oneof![any::<u8>(), select(&b"{}[]\":, \\"[..])], 0..200)) {
            is_error(&bytes);
            for start in ["{", "[{", "{\"a\":\"error\",", "{\"error\":", "{\"base_resp\":", "{\"detail\":"] {
                let json: Vec<u8> = start.bytes().chain(bytes.iter().copied()).collect();
                is_error(&json);
            }
        }

        /// Of JSON, the answer is what `serde_json` sees, with the search and without.
        #[test]
        fn as_a_deserializer_sees_it(
            members in vec(member(), 0..5),
            pad in 0..150_usize,
            pad_at in any::<prop::sample::Index>(),
            in_list in any::<bool>(),
        ) {
            let mut members = members;
            if pad > 0 && !members.is_empty() {
                members.insert(pad_at.index(members.len() + 1), format!("\"pad\":\"{}\"", "x".repeat(pad)));
            }
            let mut json = format!("{{{}}}", members.join(","));
            if in_list {
                json = format!("[{json}, 1]");
            }
            let json = json.as_bytes();
            prop_assume!(error_reading::is_comparable(json));
            let expected = error_reading::reports_error(json);
            prop_assert_eq!(Some(is_error(json)), expected, "{}", json.escape_ascii());
            prop_assert_eq!(Some(reports_error(json)), expected, "{}, without the search", json.escape_ascii());
        }
    }
}
