//! Who we are there, and what our credentials could do beyond reading: as the server itself says it.

use crate::allowed::{Ask, Index};
use crate::client::Client;
use crate::config::Product;
use serde_json::{Value, json};
use waylaid_store::{Context, ErrorKind, Standing, StoreError};

/// What reading needs.
const READING: [&str; 2] = ["read", "view_index_metadata"];
/// What is more than reading, on indices and on the cluster.
const BEYOND: [&str; 7] =
    ["index", "delete", "create_index", "delete_index", "manage", "manage_ilm", "maintenance"];
const CLUSTER: [&str; 4] = ["manage", "manage_security", "manage_index_templates", "manage_pipeline"];
const UNTOLD: &str = "what its user may do is not told";

/// Asks. A server without security, or that may not be asked, is one that does not tell.
pub(crate) fn ask(
    client: &Client,
    index: &Index,
    (patterns, product): (&str, Product),
    context: &Context,
) -> Result<Standing, StoreError> {
    let names: Vec<&str> = patterns.split(',').map(str::trim).filter(|name| !name.starts_with('-')).collect();
    let privileges = [READING.as_slice(), BEYOND.as_slice()].concat();
    let asked = json!({
        "cluster": CLUSTER,
        "index": [{"names": names, "privileges": privileges}],
    });
    let answer = match product {
        Product::Opensearch => client.json(Ask::Who, index, None, context),
        Product::Elasticsearch => client.json(Ask::Privileges, index, Some(&asked), context),
    };
    match answer {
        Ok(answer) if product == Product::Opensearch => Ok(roles(&answer)),
        Ok(answer) => Ok(told(&answer)),
        Err(error) if error.kind == ErrorKind::Cancelled => Err(error),
        Err(_) => {
            Ok(untold("nobody in particular", "the server has no security, or may not be asked for it"))
        }
    }
}

fn untold(login: &str, why: &str) -> Standing {
    let (login, untold) = (login.to_owned(), Some(format!("{UNTOLD}: {why}")));
    Standing { login, untold, ..Standing::default() }
}

/// OpenSearch names roles, not what they allow.
fn roles(answer: &Value) -> Standing {
    let login = answer["user_name"].as_str().unwrap_or("nobody in particular");
    let roles: Vec<&str> =
        answer["roles"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut standing = untold(login, &format!("this server names roles only ({})", roles.join(", ")));
    if roles.contains(&"all_access") {
        standing.beyond.push("it has the role all_access: nothing is refused to it".to_owned());
    }
    standing
}

fn told(answer: &Value) -> Standing {
    let Some(login) = answer["username"].as_str() else {
        return untold("nobody in particular", "the answer is none");
    };
    let mut standing = Standing { login: login.to_owned(), ..Standing::default() };
    let may = |of: &Value, names: &[&str], is: bool| -> Vec<String> {
        names.iter().filter(|name| of[**name].as_bool() == Some(is)).map(|name| (*name).to_owned()).collect()
    };
    let cluster = may(&answer["cluster"], &CLUSTER, true);
    if !cluster.is_empty() {
        standing.beyond.push(format!("it may {} on the cluster", cluster.join(", ")));
    }
    for (name, of) in answer["index"].as_object().into_iter().flatten() {
        let beyond = may(of, &BEYOND, true);
        if !beyond.is_empty() {
            standing.beyond.push(format!("it may {} on {name}", beyond.join(", ")));
        }
        let lacks = may(of, &READING, false);
        if !lacks.is_empty() {
            standing.lacks.push(format!("its user may not {} on {name}", lacks.join(" nor ")));
        }
    }
    standing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_reading_is_told_and_what_is_less() {
        let answer = |read: bool, index: bool, manage: bool| {
            json!({"username": "waylaid", "has_all_requested": false, "cluster": {"manage": manage},
                "index": {"logs-*": {"read": read, "view_index_metadata": true, "index": index, "delete": false}}})
        };
        let only = told(&answer(true, false, false));
        assert_eq!(only, Standing { login: "waylaid".into(), ..Standing::default() });
        let more = told(&answer(false, true, true));
        assert_eq!(more.beyond, ["it may manage on the cluster", "it may index on logs-*"]);
        assert_eq!(more.lacks, ["its user may not read on logs-*"]);
        assert!(told(&json!({"error": 1})).untold.is_some());
        let admin = roles(&json!({"user_name": "admin", "roles": ["all_access"]}));
        assert_eq!((admin.login.as_str(), admin.beyond.len()), ("admin", 1));
    }
}
