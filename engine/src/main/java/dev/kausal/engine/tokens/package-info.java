/**
 * Tokenizers from tokenizer.json and from GGUF metadata, and how they frame a prompt. It knows no model.
 */
@NullMarked
package dev.kausal.engine.tokens;

import org.jspecify.annotations.NullMarked;
