//! How a client learns of the server: what is written where, merged with what is there and never in its place.

use crate::diagnostics::Failure;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

const AGENT: &str = include_str!("../../../plugin/agents/waylaid.agent.md");
const SKILL: &str = include_str!("../../../plugin/skills/waylaid/SKILL.md");

/// A client that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Client {
    /// GitHub Copilot at a command line
    Copilot,
    /// Visual Studio Code
    Vscode,
    /// Claude Code
    Claude,
    /// Cursor
    Cursor,
    /// Codex, whose configuration is the person's own
    Codex,
}

/// A file as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Where.
    pub path: PathBuf,
    /// What is there; `None` when there is nothing.
    pub old: Option<String>,
    /// What is to be there.
    pub new: String,
}

/// Everything that a client needs. `root` is the repository, `home` the person's folder, `arguments` what the server is
/// started with.
pub fn plan(client: Client, root: &Path, home: &Path, arguments: &[String]) -> Result<Vec<Planned>, Failure> {
    let server = |kind: &str| json!({"type": kind, "command": "waylaid", "args": arguments});
    let copilot = || {
        let mut server = server("stdio");
        server["tools"] = json!(["*"]);
        server
    };
    let github = [
        (root.join(".github/agents/waylaid.agent.md"), AGENT),
        (root.join(".github/skills/waylaid/SKILL.md"), SKILL),
    ];
    let (config, texts) = match client {
        Client::Copilot => (merged(&root.join(".mcp.json"), "mcpServers", copilot())?, github.to_vec()),
        Client::Vscode => {
            (merged(&root.join(".vscode/mcp.json"), "servers", server("stdio"))?, github.to_vec())
        }
        Client::Claude => {
            let skill = (root.join(".claude/skills/waylaid/SKILL.md"), SKILL);
            (merged(&root.join(".mcp.json"), "mcpServers", copilot())?, vec![skill])
        }
        Client::Cursor => {
            (merged(&root.join(".cursor/mcp.json"), "mcpServers", server("stdio"))?, Vec::new())
        }
        Client::Codex => (codex(&home.join("config.toml"), arguments)?, Vec::new()),
    };
    let mut planned = vec![config];
    for (path, text) in texts {
        let old = read(&path)?;
        // What somebody made of it stays.
        if old.as_ref().is_none_or(|old| old == text) {
            planned.push(Planned { path, old, new: text.to_owned() });
        }
    }
    planned.retain(|p| p.old.as_ref() != Some(&p.new));
    Ok(planned)
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::usage(format!("{} cannot be read: {error}", path.display()))),
    }
}

/// A JSON file with the server among the others.
fn merged(path: &Path, section: &str, server: Value) -> Result<Planned, Failure> {
    let old = read(path)?;
    let by_hand = |why: &str| {
        let entry = json!({ section: { "waylaid": server } });
        Failure::usage(format!("{} {why}; it is left as it is", path.display()))
            .hint(format!("add this to it by hand:\n\n{entry:#}"))
    };
    let text = old.as_deref().filter(|t| !t.trim().is_empty()).unwrap_or("{}");
    let mut all: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| by_hand("is not plain JSON, perhaps for its comments"))?;
    let servers = all.entry(section).or_insert_with(|| json!({}));
    let Some(servers) = servers.as_object_mut() else {
        return Err(by_hand(&format!("has a `{section}` that holds no servers")));
    };
    if servers.get("waylaid").is_some_and(|there| *there != server) {
        return Err(by_hand("describes another server `waylaid`"));
    }
    servers.insert("waylaid".into(), server);
    let new = serde_json::to_string_pretty(&all).map_err(|e| Failure::usage(format!("no JSON: {e}")))? + "\n";
    let same =
        old.as_ref().is_some_and(|o| serde_json::from_str::<Map<String, Value>>(o).is_ok_and(|o| o == all));
    let new = if same { old.clone().unwrap_or_default() } else { new };
    Ok(Planned { path: path.to_path_buf(), old, new })
}

/// A TOML file with a section more at its end; whatever else it holds stays, comments and all.
fn codex(path: &Path, arguments: &[String]) -> Result<Planned, Failure> {
    let old = read(path)?;
    let text = old.clone().unwrap_or_default();
    let section = format!("[mcp_servers.waylaid]\ncommand = \"waylaid\"\nargs = {}\n", json!(arguments));
    let by_hand = |why: &str| {
        Failure::usage(format!("{} {why}; it is left as it is", path.display()))
            .hint(format!("add this to it by hand:\n\n{section}"))
    };
    let table: toml::Table = text.parse().map_err(|_| by_hand("is not TOML"))?;
    let there = table.get("mcp_servers").and_then(|s| s.get("waylaid"));
    let new = match there {
        Some(there) => {
            let wanted: toml::Table = section.parse().map_err(|_| by_hand("cannot be added to"))?;
            if wanted.get("mcp_servers").and_then(|s| s.get("waylaid")) != Some(there) {
                return Err(by_hand("describes another server `waylaid`"));
            }
            text
        }
        None if text.is_empty() => section.clone(),
        None => format!("{}\n\n{section}", text.trim_end()),
    };
    // A section that cannot follow what is there (`mcp_servers = {…}`) is not forced on it.
    new.parse::<toml::Table>().map_err(|_| by_hand("cannot be added to"))?;
    Ok(Planned { path: path.to_path_buf(), old, new })
}

