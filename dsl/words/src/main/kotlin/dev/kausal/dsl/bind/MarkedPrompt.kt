package dev.kausal.dsl.bind

import dev.kausal.dsl.mistakes.BracketFault

/** A prompt without its brackets; [subject] is the range of characters between them. */
internal class MarkedPrompt(
    val text: String,
    val subject: IntRange?,
    val fault: BracketFault?,
) {
    companion object {
        private const val MASK = "[MASK]"

        /** @param mask replacement of `[MASK]`; null if it marks a subject like any other brackets */
        fun parse(
            marked: String,
            mask: String? = null,
        ): MarkedPrompt {
            val text = StringBuilder()
            val opens = mutableListOf<Int>()
            val closes = mutableListOf<Int>()
            var unbalanced = false
            var i = 0
            while (i < marked.length) {
                val c = marked[i]
                if (mask != null && marked.startsWith(MASK, i)) {
                    text.append(mask)
                    i += MASK.length - 1
                } else if (c == '\\' && i + 1 < marked.length && marked[i + 1] in "[]") {
                    text.append(marked[++i])
                } else if (c == '[') {
                    unbalanced = unbalanced || opens.size > closes.size
                    opens += text.length
                } else if (c == ']') {
                    closes += text.length
                    unbalanced = unbalanced || closes.size > opens.size
                } else {
                    text.append(c)
                }
                i++
            }
            unbalanced = unbalanced || opens.size != closes.size
            val fault = fault(unbalanced, opens, closes)
            val subject = if (fault == null && opens.size == 1) opens[0] until closes[0] else null
            return MarkedPrompt(text.toString(), subject, fault)
        }

        private fun fault(
            unbalanced: Boolean,
            opens: List<Int>,
            closes: List<Int>,
        ): BracketFault? =
            when {
                unbalanced -> BracketFault.Unbalanced
                opens.size > 1 -> BracketFault.Several
                opens.size == 1 && opens[0] == closes[0] -> BracketFault.Empty
                else -> null
            }
    }
}
