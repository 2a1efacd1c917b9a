package dev.kausal.bundle

import dev.kausal.spec.NumberType
import dev.kausal.spec.StoredArray
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.add
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.intOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.longOrNull
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel

/**
 * Layout of a safetensors file with arrays of one type: eight bytes of header length, the header (JSON of name to type,
 * shape and offsets), then the arrays without gaps.
 *
 * @property notes texts of the header's `__metadata__`
 */
internal class ArrayLayout(
    val type: NumberType,
    val arrays: List<StoredArray>,
    private val notes: Map<String, String>,
) {
    private val sizes = arrays.map { array -> array.shape.fold(1L) { size, n -> Math.multiplyExact(size, n.toLong()) } }

    /** Index of each array's first number among all numbers, followed by their total. */
    private val firsts = sizes.runningFold(0L, Math::addExact)
    private val places = arrays.indices.associateBy { arrays[it].name }

    /** Returns how many numbers array number [array] has. */
    fun size(array: Int): Long = sizes[array]

    /** Total number of values. */
    val numbers: Long get() = firsts.last()

    /** Returns the index of [array]'s first number; null if there is no such array. */
    fun first(array: StoredArray): Long? = places[array.name]?.takeIf { arrays[it] == array }?.let { firsts[it] }

    /** Length and header, padded with blanks so that the arrays start at a multiple of eight bytes. */
    val header: ByteArray by lazy {
        val text = Json.encodeToString(JsonObject.serializer(), json()).encodeToByteArray()
        val padded = (text.size + Long.SIZE_BYTES - 1) / Long.SIZE_BYTES * Long.SIZE_BYTES
        val bytes = ByteBuffer.allocate(Long.SIZE_BYTES + padded).order(ByteOrder.LITTLE_ENDIAN)
        bytes.putLong(padded.toLong()).put(text)
        while (bytes.hasRemaining()) bytes.put(' '.code.toByte())
        bytes.array()
    }

    private fun json() =
        buildJsonObject {
            putJsonObject(NOTES) { notes.forEach { (name, text) -> put(name, text) } }
            arrays.forEachIndexed { i, array ->
                putJsonObject(array.name) {
                    put(TYPE, type.name)
                    putJsonArray(SHAPE) { array.shape.forEach { add(it) } }
                    putJsonArray(OFFSETS) {
                        add(firsts[i] * type.bytes)
                        add(firsts[i + 1] * type.bytes)
                    }
                }
            }
        }

    companion object {
        private const val NOTES = "__metadata__"
        private const val TYPE = "dtype"
        private const val SHAPE = "shape"
        private const val OFFSETS = "data_offsets"
        private const val MOST_HEADER = 100_000_000L

        /**
         * Returns the offset of the arrays in the file, after checking that it is laid out as [expected].
         *
         * @throws IllegalArgumentException if it differs
         */
        fun start(
            file: FileChannel,
            expected: ArrayLayout,
        ): Long {
            val length = bytes(file, 0, Long.SIZE_BYTES).long
            require(length in 1..minOf(MOST_HEADER, file.size() - Long.SIZE_BYTES)) { "its header's length is $length" }
            val text = bytes(file, Long.SIZE_BYTES.toLong(), length.toInt()).array().decodeToString()
            val header = Json.parseToJsonElement(text).jsonObject - NOTES
            require(header.keys == expected.places.keys) { "its arrays are ${header.keys.joinToString()}" }
            expected.arrays.forEachIndexed { i, array ->
                val found = header.getValue(array.name).jsonObject
                val offsets = listOf(expected.firsts[i], expected.firsts[i + 1]).map { it * expected.type.bytes }
                require(
                    found[TYPE] == JsonPrimitive(expected.type.name) &&
                        found[SHAPE]?.jsonArray?.map { it.jsonPrimitive.intOrNull } == array.shape &&
                        found[OFFSETS]?.jsonArray?.map { it.jsonPrimitive.longOrNull } == offsets,
                ) { "its array ${array.name} is $found" }
            }
            val start = Long.SIZE_BYTES + length
            val size = start + expected.numbers * expected.type.bytes
            require(file.size() == size) { "it has ${file.size()} bytes, not $size" }
            return start
        }

        private fun bytes(
            file: FileChannel,
            from: Long,
            count: Int,
        ): ByteBuffer {
            val bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN)
            var read = 0
            while (bytes.hasRemaining() && read >= 0) read = file.read(bytes, from + bytes.position())
            require(!bytes.hasRemaining()) { "it ends within its header" }
            return bytes.flip()
        }
    }
}
