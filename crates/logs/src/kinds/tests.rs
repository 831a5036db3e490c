use super::*;
use crate::exceptions::parse_exception;
use serde_json::json;

fn of(text: &str) -> Option<Kind> {
    let exception = parse_exception(text);
    classify(exception.as_ref(), text, &[])
}

#[test]
fn codes_and_types() {
    for (text, kind) in [
        ("ERROR: duplicate key value violates unique constraint \"a\"", Kind::DuplicateKey),
        ("SQL Error: 1062, SQLState: 23000", Kind::DuplicateKey),
        ("ORA-00001: unique constraint (A.B) violated", Kind::DuplicateKey),
        ("E11000 duplicate key error collection: a.b", Kind::DuplicateKey),
        ("SQLSTATE 23505", Kind::DuplicateKey),
        ("FEHLER: doppelter Schlüsselwert verletzt Unique-Constraint »a«", Kind::DuplicateKey),
        (
            "ERROR: could not create unique index \"a\" Detail: Key (id)=(7) is duplicated.",
            Kind::DuplicateKey,
        ),
        ("MongoServerError: E11000 duplicate key error", Kind::DuplicateKey),
        ("null value in column \"a\" violates not-null constraint", Kind::ConstraintViolation),
        ("SQL Error: 1452, SQLState: 23000", Kind::ConstraintViolation),
        (
            "org.springframework.dao.DataIntegrityViolationException: could not execute statement",
            Kind::ConstraintViolation,
        ),
        ("ERROR: deadlock detected", Kind::LockContention),
        ("SQLITE_BUSY: database is locked", Kind::LockContention),
        ("org.springframework.dao.CannotAcquireLockException: x", Kind::LockContention),
        (
            "HikariPool-1 - Connection is not available, request timed out after 30000ms.",
            Kind::ResourceExhausted,
        ),
        ("java.lang.OutOfMemoryError: Java heap space", Kind::ResourceExhausted),
        ("write /data/x: no space left on device", Kind::ResourceExhausted),
        ("BufferError: Local: Queue full", Kind::ResourceExhausted),
        (
            "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
            Kind::DeserializationError,
        ),
        ("SyntaxError: Unexpected token < in JSON at position 0", Kind::DeserializationError),
        ("System.Text.Json.JsonException: '<' is an invalid start of a value.", Kind::DeserializationError),
        (
            "com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException: Unrecognized field \"a\"",
            Kind::SchemaMismatch,
        ),
        ("java.net.ConnectException: Connection refused", Kind::DependencyError),
        ("Error: connect ECONNREFUSED 10.0.0.1:80", Kind::DependencyError),
        ("rpc error: code = Unavailable desc = x", Kind::DependencyError),
        (
            "org.springframework.web.client.HttpServerErrorException$InternalServerError: 500 Internal Server Error",
            Kind::DependencyError,
        ),
        ("Request failed with status code 503", Kind::DependencyError),
        (
            "org.springframework.web.client.HttpClientErrorException$Unauthorized: 401 Unauthorized",
            Kind::ConfigError,
        ),
        ("java.net.UnknownHostException: stock-service", Kind::ConfigError),
        ("Could not resolve placeholder 'a.b' in value", Kind::ConfigError),
        ("java.util.NoSuchElementException: No value present", Kind::DataMissing),
        ("KeyError: 'sku'", Kind::HandlerException),
        ("sql: no rows in result set", Kind::DataMissing),
        ("com.acme.ProductNotFoundException: product 12", Kind::DataMissing),
        ("org.hibernate.StaleObjectStateException: Row was updated", Kind::LockContention),
        ("Attempted to update a stale object: Invoice.", Kind::LockContention),
        (
            "Row was updated or deleted by another transaction (or unsaved-value mapping was incorrect)",
            Kind::LockContention,
        ),
        ("com.acme.OrderException: strange", Kind::HandlerException),
        ("TypeError: Cannot read properties of undefined (reading 'id')", Kind::HandlerException),
        ("java.lang.NullPointerException", Kind::HandlerException),
        ("panic: runtime error: index out of range [3] with length 2", Kind::HandlerException),
    ] {
        assert_eq!(of(text), Some(kind), "{text}");
    }
}

#[test]
fn words() {
    for (text, kind) in [
        ("order 12: status change arrived before the order", Some(Kind::OutOfOrder)),
        ("invalid transition from PICKED to NEW", Some(Kind::OutOfOrder)),
        ("Order 12 does not exist yet", Some(Kind::OutOfOrder)),
        ("unknown product AB-12", Some(Kind::DataMissing)),
        ("no price found for sku 12", Some(Kind::DataMissing)),
        ("unsupported schema version 3", Some(Kind::SchemaMismatch)),
        ("failed to parse payload", Some(Kind::DeserializationError)),
        ("call to stock timed out", Some(Kind::DependencyError)),
        ("circuit breaker 'stock' is open", Some(Kind::DependencyError)),
        ("picking failed for order 12", Some(Kind::HandlerException)),
        ("order 12 picked", None),
        ("finished with 0 errors", None),
        ("", None),
    ] {
        assert_eq!(of(text), kind, "{text}");
    }
}

