/**
 * Tokenizers from tokenizer.json and from GGUF metadata, and how they frame a prompt. It knows no model.
 */
package dev.kausal.engine.tokens;
