//! Each framework's calls and annotations, and how names are found.

use super::*;
use crate::{SourceFile, Sources};

fn sources(files: &[(&str, &str)]) -> Sources {
    let files = files.iter().map(|(p, t)| SourceFile { path: (*p).into(), text: (*t).into() }).collect();
    Sources::of_files("s", files)
}

/// Uses that a framework tells: `handles orders.v1 by A.m at 3`.
fn told(files: &[(&str, &str)]) -> Vec<String> {
    let sources = sources(files);
    let show = |u: &TopicUse| {
        let role = if u.role == TopicRole::Handles { "handles" } else { "publishes" };
        format!("{}: {role} {} by {} at {}", u.framework, u.topic, u.symbol, u.line)
    };
    sources.topics().by_frameworks().map(show).collect()
}

#[test]
fn spring_kafka() {
    let yaml = "shop:\n  topics:\n    orders: orders.v1\n    refunds: refunds.v1,refunds.v2\nspring.kafka.template.default-topic: fallback.v1\n";
    let java = r##"package a;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
class Orders {
    private static final String PARCELS = "parcels" + ".v1";
    private final KafkaTemplate<String, Object> kafka;
    @Value("${shop.topics.picks:picks.v1}") private String picks;
    Orders(KafkaTemplate<String, Object> kafka) { this.kafka = kafka; }
    // kafka.send("commented.v1", x);
    @KafkaListener(id = "o", topics = "${shop.topics.orders}", groupId = "shop")
    void onOrder(Order order) {
        kafka.send(picks, order.id(), order);
        kafka.send(PARCELS, order);
    }
    @KafkaListener(topics = {Names.A, "b.v1"})
    void onMany(String text) { kafka.sendDefault(text); }
    @KafkaListener(topics = "#{'${shop.topics.refunds}'.split(',')}")
    void onRefund(String text) { kafka.send(MessageBuilder.withPayload(text).setHeader(KafkaHeaders.TOPIC, "headed.v1").build()); }
    @KafkaListener(topicPattern = "audit\\..*")
    void onAudit(String text) { log.info("got from audit.v1"); }
}
"##;
    let names = "package a;\ninterface Names { String A = \"a.v1\"; }\n";
    let files =
        [("src/main/resources/application.yml", yaml), ("src/Orders.java", java), ("src/Names.java", names)];
    assert_eq!(
        told(&files),
        [
            "spring-kafka: handles orders.v1 by Orders.onOrder at 10",
            "spring-kafka: handles a.v1 by Orders.onMany at 15",
            "spring-kafka: handles b.v1 by Orders.onMany at 15",
            "spring-kafka: handles refunds.v1 by Orders.onRefund at 17",
            "spring-kafka: handles refunds.v2 by Orders.onRefund at 17",
            "spring-kafka: handles audit\\..* by Orders.onAudit at 19",
            "spring-kafka: publishes picks.v1 by Orders.onOrder at 12",
            "spring-kafka: publishes parcels.v1 by Orders.onOrder at 13",
            "spring-kafka: publishes fallback.v1 by Orders.onMany at 16",
            "spring-kafka: publishes headed.v1 by Orders.onRefund at 18",
        ]
    );
    let code = sources(&files);
    let of = code.topics().of("orders.v1");
    assert_eq!(
        (of[0].how.as_str(), of[0].group.as_str()),
        ("${shop.topics.orders} in src/main/resources/application.yml:3", "shop")
    );
    assert_eq!(code.topics().of("audit.logins")[0].symbol, "Orders.onAudit");
    assert!(code.topics().of("commented.v1").is_empty());
}