#[test]
fn the_innermost_cause_wins_over_the_headline() {
    let text = "com.acme.OrderParsingException: Order parsing failed\n\tat a.B.c(B.java:1)\nCaused by: org.springframework.dao.DataIntegrityViolationException: could not execute statement\n\tat a.B.c(B.java:1)\nCaused by: org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint \"a\"\n\tat a.B.c(B.java:1)\n";
    let exception = parse_exception(text);
    assert_eq!(classify(exception.as_ref(), "Order parsing failed", &[]), Some(Kind::DuplicateKey));
}

#[test]
fn fields_carry_codes() {
    let fields = [("err.code".to_owned(), json!("23505"))];
    assert_eq!(classify(None, "insert failed", &fields), Some(Kind::DuplicateKey));
    let fields = [("error.code".to_owned(), json!("ECONNREFUSED"))];
    assert_eq!(classify(None, "insert failed", &fields), Some(Kind::DependencyError));
}

#[test]
fn what_the_other_side_does_not_have_is_missing_data() {
    for (text, kind) in [
        (
            r#"org.springframework.web.client.HttpClientErrorException$NotFound: 404 Not Found: "{"detail":"no article 77"}""#,
            Kind::DataMissing,
        ),
        ("AxiosError: Request failed with status code 404", Kind::DataMissing),
        (
            "requests.exceptions.HTTPError: 404 Client Error: Not Found for url: http://prices/v1/prices/77",
            Kind::DataMissing,
        ),
        ("GET /v1/prices/77 returned 410", Kind::DataMissing),
        ("tsa answered 502", Kind::DependencyError),
        ("POST /v2/prices returned 404: 404 page not found", Kind::DependencyError),
        (r#"Request failed with status code 404 {"detail":"Not Found"}"#, Kind::DependencyError),
        ("Request failed with status code 422", Kind::DependencyError),
    ] {
        assert_eq!(of(text), Some(kind), "{text}");
    }
}

#[test]
fn a_thing_of_the_business_that_is_missing_is_missing_data() {
    for text in [
        "com.acme.UnknownTariffException: tariff X",
        "acme.billing.NoSuchCarrierError: DHX",
        "MissingPriceException: for item",
        "Attempt 2 failed: No priority for customer tier PLATINUM in priorities",
        "NoCartonError: no carton for zone 'C'",
        "fee: country XK not in price list",
        "cannot bill: no tariff for 4711",
    ] {
        assert_eq!(of(text), Some(Kind::DataMissing), "{text}");
    }
    for text in [
        "java.lang.NoSuchMethodError: foo",
        "com.acme.UnknownErrorException: x",
        "failed: no handler for message type PAYMENT_SETTLED",
        "failed: no response for request 4711",
        "unexpected: no more records for partition 3",
        "java.lang.IllegalArgumentException: Missing parameter 'id'",
        "java.lang.IllegalArgumentException: character 0x92 not in Latin set at position 9",
    ] {
        assert_ne!(of(text), Some(Kind::DataMissing), "{text}");
    }
}

#[test]
fn a_consumer_that_is_put_out_of_its_group_consumes_nothing() {
    for text in [
        "KafkaJSProtocolError: The group is rebalancing, so a rejoin is needed",
        "org.apache.kafka.clients.consumer.CommitFailedException: Offset commit cannot be completed since the consumer is not part of an active group",
        "%4|1764|MAXPOLL|rdkafka#consumer-1| Application maximum poll interval (300000ms) exceeded by 412ms",
        "failed to commit: UNKNOWN_MEMBER_ID: The member is not in the group.",
        "KafkaError{code=ILLEGAL_GENERATION,val=22,str=\"Commit failed: Broker: Specified group generation id is not valid\"}",
    ] {
        assert_eq!(of(text), Some(Kind::NotConsumed), "{text}");
    }
}

#[test]
fn a_status_with_which_another_service_refused_is_told_by_its_field() {
    let of_status = |name: &str, status: i64| {
        classify(None, "acquirer declined to process", &[(name.into(), serde_json::json!(status))])
    };
    for (name, status) in [("status", 429), ("http.response.status_code", 503), ("statusCode", 401)] {
        assert_eq!(of_status(name, status), Some(Kind::DependencyError), "{name} {status}");
    }
    for (name, status) in [("status", 200), ("status", 30), ("orderStatus", 429), ("status", 404)] {
        assert_ne!(of_status(name, status), Some(Kind::DependencyError), "{name} {status}");
    }
}

#[test]
fn a_pool_without_a_connection_left_is_used_up() {
    for text in [
        "could not obtain a connection from the pool within 5.000 seconds (waited 5.002 seconds)",
        "Unable to acquire JDBC Connection from pool",
        "ResourceRequest timed out",
    ] {
        assert_eq!(of(text), Some(Kind::ResourceExhausted), "{text}");
    }
}
