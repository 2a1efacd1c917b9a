package dev.kausal.engine.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.function.Consumer;

/** Downloads one file into the cache's blobs: resumes a partial file, and checks the result. */
final class HubDownload {
    private static final int BUFFER = 1 << 16;
    private static final long WORTH_TELLING = 10_000_000;

    private final HubRef ref;
    private final HubHttp http;
    private final HubRetry retry;
    private final Duration stall;
    private final Consumer<String> progress;

    HubDownload(HubRef ref, HubHttp http, HubRetry retry, Duration stall, Consumer<String> progress) {
        this.ref = ref;
        this.http = http;
        this.retry = retry;
        this.stall = stall;
        this.progress = progress;
    }

    /** A failure to write a file's bytes: the disk's, not the network's. */
    private static final class NotWritten extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final IOException failure;

        NotWritten(IOException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    /** Downloads {@code file} unless its blob exists. */
    void fetch(HubFile file, URI address, HubCache cache) throws IOException {
        Path blob = cache.blob(file.etag());
        if (Files.isRegularFile(blob) && Files.size(blob) == file.size()) {
            return;
        }
        if (file.isLarge()) {
            progress.accept("fetching " + file.name() + " of " + ref + ", " + megabytes(file.size()));
        }
        Path growing = cache.incomplete(file.etag());
        try {
            boolean resumed = size(growing) > 0;
            fill(file, address, growing);
            boolean right = matches(file, growing);
            if (!right && resumed) {
                // The partial file of an earlier run may be damaged: retry once from scratch.
                Files.delete(growing);
                fill(file, address, growing);
                right = matches(file, growing);
            }
            if (!right) {
                HubContentWrong wrong = new HubContentWrong(ref, file, size(growing), hash(file, growing));
                Files.delete(growing);
                throw wrong;
            }
        } catch (NotWritten e) {
            throw e.failure;
        }
        CacheFiles.moveAtomically(growing, blob);
    }

    private void fill(HubFile file, URI address, Path growing) throws IOException {
        HubRetry.Series series = retry.series(address);
        while (size(growing) < file.size() || !Files.exists(growing)) {
            long before = size(growing);
            try {
                append(file, address, before, growing);
            } catch (IOException e) {
                series.failed(e, size(growing) > before, kept(size(growing)));
            }
        }
    }

    private static String kept(long bytes) {
        return bytes == 0 ? "" : bytes + " bytes are kept, and the next run resumes there. ";
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            throw new NotWritten(e);
        }
    }

    private void append(HubFile file, URI address, long from, Path growing) throws IOException {
        HttpResponse<InputStream> answer = http.get(address, from);
        boolean resumes = answer.statusCode() == 206
                && answer.headers().firstValue("Content-Range").orElse("").startsWith("bytes " + from + "-");
        try (InputStream in = answer.body();
                StallGuard guard = new StallGuard(in, stall);
                OutputStream out = open(growing, resumes)) {
            if (answer.statusCode() == 416 || (answer.statusCode() == 206 && !resumes)) {
                throw new HubHttp.Transient("no resumption from byte " + from);
            }
            copy(in, out, guard, file, resumes ? from : 0);
        }
        if (size(growing) < file.size()) {
            throw new HubHttp.Transient("an end after " + size(growing) + " of " + file.size() + " bytes");
        }
    }

    // Truncate if the server does not resume: it then sends the whole file.
    private static OutputStream open(Path growing, boolean resumes) {
        try {
            return Files.newOutputStream(
                    growing,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    resumes ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new NotWritten(e);
        }
    }

    private void copy(InputStream in, OutputStream out, StallGuard guard, HubFile file, long from) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long done = from;
        // One byte beyond the expected size proves that the content differs.
        for (int n = in.read(buffer); n >= 0 && done <= file.size(); n = in.read(buffer)) {
            guard.moved();
            try {
                out.write(buffer, 0, n);
            } catch (IOException e) {
                throw new NotWritten(e);
            }
            tell(file, done, done + n);
            done += n;
        }
    }

    private void tell(HubFile file, long before, long after) {
        long tenth = Math.max(1, file.size() / 10);
        if (file.size() >= WORTH_TELLING && before / tenth != after / tenth && after < file.size()) {
            progress.accept(file.name() + ": " + 10 * (after / tenth) + "% of " + megabytes(file.size()));
        }
    }

    private static String megabytes(long bytes) {
        return Math.max(1, bytes / 1_000_000) + " MB";
    }

    private static boolean matches(HubFile file, Path content) throws IOException {
        return Files.size(content) == file.size() && hash(file, content).equals(file.etag());
    }

    private static String hash(HubFile file, Path content) throws IOException {
        return file.isLarge() ? Hashing.sha256(content) : Hashing.gitSha1(content);
    }
}
