//! What is secret in a block: masked on its way out, kept on its way in.

use serde_json::{Map, Value};

use crate::secret::MASK;

/// Masks what lies under these paths; `*` is any name, and a list is each of its items.
pub(super) fn hide(data: &mut Map<String, Value>, paths: &[&str]) {
    for path in paths {
        let steps: Vec<_> = path.split('.').collect();
        hide_in(data, &steps);
    }
}

fn hide_in(data: &mut Map<String, Value>, steps: &[&str]) {
    let Some((step, rest)) = steps.split_first() else { return };
    for (name, value) in data {
        if *step == "*" || name == step {
            hide_at(value, rest);
        }
    }
}

fn hide_at(value: &mut Value, steps: &[&str]) {
    match value {
        Value::Null => {}
        Value::Array(items) if steps.first() == Some(&"*") => {
            items.iter_mut().for_each(|item| hide_at(item, &steps[1..]));
        }
        Value::Array(items) if !steps.is_empty() => {
            items.iter_mut().for_each(|item| hide_at(item, steps));
        }
        Value::Object(fields) if !steps.is_empty() => hide_in(fields, steps),
        // Where the path leads further than the value, all of it is masked: better too much.
        value => *value = MASK.into(),
    }
}

/// Puts what was there before in the place of masks that came back.
pub(super) fn unmask(value: &mut Value, before: Option<&Value>) {
    match (value, before) {
        (value @ Value::String(_), Some(before)) if *value == MASK => *value = before.clone(),
        (Value::Object(fields), Some(Value::Object(before))) => {
            for (name, field) in fields {
                unmask(field, before.get(name));
            }
        }
        (Value::Array(items), Some(Value::Array(before))) => {
            for (item, before) in items.iter_mut().zip(before) {
                unmask(item, Some(before));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(data: Value, paths: &[&str], expected: impl Into<Value>) {
        let Value::Object(mut data) = data else { panic!("an object") };
        hide(&mut data, paths);
        assert_eq!(Value::Object(data), expected.into());
    }

    #[test]
    fn secrets_are_masked_wherever_they_lie() {
        check(json!({ "a": "x", "b": "y" }), &["a"], json!({ "a": MASK, "b": "y" }));
        check(json!({ "a": { "b": 1, "c": 2 } }), &["a.b"], json!({ "a": { "b": MASK, "c": 2 } }));
        check(
            json!({ "a": { "b": 1, "c": [2] } }),
            &["a.*"],
            json!({ "a": { "b": MASK, "c": MASK } }),
        );
        check(
            json!({ "a": [{ "b": 1 }, { "b": 2 }] }),
            &["a.*.b"],
            json!({ "a": [{ "b": MASK }, { "b": MASK }] }),
        );
        check(json!({ "a": [{ "b": 1 }] }), &["a.b"], json!({ "a": [{ "b": MASK }] }));
        check(json!({ "a": { "b": 1 } }), &["a"], json!({ "a": MASK }));
        check(json!({ "a": "x" }), &["a.b"], json!({ "a": MASK }));
        check(json!({ "a": null }), &["a", "missing"], json!({ "a": null }));
    }

    #[test]
    fn masks_that_come_back_change_nothing() {
        let before = json!({ "a": "x", "b": { "c": "y" }, "d": ["z", 1] });
        let mut after = json!({ "a": MASK, "b": { "c": MASK, "e": MASK }, "d": [MASK, 2] });
        unmask(&mut after, Some(&before));
        assert_eq!(after, json!({ "a": "x", "b": { "c": "y", "e": MASK }, "d": ["z", 2] }));
    }
}
