use super::*;
use std::fmt::Write as _;

/// Chain and frames in a few lines of text.
fn show(text: &str) -> String {
    let Some(x) = parse_exception(text) else { return "-".into() };
    let mut out = String::new();
    for link in &x.chain {
        let _ = writeln!(out, "{} | {}", link.type_name, link.message.replace('\n', "⏎"));
    }
    for frame in &x.frames {
        let mark = if is_library_frame(frame) { "  lib" } else { "  app" };
        let place = frame.file.as_deref().unwrap_or("?");
        let _ = writeln!(out, "{mark} {} {place}:{}", frame.symbol, frame.line.unwrap_or(0));
    }
    for link in &x.suppressed {
        let _ = writeln!(out, "beside {} | {}", link.type_name, link.message);
    }
    out
}

#[test]
fn java_with_causes() {
    let text = "org.springframework.kafka.KafkaException: Listener failed\n\tat org.springframework.kafka.Listener.run(Listener.java:80) ~[spring-kafka.jar:3.1]\n\tat java.base/java.lang.Thread.run(Thread.java:840)\n\tSuppressed: java.io.IOException: close failed\n\t\tat com.acme.Res.close(Res.java:3)\nCaused by: org.postgresql.util.PSQLException: ERROR: duplicate key value\n  Detail: Key (id)=(7) already exists.\n\tat org.postgresql.Core.receive(Core.java:12)\n\tat com.acme.pick.PickConsumer.onOrder(PickConsumer.kt:57)\n\t... 23 common frames omitted\n";
    assert_eq!(
        show(text),
        "org.springframework.kafka.KafkaException | Listener failed\n\
         org.postgresql.util.PSQLException | ERROR: duplicate key value⏎  Detail: Key (id)=(7) already exists.\n  \
         lib org.postgresql.Core.receive Core.java:12\n  \
         app com.acme.pick.PickConsumer.onOrder PickConsumer.kt:57\n  \
         lib org.springframework.kafka.Listener.run Listener.java:80\n  \
         lib java.lang.Thread.run Thread.java:840\n\
         beside java.io.IOException | close failed\n"
    );
    assert_eq!(parse_exception(text).unwrap().root_type(), "org.postgresql.util.PSQLException");
    assert_eq!(parse_exception(text).unwrap().application_frames().count(), 1);
}

#[test]
fn java_root_cause_first() {
    let text = "com.acme.Root: bad\n\tat com.acme.A.b(A.java:1)\nWrapped by: com.acme.Outer: worse\n\tat com.acme.C.d(C.java:2)\n";
    assert_eq!(
        show(text),
        "com.acme.Outer | worse\ncom.acme.Root | bad\n  app com.acme.A.b A.java:1\n  app com.acme.C.d C.java:2\n"
    );
}

#[test]
fn java_in_one_line() {
    assert_eq!(
        show(
            "org.springframework.dao.DuplicateKeyException: Prepared; nested exception is org.postgresql.util.PSQLException: ERROR: dup"
        ),
        "org.springframework.dao.DuplicateKeyException | Prepared\norg.postgresql.util.PSQLException | ERROR: dup\n"
    );
    assert_eq!(
        show(
            "Exception in thread \"main\" java.lang.IllegalStateException: x\n\tat com.acme.A.main(A.java:1)"
        ),
        "java.lang.IllegalStateException | x\n  app com.acme.A.main A.java:1\n"
    );
}

#[test]
fn csharp_with_inner() {
    let text = "System.InvalidOperationException: outer\n ---> Npgsql.PostgresException (0x80004005): 23505: duplicate key\n\nDETAIL: Key (id)=(7)\n   at Npgsql.Internal.Connector.Read()\n   at Shop.Pick.Store.<InsertAsync>d__5.MoveNext() in /src/Store.cs:line 41\n   --- End of inner exception stack trace ---\n   at Shop.Pick.Worker.<>c__DisplayClass2_0.<<Run>b__0>d.MoveNext() in /src/Worker.cs:line 12\n--- End of stack trace from previous location ---\n   at System.Threading.Tasks.Task.Run(Action a)\n";
    assert_eq!(
        show(text),
        "System.InvalidOperationException | outer\n\
         Npgsql.PostgresException | 23505: duplicate key⏎DETAIL: Key (id)=(7)\n  \
         lib Npgsql.Internal.Connector.Read ?:0\n  \
         app Shop.Pick.Store.InsertAsync /src/Store.cs:41\n  \
         app Shop.Pick.Worker.Run /src/Worker.cs:12\n  \
         lib System.Threading.Tasks.Task.Run ?:0\n"
    );
}

