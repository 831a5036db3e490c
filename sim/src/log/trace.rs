//! Exceptions as Java, .NET, Node, Python and Go print them.

use std::fmt::Write;

#[derive(Debug, Clone)]
pub struct Exc {
    pub class: String,
    pub message: String,
    pub text: String,
}

/// Frames below a listener method of spring-kafka.
const SPRING_KAFKA: [&str; 14] = [
    "java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)",
    "java.base/java.lang.reflect.Method.invoke(Method.java:580)",
    "org.springframework.messaging.handler.invocation.InvocableHandlerMethod.doInvoke(InvocableHandlerMethod.java:169)",
    "org.springframework.kafka.listener.adapter.MessagingMessageListenerAdapter.invokeHandler(MessagingMessageListenerAdapter.java:376)",
    "org.springframework.kafka.listener.adapter.RecordMessagingMessageListenerAdapter.onMessage(RecordMessagingMessageListenerAdapter.java:92)",
    "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.doInvokeOnMessage(KafkaMessageListenerContainer.java:2848)",
    "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.invokeOnMessage(KafkaMessageListenerContainer.java:2826)",
    "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.doInvokeRecordListener(KafkaMessageListenerContainer.java:2673)",
    "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.doInvokeWithRecords(KafkaMessageListenerContainer.java:2558)",
    "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.invokeListener(KafkaMessageListenerContainer.java:2172)",
    "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.pollAndInvoke(KafkaMessageListenerContainer.java:1526)",
    "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.run(KafkaMessageListenerContainer.java:1421)",
    "java.base/java.util.concurrent.CompletableFuture$AsyncRun.run(CompletableFuture.java:1804)",
    "java.base/java.lang.Thread.run(Thread.java:1583)",
];

/// Frames below a controller method or a scheduled job.
const SPRING_WEB: [&str; 6] = [
    "java.base/java.lang.reflect.Method.invoke(Method.java:580)",
    "org.springframework.web.method.support.InvocableHandlerMethod.doInvoke(InvocableHandlerMethod.java:255)",
    "org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:1089)",
    "jakarta.servlet.http.HttpServlet.service(HttpServlet.java:590)",
    "org.apache.tomcat.util.threads.TaskThread$WrappingRunnable.run(TaskThread.java:63)",
    "java.base/java.lang.Thread.run(Thread.java:1583)",
];

/// A Java exception with its causes: `(class, message, own frames)` from the outermost to the root. The outermost
/// stands on a listener's frames where it is called from one.
pub fn java_exc(kafka: bool, chain: &[(&str, &str, &[&str])]) -> Exc {
    let below: &[&str] = if kafka { &SPRING_KAFKA } else { &SPRING_WEB };
    let mut text = String::new();
    for (index, (class, message, frames)) in chain.iter().enumerate() {
        let head = if index == 0 { "" } else { "Caused by: " };
        let colon = if message.is_empty() { "" } else { ": " };
        let _ = writeln!(text, "{head}{class}{colon}{message}");
        for frame in *frames {
            let _ = writeln!(text, "\tat {frame}");
        }
        if index == 0 {
            for frame in below {
                let _ = writeln!(text, "\tat {frame}");
            }
        } else {
            let common = below.len() + chain[index - 1].2.len().saturating_sub(1);
            let _ = writeln!(text, "\t... {common} more");
        }
    }
    let text = text.trim_end().to_owned();
    let (class, message) = chain.first().map_or(("", ""), |(class, message, _)| (*class, *message));
    Exc { class: class.to_owned(), message: message.to_owned(), text }
}

/// A .NET exception; inner ones first on the ` ---> ` chain, frames innermost first, as `Exception.ToString` prints.
pub fn dotnet_exc(chain: &[(&str, &str, &[&str])]) -> Exc {
    let mut text = String::new();
    for (index, (class, message, _)) in chain.iter().enumerate() {
        let head = if index == 0 { "" } else { "\n ---> " };
        let _ = write!(text, "{head}{class}: {message}");
    }
    for (index, (_, _, frames)) in chain.iter().enumerate().rev() {
        for frame in *frames {
            let _ = write!(text, "\n   at {frame}");
        }
        if index > 0 {
            text.push_str("\n   --- End of inner exception stack trace ---");
        }
    }
    let (class, message) = chain.first().map_or(("", ""), |(class, message, _)| (*class, *message));
    Exc { class: class.to_owned(), message: message.to_owned(), text }
}

/// A JavaScript error with its stack.
pub fn js_exc(class: &str, message: &str, frames: &[&str]) -> Exc {
    let mut text = format!("{class}: {message}");
    for frame in frames {
        let _ = write!(text, "\n    at {frame}");
    }
    for frame in [
        "process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
        "async Runner.processEachMessage (/app/node_modules/kafkajs/src/consumer/runner.js:231:9)",
        "async onBatch (/app/node_modules/kafkajs/src/consumer/runner.js:447:9)",
        "async Runner.handleBatch (/app/node_modules/kafkajs/src/consumer/runner.js:461:5)",
    ] {
        let _ = write!(text, "\n    at {frame}");
    }
    Exc { class: class.to_owned(), message: message.to_owned(), text }
}

/// File, line, function, source.
type PythonFrame<'a> = (&'a str, usize, &'a str, &'a str);

/// A Python traceback: `(class, message, frames)` from the root to the outermost, frames as `(file, line, function,
/// source)` with the innermost last.
pub fn python_exc(chain: &[(&str, &str, &[PythonFrame<'_>])]) -> Exc {
    let mut text = String::new();
    for (index, (class, message, frames)) in chain.iter().enumerate() {
        if index > 0 {
            text.push_str("\n\nThe above exception was the direct cause of the following exception:\n\n");
        }
        text.push_str("Traceback (most recent call last):");
        for (file, line, function, source) in *frames {
            let _ = write!(text, "\n  File \"{file}\", line {line}, in {function}");
            // compiled modules have no source to show
            if !source.is_empty() {
                let _ = write!(text, "\n    {source}");
            }
        }
        let _ = write!(text, "\n{class}: {message}");
    }
    let (class, message) = chain.last().map_or(("", ""), |(class, message, _)| (*class, *message));
    Exc { class: class.to_owned(), message: message.to_owned(), text }
}

/// A Go error: its text is all there is.
pub fn go_exc(message: &str) -> Exc {
    Exc { class: "*fmt.wrapError".to_owned(), message: message.to_owned(), text: message.to_owned() }
}
