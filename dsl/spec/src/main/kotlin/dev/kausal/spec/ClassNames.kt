package dev.kausal.spec

/**
 * A classifier's class names, by number. Alternative names of one class are separated by commas. A number identifies a
 * class if names do not: `#134`, or `crane#134`.
 */
public class ClassNames(
    private val names: List<String>,
) {
    /** A unique name of each class: with its number if another class has the same name. */
    public val shown: List<String> =
        names.groupingBy { it }.eachCount().let { count ->
            names.mapIndexed { id, name -> if (count.getValue(name) == 1) name else "$name#$id" }
        }

    /** Returns the name of class [id] with its number. */
    public fun numbered(id: Int): String = "${names[id]}#$id"

    /** Returns the classes that [text] names, several if it is ambiguous. Case counts only if it distinguishes them. */
    public fun called(text: String): List<Int> =
        fitting(text).ifEmpty {
            val (name, number) = NUMBERED.matchEntire(text)?.destructured ?: return emptyList()
            val id = number.toIntOrNull()?.takeIf { it in names.indices } ?: return emptyList()
            if (name.isEmpty() || fits(names[id], name, ignoreCase = true)) listOf(id) else emptyList()
        }

    private fun fitting(text: String): List<Int> {
        val exact = names.indices.filter { fits(names[it], text, ignoreCase = false) }
        return exact.ifEmpty { names.indices.filter { fits(names[it], text, ignoreCase = true) } }
    }

    private fun fits(
        name: String,
        text: String,
        ignoreCase: Boolean,
    ): Boolean =
        name.trim().equals(text.trim(), ignoreCase) || name.split(',').any { it.trim().equals(text.trim(), ignoreCase) }

    private companion object {
        val NUMBERED = Regex("(.*)#(\\d+)", RegexOption.DOT_MATCHES_ALL)
    }
}
