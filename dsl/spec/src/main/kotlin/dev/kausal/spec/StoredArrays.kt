package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * The file with the numbers of a result that is too large for `results.json`, in safetensors. Each example has an array
 * of its own length; NaN marks numbers that were not computed.
 *
 * @property file its path in the bundle
 * @property sha256 SHA-256 of the file
 * @property perExample arrays of the examples, in order
 * @property mean array of the mean, in the result's shape; that of the example if there is only one
 */
@Serializable
public data class StoredArrays(
    val file: String,
    val sha256: String,
    val type: NumberType,
    val perExample: List<StoredArray>,
    val mean: StoredArray,
)

/** An array of a safetensors file, row-major over the result's axes. */
@Serializable
public data class StoredArray(
    val name: String,
    val shape: List<Int>,
)

/**
 * Types of stored numbers, by their names in safetensors.
 *
 * @property bytes bytes per number
 */
@Serializable
public enum class NumberType(
    public val bytes: Int,
) {
    /** Single precision, for activations. */
    @SerialName("F32")
    F32(Float.SIZE_BYTES),

    /** Double precision, for numbers derived from activations. */
    @SerialName("F64")
    F64(Double.SIZE_BYTES),
}

/** Results with more numbers than this, over all examples, are stored in a file of arrays. */
public const val MOST_IN_JSON: Long = 1_000_000