#[test]
fn csharp_on_one_line_and_aggregated() {
    assert_eq!(
        show(
            "System.AggregateException: One or more (a) ---> System.TimeoutException: late\n   at Shop.A.B()\n   --- End of inner exception stack trace ---\n---> (Inner Exception #0) System.TimeoutException: late\n   at Shop.A.B()<---\n---> (Inner Exception #1) System.FormatException: bad<---\n"
        ),
        "System.AggregateException | One or more (a)\nSystem.TimeoutException | late\n  app Shop.A.B ?:0\nbeside System.FormatException | bad\n"
    );
}

#[test]
fn python_chain() {
    let text = "Traceback (most recent call last):\n  File \"/usr/lib/python3.12/site-packages/psycopg/cursor.py\", line 97, in execute\n    raise ex\npsycopg.errors.UniqueViolation: duplicate key value\nDETAIL:  Key (id)=(7) already exists.\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/app/pick.py\", line 31, in handle\n    insert(order)\n    ^^^^^^\n  File \"/app/store.py\", line 12, in insert\nshop.PickFailed: order 12\n";
    assert_eq!(
        show(text),
        "shop.PickFailed | order 12\n\
         psycopg.errors.UniqueViolation | duplicate key value⏎DETAIL:  Key (id)=(7) already exists.\n  \
         lib execute /usr/lib/python3.12/site-packages/psycopg/cursor.py:97\n  \
         app insert /app/store.py:12\n  \
         app handle /app/pick.py:31\n"
    );
}

#[test]
fn javascript_with_cause() {
    let text = "Error: pick failed\n    at async Picker.run [as handle] (file:///app/dist/pick.js:12:7)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {\n  [cause]: TypeError: Cannot read properties of undefined (reading 'id')\n      at /app/dist/store.ts:3:9\n      at Query.run (/app/node_modules/pg/lib/query.js:1:2) {\n    code: '23505',\n  }\n}";
    assert_eq!(
        show(text),
        "Error | pick failed\n\
         TypeError | Cannot read properties of undefined (reading 'id')⏎code: '23505'\n  \
         app <anonymous> /app/dist/store.ts:3\n  \
         lib Query.run /app/node_modules/pg/lib/query.js:1\n  \
         app Picker.run /app/dist/pick.js:12\n  \
         lib process.processTicksAndRejections node:internal/process/task_queues:95\n"
    );
}

#[test]
fn go_panic() {
    let text = "panic: runtime error: invalid memory address [recovered]\n[signal SIGSEGV: segmentation violation]\n\ngoroutine 7 [running]:\nruntime.gopanic(0x1)\n\t/usr/local/go/src/runtime/panic.go:1038 +0x215\ngithub.com/acme/shop/pick.(*Server).Handle(0xc0000b4000, {0x1, 0x2})\n\t/app/pick/server.go:41 +0x1d\ncreated by main.main in goroutine 1\n\t/app/main.go:12 +0x5\n\ngoroutine 8 [select]:\nother.f()\n\t/app/o.go:1\n";
    assert_eq!(
        show(text),
        "runtime error | invalid memory address\n  \
         app github.com/acme/shop/pick.(*Server).Handle /app/pick/server.go:41\n  \
         app main.main /app/main.go:12\n  \
         lib runtime.gopanic /usr/local/go/src/runtime/panic.go:1038\n"
    );
}

#[test]
fn go_wrapped() {
    let x = parse_error("pick order: insert: pq: duplicate key value violates \"a\"").unwrap();
    let messages: Vec<&str> = x.chain.iter().map(|l| l.message.as_str()).collect();
    assert_eq!(messages, ["pick order", "insert", "pq: duplicate key value violates \"a\""]);
    assert_eq!(
        show(
            "insert failed\ngithub.com/acme/shop.insert\n\t/app/store.go:12\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:1"
        ),
        " | insert failed\n  app github.com/acme/shop.insert /app/store.go:12\n  lib runtime.main /usr/local/go/src/runtime/proc.go:1\n"
    );
}

