package dev.kausal.run

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Path
import kotlin.io.path.readBytes
import kotlin.math.sqrt

/** A safetensors file of float32 tensors, whose numbers can be changed in [bytes]. */
class SafetensorsInPlace(
    file: ByteArray,
) {
    val bytes: ByteBuffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN)
    private val length = bytes.getLong(0).toInt()
    private val header = Json.parseToJsonElement(String(file, 8, length)).jsonObject - "__metadata__"

    /** Adds [times] [vector] to row [row] of the tensor called [name]. */
    fun add(
        name: String,
        row: Int,
        vector: FloatArray,
        times: Float,
    ) {
        val first =
            8 + length + header.getValue(name).jsonObject.getValue("data_offsets").jsonArray[0].jsonPrimitive.int
        for (unit in vector.indices) {
            val at = first + 4 * (row * vector.size + unit)
            bytes.putFloat(at, bytes.getFloat(at) + times * vector[unit])
        }
    }

    /** Returns the rows of each tensor; a vector is one row. */
    fun rows(): Map<String, List<FloatArray>> =
        header.mapValues { (_, tensor) ->
            val width = tensor.jsonObject.getValue("shape").jsonArray.last().jsonPrimitive.int
            val (from, to) = tensor.jsonObject.getValue("data_offsets").jsonArray.map { it.jsonPrimitive.int }
            List((to - from) / 4 / width) { row ->
                FloatArray(width) { bytes.getFloat(8 + length + from + 4 * (row * width + it)) }
            }
        }
}

/** Reads the rows of each tensor in [file]. */
fun rowsIn(file: Path): Map<String, List<FloatArray>> = SafetensorsInPlace(file.readBytes()).rows()

/** Returns the cosine of two vectors. */
fun cosine(
    a: FloatArray,
    b: FloatArray,
): Double {
    fun product(
        x: FloatArray,
        y: FloatArray,
    ) = x.indices.sumOf { x[it].toDouble() * y[it] }
    return product(a, b) / sqrt(product(a, a)) / sqrt(product(b, b))
}
