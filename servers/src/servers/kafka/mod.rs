//! Kafka: broker and controller in one process, one node, no replicas; with protected listeners where they are wanted.

mod admin;
mod load;
mod security;

pub use admin::ask;
pub use load::load;

use super::jvm;
use crate::error::Error;
use crate::guard::Guard;
use crate::install::{java, maven};
use crate::place::Place;
use crate::{Endpoint, Kind, Options, Server, cache, ports, probe, secret};
use security::Security;
use std::path::PathBuf;

const KIND: Kind = Kind::Kafka;
const POM: &str = include_str!("../../../poms/kafka-4.2.0.xml");

/// The jars and a Java for them.
pub fn install() -> Result<(PathBuf, java::Java), Error> {
    let java = java::seventeen(KIND)?;
    let folder = cache::get(KIND.name(), POM, |folder| maven::copy(KIND, folder, POM))?;
    Ok((folder.join("libs"), java))
}

pub fn start(options: &Options) -> Result<Server, Error> {
    let (libs, java) = install()?;
    let place = Place::new(KIND, options, None)?;
    let [port, controller] = ports::free()?;
    let security = if options.secure { Some(Security::new(&place)?) } else { None };
    let text = settings(&place, options, security.as_ref(), port, controller);
    let settings = place.write_secret("server.properties", &text)?;
    let class_path = libs.join("*");
    let arguments = |class: &'static str| {
        [
            "-Dorg.slf4j.simpleLogger.showDateTime=true".into(),
            "-cp".into(),
            class_path.clone().into_os_string(),
            class.into(),
        ]
    };
    if !place.path("data/meta.properties").exists() {
        let mut format = place.command(java.program("java"));
        format.arg("-XX:TieredStopAtLevel=1").args(arguments("kafka.tools.StorageTool")).arg("format");
        format.arg("-t").arg(cluster_id()?).arg("-c").arg(&settings);
        format.args(security.iter().flat_map(Security::scram));
        place.run(format, "formatting the data folder")?;
    }
    let mut command = place.guarded("TERM", java.program("java"));
    jvm::limits(&mut command, &place, options, 384)?;
    command.args(arguments("kafka.Kafka")).arg(&settings);
    let mut guard = Guard::start(&mut command, place.open_log()?, KIND.title())?;
    let mut endpoint = Endpoint::local(port);
    if let Some(security) = security {
        endpoint.user = Some(security::USER.to_owned());
        endpoint.password = Some(security.password);
        endpoint.listeners = security.listeners;
    }
    probe::wait(KIND, &endpoint, &mut guard, &place)?;
    Ok(Server { kind: KIND, endpoint, guard, place })
}

/// A random identity: 16 bytes in base64, whose last letter holds only two bits.
fn cluster_id() -> Result<String, Error> {
    Ok(secret::random(21)? + "A")
}

fn settings(
    place: &Place,
    options: &Options,
    security: Option<&Security>,
    port: u16,
    controller: u16,
) -> String {
    let host = ports::HOST;
    let data = place.path("data");
    let open = format!("PLAINTEXT://{host}:{port}");
    let protocols = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT";
    let more = security.map(Security::listeners).unwrap_or_default();
    let listeners = security.map_or_else(
        || format!("advertised.listeners={open}\nlistener.security.protocol.map={protocols}\n"),
        |security| security.settings(&open, protocols),
    );
    let mut text = format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners={open},CONTROLLER://{host}:{controller}{more}
{listeners}controller.listener.names=CONTROLLER
log.dirs={}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
",
        data.display()
    );
    for (name, value) in &options.settings {
        text.push_str(&format!("{name}={value}\n"));
    }
    text
}
