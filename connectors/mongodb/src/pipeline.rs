//! An aggregation of somebody's own: `{"aggregate": "orders", "pipeline": [{"$match": {"state": "NEW"}}]}`, or with `find`
//! and `filter`. Only stages and operators pass that are known to read: what writes (`$out`, `$merge`), what runs scripts
//! (`$function`, `$where`), what tells of the server itself (`$currentOp`) and what is not known are refused.

use mongodb::bson::{Bson, Document, doc};
use serde_json::{Map, Value};

/// An aggregation that may be sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Accepted {
    /// Of which collection.
    pub collection: String,
    /// Its stages.
    pub stages: Vec<Document>,
}

/// Stages that only read the database they are sent to.
const STAGES: [&str; 26] = [
    "$addFields",
    "$bucket",
    "$bucketAuto",
    "$count",
    "$densify",
    "$facet",
    "$fill",
    "$geoNear",
    "$graphLookup",
    "$group",
    "$limit",
    "$lookup",
    "$match",
    "$project",
    "$redact",
    "$replaceRoot",
    "$replaceWith",
    "$sample",
    "$set",
    "$setWindowFields",
    "$skip",
    "$sort",
    "$sortByCount",
    "$unionWith",
    "$unset",
    "$unwind",
];
/// Operators that run scripts, wherever they stand, and stages that write.
const REFUSED: [&str; 6] = ["$function", "$accumulator", "$where", "$out", "$merge", "$eval"];
/// How deep it may be nested, how many stages there may be, how long it may be.
const DEPTH: usize = 40;
const MANY: usize = 60;
const LONGEST: usize = 64 << 10;
const EXAMPLE: &str =
    "write {\"aggregate\": \"orders\", \"pipeline\": [{\"$match\": {\"state\": \"NEW\"}}, {\"$limit\": 10}]}";

/// Reads an aggregation, or says what is wrong with it and what to write.
pub(crate) fn check(text: &str) -> Result<Accepted, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let asked: Value =
        serde_json::from_str(text).map_err(|why| format!("it is no JSON ({why}); {EXAMPLE}"))?;
    let Value::Object(asked) = &asked else { return Err(format!("it is no object; {EXAMPLE}")) };
    let accepted = if asked.contains_key("find") { find(asked)? } else { aggregate(asked)? };
    if accepted.collection.is_empty()
        || accepted.collection.contains(['$', '\0'])
        || accepted.collection.starts_with("system.")
    {
        return Err(format!("`{}` is no collection that is read", accepted.collection));
    }
    Ok(accepted)
}

fn only(asked: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match asked.keys().find(|name| !known.contains(&name.as_str())) {
        Some(other) => Err(format!("`{other}` may not stand there; what may: {}", known.join(", "))),
        None => Ok(()),
    }
}

fn name(value: Option<&Value>) -> Result<String, String> {
    value
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| format!("it names no collection; {EXAMPLE}"))
}

fn aggregate(asked: &Map<String, Value>) -> Result<Accepted, String> {
    only(asked, &["aggregate", "pipeline"])?;
    let Some(Value::Array(list)) = asked.get("pipeline") else {
        return Err(format!("it has no pipeline; {EXAMPLE}"));
    };
    let collection = name(asked.get("aggregate"))?;
    Ok(Accepted { collection, stages: stages(list, 0)? })
}

/// A search is an aggregation of a few stages.
fn find(asked: &Map<String, Value>) -> Result<Accepted, String> {
    only(asked, &["find", "filter", "sort", "skip", "projection", "limit"])?;
    let mut list = Vec::new();
    for (from, stage) in [
        ("filter", "$match"),
        ("sort", "$sort"),
        ("skip", "$skip"),
        ("limit", "$limit"),
        ("projection", "$project"),
    ] {
        list.extend(
            asked.get(from).map(|value| Value::Object(Map::from_iter([(stage.to_owned(), value.clone())]))),
        );
    }
    Ok(Accepted { collection: name(asked.get("find"))?, stages: stages(&list, 0)? })
}