impl Planned {
    /// What changes, line by line.
    pub fn shown(&self) -> String {
        let old: Vec<&str> = self.old.as_deref().unwrap_or("").lines().collect();
        let new: Vec<&str> = self.new.lines().collect();
        let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let most = old.len().min(new.len()) - head;
        let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        let mut out = String::new();
        let mut lines = |mark: &str, lines: &[&str]| {
            lines.iter().for_each(|line| out.push_str(&format!("{mark} {line}\n")));
        };
        lines(" ", &old[head.saturating_sub(2)..head]);
        lines("-", &old[head..old.len() - tail]);
        lines("+", &new[head..new.len() - tail]);
        lines(" ", &old[old.len() - tail..][..tail.min(2)]);
        out
    }

    /// Writes it beside its place and moves it there.
    pub fn write(&self) -> Result<(), Failure> {
        let broken =
            |e: std::io::Error| Failure::usage(format!("{} cannot be written: {e}", self.path.display()));
        // A link stays one: what it leads to is written.
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(broken)?;
        let beside = path.with_extension("waylaid-new");
        std::fs::write(&beside, &self.new).map_err(broken)?;
        std::fs::rename(&beside, &path).map_err(broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(client: Client, folder: &Path) -> Result<Planned, Failure> {
        let arguments = ["mcp".to_owned()];
        plan(client, folder, folder, &arguments).map(|p| p.into_iter().next().unwrap())
    }

    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".mcp.json");
        std::fs::write(&path, r#"{"mcpServers":{"other":{"command":"x"}},"more":[1]}"#).unwrap();
        let planned = one(Client::Copilot, folder.path()).unwrap();
        let new: Value = serde_json::from_str(&planned.new).unwrap();
        assert_eq!(new["mcpServers"]["other"]["command"], "x");
        assert_eq!(new["mcpServers"]["waylaid"]["args"], json!(["mcp"]));
        assert_eq!(new["more"], json!([1]));
        planned.write().unwrap();
        let again = plan(Client::Copilot, folder.path(), folder.path(), &["mcp".to_owned()]).unwrap();
        assert!(again.iter().all(|p| p.path != path), "a second time there is nothing to do");
        std::fs::create_dir_all(folder.path().join(".github/agents")).unwrap();
        std::fs::write(folder.path().join(".github/agents/waylaid.agent.md"), "mine").unwrap();
        let again = plan(Client::Copilot, folder.path(), folder.path(), &["mcp".to_owned()]).unwrap();
        assert!(again.iter().all(|p| !p.path.ends_with("waylaid.agent.md")), "somebody's own stays");
    }

    #[test]
    fn what_cannot_be_merged_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for text in [
            "{ // mine\n}",
            r#"{"mcpServers":[]}"#,
            r#"{"mcpServers":{"waylaid":{"command":"other"}}}"#,
            "[]",
        ] {
            std::fs::write(folder.path().join(".mcp.json"), text).unwrap();
            let failure = one(Client::Claude, folder.path()).unwrap_err();
            assert!(
                failure.what.contains("left as it is") && failure.hints[0].contains("\"waylaid\""),
                "{text}"
            );
        }
        for text in ["a = ", "mcp_servers = {}\n", "[mcp_servers.waylaid]\ncommand = \"other\"\n"] {
            std::fs::write(folder.path().join("config.toml"), text).unwrap();
            assert!(one(Client::Codex, folder.path()).is_err(), "{text}");
        }
    }

    #[test]
    fn comments_of_a_toml_file_stay() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("config.toml"),
            "# mine\nmodel = \"x\"\n[mcp_servers.a]\ncommand = \"b\"\n",
        )
        .unwrap();
        let planned = one(Client::Codex, folder.path()).unwrap();
        assert!(
            planned.new.starts_with("# mine\nmodel") && planned.new.ends_with("args = [\"mcp\"]\n"),
            "{}",
            planned.new
        );
        assert!(planned.shown().lines().filter(|l| l.starts_with('+')).count() == 4, "{}", planned.shown());
    }
}
