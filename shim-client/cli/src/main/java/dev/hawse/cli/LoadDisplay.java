package dev.hawse.cli;

import dev.hawse.client.Image;
import dev.hawse.client.LoadListener;
import dev.hawse.client.LoadProgress;

/**
 * Shows how a load goes, on standard error: in one line that changes on a terminal, else in a line per layer. What was
 * loaded goes to standard output.
 */
final class LoadDisplay implements LoadListener, AutoCloseable {

    private static final String ERASE_LINE = "\r\u001b[K";
    private static final long INTERVAL_NANOS = 50_000_000;

    private final Console console;
    private final boolean quiet;
    private boolean shown;
    private long last;

    LoadDisplay(Console console, boolean quiet) {
        this.console = console;
        this.quiet = quiet;
    }

    @Override
    public void progress(LoadProgress p) {
        if (quiet) {
            return;
        }
        switch (p.phase()) {
            case READING -> inPlace("reading " + Human.size(p.done()));
            case UNPACKING -> {
                var text = "unpacking " + Printable.escape(Human.image(p.image())) + ": layer " + p.done() + " of "
                        + p.total();
                if (console.errIsTerminal()) {
                    inPlace(text);
                } else {
                    console.error(text);
                }
            }
            case UNKNOWN -> {}
        }
    }

    private void inPlace(String text) {
        if (console.errIsTerminal() && (!shown || System.nanoTime() - last > INTERVAL_NANOS)) {
            last = System.nanoTime();
            shown = true;
            console.errorText(ERASE_LINE + text);
        }
    }

    @Override
    public void loaded(Image image) {
        close();
        console.line("Loaded image: " + Printable.escape(Human.image(image.name())));
    }

    /** Takes the line that changes away. */
    @Override
    public void close() {
        if (shown) {
            console.errorText(ERASE_LINE);
            shown = false;
        }
    }
}
