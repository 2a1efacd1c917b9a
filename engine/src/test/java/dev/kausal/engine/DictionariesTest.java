package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.features.Dictionary;
import dev.kausal.engine.features.DictionaryConfig;
import dev.kausal.engine.features.DictionaryFile;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dictionaries of every layout against the libraries that wrote them; bench/make_dictionaries.py keeps their numbers. */
@ExtendWith(NoOpenArrays.class)
final class DictionariesTest {
    private static final double NEAR = 1e-5;

    static Path fixture(String name) {
        return Path.of("src/test/resources/dictionaries", name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "standard",
                "layer-norm",
                "constant-norm",
                "gated",
                "jumprelu",
                "topk",
                "topk-rescaled",
                "hook-z",
                "batchtopk",
                "before-six",
                "transcoder",
                "skip-transcoder",
                "jumprelu-transcoder",
                "gemma-scope/layer_1/width_16k/average_l0_5",
                "gemma-scope-2/transcoder/layer_0_width_16k_l0_small_affine",
                "circuit-tracer/layer_1.safetensors",
                "sparsify/layers.1"
            })
    void encodesAndDecodesAsTheLibrary(String name) {
        Path path = fixture(name);
        Path folder = Files.isDirectory(path) ? path : path.resolveSibling("");
        try (DictionaryFile file = DictionaryFile.open(path);
                Dictionary dictionary = file.load(Device.CPU);
                WeightStore expected = WeightStores.open(folder.resolve("expected.safetensors"));
                NDManager manager = Torch.manager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray x = expected.read("x", manager);
            NDArray features = dictionary.encode(x);
            assertNear(expected.read("features", manager), features);
            assertNear(expected.read("output", manager), dictionary.decode(features, x));
            assertNear(features.get(":, 3:6"), dictionary.encode(x, List.of(3, 4, 5)));
            assertTrue(features.gt(0).any().getBoolean(), "some feature is active");
            steersAlongTheDirection(dictionary, features, x);
        }
    }

    /** One more of a feature's activation moves the output along its direction. */
    private static void steersAlongTheDirection(Dictionary dictionary, NDArray features, NDArray x) {
        NDArray more = features.duplicate();
        more.set(new ai.djl.ndarray.index.NDIndex(":, 7"), features.get(":, 7").add(1));
        NDArray moved = dictionary.decode(more, x).sub(dictionary.decode(features, x));
        assertNear(dictionary.direction(7, x).broadcast(moved.getShape()), moved);
        NDArray gradient = x.zerosLike();
        gradient.set(new ai.djl.ndarray.index.NDIndex(":, 2"), 1);
        assertNear(moved.get(":, 2:3"), dictionary.gradient(gradient, x).get(":, 7:8"));
    }

    private static void assertNear(NDArray expected, NDArray found) {
        assertEquals(expected.getShape(), found.getShape());
        assertEquals(0, expected.sub(found).abs().max().getFloat(), NEAR);
    }

    @Test
    void configsNameWhatTheFilesSay() {
        assertEquals(Optional.of("blocks.1.hook_resid_pre"), config("topk").site());
        assertEquals(
                Optional.of("blocks.1.hook_resid_pre"), config("before-six").site());
        assertEquals(Optional.of("blocks.0.attn.hook_z"), config("hook-z").site());
        assertEquals(
                Optional.of("blocks.0.hook_mlp_out"), config("skip-transcoder").writes());
        assertEquals(
                Optional.of("blocks.1.hook_resid_post"),
                config("sparsify/layers.1").site());
        assertEquals(
                Optional.empty(),
                config("gemma-scope/layer_1/width_16k/average_l0_5").site());
        DictionaryConfig second = config("gemma-scope-2/transcoder/layer_0_width_16k_l0_small_affine");
        assertEquals(Optional.of("blocks.0.ln2.hook_normalized"), second.site());
        assertTrue(second.gained());
        DictionaryConfig traced = config("circuit-tracer/layer_1.safetensors");
        assertEquals(Optional.of("blocks.1.hook_resid_mid"), traced.site());
        assertEquals(Optional.of("blocks.1.hook_mlp_out"), traced.writes());
        assertEquals(List.of(20, 32, 20), List.of(traced.inputs(), traced.features(), traced.outputs()));
    }

    private static DictionaryConfig config(String name) {
        try (DictionaryFile file = DictionaryFile.open(fixture(name))) {
            return file.config();
        }
    }

    @Test
    void hashesAreThoseOfTheFiles() throws Exception {
        try (DictionaryFile npz = DictionaryFile.open(fixture("gemma-scope/layer_1/width_16k/average_l0_5"));
                DictionaryFile other = DictionaryFile.open(fixture("topk"))) {
            assertEquals(sha256(npz.path()), npz.sha256());
            assertEquals(sha256(other.path()), other.sha256());
            assertNotEquals(npz.sha256(), other.sha256());
        }
    }

    private static String sha256(Path file) throws Exception {
        return java.util.HexFormat.of()
                .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    /** The gain and bias of a norm go into the encoder and the skip connection. */
    @Test
    void aFoldedGainReadsTheNormBeforeIt() {
        try (DictionaryFile file = DictionaryFile.open(fixture("skip-transcoder"));
                Dictionary whole = file.load(Device.CPU);
                Dictionary folded = file.load(Device.CPU);
                NDManager manager = Torch.manager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray x = manager.randomNormal(new ai.djl.ndarray.types.Shape(3, 20));
            NDArray gain = manager.randomNormal(new ai.djl.ndarray.types.Shape(20));
            NDArray bias = manager.randomNormal(new ai.djl.ndarray.types.Shape(20));
            folded.foldGain(gain, bias);
            NDArray read = x.mul(gain).add(bias);
            NDArray features = whole.encode(read);
            assertNear(features, folded.encode(x));
            assertNear(whole.decode(features, read), folded.decode(features, x));
        }
    }
}
