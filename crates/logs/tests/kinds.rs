//! Families of failures: texts as servers, drivers and clients write them, with identifiers of our own, and the kind that
//! each denotes; and texts that come close and denote none.

use waylaid_logs::{classify, parse_exception};
use waylaid_model::Kind;

fn kind_of(text: &str) -> Option<Kind> {
    classify(parse_exception(text).as_ref(), text, &[])
}

fn check(kind: Option<Kind>, texts: &[&str]) {
    let wrong: Vec<String> = texts
        .iter()
        .filter(|text| kind_of(text) != kind)
        .map(|text| format!("{:?}: {text}", kind_of(text)))
        .collect();
    assert!(wrong.is_empty(), "not {kind:?}, but\n{}", wrong.join("\n"));
}

#[test]
fn payloads_that_cannot_be_read() {
    check(
        Some(Kind::DeserializationError),
        &[
            // Jackson, Gson, Moshi, kotlinx.serialization.
            "com.fasterxml.jackson.databind.exc.InvalidFormatException: Cannot deserialize value of type `java.time.Instant` from String \"22.11.2026\": Failed to deserialize java.time.Instant",
            "com.fasterxml.jackson.core.JsonParseException: Unexpected character ('<' (code 60)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            "org.springframework.http.converter.HttpMessageNotReadableException: JSON parse error: Cannot deserialize value of type `int` from String \"3x\"",
            "com.fasterxml.jackson.databind.exc.MismatchedInputException: No content to map due to end-of-input\n at [Source: (String)\"\"; line: 1, column: 0]",
            "com.fasterxml.jackson.databind.exc.InvalidDefinitionException: Cannot construct instance of `shop.Money` (no Creators, like default constructor, exist)",
            "com.google.gson.JsonSyntaxException: java.lang.IllegalStateException: Expected BEGIN_OBJECT but was STRING at line 1 column 1 path $",
            "com.squareup.moshi.JsonDataException: Expected an int but was STRING at path $.qty",
            "com.squareup.moshi.JsonEncodingException: Use JsonReader.setLenient(true) to accept malformed JSON at path $",
            "kotlinx.serialization.json.internal.JsonDecodingException: Unexpected JSON token at offset 7: Expected quotation mark '\"', but had '3' instead",
            // .NET.
            "System.Text.Json.JsonException: The JSON value could not be converted to System.Int32. Path: $.lines[0].qty | LineNumber: 0 | BytePositionInLine: 20.",
            "System.Text.Json.JsonException: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true. Path: $",
            "Newtonsoft.Json.JsonReaderException: Could not convert string to integer: 3x. Path 'qty', line 1, position 20.",
            "Newtonsoft.Json.JsonSerializationException: Error converting value \"KIOSK\" to type 'Shop.Channel'. Path 'channel', line 1, position 30.",
            "System.Xml.XmlException: Data at the root level is invalid. Line 1, position 1.",
            "Confluent.Kafka.ConsumeException: Local: Value deserialization error",
            // Avro, Protobuf, Kafka, MessagePack.
            "org.apache.avro.AvroRuntimeException: Malformed data. Length is negative: -2",
            "com.google.protobuf.InvalidProtocolBufferException: Protocol message contained an invalid tag (zero).",
            "com.google.protobuf.InvalidProtocolBufferException: While parsing a protocol message, the input ended unexpectedly in the middle of a field.",
            "google.protobuf.message.DecodeError: Error parsing message with type 'shop.Order'",
            "proto: cannot parse invalid wire-format data",
            "failed to decode Protobuf message: Order.qty: invalid wire type: LengthDelimited (expected Varint)",
            "org.apache.kafka.common.errors.RecordDeserializationException: Error deserializing key/value for partition picks-3 at offset 1042. If needed, please seek past the record to continue consumption.",
            "org.apache.kafka.common.errors.RecordDeserializationException: Error deserializing VALUE for partition picks-3 at offset 1042. If needed, please seek past the record to continue consumption.",
            "org.apache.kafka.common.errors.SerializationException: Error deserializing Avro message for id 17",
            "org.apache.kafka.common.errors.SerializationException: Unknown magic byte!",
            "org.apache.kafka.common.errors.SerializationException: Size of data received by IntegerDeserializer is not 4",
            "KafkaError{code=_VALUE_DESERIALIZATION,val=-159,str=\"'utf-8' codec can't decode byte 0xe4 in position 7: invalid continuation byte\"}",
            "msgpack.exceptions.ExtraData: unpack(b) received extra data.",
            // Python, Rust, Go.
            "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
            "pydantic.error_wrappers.ValidationError: 1 validation error for Order\nqty\n  value is not a valid integer (type=type_error.integer)",
            "pydantic_core._pydantic_core.ValidationError: 1 validation error for Order\nqty\n  Input should be a valid integer, unable to parse string as an integer [type=int_parsing, input_value='3x', input_type=str]",
            "jsonschema.exceptions.ValidationError: '3x' is not of type 'integer'",
            "xml.etree.ElementTree.ParseError: syntax error: line 1, column 0",
            "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe4 in position 7: invalid continuation byte",
            "Error: invalid type: string \"3x\", expected u32 at line 1 column 12",
            "expected value at line 1 column 1",
            "EOF while parsing an object at line 1 column 7",
            "json: cannot unmarshal string into Go struct field Order.qty of type int",
            "invalid character '<' looking for beginning of value",
            "decode order: unexpected end of JSON input",
            "XML syntax error on line 1: unexpected EOF",
            // JavaScript, Ruby, PHP, XML on the JVM.
            "SyntaxError: Unexpected token '<', \"<html>\" is not valid JSON",
            "SyntaxError: Expected ',' or '}' after property value in JSON at position 6",
            "ZodError: [ { \"code\": \"invalid_type\", \"expected\": \"number\", \"received\": \"string\", \"path\": [ \"qty\" ], \"message\": \"Expected number, received string\" } ]",
            "An instance of OrderMessage has failed the validation: - property qty has failed the following constraints: isInt",
            "ValidationError: \"qty\" must be a number",
            "JSON::ParserError (unexpected token at '<html>')",
            "org.xml.sax.SAXParseException; lineNumber: 1; columnNumber: 1; Content is not allowed in prolog.",
            "java.nio.charset.MalformedInputException: Input length = 1",
        ],
    );
}

