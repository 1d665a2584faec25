package dev.hawse.cli;

import java.lang.reflect.Proxy;

/**
 * Signals that other processes and the terminal send us. The JDK's only way to them, sun.misc.Signal, is reached by
 * reflection, since the compiler warns of it in a way that cannot be turned off in one place.
 */
final class Signals {

    private Signals() {}

    /** From now on, runs an action on a thread of its own instead of what the signal does by default. */
    static void handle(String name, Runnable action) {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(),
                    new Class<?>[] {handler},
                    (self, method, args) -> switch (method.getName()) {
                        case "handle" -> {
                            action.run();
                            yield null;
                        }
                        case "equals" -> args[0] == self;
                        case "hashCode" -> System.identityHashCode(self);
                        default -> "handler of SIG" + name;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("SIG" + name + " cannot be handled", e);
        }
    }
}
