package dev.kausal.engine.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what a user calls a model into files on this machine. */
public final class ModelSources {
    private static final List<String> EMBEDDED = List.of();
    private static final Pattern HUB =
            Pattern.compile("((?:[A-Za-z0-9][\\w.-]*/)?[A-Za-z0-9][\\w.-]*)(?:@([A-Za-z0-9][\\w./-]*))?");

    private ModelSources() {}

    /**
     * Finds a model's files; a catalog id that is not in the cache is pulled first.
     *
     * @param ref a catalog id, a folder, a .gguf file, {@code hf:org/name[@rev]} or {@code embedded:NAME}; an id wins
     *     over a folder of the same name (write ./name for the folder)
     */
    public static ModelFiles resolve(String ref, SourceContext context) {
        if (ref.startsWith("embedded:")) {
            throw new EmbeddedModelUnknown(ref.substring("embedded:".length()), EMBEDDED);
        }
        if (ref.startsWith("hf:")) {
            return new ModelFiles(ref, hub(ref, context));
        }
        Optional<CatalogEntry> entry = context.catalog().find(ref);
        if (entry.isPresent()) {
            return new ModelFiles(ref, pulled(entry.get(), context));
        }
        return new ModelFiles(ref, local(ref, context));
    }

    private static Path pulled(CatalogEntry entry, SourceContext context) {
        Puller puller = new Puller(context.downloader());
        if (!context.offline()) {
            return puller.pull(entry, context.cacheDir(), context.progress());
        }
        return puller.cached(entry, context.cacheDir())
                .orElseThrow(
                        () -> new ModelNotPulled(entry.id(), context.cacheDir().toString()));
    }

    private static Path local(String ref, SourceContext context) {
        Path path;
        try {
            path = Path.of(ref);
        } catch (InvalidPathException e) {
            throw new UnknownModelRef(ref, context.catalog().nearest(ref));
        }
        if (ref.isBlank() || !Files.exists(path)) {
            throw new UnknownModelRef(ref, context.catalog().nearest(ref));
        }
        if (Files.isDirectory(path) || path.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")) {
            return path;
        }
        throw new NotAModelFile(path.toAbsolutePath().toString());
    }

    private static Path hub(String ref, SourceContext context) {
        Matcher matcher = HUB.matcher(ref.substring("hf:".length()));
        if (!matcher.matches() || ref.contains("..")) {
            throw new HubRefMalformed(ref);
        }
        String name = matcher.group(1);
        String revision = matcher.group(2) == null ? "main" : matcher.group(2);
        Path repo = context.hubCache().resolve("models--" + name.replace("/", "--"));
        Path snapshot = repo.resolve("snapshots").resolve(commit(repo, revision));
        if (!Files.isDirectory(snapshot)) {
            throw new HubModelNotCached(name, revision, repo.toAbsolutePath().toString());
        }
        return snapshot;
    }

    // refs/NAME holds the commit that a branch or tag stood at when it was fetched.
    private static String commit(Path repo, String revision) {
        Path pointer = repo.resolve("refs").resolve(revision);
        try {
            String commit =
                    Files.isRegularFile(pointer) ? Files.readString(pointer).strip() : revision;
            return commit.matches("[A-Za-z0-9][\\w.-]*") ? commit : revision;
        } catch (IOException e) {
            return revision;
        }
    }
}
