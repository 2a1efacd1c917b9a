package dev.kausal.engine.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.errors.KausalException.Blame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is brought from the Hub, where it is put, and what is said where that cannot be. */
class HubTest extends WithFakeHub {
    @Test
    void bringsWhatAModelNeedsIntoTheHubsOwnLayout() throws IOException {
        Path snapshot = fetch("hf:org/name");
        assertEquals(repository().resolve("snapshots").resolve(FakeHub.COMMIT), snapshot);
        assertEquals(new TreeSet<>(List.of("config.json", "model.safetensors", "tokenizer.json")), names(snapshot));
        assertArrayEquals(FakeHub.WEIGHTS, Files.readAllBytes(snapshot.resolve("model.safetensors")));
        assertEquals(FakeHub.COMMIT, Files.readString(repository().resolve("refs/main")));
        Path link = Files.readSymbolicLink(snapshot.resolve("model.safetensors"));
        assertEquals(Path.of("../../blobs", FakeHub.sha256(FakeHub.WEIGHTS)), link);
        String config = FakeHub.gitSha1(hub.files.get("config.json"));
        assertEquals(Path.of("../../blobs", config), Files.readSymbolicLink(snapshot.resolve("config.json")));
        assertEquals(3, names(repository().resolve("blobs")).size());
        assertTrue(progress.stream().anyMatch(line -> line.contains("model.safetensors")), progress::toString);
    }

    @Test
    void aWholeSnapshotAsksNobody() {
        Path snapshot = fetch("hf:org/name");
        int asked = hub.requests.size();
        assertEquals(snapshot, fetch("hf:org/name"));
        assertEquals(asked, hub.requests.size());
        hub.close();
        assertEquals(snapshot, fetch("hf:org/name@" + FakeHub.COMMIT));
        assertEquals(snapshot, fetch("hf:org/name", Map.of("HF_HUB_OFFLINE", "1", "HF_ENDPOINT", "nonsense")));
    }

    @Test
    void offlineFetchesNothing() {
        for (String yes : List.of("1", "ON", "true", "Yes")) {
            HubModelNotCached error =
                    assertThrows(HubModelNotCached.class, () -> fetch("hf:org/name", Map.of("HF_HUB_OFFLINE", yes)));
            assertEquals(repository().toString(), error.folder());
        }
        assertEquals(List.of(), hub.requests);
        fetch("hf:org/name", Map.of("HF_HUB_OFFLINE", "0"));
    }

    @Test
    void shardsComeByTheirIndexAndTheIndexLast() throws IOException {
        hub.files.remove("model.safetensors");
        hub.addLarge("model-00001-of-00002.safetensors", new byte[3000]);
        hub.addLarge("model-00002-of-00002.safetensors", new byte[5000]);
        hub.addLarge("consolidated.safetensors", new byte[8000]);
        String index = "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\","
                + " \"b\": \"model-00002-of-00002.safetensors\"}}";
        hub.files.put("model.safetensors.index.json", index.getBytes(StandardCharsets.UTF_8));
        Path snapshot = fetch("hf:org/name");
        assertEquals(5000, Files.size(snapshot.resolve("model-00002-of-00002.safetensors")));
        assertFalse(Files.exists(snapshot.resolve("consolidated.safetensors")));

        Files.delete(snapshot.resolve("model-00002-of-00002.safetensors"));
        assertThrows(HubModelNotCached.class, () -> fetch("hf:org/name", Map.of("HF_HUB_OFFLINE", "1")));
        int loaded = hub.to("storage", "GET").size();
        assertEquals(5000, Files.size(fetch("hf:org/name").resolve("model-00002-of-00002.safetensors")));
        assertEquals(loaded, hub.to("storage", "GET").size(), "blobs that are there are not loaded again");
    }

    @Test
    void anIndexThatNamesOtherFilesIsRefused() {
        hub.files.remove("model.safetensors");
        for (String index : List.of("{\"weight_map\": {\"a\": \"../../evil\"}}", "{\"weight_map\": {}}", "[")) {
            hub.files.put("model.safetensors.index.json", index.getBytes(StandardCharsets.UTF_8));
            assertThrows(HubModelUnusable.class, () -> fetch("hf:org/name"), index);
        }
    }

    @Test
    void theTokenGoesToTheHubOnly() {
        fetch("hf:org/name", Map.of("HF_TOKEN", " hf_secret\n"));
        assertEquals(1, hub.to("storage", "GET").size());
        assertTrue(hub.to("storage", "GET").stream().allMatch(request -> request.authorization() == null));
        assertTrue(hub.requests.stream()
                .filter(request -> request.server().equals("hub"))
                .allMatch(request -> "Bearer hf_secret".equals(request.authorization())));
    }

    @Test
    void aRenamedRepositoryIsFollowed() {
        Path snapshot = fetch("hf:org/old", Map.of("HF_TOKEN", "hf_x"));
        assertTrue(snapshot.startsWith(home.resolve("hub/models--org--old")), snapshot::toString);
        assertTrue(Files.exists(snapshot.resolve("model.safetensors")));
        assertTrue(hub.to("storage", "GET").stream().allMatch(request -> request.authorization() == null));
    }