#[test]
fn rust_panic_and_report() {
    assert_eq!(
        show(
            "thread 'main' panicked at src/pick.rs:12:5:\nno stock\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/abc/library/std/src/panicking.rs:1:5\n   1: shop::pick::insert::h0123456789abcdef\n             at ./src/pick.rs:12:5\nnote: Some details are omitted"
        ),
        "panic | no stock\n  app  src/pick.rs:12\n  lib rust_begin_unwind /rustc/abc/library/std/src/panicking.rs:1\n  app shop::pick::insert src/pick.rs:12\n"
    );
    assert_eq!(
        show("Error: picking order 12\n\nCaused by:\n    0: insert\n    1: duplicate key\n"),
        " | picking order 12\n | insert\n | duplicate key\n"
    );
}

#[test]
fn php_with_what_wrapped_it() {
    assert_eq!(
        show(
            "PHP Fatal error:  Uncaught PDOException: SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry '12' for key 'PRIMARY' in /var/www/src/Store.php:41\nStack trace:\n#0 /var/www/src/Store.php(41): PDOStatement->execute()\n#1 /var/www/vendor/acme/Bus.php(12): App\\Store->insert(Array)\n#2 {main}\n\nNext App\\PickFailed: order 12 in /var/www/src/Pick.php:14\nStack trace:\n#0 /var/www/src/main.php(3): App\\Pick->run()\n#1 {main}\n  thrown in /var/www/src/Pick.php on line 14"
        ),
        "App\\PickFailed | order 12\n\
         PDOException | SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry '12' for key 'PRIMARY'\n  \
         app  /var/www/src/Store.php:41\n  \
         app PDOStatement->execute /var/www/src/Store.php:41\n  \
         lib App\\Store->insert /var/www/vendor/acme/Bus.php:12\n  \
         lib {main} ?:0\n  \
         app  /var/www/src/Pick.php:14\n  \
         app App\\Pick->run /var/www/src/main.php:3\n  \
         lib {main} ?:0\n"
    );
}

#[test]
fn php_by_monolog() {
    assert_eq!(
        show(
            "order failed {\"exception\":\"[object] (App\\PickFailed(code: 0): order 12 at /var/www/src/Pick.php:14)\n[stacktrace]\n#0 /var/www/src/main.php(3): App\\Pick->run()\n#1 {main}\n\n[previous exception] [object] (PDOException(code: 23000): no host at /var/www/src/Store.php:41)\n[stacktrace]\n#0 /var/www/src/Store.php(41): PDO->__construct()\n#1 {main}\n\"}"
        ),
        "App\\PickFailed | order 12\nPDOException | no host\n  \
         app  /var/www/src/Store.php:41\n  app PDO->__construct /var/www/src/Store.php:41\n  lib {main} ?:0\n  \
         app  /var/www/src/Pick.php:14\n  app App\\Pick->run /var/www/src/main.php:3\n  lib {main} ?:0\n"
    );
}

#[test]
fn ruby_with_cause() {
    assert_eq!(
        show(
            "/app/pick.rb:14:in `rescue in handle': order 12 (PickFailed)\n\tfrom /app/pick.rb:7:in `handle'\n\tfrom /app/main.rb:3:in `<main>'\n/app/store.rb:12:in 'Store#insert': undefined method 'id' for nil (NoMethodError)\n\tfrom /usr/local/bundle/gems/pg-1.5/lib/pg.rb:88:in 'PG.run'\n"
        ),
        "PickFailed | order 12\nNoMethodError | undefined method 'id' for nil\n  \
         app Store#insert /app/store.rb:12\n  lib PG.run /usr/local/bundle/gems/pg-1.5/lib/pg.rb:88\n  \
         app handle /app/pick.rb:14\n  app handle /app/pick.rb:7\n  app <main> /app/main.rb:3\n"
    );
}

#[test]
fn ruby_by_rails() {
    assert_eq!(
        show(
            "ActiveRecord::RecordNotUnique (PG::UniqueViolation: ERROR:  duplicate key value violates unique constraint \"picks_pkey\"\nDETAIL:  Key (id)=(7) already exists.\n):\n  \napp/models/pick.rb:12:in `store'\napp/jobs/pick_job.rb:7:in `perform'\n\nCauses:\nPG::UniqueViolation (ERROR:  duplicate key value violates unique constraint \"picks_pkey\")\napp/models/pick.rb:12:in `store'"
        ),
        "ActiveRecord::RecordNotUnique | PG::UniqueViolation: ERROR:  duplicate key value violates unique constraint \"picks_pkey\"⏎DETAIL:  Key (id)=(7) already exists.\n\
         PG::UniqueViolation | ERROR:  duplicate key value violates unique constraint \"picks_pkey\"\n  \
         app store app/models/pick.rb:12\n  app store app/models/pick.rb:12\n  app perform app/jobs/pick_job.rb:7\n"
    );
}