#[test]
fn payloads_of_another_schema() {
    check(
        Some(Kind::SchemaMismatch),
        &[
            "com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException: Unrecognized field \"channel\" (class shop.Order), not marked as ignorable (3 known properties: \"id\", \"qty\", \"sku\"])",
            "com.fasterxml.jackson.databind.exc.MismatchedInputException: Missing required creator property 'channel' (index 2)",
            "System.Text.Json.JsonException: JSON deserialization for type 'Shop.Order' was missing required properties including: 'channel'.",
            "Newtonsoft.Json.JsonSerializationException: Required property 'channel' not found in JSON. Path '', line 1, position 30.",
            "org.apache.avro.AvroTypeException: Found shop.Order, expecting shop.Order, missing required field channel",
            "com.squareup.moshi.JsonDataException: Required value 'channel' missing at $",
            "kotlinx.serialization.MissingFieldException: Field 'channel' is required for type with serial name 'shop.Order', but it was missing",
            "kotlinx.serialization.json.internal.JsonDecodingException: Encountered an unknown key 'channel' at path: $",
            "pydantic.error_wrappers.ValidationError: 1 validation error for Order\nchannel\n  field required (type=value_error.missing)",
            "pydantic_core._pydantic_core.ValidationError: 1 validation error for Order\nchannel\n  Field required [type=missing, input_value={'id': 7}, input_type=dict]",
            "missing field `channel` at line 1 column 30",
            "unknown variant `KIOSK`, expected `WEB` or `SHOP` at line 1 column 40",
            "json: unknown field \"channel\"",
            "data must have required property 'channel'",
            "io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException: Schema being registered is incompatible with an earlier schema for subject \"picks-value\"; error code: 409",
            "java.io.InvalidClassException: shop.Order; local class incompatible: stream classdesc serialVersionUID = 1, local class serialVersionUID = 2",
        ],
    );
}

