package dev.kausal.engine.features;

import dev.kausal.engine.errors.Present;
import dev.kausal.engine.weights.MissingTensorException;
import dev.kausal.engine.weights.TensorInfo;
import dev.kausal.engine.weights.WeightStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** What a layout's reader finds, before shapes are checked. */
final class Draft {
    final String layout;
    final Path file;
    final WeightStore store;
    final Map<Role, Stored> tensors = new EnumMap<>(Role.class);
    final List<String> notes = new ArrayList<>();

    Encoding encoding = Encoding.RELU;
    OptionalInt k = OptionalInt.empty();
    Scaling scaling = Scaling.NONE;
    boolean subtracts;
    /** Whether pre-activations are compared in units of the decoder's rows. */
    boolean rescales;

    Optional<String> site = Optional.empty();
    Optional<String> writes = Optional.empty();
    boolean gained;
    Optional<String> scan = Optional.empty();
    OptionalInt inputs = OptionalInt.empty();
    OptionalInt features = OptionalInt.empty();

    /** A tensor of the file, and whether its axes are swapped. */
    record Stored(String name, boolean transposed) {}

    private Draft(String layout, Path file, WeightStore store) {
        this.layout = layout;
        this.file = file;
        this.store = store;
    }

    /** Returns what {@code fill} finds in {@code store}, which is closed if it fails. */
    static Draft of(String layout, Path file, WeightStore store, Consumer<Draft> fill) {
        Draft draft = new Draft(layout, file, store);
        try {
            fill.accept(draft);
            return draft;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    boolean has(String name) {
        return store.tensors().containsKey(name);
    }

    void put(Role role, String name) {
        put(role, name, false);
    }

    void put(Role role, String name, boolean transposed) {
        if (!has(name)) {
            throw new MissingTensorException(file, name, store.tensors().keySet());
        }
        tensors.put(role, new Stored(name, transposed));
    }

    void putIfThere(Role role, String name, boolean transposed) {
        if (has(name)) {
            put(role, name, transposed);
        }
    }

    /** Returns the sizes and choices, once shapes are found to agree. */
    DictionaryConfig config() {
        List<Long> encoder = shape(Role.ENCODER);
        List<Long> decoder = shape(Role.DECODER);
        long inputs = encoder.get(0);
        long features = encoder.get(1);
        long outputs = decoder.get(1);
        require(Role.DECODER, List.of(features, writes.isPresent() ? outputs : inputs));
        for (Role role :
                List.of(Role.ENCODER_BIAS, Role.THRESHOLD, Role.GATE_BIAS, Role.MAGNITUDE_BIAS, Role.MAGNITUDE_SCALE)) {
            require(role, List.of(features));
        }
        require(Role.DECODER_BIAS, List.of(outputs));
        require(Role.SKIP, List.of(inputs, outputs));
        claimed("d_in", this.inputs, inputs);
        claimed("d_sae", this.features, features);
        return new DictionaryConfig(
                layout,
                encoding,
                k(features),
                scaling,
                subtracts,
                (int) inputs,
                (int) features,
                (int) outputs,
                site,
                writes,
                gained,
                notes,
                scan);
    }

    private int k(long features) {
        if (encoding != Encoding.TOP_K) {
            return 0;
        }
        int number = k.orElse(0);
        if (number < 1 || number > features) {
            String found = k.isPresent() ? "" + number : "none";
            throw new DictionarySettingException(file, "k", "1 to " + features, found);
        }
        return number;
    }

    private void claimed(String field, OptionalInt claim, long size) {
        if (claim.isPresent() && claim.getAsInt() != size) {
            throw new DictionaryShapeException(
                    file, field, size + ", as the encoder's tensor has", "" + claim.getAsInt());
        }
    }

    private void require(Role role, List<Long> expected) {
        if (tensors.containsKey(role) && !shape(role).equals(expected)) {
            throw new DictionaryShapeException(
                    file,
                    "tensor '" + stored(role).name() + "'",
                    stored(role, expected),
                    "" + info(role).shape());
        }
    }

    private String stored(Role role, List<Long> shape) {
        return "" + (stored(role).transposed() ? List.of(shape.get(1), shape.get(0)) : shape);
    }

    private Stored stored(Role role) {
        return Present.in(tensors, role);
    }

    private TensorInfo info(Role role) {
        return Present.in(store.tensors(), stored(role).name());
    }

    /** Returns the shape of a tensor as its role has it. */
    private List<Long> shape(Role role) {
        List<Long> shape = info(role).shape();
        boolean matrix = role == Role.ENCODER || role == Role.DECODER || role == Role.SKIP;
        if (shape.size() != (matrix ? 2 : 1) || shape.contains(0L)) {
            throw new DictionaryShapeException(
                    file, "tensor '" + stored(role).name() + "'", matrix ? "two axes" : "one axis", "" + shape);
        }
        return stored(role).transposed() ? List.of(shape.get(1), shape.get(0)) : shape;
    }
}
