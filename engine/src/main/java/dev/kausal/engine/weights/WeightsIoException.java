package dev.kausal.engine.weights;

import java.io.IOException;
import java.nio.file.Path;

/** A machine failure while reading a weight file: permissions, a disk error, no address space to map it. */
public final class WeightsIoException extends WeightsException {
    private static final long serialVersionUID = 1L;

    /**
     * @param path the file or folder
     * @param cause the operating system's error
     */
    public WeightsIoException(Path path, IOException cause) {
        super(
                Blame.MACHINE,
                path,
                "Cannot read " + path + ": expected a readable file, found " + cause
                        + ". Check its permissions and the disk.",
                cause);
    }
}
