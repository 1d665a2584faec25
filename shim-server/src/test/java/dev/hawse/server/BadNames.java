package dev.hawse.server;

import static dev.hawse.server.BadInput.invalid;
import static dev.hawse.server.BadInput.refused;

import dev.hawse.api.runtime.v1.RenameContainerRequest;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.Text;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Ids and names that are none. */
final class BadNames {

    private static final String RULE = "must be 2 to 64 of A-Z a-z 0-9 _ . -";

    private BadNames() {}

    static List<BadInput> rows() {
        var rows = new ArrayList<BadInput>();
        name(rows, "1", "a name that climbs, ../x,", "../x", "../x");
        name(rows, "2", "a name with a slash", "a/b", "a/b");
        name(rows, "4", "a name of 77 characters", "x".repeat(77), "xxx");
        name(rows, "5", "a name with a line end", "a\nb", "a\\u000ab");
        name(rows, "5", "a name with a NUL", "a\0b", "a\\u0000b");
        name(rows, "5", "a name with an escape", "a\u001b[2J", "a\\u001b[2J");
        name(rows, "6", "a name with an umlaut", "\u00fc-box", "\u00fc-box");
        name(rows, "6", "a name that turns its reader's eyes around", "a\u202eb", "a\\u202eb");
        name(rows, "6", "a name with a letter of another alphabet that looks the same", "b\u043ex", "b\u043ex");
        name(rows, "7", "a name like a flag", "-rf", "-rf");
        name(rows, "8", "a name of one dot", ".", ".");
        name(rows, "8", "a name of two dots", "..", "..");
        rows.add(invalid("3", "an empty id", "container", "is required", s -> s.get("")));
        rows.add(invalid("3", "an empty new name", "name", RULE, s -> rename(s, s.create(_ -> {}), "")));
        rows.add(invalid("1", "a new name that climbs", "name", RULE, s -> rename(s, s.create(_ -> {}), "../x")));
        for (var id : List.of(
                "../x", "a/b", "x".repeat(77), "a\nb", "a\0b", "\u001b[2J", "\u00fc", "a\u202eb", "-rf", "..")) {
            rows.add(refused(
                            "1-8",
                            "asking for a container by " + Text.printable(id),
                            Reason.CONTAINER_NOT_FOUND,
                            "",
                            "no container has the id, id prefix or name \"" + Text.printable(id),
                            s -> s.get(id))
                    .because("a lookup compares, it never builds a path, so what cannot be is not there"));
        }
        rows.add(refused(
                        "11",
                        "asking for an id that somebody else could have",
                        Reason.CONTAINER_NOT_FOUND,
                        "",
                        "no container has",
                        s -> s.get("0".repeat(64)))
                .because("there are no tenants yet; what is another namespace's is not there"));
        return rows;
    }

    /** Those whose answer is the engine's. */
    static List<BadInput> rowsOfContainerd() {
        var rows = new ArrayList<BadInput>();
        rows.add(refused(
                "10", "a prefix that two ids have", Reason.AMBIGUOUS_ID, "", "of 2 containers begin with", s -> {
                    // Of 17 ids, two begin with the same digit.
                    var first = new HashSet<String>();
                    String digit;
                    do {
                        digit = s.create(_ -> {}).substring(0, 1);
                    } while (first.add(digit));
                    s.get(digit);
                }));
        rows.add(refused("12", "a second container of the same name", Reason.NAME_IN_USE, "", "\"twin\"", s -> {
            s.create(spec -> spec.setName("twin"));
            s.create(spec -> spec.setName("twin").addArgs("other"));
        }));
        return rows;
    }

    private static void name(List<BadInput> rows, String cases, String what, String name, String shown) {
        var message = RULE + ", beginning with a letter or digit (got \"" + shown;
        rows.add(invalid(cases, what, "name", message, s -> s.create(spec -> spec.setName(name))));
    }

    private static void rename(Stranger stranger, String container, String name) {
        stranger.containers()
                .renameContainer(RenameContainerRequest.newBuilder()
                        .setContainer(container)
                        .setName(name)
                        .build());
    }
}