fn stages(list: &[Value], depth: usize) -> Result<Vec<Document>, String> {
    if list.len() > MANY || depth > DEPTH {
        return Err(format!("it has more than {MANY} stages, or is nested too deep"));
    }
    list.iter().map(|stage| self::stage(stage, depth)).collect()
}

fn stage(stage: &Value, depth: usize) -> Result<Document, String> {
    let Some((name, body)) = stage.as_object().filter(|s| s.len() == 1).and_then(|s| s.iter().next()) else {
        return Err("each stage is an object with one name, such as {\"$match\": {}}".to_owned());
    };
    if !STAGES.contains(&name.as_str()) {
        return Err(format!("the stage {name} is refused; those that only read: {}", STAGES.join(", ")));
    }
    match (name.as_str(), body) {
        ("$facet", Value::Object(facets)) => {
            for inner in facets.values() {
                inner_stages(inner, depth)?;
            }
        }
        // Only collections of this database, by name: of others the reader has not said that they may be read.
        ("$lookup" | "$unionWith" | "$graphLookup", Value::Object(body)) => {
            for from in ["from", "coll"] {
                if body.get(from).is_some_and(|from| !is_collection(from)) {
                    return Err(format!("{name} reads collections of this database only, by their name"));
                }
            }
            if let Some(inner) = body.get("pipeline") {
                inner_stages(inner, depth)?;
            }
        }
        ("$unionWith", from) if is_collection(from) => {}
        ("$facet" | "$lookup" | "$unionWith" | "$graphLookup", _) => {
            return Err(format!("{name} needs an object"));
        }
        _ => {}
    }
    Ok(doc! {name: converted(body, depth)?})
}

fn is_collection(value: &Value) -> bool {
    value.as_str().is_some_and(|name| !name.starts_with("system.") && !name.contains(['$', '\0']))
}

fn inner_stages(inner: &Value, depth: usize) -> Result<(), String> {
    let Value::Array(list) = inner else {
        return Err("a pipeline inside another is a list of stages".to_owned());
    };
    stages(list, depth + 1).map(drop)
}

/// The value for the server, with dates and ids as MongoDB's own JSON writes them.
fn converted(value: &Value, depth: usize) -> Result<Bson, String> {
    if depth > DEPTH {
        return Err("it is nested too deep".to_owned());
    }
    Ok(match value {
        Value::Object(map) => {
            if let Some(special) = extended(map) {
                return Ok(special);
            }
            let mut document = Document::new();
            for (name, value) in map {
                if REFUSED.contains(&name.as_str()) {
                    return Err(format!("{name} is refused: it writes or runs scripts"));
                }
                document.insert(name.clone(), converted(value, depth + 1)?);
            }
            Bson::Document(document)
        }
        Value::Array(list) => {
            Bson::Array(list.iter().map(|value| converted(value, depth + 1)).collect::<Result<_, _>>()?)
        }
        Value::String(text) => Bson::String(text.clone()),
        Value::Bool(flag) => Bson::Boolean(*flag),
        Value::Null => Bson::Null,
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => i32::try_from(whole).map_or(Bson::Int64(whole), Bson::Int32),
            (None, float) => Bson::Double(float.unwrap_or(f64::NAN)),
        },
    })
}

