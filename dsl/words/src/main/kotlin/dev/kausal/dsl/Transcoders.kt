package dev.kausal.dsl

import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.host.ScriptPlace
import java.nio.file.Path

/** Transcoders for the MLPs of all layers. Their files are opened once the model is known. */
public class Transcoders internal constructor(
    internal val ref: String?,
    internal val given: List<Dictionary>,
    internal val script: ScriptPlace?,
    internal val folder: Path = ScriptContext.current.folder,
) {
    override fun toString(): String = ref ?: given.joinToString()
}

/**
 * Names a set of transcoders, one for each layer: a folder of circuit-tracer (`layer_0.safetensors`, ... beside
 * `config.yaml`), or one whose subfolders are those of one transcoder each.
 *
 * @param ref a folder, relative to the script's, or `hf:org/name@revision:folder`, which must be in the Hub's local cache
 */
@Suppress("UnusedReceiverParameter") // a word of experiments
public fun ExperimentScope.transcoders(ref: String): Transcoders {
    ScriptContext.current.file(ref)
    return Transcoders(ref, emptyList(), ScriptLines.here())
}

/** Puts transcoders together, one for each layer, in any order. */
@Suppress("UnusedReceiverParameter") // a word of experiments
public fun ExperimentScope.transcoders(vararg layers: Dictionary): Transcoders =
    Transcoders(null, layers.toList(), ScriptLines.here())