#[test]
fn other_services_that_fail() {
    check(
        Some(Kind::DependencyError),
        &[
            // The JVM.
            "org.springframework.web.client.HttpServerErrorException$ServiceUnavailable: 503 Service Unavailable on GET request for \"http://stock:8080/v1/stock/77\": [no body]",
            "org.springframework.web.client.ResourceAccessException: I/O error on GET request for \"http://stock:8080/v1/stock/77\": Connection refused",
            "org.springframework.web.reactive.function.client.WebClientResponseException$BadGateway: 502 Bad Gateway from GET http://stock:8080/v1/stock/77",
            "org.springframework.web.reactive.function.client.WebClientRequestException: Connection refused: stock/10.0.0.7:8080",
            "reactor.netty.http.client.PrematureCloseException: Connection prematurely closed BEFORE response",
            "io.netty.handler.timeout.ReadTimeoutException",
            "feign.FeignException$ServiceUnavailable: [503 Service Unavailable] during [GET] to [http://stock/v1/stock/77] [StockClient#get(String)]: [..]",
            "feign.RetryableException: Read timed out executing GET http://stock/v1/stock/77",
            "java.net.SocketTimeoutException: timeout",
            "java.io.IOException: unexpected end of stream on http://stock:8080/...",
            "org.apache.http.NoHttpResponseException: stock:8080 failed to respond",
            "org.apache.hc.client5.http.HttpHostConnectException: Connect to http://stock:8080 [stock/10.0.0.7] failed: Connection refused",
            "java.util.concurrent.TimeoutException: null",
            "io.grpc.StatusRuntimeException: DEADLINE_EXCEEDED: deadline exceeded after 4.99s",
            "io.github.resilience4j.circuitbreaker.CallNotPermittedException: CircuitBreaker 'stock' is OPEN and does not permit further calls",
            "io.github.resilience4j.ratelimiter.RequestNotPermitted: RateLimiter 'stock' does not permit further calls",
            // .NET.
            "System.Net.Http.HttpRequestException: Response status code does not indicate success: 503 (Service Unavailable).",
            "System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.",
            "System.Net.Http.HttpIOException: The response ended prematurely. (ResponseEnded)",
            "Polly.Timeout.TimeoutRejectedException: The operation didn't complete within the allowed timeout of '00:00:10'.",
            "Polly.CircuitBreaker.BrokenCircuitException: The circuit is now open and is not allowing calls.",
            "Refit.ApiException: Response status code does not indicate success: 500 (Internal Server Error).",
            "Grpc.Core.RpcException: Status(StatusCode=\"Unavailable\", Detail=\"failed to connect to all addresses\")",
            "Microsoft.Data.SqlClient.SqlException (0x80131904): Execution Timeout Expired.  The timeout period elapsed prior to completion of the operation or the server is not responding.",
            // Python.
            "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: http://stock:8080/v1/stock/77",
            "requests.exceptions.ConnectionError: HTTPConnectionPool(host='stock', port=8080): Max retries exceeded with url: /v1/stock/77 (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused'))",
            "requests.exceptions.ReadTimeout: HTTPConnectionPool(host='stock', port=8080): Read timed out. (read timeout=5)",
            "requests.exceptions.ConnectTimeout: HTTPConnectionPool(host='stock', port=8080): Max retries exceeded with url: /v1 (Caused by ConnectTimeoutError(<urllib3.connection.HTTPConnection object at 0x7f>, 'Connection to stock timed out. (connect timeout=3)'))",
            "httpx.HTTPStatusError: Server error '503 Service Unavailable' for url 'http://stock:8080/v1/stock/77'",
            "httpx.ConnectError: All connection attempts failed",
            "httpx.RemoteProtocolError: Server disconnected without sending a response.",
            "aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host stock:8080 ssl:default [Connect call failed ('10.0.0.7', 8080)]",
            "aiohttp.client_exceptions.ServerDisconnectedError: Server disconnected",
            "aiohttp.client_exceptions.ClientResponseError: 503, message='Service Unavailable', url='http://stock:8080/v1'",
            "TimeoutError: no answer of stock",
            "psycopg.OperationalError: connection to server at \"db\" (10.0.0.7), port 5432 failed: Connection refused",
            "psycopg2.OperationalError: server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally",
            "pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query')",
            "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.",
            // JavaScript.
            "AxiosError: timeout of 5000ms exceeded",
            "AxiosError: Request failed with status code 503",
            "HTTPError: Response code 503 (Service Unavailable)",
            "TimeoutError: Timeout awaiting 'request' for 5000ms",
            "FetchError: request to http://stock:8080/v1 failed, reason: connect ECONNREFUSED 10.0.0.7:8080",
            "TypeError: fetch failed",
            "HeadersTimeoutError: Headers Timeout Error",
            "SocketError: other side closed",
            "ConnectTimeoutError: Connect Timeout Error (attempted address: stock:8080, timeout: 10000ms)",
            "MongoNetworkError: connection 7 to 10.0.0.7:27017 closed",
            "MongoServerSelectionError: connect ECONNREFUSED 10.0.0.7:27017",
            // Go.
            "Get \"http://stock:8080/v1/stock/77\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
            "dial tcp 10.0.0.7:8080: i/o timeout",
            "Post \"https://stock/v1\": net/http: TLS handshake timeout",
            "Post \"http://stock:8080/v1\": EOF",
            "read tcp 10.0.0.1:41234->10.0.0.7:8080: read: connection reset by peer",
            "http: server closed idle connection",
            "stock: unexpected status 503",
            "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
            "rpc error: code = Internal desc = stock broke",
            // Rust, PHP, Ruby.
            "error sending request for url (http://stock:8080/v1): error trying to connect: tcp connect error: Connection refused (os error 111)",
            "error sending request for url (http://stock:8080/v1): operation timed out",
            "HTTP status server error (503 Service Unavailable) for url (http://stock:8080/v1)",
            "GuzzleHttp\\Exception\\ServerException: Server error: `GET http://stock/v1/stock/77` resulted in a `503 Service Unavailable` response:",
            "GuzzleHttp\\Exception\\ConnectException: cURL error 28: Operation timed out after 5001 milliseconds with 0 bytes received",
            "GuzzleHttp\\Exception\\ConnectException: cURL error 7: Failed to connect to stock port 8080 after 0 ms: Couldn't connect to server",
            "Faraday::ServerError (the server responded with status 503)",
            "Faraday::ConnectionFailed (Failed to open TCP connection to stock:8080 (Connection refused - connect(2) for \"stock\" port 8080))",
            "Faraday::TimeoutError (Net::ReadTimeout with #<TCPSocket:(closed)>)",
            "Net::OpenTimeout (execution expired)",
            "Errno::ECONNREFUSED (Connection refused - connect(2) for 10.0.0.7:8080)",
            // Asked to slow down.
            "Request failed with status code 429",
            "ThrottlingException: Rate exceeded",
            "com.amazonaws.services.dynamodbv2.model.ProvisionedThroughputExceededException: The level of configured provisioned throughput for the table was exceeded.",
            "stock refused: rate limit exceeded, retry after 30 s",
            // Brokers.
            "org.apache.kafka.common.errors.TimeoutException: Expiring 3 record(s) for picks-1:120000 ms has passed since batch creation",
            "org.apache.kafka.common.errors.NotLeaderOrFollowerException: For requests intended only for the leader, this error indicates that the broker is not the current leader.",
            "org.apache.kafka.common.errors.NotEnoughReplicasException: Messages are rejected since there are fewer in-sync replicas than required.",
            "com.rabbitmq.client.AlreadyClosedException: connection is already closed due to connection error; cause: java.io.EOFException",
            "KafkaJSConnectionError: Connection timeout",
        ],
    );
}

