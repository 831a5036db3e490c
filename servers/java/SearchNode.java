import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Starts one node of Elasticsearch or OpenSearch, of any version, from its jars alone, and closes it when asked to stop.
 *
 * <p>Called as {@code SearchNode <package> <home> <node class> setting=value… plugin:<class>…}. All by reflection: the
 * newest jars need a newer Java than the compiler that this is compiled with.
 */
public final class SearchNode {
    private final String root;

    private SearchNode(String root) {
        this.root = root;
    }

    public static void main(String[] arguments) {
        try {
            List<String> rest = List.of(arguments).subList(3, arguments.length);
            new SearchNode(arguments[0]).start(Path.of(arguments[1]), arguments[2], rest);
        } catch (Exception failed) {
            failed.printStackTrace();
            // Threads that the node started before it failed would keep us alive.
            System.exit(1);
        }
    }

    private void start(Path home, String nodeClass, List<String> rest) throws Exception {
        Object settings = call(type("common.settings.Settings"), null, "builder");
        List<Class<?>> plugins = new ArrayList<>();
        for (String word : rest) {
            if (word.startsWith("plugin:")) {
                plugins.add(Class.forName(word.substring("plugin:".length())));
            } else {
                int equals = word.indexOf('=');
                method(settings.getClass(), "put", String.class, String.class)
                    .invoke(settings, word.substring(0, equals), word.substring(equals + 1));
            }
        }
        Object built = call(settings.getClass(), settings, "build");
        Object environment = type("env.Environment")
            .getConstructor(built.getClass(), Path.class)
            .newInstance(built, home.resolve("config"));
        log(environment);
        Object node = node(Class.forName(nodeClass), environment, plugins);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        call(type("node.Node"), node, "start");
        Thread.currentThread().join();
    }

    /** What the node says goes where {@code config/log4j2.properties} sends it: to its output. */
    private void log(Object environment) throws Exception {
        Class<?> configurator = type("common.logging.LogConfigurator");
        method(configurator, "setNodeName", String.class).invoke(null, "waylaid");
        try {
            method(configurator, "configure", environment.getClass(), boolean.class).invoke(null, environment, true);
        } catch (NoSuchMethodException older) {
            method(configurator, "configure", environment.getClass()).invoke(null, environment);
        }
    }

    private Object node(Class<?> type, Object environment, List<Class<?>> plugins) throws Exception {
        if (!plugins.isEmpty()) {
            return type.getConstructor(environment.getClass(), Collection.class).newInstance(environment, plugins);
        }
        for (Constructor<?> constructor : type.getConstructors()) {
            if (constructor.getParameterCount() == 2) {
                return constructor.newInstance(environment, modules(environment));
            }
        }
        return type.getConstructor(environment.getClass()).newInstance(environment);
    }

    /** From version 9 on, a node does not look for its modules itself. */
    private Object modules(Object environment) throws Exception {
        Class<?> loader = type("plugins.PluginsLoader");
        Object modules = method(loader, "loadModulesBundles", Path.class)
            .invoke(null, call(environment.getClass(), environment, "modulesDir"));
        Object plugins = method(loader, "loadPluginsBundles", Path.class)
            .invoke(null, call(environment.getClass(), environment, "pluginsDir"));
        return method(loader, "createPluginsLoader", java.util.Set.class, java.util.Set.class, Map.class)
            .invoke(null, modules, plugins, Map.of());
    }

    private void close(Object node) {
        try {
            call(type("node.Node"), node, "close");
        } catch (Exception failed) {
            failed.printStackTrace();
        }
    }

    private Class<?> type(String name) throws ClassNotFoundException {
        return Class.forName(root + "." + name);
    }

    private static Method method(Class<?> type, String name, Class<?>... parameters) throws NoSuchMethodException {
        return type.getMethod(name, parameters);
    }

    private static Object call(Class<?> type, Object on, String name) throws Exception {
        return method(type, name).invoke(on);
    }
}
