package dev.kausal.engine.source;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Resolves a user's model reference to files on this machine. */
public final class ModelSources {
    private ModelSources() {}

    /**
     * Finds a model's files; a catalog id or Hub model that is not in its cache is fetched first.
     *
     * @param ref a catalog id, a folder, a .gguf file, {@code hf:org/name[/file.gguf][@rev]} or {@code embedded:NAME}; an id takes
     *     precedence over a folder of the same name (write ./name for the folder)
     */
    public static ModelFiles resolve(String ref, SourceContext context) {
        if (ref.startsWith(EmbeddedModels.PREFIX)) {
            String name = ref.substring(EmbeddedModels.PREFIX.length());
            return new ModelFiles(ref, EmbeddedModels.builtIn().unpack(name, context.cacheDir()));
        }
        if (ref.startsWith("hf:")) {
            return new ModelFiles(ref, new Hub(context).resolve(HubRef.parse(ref)));
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

    /**
     * Returns the files of a sparse dictionary on this machine: those of {@code hf:org/name[@revision][:folder]} in the Hub's local cache,
     * else the path itself. Nothing is downloaded.
     *
     * @throws HubFolderNotCached if the cache lacks the folder
     * @throws HubRefMalformed if the reference is of another form
     */
    public static Path dictionary(String ref, SourceContext context) {
        return dictionary(ref, Path.of(""), context);
    }

    /**
     * Returns the same, where relative paths start from a folder.
     *
     * @param folder such as that of the script that names the dictionary
     */
    public static Path dictionary(String ref, Path folder, SourceContext context) {
        if (!ref.startsWith("hf:")) {
            return folder.resolve(ref);
        }
        int colon = ref.indexOf(':', "hf:".length());
        HubRef repository = HubRef.parse(colon < 0 ? ref : ref.substring(0, colon));
        String inside = colon < 0 ? "" : ref.substring(colon + 1);
        if (repository.isFile() || inside.startsWith("/") || inside.contains("..") || inside.contains("\\")) {
            throw new HubRefMalformed(ref);
        }
        Path snapshot = new HubCache(context.hubCache(), repository.name()).snapshot(repository.revision());
        Path found = snapshot.resolve(inside);
        if (!Files.exists(found)) {
            throw new HubFolderNotCached(
                    ref,
                    repository.name(),
                    repository.revision(),
                    inside,
                    found.toAbsolutePath().toString());
        }
        return found;
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
}