#[test]
fn locks() {
    check(
        Some(Kind::LockContention),
        &[
            "ERROR: deadlock detected\n  Detail: Process 71 waits for ShareLock on transaction 12; blocked by process 72.",
            "Npgsql.PostgresException (0x80004005): 40P01: deadlock detected",
            "ERROR: could not serialize access due to concurrent update",
            "ERROR: canceling statement due to lock timeout",
            "ERROR: could not obtain lock on row in relation \"picks\"",
            "Deadlock found when trying to get lock; try restarting transaction",
            "(1205, 'Lock wait timeout exceeded; try restarting transaction')",
            "Transaction (Process ID 61) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.",
            "Lock request time out period exceeded.",
            "ORA-00060: deadlock detected while waiting for resource",
            "ORA-00054: resource busy and acquire with NOWAIT specified or timeout expired",
            "ORA-30006: resource busy; acquire with WAIT timeout expired",
            "sqlite3.OperationalError: database is locked",
            "SqliteError: SQLITE_BUSY: database is locked",
            "MongoServerError: WriteConflict error: this operation conflicted with another operation. Please retry your operation or multi-document transaction.",
            "DB2 SQL Error: SQLCODE=-911, SQLSTATE=40001, SQLERRMC=2, DRIVER=4.26.14",
            "ERROR: restart transaction: TransactionRetryWithProtoRefreshError: WriteTooOldError: write for key /Table/106 at timestamp 1.0 too old (SQLSTATE 40001)",
            "org.h2.jdbc.JdbcSQLTimeoutException: Timeout trying to lock table \"PICKS\"; SQL statement:",
            "org.springframework.dao.CannotAcquireLockException: could not execute statement",
            "ActiveRecord::Deadlocked (PG::TRDeadlockDetected: ERROR:  deadlock detected)",
            "ActiveRecord::LockWaitTimeout (Mysql2::Error::TimeoutError: Lock wait timeout exceeded; try restarting transaction)",
            "django.db.utils.OperationalError: (1213, 'Deadlock found when trying to get lock; try restarting transaction')",
            "could not acquire lock 'picks:77' within 5000 ms",
            "Found one Java-level deadlock:",
        ],
    );
}

