package dev.kausal.spec

import kotlinx.serialization.Serializable

/**
 * How far the outputs of unedited prompts, at the position that is read, are from those of the same model in float32.
 *
 * @property prompts number of prompts compared
 * @property difference largest difference of an output, such as a logit
 * @property size largest output in absolute terms
 */
@Serializable
public data class PrecisionError(
    val prompts: Int,
    val difference: Double,
    val size: Double,
)
