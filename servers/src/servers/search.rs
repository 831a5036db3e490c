//! Elasticsearch and OpenSearch: one node, of four versions, started from jars by `java/SearchNode.java`. What Maven Central
//! has is the server and a few modules: no security, no API keys, and from Elasticsearch 8 on no `GET /`.

use super::jvm;
use crate::error::{Doing as _, Error};
use crate::guard::Guard;
use crate::install::{java, maven};
use crate::place::Place;
use crate::{Endpoint, Kind, Options, Server, cache, jars, ports, probe};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What makes one version differ from another.
struct Edition {
    kind: Kind,
    version: &'static str,
    pom: &'static str,
    /// The package that the classes are in.
    root: &'static str,
    /// The Java that it runs on: 17 or 25.
    java: u32,
    node: &'static str,
    /// Modules on the class path, for nodes that are told them; the others find theirs in a folder.
    plugins: &'static [&'static str],
}

static EDITIONS: [Edition; 4] = [
    Edition {
        kind: Kind::Elasticsearch9,
        version: "9.2.0",
        pom: include_str!("../../poms/elasticsearch-9.2.0.xml"),
        root: "org.elasticsearch",
        java: 25,
        node: "org.elasticsearch.node.Node",
        plugins: &[],
    },
    Edition {
        kind: Kind::Elasticsearch8,
        version: "8.15.5",
        pom: include_str!("../../poms/elasticsearch-8.15.5.xml"),
        root: "org.elasticsearch",
        java: 17,
        node: "org.elasticsearch.node.Node",
        plugins: &[],
    },
    Edition {
        kind: Kind::Elasticsearch7,
        version: "7.10.2",
        pom: include_str!("../../poms/elasticsearch-7.10.2.xml"),
        root: "org.elasticsearch",
        java: 17,
        node: "org.codelibs.elasticsearch.runner.node.ClusterRunnerNode",
        plugins: &[
            "org.elasticsearch.transport.Netty4Plugin",
            "org.elasticsearch.analysis.common.CommonAnalysisPlugin",
            "org.elasticsearch.index.mapper.MapperExtrasPlugin",
            "org.elasticsearch.index.reindex.ReindexPlugin",
            "org.elasticsearch.ingest.common.IngestCommonPlugin",
            "org.elasticsearch.join.ParentJoinPlugin",
            "org.elasticsearch.painless.PainlessPlugin",
        ],
    },
    Edition {
        kind: Kind::Opensearch3,
        version: "3.3.0",
        pom: include_str!("../../poms/opensearch-3.3.0.xml"),
        root: "org.opensearch",
        java: 25,
        node: "org.codelibs.opensearch.runner.node.OpenSearchRunnerNode",
        // Without the plugin for further analysers: it wants Thai, which this Java lacks.
        plugins: &[
            "org.opensearch.transport.Netty4ModulePlugin",
            "org.opensearch.index.mapper.MapperExtrasModulePlugin",
            "org.opensearch.index.reindex.ReindexModulePlugin",
            "org.opensearch.ingest.common.IngestCommonModulePlugin",
            "org.opensearch.join.ParentJoinModulePlugin",
            "org.opensearch.painless.PainlessModulePlugin",
        ],
    },
];

/// All that a node needs.
pub struct Installed {
    edition: &'static Edition,
    java: java::Java,
    folder: PathBuf,
    classes: PathBuf,
}

pub fn install(kind: Kind) -> Result<Installed, Error> {
    let edition = EDITIONS.iter().find(|e| e.kind == kind).unwrap_or(&EDITIONS[0]);
    let java = if edition.java == 17 { java::seventeen(kind)? } else { java::twenty_five(kind)? };
    let classes = java::compiled(kind, "SearchNode", include_str!("../../java/SearchNode.java"), None)?;
    let name = edition.kind.name();
    let folder = cache::get(name, edition.pom, |folder| {
        maven::copy(kind, folder, edition.pom)?;
        if edition.plugins.is_empty() { netty_apart(edition, folder) } else { Ok(()) }
    })?;
    Ok(Installed { edition, java, folder, classes })
}