#[test]
fn what_is_used_up() {
    check(
        Some(Kind::ResourceExhausted),
        &[
            // Pools.
            "HikariPool-1 - Connection is not available, request timed out after 30000ms (total=10, active=10, idle=0, waiting=7)",
            "java.sql.SQLException: Cannot get a connection, pool error Timeout waiting for idle object",
            "org.apache.tomcat.jdbc.pool.PoolExhaustedException: [http-nio-8080-exec-3] Timeout: Pool empty. Unable to fetch a connection in 30 seconds, none available[size:100; busy:100; idle:0; lastwait:30000].",
            "An attempt by a client to checkout a Connection has timed out.",
            "Npgsql.NpgsqlException: The connection pool has been exhausted, either raise 'Max Pool Size' (currently 100) or 'Timeout' (currently 15 seconds)",
            "System.InvalidOperationException: Timeout expired.  The timeout period elapsed prior to obtaining a connection from the pool.  This may have occurred because all pooled connections were in use and max pool size was reached.",
            "MySqlConnector.MySqlException: Connect Timeout expired. All pooled connections are in use.",
            "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
            "psycopg_pool.PoolTimeout: couldn't get a connection after 30.00 sec",
            "Error: timeout exceeded when trying to connect",
            "KnexTimeoutError: Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a .transacting(trx) call?",
            "SequelizeConnectionAcquireTimeoutError: Operation timeout",
            "Timed out fetching a new connection from the connection pool. More info: http://pris.ly/d/connection-pool (Current connection pool timeout: 10, connection limit: 5)",
            "FATAL: query_wait_timeout",
            "FATAL: no more connections allowed (max_client_conn)",
            "redis: connection pool timeout",
            "redis.clients.jedis.exceptions.JedisExhaustedPoolException: Could not get a resource since the pool is exhausted",
            "pool timed out while waiting for an open connection",
            "timed out waiting for connection",
            "com.mongodb.MongoTimeoutException: Timeout waiting for a pooled item after 120000 MILLISECONDS",
            "org.apache.http.conn.ConnectionPoolTimeoutException: Timeout waiting for connection from pool",
            "reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException: Pool#acquire(Duration) has been pending for more than the configured timeout of 45000ms",
            "httpx.PoolTimeout",
            "FATAL: sorry, too many clients already",
            "FATAL: remaining connection slots are reserved for non-replication superuser connections",
            "ERROR 1040 (HY000): Too many connections",
            "User 'picks' has exceeded the 'max_user_connections' resource (current value: 20)",
            "java.util.concurrent.RejectedExecutionException: Task shop.Pick$1@1b rejected from java.util.concurrent.ThreadPoolExecutor@6d[Running, pool size = 8, active threads = 8, queued tasks = 100, completed tasks = 7]",
            // Memory.
            "java.lang.OutOfMemoryError: Java heap space",
            "java.lang.OutOfMemoryError: GC overhead limit exceeded",
            "java.lang.OutOfMemoryError: Metaspace",
            "java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory or process/resource limits reached",
            "java.lang.OutOfMemoryError: Cannot reserve 8388608 bytes of direct buffer memory (allocated: 8, limit: 9)",
            "pick-0: last state terminated: OOMKilled",
            "container picks exited with code 137",
            "Memory cgroup out of memory: Killed process 4711 (java) total-vm:8123456kB, anon-rss:2097152kB",
            "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
            "FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory",
            "fatal error: runtime: out of memory",
            "MemoryError",
            "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 7.45 GiB for an array with shape (1000000000,) and data type float64",
            "System.OutOfMemoryException: Exception of type 'System.OutOfMemoryException' was thrown.",
            "PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in /srv/app/src/Export.php on line 88",
            "NoMemoryError (failed to allocate memory)",
            "memory allocation of 8589934592 bytes failed",
            "ERROR: out of memory\n  Detail: Failed on request of size 1048576.",
            "OOM command not allowed when used memory > 'maxmemory'.",
            "terminate called after throwing an instance of 'std::bad_alloc'",
            // Disks and files.
            "java.io.IOException: No space left on device",
            "OSError: [Errno 28] No space left on device",
            "Error: ENOSPC: no space left on device, write",
            "System.IO.IOException: There is not enough space on the disk. : '/data/picks.db'",
            "ERROR: could not extend file \"base/16384/16397\": No space left on device",
            "ERROR 1114 (HY000): The table 'picks' is full",
            "Could not allocate space for object 'dbo.Picks' in database 'shop' because the 'PRIMARY' filegroup is full.",
            "flood stage disk watermark [95%] exceeded on [n1][/data] free: 2gb[3.9%], all indices on this node will be marked read-only",
            "OSError: [Errno 122] Disk quota exceeded",
            "accept tcp [::]:8080: accept4: too many open files",
            // Messages that are too large.
            "org.apache.kafka.common.errors.RecordTooLargeException: The message is 1048700 bytes when serialized which is larger than 1048576, which is the value of the max.request.size configuration.",
            "KafkaError{code=MSG_SIZE_TOO_LARGE,val=10,str=\"Broker: Message size too large\"}",
            "kafka server: Message was too large, server rejected it to avoid allocation error.",
            "grpc: received message larger than max (5000000 vs. 4194304)",
            "com.mysql.cj.jdbc.exceptions.PacketTooBigException: Packet for query is too large (5,000,000 > 4,194,304). You can change this value on the server by setting the 'max_allowed_packet' variable.",
            "PayloadTooLargeError: request entity too large",
            "HTTP 413 Payload Too Large",
        ],
    );
}

