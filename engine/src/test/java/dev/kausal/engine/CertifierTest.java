package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.certify.Bounds;
import dev.kausal.engine.certify.Certificate;
import dev.kausal.engine.certify.Certifier;
import dev.kausal.engine.certify.Reference;
import dev.kausal.engine.certify.ReferenceUnusable;
import dev.kausal.engine.hooks.UnknownHookPointException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates of models that are right, and of some that are not. */
final class CertifierTest {
    @TempDir
    Path folder;

    /** Small products gain nothing from threads, and lose much where the machine is busy. */
    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @AfterAll
    static void allThreads() {
        Torch.threads(Runtime.getRuntime().availableProcessors());
    }

    private static Certificate certify(Path model, Bounds bounds, Optional<Reference> reference) {
        try (HookedModel opened = HookedModel.open(model)) {
            return new Certifier(opened, bounds, line -> {}).certify(reference);
        }
    }

    private static Certificate certify(Path model, String reference) {
        return certify(model, Bounds.DEFAULT, Optional.of(TinyModels.reference(reference)));
    }

    private static Certificate.Check check(Certificate certificate, String question) {
        return certificate.checks().stream()
                .filter(check -> check.question().startsWith(question))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "gemma2",
                "gpt-neox",
                "bert-masked",
                "bert-questions",
                "electra-discriminator",
                "minilm",
                "deberta-v3",
                "deit",
                "timm-vit-gap"
            })
    void modelsOfEveryKindPass(String name) {
        Certificate certificate = certify(TinyModels.folder(name), name);
        assertTrue(certificate.passed(), () -> certificate.checks().toString());
        assertEquals(certificate.outputs().rows(), certificate.outputs().agree());
        // Whatever the reference dumps was compared; of what it leaves out, all is named.
        long compared =
                certificate.sites().stream().filter(site -> site.points() > 0).count();
        long left = certificate.notes().stream()
                .filter(note -> note.startsWith("not compared"))
                .flatMap(note -> Stream.of(note.split(": ", -1)[1].split(", ", -1)))
                .count();
        assertEquals(certificate.sites().size(), compared + left);
        assertTrue(compared > 15, () -> compared + " sites");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "gemma3"})
    void aGgufPassesByTheReferenceOfItsWeights(String name) {
        assertTrue(certify(TinyModels.folder(name + ".gguf"), name).passed());
    }

    @Test
    void anotherEpsilonIsFoundWhereItIsRead() throws IOException {
        Path tiny = TinyModels.folder("gpt2");
        String config = Files.readString(tiny.resolve("config.json"));
        String changed = config.replaceFirst("\"layer_norm_epsilon\": [^,]*", "\"layer_norm_epsilon\": 0.01");
        Files.writeString(folder.resolve("config.json"), changed);
        Files.copy(tiny.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        Certificate certificate = certify(folder, "gpt2");
        assertFalse(certificate.passed());
        Certificate.Check points = check(certificate, "hook points");
        assertTrue(points.found() > 1e-4 && !points.where().isEmpty(), points::toString);
        for (Certificate.Site site : certificate.sites()) {
            boolean before = List.of("hook_embed", "hook_pos_embed").contains(site.name());
            assertTrue(!before || site.difference().absolute() == 0, site::toString);
            assertTrue(!site.name().equals("blocks.*.ln1.hook_scale")
                    || site.difference().relative() > 1e-4);
        }
    }

    @Test
    void onePointThatIsOffIsNamedWithItsSize() {
        Reference reference = TinyModels.reference("llama");
        float[] values = reference.prompts().get(1).points().get("blocks.1.attn.hook_z");
        values[3] += 0.5f;
        Certificate certificate = certify(TinyModels.folder("llama"), Bounds.DEFAULT, Optional.of(reference));
        Certificate.Check points = check(certificate, "hook points");
        assertFalse(points.passed());
        assertEquals("blocks.1.attn.hook_z, input 1", points.where());
        assertTrue(check(certificate, "logits").passed());
        Certificate.Site z = certificate.sites().stream()
                .filter(site -> site.name().equals("blocks.*.attn.hook_z"))
                .findFirst()
                .orElseThrow();
        assertEquals(0.5, z.difference().absolute(), 1e-3);
    }

    @Test
    void aNumberThatIsNoneNeverPasses() {
        Reference reference = TinyModels.reference("llama");
        reference.prompts().get(0).points().get("blocks.0.attn.hook_z")[0] = Float.NaN;
        reference.prompts().get(0).output()[0] = Float.NaN;
        Certificate certificate = certify(TinyModels.folder("llama"), Bounds.DEFAULT, Optional.of(reference));
        assertFalse(check(certificate, "hook points").passed());
        assertFalse(check(certificate, "logits").passed());
    }

    @Test
    void withoutAReferenceOnlyTheModelItselfIsChecked() {
        Certificate certificate = certify(TinyModels.folder("vit"), Bounds.DEFAULT, Optional.empty());
        assertTrue(certificate.passed(), certificate::toString);
        assertNull(certificate.outputs());
        assertEquals(3, certificate.checks().size(), () -> certificate.checks().toString());
        assertTrue(certificate.notes().get(0).startsWith("no reference was given"), certificate.notes()::toString);
        Certificate gguf = certify(TinyModels.folder("llama.gguf"), Bounds.DEFAULT, Optional.empty());
        assertTrue(check(gguf, "texts whose ids").passed());
    }

    @Test
    void driftIsMeasuredAgainstItsBound() {
        // What heads read or write is summed otherwise when it is given, so that a bound of nothing does not hold.
        Certificate strict = certify(TinyModels.folder("llama"), new Bounds(1e-5, 5e-5, 0, 0), Optional.empty());
        assertFalse(check(strict, "change of outputs").passed());
        String where = check(strict, "change of outputs").where();
        assertTrue(where.startsWith("blocks.*."), where);
    }

    @Test
    void referencesOfOtherModelsAreRefused() throws IOException {
        Exception e = assertThrows(
                UnknownHookPointException.class, () -> certify(TinyModels.folder("llama-tied-bf16"), "llama"));
        assertTrue(e.getMessage().contains("blocks.2"), e.getMessage());
        e = assertThrows(ReferenceUnusable.class, () -> certify(TinyModels.folder("vit"), "llama"));
        assertTrue(e.getMessage().contains("images"), e.getMessage());
        Path weights = TinyModels.folder("llama").resolve("model.safetensors");
        e = assertThrows(ReferenceUnusable.class, () -> Reference.read(weights));
        assertTrue(e.getMessage().contains("dump_reference.py"), e.getMessage());
        Path file = folder.resolve("dump.safetensors");
        Files.copy(TinyModels.folder("llama").resolve("dump.safetensors"), file);
        for (String json : List.of("{", "{\"schema\": 2}", "null")) {
            Files.writeString(folder.resolve("dump.json"), json);
            assertThrows(ReferenceUnusable.class, () -> Reference.read(file), json);
        }
    }

    @Test
    void aReferenceOfSomePositionsIsComparedThere() {
        Reference whole = TinyModels.reference("llama");
        Reference.Prompt prompt = whole.prompts().get(0);
        int width = prompt.output().length / prompt.ids().length;
        float[] last =
                java.util.Arrays.copyOfRange(prompt.output(), prompt.output().length - width, prompt.output().length);
        Reference.Prompt part = new Reference.Prompt(
                prompt.ids(),
                null,
                null,
                new int[] {prompt.ids().length - 1},
                new TreeMap<>(),
                new TreeMap<>(java.util.Map.of("logits", last)),
                new TreeMap<>());
        Reference reference =
                new Reference(whole.file(), whole.library(), whole.versions(), Optional.empty(), List.of(part));
        Certificate certificate = certify(TinyModels.folder("llama"), Bounds.DEFAULT, Optional.of(reference));
        assertTrue(certificate.passed(), certificate::toString);
        assertEquals(1, certificate.outputs().rows());
    }
}
