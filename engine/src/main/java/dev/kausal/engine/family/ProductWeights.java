package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.tensor.Fused;
import dev.kausal.engine.tensor.Precision;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * The weights of a block that rows are multiplied with, which a model in bfloat16 stores in it: W_Q, W_K, W_V, W_O and
 * the MLP's matrices. All others are float32.
 */
final class ProductWeights {
    private static final Set<Parameter> PRODUCTS =
            EnumSet.of(Parameter.QKV, Parameter.OUTPUT, Parameter.GATE, Parameter.MLP_IN, Parameter.MLP_OUT);

    private ProductWeights() {}

    /** Returns a block in {@code precision}, of which float32 arrays that are replaced are closed. */
    static Map<Parameter, NDArray> stored(Map<Parameter, NDArray> block, Precision precision) {
        if (precision == Precision.BFLOAT16) {
            block.replaceAll((parameter, array) -> {
                if (!PRODUCTS.contains(parameter)) {
                    return array;
                }
                try (array) {
                    NDArray narrow = Fused.toBfloat16(array);
                    narrow.attach(array.getManager());
                    return narrow;
                }
            });
        }
        return block;
    }

    /** Returns a change of a block's float32 parameters as one of parameters in {@code precision}. */
    static BiFunction<Parameter, NDArray, NDArray> changed(
            BiFunction<Parameter, NDArray, NDArray> change, Precision precision) {
        return (parameter, array) -> precision == Precision.BFLOAT16 && PRODUCTS.contains(parameter)
                ? Fused.toBfloat16(change.apply(parameter, Fused.toFloat32(array)))
                : change.apply(parameter, array);
    }
}