#[test]
fn properties_that_configuration_binds() {
    let files = [
        ("src/main/resources/application.yaml", "picks:\n  topics:\n    pick-ready: picks.ready.v1\n"),
        (
            "src/Props.java",
            "@ConfigurationProperties(\"picks\") public record Props(Topics topics) { record Topics(String pickReady) {} }",
        ),
        (
            "src/Publisher.java",
            "import org.springframework.kafka.core.KafkaTemplate;\nclass Publisher {\n  private final KafkaTemplate<String, Object> kafka;\n  private final String topic;\n  Publisher(KafkaTemplate<String, Object> kafka, Props properties) {\n    this.kafka = kafka;\n    this.topic = properties.topics().pickReady();\n  }\n  void publish(Pick p) { kafka.send(topic, p.id(), p).join(); }\n}\n",
        ),
    ];
    assert_eq!(told(&files), ["spring-kafka: publishes picks.ready.v1 by Publisher.publish at 9"]);
}

#[test]
fn spring_in_kotlin() {
    let kotlin = r#"package a
import org.springframework.kafka.annotation.KafkaListener
import org.springframework.kafka.core.KafkaTemplate
class Orders(private val kafka: KafkaTemplate<String, Any>, @Value("\${topics.picks:picks.v1}") private val picks: String) {
    @KafkaListener(topics = ["\${topics.orders}", Topics.REFUNDS])
    fun onOrder(order: Order) {
        kafka.send(picks, order.id, order)
    }
}
object Topics { const val REFUNDS = "refunds.v1" }
"#;
    assert_eq!(
        told(&[("application.properties", "topics.orders=orders.v1\n"), ("Orders.kt", kotlin)]),
        [
            "spring-kafka: handles orders.v1 by Orders.onOrder at 5",
            "spring-kafka: handles refunds.v1 by Orders.onOrder at 5",
            "spring-kafka: publishes picks.v1 by Orders.onOrder at 7",
        ]
    );
}

#[test]
fn spring_cloud_stream() {
    let yaml = "spring:\n  cloud:\n    stream:\n      bindings:\n        onOrder-in-0:\n          destination: orders.v1\n        picks-out-0:\n          destination: ${PICKS:picks.v1}\n";
    let java = "import org.springframework.cloud.stream.function.StreamBridge;\n@Configuration class Flow {\n  private final StreamBridge bridge;\n  @Bean\n  public Consumer<Order> onOrder() {\n    return o -> bridge.send(\"picks-out-0\", o);\n  }\n}\n";
    assert_eq!(
        told(&[("application.yml", yaml), ("Flow.java", java)]),
        [
            "Spring Cloud Stream: handles orders.v1 by Flow.onOrder at 4",
            "Spring Cloud Stream: publishes picks.v1 by Flow.onOrder at 6",
        ]
    );
}

#[test]
fn quarkus_and_micronaut() {
    let java = "import org.eclipse.microprofile.reactive.messaging.*;\nclass A {\n  @Channel(\"picks\") Emitter<Pick> emitter;\n  @Incoming(\"orders\")\n  public void on(Order o) { emitter.send(o); }\n}\n";
    assert_eq!(
        told(&[
            ("application.properties", "mp.messaging.incoming.orders.topic=orders.v1\n"),
            ("A.java", java)
        ]),
        ["MicroProfile: publishes picks by A at 3", "MicroProfile: handles orders.v1 by A.on at 4"]
    );
}

#[test]
fn kafka_clients() {
    let java = r#"import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.streams.StreamsBuilder;
class A {
    static final String TOPIC = System.getenv().getOrDefault("ORDERS_TOPIC", "orders.v1");
    void run() {
        consumer.subscribe(Collections.singletonList(TOPIC));
        producer.send(new ProducerRecord<>("picks.v1", key, value));
        builder.stream("in.v1").mapValues(v -> v).to("out.v1");
        producer.send(new ProducerRecord<>(topicFor(order), key, value));
    }
    private String topicFor(Order o) { return o.urgent() ? "urgent.v1" : "normal.v1"; }
}
"#;
    assert_eq!(
        told(&[("A.java", java)]),
        [
            "kafka-clients: handles orders.v1 by A.run at 6",
            "kafka-clients: publishes picks.v1 by A.run at 7",
            "kafka-clients: publishes out.v1 by A.run at 8",
            "kafka-clients: handles in.v1 by A.run at 8",
            "kafka-clients: publishes urgent.v1 by A.run at 9",
            "kafka-clients: publishes normal.v1 by A.run at 9",
        ]
    );
}

