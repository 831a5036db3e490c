//! Structured formats, one real-looking line each.

use super::*;

macro_rules! reads {
    ($name:ident, $line:expr, $shown:expr) => {
        #[test]
        fn $name() {
            assert_eq!(show($line), $shown);
        }
    };
}

reads!(
    ecs_dotted,
    r#"{"@timestamp":"2026-11-22T10:11:12.345Z","log.level":"ERROR","message":"no stock","ecs.version":"1.2.0","service.name":"pick","process.thread.name":"main","log.logger":"com.acme.Pick","trace.id":"ab12","error.type":"com.acme.X","error.message":"bad","error.stack_trace":"com.acme.X: bad\n\tat com.acme.Pick.a(Pick.java:7)\n"}"#,
    "2026-11-22T10:11:12.345Z ERROR [main] com.acme.Pick: no stock !com.acme.X: bad⏎\tat com.acme.Pick.a(Pick.java:7) ecs.version=1.2.0 service.name=pick trace.id=ab12 error.type=com.acme.X error.message=bad"
);
reads!(
    ecs_nested,
    r#"{"@timestamp":"2026-11-22T10:11:12.345Z","log":{"level":"info","logger":"shop"},"message":"m","trace":{"id":"ab"},"order":{"id":12,"tags":["a","b"]}}"#,
    r#"2026-11-22T10:11:12.345Z INFO [] shop: m trace.id=ab order.id=12 order.tags=["a","b"]"#
);
reads!(
    logstash,
    r#"{"@timestamp":"2026-11-22T10:11:12.345+01:00","@version":"1","message":"m","logger_name":"com.acme.Pick","thread_name":"main","level":"WARN","level_value":30000,"orderId":"0012","stack_trace":"java.lang.X: y\n\tat a.B.c(B.java:1)\n"}"#,
    "2026-11-22T09:11:12.345Z WARN [main] com.acme.Pick: m !java.lang.X: y⏎\tat a.B.c(B.java:1) @version=1 orderId=0012"
);
reads!(
    serilog_compact,
    r#"{"@t":"2026-11-22T10:11:12.3456789Z","@mt":"Order {OrderId} from {@Customer} took {Elapsed:0.0} ms {{x}}","@r":["7.1"],"@l":"Error","@x":"System.Exception: bad\n   at A.B()","OrderId":12,"Customer":{"Id":3},"Elapsed":7.123,"SourceContext":"Shop.Pick"}"#,
    "2026-11-22T10:11:12.345678900Z ERROR [] Shop.Pick: Order 12 from { Id: 3 } took 7.1 ms {x} !System.Exception: bad⏎   at A.B() OrderId=12 Customer.Id=3 Elapsed=7.123"
);
reads!(
    serilog_rendered,
    r#"{"Timestamp":"2026-11-22T10:11:12.345+00:00","Level":"Warning","MessageTemplate":"Order {Id}","RenderedMessage":"Order 12","Properties":{"Id":12,"SourceContext":"Shop"}}"#,
    "2026-11-22T10:11:12.345Z WARN [] Shop: Order 12 Properties.Id=12"
);
reads!(
    otel_export,
    r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"pick"}}]},"scopeLogs":[{"scope":{"name":"shop"},"logRecords":[{"timeUnixNano":"1795342272345678901","severityNumber":17,"severityText":"Error","body":{"stringValue":"no stock"},"attributes":[{"key":"order.id","value":{"intValue":"12"}},{"key":"exception.stacktrace","value":{"stringValue":"X: y"}}],"traceId":"ab","spanId":"cd"}]}]}]}"#,
    "2026-11-22T10:11:12.345678901Z ERROR [] shop: no stock !X: y severityNumber=17 order.id=12 traceId=ab spanId=cd service.name=pick"
);
reads!(
    otel_record,
    r#"{"Timestamp":"1795342272345678901","SeverityText":"INFO","Body":"m","Attributes":{"order.id":12},"TraceId":"ab"}"#,
    "2026-11-22T10:11:12.345678901Z INFO [] : m Attributes.order.id=12 TraceId=ab"
);
reads!(
    pino,
    r#"{"level":50,"time":1795342272345,"pid":7,"hostname":"h","name":"pick","reqId":"r1","err":{"type":"Error","message":"bad","stack":"Error: bad\n    at f (/app/a.js:1:2)"},"msg":"failed"}"#,
    "2026-11-22T10:11:12.345Z ERROR [] : failed !Error: bad⏎    at f (/app/a.js:1:2) pid=7 hostname=h name=pick reqId=r1 err.type=Error err.message=bad"
);
reads!(
    bunyan,
    r#"{"name":"pick","hostname":"h","pid":7,"level":30,"msg":"m","time":"2026-11-22T10:11:12.345Z","v":0}"#,
    "2026-11-22T10:11:12.345Z INFO [] : m name=pick hostname=h pid=7 v=0"
);
reads!(
    winston,
    r#"{"level":"error","message":"m","timestamp":"2026-11-22 10:11:12","stack":"Error: m\n    at f (/app/a.js:1:2)"}"#,
    "2026-11-22T10:11:12Z? ERROR [] : m !Error: m⏎    at f (/app/a.js:1:2)"
);
reads!(
    zap,
    r#"{"level":"error","ts":1795342272.345678,"logger":"pick","caller":"pick/a.go:12","msg":"insert","order_id":"12","error":"insert: pq: duplicate key"}"#,
    "2026-11-22T10:11:12.345678Z ERROR [] pick: insert !insert: pq: duplicate key caller=pick/a.go:12 order_id=12"
);
reads!(
    slog,
    r#"{"time":"2026-11-22T10:11:12.345678901+01:00","level":"INFO","source":{"function":"main.f","file":"a.go","line":3},"msg":"m","order":12}"#,
    "2026-11-22T09:11:12.345678901Z INFO [] : m source.function=main.f source.file=a.go source.line=3 order=12"
);
reads!(
    zerolog,
    r#"{"level":"warn","error":"timeout","order":12,"time":1795342272,"message":"m"}"#,
    "2026-11-22T10:11:12Z WARN [] : m !timeout order=12"
);
reads!(
    structlog,
    r#"{"order_id": 12, "event": "picked", "level": "info", "logger": "shop.pick", "timestamp": "2026-11-22T10:11:12.345678Z"}"#,
    "2026-11-22T10:11:12.345678Z INFO [] shop.pick: picked order_id=12"
);
reads!(
    python_json_logger,
    r#"{"asctime": "2026-11-22 10:11:12,345", "levelname": "ERROR", "name": "shop.pick", "message": "m", "exc_info": "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: x"}"#,
    "2026-11-22T10:11:12.345Z? ERROR [] shop.pick: m !Traceback (most recent call last):⏎  File \"a.py\", line 1, in f⏎ValueError: x"
);
reads!(
    tracing_json,
    r#"{"timestamp":"2026-11-22T10:11:12.345678Z","level":"INFO","fields":{"message":"m","order_id":12},"target":"shop::pick","span":{"name":"req"}}"#,
    "2026-11-22T10:11:12.345678Z INFO [] shop::pick: m fields.order_id=12 span.name=req"
);
reads!(
    log4j2_json,
    r#"{"instant":{"epochSecond":1795342272,"nanoOfSecond":345000000},"thread":"main","level":"ERROR","loggerName":"com.acme.A","message":"m","thrown":{"name":"a.X","message":"y","extendedStackTrace":"a.X: y\n\tat a.B.c(B.java:1)"}}"#,
    "2026-11-22T10:11:12.345Z ERROR [main] com.acme.A: m !a.X: y⏎\tat a.B.c(B.java:1) thrown.name=a.X thrown.message=y"
);
reads!(
    docker_around_text,
    r#"{"log":"16:43:08.576 INFO  d.m.Receive#52 order saved\n","stream":"stdout","time":"2026-11-22T08:43:08.576287546Z"}"#,
    "2026-11-22T08:43:08.576287546Z INFO [] d.m.Receive#52: order saved stream=stdout"
);
reads!(
    docker_around_a_trace,
    "{\"log\":\"2026-11-22T10:11:12Z ERROR a.B - bad\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-22T10:11:13Z\"}\n{\"log\":\"java.lang.X: y\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-22T10:11:13Z\"}\n{\"log\":\"\\tat a.B.c(B.java:1)\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-22T10:11:13Z\"}\n",
    "2026-11-22T10:11:12Z ERROR [] a.B: bad !java.lang.X: y⏎\tat a.B.c(B.java:1) stream=stdout"
);
reads!(
    cri_around_json,
    r#"2026-11-22T10:11:13.1Z stdout F {"level":"info","msg":"m","ts":1795342272}"#,
    "2026-11-22T10:11:12Z INFO [] : m stream=stdout"
);
reads!(
    cri_partial_lines,
    "2026-11-22T10:11:13Z stdout P {\"msg\":\n2026-11-22T10:11:13Z stdout F \"m\"}",
    "2026-11-22T10:11:13Z - [] : m stream=stdout"
);
reads!(pretty_json, "{\n  \"level\": \"info\",\n  \"msg\": \"m\"\n}", "- INFO [] : m");
reads!(
    cut_json_keeps_what_was_readable,
    r#"{"level":"error","time":1795342272345,"msg":"order 12 fai"#,
    "2026-11-22T10:11:12.345Z ERROR [] : {\"level\":\"error\",\"time\":1795342272345,\"msg\":\"order 12 fai"
);
reads!(invalid_json_is_text, "{order 12}", "- - [] : {order 12}");
reads!(
    json_followed_by_a_trace,
    "{\"level\":\"error\",\"msg\":\"m\"}\njava.lang.X: y\n\tat a.B.c(B.java:1)",
    "- ERROR [] : m !java.lang.X: y⏎\tat a.B.c(B.java:1)"
);
