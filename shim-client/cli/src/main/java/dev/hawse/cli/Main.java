package dev.hawse.cli;

import java.util.logging.LogManager;

/** The program {@code hawse}. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        // gRPC and Netty log to standard error, which belongs to the command; what matters comes as an exception.
        LogManager.getLogManager().reset();
        int code = new Cli(Console.system()).run(args);
        // Threads that wait for input cannot be woken: end without them.
        Runtime.getRuntime().exit(code);
    }
}