#[test]
fn confluent_dotnet() {
    let cs = r#"using Confluent.Kafka;
namespace A;
public class Orders(IConfiguration configuration, IOptions<KafkaOptions> options, IProducer<string, string> producer) {
    public async Task Run() {
        consumer.Subscribe(configuration["Kafka:OrdersTopic"]);
        await producer.ProduceAsync(options.Value.PicksTopic, new Message<string, string> { Key = k });
        await producer.ProduceAsync(Topics.Parcels, new Message<string, string>());
    }
}
public static class Topics { public const string Parcels = "parcels.v1"; }
"#;
    assert_eq!(
        told(&[
            ("A.cs", cs),
            (
                "appsettings.json",
                "{ \"Kafka\": { \"OrdersTopic\": \"orders.v1\", \"PicksTopic\": \"picks.v1\" } }"
            )
        ]),
        [
            "Confluent.Kafka: handles orders.v1 by Orders.Run at 5",
            "Confluent.Kafka: publishes picks.v1 by Orders.Run at 6",
            "Confluent.Kafka: publishes parcels.v1 by Orders.Run at 7",
        ]
    );
}

#[test]
fn masstransit() {
    let setup = r#"using MassTransit;
services.AddMassTransit(x => x.AddRider(rider => {
    rider.AddProducer<PickReady>("picks.v1");
    rider.UsingKafka((context, k) => {
        k.TopicEndpoint<OrderAccepted>("orders.v1", "shop", e => { e.ConfigureConsumer<OrderConsumer>(context); });
    });
}));
class OrderConsumer : IConsumer<OrderAccepted> {
    private readonly ITopicProducer<PickReady> _producer;
    public Task Consume(ConsumeContext<OrderAccepted> context) => _producer.Produce(new PickReady());
}
"#;
    assert_eq!(
        told(&[("Program.cs", setup)]),
        [
            "MassTransit: publishes picks.v1 by  at 3",
            "MassTransit: handles orders.v1 by  at 5",
            "MassTransit: handles orders.v1 by OrderConsumer.Consume at 10",
            "MassTransit: publishes picks.v1 by OrderConsumer.Consume at 10",
        ]
    );
}

#[test]
fn kafkajs_and_confluent_in_javascript() {
    let config = "export const config = { topics: { orders: process.env.ORDERS_TOPIC || 'orders.v1', picks: 'picks.v1' } };\n";
    let ts = r"import { Kafka } from 'kafkajs';
import { config } from './config';
export enum Topic { Parcels = 'parcels.v1' }
export class Orders {
  async start() {
    await this.consumer.subscribe({ topics: [config.topics.orders], fromBeginning: true });
    await this.producer.send({ topic: config.topics.picks, messages: [] });
    await this.producer.sendBatch({ topicMessages: [{ topic: Topic.Parcels, messages: [] }] });
  }
  async dead(topic: string) { await this.producer.send({ topic: `${topic}.dlt`, messages: [] }); }
}
";
    let classic = "const { Producer } = require('@confluentinc/kafka-javascript');\nfunction run() {\n  producer.produce('a.v1', -1, Buffer.from(''));\n  consumer.subscribe(['b.v1']);\n}\n";
    assert_eq!(
        told(&[
            ("src/a.ts", ts),
            ("src/classic.js", classic),
            ("src/config.ts", config),
            (".env", "ORDERS_TOPIC=orders.v2")
        ]),
        [
            "kafkajs: handles orders.v2 by Orders.start at 6",
            "kafkajs: handles orders.v1 by Orders.start at 6",
            "kafkajs: publishes picks.v1 by Orders.start at 7",
            "kafkajs: publishes parcels.v1 by Orders.start at 8",
            "kafkajs: publishes *.dlt by Orders.dead at 10",
            "confluent-kafka-javascript: publishes a.v1 by run at 3",
            "confluent-kafka-javascript: handles b.v1 by run at 4",
        ]
    );
}

