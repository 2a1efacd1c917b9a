package dev.kausal.engine.errors;

import org.jspecify.annotations.Nullable;

/**
 * Base of every failure that Kausal reports on purpose. Messages state what was expected, what was found, where, and
 * what to do. Each kind of mistake has a subclass, with its values as data.
 *
 * <p>Not for bugs: those are ordinary Java exceptions with a stack trace.
 */
public abstract class KausalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Who is to blame; determines the exit code of the command line. */
    public enum Blame {
        /** Usage, script, model or prompt: exit code 2. */
        USER(2),
        /** Disk, memory, network: exit code 3. */
        MACHINE(3);

        private final int exitCode;

        Blame(int exitCode) {
            this.exitCode = exitCode;
        }

        /** Returns the process exit code. */
        public int exitCode() {
            return exitCode;
        }
    }

    private final Blame blame;

    protected KausalException(Blame blame, String message) {
        super(message);
        this.blame = blame;
    }

    protected KausalException(Blame blame, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.blame = blame;
    }

    /**
     * Returns whether an error raised in foreign code, such as a script's, is reported unchanged: Kausal threw it on
     * purpose, or memory has run out.
     */
    public static boolean reportsItself(Throwable error) {
        return error instanceof KausalException || error instanceof OutOfMemoryError;
    }

    /** Returns who is to blame. */
    public Blame blame() {
        return blame;
    }
}
