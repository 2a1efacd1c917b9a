package dev.kausal.engine.fuzz;

import java.nio.file.Path;

/** A reader of files from strangers, with valid files to begin from. */
public interface FuzzTarget {
    /** Returns the name of the format. */
    String title();

    /** Returns the number of valid files. */
    int seeds();

    /** Returns the content of the valid file numbered {@code seed}. */
    byte[] seed(int seed);

    /**
     * Reads {@code content} as the file numbered {@code seed}, and does all that is done with one on the way to numbers or a
     * page. Throws only what is a fault: errors that tell the user what is wrong with the file are caught.
     *
     * @param folder for files, in which earlier inputs of the target may have left theirs
     * @return whether the content was accepted
     */
    boolean read(int seed, byte[] content, Path folder);
}
