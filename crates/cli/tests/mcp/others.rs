//! Clients that others wrote: the inspector's command line, the official SDKs for TypeScript (both generations) and Python.

use crate::clients::{clients, node, python};
use crate::common;
use std::path::Path;
use std::process::Command;

/// The SDK's first generation, which speaks 2025-11-25.
const FIRST: &str = r#"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
"#;

/// Its second, which speaks 2026-07-28, too.
const SECOND: &str = r#"
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
"#;

/// What either does: lists, calls, reads, asks for a prompt.
const SCRIPT: &str = r#"
const [command, folder] = process.argv.slice(2);
const client = new Client({ name: "test", version: "1" }, OPTIONS);
await client.connect(new StdioClientTransport({ command, args: ["mcp", "-C", folder] }));
const tools = (await client.listTools()).tools.map((t) => t.name);
const answer = await client.callTool({ name: "describe", arguments: {} });
const wrong = await client.callTool({ name: "show", arguments: { id: "c1", case: "c-20000101-1" } });
const read = await client.readResource({ uri: "waylaid://case/c-20261122-1" });
const prompt = await client.getPrompt({ name: "why_stuck", arguments: { entity: "order" } });
const version = client.getNegotiatedProtocolVersion?.() ?? null;
console.log(JSON.stringify({ version, tools, answer, wrong, read, prompt }));
await client.close();
"#;

/// The same with the SDK for Python, in the version that it is told to speak.
const PYTHON: &str = r#"
import asyncio, json, sys
from mcp import Client, StdioServerParameters

async def main(command, folder, mode):
    server = StdioServerParameters(command=command, args=["mcp", "-C", folder])
    async with Client(server, mode=mode) as client:
        tools = await client.list_tools()
        answer = await client.call_tool("describe", {})
        wrong = await client.call_tool("show", {"id": "c1", "case": "c-20000101-1"})
        read = await client.read_resource("waylaid://case/c-20261122-1")
        prompt = await client.get_prompt("why_stuck", {"entity": "order"})
        plain = lambda result: result.model_dump(mode="json", by_alias=True)
        print(json.dumps({"version": client.protocol_version, "tools": [t.name for t in tools.tools],
            "answer": plain(answer), "wrong": plain(wrong), "read": plain(read), "prompt": plain(prompt)}))

asyncio.run(main(*sys.argv[1:]))
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

/// What a client says that did all of it.
fn did_all(said: &str) -> serde_json::Value {
    let said: serde_json::Value = serde_json::from_str(said).unwrap();
    assert_eq!(said["tools"].as_array().unwrap().len(), 10);
    assert!(said["answer"]["content"][0]["text"].as_str().unwrap().contains("system «small»"));
    assert_eq!(said["wrong"]["isError"], true);
    assert!(said["read"]["contents"][0]["text"].as_str().unwrap().starts_with("CONFIRMED «"));
    assert!(said["prompt"]["messages"][0]["content"]["text"].as_str().unwrap().contains("entity «order»"));
    said["version"].clone()
}

#[test]
fn both_typescript_sdks_list_call_read_and_prompt() {
    let Some(clients) = clients("the TypeScript SDKs") else { return };
    let folder = system();
    for (name, imports, options, version) in [
        ("first.mjs", FIRST, "{}", None),
        ("second.mjs", SECOND, "{}", Some("2025-11-25")),
        (
            "third.mjs",
            SECOND,
            "{ versionNegotiation: { mode: { pin: \"2026-07-28\" } } }",
            Some("2026-07-28"),
        ),
    ] {
        std::fs::write(clients.join(name), format!("{imports}{}", SCRIPT.replace("OPTIONS", options)))
            .unwrap();
        let mut command = node(&clients, &format!("../{name}"));
        command.arg(binary()).arg(folder.path());
        let spoken = did_all(&said(command));
        assert!(version.is_none_or(|version| spoken == version), "{name}: {spoken}");
    }
}

#[test]
fn the_python_sdk_lists_calls_reads_and_prompts_in_both_versions() {
    let Some(python) = python("the Python SDK") else { return };
    let folder = system();
    for (mode, version) in [("legacy", "2025-11-25"), ("2026-07-28", "2026-07-28"), ("auto", "2026-07-28")] {
        let mut command = Command::new(&python);
        command.arg("-c").arg(PYTHON).arg(binary()).arg(folder.path()).arg(mode);
        assert_eq!(did_all(&said(command)), version, "{mode}");
    }
}
