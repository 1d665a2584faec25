package dev.hawse.containerd.oci;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds who "user:group" is, by the container's own /etc/passwd and /etc/group and Docker's rules. */
public final class UserResolver {

    private static final String PASSWD = "/etc/passwd";
    private static final String GROUP = "/etc/group";
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    private UserResolver() {}

    private record User(String name, int uid, int gid) {}

    private record Group(String name, int gid, List<String> members) {}

    /**
     * The user and its groups. No file is read when user and group are both numbers.
     *
     * @param user "user", "uid", "user:group" or "uid:gid"; empty for root
     * @throws RuntimeFailure with {@link Reason#USER_NOT_FOUND} for a name that the container does not have
     */
    public static ResolvedUser resolve(String user, RootFiles files) {
        var parts = (user.isEmpty() ? "0" : user).split(":", 2);
        var uid = number(parts[0]);
        var explicitGroup = parts.length == 2;
        var explicitGid = explicitGroup ? number(parts[1]) : null;
        if (uid != null && explicitGid != null) {
            return withGroups(uid, explicitGid, List.of());
        }
        var row = first(users(files), u -> uid == null ? u.name.equals(parts[0]) : u.uid == uid);
        if (row == null && uid == null) {
            throw notFound("user", parts[0], PASSWD);
        }
        var id = row == null ? uid : Integer.valueOf(row.uid);
        if (id == null) {
            throw notFound("user", parts[0], PASSWD);
        }
        if (explicitGroup) {
            return withGroups(id, explicitGid == null ? gid(parts[1], files) : explicitGid, List.of());
        }
        if (row == null) {
            return withGroups(id, 0, List.of());
        }
        var memberOf = groups(files).stream()
                .filter(g -> g.members.contains(row.name))
                .map(Group::gid)
                .toList();
        return withGroups(id, row.gid, memberOf);
    }

    private static ResolvedUser withGroups(int uid, int gid, List<Integer> others) {
        var gids = new ArrayList<Integer>();
        gids.add(gid);
        others.stream().filter(other -> other != gid).distinct().forEach(gids::add);
        return new ResolvedUser(uid, gid, gids);
    }

    private static int gid(String name, RootFiles files) {
        var group = first(groups(files), g -> g.name.equals(name));
        if (group == null) {
            throw notFound("group", name, GROUP);
        }
        return group.gid;
    }

    private static List<User> users(RootFiles files) {
        var users = new ArrayList<User>();
        for (var fields : rows(PASSWD, files)) {
            var uid = fields.length < 4 ? null : smallNumber(fields[2]);
            var gid = fields.length < 4 ? null : smallNumber(fields[3]);
            if (uid != null && gid != null) {
                users.add(new User(fields[0], uid, gid));
            }
        }
        return users;
    }

    private static List<Group> groups(RootFiles files) {
        var groups = new ArrayList<Group>();
        for (var fields : rows(GROUP, files)) {
            var gid = fields.length < 3 ? null : smallNumber(fields[2]);
            if (gid != null) {
                groups.add(new Group(fields[0], gid, fields.length < 4 ? List.of() : List.of(fields[3].split(","))));
            }
        }
        return groups;
    }

    private static List<String[]> rows(String path, RootFiles files) {
        var bytes = files.read(path);
        return bytes == null
                ? List.of()
                : new String(bytes, StandardCharsets.UTF_8)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .map(line -> line.split(":", -1))
                        .toList();
    }

    private static <T> @Nullable T first(List<T> rows, Predicate<T> wanted) {
        return rows.stream().filter(wanted).findFirst().orElse(null);
    }

    /** Null for a name. Digits are always a number, as Docker has it. */
    private static @Nullable Integer number(String text) {
        if (!DIGITS.matcher(text).matches()) {
            return null;
        }
        var number = smallNumber(text);
        if (number == null) {
            throw RuntimeFailure.invalid("user", "a number must be 0 to 2147483647 (got " + Text.printable(text) + ")");
        }
        return number;
    }

    /** Null for what is no id: a row with it stands for nobody, least of all for root (CVE-2024-40635). */
    private static @Nullable Integer smallNumber(String text) {
        if (!DIGITS.matcher(text).matches() || text.length() > 10 || Long.parseLong(text) > Integer.MAX_VALUE) {
            return null;
        }
        return Integer.valueOf(text);
    }

    private static RuntimeFailure notFound(String what, String name, String path) {
        return RuntimeFailure.of(
                Reason.USER_NOT_FOUND,
                "the container's " + path + " has no " + what + " \"" + Text.printable(name)
                        + "\"; give one that it has, or a number",
                Map.of(what, Text.printable(name)));
    }
}
