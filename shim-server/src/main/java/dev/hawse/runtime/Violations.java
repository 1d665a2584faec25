package dev.hawse.runtime;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with an input, so that a caller learns of everything at once. Not safe for several threads. */
final class Violations {

    private static final int MOST = 32;

    private final List<FieldViolation> found = new ArrayList<>();

    void add(String field, String message) {
        if (found.size() < MOST) {
            found.add(new FieldViolation(field, message));
        }
    }

    void check() {
        if (!found.isEmpty()) {
            throw RuntimeFailure.invalid(found);
        }
    }
}