/// Puts the module that speaks HTTP where a node looks for modules, with the description that its archive lacks.
fn netty_apart(edition: &Edition, folder: &Path) -> Result<(), Error> {
    let module = folder.join("modules/transport-netty4");
    let doing = format!("sorting the jars of {}", edition.kind);
    fs::create_dir_all(&module).doing(&doing)?;
    for jar in fs::read_dir(folder.join("libs")).doing(&doing)? {
        let jar = jar.doing(&doing)?;
        let name = jar.file_name();
        let text = name.to_string_lossy();
        if text.starts_with("netty-") || text.starts_with("transport-netty4") {
            fs::rename(jar.path(), module.join(name)).doing(&doing)?;
        }
    }
    let text = format!(
        "name=transport-netty4\ndescription=HTTP and transport\nversion={0}\nelasticsearch.version={0}\n\
         java.version=17\nclassname=org.elasticsearch.transport.netty4.Netty4Plugin\n",
        edition.version
    );
    fs::write(module.join("plugin-descriptor.properties"), text).doing(&doing)
}

pub fn start(kind: Kind, options: &Options) -> Result<Server, Error> {
    let installed = install(kind)?;
    let place = Place::new(kind, options, Some("elasticsearch"))?;
    lay_out(&installed, &place)?;
    let [http, transport] = ports::free()?;
    let mut command = place.guarded("TERM", installed.java.program("java"));
    jvm::limits(&mut command, &place, options, 512)?;
    installed.class_path(&mut command);
    command.args(["SearchNode", installed.edition.root]).arg(place.folder()).arg(installed.edition.node);
    for (name, value) in settings(&place, options, http, transport) {
        command.arg(format!("{name}={value}"));
    }
    command.args(installed.edition.plugins.iter().map(|class| format!("plugin:{class}")));
    let mut guard = Guard::start(&mut command, place.open_log()?, kind.title())?;
    let endpoint = Endpoint { scheme: Some("http"), ..Endpoint::local(http) };
    probe::wait(kind, &endpoint, &mut guard, &place)?;
    Ok(Server { kind, endpoint, guard, place })
}

impl Installed {
    /// Those that find their modules in a folder are modules of Java themselves.
    fn class_path(&self, command: &mut Command) {
        let libs = self.folder.join("libs");
        if self.edition.plugins.is_empty() {
            command.arg("-p").arg(libs).args(["--add-modules", "ALL-MODULE-PATH"]);
            command.args(["--add-opens", "java.base/java.lang=ALL-UNNAMED"]).arg("-cp").arg(&self.classes);
        } else {
            command.arg("-cp").arg(jars(&self.classes, &libs));
        }
    }
}

/// The home that a node expects: its configuration, its modules, its data.
fn lay_out(installed: &Installed, place: &Place) -> Result<(), Error> {
    for folder in ["config", "plugins", "data", "logs", "tmp"] {
        fs::create_dir_all(place.path(folder)).doing(format!("making {folder}"))?;
    }
    place.write("config/log4j2.properties", LOGGING)?;
    place.hand_over()?;
    let (modules, link) = (installed.folder.join("modules"), place.path("modules"));
    if modules.is_dir() && !link.exists() {
        std::os::unix::fs::symlink(modules, link).doing("linking the modules")?;
    }
    Ok(())
}

fn settings(place: &Place, options: &Options, http: u16, transport: u16) -> Vec<(String, String)> {
    let ours = [
        ("path.home", place.folder().display().to_string()),
        ("path.data", place.path("data").display().to_string()),
        ("path.logs", place.path("logs").display().to_string()),
        ("cluster.name", "waylaid".to_owned()),
        ("node.name", "waylaid".to_owned()),
        ("network.host", ports::HOST.to_owned()),
        ("http.port", http.to_string()),
        ("transport.port", transport.to_string()),
        ("discovery.type", "single-node".to_owned()),
        // A full disk elsewhere is no reason to refuse a test's documents.
        ("cluster.routing.allocation.disk.threshold_enabled", "false".to_owned()),
    ];
    ours.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(options.settings.clone()).collect()
}

/// What the node says goes to its output, and so into `server.log`.
const LOGGING: &str = "\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c{1.}: %m%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
";
