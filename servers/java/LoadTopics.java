import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Fills a broker from lines of JSON on its input: {@code {"create":topic,"partitions":n}}, records as {@code kcat -J} prints them,
 * and {@code {"group":g,"topic":t,"partition":p,"committed":o}}, in that order. Times, partitions and headers are kept.
 */
public final class LoadTopics {
    private final ObjectMapper mapper = new ObjectMapper();
    private final Map<String, Map<TopicPartition, OffsetAndMetadata>> groups = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", arguments[0], "linger.ms", "20", "acks", "all");
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (Admin admin = Admin.create(settings);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes);
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            new LoadTopics().load(lines, admin, producer);
        }
    }

    private void load(BufferedReader lines, Admin admin, KafkaProducer<byte[], byte[]> producer) throws Exception {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode item = mapper.readTree(line);
            if (item.has("create")) {
                create(item, admin);
            } else if (item.has("group")) {
                commit(item);
            } else {
                send(item, producer);
            }
        }
        producer.flush();
        for (Map.Entry<String, Map<TopicPartition, OffsetAndMetadata>> group : groups.entrySet()) {
            admin.alterConsumerGroupOffsets(group.getKey(), group.getValue()).all().get();
        }
    }

    private void create(JsonNode item, Admin admin) throws Exception {
        NewTopic topic = new NewTopic(item.get("create").asText(), Optional.of(item.get("partitions").asInt()), Optional.empty());
        // Records keep their own times, however long ago that was.
        topic.configs(Map.of("retention.ms", "-1"));
        admin.createTopics(List.of(topic)).all().get();
    }

    private void commit(JsonNode item) {
        TopicPartition partition = new TopicPartition(item.get("topic").asText(), item.get("partition").asInt());
        OffsetAndMetadata offset = new OffsetAndMetadata(item.get("committed").asLong());
        groups.computeIfAbsent(item.get("group").asText(), group -> new HashMap<>()).put(partition, offset);
    }

    private void send(JsonNode item, KafkaProducer<byte[], byte[]> producer) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
            item.get("topic").asText(),
            item.get("partition").asInt(),
            item.get("ts").asLong() < 0 ? null : item.get("ts").asLong(),
            bytes(item.get("key")),
            bytes(item.get("payload")));
        JsonNode headers = item.path("headers");
        for (int at = 0; at + 1 < headers.size(); at += 2) {
            record.headers().add(headers.get(at).asText(), bytes(headers.get(at + 1)));
        }
        producer.send(record);
    }

    private static byte[] bytes(JsonNode value) {
        if (value == null || value.isNull()) {
            return null;
        }
        return (value.isTextual() ? value.asText() : value.toString()).getBytes(StandardCharsets.UTF_8);
    }
}
