package dev.kausal.engine.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;

/** An open file: headers are mapped, tensors are read in pieces, so that none of it stays in memory. */
final class WeightsFile implements AutoCloseable {
    private static final int HASH_BUFFER_BYTES = 1 << 20;

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final Optional<FileState> opened;

    private WeightsFile(Path path, FileChannel channel, long size, Optional<FileState> opened) {
        this.path = path;
        this.channel = channel;
        this.size = size;
        this.opened = opened;
    }

    static WeightsFile open(Path path) {
        try {
            Optional<FileState> before = FileState.of(path);
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            // If the states differ, another file may have taken the path meanwhile.
            Optional<FileState> opened =
                    before.filter(state -> FileState.of(path).equals(before));
            return new WeightsFile(path, channel, channel.size(), opened);
        } catch (IOException e) {
            throw new WeightsIoException(path, e);
        }
    }

    Path path() {
        return path;
    }

    long size() {
        return size;
    }

    /** Returns the state of the open file when it was opened; empty if it is unknown. */
    Optional<FileState> opened() {
        return opened;
    }

    /**
     * Returns a read-only little-endian view of [offset, offset + length), which the caller has checked to be in the
     * file.
     */
    ByteBuffer map(long offset, long length) {
        try {
            // Accessing a mapped page beyond the end of a file that shrank would kill the process.
            if (channel.size() != size) {
                throw shrunk();
            }
            return channel.map(MapMode.READ_ONLY, offset, length).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new WeightsIoException(path, e);
        }
    }

    /** Reads [offset, offset + length), which the caller has checked to be in the file; thread-safe. */
    void read(long offset, byte[] into, int length) {
        read(offset, ByteBuffer.wrap(into, 0, length));
    }

    /** Fills {@code into}, which begins at its position 0, from {@code offset}, all of it in the file; thread-safe. */
    void read(long offset, ByteBuffer into) {
        try {
            while (into.hasRemaining()) {
                if (channel.read(into, offset + into.position()) < 0) {
                    throw shrunk();
                }
            }
        } catch (IOException e) {
            throw new WeightsIoException(path, e);
        }
    }

    private CorruptWeightsException shrunk() throws IOException {
        return new CorruptWeightsException(
                path, "size", size + " bytes, as when it was opened", channel.size() + " bytes");
    }

    /** Feeds the whole file, with its size when opened, to {@code digest}. */
    void digest(MessageDigest digest) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(HASH_BUFFER_BYTES);
        for (long at = 0; at < size; at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(HASH_BUFFER_BYTES, size - at));
            read(at, buffer);
            digest.update(buffer.flip());
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new WeightsIoException(path, e);
        }
    }
}
