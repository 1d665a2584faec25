package dev.hawse.cli;

/** Something that this program refuses by itself, said in a sentence. */
final class CliFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    CliFailure(String sentence) {
        super(sentence);
    }
}
