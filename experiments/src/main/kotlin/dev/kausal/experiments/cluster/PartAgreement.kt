package dev.kausal.experiments.cluster

import dev.kausal.run.context.PartNumbers
import dev.kausal.spec.NoiseFloor
import kotlin.math.abs

/**
 * Compares two attempts at a part: on one kind of processor they have the same bytes, on different kinds they differ by
 * rounding at most.
 *
 * @param terms consecutive rounded operations in a pass
 * @param isBfloat16 whether products are in bfloat16
 */
internal class PartAgreement(
    private val terms: Int,
    private val isBfloat16: Boolean = false,
) {
    /** Returns how two attempts contradict each other; null if they do not. */
    fun difference(first: ComputedPart, second: ComputedPart): String? {
        if (first.bytes.contentEquals(second.bytes)) return null
        if (first.processor == second.processor) {
            return "their bytes differ, although the processors are of one kind"
        }
        val (one, other) = listOf(first, second).map { PartNumbers.of(it.name, it.bytes) }
        if (one.frame != other.frame || one.numbers.size != other.numbers.size) return "have other contents"
        val size = (one.numbers + other.numbers).filter { it.isFinite() }.maxOfOrNull { abs(it) } ?: 0.0
        val floor = if (isBfloat16) {
            NoiseFloor.of(0.0, 0, size, 1, NoiseFloor.BFLOAT16)
        } else {
            NoiseFloor.of(0.0, 0, size, terms)
        }
        val allowed = floor.floor * NoiseFloor.MARGIN
        val apart = one.numbers.zip(other.numbers) { a, b ->
            if (a == b ||
                (a.isNaN() && b.isNaN())
            ) {
                0.0
            } else {
                abs(a - b)
            }
        }
        val most = apart.maxOrNull() ?: 0.0
        return if (most <= allowed) null else "differ by $most, while rounding explains $allowed"
    }
}