    @Test
    void eachRefusalSaysWhatToDo() {
        hub.refuse("/api/", 401, "RepoNotFound", 1);
        HubAccessDenied denied = assertThrows(HubAccessDenied.class, () -> fetch("hf:org/name"));
        assertEquals(401, denied.status());
        assertEquals(Blame.USER, denied.blame());
        assertTrue(denied.getMessage().contains("HF_TOKEN is not set"), denied.getMessage());
        hub.refuse("/resolve/", 403, "GatedRepo", 1);
        denied = assertThrows(HubAccessDenied.class, () -> fetch("hf:org/name", Map.of("HF_TOKEN", "hf_x")));
        assertTrue(denied.getMessage().contains("Accept its terms"), denied.getMessage());
        assertFalse(denied.getMessage().contains("hf_x"), denied.getMessage());
        assertEquals(
                "org/nam",
                assertThrows(HubModelUnknown.class, () -> fetch("hf:org/nam")).name());
        assertEquals(
                "v9",
                assertThrows(HubRevisionUnknown.class, () -> fetch("hf:org/name@v9"))
                        .revision());
        hub.refuse("/tokenizer.json", 404, "EntryNotFound", 1);
        HubAnswerStrange missing = assertThrows(HubAnswerStrange.class, () -> fetch("hf:org/name"));
        assertTrue(missing.address().endsWith("/tokenizer.json"), missing.address());
    }

    @Test
    void aRepositoryWithoutConfigOrSafetensorsIsNoModel() {
        hub.files.remove("model.safetensors");
        HubModelUnusable error = assertThrows(HubModelUnusable.class, () -> fetch("hf:org/name"));
        assertTrue(error.found().contains("pytorch_model.bin"), error.found());
        assertEquals(0, hub.to("storage", "GET").size());
        hub.addLarge("weights.safetensors", FakeHub.WEIGHTS);
        assertTrue(Files.exists(fetch("hf:org/name").resolve("weights.safetensors")));
        hub.files.remove("config.json");
        hub.revisions.put("v2", FakeHub.COMMIT.replace('0', 'f'));
        assertEquals(
                "config.json",
                assertThrows(HubModelUnusable.class, () -> fetch("hf:org/name@v2"))
                        .expected());
    }

    @Test
    void answersThatNoHubGivesAreToldApart() {
        for (String listing : List.of("<html>", "null", "{}", "{\"sha\": \"../x\", \"siblings\": []}")) {
            hub.otherListing = listing;
            HubAnswerStrange error = assertThrows(HubAnswerStrange.class, () -> fetch("hf:org/name"));
            assertEquals(listing, error.found());
        }
        hub.otherListing = null;
        hub.otherEtag.put("config.json", "../../evil");
        assertThrows(HubAnswerStrange.class, () -> fetch("hf:org/name"));
        hub.otherEtag.clear();
        hub.redirectsInCircles = true;
        HubAnswerStrange circle = assertThrows(HubAnswerStrange.class, () -> fetch("hf:org/name"));
        assertTrue(circle.found().contains("redirects"), circle.found());
    }

    @Test
    void revisionsAreNamedAsOnTheHub() throws IOException {
        hub.revisions.put("refs/pr/1", FakeHub.COMMIT);
        Path snapshot = fetch("hf:org/name@refs/pr/1");
        assertEquals(FakeHub.COMMIT, Files.readString(repository().resolve("refs/refs/pr/1")));
        assertEquals(
                "/api/models/org/name/revision/refs%2Fpr%2F1",
                hub.requests.get(0).path());
        int loaded = hub.to("storage", "GET").size();
        assertEquals(snapshot, fetch("hf:org/name@main"));
        assertEquals(loaded, hub.to("storage", "GET").size());
    }

    @Test
    void settingsThatCannotBeRightAreNamed() {
        for (String endpoint : List.of("localhost", "ftp://localhost", "http:///x", "http://a b")) {
            HubSettingMalformed error = assertThrows(
                    HubSettingMalformed.class, () -> fetch("hf:org/name", Map.of("HF_ENDPOINT", endpoint)), endpoint);
            assertEquals("HF_ENDPOINT", error.variable());
        }
        HubSettingMalformed error =
                assertThrows(HubSettingMalformed.class, () -> fetch("hf:org/name", Map.of("HF_TOKEN", "hf_se\ncret")));
        assertFalse(error.getMessage().contains("cret"), error.getMessage());
        assertTrue(Files.exists(fetch("hf:org/name", Map.of("HF_ENDPOINT", hub.endpoint() + "/"))));
    }

    @Test
    void threadsThatWantTheSameModelFetchItOnce() {
        long snapshots = IntStream.range(0, 6)
                .parallel()
                .mapToObj(i -> fetch("hf:org/name"))
                .distinct()
                .count();
        assertEquals(1, snapshots);
        assertEquals(1, hub.to("storage", "GET").size());
    }
}
