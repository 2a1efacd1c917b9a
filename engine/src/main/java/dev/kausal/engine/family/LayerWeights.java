package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.errors.Present;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One block's parameters as the maths reads them, shaped as in {@link Parameter}. A bias, a norm, or the gate of an
 * ungated MLP is null if the model lacks it. Owned by the model.
 */
public record LayerWeights(
        @Nullable NDArray ln1Gain,
        @Nullable NDArray ln1Bias,
        NDArray qkv,
        @Nullable NDArray qkvBias,
        NDArray output,
        @Nullable NDArray outputBias,
        @Nullable NDArray ln2Gain,
        @Nullable NDArray ln2Bias,
        @Nullable NDArray gate,
        @Nullable NDArray gateBias,
        NDArray mlpIn,
        @Nullable NDArray mlpInBias,
        NDArray mlpOut,
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
    /** Collects the parameters that the model has; queries, keys and values are fused. */
    static LayerWeights of(Map<Parameter, NDArray> p) {
        return new LayerWeights(
                p.get(Parameter.LN1_GAIN),
                p.get(Parameter.LN1_BIAS),
                Present.in(p, Parameter.QKV),
                p.get(Parameter.QKV_BIAS),
                Present.in(p, Parameter.OUTPUT),
                p.get(Parameter.OUTPUT_BIAS),
                p.get(Parameter.LN2_GAIN),
                p.get(Parameter.LN2_BIAS),
                p.get(Parameter.GATE),
                p.get(Parameter.GATE_BIAS),
                Present.in(p, Parameter.MLP_IN),
                p.get(Parameter.MLP_IN_BIAS),
                Present.in(p, Parameter.MLP_OUT),
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
