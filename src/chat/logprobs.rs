//! Joins log probabilities of any form: lists are joined; of other values, the last one counts.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
};

use serde_json::value::RawValue;

use super::text::Raw;

/// The log probabilities of a choice so far.
#[derive(Clone, Debug, Default)]
pub(super) struct LogProbs(Option<BTreeMap<String, Value>>);

#[derive(Clone, Debug)]
enum Value {
    /// The elements of a list, joined by commas.
    List(String),
    Other(String),
}

impl LogProbs {
    /// Adds the log probabilities of a chunk. A value that is not an object is skipped.
    pub(super) fn push(&mut self, json: &str) {
        let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(json) else {
            return;
        };
        let all = self.0.get_or_insert_default();
        for (name, value) in members {
            let value = value.get();
            let elements = value
                .strip_prefix('[')
                .and_then(|value| value.strip_suffix(']'))
                .map(str::trim_ascii);
            match (elements, all.get_mut(&name)) {
                (Some(""), Some(Value::List(_))) => {}
                (Some(elements), Some(Value::List(list))) => {
                    if !list.is_empty() {
                        list.push(',');
                    }
                    list.push_str(elements);
                }
                (Some(elements), _) => {
                    all.insert(name, Value::List(elements.to_string()));
                }
                (None, Some(Value::List(_))) if value == "null" => {}
                (None, _) => {
                    all.insert(name, Value::Other(value.to_string()));
                }
            }
        }
    }

    /// All of them, in the form of a body.
    pub(super) fn json(&self) -> Option<Raw<'static>> {
        let all = self.0.as_ref()?;
        let mut json = String::from("{");
        for (name, value) in all {
            if json.len() > 1 {
                json.push(',');
            }
            json.push_str(&serde_json::to_string(name).unwrap_or_default());
            json.push(':');
            match value {
                Value::List(elements) => json.extend(["[", elements, "]"]),
                Value::Other(value) => json.push_str(value),
            }
        }
        json.push('}');
        Some(Raw::from_string(json))
    }
}