#[test]
fn configuration_credentials_names() {
    check(
        Some(Kind::ConfigError),
        &[
            "FATAL: password authentication failed for user \"picks\"",
            "Access denied for user 'picks'@'10.0.0.7' (using password: YES)",
            "Login failed for user 'picks'.",
            "ERROR: permission denied for table picks",
            "NOAUTH Authentication required.",
            "WRONGPASS invalid username-password pair or user is disabled.",
            "org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized to access topics: [orders]",
            "org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed: Invalid username or password",
            "MongoServerError: Authentication failed.",
            "TokenExpiredError: jwt expired",
            "Request failed with status code 401",
            "feign.FeignException$Unauthorized: [401 Unauthorized] during [GET] to [http://stock/v1]",
            "HTTP status client error (403 Forbidden) for url (http://stock:8080/v1)",
            "javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to requested target",
            "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1000)",
            "Error: unable to verify the first certificate",
            "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: stock. is not in the cert's altnames: DNS:stock.internal",
            "tls: failed to verify certificate: x509: certificate signed by unknown authority",
            "System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: NotTimeValid",
            "invalid peer certificate: UnknownIssuer",
            "java.net.UnknownHostException: stock",
            "Error: getaddrinfo ENOTFOUND stock",
            "socket.gaierror: [Errno -2] Name or service not known",
            "dial tcp: lookup stock on 10.96.0.10:53: no such host",
            "System.Net.Sockets.SocketException (11001): No such host is known.",
            "cURL error 6: Could not resolve host: stock",
            "ERROR: relation \"picks\" does not exist",
            "Unknown column 'carrier' in 'field list'",
            "Invalid object name 'dbo.Picks'.",
            "SQLSTATE[42S02]: Base table or view not found: 1146 Table 'shop.picks' doesn't exist",
            "no such table: picks",
            "Could not resolve placeholder 'stock.url' in value \"${stock.url}\"",
            "Unable to resolve service for type 'Shop.IStock' while attempting to activate 'Shop.Picks'.",
            "ModuleNotFoundError: No module named 'stock'",
            "Error: Cannot find module './stock'",
            "org.apache.kafka.common.errors.UnknownTopicOrPartitionException: This server does not host this topic-partition.",
        ],
    );
}

