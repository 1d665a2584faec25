package dev.hawse.runtime;

import java.util.List;
import java.util.Map;

/**
 * A command to execute in a container. Immutable.
 *
 * @param args the program and its arguments, at least the program
 * @param env added to the container's
 * @param workingDir absolute; empty for the container's
 * @param user empty for the container's
 */
public record ExecSpec(List<String> args, Map<String, String> env, String workingDir, String user, ProcessIo io) {

    public ExecSpec {
        args = List.copyOf(args);
        env = Map.copyOf(env);
        var out = new Violations();
        if (args.isEmpty() || args.getFirst().isEmpty()) {
            out.add("args", "must name a program");
        }
        ProcessRules.arguments(args, env, out);
        ProcessRules.workingDir(workingDir, out);
        ProcessRules.user(user, out);
        out.check();
    }

    /** A command with nothing special about it. */
    public static ExecSpec of(String... args) {
        return new ExecSpec(List.of(args), Map.of(), "", "", ProcessIo.NONE);
    }

    public ExecSpec withIo(ProcessIo io) {
        return new ExecSpec(args, env, workingDir, user, io);
    }

    public ExecSpec withEnv(Map<String, String> env) {
        return new ExecSpec(args, env, workingDir, user, io);
    }

    public ExecSpec withUser(String user) {
        return new ExecSpec(args, env, workingDir, user, io);
    }

    public ExecSpec withWorkingDir(String workingDir) {
        return new ExecSpec(args, env, workingDir, user, io);
    }
}
