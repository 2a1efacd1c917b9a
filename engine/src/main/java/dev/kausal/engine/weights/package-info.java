/**
 * Reads tensors from safetensors and GGUF files, and writes safetensors: formats and layouts, independent of families.
 */
@NullMarked
package dev.kausal.engine.weights;

import org.jspecify.annotations.NullMarked;