#[test]
fn keys_constraints_versions() {
    check(
        Some(Kind::DuplicateKey),
        &[
            "ActiveRecord::RecordNotUnique (PG::UniqueViolation: ERROR:  duplicate key value violates unique constraint \"picks_pkey\")",
            "Npgsql.PostgresException (0x80004005): 23505: duplicate key value violates unique constraint \"picks_pkey\"",
            "SQLITE_CONSTRAINT_UNIQUE: UNIQUE constraint failed: picks.order_no",
            "MongoBulkWriteError: E11000 duplicate key error collection: shop.picks index: order_no_1 dup key: { order_no: \"A-7001\" }",
        ],
    );
    check(
        Some(Kind::ConstraintViolation),
        &[
            "ERROR: insert or update on table \"picks\" violates foreign key constraint \"picks_carrier_fkey\"",
            "ERROR: null value in column \"carrier\" of relation \"picks\" violates not-null constraint",
            "ERROR: new row for relation \"picks\" violates check constraint \"picks_qty_check\"",
            "ERROR: integer out of range",
            "ERROR: value \"99999999999\" is out of range for type integer",
            "ERROR: value too long for type character varying(5)",
            "ERROR: invalid byte sequence for encoding \"UTF8\": 0x00",
            "Out of range value for column 'qty' at row 1",
            "Incorrect string value: '\\xF0\\x9F\\x98\\x80' for column 'name' at row 1",
            "Data truncated for column 'state' at row 1",
            "Arithmetic overflow error converting numeric to data type numeric.",
            "ORA-01438: value larger than specified precision allowed for this column",
            "String or binary data would be truncated in table 'shop.dbo.Picks', column 'Carrier'. Truncated value: 'DHX'.",
            "The provided value for the column is too long for the column's type. Column: carrier",
            "Value too long for column \"CARRIER CHARACTER VARYING(5)\": \"'express' (7)\"",
        ],
    );
    check(
        Some(Kind::LockContention),
        &[
            "org.hibernate.StaleObjectStateException: Row was updated or deleted by another transaction (or unsaved-value mapping was incorrect) : [shop.Pick#7]",
            "org.springframework.orm.ObjectOptimisticLockingFailureException: Batch update returned unexpected row count from update [0]; actual row count: 0; expected: 1",
            "Microsoft.EntityFrameworkCore.DbUpdateConcurrencyException: The database operation was expected to affect 1 row(s), but actually affected 0 row(s); data may have been modified or deleted since entities were loaded.",
            "sqlalchemy.orm.exc.StaleDataError: UPDATE statement on table 'picks' expected to update 1 row(s); 0 were matched.",
            "VersionError: No matching document found for id \"65f0\" version 3 modifiedPaths \"state\"",
            "ActiveRecord::StaleObjectError (Attempted to update a stale object: Pick.)",
            "The optimistic lock failed, version 3 was expected, but is actually 4",
            "com.amazonaws.services.dynamodbv2.model.ConditionalCheckFailedException: The conditional request failed",
        ],
    );
    check(
        Some(Kind::DataMissing),
        &[
            "feign.FeignException$NotFound: [404 Not Found] during [GET] to [http://stock/v1/stock/77] [StockClient#get(String)]: [{\"error\":\"no such sku\"}]",
            "HTTP status client error (404 Not Found) for url (http://stock:8080/v1/stock/77)",
            "Faraday::ResourceNotFound (the server responded with status 404)",
            "ActiveRecord::RecordNotFound (Couldn't find Customer with 'id'=77)",
            "shop.models.Customer.DoesNotExist: Customer matching query does not exist.",
            "System.InvalidOperationException: Sequence contains no elements.",
        ],
    );
}