#[test]
fn nestjs() {
    let ts = "import { EventPattern } from '@nestjs/microservices';\n@Controller()\nexport class Orders {\n  constructor(@Inject('KAFKA') private readonly client: ClientKafka) {}\n  @EventPattern('orders.v1')\n  async onOrder(@Payload() order: Order) {\n    this.client.emit('picks.v1', order);\n  }\n}\n";
    assert_eq!(
        told(&[("a.ts", ts)]),
        [
            "NestJS: handles orders.v1 by Orders.onOrder at 5",
            "NestJS: publishes picks.v1 by Orders.onOrder at 7"
        ]
    );
}

#[test]
fn python_clients() {
    let settings = "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    orders_topic: str = \"orders.v1\"\nsettings = Settings()\n";
    let confluent = "from confluent_kafka import Consumer, Producer\nfrom .settings import settings\nTOPIC = os.environ.get(\"PICKS_TOPIC\", \"picks.v1\")\ndef run():\n    consumer.subscribe([settings.orders_topic])\n    producer.produce(TOPIC, value=b'x')\n";
    let aio = "from aiokafka import AIOKafkaConsumer\nasync def run():\n    consumer = AIOKafkaConsumer('a.v1', 'b.v1', group_id='g')\n    await self.producer.send_and_wait(f\"{PREFIX}.c\", b'x')\nPREFIX = 'shop'\n";
    let fast = "from faststream.kafka import KafkaBroker\n@broker.subscriber('in.v1')\n@broker.publisher('out.v1')\nasync def handle(msg):\n    await broker.publish(msg, topic='more.v1')\n";
    assert_eq!(
        told(&[
            ("app/aio.py", aio),
            ("app/confluent.py", confluent),
            ("app/fast.py", fast),
            ("app/settings.py", settings)
        ]),
        [
            "aiokafka: handles a.v1 by run at 3",
            "aiokafka: handles b.v1 by run at 3",
            "aiokafka: publishes shop.c by run at 4",
            "confluent-kafka: handles orders.v1 by run at 5",
            "confluent-kafka: publishes picks.v1 by run at 6",
            "FastStream: handles in.v1 by handle at 2",
            "FastStream: publishes out.v1 by handle at 3",
            "FastStream: publishes more.v1 by handle at 5",
        ]
    );
}

#[test]
fn go_clients() {
    let config = "package config\ntype Config struct {\n\tOrdersTopic string `env:\"ORDERS_TOPIC\" envDefault:\"orders.v1\"`\n}\n";
    let franz = "package a\nimport \"github.com/twmb/franz-go/pkg/kgo\"\nconst picksReady = \"picks.v1\"\nfunc New(cfg config.Config) {\n\tclient, _ := kgo.NewClient(kgo.ConsumeTopics(cfg.OrdersTopic))\n\tclient.Produce(ctx, &kgo.Record{Topic: picksReady, Value: v}, nil)\n}\n";
    let segment = "package b\nimport \"github.com/segmentio/kafka-go\"\ntype Pub struct { topic string; w *kafka.Writer }\nfunc NewPub(topic string) *Pub { return &Pub{topic: topic} }\nfunc (p *Pub) Send() {\n\tp.w.WriteMessages(ctx, kafka.Message{Topic: p.topic, Value: v})\n}\nfunc run() {\n\tr := kafka.NewReader(kafka.ReaderConfig{GroupID: \"g\", Topic: getEnv(\"IN_TOPIC\", \"in.v1\")})\n\tNewPub(\"out.v1\")\n}\n";
    let sarama = "package c\nimport \"github.com/IBM/sarama\"\nfunc run() {\n\tgroup.Consume(ctx, []string{\"a.v1\", \"b.v1\"}, h)\n\tp.SendMessage(&sarama.ProducerMessage{Topic: \"c.v1\", Value: sarama.StringEncoder(v)})\n}\n";
    assert_eq!(
        told(&[
            ("config/config.go", config),
            ("franz/a.go", franz),
            ("segment/b.go", segment),
            ("x/c.go", sarama)
        ]),
        [
            "franz-go: handles orders.v1 by New at 5",
            "franz-go: publishes picks.v1 by New at 6",
            "kafka-go: publishes out.v1 by Pub.Send at 6",
            "kafka-go: handles in.v1 by run at 9",
            "sarama: handles a.v1 by run at 4",
            "sarama: handles b.v1 by run at 4",
            "sarama: publishes c.v1 by run at 5",
        ]
    );
}

