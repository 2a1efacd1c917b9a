/**
 * Reads tensors from safetensors, PyTorch and GGUF files, and writes safetensors: formats and layouts, without families.
 */
@NullMarked
package dev.kausal.engine.weights;

import org.jspecify.annotations.NullMarked;
