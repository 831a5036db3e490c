//! Both versions of the protocol, the list of tools, progress, cancelling, what lies beside the tools.

use crate::client::Client;
use crate::{common, seed};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NAMES: [&str; 10] =
    ["diagnose", "stuck", "follow", "problems", "search", "query", "keys", "show", "code", "describe"];

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
        json!({"tools": {}, "resources": {}, "prompts": {}, "completions": {},
            "extensions": {"io.modelcontextprotocol/tasks": {}}})
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
        let hints = json!({"readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false});
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
fn only_diagnose_keeps_something_only_a_case_and_the_same_one_again() {
    let folder = seed();
    let mut client = Client::new(folder.path());
    let described = client.request("tools/list", &json!({}))["result"]["tools"][0]["description"].clone();
    assert!(described.as_str().unwrap().contains("Keeps the answer as a case"), "{described}");
    let kept = folder.path().join(".waylaid");
    for (name, arguments) in [
        ("stuck", json!({})),
        ("problems", json!({})),
        ("search", json!({"text": "duplicate"})),
        ("query", json!({"store": "orders"})),
        ("describe", json!({"about": "stores"})),
    ] {
        client.tool(name, &arguments).unwrap();
        assert!(!kept.exists(), "{name} keeps nothing");
    }
    let case = |text: &str| text.split("case ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let first = case(&client.tool("diagnose", &json!({})).unwrap());
    assert_eq!(case(&client.tool("diagnose", &json!({})).unwrap()), first);
    let listed = client.request("resources/list", &json!({}));
    assert_eq!(listed["result"]["resources"].as_array().unwrap().len(), 1);
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

/// The same from a client that supports tasks.
fn with_tasks() -> Value {
    let mut meta = meta();
    meta["io.modelcontextprotocol/clientCapabilities"] =
        json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    meta
}

/// A task when it has ended.
fn ended(client: &mut Client, task: &Value) -> Value {
    for _ in 0..1_200 {
        let got =
            client.request("tasks/get", &json!({"taskId": task, "_meta": with_tasks()}))["result"].clone();
        if got["status"] != "working" {
            return got;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{task} does not end");
}

#[test]
fn who_supports_tasks_gets_an_id_at_once_and_the_verdict_by_it() {
    let folder = seed();
    let mut client = Client::silent(folder.path());
    let call = |name: &str, meta: Value| json!({"name": name, "arguments": {}, "_meta": meta});
    let start = Instant::now();
    let task = client.request("tools/call", &call("diagnose", with_tasks()))["result"].clone();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!((&task["resultType"], &task["status"]), (&json!("task"), &json!("working")), "{task}");
    let done = ended(&mut client, &task["taskId"]);
    let text = done["result"]["content"][0]["text"].as_str().unwrap();
    assert!(done["status"] == "completed" && text.contains("CONFIRMED «219 of 219"), "{done}");
    assert!(
        folder
            .path()
            .join(".waylaid/cases")
            .join(text.split("case ").nth(1).unwrap().split_whitespace().next().unwrap())
            .exists()
    );
    // A wrong call is an answer, too.
    let wrong = json!({"name": "diagnose", "arguments": {"entity": "ordr"}, "_meta": with_tasks()});
    let task = client.request("tools/call", &wrong)["result"]["taskId"].clone();
    let done = ended(&mut client, &task);
    assert_eq!((&done["status"], &done["result"]["isError"]), (&json!("completed"), &json!(true)), "{done}");
    // What is quick is answered at once, and so is who knows no tasks.
    let quick = client.request("tools/call", &call("describe", with_tasks()));
    assert_eq!(quick["result"]["resultType"], "complete", "{quick}");
    let plain = client.request("tools/call", &call("diagnose", meta()));
    assert_eq!(plain["result"]["resultType"], "complete", "{plain}");
    let unknown = client.request("tasks/get", &json!({"taskId": "none", "_meta": with_tasks()}));
    assert_eq!(unknown["error"]["code"], -32_602, "{unknown}");
    let undeclared = client.request("tasks/get", &json!({"taskId": task, "_meta": meta()}));
    assert_eq!(undeclared["error"]["code"], -32_021, "{undeclared}");
}

#[test]
fn a_task_that_is_cancelled_stores_nothing() {
    let folder = seed();
    let mut client = Client::silent(folder.path());
    let call = json!({"name": "diagnose", "arguments": {}, "_meta": with_tasks()});
    let task = client.request("tools/call", &call)["result"]["taskId"].clone();
    let ack = client.request("tasks/cancel", &json!({"taskId": task, "_meta": with_tasks()}));
    assert_eq!(ack["result"]["resultType"], "complete", "{ack}");
    assert_eq!(ended(&mut client, &task)["status"], "cancelled");
    let listed = client.request("resources/list", &json!({"_meta": with_tasks()}));
    assert_eq!(listed["result"]["resources"], json!([]), "{listed}");
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
