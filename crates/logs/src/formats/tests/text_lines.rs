//! Text formats, one real-looking line each.

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
    logback,
    "10:11:12.345 [main] ERROR com.acme.Pick -- no stock",
    "- ERROR [main] com.acme.Pick: no stock"
);
reads!(
    logback_dated,
    "2026-11-22 10:11:12.345 [http-nio-1] WARN  com.acme.Pick - order 12: a - b",
    "2026-11-22T10:11:12.345Z? WARN [http-nio-1] com.acme.Pick: order 12: a - b"
);
reads!(
    logback_with_context,
    "2026-11-22 10:11:12,345 INFO  [main] [traceId=ab12, orderId=12] com.acme.Pick - m",
    "2026-11-22T10:11:12.345Z? INFO [main] com.acme.Pick: m traceId=ab12 orderId=12"
);
reads!(
    spring_boot,
    "2026-11-22T10:11:12.345+01:00  INFO 1234 --- [pick-service] [ntainer#0-0-C-1] c.a.o.OrderService                  : order 12",
    "2026-11-22T09:11:12.345Z INFO [ntainer#0-0-C-1] c.a.o.OrderService: order 12 process.pid=1234 service.name=pick-service"
);
reads!(
    spring_boot_2,
    "2026-11-22 10:11:12.345 ERROR 1 --- [           main] o.s.boot.SpringApplication               : failed\n\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\nCaused by: a.Y: z\n\t... 3 more\n",
    "2026-11-22T10:11:12.345Z? ERROR [main] o.s.boot.SpringApplication: failed !java.lang.IllegalStateException: x⏎\tat a.B.c(B.java:1)⏎Caused by: a.Y: z⏎\t... 3 more process.pid=1"
);
reads!(
    spring_boot_traced,
    "2026-11-22T10:11:12.345Z  INFO 1 --- [pick] [main] [65f0aa11bb22cc33dd44ee55ff667788-1122334455667788] c.a.A : m",
    "2026-11-22T10:11:12.345Z INFO [main] c.a.A: m process.pid=1 service.name=pick trace.id=65f0aa11bb22cc33dd44ee55ff667788 span.id=1122334455667788"
);
reads!(
    log4j_hadoop,
    "2026-11-22 10:11:12,345 INFO [main] org.acme.Master: Created master for 12",
    "2026-11-22T10:11:12.345Z? INFO [main] org.acme.Master: Created master for 12"
);
reads!(
    zookeeper,
    "2026-11-22 10:11:12,345 - INFO  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@774] - Notification time out: 3200",
    "2026-11-22T10:11:12.345Z? INFO [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@774] : Notification time out: 3200"
);
reads!(
    hdfs,
    "261122 101112 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 terminating",
    "2026-11-22T10:11:12Z? INFO [148] dfs.DataNode$PacketResponder: PacketResponder 1 terminating"
);
reads!(
    jul,
    "Nov 22, 2026 10:11:12 AM com.acme.Orders accept\nSEVERE: order 12\njava.lang.X: y\n\tat a.B.c(B.java:1)",
    "2026-11-22T10:11:12Z? ERROR [] com.acme.Orders: order 12 !java.lang.X: y⏎\tat a.B.c(B.java:1) method=accept"
);
reads!(
    tomcat,
    "22-Nov-2026 10:11:12.345 SEVERE [main] org.apache.catalina.core.StandardService.start Failed to start",
    "2026-11-22T10:11:12.345Z? ERROR [main] org.apache.catalina.core.StandardService.start: Failed to start"
);
reads!(
    quarkus,
    "2026-11-22 10:11:12,345 INFO  [org.acme.Foo] (executor-thread-1) order 12",
    "2026-11-22T10:11:12.345Z? INFO [executor-thread-1] org.acme.Foo: order 12"
);
reads!(
    kafka_own,
    "[2026-11-22 10:11:12,345] INFO [KafkaServer id=0] started (kafka.server.KafkaServer)",
    "2026-11-22T10:11:12.345Z? INFO [] kafka.server.KafkaServer: [KafkaServer id=0] started"
);
reads!(
    serilog_text,
    "2026-11-22 10:11:12.345 +01:00 [ERR] Order 12 failed\nSystem.InvalidOperationException: bad\n   at Shop.Pick.Run() in /src/Pick.cs:line 12",
    "2026-11-22T09:11:12.345Z ERROR [] : Order 12 failed !System.InvalidOperationException: bad⏎   at Shop.Pick.Run() in /src/Pick.cs:line 12"
);
reads!(serilog_console, "[10:11:12 INF] Order 12", "- INFO [] : Order 12");
reads!(
    nlog,
    "2026-11-22 10:11:12.3456|ERROR|Shop.Pick|Order 12 failed|url: /x",
    "2026-11-22T10:11:12.345600Z? ERROR [] Shop.Pick: Order 12 failed|url: /x"
);
reads!(
    dotnet_console,
    "fail: Shop.Pick.Worker[14]\n      Order 12 failed\n      System.Exception: bad\n         at Shop.Pick.Run()",
    "- ERROR [] Shop.Pick.Worker: Order 12 failed !System.Exception: bad⏎         at Shop.Pick.Run() EventId=14"
);
reads!(
    python_default,
    "ERROR:shop.pick:order 12: bad\nTraceback (most recent call last):\n  File \"/app/a.py\", line 3, in f\nValueError: x",
    "- ERROR [] shop.pick: order 12: bad !Traceback (most recent call last):⏎  File \"/app/a.py\", line 3, in f⏎ValueError: x"
);
reads!(
    python_dashes,
    "2026-11-22 10:11:12,345 - shop.pick - WARNING - order 12 - late",
    "2026-11-22T10:11:12.345Z? WARN [] shop.pick: order 12 - late"
);
reads!(
    python_colons,
    "2026-11-22 10:11:12,345 INFO shop.pick: order 12",
    "2026-11-22T10:11:12.345Z? INFO [] shop.pick: order 12"
);
reads!(
    python_brackets,
    "2026-11-22 10:11:12,345 [INFO] pick: order 12",
    "2026-11-22T10:11:12.345Z? INFO [] pick: order 12"
);
reads!(
    gunicorn,
    "[2026-11-22 10:11:12 +0000] [77] [INFO] Booting",
    "2026-11-22T10:11:12Z INFO [77] : Booting"
);
reads!(
    celery,
    "[2026-11-22 10:11:12,345: ERROR/MainProcess] Task shop[ab] raised",
    "2026-11-22T10:11:12.345Z? ERROR [MainProcess] : Task shop[ab] raised"
);
reads!(
    airflow,
    "[2026-11-22 10:11:12,345] {taskinstance.py:12} INFO - m",
    "2026-11-22T10:11:12.345Z? INFO [] taskinstance.py:12: m"
);
reads!(
    uvicorn,
    "INFO:     127.0.0.1:80 - \"GET / HTTP/1.1\" 200 OK",
    "- INFO [] : 127.0.0.1:80 - \"GET / HTTP/1.1\" 200 OK"
);
reads!(go_log, "2026/11/22 10:11:12 picking order 12", "2026-11-22T10:11:12Z? - [] : picking order 12");
reads!(
    go_log_with_file,
    "2026/11/22 10:11:12.345678 pick.go:12: order: bad",
    "2026-11-22T10:11:12.345678Z? - [] pick.go:12: order: bad"
);
reads!(
    go_panic,
    "2026/11/22 10:11:12 serving\npanic: bad\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:7 +0x1",
    "2026-11-22T10:11:12Z? - [] : serving !panic: bad⏎⏎goroutine 1 [running]:⏎main.main()⏎\t/app/main.go:7 +0x1"
);
reads!(
    logrus,
    r#"time="2026-11-22T10:11:12Z" level=error msg="order \"12\" failed" order_id=12 error="pq: bad""#,
    "2026-11-22T10:11:12Z ERROR [] : order \"12\" failed !pq: bad order_id=12"
);
reads!(logrus_terminal, "INFO[0012] order picked", "- INFO [] : order picked");
reads!(
    slog_text,
    "time=2026-11-22T10:11:12.345Z level=INFO msg=picked order=0012 ok=true",
    "2026-11-22T10:11:12.345Z INFO [] : picked order=0012 ok=true"
);
reads!(
    klog,
    "E1122 10:11:12.345678    1234 reflector.go:138] pkg: order 12",
    "2026-11-22T10:11:12.345678Z? ERROR [1234] reflector.go:138: pkg: order 12"
);
reads!(
    tracing,
    "2026-11-22T10:11:12.345678Z  INFO request{id=7}: shop::pick: picked order_id=12",
    "2026-11-22T10:11:12.345678Z INFO [] shop::pick: picked order_id=12 id=7 order_id=12"
);
reads!(
    env_logger,
    "[2026-11-22T10:11:12Z ERROR shop::pick] order 12",
    "2026-11-22T10:11:12Z ERROR [] shop::pick: order 12"
);
reads!(
    zap_console,
    "2026-11-22T10:11:12.345Z\tERROR\tpick\tpick/a.go:12\tinsert failed\t{\"order\": 12}",
    "2026-11-22T10:11:12.345Z ERROR [] pick: pick/a.go:12\tinsert failed order=12"
);
reads!(
    nginx_access,
    r#"10.0.0.1 - - [22/Nov/2026:10:11:12 +0000] "GET /orders/12 HTTP/1.1" 502 7 "-" "curl""#,
    "2026-11-22T10:11:12Z ERROR [] : \"GET /orders/12 HTTP/1.1\" 502 7 \"-\" \"curl\" client.address=10.0.0.1 http.request.method=GET url.path=/orders/12 http.response.status_code=502"
);
reads!(
    nginx_error,
    "2026/11/22 10:11:12 [error] 7#9: *1 upstream timed out, client: 10.0.0.1",
    "2026-11-22T10:11:12Z? ERROR [7#9] : *1 upstream timed out, client: 10.0.0.1"
);
reads!(
    httpd_error,
    "[Sun Nov 22 10:11:12.345678 2026] [core:error] [pid 1:tid 2] [client 10.0.0.1:5] AH1: m",
    "2026-11-22T10:11:12.345678Z? ERROR [pid 1:tid 2] core: AH1: m client.address=10.0.0.1:5"
);
reads!(
    syslog_3164,
    "<11>Nov 22 10:11:12 web1 pick[77]: order 12",
    "2026-11-22T10:11:12Z? ERROR [77] : order 12 host.name=web1 process.name=pick"
);
reads!(
    syslog_file,
    "Nov 22 10:11:12 web1 sshd[77]: Invalid user x",
    "2026-11-22T10:11:12Z? - [77] : Invalid user x host.name=web1 process.name=sshd"
);
reads!(
    syslog_5424,
    r#"<11>1 2026-11-22T10:11:12.345Z web1 pick 77 ID4 [a@1 order="12"] no stock"#,
    "2026-11-22T10:11:12.345Z ERROR [77] : no stock host.name=web1 process.name=pick syslog.msgid=ID4 order=12"
);
reads!(
    postgres_server,
    "2026-11-22 10:11:12.345 UTC [77] app@orders ERROR:  duplicate key value violates unique constraint \"a\"\n2026-11-22 10:11:12.345 UTC [77] app@orders DETAIL:  Key (id)=(1) already exists.",
    "2026-11-22T10:11:12.345Z ERROR [77] : duplicate key value violates unique constraint \"a\"\nDETAIL:  Key (id)=(1) already exists. user=app database=orders"
);
reads!(
    mysql_server,
    "2026-11-22T10:11:12.345678Z 8 [ERROR] [MY-010119] [Server] Aborting",
    "2026-11-22T10:11:12.345678Z ERROR [8] MY-010119: [Server] Aborting"
);
reads!(
    android,
    "11-22 10:11:12.345  1702  2395 D WindowManager: m",
    "2026-11-22T10:11:12.345Z? DEBUG [2395] WindowManager: m"
);
reads!(
    apache_old,
    "[Sun Dec 04 04:47:44 2005] [error] mod_jk child in error state 6",
    "2005-12-04T04:47:44Z? ERROR [] : mod_jk child in error state 6"
);
reads!(
    level_first,
    "INFO  [2026-11-22 10:11:12,345] com.acme.Foo: m",
    "2026-11-22T10:11:12.345Z? INFO [] com.acme.Foo: m"
);
reads!(
    js_error_in_message,
    "2026-11-22T10:11:12Z ERROR order failed: TypeError: x is undefined\n    at f (/app/a.js:1:2)",
    "2026-11-22T10:11:12Z ERROR [] : order failed: TypeError: x is undefined !TypeError: x is undefined⏎    at f (/app/a.js:1:2)"
);
reads!(plain, "Order: 12 picked", "- - [] : Order: 12 picked");
reads!(sentence_with_colon, "ERROR Failed: 12", "- ERROR [] : Failed: 12");
reads!(
    wrapped_sql,
    "2026-11-22 10:11:12 DEBUG shop.sql: select *\n  from orders\n  where id = 12",
    "2026-11-22T10:11:12Z? DEBUG [] shop.sql: select *\n  from orders\n  where id = 12"
);
reads!(
    compose_prefix,
    "pick-1  | 2026-11-22T10:11:12Z INFO m",
    "2026-11-22T10:11:12Z INFO [] : m container.name=pick-1"
);
reads!(
    windows_columns,
    "2026-11-22 10:11:12, Info                  CBS    Loaded stack 6.1",
    "2026-11-22T10:11:12Z? INFO [] CBS: Loaded stack 6.1"
);
reads!(
    piped_without_level,
    "20261122-10:11:12:345|Step_LSC|30002312|steps changed 3579",
    "2026-11-22T10:11:12.345Z? - [30002312] Step_LSC: steps changed 3579"
);
reads!(
    program_before_a_dash,
    "[11.22 10:11:12] browser.exe *64 - shop.acme.com:443 close",
    "2026-11-22T10:11:12Z? - [] browser.exe *64: shop.acme.com:443 close"
);
reads!(
    openstack,
    "2026-11-22 10:11:12.345 77 INFO nova.compute.manager [req-38101a0b-2096 113d3a99c3da401f - - -] [instance: ab] m",
    "2026-11-22T10:11:12.345Z? INFO [77] nova.compute.manager: [instance: ab] m request.id=req-38101a0b-2096"
);
