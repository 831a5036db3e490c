import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What an administrator does to a broker, and sees of it.
 * {@code snapshot} prints everything that somebody could have changed, a line each, sorted;
 * {@code reader USER} lets a user see and read everything, and nothing else;
 * {@code throttle CLIENT BYTES} lets a client fetch so many bytes a second.
 */
public final class Cluster {
    private final Admin admin;
    private final TreeSet<String> lines = new TreeSet<>();

    private Cluster(Admin admin) {
        this.admin = admin;
    }

    public static void main(String[] arguments) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
            Cluster cluster = new Cluster(admin);
            switch (arguments[1]) {
                case "snapshot" -> cluster.snapshot();
                case "reader" -> cluster.reader(arguments[2]);
                case "throttle" -> cluster.throttle(arguments[2], Double.parseDouble(arguments[3]));
                default -> throw new IllegalArgumentException(arguments[1]);
            }
        }
    }

    private void snapshot() throws Exception {
        List<ConfigResource> resources = new ArrayList<>();
        resources.add(new ConfigResource(ConfigResource.Type.BROKER, "1"));
        topics(resources);
        groups(resources);
        for (Map.Entry<ConfigResource, ?> one : admin.describeConfigs(resources).all().get().entrySet()) {
            Collection<ConfigEntry> entries = ((org.apache.kafka.clients.admin.Config) one.getValue()).entries();
            for (ConfigEntry entry : entries) {
                lines.add("setting " + one.getKey() + " " + entry.name() + "=" + entry.value() + " " + entry.source());
            }
        }
        try {
            for (AclBinding acl : admin.describeAcls(AclBindingFilter.ANY).values().get()) {
                lines.add("acl " + acl);
            }
        } catch (java.util.concurrent.ExecutionException without) {
            lines.add("acl none: " + without.getCause().getClass().getSimpleName());
        }
        admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get()
            .forEach((entity, quota) -> lines.add("quota " + entity + " " + quota));
        admin.describeUserScramCredentials().all().get()
            .forEach((user, login) -> lines.add("login " + user + " " + login.credentialInfos().size()));
        admin.listTransactions().all().get()
            .forEach(one -> lines.add("transaction " + one.transactionalId() + " " + one.state()));
        lines.forEach(System.out::println);
    }

    private void topics(List<ConfigResource> resources) throws Exception {
        Collection<String> names = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
        Map<TopicPartition, OffsetSpec> first = new java.util.HashMap<>();
        Map<TopicPartition, OffsetSpec> last = new java.util.HashMap<>();
        for (TopicDescription topic : admin.describeTopics(names).allTopicNames().get().values()) {
            resources.add(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
            lines.add("topic " + topic.name() + " " + topic.topicId() + " of " + topic.partitions().size());
            topic.partitions().forEach(partition -> {
                first.put(new TopicPartition(topic.name(), partition.partition()), OffsetSpec.earliest());
                last.put(new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest());
            });
        }
        admin.listOffsets(first).all().get().forEach((place, at) -> lines.add("start " + place + " " + at.offset()));
        admin.listOffsets(last).all().get().forEach((place, at) -> lines.add("end " + place + " " + at.offset()));
    }

    private void groups(List<ConfigResource> resources) throws Exception {
        for (var group : admin.listGroups().all().get()) {
            lines.add("group " + group.groupId() + " " + group.type() + " " + group.groupState());
            resources.add(new ConfigResource(ConfigResource.Type.GROUP, group.groupId()));
            var offsets = admin.listConsumerGroupOffsets(group.groupId()).partitionsToOffsetAndMetadata().get();
            offsets.forEach((place, at) -> lines.add("committed " + group.groupId() + " " + place + " " + at));
            var told = admin.describeConsumerGroups(List.of(group.groupId())).all().get().values();
            told.forEach(one -> lines.add("members " + group.groupId() + " " + one.members().stream()
                .map(member -> member.consumerId() + " " + member.assignment()).sorted().collect(Collectors.toList())));
        }
    }

    private void reader(String user) throws Exception {
        List<AclBinding> acls = new ArrayList<>();
        acls.add(acl(user, ResourceType.CLUSTER, "kafka-cluster", AclOperation.DESCRIBE));
        for (AclOperation operation : List.of(AclOperation.READ, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS)) {
            acls.add(acl(user, ResourceType.TOPIC, "*", operation));
        }
        acls.add(acl(user, ResourceType.GROUP, "*", AclOperation.DESCRIBE));
        admin.createAcls(acls).all().get();
    }

    private static AclBinding acl(String user, ResourceType type, String name, AclOperation operation) {
        return new AclBinding(
            new ResourcePattern(type, name, PatternType.LITERAL),
            new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
    }

    private void throttle(String client, double bytes) throws Exception {
        ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, client));
        ClientQuotaAlteration.Op op = new ClientQuotaAlteration.Op("consumer_byte_rate", bytes);
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(op)))).all().get();
    }
}