/// `{"$oid": "…"}` and `{"$date": "…"}`.
fn extended(map: &Map<String, Value>) -> Option<Bson> {
    let (name, value) = map.iter().next().filter(|_| map.len() == 1)?;
    match name.as_str() {
        "$oid" => mongodb::bson::oid::ObjectId::parse_str(value.as_str()?).ok().map(Bson::ObjectId),
        "$date" => mongodb::bson::DateTime::parse_rfc3339_str(value.as_str()?).ok().map(Bson::DateTime),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_passes() {
        for (text, stages) in [
            (r#"{"aggregate": "orders", "pipeline": []}"#, 0),
            (
                r#"{"aggregate": "orders", "pipeline": [{"$match": {"at": {"$gte": {"$date": "2026-11-01T00:00:00Z"}}}}, {"$group": {"_id": "$state", "n": {"$sum": 1}}}]}"#,
                2,
            ),
            (
                r#"{"aggregate": "orders", "pipeline": [{"$lookup": {"from": "picks", "let": {"i": "$_id"}, "pipeline": [{"$match": {}}], "as": "p"}}]}"#,
                1,
            ),
            (
                r#"{"aggregate": "orders", "pipeline": [{"$unionWith": "picks"}, {"$facet": {"a": [{"$count": "n"}]}}]}"#,
                2,
            ),
            (r#"{"find": "orders", "filter": {"_id": {"$oid": "070707070707070707070707"}}, "limit": 3}"#, 2),
        ] {
            assert_eq!(check(text).map(|accepted| accepted.stages.len()), Ok(stages), "{text}");
        }
    }

    #[test]
    fn what_writes_or_runs_scripts_or_looks_elsewhere_is_refused() {
        let with = |stage: &str| format!(r#"{{"aggregate": "orders", "pipeline": [{stage}]}}"#);
        for stage in [
            r#"{"$out": "stolen"}"#,
            r#"{"$out": {"db": "other", "coll": "stolen"}}"#,
            r#"{"$merge": {"into": "orders"}}"#,
            r#"{"$match": {}, "$out": "stolen"}"#,
            r#"{"$facet": {"a": [{"$out": "stolen"}]}}"#,
            r#"{"$facet": {"a": {"$out": "stolen"}}}"#,
            r#"{"$lookup": {"from": "picks", "pipeline": [{"$merge": "orders"}], "as": "p"}}"#,
            r#"{"$lookup": {"from": {"db": "admin", "coll": "system.users"}, "as": "p"}}"#,
            r#"{"$lookup": {"from": "system.users", "as": "p"}}"#,
            r#"{"$unionWith": {"coll": "picks", "pipeline": [{"$unionWith": {"coll": "x", "pipeline": [{"$out": "y"}]}}]}}"#,
            r#"{"$unionWith": {"db": "x", "coll": {"a": 1}}}"#,
            r#"{"$match": {"$where": "sleep(100000)"}}"#,
            r#"{"$match": {"$expr": {"$function": {"body": "function() {}", "args": [], "lang": "js"}}}}"#,
            r#"{"$group": {"_id": 1, "x": {"$accumulator": {"init": "function() {}"}}}}"#,
            r#"{"$project": {"a": [{"b": {"$function": 1}}]}}"#,
            r#"{"$currentOp": {}}"#,
            r#"{"$collStats": {}}"#,
            r#"{"$listSessions": {}}"#,
            r#"{"$changeStream": {}}"#,
            r#"{"$OUT": "x"}"#,
            r#"{"$out ": "x"}"#,
            r#"{"\u0024out": "x"}"#,
            r#""$out""#,
            "{}",
        ] {
            assert!(check(&with(stage)).is_err(), "{stage}");
        }
        for text in [
            "",
            "db.orders.drop()",
            r#"{"drop": "orders"}"#,
            r#"{"aggregate": 1, "pipeline": []}"#,
            r#"{"aggregate": "system.users", "pipeline": []}"#,
            r#"{"aggregate": "$cmd", "pipeline": []}"#,
            r#"{"aggregate": "a", "pipeline": [], "writeConcern": {}}"#,
            r#"{"aggregate": "a", "pipeline": [], "bypassDocumentValidation": true}"#,
            r#"{"find": "a", "filter": {"$where": "1"}}"#,
            r#"{"find": "a", "let": {}}"#,
            r#"{"findAndModify": "a", "find": "a"}"#,
            "[]",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
        let deep = format!("{}1{}", r#"{"$match":"#.repeat(90), "}".repeat(90));
        assert!(check(&with(&deep)).is_err());
        assert!(check(&with(&"[".repeat(20_000))).is_err());
        assert!(check(&" ".repeat(LONGEST + 1)).is_err());
    }
}
