package dev.kausal.engine.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.errors.KausalException.Blame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Connections that break or fall silent, content that is wrong, servers that are busy. */
class HubTroubleTest extends WithFakeHub {
    /** The bytes at which storage was asked to begin, each later than the one before and within what was sent. */
    private List<Integer> starts(int sent) {
        List<Integer> starts = hub.to("storage", "GET").stream()
                .map(request -> request.range() == null
                        ? 0
                        : Integer.parseInt(request.range().replaceAll("\\D", "")))
                .toList();
        for (int i = 1; i < starts.size(); i++) {
            int step = starts.get(i) - starts.get(i - 1);
            assertTrue(step > 0 && step <= sent, starts::toString);
        }
        return starts;
    }

    @Test
    void aDroppedConnectionIsContinuedWhereItBroke() throws IOException {
        hub.dropAfter = 100_000;
        hub.drops = 2;
        Path snapshot = fetch("hf:org/name");
        assertArrayEquals(FakeHub.WEIGHTS, Files.readAllBytes(snapshot.resolve("model.safetensors")));
        assertEquals(3, starts(100_000).size());
    }

    @Test
    void aSilentConnectionIsGivenUpAndContinued() throws IOException {
        hub.dropAfter = 150_000;
        hub.drops = 1;
        hub.stalls = true;
        timeout = Duration.ofMillis(600);
        Path snapshot = fetch("hf:org/name");
        assertArrayEquals(FakeHub.WEIGHTS, Files.readAllBytes(snapshot.resolve("model.safetensors")));
        assertEquals(2, starts(150_000).size());
    }

    @Test
    void whatCameBeforeGivingUpIsContinuedByTheNextRun() throws IOException {
        hub.dropAfter = 120_000;
        hub.drops = 100;
        hub.ignoresRange = true;
        HubUnreachable error = assertThrows(HubUnreachable.class, () -> fetch("hf:org/name"));
        assertEquals(Blame.MACHINE, error.blame());
        long kept = Files.size(leftover());
        assertTrue(kept > 0 && kept <= 120_000, () -> "kept " + kept);
        assertTrue(error.getMessage().contains(kept + " bytes are kept"), error.getMessage());
        hub.drops = 0;
        hub.ignoresRange = false;
        hub.requests.clear();
        fetch("hf:org/name");
        assertEquals(List.of((int) kept), starts(0));
        assertFalse(Files.exists(leftover()));
    }

    @Test
    void aServerThatCannotContinueStartsAgain() throws IOException {
        Files.createDirectories(leftover().getParent());
        Files.write(leftover(), Arrays.copyOf(FakeHub.WEIGHTS, 50_000));
        hub.ignoresRange = true;
        Path snapshot = fetch("hf:org/name");
        assertArrayEquals(FakeHub.WEIGHTS, Files.readAllBytes(snapshot.resolve("model.safetensors")));
        assertEquals(List.of(50_000), starts(0));
    }

    @Test
    void aDamagedLeftoverIsThrownAwayAndLoadedAgain() throws IOException {
        Files.createDirectories(leftover().getParent());
        Files.write(leftover(), new byte[70_000]);
        Path snapshot = fetch("hf:org/name");
        assertArrayEquals(FakeHub.WEIGHTS, Files.readAllBytes(snapshot.resolve("model.safetensors")));
        assertEquals(2, hub.to("storage", "GET").size());
    }

    @Test
    void otherContentIsRefusedAndNotKept() throws IOException {
        byte[] changed = FakeHub.WEIGHTS.clone();
        changed[1234] ^= 1;
        byte[] longer = Arrays.copyOf(FakeHub.WEIGHTS, FakeHub.WEIGHTS.length + 1);
        for (byte[] content : List.of(changed, longer)) {
            hub.otherContent.put("model.safetensors", content);
            HubContentWrong error = assertThrows(HubContentWrong.class, () -> fetch("hf:org/name"));
            assertEquals(Blame.MACHINE, error.blame());
            assertEquals(FakeHub.sha256(FakeHub.WEIGHTS), error.expected());
            assertEquals(FakeHub.sha256(content), error.found());
            assertFalse(Files.exists(leftover()));
            assertEquals(new TreeSet<>(), names(repository().resolve("snapshots")));
        }
        hub.otherContent.clear();
        hub.otherEtag.put("config.json", "0".repeat(40));
        HubContentWrong small = assertThrows(HubContentWrong.class, () -> fetch("hf:org/name"));
        assertEquals(FakeHub.gitSha1(hub.files.get("config.json")), small.found());
    }

    @Test
    void aListOfFilesThatFallsSilentIsGivenUp() {
        hub.silentListing = true;
        timeout = Duration.ofMillis(400);
        HubUnreachable error = assertThrows(HubUnreachable.class, () -> fetch("hf:org/name"));
        assertEquals(Blame.MACHINE, error.blame());
    }

    @Test
    void aListOfFilesWithoutEndIsRefused() {
        hub.endlessListing = true;
        HubAnswerStrange error = assertThrows(HubAnswerStrange.class, () -> fetch("hf:org/name"));
        assertTrue(error.found().contains("more than"), error.found());
    }

    @Test
    void aListThatNamesNoFileIsRefused() {
        String commit = FakeHub.COMMIT;
        for (String siblings : List.of("[null]", "[{}]", "[{\"rfilename\": null}]")) {
            hub.otherListing = "{\"sha\": \"" + commit + "\", \"siblings\": " + siblings + "}";
            assertThrows(HubAnswerStrange.class, () -> fetch("hf:org/name"), siblings);
        }
    }

    @Test
    void aRedirectToNoWebAddressIsRefused() {
        for (String place : List.of("ftp://localhost/x", "ws://localhost/x", "http://127.0.0.1:99999/x", "http://")) {
            hub.sentOnTo = place;
            HubAnswerStrange error = assertThrows(HubAnswerStrange.class, () -> fetch("hf:org/name"), place);
            assertEquals(Blame.MACHINE, error.blame());
        }
    }

    @Test
    void passingFailuresAreTriedAgainAndLastingOnesTold() {
        hub.refuse("/api/", 503, "", 2);
        hub.refuse("/model.safetensors", 429, "", 2);
        fetch("hf:org/name");
        hub.revisions.put("v2", FakeHub.COMMIT.replace('0', 'f'));
        hub.refuse("/api/", 502, "", 3);
        HubUnreachable busy = assertThrows(HubUnreachable.class, () -> fetch("hf:org/name@v2"));
        assertTrue(busy.found().contains("HTTP 502"), busy.found());
        hub.close();
        HubUnreachable gone = assertThrows(HubUnreachable.class, () -> fetch("hf:org/name@v2"));
        assertTrue(gone.getMessage().contains("HF_HUB_OFFLINE=1"), gone.getMessage());
    }

    @Test
    void aCacheThatCannotBeWrittenIsTheMachines() throws IOException {
        Files.writeString(home.resolve("hub"), "in the way");
        CacheUnusable error = assertThrows(CacheUnusable.class, () -> fetch("hf:org/name"));
        assertTrue(error.getMessage().contains("HF_HOME"), error.getMessage());
    }
}
