package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;

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
        NDArray keyNormBias) {}
