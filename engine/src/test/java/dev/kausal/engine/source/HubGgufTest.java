package dev.kausal.engine.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Single .gguf files of a repository. */
class HubGgufTest extends WithFakeHub {
    private static final Map<String, String> OFFLINE = Map.of("HF_HUB_OFFLINE", "1");
    private static final byte[] QUANTS = "quants ".repeat(9_000).getBytes(StandardCharsets.US_ASCII);

    @BeforeEach
    void only() {
        hub.files.clear();
        hub.files.put("README.md", new byte[3]);
        hub.addLarge("name-Q4_K_M.gguf", QUANTS);
        hub.addLarge("name-Q8_0.gguf", FakeHub.WEIGHTS);
        for (int part = 1; part <= 3; part++) {
            hub.addLarge("BF16/name-0000" + part + "-of-00003.gguf", new byte[1000 * part]);
        }
    }

    @Test
    void bringsTheNamedFileAlone() throws IOException {
        Path file = fetch("hf:org/name/name-Q4_K_M.gguf");
        Path snapshot = repository().resolve("snapshots").resolve(FakeHub.COMMIT);
        assertEquals(snapshot.resolve("name-Q4_K_M.gguf"), file);
        assertArrayEquals(QUANTS, Files.readAllBytes(file));
        assertEquals(new TreeSet<>(List.of("name-Q4_K_M.gguf")), names(snapshot));
        assertEquals(Path.of("../../blobs", FakeHub.sha256(QUANTS)), Files.readSymbolicLink(file));
        assertEquals(1, hub.to("storage", "GET").size());
        int asked = hub.requests.size();
        assertEquals(file, fetch("hf:org/name/name-Q4_K_M.gguf@main", OFFLINE));
        assertEquals(file, fetch("hf:org/name/name-Q4_K_M.gguf@" + FakeHub.COMMIT));
        assertEquals(asked, hub.requests.size(), "a file that is there is not asked for");
    }

    @Test
    void aSecondFileComesBesideTheFirst() throws IOException {
        Path first = fetch("hf:org/name/name-Q4_K_M.gguf");
        HubModelNotCached missing =
                assertThrows(HubModelNotCached.class, () -> fetch("hf:org/name/name-Q8_0.gguf", OFFLINE));
        assertTrue(missing.getMessage().contains("name-Q8_0.gguf"), missing.getMessage());
        Path second = fetch("hf:org/name/name-Q8_0.gguf");
        assertEquals(first.getParent(), second.getParent());
        assertArrayEquals(QUANTS, Files.readAllBytes(first));
        assertArrayEquals(FakeHub.WEIGHTS, Files.readAllBytes(second));
    }

    @Test
    void aSplitModelComesWhole() throws IOException {
        Path file = fetch("hf:org/name/BF16/name-00002-of-00003.gguf");
        assertEquals(2000, Files.size(file));
        assertEquals(3, names(file.getParent()).size());
        Files.delete(file.resolveSibling("name-00003-of-00003.gguf"));
        assertThrows(HubModelNotCached.class, () -> fetch("hf:org/name/BF16/name-00002-of-00003.gguf", OFFLINE));
        hub.files.remove("BF16/name-00001-of-00003.gguf");
        HubModelUnusable error =
                assertThrows(HubModelUnusable.class, () -> fetch("hf:org/name/BF16/name-00002-of-00003.gguf"));
        assertEquals("BF16/name-00001-of-00003.gguf", error.expected());
    }

    @Test
    void withoutANameTheFilesAreListed() {
        HubModelUnusable error = assertThrows(HubModelUnusable.class, () -> fetch("hf:org/name"));
        assertEquals("BF16/name-00001-of-00003.gguf, name-Q4_K_M.gguf, name-Q8_0.gguf", error.found());
        assertTrue(error.getMessage().contains("hf:org/name/FILE.gguf"), error.getMessage());
        assertEquals(
                error.found(),
                assertThrows(HubModelUnusable.class, () -> fetch("hf:org/name/name-Q5.gguf"))
                        .found());
        assertEquals(0, hub.to("storage", "GET").size());
    }

    @Test
    void theWholeRepositoryIsStillFetchedBesideAFile() throws IOException {
        hub.files.put("config.json", "{}".getBytes(StandardCharsets.US_ASCII));
        hub.addLarge("model.safetensors", FakeHub.WEIGHTS);
        fetch("hf:org/name/name-Q4_K_M.gguf");
        Path folder = fetch("hf:org/name");
        assertEquals(new TreeSet<>(List.of("config.json", "model.safetensors", "name-Q4_K_M.gguf")), names(folder));
        assertFalse(Files.exists(folder.resolve("README.md")));
    }

    @Test
    void namesAreReadAsWritten() {
        HubRef ref = HubRef.parse("hf:org/name/a/b-v1.0+x.gguf@refs/pr/1");
        assertEquals(
                List.of("org/name", "a/b-v1.0+x.gguf", "refs/pr/1"), List.of(ref.name(), ref.file(), ref.revision()));
        assertEquals("org/name.gguf", HubRef.parse("hf:org/name.gguf").name());
        for (String wrong :
                List.of("hf:org/name/", "hf:org/name/../x.gguf", "hf:org/name/x.bin", "hf:org/name//x.gguf")) {
            assertThrows(HubRefMalformed.class, () -> HubRef.parse(wrong), wrong);
        }
    }
}
