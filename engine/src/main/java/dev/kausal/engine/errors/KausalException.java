package dev.kausal.engine.errors;

import org.jspecify.annotations.Nullable;

/**
 * Base of every failure that Kausal reports on purpose. Its message states what was expected, what was found, where, and
 * what to do. There is one subclass per kind of mistake, carrying the values as data.
 *
 * <p>Not for bugs: those stay ordinary Java exceptions and show a stack trace.
 */
public abstract class KausalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whose failure it is; decides the exit code of the command line. */
    public enum Blame {
        /** Usage, script, model or prompt: exit code 2. */
        USER(2),
        /** Disk, memory, network: exit code 3. */
        MACHINE(3);

        private final int exitCode;

        Blame(int exitCode) {
            this.exitCode = exitCode;
        }

        /** The process exit code for this blame. */
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
     * Whether an error from code that is not Kausal's, such as a script's, is reported as it is: because Kausal threw it on
     * purpose, or memory has run out.
     */
    public static boolean reportsItself(Throwable error) {
        return error instanceof KausalException || error instanceof OutOfMemoryError;
    }

    /** Whose failure it is. */
    public Blame blame() {
        return blame;
    }
}
