package dev.kausal.dsl.bind

import java.lang.Character.UnicodeScript

/** Decides where a word follows a blank. */
internal object LeadingBlanks {
    /** Writing systems without blanks between words. */
    private val UNSPACED =
        setOf(
            UnicodeScript.HAN,
            UnicodeScript.HIRAGANA,
            UnicodeScript.KATAKANA,
            UnicodeScript.BOPOMOFO,
            UnicodeScript.YI,
            UnicodeScript.THAI,
            UnicodeScript.LAO,
            UnicodeScript.KHMER,
            UnicodeScript.MYANMAR,
            UnicodeScript.TIBETAN,
            UnicodeScript.JAVANESE,
            UnicodeScript.BALINESE,
            UnicodeScript.TAI_LE,
            UnicodeScript.NEW_TAI_LUE,
            UnicodeScript.TAI_THAM,
            UnicodeScript.TAI_VIET,
        )

    /** Punctuation before a blank; quotation marks may open or close, hyphens and slashes join. */
    private const val CLOSING = ".,:;!?)]}%\u2019\u201d\u2026"

    /** Returns whether a blank is expected between [prompt] and [answer], neither of which has one. */
    fun expected(
        prompt: String,
        answer: String,
    ): Boolean {
        if (prompt.isEmpty() || answer.isEmpty()) return false
        val before = prompt.codePointBefore(prompt.length)
        val after = answer.codePointAt(0)
        if (!Character.isLetterOrDigit(after) || !spaced(after)) return false
        // A number may continue: "17" + "33".
        if (Character.isDigit(before) && Character.isDigit(after)) return false
        return if (Character.isLetterOrDigit(before)) spaced(before) else CLOSING.indexOf(before.toChar()) >= 0
    }

    private fun spaced(letter: Int) = UnicodeScript.of(letter) !in UNSPACED
}
