package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.WeightStore;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The embedding and unembedding of a streamed model. Passes read the rows of their tokens from the file; a table that
 * is needed whole is decoded then, and stays.
 */
final class StreamedTables {
    private static final Set<Parameter> TABLES = Set.of(Parameter.EMBED, Parameter.UNEMBED, Parameter.SECOND_UNEMBED);

    private final ParameterReader reader;
    private final WeightStore store;
    private final Merges merges;
    private final Map<Parameter, NDArray> whole = new EnumMap<>(Parameter.class);

    StreamedTables(ParameterReader reader, WeightStore store, Merges merges) {
        this.reader = reader;
        this.store = store;
        this.merges = merges;
    }

    /** Returns whether a parameter is such a table. */
    static boolean contains(Parameter parameter) {
        return TABLES.contains(parameter);
    }

    /** Returns whether the model has a table, which then is read here. */
    boolean has(Parameter table) {
        boolean tied = table == Parameter.UNEMBED && merges.config().tiedUnembedding();
        return (table == Parameter.EMBED || merges.config().head().hasVocabulary())
                && reader.has(tied ? Parameter.EMBED : table);
    }

    /** Returns rows of the embedding [row, width], owned by {@code local}. */
    NDArray embedded(int[] rows, NDManager local) {
        Optional<String> name = reader.rowsOf(Parameter.EMBED, Transform.NONE);
        return name.isPresent() ? store.rows(name.get(), rows, local) : gathered(table(Parameter.EMBED), rows, local);
    }

    /** Returns columns of the unembedding, as rows [output, width], owned by {@code local}. */
    NDArray unembedding(int[] outputs, NDManager local) {
        Optional<String> name = stored();
        if (name.isEmpty()) {
            return gathered(table(Parameter.UNEMBED).transpose(), outputs, local);
        }
        NDArray rows = store.rows(name.get(), outputs, local);
        return scaled(rows);
    }

    /** Returns a whole table, as the maths reads it; owned by the model. */
    synchronized NDArray table(Parameter table) {
        return whole.computeIfAbsent(table, which -> {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                Torch.inference();
                NDArray decoded = decoded(which);
                NDScope.unregister(decoded);
                return decoded;
            }
        });
    }

    private NDArray decoded(Parameter table) {
        NDManager owner = merges.owner();
        if (table == Parameter.EMBED) {
            return Present.in(reader.read(-1, parameter -> parameter == table, owner), table);
        }
        Optional<String> name = stored();
        if (name.isPresent()) {
            // A view: a second copy of the largest table would double the peak.
            return scaled(store.read(name.get(), owner)).transpose();
        }
        boolean tied = merges.config().tiedUnembedding();
        Map<Parameter, NDArray> read = merges.ends(
                reader.read(-1, parameter -> contains(parameter) && (parameter != Parameter.EMBED || tied), owner));
        NDArray own = read.get(Parameter.UNEMBED);
        return own == null ? Present.in(read, Parameter.EMBED).transpose() : own;
    }

    /** Returns the name of the tensor whose rows are the unembedding's columns; empty if there is none. */
    private Optional<String> stored() {
        if (reader.has(Parameter.SECOND_UNEMBED)) {
            return Optional.empty();
        }
        return merges.config().tiedUnembedding()
                ? reader.rowsOf(Parameter.EMBED, Transform.NONE)
                : reader.rowsOf(Parameter.UNEMBED, Transform.TRANSPOSE);
    }

    private NDArray scaled(NDArray array) {
        float scale = (float) merges.config().head().logitScale();
        return scale == 1 ? array : array.muli(scale);
    }

    private static NDArray gathered(NDArray table, int[] rows, NDManager local) {
        return Slices.gather(table, local.create(rows));
    }
}
