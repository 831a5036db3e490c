//! Who we are there, and what this user could do beyond reading: what an administrator should take away.

use crate::client::{AskOnce, Asking};
use mongodb::bson::{Bson, Document};
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};
use waylaid_store::{Standing, StoreError};

/// What only lets one look.
const READING: [&str; 22] = [
    "changeStream",
    "collStats",
    "connPoolStats",
    "dbHash",
    "dbStats",
    "find",
    "getCmdLineOpts",
    "getLog",
    "getParameter",
    "getShardMap",
    "hostInfo",
    "indexStats",
    "killCursors",
    "listCollections",
    "listDatabases",
    "listIndexes",
    "listSearchIndexes",
    "listShards",
    "netstat",
    "planCacheRead",
    "serverStatus",
    "top",
];
/// Actions named one by one.
const NAMED: usize = 6;

pub(crate) async fn ask(asking: &Asking<'_>) -> Result<Standing, StoreError> {
    let version = asking.once(AskOnce::Version).await?;
    let before = now();
    let hello = asking.once(AskOnce::Hello).await?;
    let ours = i64::midpoint(before, now());
    let mut told = Standing {
        product: format!("MongoDB {}", version.get_str("version").unwrap_or_default()),
        login: "nobody in particular".to_owned(),
        is_replica: hello.get_bool("secondary").unwrap_or(false),
        ahead_ms: hello.get_datetime("localTime").map_or(0, |time| time.timestamp_millis() - ours),
        ..Standing::default()
    };
    match asking.once(AskOnce::Who).await {
        Ok(who) => tell(&who, asking.database(), &mut told),
        Err(error) => told.untold = Some(format!("what its user may do is not told: {error}")),
    }
    Ok(told)
}

fn tell(who: &Document, database: &str, told: &mut Standing) {
    let Ok(who) = who.get_document("authInfo") else {
        told.untold = Some("what its user may do is not told".to_owned());
        return;
    };
    let users = who.get_array("authenticatedUsers").map(Vec::as_slice).unwrap_or_default();
    let Some(user) = users.first().and_then(Bson::as_document) else {
        told.untold = Some(
            "nobody is logged in: where the server asks for no login, everybody may do everything".to_owned(),
        );
        return;
    };
    user.get_str("user").unwrap_or_default().clone_into(&mut told.login);
    let privileges = who.get_array("authenticatedUserPrivileges").map(Vec::as_slice).unwrap_or_default();
    let mut reads = false;
    for privilege in privileges.iter().filter_map(Bson::as_document) {
        let actions: BTreeSet<&str> =
            privilege.get_array("actions").into_iter().flatten().filter_map(Bson::as_str).collect();
        let resource = privilege.get_document("resource").cloned().unwrap_or_default();
        let is_ours = resource.get_str("db").is_ok_and(|db| db.is_empty() || db == database);
        reads |= actions.contains("find") && (is_ours || resource.get_bool("anyResource").unwrap_or(false));
        let more: Vec<&str> = actions.iter().copied().filter(|action| !READING.contains(action)).collect();
        if !more.is_empty() {
            let rest = more.len().saturating_sub(NAMED);
            let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            let named: Vec<&str> = more.into_iter().take(NAMED).collect();
            told.beyond.push(format!("it may {}{rest} on {}", named.join(", "), place(&resource)));
        }
    }
    if !reads {
        told.lacks.push(format!("its user may not find in {database}"));
    }
}

fn place(resource: &Document) -> String {
    if resource.get_bool("anyResource").unwrap_or(false) {
        return "everything".to_owned();
    }
    if resource.get_bool("cluster").unwrap_or(false) {
        return "the cluster".to_owned();
    }
    let part =
        |name: &str| resource.get_str(name).ok().filter(|text| !text.is_empty()).unwrap_or("*").to_owned();
    format!("{}.{}", part("db"), part("collection"))
}

/// Milliseconds by our own clock: what is asked is how far the server's is from it.
#[expect(clippy::disallowed_methods, reason = "the difference of two clocks is the answer")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::doc;

    #[test]
    fn what_is_more_than_reading_is_told() {
        let who = |privileges: Vec<Document>| {
            doc! {"authInfo": {"authenticatedUsers": [{"user": "waylaid", "db": "admin"}], "authenticatedUserPrivileges": privileges}}
        };
        let told = |who: &Document| {
            let mut told = Standing::default();
            tell(who, "shop", &mut told);
            told
        };
        let read = doc! {"resource": {"db": "shop", "collection": ""}, "actions": ["find", "listCollections", "killCursors"]};
        let only = told(&who(vec![read.clone()]));
        assert_eq!((only.login.as_str(), only.beyond.len(), only.lacks.len()), ("waylaid", 0, 0));
        let write = doc! {"resource": {"db": "shop", "collection": "orders"}, "actions": ["find", "insert", "update"]};
        assert_eq!(told(&who(vec![read, write])).beyond, ["it may insert, update on shop.orders"]);
        let elsewhere = doc! {"resource": {"cluster": true}, "actions": ["shutdown"]};
        let elsewhere = told(&who(vec![elsewhere]));
        assert_eq!(
            (elsewhere.beyond.as_slice(), elsewhere.lacks.len()),
            (["it may shutdown on the cluster".to_owned()].as_slice(), 1)
        );
        assert!(told(&doc! {}).untold.is_some());
        assert!(told(&doc! {"authInfo": {"authenticatedUsers": []}}).untold.is_some());
    }
}
