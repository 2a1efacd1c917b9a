package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.tensor.Precision;
import dev.kausal.engine.tensor.WeightMatrix;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One block's parameters as the maths reads them, shaped as in {@link Parameter}. A bias, a norm, or the gate of an
 * ungated MLP is null if the model lacks it. Owned by the model.
 */
public record LayerWeights(
        @Nullable NDArray ln1Gain,
        @Nullable NDArray ln1Bias,
        WeightMatrix qkv,
        @Nullable NDArray qkvBias,
        WeightMatrix output,
        @Nullable NDArray outputBias,
        @Nullable NDArray ln2Gain,
        @Nullable NDArray ln2Bias,
        @Nullable WeightMatrix gate,
        @Nullable NDArray gateBias,
        WeightMatrix mlpIn,
        @Nullable NDArray mlpInBias,
        WeightMatrix mlpOut,
        @Nullable NDArray mlpOutBias,
        @Nullable NDArray ln1PostGain,
        @Nullable NDArray ln2PostGain,
        @Nullable NDArray queryNormGain,
        @Nullable NDArray queryNormBias,
        @Nullable NDArray keyNormGain,
        @Nullable NDArray keyNormBias,
        @Nullable NDArray relativeBias,
        @Nullable NDArray relativeKey,
        @Nullable NDArray relativeKeyBias,
        @Nullable NDArray relativeQuery,
        @Nullable NDArray relativeQueryBias) {
    /**
     * Collects the parameters that the model has; queries, keys and values are fused.
     *
     * @param precision of the matrices of {@link ProductWeights}
     */
    static LayerWeights of(Map<Parameter, NDArray> p, Precision precision) {
        NDArray gate = p.get(Parameter.GATE);
        return new LayerWeights(
                p.get(Parameter.LN1_GAIN),
                p.get(Parameter.LN1_BIAS),
                new WeightMatrix(Present.in(p, Parameter.QKV), precision),
                p.get(Parameter.QKV_BIAS),
                new WeightMatrix(Present.in(p, Parameter.OUTPUT), precision),
                p.get(Parameter.OUTPUT_BIAS),
                p.get(Parameter.LN2_GAIN),
                p.get(Parameter.LN2_BIAS),
                gate == null ? null : new WeightMatrix(gate, precision),
                p.get(Parameter.GATE_BIAS),
                new WeightMatrix(Present.in(p, Parameter.MLP_IN), precision),
                p.get(Parameter.MLP_IN_BIAS),
                new WeightMatrix(Present.in(p, Parameter.MLP_OUT), precision),
                p.get(Parameter.MLP_OUT_BIAS),
                p.get(Parameter.LN1_POST_GAIN),
                p.get(Parameter.LN2_POST_GAIN),
                p.get(Parameter.QUERY_NORM_GAIN),
                p.get(Parameter.QUERY_NORM_BIAS),
                p.get(Parameter.KEY_NORM_GAIN),
                p.get(Parameter.KEY_NORM_BIAS),
                p.get(Parameter.RELATIVE_BIAS),
                p.get(Parameter.RELATIVE_KEY),
                p.get(Parameter.RELATIVE_KEY_BIAS),
                p.get(Parameter.RELATIVE_QUERY),
                p.get(Parameter.RELATIVE_QUERY_BIAS));
    }
}
