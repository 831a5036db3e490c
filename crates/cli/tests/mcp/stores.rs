//! A live store stays open between an agent's questions, and is opened anew when its server ended the connection.

use crate::client::Client;
use crate::common;
use serde_json::json;
use waylaid_servers::{Kind, Options, for_test};

/// What the database is asked behind the agent's back.
struct Observer {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
}

impl Observer {
    fn new(url: &str) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (client, connection) =
            runtime.block_on(tokio_postgres::connect(url, tokio_postgres::NoTls)).unwrap();
        runtime.spawn(connection);
        Self { runtime, client }
    }

    fn run(&self, sql: &str) {
        self.runtime.block_on(self.client.batch_execute(sql)).unwrap();
    }

    /// The connections of others.
    fn others(&self) -> Vec<i32> {
        let sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                   AND backend_type = 'client backend' ORDER BY pid";
        let rows = self.runtime.block_on(self.client.query(sql, &[])).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

#[test]
fn a_live_store_stays_open_between_questions() {
    let test = "a_live_store_stays_open_between_questions";
    let Some(server) = for_test(test, Kind::Postgres, &Options::default()) else { return };
    let observer = Observer::new(&server.url());
    observer.run("CREATE TABLE orders (id integer PRIMARY KEY, status text); INSERT INTO orders VALUES (1, 'ACCEPTED')");
    let toml = common::SMALL.replace(
        "kind = \"sqlite\"\npath = \"orders.sqlite\"",
        "kind = \"postgres\"\nurl = \"env:ORDERS_URL\"",
    );
    let folder = common::system(&toml);
    for part in ["logs/shop", "topics"] {
        std::fs::create_dir_all(folder.path().join(part)).unwrap();
    }
    let mut client = Client::with(folder.path(), &[("ORDERS_URL", &server.url())]);
    assert!(observer.others().is_empty(), "nothing is opened before it is asked");
    let select = json!({"sql": "SELECT * FROM orders"});
    assert!(client.tool("query", &select).unwrap().contains("| 1|ACCEPTED\n"));
    let first = observer.others();
    assert_eq!(first.len(), 1, "one connection stays");
    for _ in 0..3 {
        client.tool("query", &select).unwrap();
        client.tool("query", &json!({"store": "orders"})).unwrap();
    }
    assert!(client.tool("query", &json!({"sql": "SELECT * FROM ordrs"})).is_err());
    client.tool("query", &select).unwrap();
    assert_eq!(observer.others(), first, "it is still the same");
    observer.run(&format!("SELECT pg_terminate_backend({})", first[0]));
    assert!(client.tool("query", &select).unwrap().contains("| 1|ACCEPTED\n"), "it is opened anew");
    assert!(observer.others().len() == 1 && observer.others() != first);
    // Every call may be the last one: what the server holds open goes with it.
    assert_eq!(client.close(), Some(0));
    let gone = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        observer.others().is_empty()
    });
    assert!(gone, "{:?}", observer.others());
}