#[test]
fn rust_client() {
    let rust = "use rdkafka::producer::FutureRecord;\nconst PICKS: &str = \"picks.v1\";\nstruct Publisher { topic: String }\nimpl Publisher {\n    fn new(topic: String) -> Self { Self { topic } }\n    async fn send(&self) {\n        self.producer.send(FutureRecord::to(PICKS).payload(&p).key(&k), t).await;\n        self.producer.send(FutureRecord::to(&self.topic).payload(&p), t).await;\n    }\n}\nfn main() {\n    consumer.subscribe(&[\"orders.v1\"]).unwrap();\n    let p = Publisher::new(std::env::var(\"OUT\").unwrap_or_else(|_| \"out.v1\".to_string()));\n}\n";
    let mut found = told(&[("src/main.rs", rust)]);
    found.sort();
    found.dedup();
    assert_eq!(
        found,
        [
            "rdkafka: handles orders.v1 by main at 12",
            "rdkafka: publishes out.v1 by Publisher::send at 8",
            "rdkafka: publishes picks.v1 by Publisher::send at 7",
        ]
    );
}

#[test]
fn ruby_clients() {
    let karafka = "class KarafkaApp < Karafka::App\n  setup { |config| config.client_id = 'shop' }\n  routes.draw do\n    consumer_group :picks do\n      topic ENV.fetch('ORDERS_TOPIC', 'orders.v1') do\n        consumer OrdersConsumer\n      end\n    end\n    topic :refunds do\n      consumer Billing::RefundsConsumer\n    end\n  end\nend\n";
    let consumer = "class OrdersConsumer < ApplicationConsumer\n  def consume\n    messages.each { |m| handle(m) }\n  end\n  def handle(m)\n    Karafka.producer.produce_sync(topic: 'picks.v1', payload: m.raw_payload)\n  end\nend\n";
    let plain = "require 'kafka'\nclass Relay\n  TOPIC = 'parcels.v1'\n  def run\n    consumer = kafka.consumer(group_id: 'relay')\n    consumer.subscribe('labels.v1')\n    consumer.each_message { |m| kafka.deliver_message(m.value, topic: TOPIC) }\n  end\nend\n";
    let rdkafka = "require 'rdkafka'\ndef send_it(producer)\n  producer.produce(topic: 'torn.v1', payload: 'x').wait\nend\nclass Poll < Racecar::Consumer\n  subscribes_to 'polled.v1'\n  def process(message); end\nend\n";
    let files = [
        (".env", "ORDERS_TOPIC=orders.v2\n"),
        ("app/consumers/orders_consumer.rb", consumer),
        ("karafka.rb", karafka),
        ("lib/poll.rb", rdkafka),
        ("lib/relay.rb", plain),
    ];
    assert_eq!(
        told(&files),
        [
            "Karafka: publishes picks.v1 by OrdersConsumer.handle at 6",
            "Karafka: handles orders.v2 by OrdersConsumer.consume at 2",
            "Karafka: handles orders.v1 by OrdersConsumer.consume at 2",
            "Karafka: handles refunds by KarafkaApp at 9",
            "rdkafka-ruby: publishes torn.v1 by send_it at 3",
            "Racecar: handles polled.v1 by Poll.process at 6",
            "ruby-kafka: handles labels.v1 by Relay.run at 6",
            "ruby-kafka: publishes parcels.v1 by Relay.run at 7",
        ]
    );
    let code = sources(&files);
    assert_eq!(code.topics().of("labels.v1")[0].group, "relay");
    assert_eq!(code.topics().of("orders.v1")[0].group, "picks");
}

