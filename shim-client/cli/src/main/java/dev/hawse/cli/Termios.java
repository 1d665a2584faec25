package dev.hawse.cli;

import dev.hawse.client.TerminalSize;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * What libc does with the terminal on standard input. Its settings are a piece of memory here that nobody looks into, so
 * that what is put back is exactly what was there, line speed included.
 */
final class Termios {

    private static final int STDIN = 0;

    /** More than any libc's struct termios, which has 60 bytes with glibc and musl. */
    private static final int SETTINGS_SIZE = 256;

    /** After all output has been written, as stty does. */
    private static final int TCSADRAIN = 1;

    /** The request that reads a struct winsize, on x86-64 and arm64. */
    private static final long TIOCGWINSZ = 0x5413;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle TCGETATTR = function(
            "tcgetattr", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    private static final MethodHandle TCSETATTR = function(
            "tcsetattr",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    private static final MethodHandle CFMAKERAW = function("cfmakeraw", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    private static final MethodHandle IOCTL = function(
            "ioctl",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2));

    private final MemorySegment settings;

    private Termios(MemorySegment settings) {
        this.settings = settings;
    }

    @SuppressWarnings("restricted") // The program is started with --enable-native-access.
    private static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
    }

    /** The settings as they are. */
    static Termios current() throws IOException {
        var settings = Arena.ofAuto().allocate(SETTINGS_SIZE);
        check("tcgetattr", call(() -> (int) TCGETATTR.invokeExact(STDIN, settings)));
        return new Termios(settings);
    }

    /** The same, but every byte passes and none means anything. */
    Termios raw() throws IOException {
        var raw = Arena.ofAuto().allocate(SETTINGS_SIZE).copyFrom(settings);
        check("cfmakeraw", call(() -> {
            CFMAKERAW.invokeExact(raw);
            return 0;
        }));
        return new Termios(raw);
    }

    /** Makes the terminal so. */
    void apply() throws IOException {
        check("tcsetattr", call(() -> (int) TCSETATTR.invokeExact(STDIN, TCSADRAIN, settings)));
    }

    /** The size of the terminal; the usual one when it does not know. */
    static TerminalSize size() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var winsize = arena.allocate(ValueLayout.JAVA_SHORT, 4);
            int result = call(() -> (int) IOCTL.invokeExact(STDIN, TIOCGWINSZ, winsize));
            int rows = Short.toUnsignedInt(winsize.getAtIndex(ValueLayout.JAVA_SHORT, 0));
            int columns = Short.toUnsignedInt(winsize.getAtIndex(ValueLayout.JAVA_SHORT, 1));
            return result != 0 || rows == 0 || columns == 0 ? TerminalSize.DEFAULT : new TerminalSize(columns, rows);
        }
    }

    private static void check(String function, int result) throws IOException {
        if (result != 0) {
            throw new IOException(function + " failed on the terminal");
        }
    }

    private interface Call {
        int run() throws Throwable;
    }

    private static int call(Call call) throws IOException {
        try {
            return call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException(e);
        }
    }
}
