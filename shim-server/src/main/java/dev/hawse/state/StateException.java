package dev.hawse.state;

/** Why a store cannot be opened, in a sentence for the operator. Nothing was changed. */
public final class StateException extends Exception {

    private static final long serialVersionUID = 1L;

    StateException(String message, Throwable cause) {
        super(message, cause);
    }

    StateException(String message) {
        super(message);
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
