//! What a folder of checkouts tells about a system: services, the topics and tables of each, what compose files start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use waylaid_code::{Configuration, Job, SourceFile, Sources, Table, TopicRole, TopicUse, Unread, Untold};

/// One service as its code shows it.
pub struct Service {
    pub name: String,
    /// Its folder below the one that was looked at, with `/`; `.` for that one itself.
    pub folder: String,
    /// What made it a service.
    pub why: &'static str,
    /// Files of known languages.
    pub files: usize,
    pub handles: Vec<TopicUse>,
    pub publishes: Vec<TopicUse>,
    /// Places whose topic could not be told.
    pub untold: Vec<Untold>,
    /// What runs by the clock.
    pub jobs: Vec<Job>,
    /// Files of languages that are not read.
    pub unread: Vec<Unread>,
    pub tables: Vec<Table>,
    /// Enumerations whose members may be states: name, members, path, line.
    pub states: Vec<States>,
}

/// Members of an enumeration that reads like a list of states.
pub struct States {
    pub name: String,
    pub members: Vec<String>,
    pub path: String,
    pub line: u32,
}

/// What was found in a folder.
pub struct Discovered {
    pub services: Vec<Service>,
    /// What compose files start that may be a store: service, image, file.
    pub started: Vec<(String, String, String)>,
}

const MARKS: &[(&str, &str)] = &[
    ("pom.xml", "pom.xml"),
    ("build.gradle", "build.gradle"),
    ("build.gradle.kts", "build.gradle.kts"),
    ("package.json", "package.json"),
    ("pyproject.toml", "pyproject.toml"),
    ("requirements.txt", "requirements.txt"),
    ("setup.py", "setup.py"),
    ("go.mod", "go.mod"),
    ("Cargo.toml", "Cargo.toml"),
    ("Gemfile", "Gemfile"),
    ("composer.json", "composer.json"),
    ("mix.exs", "mix.exs"),
    ("build.sbt", "build.sbt"),
];
const SKIPPED: &[&str] =
    &["node_modules", "target", "build", "dist", "vendor", "bin", "obj", "venv", "test", "tests"];
const DEPTH: usize = 4;
const MOST: usize = 200;

/// Looks at a folder.
pub fn discover(root: &Path) -> Discovered {
    let mut folders = Vec::new();
    find(root, 0, &mut folders);
    if folders.is_empty() {
        // No build file anywhere: each folder of `code`, or of the one that was looked at.
        let code = root.join("code");
        let parent = if code.is_dir() { code.as_path() } else { root };
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        let inside = entries.filter(|e| e.file_type().is_ok_and(|t| t.is_dir()));
        let visible = inside.filter(|e| !e.file_name().to_string_lossy().starts_with('.'));
        folders.extend(visible.map(|e| (e.path(), "a folder with sources")));
    }
    folders.sort();
    folders.truncate(MOST);
    let services = folders.into_iter().map(|(folder, why)| read(root, &folder, why)).collect();
    let mut services: Vec<Service> = unique(services);
    services.retain(|s| s.files > 0);
    Discovered { services, started: started(root) }
}

/// Looks at the checkouts that a system names.
pub fn of_services(root: &Path, services: &[(String, PathBuf)]) -> Discovered {
    let named = |(name, folder): &(String, PathBuf)| Service {
        name: name.clone(),
        ..read(root, folder, "named in waylaid.toml")
    };
    Discovered { services: services.iter().map(named).collect(), started: Vec::new() }
}

/// Folders that hold a service: the innermost with a build file and sources. Links are not followed.
fn find(folder: &Path, depth: usize, out: &mut Vec<(PathBuf, &'static str)>) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    let mut inside = Vec::new();
    let mut mark = None;
    for entry in entries.flatten().take(2_000) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&name.to_lowercase().as_str()) {
            inside.push(entry.path());
        } else if kind.is_file() {
            let known = MARKS.iter().find(|(n, _)| *n == name).map(|(_, w)| *w);
            let project =
                Path::new(&name).extension().is_some_and(|e| e == "csproj").then_some("a .csproj file");
            mark = mark.or(known).or(project);
        }
    }
    inside.sort();
    let mut any = false;
    if depth < DEPTH && out.len() < MOST {
        for folder in inside {
            any |= find(&folder, depth + 1, out);
        }
    }
    if let Some(why) = mark.filter(|_| !any) {
        out.push((folder.to_path_buf(), why));
        return true;
    }
    any
}

/// Services of one name get their folder's name before it.
fn unique(mut services: Vec<Service>) -> Vec<Service> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    services.iter().for_each(|s| *count.entry(s.name.clone()).or_default() += 1);
    for service in services.iter_mut().filter(|s| count[&s.name] > 1) {
        service.folder.replace(['/', '.'], "-").trim_matches('-').clone_into(&mut service.name);
    }
    services
}

