package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.Parameter;
import java.util.Map;

/**
 * One block's parameters as the maths reads them; shapes as in {@link Parameter}. A bias, a norm, and the gate of an
 * ungated MLP, is null where the model has none. Owned by the model.
 */
public record LayerWeights(
        NDArray ln1Gain,
        NDArray ln1Bias,
        NDArray qkv,
        NDArray qkvBias,
        NDArray output,
        NDArray outputBias,
        NDArray ln2Gain,
        NDArray ln2Bias,
        NDArray gate,
        NDArray gateBias,
        NDArray mlpIn,
        NDArray mlpInBias,
        NDArray mlpOut,
        NDArray mlpOutBias,
        NDArray ln1PostGain,
        NDArray ln2PostGain,
        NDArray queryNormGain,
        NDArray queryNormBias,
        NDArray keyNormGain,
        NDArray keyNormBias,
        NDArray relativeBias,
        NDArray relativeKey,
        NDArray relativeKeyBias,
        NDArray relativeQuery,
        NDArray relativeQueryBias) {
    /** From the parameters that the model has; queries, keys and values fused. */
    static LayerWeights of(Map<Parameter, NDArray> p) {
        return new LayerWeights(
                p.get(Parameter.LN1_GAIN),
                p.get(Parameter.LN1_BIAS),
                p.get(Parameter.QKV),
                p.get(Parameter.QKV_BIAS),
                p.get(Parameter.OUTPUT),
                p.get(Parameter.OUTPUT_BIAS),
                p.get(Parameter.LN2_GAIN),
                p.get(Parameter.LN2_BIAS),
                p.get(Parameter.GATE),
                p.get(Parameter.GATE_BIAS),
                p.get(Parameter.MLP_IN),
                p.get(Parameter.MLP_IN_BIAS),
                p.get(Parameter.MLP_OUT),
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
