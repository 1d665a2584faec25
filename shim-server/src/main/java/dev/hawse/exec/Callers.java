package dev.hawse.exec;

import dev.hawse.runtime.ExecControl;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.TerminalSize;

/** What callers do with a command: join and leave it, and feed it. Safe for use by any number of threads; nothing blocks. */
final class Callers {

    private final Exec exec;
    private final Life life;
    private final Endings endings;
    private final Viewers viewers = new Viewers();
    private volatile boolean inputEnded;

    Callers(Exec exec, Life life, Endings endings) {
        this.exec = exec;
        this.life = life;
        this.endings = endings;
    }

    /** See {@link Exec#join}. */
    Attachment join(Joining how, Viewer viewer) {
        var io = exec.command().spec().io();
        if (how.size() != null && !io.terminal()) {
            throw RuntimeFailure.invalid("size", "the command has no terminal");
        }
        if (how.input() != Joining.Input.NONE && !io.stdin()) {
            throw RuntimeFailure.invalid("stdin", "the command was started without it");
        }
        var caller = new Attachment(exec, how, viewer);
        Attachment loser;
        try {
            loser = viewers.add(caller, how.input());
        } catch (RuntimeFailure e) {
            caller.stopReading();
            throw e;
        }
        endings.visited();
        if (loser != null) {
            loser.writerLost();
        }
        if (how.size() != null) {
            resize(caller, how.size());
        }
        return caller;
    }

    void leave(Attachment caller) {
        if (!viewers.remove(caller)) {
            return;
        }
        caller.stopReading();
        if (viewers.haveLeft() && life.state() != ExecState.EXITED) {
            if (wantItNoMore()) {
                life.giveUp();
            }
            endings.deserted();
        }
    }

    /** Whether all have left, and the command is not to go on without them. */
    boolean wantItNoMore() {
        return viewers.haveLeft() && !(exec.command().onDisconnect() instanceof DisconnectPolicy.Detach);
    }

    void write(Attachment caller, byte[] bytes, Runnable accepted) {
        if (life.state() == ExecState.EXITED || viewers.isDispossessed(caller)) {
            accepted.run();
            return;
        }
        if (!viewers.gives(caller)) {
            throw caller.asksForInput()
                    ? Viewers.taken(exec)
                    : RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "stdin: the call was started without it");
        }
        if (inputEnded) {
            throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "stdin: it has ended already");
        }
        life.toProcess(control -> control.write(bytes, accepted));
    }

    void endInput(Attachment caller) {
        var io = exec.command().spec().io();
        if (io.stdin() && !inputEnded && viewers.gives(caller)) {
            // On a terminal it only types a character.
            inputEnded = !io.terminal();
            life.toProcess(ExecControl::endInput);
        }
    }

    /** One that asked for no input may be the one who started the command; one that has lost it may not. */
    void resize(Attachment caller, TerminalSize size) {
        if (!caller.asksForInput() || viewers.gives(caller)) {
            life.toProcess(control -> control.resize(size));
        }
    }

    /** There were callers before this server. */
    void wereHere() {
        viewers.wereHere();
    }

    /** In an earlier life of this server. */
    void inputHasEnded() {
        inputEnded = true;
    }

    boolean inputOpen() {
        return !inputEnded;
    }

    boolean hasWriter() {
        return viewers.hasWriter();
    }

    int count() {
        return viewers.count();
    }

    boolean haveLeft() {
        return viewers.haveLeft();
    }
}
