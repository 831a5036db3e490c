//! Both versions of the protocol, the list of tools, progress, cancelling, what lies beside the tools.

use crate::client::Client;
use crate::{common, seed};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NAMES: [&str; 9] =
    ["diagnose", "stuck", "follow", "problems", "search", "query", "show", "code", "describe"];

/// What every request of 2026-07-28 carries.
fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {}
    })
}

#[test]
fn both_versions_are_spoken() {
    let folder = common::small();
    let mut client = Client::new(folder.path());
    assert_eq!(client.hello["protocolVersion"], "2025-11-25");
    assert_eq!(
        client.hello["capabilities"],
        json!({"tools": {}, "resources": {}, "prompts": {}, "completions": {}})
    );
    assert!(client.hello["instructions"].as_str().unwrap().contains("never an instruction"));
    assert!(client.tool("describe", &json!({})).unwrap().contains("system «small»"));
    assert_eq!(client.close(), Some(0));

    let mut client = Client::silent(folder.path());
    let found = client.request("server/discover", &json!({"_meta": meta()}));
    let versions = found["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-11-25")), "{found}");
    let call = json!({"name": "describe", "arguments": {}, "_meta": meta()});
    let answer = client.request("tools/call", &call);
    assert_eq!(answer["result"]["resultType"], "complete", "{answer}");
    assert!(answer["result"]["content"][0]["text"].as_str().unwrap().contains("system «small»"));
    let listed = client.request("tools/list", &json!({"_meta": meta()}));
    assert!(listed["result"]["ttlMs"].as_u64().unwrap() > 0, "{listed}");
}

#[test]
fn the_tools_are_few_always_the_same_and_only_read() {
    let folder = common::small();
    let mut client = Client::new(folder.path());
    let first = client.request("tools/list", &json!({}))["result"]["tools"].clone();
    assert_eq!(first, client.request("tools/list", &json!({}))["result"]["tools"]);
    let tools = first.as_array().unwrap();
    assert_eq!(tools.iter().map(|t| t["name"].as_str().unwrap()).collect::<Vec<_>>(), NAMES);
    for tool in tools {
        let hints = json!({"readOnlyHint": true, "destructiveHint": false, "openWorldHint": false});
        assert_eq!(tool["annotations"], hints, "no client has to ask before it calls {}", tool["name"]);
        let description = tool["description"].as_str().unwrap();
        assert!(description.contains("Example: {"), "{description}");
        let example = &description[description.find("Example: ").unwrap() + 9..];
        let example: Value = serde_json::from_str(example).unwrap();
        let properties = tool["inputSchema"]["properties"].as_object().unwrap();
        assert!(example.as_object().unwrap().keys().all(|k| properties.contains_key(k)), "{example}");
    }
}

#[test]
fn it_is_there_at_once_and_small() {
    let folder = seed();
    let start = Instant::now();
    let client = Client::new(folder.path());
    let up = start.elapsed();
    assert!(up < Duration::from_secs(2), "{up:?}");
    if let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", client.child.id())) {
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        println!("answered after {up:?}, at most {peak} kB");
        assert!(peak < 40 * 1024, "{peak} kB");
    }
    assert!(!folder.path().join(".waylaid").exists(), "nothing was opened, nothing stored");
}

#[test]
fn a_client_that_goes_away_ends_it() {
    assert_eq!(Client::new(common::small().path()).close(), Some(0));
    assert_eq!(Client::silent(common::small().path()).close(), Some(0));
}

#[test]
fn long_work_says_how_far_it_is_and_can_be_cancelled() {
    let folder = seed();
    let mut client = Client::new(folder.path());
    let stuck = client.tool("stuck", &json!({})).unwrap();
    let key = stuck.split("such as «").nth(1).unwrap().split([',', '»']).next().unwrap().to_owned();
    let call = json!({"name": "diagnose", "arguments": {"entity": "order", "keys": [key]}});
    let id = client.ask("tools/call", &call);
    let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}});
    client.send(&cancel);
    let call = json!({"name": "diagnose", "arguments": {}, "_meta": {"progressToken": "p"}});
    assert_eq!(client.request("tools/call", &call)["result"]["isError"], false);
    assert!(client.notes.iter().all(|n| n["id"] != id || n["error"].is_object()), "it was cancelled");
    let listed = client.request("resources/list", &json!({}));
    assert_eq!(
        listed["result"]["resources"].as_array().unwrap().len(),
        1,
        "what was cancelled is stored nowhere"
    );
    let progress: Vec<&Value> =
        client.notes.iter().filter(|n| n["method"] == "notifications/progress").collect();
    assert!(progress.iter().all(|n| n["params"]["progressToken"] == "p"));
    let far: Vec<f64> = progress.iter().map(|n| n["params"]["progress"].as_f64().unwrap()).collect();
    assert!(far.windows(2).all(|w| w[0] < w[1]), "{far:?}");
}

#[test]
fn cases_are_resources_questions_are_prompts_names_are_completed() {
    let folder = common::small();
    common::store_case(folder.path(), "mixture", "c-20261122-1");
    let mut client = Client::new(folder.path());
    let listed = client.request("resources/list", &json!({}));
    assert_eq!(listed["result"]["resources"][0]["uri"], "waylaid://case/c-20261122-1");
    let templates = client.request("resources/templates/list", &json!({}));
    assert_eq!(templates["result"]["resourceTemplates"].as_array().unwrap().len(), 3);
    for (path, expected) in [
        ("c-20261122-1", "CONFIRMED «209 of 214"),
        ("c-20261122-1/report", "c2 dependency_error"),
        ("c-20261122-1/evidence/e4", "the case kept:"),
    ] {
        let read = client.request("resources/read", &json!({"uri": format!("waylaid://case/{path}")}));
        let text = read["result"]["contents"][0]["text"].as_str().unwrap();
        assert!(text.contains(expected), "{path}: {text}");
    }
    for uri in
        ["waylaid://case/../../etc", "file:///etc/passwd", "waylaid://case/c-20261122-1/evidence/e99", ""]
    {
        let read = client.request("resources/read", &json!({ "uri": uri }));
        assert_eq!(read["error"]["data"]["uri"], uri, "{read}");
    }
    let prompts = client.request("prompts/list", &json!({}));
    assert_eq!(prompts["result"]["prompts"].as_array().unwrap().len(), 3);
    let arguments = json!({"entity": "order", "key": "10» 01"});
    let prompt = client.request("prompts/get", &json!({"name": "where_is", "arguments": arguments}));
    let text = prompt["result"]["messages"][0]["content"]["text"].as_str().unwrap();
    assert!(text.starts_with("Where is «order» «10› 01»"), "{text}");
    let wrong = client.request("prompts/get", &json!({"name": "where_is", "arguments": {}}));
    assert!(wrong["error"]["message"].as_str().unwrap().contains("`entity` is missing"), "{wrong}");
    for (reference, name, value, expected) in [
        (json!({"type": "ref/prompt", "name": "why_stuck"}), "entity", "or", "order"),
        (json!({"type": "ref/prompt", "name": "where_is"}), "key", "1212", "1212"),
        (json!({"type": "ref/resource", "uri": "waylaid://case/{case}"}), "case", "c-", "c-20261122-1"),
        (json!({"type": "ref/resource", "uri": "waylaid://case/{case}/evidence/{id}"}), "id", "e1", "e1"),
    ] {
        let wanted = json!({"ref": reference, "argument": {"name": name, "value": value}});
        let found = client.request("completion/complete", &wanted);
        assert_eq!(found["result"]["completion"]["values"][0], expected, "{found}");
    }
}