#[test]
fn php_clients() {
    let rdkafka = "<?php\nuse RdKafka\\KafkaConsumer;\nclass Worker {\n  public function __construct(private array $config) {}\n  public function run(): void {\n    $conf = new \\RdKafka\\Conf();\n    $conf->set('group.id', 'worker');\n    $consumer = new KafkaConsumer($conf);\n    $consumer->subscribe([getenv('ORDERS_TOPIC') ?: 'orders.v1']);\n    $topic = $this->producer->newTopic(Topics::PICKS);\n    $topic->produce(RD_KAFKA_PARTITION_UA, 0, 'x');\n  }\n}\nfinal class Topics { public const PICKS = 'picks.v1'; }\n";
    let laravel = "<?php\nuse Junges\\Kafka\\Facades\\Kafka;\nclass Send {\n  public function handle() {\n    Kafka::publish('broker')->onTopic(config('kafka.topics.labels'))->withBody(['a' => 1])->send();\n    Kafka::consumer(['torn.v1'], 'group-x')->withHandler(fn($m) => 1)->build();\n  }\n}\n";
    let config = "<?php\nreturn [\n  'topics' => ['labels' => env('LABELS_TOPIC', 'labels.v1')],\n];\n";
    let files = [("app/Jobs/Send.php", laravel), ("config/kafka.php", config), ("src/Worker.php", rdkafka)];
    assert_eq!(
        told(&files),
        [
            "laravel-kafka: publishes labels.v1 by Send.handle at 5",
            "laravel-kafka: handles torn.v1 by Send.handle at 6",
            "php-rdkafka: handles orders.v1 by Worker.run at 9",
            "php-rdkafka: publishes picks.v1 by Worker.run at 10",
        ]
    );
    assert_eq!(sources(&files).topics().of("orders.v1")[0].group, "worker");
}

/// Places whose topic is not told: `reads by A.m at 3 (kafka-go, group g)`.
fn untold(files: &[(&str, &str)]) -> Vec<String> {
    let show = |u: &Untold| {
        let role = if u.role == TopicRole::Handles { "reads" } else { "sends" };
        format!("{role} by {} at {} ({:?} {}, group {})", u.symbol, u.line, u.sign, u.framework, u.group)
    };
    sources(files).topics().untold.iter().map(show).collect()
}