/// Time grows with length: texts made to be searched again and again take no more than others of the same length.
#[test]
fn odd_texts_take_no_longer_than_others() {
    let odd = [
        "---> (Inner Exception #1) A.BException: x<---\n",
        " ---> System.AException: b",
        "Caused by: a.BException: nested exception is ",
        "goroutine 1 [running]:\n",
        "\tat a.b(",
        "a: b: c: ",
        "#0 a.php(1): x in a.php:1\n",
        "a.rb:1:in `b': c (D)\n",
        "[cause]: Error: x {\n",
        "<Run>d__5.<<b>",
        "  + Exception Group Traceback (most recent call last):\n  | A: b\n",
        "thread 'm' panicked at 'x', ",
        "a:1:b:2:in `c'\n",
        "1: from a.rb:1:in `b'\n",
        "  | + Exception Group Traceback (most recent call last):\n    +-+---------------- 1 ----------------\n",
        "x@http://a:1:2@",
        "panic: a [recovered]\n\tpanic: b\n",
        "[errors]: [\n  Error: a\n",
        "main.f\nmain.g\n\t/a.go:1\n",
        "PHP   1. a() b:1\n",
        " bei a.b(",
        "std[0123456789abcdef]::",
    ];
    for piece in odd {
        let time = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len());
            let run = || {
                let start = std::time::Instant::now();
                std::hint::black_box(parse_exception(&text));
                start.elapsed()
            };
            (0..3).map(|_| run()).min().unwrap_or_default()
        };
        let (short, long) = (time(16 << 10), time(1 << 20));
        // Sixty-four times the text: linear is sixty-four times the time, quadratic would be 4,096 times. Other work on
        // the machine may make it several times as long.
        let limit = short * 400 + std::time::Duration::from_millis(300);
        assert!(long < limit, "{piece:?}: {short:?} for 16 KB, {long:?} for 1 MB");
    }
}

#[test]
fn a_type_inside_a_line() {
    assert_eq!(show("order failed: TypeError: x is not a function"), "TypeError | x is not a function\n");
    assert_eq!(show("Order 12 was picked"), "-");
    assert_eq!(parse_error("  "), None);
    assert_eq!(parse_error("connection refused").unwrap().root_message(), "connection refused");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in r#"([ \t\n():\[\]<>|"'é]|at |Caused by: |com\.acme\.FooException|: |File "a", line 1, in f|goroutine 1 \[|\t/a\.go:1|panic: |thread 'm' panicked at |---> |\[cause\]: |Traceback \(most recent call last\):|[a-z]{1,4}){0,40}"#) {
        parse_exception(&text);
        parse_error(&text);
    }

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        parse_exception(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn a_trace_in_monologs_context_has_its_head_in_the_first_line() {
    let log = "[2026-04-01 04:26:39] production.ERROR: Invoice 77 was not sent {\"exception\":\"[object] (TypeError(code: 0): App\\\\Mail::to(): Argument #1 ($locale) must be of type string, null given, called in /srv/app/Send.php on line 27 at /srv/app/Mail.php:9))\n[stacktrace]\n#0 /srv/app/Send.php(27): App\\\\Mail->to(NULL)\n#1 /srv/vendor/laravel/framework/src/Command.php(211): App\\\\Send->handle()\n#2 {main}\n\"} \n";
    let event = crate::parse_event(log.as_bytes(), &crate::profile(log.as_bytes()));
    assert_eq!(event.message, "Invoice 77 was not sent");
    let exception = crate::parse_exception(event.exception.as_deref().unwrap()).unwrap();
    assert_eq!(exception.root_type(), "TypeError");
    assert!(exception.root_message().starts_with("App\\Mail::to(): Argument #1"), "{exception:?}");
    let frames: Vec<_> =
        exception.application_frames().map(|f| (f.file.clone().unwrap_or_default(), f.line)).collect();
    assert_eq!(frames[..2], [("/srv/app/Mail.php".into(), Some(9)), ("/srv/app/Send.php".into(), Some(27))]);
}
