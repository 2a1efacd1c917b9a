package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * Where the numbers of a result are that are too many for `results.json`: a safetensors file of the bundle. Each example has
 * an array of its own length, NaN where a number was not computed.
 *
 * @property file its path in the bundle
 * @property sha256 of the file
 * @property perExample the arrays of the examples, in their order
 * @property mean the array of the mean, of the result's shape; that of the example if there is only one
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
 * How numbers are stored, by the names of safetensors.
 *
 * @property bytes that one takes
 */
@Serializable
public enum class NumberType(
    public val bytes: Int,
) {
    /** Single precision: what a model computes. */
    @SerialName("F32")
    F32(Float.SIZE_BYTES),

    /** Double precision: what is computed of it. */
    @SerialName("F64")
    F64(Double.SIZE_BYTES),
}

/** Above so many numbers of its examples together, a result's numbers are in a file of arrays. */
public const val MOST_IN_JSON: Long = 1_000_000
