package dev.hawse.server.config;

/** How a log is written. */
public enum LogFormat {
    /** A line per event, and a stack trace below it where there is one. */
    HUMAN,
    /** An object per line. */
    JSON
}
