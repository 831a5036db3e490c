//! Clients that others wrote: the inspector's command line and the official TypeScript SDK.

use crate::clients::{clients, node};
use crate::common;
use std::path::Path;
use std::process::Command;

/// A client with the official SDK: lists, calls, reads, asks for a prompt.
const SCRIPT: &str = r#"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
const [command, folder] = process.argv.slice(2);
const client = new Client({ name: "test", version: "1" });
await client.connect(new StdioClientTransport({ command, args: ["mcp", "-C", folder] }));
const tools = (await client.listTools()).tools.map((t) => t.name);
const answer = await client.callTool({ name: "describe", arguments: {} });
const wrong = await client.callTool({ name: "show", arguments: { id: "c1", case: "c-20000101-1" } });
const read = await client.readResource({ uri: "waylaid://case/c-20261122-1" });
const prompt = await client.getPrompt({ name: "why_stuck", arguments: { entity: "order" } });
console.log(JSON.stringify({ tools, answer, wrong, read, prompt }));
await client.close();
"#;

fn said(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn system() -> tempfile::TempDir {
    let folder = common::small();
    common::store_case(folder.path(), "mixture", "c-20261122-1");
    folder
}

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_waylaid"))
}

#[test]
fn the_inspector_lists_and_calls() {
    let Some(clients) = clients("the inspector") else { return };
    let folder = system();
    let inspector = |arguments: &[&str]| {
        let home = tempfile::tempdir().unwrap();
        let mut command = node(&clients, ".bin/mcp-inspector");
        command.arg("--cli").arg(binary()).args(["mcp", "-C"]).arg(folder.path()).args(arguments);
        said({
            command.env("HOME", home.path());
            command
        })
    };
    let listed = inspector(&["--method", "tools/list"]);
    assert!(listed.contains("\"diagnose\"") && listed.contains("\"readOnlyHint\": true"), "{listed}");
    let called =
        inspector(&["--method", "tools/call", "--tool-name", "describe", "--tool-arg", "about=system"]);
    assert!(called.contains("system «small»"), "{called}");
}

#[test]
fn the_typescript_sdk_lists_calls_reads_and_prompts() {
    let Some(clients) = clients("the TypeScript SDK") else { return };
    let folder = system();
    let script = clients.join("client.mjs");
    std::fs::write(&script, SCRIPT).unwrap();
    let mut command = node(&clients, "../client.mjs");
    command.arg(binary()).arg(folder.path());
    let said: serde_json::Value = serde_json::from_str(&said(command)).unwrap();
    assert_eq!(said["tools"].as_array().unwrap().len(), 9);
    assert!(said["answer"]["content"][0]["text"].as_str().unwrap().contains("system «small»"));
    assert_eq!(said["wrong"]["isError"], true);
    assert!(said["read"]["contents"][0]["text"].as_str().unwrap().starts_with("CONFIRMED «"));
    assert!(said["prompt"]["messages"][0]["content"]["text"].as_str().unwrap().contains("entity «order»"));
}
