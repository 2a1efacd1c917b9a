package dev.kausal.experiments.cli

/** Sizes such as `8g` and `512m`, in powers of 1024. */
internal object MemorySize {
    private val FORM = Regex("([1-9][0-9]*)([kmgt])b?", RegexOption.IGNORE_CASE)
    private const val BITS_PER_STEP = 10

    /** Returns the bytes; null if [text] is not a size, or exceeds a Long. */
    fun parse(text: String): Long? {
        val (digits, unit) = FORM.matchEntire(text.trim())?.destructured ?: return null
        val shift = BITS_PER_STEP * ("kmgt".indexOf(unit.lowercase()) + 1)
        val number = digits.toLongOrNull() ?: return null
        return if (number > Long.MAX_VALUE shr shift) null else number shl shift
    }
}
