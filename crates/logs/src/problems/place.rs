//! Which service and which instance an event names itself, for logs whose files do not tell.

use waylaid_model::{LogEvent, scalar_text};

/// Fields that name a service, the surest first.
const SERVICES: [&str; 18] = [
    "service.name",
    "resource.service.name",
    "service",
    "serviceName",
    "service_name",
    "application",
    "app",
    "appName",
    "app_name",
    "Application",
    "kubernetes.labels.app",
    "kubernetes.container.name",
    "kubernetes.container_name",
    "k8s.container.name",
    "k8s.deployment.name",
    "process.name",
    "SYSLOG_IDENTIFIER",
    "program",
];

/// Fields that name an instance.
const INSTANCES: [&str; 18] = [
    "service.instance.id",
    "service.node.name",
    "instance",
    "instance_id",
    "instanceId",
    "pod",
    "pod_name",
    "kubernetes.pod.name",
    "kubernetes.pod_name",
    "k8s.pod.name",
    "container.name",
    "host.name",
    "hostname",
    "HOSTNAME",
    "_HOSTNAME",
    "MachineName",
    "host.hostname",
    "host",
];

fn first(event: &LogEvent, names: &[&str]) -> Option<String> {
    let sound = |v: &String| !v.is_empty() && v.len() <= 120;
    names.iter().find_map(|name| event.field(name).and_then(scalar_text).filter(sound))
}

/// The service that an event names.
pub fn service_of(event: &LogEvent) -> Option<String> {
    first(event, &SERVICES).or_else(|| {
        // `pick-1  | …` of docker compose: the container without its number.
        let name = first(event, &["container.name"])?;
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        Some(stem.strip_suffix(['-', '_']).filter(|s| !s.is_empty()).unwrap_or(&name).to_owned())
    })
}

/// The instance that an event names.
pub fn instance_of(event: &LogEvent) -> Option<String> {
    first(event, &INSTANCES)
}
