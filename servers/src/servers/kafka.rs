//! Kafka: broker and controller in one process, one node, no replicas.

use super::jvm;
use crate::error::Error;
use crate::guard::Guard;
use crate::install::{java, maven};
use crate::place::Place;
use crate::{Endpoint, Kind, Options, Server, cache, ports, probe, secret};
use std::path::PathBuf;

const KIND: Kind = Kind::Kafka;
const POM: &str = include_str!("../../poms/kafka-4.2.0.xml");

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
    let settings = place.write("server.properties", &settings(&place, options, port, controller))?;
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
        place.run(format, "formatting the data folder")?;
    }
    let mut command = place.guarded("TERM", java.program("java"));
    jvm::limits(&mut command, &place, options, 384)?;
    command.args(arguments("kafka.Kafka")).arg(&settings);
    let mut guard = Guard::start(&mut command, place.open_log()?, KIND.title())?;
    let endpoint = Endpoint::local(port);
    probe::wait(KIND, &endpoint, &mut guard, &place)?;
    Ok(Server { kind: KIND, endpoint, guard, place })
}

/// A random identity: 16 bytes in base64, whose last letter holds only two bits.
fn cluster_id() -> Result<String, Error> {
    Ok(secret::random(21)? + "A")
}

fn settings(place: &Place, options: &Options, port: u16, controller: u16) -> String {
    let host = ports::HOST;
    let data = place.path("data");
    let mut text = format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
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