#[test]
fn what_is_made_in_one_place_and_used_in_another() {
    let main = "package main\nimport \"github.com/segmentio/kafka-go\"\nfunc main() {\n\tcfg := load()\n\tu := &uplink{\n\t\tin: kafka.NewReader(kafka.ReaderConfig{GroupID: \"uplink\", Topic: cfg.InTopic}),\n\t\tout: &kafka.Writer{Topic: os.Getenv(\"OUT_TOPIC\")},\n\t\tparked: newWriter(\"parked.v1\"),\n\t}\n\tu.loop(ctx)\n}\nfunc newWriter(topic string) *kafka.Writer { return &kafka.Writer{Topic: topic} }\n";
    let other = "package main\nimport \"github.com/segmentio/kafka-go\"\ntype uplink struct {\n\tin *kafka.Reader\n\tout *kafka.Writer\n\tparked *kafka.Writer\n}\nfunc (u *uplink) loop(ctx context.Context) {\n\tm, err := u.in.FetchMessage(ctx)\n\tu.process(ctx, m)\n}\nfunc (u *uplink) process(ctx context.Context, m kafka.Message) {\n\tu.send(ctx, u.out, m.Value)\n\tu.parked.WriteMessages(ctx, kafka.Message{Value: m.Value})\n}\nfunc (u *uplink) send(ctx context.Context, w *kafka.Writer, v []byte) error {\n\treturn w.WriteMessages(ctx, kafka.Message{Value: v})\n}\n";
    let config = "package main\ntype Config struct {\n\tInTopic string `env:\"IN_TOPIC\"`\n}\n";
    let files = [
        (
            "compose.yaml",
            "services:\n  uplink:\n    environment:\n      IN_TOPIC: in.v1\n      OUT_TOPIC: out.v1\n",
        ),
        ("config.go", config),
        ("main.go", main),
        ("uplink.go", other),
    ];
    let mut found = told(&files);
    found.sort();
    assert_eq!(
        found,
        [
            "kafka-go: handles in.v1 by uplink.loop at 9",
            "kafka-go: publishes out.v1 by uplink.send at 17",
            "kafka-go: publishes parked.v1 by uplink.process at 14",
        ]
    );
    let code = sources(&files);
    assert_eq!(code.topics().of("in.v1")[0].group, "uplink");
    assert!(code.topics().of("out.v1")[0].how.starts_with("made at main.go:7"));
}

#[test]
fn readers_of_unknown_topics_are_kept() {
    let go = "package broker\nimport \"github.com/segmentio/kafka-go\"\ntype broker struct { out *kafka.Writer }\nfunc (b *broker) handle(ctx context.Context, m kafka.Message) error {\n\treturn b.out.WriteMessages(ctx, kafka.Message{Value: m.Value})\n}\n";
    assert_eq!(
        untold(&[("broker.go", go)]),
        [
            "sends by broker.handle at 5 (Call kafka-go, group )",
            "reads by broker.handle at 4 (Record , group )",
        ]
    );
    let cs = "namespace A;\npublic class ArrivedConsumer {\n    public async Task Handle(Arrived a) { }\n    private void Other() { }\n}\n";
    let settings = "{ \"Kafka\": { \"GroupId\": \"yard\" } }";
    assert_eq!(
        untold(&[("ArrivedConsumer.cs", cs), ("appsettings.json", settings)]),
        ["reads by ArrivedConsumer.Handle at 3 (Name , group yard)"]
    );
    let java = "import org.springframework.kafka.annotation.KafkaListener;\nclass A {\n  @KafkaListener(topics = \"${in.topic}\", groupId = \"picks\")\n  void on(String text) {}\n  @KafkaListener(topics = \"known.v1\", groupId = \"other\")\n  void known(String text) {}\n}\n";
    let files = [("A.java", java)];
    assert_eq!(untold(&files), ["reads by A.on at 3 (Call spring-kafka, group picks)"]);
    let code = sources(&files);
    let lines = |group| code.topics().may_handle(group).iter().map(|u| u.line).collect::<Vec<_>>();
    assert_eq!((lines(Some("picks")), lines(Some("others")), lines(None)), (vec![3], vec![], vec![3]));
}

