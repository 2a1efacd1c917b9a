package dev.kausal.engine.features;

import java.util.List;
import java.util.Optional;

/**
 * Sizes and choices of a sparse dictionary: an autoencoder of one hook point's activations, or a transcoder from one to another.
 *
 * @param layout whose files it has, such as {@code SAELens}
 * @param encoding how features activate
 * @param k number of features of {@link Encoding#TOP_K}; else 0
 * @param scaling how rows are rescaled
 * @param subtracts whether the decoder's bias is subtracted before encoding
 * @param inputs numbers per position that it reads (d_in)
 * @param features number of features (d_sae)
 * @param outputs numbers per position that it writes (d_out); {@code inputs} unless it is a transcoder
 * @param site hook point that it reads, if the files tell
 * @param writes hook point that a transcoder reconstructs; empty for an autoencoder
 * @param gained whether it reads the norm at {@code site} with its gain and bias
 * @param notes caveats, as sentences
 * @param scan name by which viewers know the set of transcoders that it belongs to, if the files tell
 */
public record DictionaryConfig(
        String layout,
        Encoding encoding,
        int k,
        Scaling scaling,
        boolean subtracts,
        int inputs,
        int features,
        int outputs,
        Optional<String> site,
        Optional<String> writes,
        boolean gained,
        List<String> notes,
        Optional<String> scan) {
    public DictionaryConfig {
        notes = List.copyOf(notes);
    }

    /** Returns whether it reconstructs other activations than it reads. */
    public boolean transcodes() {
        return writes.isPresent();
    }
}
