package dev.hawse.cli;

import dev.hawse.client.HawseException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/**
 * From arguments to an exit code. Only the command that is asked for is built, since looking through the annotations of all
 * of them would take longer than most commands do.
 */
final class Cli {

    /** Our own failures, as against those of the process that a command runs. */
    static final int FAILED = 125;

    /** What a shell reports for a program that wrote to a closed pipe. */
    private static final int BROKEN_PIPE = 128 + 13;

    /** In the order of the help. */
    static final List<String> COMMANDS = List.of(
            "run",
            "exec",
            "execs",
            "attach",
            "create",
            "start",
            "stop",
            "kill",
            "restart",
            "pause",
            "unpause",
            "rm",
            "rename",
            "ps",
            "inspect",
            "logs",
            "wait",
            "top",
            "images",
            "load",
            "save",
            "rmi",
            "tag",
            "events",
            "runtime",
            "info",
            "version",
            "completion");

    /** Everything behind the first argument that is no flag belongs to the process. */
    private static final Set<String> WITH_COMMAND_LINE = Set.of("run", "create", "exec");

    private final Console console;

    Cli(Console console) {
        this.console = console;
    }

    int run(String... given) {
        var args = withVerb(given);
        var root = new Hawse(console);
        var line = commandLine(root, wanted(args));
        line.setExecutionExceptionHandler((e, _, _) -> failed(e, root.debug()));
        line.setParameterExceptionHandler((e, _) -> misused(e));
        return line.execute(args);
    }

    /** The program with all of its commands, as completion and help need it. */
    static CommandLine whole(Hawse root) {
        return commandLine(root, null);
    }

    /** "exec ls" is "execs ls", and so on: documented, and only where the word stands right behind "exec". */
    private static String[] withVerb(String[] args) {
        for (int i = 0; i + 1 < args.length; i++) {
            if (COMMANDS.contains(args[i])) {
                if (args[i].equals("exec") && ExecsCommand.VERBS.contains(args[i + 1])) {
                    var changed = args.clone();
                    changed[i] = "execs";
                    return changed;
                }
                return args;
            }
        }
        return args;
    }

    private static @Nullable String wanted(String[] args) {
        for (var arg : args) {
            if (COMMANDS.contains(arg)) {
                return arg.equals("completion") ? null : arg;
            }
        }
        return null;
    }

    private static CommandLine commandLine(Hawse root, @Nullable String only) {
        var line = new CommandLine(root);
        for (var name : only == null ? COMMANDS : List.of(only)) {
            var command = name.equals("execs") ? ExecsCommand.commandLine(root) : new CommandLine(command(name, root));
            command.setStopAtPositional(WITH_COMMAND_LINE.contains(name));
            line.addSubcommand(name, command);
        }
        // A file's content is no argument because its name begins with "@".
        line.setExpandAtFiles(false);
        line.setUsageHelpWidth(100);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
        line.setOut(new PrintWriter(root.console().out(), true, java.nio.charset.StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(root.console().err(), true, java.nio.charset.StandardCharsets.UTF_8));
        return line;
    }

    private static Object command(String name, Hawse root) {
        return switch (name) {
            case "run" -> new RunCommand(root);
            case "exec" -> new ExecCommand(root);
            case "attach" -> new AttachCommand(root);
            case "create" -> new CreateCommand(root);
            case "start" -> new StartCommand(root);
            case "stop" -> new StopCommand(root);
            case "kill" -> new KillCommand(root);
            case "restart" -> new RestartCommand(root);
            case "pause" -> new PauseCommand(root);
            case "unpause" -> new UnpauseCommand(root);
            case "rm" -> new RmCommand(root);
            case "rename" -> new RenameCommand(root);
            case "ps" -> new PsCommand(root);
            case "inspect" -> new InspectCommand(root);
            case "logs" -> new LogsCommand(root);
            case "wait" -> new WaitCommand(root);
            case "top" -> new TopCommand(root);
            case "images" -> new ImagesCommand(root);
            case "load" -> new LoadCommand(root);
            case "save" -> new SaveCommand(root);
            case "rmi" -> new RmiCommand(root);
            case "tag" -> new TagCommand(root);
            case "events" -> new EventsCommand(root);
            case "runtime" -> new RuntimeCommand(root);
            case "info" -> new InfoCommand(root);
            case "version" -> new VersionCommand(root);
            case "completion" -> new CompletionCommand(root);
            default -> throw new IllegalArgumentException("no command " + name);
        };
    }

    private int failed(Exception e, boolean debug) {
        if (isBrokenPipe(e)) {
            return BROKEN_PIPE;
        }
        say(sentence(e));
        if (debug) {
            var trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            console.error(trace.toString());
        }
        return e instanceof HawseException h ? ExitCodes.of(h) : FAILED;
    }

    private int misused(ParameterException e) {
        var command = e.getCommandLine().getCommandSpec();
        say(sentence(e) + " (see '" + command.qualifiedName() + " --help')");
        return FAILED;
    }

    private void say(String sentence) {
        try {
            console.error("hawse: " + sentence);
        } catch (UncheckedIOException closed) {
            // Nobody listens any more; the exit code says it.
        }
    }

    private static String sentence(Exception e) {
        var message = e.getMessage();
        var text = switch (e) {
            case HawseException h -> h.getMessage();
            case java.nio.file.NoSuchFileException f -> f.getFile() + ": no such file";
            case java.nio.file.AccessDeniedException f -> f.getFile() + ": permission denied";
            case CommandLine.UnmatchedArgumentException u
            when u.getCommandLine().getParent() == null ->
                "no such command or flag: " + u.getUnmatched().getFirst();
            case IOException _, CliFailure _, ParameterException _ -> message;
            default -> null;
        };
        return Printable.escape(text == null ? e.toString() : text);
    }

    private static boolean isBrokenPipe(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof IOException && "Broken pipe".equals(t.getMessage())) {
                return true;
            }
        }
        return false;
    }
}
