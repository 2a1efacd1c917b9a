package dev.kausal.spec

import kotlinx.serialization.KSerializer
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.ListSerializer
import kotlinx.serialization.builtins.nullable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.encoding.CompositeDecoder
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder

/** Numbers, some of which may be absent. */
public abstract class NumberList :
    AbstractList<Double?>(),
    RandomAccess {
    /** Returns the number at [index]; NaN if it is absent. */
    public abstract fun at(index: Int): Double

    final override fun get(index: Int): Double? = at(index).takeUnless { it.isNaN() }
}

/** Numbers in one array: a list of boxed numbers needs about three times the memory. */
public class Numbers private constructor(
    private val values: DoubleArray,
) : NumberList() {
    override val size: Int get() = values.size

    override fun at(index: Int): Double = values[index]

    public companion object {
        /** Returns [size] numbers, computed from their index by [number]; null and non-finite ones are absent. */
        public fun of(
            size: Int,
            number: (Int) -> Double?,
        ): Numbers = Numbers(DoubleArray(size) { finite(number(it)) })

        /** Returns the numbers of [list], of which non-finite ones are absent; [list] itself if it is a [NumberList]. */
        public fun of(list: List<Double?>): NumberList = list as? NumberList ?: of(list.size) { list[it] }

        /** Returns the numbers of [values]; non-finite ones are absent. Keeps the array, and changes those to NaN. */
        public fun of(values: DoubleArray): Numbers {
            for (i in values.indices) if (!values[i].isFinite()) values[i] = Double.NaN
            return Numbers(values)
        }

        private fun finite(number: Double?): Double = number?.takeIf { it.isFinite() } ?: Double.NaN
    }
}

/** A list of numbers that is read into one array. */
internal typealias PackedNumbers =
    @Serializable(with = NumbersSerializer::class)
    List<Double?>

/** The same of numbers that are all there. */
internal typealias PackedDoubles =
    @Serializable(with = DoublesSerializer::class)
    List<Double>

/** The same of whole numbers. */
internal typealias PackedInts =
    @Serializable(with = IntsSerializer::class)
    List<Int>

/** Reads lists into arrays; they are written like any list. */
internal abstract class ArraySerializer<T>(
    private val element: KSerializer<T>,
) : KSerializer<List<T>> {
    private val list = ListSerializer(element)

    final override val descriptor: SerialDescriptor = list.descriptor

    final override fun serialize(
        encoder: Encoder,
        value: List<T>,
    ): Unit = list.serialize(encoder, value)

    final override fun deserialize(decoder: Decoder): List<T> {
        val input = decoder.beginStructure(descriptor)
        val elements = elements()
        while (true) {
            val index = input.decodeElementIndex(descriptor)
            if (index == CompositeDecoder.DECODE_DONE) break
            elements.add(input.decodeSerializableElement(descriptor, index, element))
        }
        input.endStructure(descriptor)
        return elements.all()
    }

    protected abstract fun elements(): Elements<T>

    /** Elements read so far. */
    protected interface Elements<T> {
        fun add(element: T)

        /** Returns all, in an array of their number. */
        fun all(): List<T>
    }
}

private const val FIRST_ROOM = 16

internal object NumbersSerializer : ArraySerializer<Double?>(Double.serializer().nullable) {
    override fun elements(): Elements<Double?> =
        object : Elements<Double?> {
            private val read = DoubleElements()

            override fun add(element: Double?) = read.add(element ?: Double.NaN)

            override fun all(): List<Double?> = Numbers.of(read.array())
        }
}

internal object DoublesSerializer : ArraySerializer<Double>(Double.serializer()) {
    override fun elements(): Elements<Double> =
        object : Elements<Double> {
            private val read = DoubleElements()

            override fun add(element: Double) = read.add(element)

            override fun all(): List<Double> = read.array().asList()
        }
}

internal object IntsSerializer : ArraySerializer<Int>(Int.serializer()) {
    override fun elements(): Elements<Int> =
        object : Elements<Int> {
            private var read = IntArray(FIRST_ROOM)
            private var size = 0

            override fun add(element: Int) {
                if (size == read.size) read = read.copyOf(2 * size)
                read[size++] = element
            }

            override fun all(): List<Int> = read.copyOf(size).asList()
        }
}

/** An array that grows. */
private class DoubleElements {
    private var values = DoubleArray(FIRST_ROOM)
    private var size = 0

    fun add(value: Double) {
        if (size == values.size) values = values.copyOf(2 * size)
        values[size++] = value
    }

    fun array(): DoubleArray = values.copyOf(size)
}
