package dev.kausal.engine.features;

import java.nio.file.Path;

/** The files of one library's dictionaries. */
interface Layout {
    /** Returns whether {@code path}, a file or folder that exists, has this layout. */
    boolean fits(Path path);

    /** Reads settings and tensor headers; the draft's store is open. */
    Draft read(Path path);
}
