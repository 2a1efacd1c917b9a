package dev.kausal.experiments.export

import java.io.ByteArrayOutputStream

/** Writes structures in Thrift's compact protocol, in which Parquet describes pages and columns; fields in order. */
internal class ThriftCompact {
    private val out = ByteArrayOutputStream()
    private var last = 0

    val bytes: ByteArray get() = out.toByteArray()

    fun int(field: Int, value: Int) {
        header(field, I32)
        number(value.toLong())
    }

    fun long(field: Int, value: Long) {
        header(field, I64)
        number(value)
    }

    fun text(field: Int, value: String) {
        header(field, BINARY)
        bytes(value.encodeToByteArray())
    }

    fun ints(field: Int, values: List<Int>) {
        header(field, LIST)
        size(values.size, I32)
        values.forEach { number(it.toLong()) }
    }

    fun texts(field: Int, values: List<String>) {
        header(field, LIST)
        size(values.size, BINARY)
        values.forEach { bytes(it.encodeToByteArray()) }
    }

    fun struct(field: Int, write: ThriftCompact.() -> Unit) {
        header(field, STRUCT)
        nested(write)
    }

    fun <T> structs(field: Int, values: List<T>, write: ThriftCompact.(T) -> Unit) {
        header(field, LIST)
        size(values.size, STRUCT)
        values.forEach { nested { write(it) } }
    }

    private fun nested(write: ThriftCompact.() -> Unit) {
        val inner = ThriftCompact().apply(write)
        out.write(inner.ended())
    }

    /** Returns the bytes with the end of the structure. */
    fun ended(): ByteArray = out.apply { write(STOP) }.toByteArray()

    private fun header(field: Int, type: Int) {
        check(field - last in 1 until WIDE) { "fields are in order, with short steps" }
        out.write((field - last shl HALF_BYTE) or type)
        last = field
    }

    private fun size(size: Int, type: Int) {
        if (size < WIDE) {
            out.write((size shl HALF_BYTE) or type)
        } else {
            out.write((WIDE shl HALF_BYTE) or type)
            out.varint(size.toLong())
        }
    }

    private fun bytes(value: ByteArray) {
        out.varint(value.size.toLong())
        out.write(value)
    }

    /** Writes a signed number, small ones of either sign in few bytes. */
    private fun number(value: Long) = out.varint((value shl 1) xor (value shr Long.SIZE_BITS - 1))

    private companion object {
        const val STOP = 0
        const val I32 = 5
        const val I64 = 6
        const val BINARY = 8
        const val LIST = 9
        const val STRUCT = 12
        const val WIDE = 15
        const val HALF_BYTE = 4
    }
}

/** Writes an unsigned number in groups of seven bits, the lowest first. */
internal fun ByteArrayOutputStream.varint(value: Long) {
    var rest = value
    while (rest and LOW.inv() != 0L) {
        write(((rest and LOW) or MORE).toInt())
        rest = rest ushr BITS
    }
    write(rest.toInt())
}

private const val LOW = 0x7fL
private const val MORE = 0x80L
private const val BITS = 7