#[test]
fn what_only_comes_close() {
    check(
        None,
        &[
            "no timeout configured, waiting for ever",
            "deadlock detection enabled",
            "no deadlock was seen in 10 minutes",
            "retry succeeded after timeout",
            "call to stock succeeded on attempt 2 after connection reset",
            "finished: 0 errors, 12 warnings",
            "401 items processed",
            "404 rows",
            "query returned 404 rows",
            "stock returned 503 items for 7 pages",
            "read 500 records, got 429 changes",
            "order 23505 picked",
            "picked order 40001",
            "shipment 22001: packed",
            "batch of 1062 records written",
            "connect timeout set to 5000 ms",
            "HikariPool-1 - configuration: connection timeout is set to 30000 ms",
            "pool started with 10 connections, timeout 30 s",
            "circuit breaker 'stock' is closed again",
            "rate limit for stock set to 50 a second",
            "INSERT INTO picks (id) VALUES (?) ON DUPLICATE KEY UPDATE qty = qty + 1",
            "schema version 3 registered for picks-value",
            "decoder warmed up, 3 formats parsed",
            "disk 40% full",
            "queue 3% full",
            "exit code 0",
            "sku P2002X reserved",
            "order 500 was answered in 12 ms by 10.0.0.1",
            "lock acquired after 3 ms",
            "lock timeout is set to 5 s",
            "out of memory killer is disabled",
            "picked without errors",
        ],
    );
}
