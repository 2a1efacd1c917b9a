package dev.kausal.spec

import kotlinx.serialization.KSerializer
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

        internal fun taken(
            values: DoubleArray,
            size: Int,
        ): Numbers = Numbers(values.copyOf(size))
    }
}

/** Reads lists of numbers into arrays; they are written like any list. */
internal object NumbersSerializer : KSerializer<List<Double?>> {
    private const val FIRST_ROOM = 16
    private val number = Double.serializer().nullable
    private val list = ListSerializer(number)

    override val descriptor: SerialDescriptor = list.descriptor

    override fun serialize(
        encoder: Encoder,
        value: List<Double?>,
    ): Unit = list.serialize(encoder, value)

    override fun deserialize(decoder: Decoder): List<Double?> {
        val input = decoder.beginStructure(descriptor)
        var values = DoubleArray(FIRST_ROOM)
        var size = 0
        while (true) {
            val index = input.decodeElementIndex(descriptor)
            if (index == CompositeDecoder.DECODE_DONE) break
            if (size == values.size) values = values.copyOf(2 * size)
            values[size++] = input.decodeSerializableElement(descriptor, index, number) ?: Double.NaN
        }
        input.endStructure(descriptor)
        return Numbers.taken(values, size)
    }
}
