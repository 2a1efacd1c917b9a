/**
 * Reads tensors from safetensors, PyTorch and GGUF files, and writes safetensors. It knows formats and layouts, but no families.
 */
@NullMarked
package dev.kausal.engine.weights;

import org.jspecify.annotations.NullMarked;
