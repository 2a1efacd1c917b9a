package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Torch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients at every hook point of tiny random models against PyTorch's, by bench/make_tiny_gradients.py. */
@ExtendWith(NoOpenArrays.class)
final class GradientsTest {
    /**
     * Of the largest entry, or of what an entry is the remainder of: see {@link #size}. PyTorch's own float32 is up to
     * 3.5e-6 from its float64 so measured (bench/gradient_rounding.py: every point of 28 of these models, with each
     * instruction set), and two implementations may be as far from the truth on opposite sides: 7e-6.
     */
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
        NDArray weights = Recording.nativeCopy(outputs.getManager().create(cosines, outputs.getShape()));
        return outputs.mul(weights).sum();
    };

    /** The same, after which whatever memory Java has let go of is used for something else. */
    @SuppressWarnings("ModifiedButNotUsed") // kept, so that each takes memory of its own
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
                assertClose(
                        entry.getKey(),
                        entry.getValue(),
                        gradient.toFloatArray(),
                        size(entry.getKey(), expected, found.activations()));
            }
        }
    }

    /** What a wrong formula gives at a norm's denominator is outside the bound by far, wide as its sums make it. */
    @ParameterizedTest
    @MethodSource("models")
    void wrongGradientsAtDenominatorsAreFarOutside(String name) throws Exception {
        Path folder = TinyModels.folder(name);
        Map<String, float[]> expected = GradientDump.read(folder).prompt().points();
        try (HookedModel model = HookedModel.open(folder);
                NDManager manager = Torch.manager()) {
            Input input = GradientDump.read(folder).prompt().input(model.config());
            ActivationCache activations = Gradients.of(
                            model,
                            List.of(input),
                            COSINES,
                            point -> !STREAM_COPIES.matcher(point.name()).find(),
                            manager)
                    .activations();
            for (String point : expected.keySet()) {
                // What a model without a head norms for a pooler alone has no share in its outputs.
                boolean aside = point.startsWith("ln_final")
                        && model.config().head().task() == OutputHeadConfig.Task.HIDDEN_STATES
                        && model.config().head().norm() == OutputHeadConfig.NormAt.POOLED_ROW;
                if (!point.endsWith("hook_scale") || aside) {
                    continue;
                }
                double bound = TOLERANCE * size(point, expected, activations);
                float[] truth = expected.get(point);
                double[][] products = products(point, expected, activations);
                float[] scales = activations.get(point).toFloatArray();
                double[] right = sums(products, scales, 1);
                assertTrue(distance(truth, right) <= bound, point + ": the formula itself");
                assertTrue(distance(truth, sums(products, scales, 2)) > 10 * bound, point + ": over its square");
                Arrays.stream(products).forEach(GradientsTest::dropLargest);
                assertTrue(distance(truth, sums(products, scales, 1)) > 10 * bound, point + ": less its largest term");
            }
        }
    }

    /**
     * Returns what rounding errors at a point are proportional to: the largest entry; at a norm's denominator the
     * largest sum of magnitudes of which an entry is the remainder. The gradient there is
     * -sum(gradient_i * normalized_i) / scale: one number from d_model terms of both signs, each with its own rounding
     * error. In these models the remainder is down to a 58th of that sum.
     */
    private static double size(String name, Map<String, float[]> gradients, ActivationCache activations) {
        double size = 0;
        for (float value : gradients.get(name)) {
            size = Math.max(size, Math.abs(value));
        }
        if (name.endsWith("hook_scale")) {
            float[] scales = activations.get(name).toFloatArray();
            double[][] products = products(name, gradients, activations);
            for (int row = 0; row < scales.length; row++) {
                size = Math.max(
                        size, Arrays.stream(products[row]).map(Math::abs).sum() / scales[row]);
            }
        }
        return size;
    }

    /** Returns, by denominator, each gradient at what it divides times that quotient. */
    private static double[][] products(String name, Map<String, float[]> gradients, ActivationCache activations) {
        String normalized = name.replace("hook_scale", "hook_normalized");
        float[] values = activations.get(normalized).toFloatArray();
        float[] factors = gradients.get(normalized);
        double[][] products = new double[gradients.get(name).length][];
        int width = values.length / products.length;
        for (int row = 0; row < products.length; row++) {
            products[row] = new double[width];
            for (int i = 0; i < width; i++) {
                products[row][i] = (double) factors[row * width + i] * values[row * width + i];
            }
        }
        return products;
    }

    private static void dropLargest(double[] terms) {
        int largest = 0;
        for (int i = 1; i < terms.length; i++) {
            largest = Math.abs(terms[i]) > Math.abs(terms[largest]) ? i : largest;
        }
        terms[largest] = 0;
    }

    /** Returns the denominators' gradients, or what they would be over another power of the denominator. */
    private static double[] sums(double[][] products, float[] scales, int power) {
        double[] sums = new double[products.length];
        for (int row = 0; row < sums.length; row++) {
            sums[row] = -Arrays.stream(products[row]).sum() / Math.pow(scales[row], power);
        }
        return sums;
    }

    private static double distance(float[] expected, double[] found) {
        double worst = 0;
        for (int i = 0; i < found.length; i++) {
            worst = Math.max(worst, Math.abs(expected[i] - found[i]));
        }
        return worst;
    }

    private static void assertClose(String name, float[] expected, float[] found, double size) {
        assertEquals(expected.length, found.length, name);
        double[] values = new double[found.length];
        Arrays.setAll(values, i -> found[i]);
        double worst = distance(expected, values);
        assertTrue(worst <= TOLERANCE * size, name + " is off by " + worst + " where sizes reach " + size);
    }
}
