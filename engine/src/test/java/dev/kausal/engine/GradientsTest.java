package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.exec.InputBatch;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.Input;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Torch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients at every hook point of tiny random models against PyTorch's, by bench/make_tiny_gradients.py. */
final class GradientsTest {
    private static final double TOLERANCE = 1e-5;
    /** Points that show the residual stream itself; the dumps leave them out. */
    private static final Pattern STREAM_COPIES = Pattern.compile("hook_(attn_in|[qkv]_input)$");

    static Stream<String> models() {
        return TinyModels.all();
    }

    /** Outputs times the cosines of their places. */
    static final Objective COSINES = (outputs, batch) -> {
        float[] cosines = new float[(int) outputs.size()];
        for (int i = 0; i < cosines.length; i++) {
            cosines[i] = (float) Math.cos(i);
        }
        NDArray weights = Recording.own(outputs.getManager().create(cosines, outputs.getShape()));
        return outputs.mul(weights).sum();
    };

    /** The same, after which whatever memory Java has let go of is used for something else. */
    private static NDArray afterOthersUsedFreedMemory(NDArray outputs, InputBatch batch) {
        System.gc();
        List<ByteBuffer> others = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            ByteBuffer other = ByteBuffer.allocateDirect(4 << i % 10).order(ByteOrder.nativeOrder());
            while (other.remaining() > 0) {
                other.putFloat(Float.NaN);
            }
            others.add(other);
        }
        return COSINES.of(outputs, batch);
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyHookPointsGradientIsPyTorchs(String name) throws Exception {
        Path folder = TinyModels.folder(name);
        GradientDump reference = GradientDump.read(folder);
        try (HookedModel model = HookedModel.open(folder);
                NDManager manager = Torch.manager()) {
            Input input = reference.prompt().input(model.config());
            Gradients found = Gradients.of(
                    model,
                    List.of(input),
                    GradientsTest::afterOthersUsedFreedMemory,
                    point -> !STREAM_COPIES.matcher(point.name()).find(),
                    manager);
            assertEquals(reference.value(), found.value(), 1e-5 * Math.max(1, Math.abs(reference.value())));
            Map<String, float[]> expected = reference.prompt().points();
            TreeSet<String> unseen = new TreeSet<>(found.gradients().names());
            unseen.removeAll(expected.keySet());
            unseen.remove("hook_logits");
            assertEquals(new TreeSet<>(), unseen, "points that the reference's dump lacks");
            for (Map.Entry<String, float[]> entry : expected.entrySet()) {
                NDArray gradient = found.get(entry.getKey());
                assertEquals(found.activations().get(entry.getKey()).getShape(), gradient.getShape());
                assertClose(entry.getKey(), entry.getValue(), gradient.toFloatArray());
            }
        }
    }

    /** Equal within 1e-5 of the largest entry. */
    private static void assertClose(String name, float[] expected, float[] found) {
        assertEquals(expected.length, found.length, name);
        double size = 0;
        for (float value : expected) {
            size = Math.max(size, Math.abs(value));
        }
        double worst = 0;
        for (int i = 0; i < found.length; i++) {
            worst = Math.max(worst, Math.abs(expected[i] - (double) found[i]));
        }
        assertTrue(worst <= TOLERANCE * size, name + " is off by " + worst + " where entries reach " + size);
    }
}
