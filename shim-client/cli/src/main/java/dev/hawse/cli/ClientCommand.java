package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import java.util.List;
import java.util.concurrent.Callable;

/** A command that talks to the server. */
abstract class ClientCommand implements Callable<Integer> {

    private final Hawse root;

    ClientCommand(Hawse root) {
        this.root = root;
    }

    final Console console() {
        return root.console();
    }

    @Override
    public final Integer call() throws Exception {
        try (var client = root.connect()) {
            return run(client);
        }
    }

    /** Does what the command is for; returns the exit code. */
    abstract int run(HawseClient client) throws Exception;

    /** Something to do with one thing that the command line names. */
    interface Action {
        /** Returns what to print when it is done. */
        String on(String name) throws Exception;
    }

    /** Does the same with each, also after one has failed. */
    final int each(List<String> names, Action action) throws Exception {
        int code = 0;
        for (var name : names) {
            try {
                console().line(Printable.escape(action.on(name)));
            } catch (HawseException e) {
                console().error("hawse: " + Printable.escape(String.valueOf(e.getMessage())));
                code = ExitCodes.of(e);
            }
        }
        return code;
    }
}
