/**
 * Tokenizers from tokenizer.json and GGUF metadata, and prompt framing. It depends on no model.
 */
@NullMarked
package dev.kausal.engine.tokens;

import org.jspecify.annotations.NullMarked;
