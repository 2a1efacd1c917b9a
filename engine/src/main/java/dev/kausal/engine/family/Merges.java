package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.errors.Present;
import java.util.List;
import java.util.Map;

/**
 * Merges parameters that files store apart, and splits those that they store fused, into what the layers' maths reads.
 *
 * @param config choices of the model
 * @param owner owner of new arrays
 */
record Merges(ModelConfig config, NDManager owner) {
    /** Merges the parameters of a block. */
    Map<Parameter, NDArray> block(Map<Parameter, NDArray> p) {
        split(p, Parameter.GATE_AND_IN, Parameter.GATE, Parameter.MLP_IN);
        split(p, Parameter.GATE_AND_IN_BIAS, Parameter.GATE_BIAS, Parameter.MLP_IN_BIAS);
        scaleBranches(p);
        scale(p, Parameter.ATTENTION_SCALE, Parameter.OUTPUT, Parameter.OUTPUT_BIAS);
        scale(p, Parameter.MLP_SCALE, Parameter.MLP_OUT, Parameter.MLP_OUT_BIAS);
        join(p, 1, Parameter.QKV, Parameter.QUERY, Parameter.KEY, Parameter.VALUE);
        fuseBiases(p);
        return p;
    }

    /** Merges the parameters outside the blocks. */
    Map<Parameter, NDArray> ends(Map<Parameter, NDArray> p) {
        average(p, Parameter.UNEMBED, Parameter.SECOND_UNEMBED);
        average(p, Parameter.UNEMBED_BIAS, Parameter.SECOND_UNEMBED_BIAS);
        scaleLogits(p);
        join(p, 1, Parameter.POOL_QKV, Parameter.POOL_QUERY, Parameter.POOL_KEY_VALUE);
        join(p, 0, Parameter.POOL_QKV_BIAS, Parameter.POOL_QUERY_BIAS, Parameter.POOL_KEY_VALUE_BIAS);
        return p;
    }

    /** Adds relative-position bias shared by all layers to a block's own: both are resampled alike. */
    void addBias(Map<Parameter, NDArray> block, NDArray shared) {
        if (block.containsKey(Parameter.RELATIVE_BIAS)) {
            Present.in(block, Parameter.RELATIVE_BIAS).addi(shared);
        } else {
            NDArray own = shared.duplicate();
            own.attach(owner);
            block.put(Parameter.RELATIVE_BIAS, own);
        }
    }

    /** Merges two classifiers of two rows, whose logits are averaged, into one over both rows. */
    private void average(Map<Parameter, NDArray> p, Parameter first, Parameter second) {
        NDArray other = p.remove(second);
        if (other != null) {
            boolean bias = second == Parameter.SECOND_UNEMBED_BIAS;
            NDArray firstPart = Present.in(p, first);
            NDArray both = bias ? firstPart.addi(other) : fuse(0, firstPart, other);
            p.put(first, both.muli(0.5f));
            if (bias) {
                other.close();
            }
        }
    }

    /** Merges separately stored projections, if the model has them. */
    private void join(Map<Parameter, NDArray> p, int axis, Parameter fused, Parameter... parts) {
        if (List.of(parts).stream().allMatch(p::containsKey)) {
            p.put(fused, fuse(axis, List.of(parts).stream().map(p::remove).toArray(NDArray[]::new)));
        }
    }

    /** Splits a fused gate and ungated branch in two. */
    private static void split(Map<Parameter, NDArray> p, Parameter both, Parameter gate, Parameter in) {
        NDArray stored = p.remove(both);
        if (stored != null) {
            try (NDList halves = stored.split(2, stored.getShape().dimension() - 1)) {
                p.put(gate, halves.get(0).duplicate());
                p.put(in, halves.get(1).duplicate());
            }
            stored.close();
        }
    }

    /** Merges a family's branch multipliers into the projections before them. */
    private void scaleBranches(Map<Parameter, NDArray> p) {
        float scale = (float) config.block().branchScale();
        for (Parameter one :
                List.of(Parameter.OUTPUT, Parameter.OUTPUT_BIAS, Parameter.MLP_OUT, Parameter.MLP_OUT_BIAS)) {
            if (scale != 1 && p.containsKey(one)) {
                Present.in(p, one).muli(scale);
            }
        }
    }

    /** Merges the logit scale into the unembedding, which then is the model's own. */
    private void scaleLogits(Map<Parameter, NDArray> p) {
        float scale = (float) config.head().logitScale();
        if (scale == 1) {
            return;
        }
        if (!config.tiedUnembedding() && p.containsKey(Parameter.UNEMBED)) {
            Present.in(p, Parameter.UNEMBED).muli(scale);
        } else if (p.containsKey(Parameter.EMBED)) {
            NDArray scaled = Present.in(p, Parameter.EMBED).transpose().mul(scale);
            scaled.attach(owner);
            p.put(Parameter.UNEMBED, scaled);
        }
    }

    /** Merges a layer scale into the projection before it: no hook point lies between them. */
    private static void scale(Map<Parameter, NDArray> p, Parameter by, Parameter weight, Parameter bias) {
        NDArray scale = p.remove(by);
        if (scale != null) {
            Present.in(p, weight).muli(scale);
            if (p.containsKey(bias)) {
                Present.in(p, bias).muli(scale);
            }
            scale.close();
        }
    }

    private void fuseBiases(Map<Parameter, NDArray> p) {
        List<Parameter> biases = List.of(Parameter.QUERY_BIAS, Parameter.KEY_BIAS, Parameter.VALUE_BIAS);
        if (biases.stream().anyMatch(p::containsKey)) {
            NDArray[] parts = biases.stream()
                    .map(bias -> p.containsKey(bias) ? p.remove(bias) : owner.zeros(new Shape(bias.shape(config))))
                    .toArray(NDArray[]::new);
            p.put(Parameter.QKV_BIAS, fuse(0, parts));
        }
    }

    /** Fuses queries, keys and values: one matrix product instead of three. */
    private NDArray fuse(int axis, NDArray... parts) {
        NDArray fused = NDArrays.concat(new NDList(parts), axis);
        fused.attach(owner);
        for (NDArray part : parts) {
            part.close();
        }
        return fused;
    }
}
