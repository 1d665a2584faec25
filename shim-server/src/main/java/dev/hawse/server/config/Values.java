package dev.hawse.server.config;

import dev.hawse.runtime.Text;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is set, and where; what is set later counts. Not safe for several threads. */
final class Values {

    private final Map<Setting<?>, Value> set = new HashMap<>();

    /** Sets from text; refused when it is outside of what is allowed. */
    <T> void set(Setting<T> setting, String text, String source) {
        var value = setting.type().text().apply(text);
        if (value == null) {
            throw wrong(setting, "\"" + Text.printable(text) + "\"", source);
        }
        set.put(setting, new Value(value, source));
    }

    static ConfigException wrong(Setting<?> setting, String got, String source) {
        return new ConfigException(
                setting.key() + ": must be " + setting.type().allowed() + " (got " + got + " from " + source + ")");
    }

    HawseConfig toConfig() {
        return new HawseConfig(
                new HawseConfig.Listen(get(Setting.LISTEN_ADDRESS), get(Setting.LISTEN_GROUP)),
                new HawseConfig.Containerd(
                        get(Setting.CONTAINERD_ADDRESS),
                        get(Setting.NAMESPACE_NAME),
                        get(Setting.SNAPSHOTTER),
                        ociRuntimes(),
                        get(Setting.START_TIMEOUT),
                        get(Setting.RESYNC_INTERVAL)),
                new HawseConfig.Paths(get(Setting.STATE), get(Setting.RUN)),
                new HawseConfig.Policy(get(Setting.BIND_ROOTS), get(Setting.BIND_DENY)),
                new HawseConfig.Exec(get(Setting.MAX_STARTS), get(Setting.DRAIN_TIMEOUT), get(Setting.RETENTION)),
                new HawseConfig.Events(get(Setting.EVENTS_RETENTION), get(Setting.EVENTS_RETENTION_COUNT)),
                new HawseConfig.Server(
                        get(Setting.SHUTDOWN_GRACE), get(Setting.MAX_MESSAGE), get(Setting.MAX_CONNECTIONS)),
                new HawseConfig.Logs(get(Setting.LOGS_MAX_SIZE), get(Setting.LOGS_MAX_FILES)),
                new HawseConfig.Log(get(Setting.LOG_LEVEL), get(Setting.LOG_FORMAT)));
    }

    private Map<String, String> ociRuntimes() {
        var names = get(Setting.OCI_RUNTIMES);
        var binaries = get(Setting.OCI_RUNTIME_BINARIES);
        for (var name : binaries.keySet()) {
            if (!names.contains(name)) {
                throw new ConfigException(Setting.OCI_RUNTIME_BINARIES.key() + ": \"" + name + "\" must be one of "
                        + Setting.OCI_RUNTIMES.key() + " (which are " + names + ")");
            }
        }
        var out = new LinkedHashMap<String, String>();
        names.forEach(name -> out.put(name, binaries.getOrDefault(name, name)));
        return out;
    }

    /** A file that sets the same, with a note where each value comes from that is no default. */
    String toToml() {
        var out = new StringBuilder();
        var section = "";
        for (var setting : Setting.ALL) {
            if (!setting.section().equals(section)) {
                section = setting.section();
                out.append(out.isEmpty() ? "" : "\n")
                        .append('[')
                        .append(section)
                        .append("]\n");
            }
            out.append(setting.name()).append(" = ").append(toml(setting));
            var value = set.get(setting);
            if (value != null) {
                out.append(" # from ").append(Text.printable(value.source()));
            }
            out.append('\n');
        }
        return out.toString();
    }

    private <T> String toml(Setting<T> setting) {
        return setting.type().toml().apply(get(setting));
    }

    @SuppressWarnings("unchecked") // only set() puts values in, made by the setting's own type
    private <T> T get(Setting<T> setting) {
        var value = set.get(setting);
        return value == null ? setting.fallback() : (T) value.value();
    }

    private record Value(Object value, String source) {}
}