#[test]
fn the_nearest_group_is_taken() {
    let js = "const { Kafka } = require('kafkajs');\nconst one = kafka.consumer({ groupId: process.env.GROUP || 'picks' });\nasync function run(consumer) { await consumer.subscribe({ topic: 'a.v1' }); }\n";
    let rust = "use rdkafka::consumer::StreamConsumer;\nfn main() {\n    let consumer: StreamConsumer = ClientConfig::new().set(\"group.id\", \"shop\").set(\"x\", \"y\").create().unwrap();\n    consumer.subscribe(&[\"b.v1\"]).unwrap();\n}\n";
    let python = "from confluent_kafka import Consumer\ndef run():\n    consumer = Consumer({'bootstrap.servers': 'k', 'group.id': 'labels'})\n    consumer.subscribe(['c.v1'])\n";
    for (path, text, topic, group) in [
        ("a.js", js, "a.v1", "picks"),
        ("src/main.rs", rust, "b.v1", "shop"),
        ("c.py", python, "c.v1", "labels"),
    ] {
        assert_eq!(sources(&[(path, text)]).topics().of(topic)[0].group, group, "{path}");
    }
    let java = "import org.springframework.kafka.annotation.KafkaListener;\nclass A {\n  @KafkaListener(topics = \"d.v1\")\n  void on(String text) {}\n}\n";
    let yaml = "spring:\n  kafka:\n    consumer:\n      group-id: ${GROUP:pick-service}\n";
    let code = sources(&[("A.java", java), ("application.yml", yaml)]);
    assert_eq!(code.topics().of("d.v1")[0].group, "pick-service");
}

#[test]
fn settings_of_every_kind_name_topics() {
    let ruby =
        "class Relay\n  def run\n    producer.produce(payload, topic: ENV['LABELS_TOPIC'])\n  end\nend\n";
    let node = "const { Kafka } = require('kafkajs');\nconst topic = config.get('kafka.picks.topic');\nasync function run() { await producer.send({ topic, messages: [] }); }\n";
    let rust = "use rdkafka::producer::FutureRecord;\nfn run(cfg: &Config) {\n    producer.send(FutureRecord::to(&cfg.kafka.parcels_topic).payload(&p), t);\n}\n";
    let python = "from confluent_kafka import Consumer\nTOPIC = os.environ['ORDERS_TOPIC']\ndef run():\n    consumer.subscribe([TOPIC])\n";
    let go = "package a\nimport \"github.com/twmb/franz-go/pkg/kgo\"\nvar topic = flag.String(\"topic\", \"flagged.v1\", \"where to\")\nfunc run() {\n\tclient.Produce(ctx, &kgo.Record{Topic: *topic}, nil)\n}\n";
    let files = [
        ("a.go", go),
        ("config.toml", "[kafka]\nparcels_topic = \"parcels.v1\"\n"),
        ("config/default.json", "{\"kafka\": {\"picks\": {\"topic\": \"picks.v1\"}}}"),
        (
            "deploy/deployment.yaml",
            "spec:\n  containers:\n    - env:\n        - name: ORDERS_TOPIC\n          value: orders.v1\n",
        ),
        ("deploy/values.yaml", "env:\n  LABELS_TOPIC: labels.v1\n"),
        ("n.js", node),
        ("p.py", python),
        ("r.rb", ruby),
        ("r.rs", rust),
    ];
    let mut found: Vec<String> =
        told(&files).iter().map(|t| t.split(" by ").next().unwrap_or_default().to_owned()).collect();
    found.sort();
    assert_eq!(
        found,
        [
            "confluent-kafka: handles orders.v1",
            "franz-go: publishes flagged.v1",
            "kafkajs: publishes picks.v1",
            "rdkafka: publishes parcels.v1",
            "ruby-kafka: publishes labels.v1",
        ]
    );
}

#[test]
fn names_without_a_framework_are_kept_and_comments_are_not() {
    let java = "/** Goes to orders.v1. */\nclass A {\n  // orders.v1\n  void run() { outbox.append(\"orders.v1\", 1); catalog.lookup(\"picks.v1\"); }\n}\n";
    let code = sources(&[("A.java", java)]);
    let of = code.topics().of("orders.v1");
    assert_eq!(of.iter().map(|u| (u.role, u.line)).collect::<Vec<_>>(), [(TopicRole::Publishes, 4)]);
    assert_eq!(code.topics().of("picks.v1")[0].role, TopicRole::Names);
    assert_eq!(code.mention("orders.v1"), Some(crate::Mention::Produces));
    assert_eq!(code.mention("parcels.v1"), None);
}
