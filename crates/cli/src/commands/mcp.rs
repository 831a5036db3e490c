//! `mcp`: the agent's server.

use crate::agent::Folder;
use crate::arguments::{self, CaseFolder};
use crate::diagnostics::{Failure, note};
use crate::exit::Exit;
use crate::install::{self, Client};
use crate::output;
use clap::{Args, Subcommand};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use waylaid_mcp::Http;

const EXAMPLES: &str = "\
Examples:
  waylaid mcp                         for a client that starts it: standard input and output
  waylaid mcp -C incident             another folder's system
  waylaid mcp install --client copilot
                                      tell a client about it
  waylaid mcp --http 127.0.0.1:7420   for clients on this machine, at http://127.0.0.1:7420/mcp
  WAYLAID_MCP_TOKEN=… waylaid mcp --http 0.0.0.0:7420 --host waylaid.example
                                      for clients that show the token";

/// The variable that holds the token; it is nowhere else, so that no list of processes shows it.
const TOKEN: &str = "WAYLAID_MCP_TOKEN";

/// Serve an agent: the tools over the Model Context Protocol
///
/// A client such as Copilot, VS Code or Claude starts it and calls its tools. They are the commands of this program,
/// with answers of at most 2,000 tokens; all of them only read. Stores are opened when they are asked.
#[derive(Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Mcp {
    #[command(subcommand)]
    action: Option<Action>,
    /// Listen here instead of standard input; beyond this machine clients must show WAYLAID_MCP_TOKEN
    #[arg(long, value_name = "ADDRESS:PORT")]
    http: Option<SocketAddr>,
    /// A name under which clients may come, beside those of this machine; may be repeated
    #[arg(long, value_name = "NAME", requires = "http")]
    host: Vec<String>,
    /// A page in a browser that may ask, such as `https://tool.example:443`; may be repeated
    #[arg(long, value_name = "URL", requires = "http")]
    origin: Vec<String>,
    #[command(flatten)]
    folder: arguments::Folder,
    #[command(flatten)]
    cases: CaseFolder,
}

/// What else there is to do.
#[derive(Subcommand)]
enum Action {
    /// Tell a client about the server: its configuration, an agent, a skill
    Install(Install),
}

const INSTALL_EXAMPLES: &str = "\
Examples:
  waylaid mcp install --client copilot           show what would be written into this repository
  waylaid mcp install --client copilot --write   write it
  waylaid mcp install --client vscode -C incident --write
                                                 for the system in another folder";

/// Tell a client about the server: its configuration, an agent, a skill
///
/// Shows what would be written; --write writes it. What is there is kept: other servers, other settings, files of
/// yours. What cannot be merged is left alone, and said.
#[derive(Args)]
#[command(after_help = INSTALL_EXAMPLES)]
struct Install {
    /// Which client
    #[arg(long, value_enum, value_name = "CLIENT")]
    client: Client,
    /// Write what is shown
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    folder: arguments::Folder,
}

impl Install {
    fn run(&self) -> Result<Exit, Failure> {
        let mut arguments = vec!["mcp".to_owned()];
        if self.folder.dir != Path::new(".") {
            arguments.extend(["-C".to_owned(), self.folder.dir.display().to_string()]);
        }
        let planned = install::plan(self.client, Path::new(""), &codex_home(), &arguments)?;
        if planned.is_empty() {
            note("nothing to do: the client knows the server");
            return Ok(Exit::Answered);
        }
        for one in &planned {
            let what = if one.old.is_some() { "changed" } else { "new" };
            output::raw(&format!("{} ({what})\n{}\n", one.path.display(), one.shown()))?;
        }
        if self.write {
            planned.iter().try_for_each(install::Planned::write)?;
            note(&format!("{} written", planned.len()));
        } else {
            note("nothing is written yet: --write does it");
        }
        Ok(Exit::Answered)
    }
}

/// Where Codex keeps its configuration.
fn codex_home() -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_default().join(".codex");
    std::env::var_os("CODEX_HOME").map_or_else(home, PathBuf::from)
}

impl Mcp {
    pub fn run(&self) -> Result<Exit, Failure> {
        if let Some(Action::Install(install)) = &self.action {
            return install.run();
        }
        let backend = Arc::new(Folder::new(self.folder.dir.clone(), self.cases.case_dir.clone()));
        let served = match self.http {
            None => waylaid_mcp::stdio(backend),
            Some(address) => {
                let token = std::env::var(TOKEN).ok().filter(|t| !t.is_empty());
                let http = Http { address, token, hosts: self.host.clone(), origins: self.origin.clone() };
                waylaid_mcp::http(backend, http, |at| note(&format!("listening at http://{at}/mcp")))
            }
        };
        served.map(|()| Exit::Answered).map_err(|e| Failure::usage(format!("no client can be served: {e}")))
    }
}
