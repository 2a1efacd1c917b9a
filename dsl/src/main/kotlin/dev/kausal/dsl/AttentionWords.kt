package dev.kausal.dsl

import dev.kausal.spec.AttentionPart

/** Attention probabilities [head, query, key]. */
public val pattern: AttentionPart get() = AttentionPart.Pattern

/** Attention scores before the softmax, scaled [head, query, key]; what a mask hides has none. */
public val scores: AttentionPart get() = AttentionPart.Scores

/** Queries as they are projected [head, position, d_head]. */
public val queries: AttentionPart get() = AttentionPart.Queries

/** Keys as they are projected [key-value head, position, d_head]. */
public val keys: AttentionPart get() = AttentionPart.Keys

/** Queries after their norm and rotation, multiplied by the scale [head, position, d_head]. */
public val finalQueries: AttentionPart get() = AttentionPart.FinalQueries

/** Keys after their norm and rotation [key-value head, position, d_head]. */
public val finalKeys: AttentionPart get() = AttentionPart.FinalKeys
