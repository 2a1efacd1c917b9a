package dev.kausal.experiments.export

import java.io.ByteArrayOutputStream
import java.io.OutputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.zip.GZIPOutputStream

/** A column of a table, by row. */
internal sealed interface TableColumn {
    val name: String

    /** Texts of few kinds: row i has [labels]`[index(i)]`. */
    class Texts(
        override val name: String,
        val labels: List<String>,
        val index: (Int) -> Int,
    ) : TableColumn

    /** Numbers, some of which may be absent. */
    class Numbers(
        override val name: String,
        val number: (Int) -> Double?,
    ) : TableColumn
}

/**
 * Writes a table in Apache Parquet's format, version 1: texts by dictionary, numbers as nullable doubles, pages compressed
 * with gzip. Rows are divided into groups, each of which is in memory while it is written.
 */
internal class ParquetFile(
    private val out: OutputStream,
    private val groupRows: Int = GROUP,
) {
    private class Chunk(
        val column: TableColumn,
        val rows: Int,
        val begin: Long,
        val data: Long,
        val plainBytes: Long,
        val bytes: Long,
    )

    private var at = 0L

    /** Writes the file of [rows] rows. */
    fun write(columns: List<TableColumn>, rows: Int) {
        put(MAGIC)
        val groups = (0 until rows step groupRows).map { first ->
            columns.map { chunk(it, first, minOf(groupRows, rows - first)) }
        }
        val footer = footer(columns, rows, groups)
        put(footer)
        put(littleEndian(Int.SIZE_BYTES) { putInt(footer.size) })
        put(MAGIC)
    }

    private fun chunk(column: TableColumn, first: Int, rows: Int): Chunk {
        val begin = at
        var plain = 0L
        if (column is TableColumn.Texts) {
            plain += page(dictionary(column.labels), column.labels.size, DICTIONARY_PAGE, PLAIN)
        }
        val data = at
        plain += when (column) {
            is TableColumn.Texts -> page(indices(column, first, rows), rows, DATA_PAGE, RLE_DICTIONARY)
            is TableColumn.Numbers -> page(numbers(column, first, rows), rows, DATA_PAGE, PLAIN)
        }
        return Chunk(column, rows, begin, data, plain, at - begin)
    }

    /** Writes a page and returns its size before compression, with its header. */
    private fun page(content: ByteArray, values: Int, type: Int, encoding: Int): Long {
        val packed = zipped(content)
        val header = ThriftCompact().apply {
            int(1, type)
            int(2, content.size)
            int(3, packed.size)
            if (type == DATA_PAGE) {
                struct(5) {
                    int(1, values)
                    int(2, encoding)
                    int(3, RLE)
                    int(4, RLE)
                }
            } else {
                struct(7) {
                    int(1, values)
                    int(2, encoding)
                }
            }
        }.ended()
        put(header)
        put(packed)
        return header.size.toLong() + content.size
    }

    private fun zipped(content: ByteArray): ByteArray {
        val bytes = ByteArrayOutputStream()
        GZIPOutputStream(bytes).use { it.write(content) }
        return bytes.toByteArray()
    }

    private fun dictionary(labels: List<String>): ByteArray {
        val out = ByteArrayOutputStream()
        labels.forEach { label ->
            val bytes = label.encodeToByteArray()
            out.write(littleEndian(Int.SIZE_BYTES) { putInt(bytes.size) })
            out.write(bytes)
        }
        return out.toByteArray()
    }

    private fun indices(column: TableColumn.Texts, first: Int, rows: Int): ByteArray {
        val bits = maxOf(1, Int.SIZE_BITS - Integer.numberOfLeadingZeros(column.labels.size - 1))
        val out = ByteArrayOutputStream().apply { write(bits) }
        runs(rows, { column.index(first + it) }) { length, value -> out.run(length, value, bits) }
        return out.toByteArray()
    }

    private fun numbers(column: TableColumn.Numbers, first: Int, rows: Int): ByteArray {
        val values = List(rows) { column.number(first + it) }
        val levels = ByteArrayOutputStream()
        runs(rows, { if (values[it] == null) 0 else 1 }) { length, value -> levels.run(length, value, 1) }
        val there = values.filterNotNull()
        return littleEndian(Int.SIZE_BYTES + levels.size() + there.size * Double.SIZE_BYTES) {
            putInt(levels.size())
            put(levels.toByteArray())
            there.forEach(::putDouble)
        }
    }

    /** Gives the runs of equal values among [count] to [take], with their lengths. */
    private fun runs(count: Int, value: (Int) -> Int, take: (Int, Int) -> Unit) {
        var from = 0
        while (from < count) {
            val same = value(from)
            var to = from + 1
            while (to < count && value(to) == same) to++
            take(to - from, same)
            from = to
        }
    }

    /** Writes a run of equal values in Parquet's hybrid encoding. */
    private fun ByteArrayOutputStream.run(length: Int, value: Int, bits: Int) {
        varint(length.toLong() shl 1)
        repeat((bits + Byte.SIZE_BITS - 1) / Byte.SIZE_BITS) { write(value ushr it * Byte.SIZE_BITS) }
    }

    private fun footer(columns: List<TableColumn>, rows: Int, groups: List<List<Chunk>>): ByteArray =
        ThriftCompact().apply {
            int(1, VERSION)
            structs(2, listOf<TableColumn?>(null) + columns) { if (it == null) root(columns.size) else element(it) }
            long(3, rows.toLong())
            structs(4, groups) { group ->
                structs(1, group) { chunk ->
                    long(2, chunk.begin)
                    struct(3) { metadata(chunk) }
                }
                long(2, group.sumOf { it.plainBytes })
                long(3, group.first().rows.toLong())
            }
            text(6, "Kausal")
        }.ended()

    private fun ThriftCompact.root(columns: Int) {
        text(4, "table")
        int(5, columns)
    }

    private fun ThriftCompact.element(column: TableColumn) {
        int(1, type(column))
        int(3, if (column is TableColumn.Texts) REQUIRED else OPTIONAL)
        text(4, column.name)
        if (column is TableColumn.Texts) {
            int(6, UTF8)
            struct(10) { struct(1) {} }
        }
    }

    private fun ThriftCompact.metadata(chunk: Chunk) {
        val texts = chunk.column is TableColumn.Texts
        int(1, type(chunk.column))
        ints(2, if (texts) listOf(PLAIN, RLE, RLE_DICTIONARY) else listOf(PLAIN, RLE))
        texts(3, listOf(chunk.column.name))
        int(4, GZIP)
        long(5, chunk.rows.toLong())
        long(6, chunk.plainBytes)
        long(7, chunk.bytes)
        long(9, chunk.data)
        if (texts) long(11, chunk.begin)
    }

    private fun type(column: TableColumn): Int = if (column is TableColumn.Texts) BYTE_ARRAY else DOUBLE

    private fun put(bytes: ByteArray) {
        out.write(bytes)
        at += bytes.size
    }

    private fun littleEndian(size: Int, fill: ByteBuffer.() -> Unit): ByteArray =
        ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).apply(fill).array()

    /** Numbers of Parquet's own enumerations. */
    private companion object {
        val MAGIC = "PAR1".encodeToByteArray()
        const val VERSION = 1
        const val GROUP = 1 shl 20
        const val DOUBLE = 5
        const val BYTE_ARRAY = 6
        const val REQUIRED = 0
        const val OPTIONAL = 1
        const val UTF8 = 0
        const val PLAIN = 0
        const val RLE = 3
        const val RLE_DICTIONARY = 8
        const val GZIP = 2
        const val DATA_PAGE = 0
        const val DICTIONARY_PAGE = 2
    }
}