fn read(root: &Path, folder: &Path, why: &'static str) -> Service {
    let inside = folder.strip_prefix(root).unwrap_or(folder);
    let shown = inside.to_string_lossy().replace('\\', "/");
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    // `src`, `app` and the like are parts of a service, not its name.
    let plain =
        |p: &&std::ffi::OsStr| !matches!(p.to_str(), Some("src" | "app" | "service" | "backend" | "server"));
    let name =
        whole.iter().rev().find(plain).map_or_else(|| shown.clone(), |n| n.to_string_lossy().into_owned());
    let sources = Sources::read(&name, folder);
    let uses: Vec<&TopicUse> =
        sources.topics().by_frameworks().filter(|u| !waylaid_code::configuration::is_test(&u.path)).collect();
    let of = |role: TopicRole| {
        let mut out: Vec<TopicUse> = Vec::new();
        for found in uses.iter().filter(|u| u.role == role) {
            if !out.iter().any(|o| o.topic == found.topic) {
                out.push((*found).clone());
            }
        }
        out.sort_by(|a, b| a.topic.cmp(&b.topic));
        out
    };
    let untold = sources.topics().untold.iter().filter(|u| !waylaid_code::configuration::is_test(&u.path));
    Service {
        folder: if shown.is_empty() { ".".to_owned() } else { shown },
        why,
        files: sources.index().files.len(),
        handles: of(TopicRole::Handles),
        publishes: of(TopicRole::Publishes),
        untold: untold.cloned().collect(),
        jobs: sources.jobs().to_vec(),
        unread: sources.unread(),
        tables: sources.schema().merged(),
        states: states(&sources),
        name,
    }
}

/// Enumerations and groups of constants whose name says state.
fn states(sources: &Sources) -> Vec<States> {
    let mut out = Vec::new();
    for file in sources.index().files.iter().filter(|f| !waylaid_code::configuration::is_test(&f.path)) {
        for (number, symbol) in file.outline.symbols.iter().enumerate() {
            let lower = symbol.name.to_lowercase();
            // Django's choices stand inside their model: `Claim.Status`.
            let around = symbol.parent.and_then(|p| file.outline.symbols.get(p as usize));
            let name =
                match around.filter(|_| ["status", "state", "stage", "phase"].contains(&lower.as_str())) {
                    Some(model) => format!("{}{}", model.name, symbol.name),
                    None => symbol.name.clone(),
                };
            if !["status", "state", "stage", "phase"].iter().any(|w| lower.ends_with(w)) {
                continue;
            }
            let own = file.outline.constants.iter().filter(|c| c.symbol == Some(number as u32));
            let shout = |n: &str| {
                n.len() > 2 && n.chars().all(|c| c.is_uppercase() || c == '_' || c.is_ascii_digit())
            };
            let member = |c: &waylaid_code::outline::Constant| {
                let first = match &c.value {
                    waylaid_code::outline::Value::List(pair) => pair.first().and_then(|v| v.plain()),
                    other => other.plain(),
                };
                let text = first.map(str::to_owned);
                text.or_else(|| shout(&c.name).then(|| c.name.clone()))
            };
            let members: Vec<String> = own.filter_map(member).take(24).collect();
            if members.len() > 1 {
                out.push(States { name, members, path: file.path.clone(), line: symbol.line });
            }
        }
    }
    sources.files.iter().filter(|f| f.path.ends_with(".prisma")).for_each(|f| prisma_states(f, &mut out));
    out
}

/// `enum RideState { REQUESTED … }` of Prisma's schema.
fn prisma_states(file: &SourceFile, out: &mut Vec<States>) {
    let mut open: Option<States> = None;
    for (number, line) in file.text.lines().enumerate() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if let Some(name) = line.strip_prefix("enum ").and_then(|l| l.split([' ', '{']).next()) {
            let (path, line) = (file.path.clone(), number as u32 + 1);
            open = Some(States { name: name.to_owned(), members: Vec::new(), path, line });
        } else if line == "}" {
            let lower = |s: &States| s.name.to_lowercase();
            let is_state =
                |s: &States| ["status", "state", "stage", "phase"].iter().any(|w| lower(s).ends_with(w));
            out.extend(open.take().filter(|s| is_state(s) && s.members.len() > 1));
        } else if let Some(states) = open.as_mut().filter(|s| s.members.len() < 24) {
            let own = line.split(char::is_whitespace).next().unwrap_or_default();
            let mapped = line.split("@map(\"").nth(1).and_then(|r| r.split('"').next());
            states.members.extend(
                Some(mapped.unwrap_or(own))
                    .filter(|m| !m.is_empty() && !m.starts_with('@'))
                    .map(str::to_owned),
            );
        }
    }
}

/// The text of a file of at most a megabyte that is no link: a link may lead anywhere.
fn own_file(path: &Path) -> Option<String> {
    let found = std::fs::symlink_metadata(path).ok()?;
    (found.is_file() && found.len() < 1_000_000).then(|| std::fs::read_to_string(path).ok()).flatten()
}

/// What compose files start from an image.
fn started(root: &Path) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    for name in ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"] {
        let Some(text) = own_file(&root.join(name)) else { continue };
        let configuration = Configuration::read(&[SourceFile { path: name.to_owned(), text }]);
        for (rest, setting) in configuration.below("services") {
            if let Some((service, "image")) = rest.split_once('.') {
                out.push((service.to_owned(), setting.value.clone(), format!("{name}:{}", setting.line)));
            }
        }
    }
    out
}
