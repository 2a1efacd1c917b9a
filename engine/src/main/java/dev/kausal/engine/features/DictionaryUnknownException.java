package dev.kausal.engine.features;

import java.nio.file.Path;

/** A file or folder that has none of the known layouts of dictionaries. */
public final class DictionaryUnknownException extends DictionaryException {
    private static final long serialVersionUID = 1L;

    /**
     * @param path the file or folder
     * @param found what it is or holds
     */
    public DictionaryUnknownException(Path path, String found) {
        super(
                path,
                "Cannot read a dictionary from " + path + ": expected sae_weights.safetensors with cfg.json (SAELens), "
                        + "params.npz (Gemma Scope), params.safetensors (Gemma Scope 2), layer_N.safetensors "
                        + "(circuit-tracer) or sae.safetensors with cfg.json (sparsify), found " + found
                        + ". Name the folder of one dictionary.");
    }
}
