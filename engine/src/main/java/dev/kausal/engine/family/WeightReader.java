package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.StatedParameters;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.weights.TensorInfo;
import dev.kausal.engine.weights.WeightStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Reads a checkpoint's tensors into {@link Weights} by its architecture's table, checking names and shapes first. */
public final class WeightReader {
    private final Path where;
    private final WeightStore store;
    private final Architecture architecture;
    private final ModelConfig config;
    private final StatedParameters stated;
    private final Device device;
    private final NDManager manager;
    private final Architecture.Table table;

    public WeightReader(
            Path where,
            WeightStore store,
            Architecture architecture,
            ModelConfig config,
            StatedParameters stated,
            Device device,
            NDManager manager) {
        this.stated = stated;
        this.where = where;
        this.store = store;
        this.architecture = architecture;
        this.config = config;
        this.device = device;
        this.manager = manager;
        this.table = table();
    }

    /** Returns the best-fitting naming; missing names are reported later. */
    private Architecture.Table table() {
        return architecture.tables().stream()
                .min(Comparator.comparingLong(this::missing))
                .orElseThrow();
    }

    private long missing(Architecture.Table candidate) {
        return candidate.rules().stream()
                .filter(rule -> rule.need() == WeightRule.Need.REQUIRED)
                .filter(rule -> !store.tensors().containsKey(rule.name(0)))
                .count();
    }

    public Weights read() {
        new TensorNames(where, store, architecture, config, stated, table).check();
        Map<Parameter, NDArray> global = parameters(-1);
        List<Map<Parameter, NDArray>> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(parameters(layer)));
        }
        shareBias(global, layers);
        average(global, Parameter.UNEMBED, Parameter.SECOND_UNEMBED);
        average(global, Parameter.UNEMBED_BIAS, Parameter.SECOND_UNEMBED_BIAS);
        scaleLogits(global);
        join(global, 1, Parameter.POOL_QKV, Parameter.POOL_QUERY, Parameter.POOL_KEY_VALUE);
        join(global, 0, Parameter.POOL_QKV_BIAS, Parameter.POOL_QUERY_BIAS, Parameter.POOL_KEY_VALUE_BIAS);
        return new Weights(device, manager, global, layers, config.tiedUnembedding());
    }

    /** Merges relative-position bias shared by all layers into each layer's own: both are resampled alike. */
    private static void shareBias(Map<Parameter, NDArray> global, List<Map<Parameter, NDArray>> layers) {
        NDArray shared = global.remove(Parameter.SHARED_RELATIVE_BIAS);
        if (shared == null) {
            return;
        }
        for (Map<Parameter, NDArray> layer : layers) {
            if (layer.containsKey(Parameter.RELATIVE_BIAS)) {
                Present.in(layer, Parameter.RELATIVE_BIAS).addi(shared);
            } else {
                layer.put(Parameter.RELATIVE_BIAS, shared.duplicate());
            }
        }
        shared.close();
    }

    /** Merges two classifiers of two rows, whose logits are averaged, into one over both rows. */
    private void average(Map<Parameter, NDArray> global, Parameter first, Parameter second) {
        NDArray other = global.remove(second);
        if (other != null) {
            boolean bias = second == Parameter.SECOND_UNEMBED_BIAS;
            NDArray firstPart = Present.in(global, first);
            NDArray both = bias ? firstPart.addi(other) : fuse(0, firstPart, other);
            global.put(first, both.muli(0.5f));
            if (bias) {
                other.close();
            }
        }
    }

    /** Merges a pool's separately stored projections. */
    private void join(Map<Parameter, NDArray> global, int axis, Parameter both, Parameter first, Parameter second) {
        if (global.containsKey(first) && global.containsKey(second)) {
            global.put(both, fuse(axis, taken(global, first), taken(global, second)));
        }
    }

    private static NDArray taken(Map<Parameter, NDArray> parameters, Parameter parameter) {
        NDArray array = Present.in(parameters, parameter);
        parameters.remove(parameter);
        return array;
    }

    private Map<Parameter, NDArray> parameters(int layer) {
        Map<Parameter, NDArray> found = new EnumMap<>(Parameter.class);
        for (WeightRule rule : table.rules()) {
            String name = rule.name(layer);
            if (rule.parameter().perLayer() == (layer >= 0)
                    && config.has(rule.parameter(), layer)
                    && store.tensors().containsKey(name)) {
                NDArray earlier = found.put(rule.parameter(), read(rule, name));
                if (earlier != null) {
                    earlier.close();
                }
            }
        }
        return found;
    }

    private NDArray read(WeightRule rule, String name) {
        int heads = rule.parameter() == Parameter.KEY ? config.keyValueHeads() : config.heads();
        checkShape(rule, Present.in(store.tensors(), name));
        NDArray raw = store.read(name, manager);
        NDArray ready = rule.transform().apply(raw, heads, config.dHead());
        if (ready != raw) {
            raw.close();
        }
        return ready;
    }

    private void checkShape(WeightRule rule, TensorInfo info) {
        List<Long> inFile = rule.transform().inFile(rule.parameter().shape(config), config);
        if (!inFile.equals(info.shape())) {
            throw new WeightMismatchException("Tensor '" + info.name() + "' in " + where + " has shape " + info.shape()
                    + ", but the config implies " + inFile
                    + ". Config and weights do not match: fetch both from one source.");
        }
    }

    private Map<Parameter, NDArray> layer(Map<Parameter, NDArray> p) {
        split(p, Parameter.GATE_AND_IN, Parameter.GATE, Parameter.MLP_IN);
        split(p, Parameter.GATE_AND_IN_BIAS, Parameter.GATE_BIAS, Parameter.MLP_IN_BIAS);
        scaleBranches(p);
        scale(p, Parameter.ATTENTION_SCALE, Parameter.OUTPUT, Parameter.OUTPUT_BIAS);
        scale(p, Parameter.MLP_SCALE, Parameter.MLP_OUT, Parameter.MLP_OUT_BIAS);
        if (!p.containsKey(Parameter.QKV)) {
            p.put(
                    Parameter.QKV,
                    fuse(1, taken(p, Parameter.QUERY), taken(p, Parameter.KEY), taken(p, Parameter.VALUE)));
        }
        fuseBiases(p);
        return p;
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
    private void scaleLogits(Map<Parameter, NDArray> global) {
        float scale = (float) config.head().logitScale();
        if (scale == 1) {
            return;
        }
        if (config.tiedUnembedding()) {
            NDArray scaled = Present.in(global, Parameter.EMBED).transpose().mul(scale);
            scaled.attach(manager);
            global.put(Parameter.UNEMBED, scaled);
        } else {
            Present.in(global, Parameter.UNEMBED).muli(scale);
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
                    .map(bias -> p.containsKey(bias) ? p.remove(bias) : manager.zeros(new Shape(bias.shape(config))))
                    .toArray(NDArray[]::new);
            p.put(Parameter.QKV_BIAS, fuse(0, parts));
        }
    }

    /** Fuses queries, keys and values: one matrix product instead of three. */
    private NDArray fuse(int axis, NDArray... parts) {
        NDArray fused = NDArrays.concat(new NDList(parts), axis);
        fused.attach(manager);
        for (NDArray part : parts) {
            part.close();
        }
        return fused;
    }
}
