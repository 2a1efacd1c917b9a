package dev.kausal.dsl.host

import dev.kausal.spec.SCRIPT_EXTENSION

/** A line of a script. */
public data class ScriptPlace(
    val file: String,
    val line: Int,
) {
    override fun toString(): String = "$file:$line"
}

/**
 * Finds the script's line being executed, from the call stack.
 *
 * A script's frames are recognised by their file name, `*.kausal.kts`; a notebook's cells are `*.jupyter.kts`. Scripts
 * compiled as ordinary sources are found within [within].
 */
public object ScriptLines {
    private val walker = StackWalker.getInstance()
    private const val CELL_EXTENSION = ".jupyter.kts"
    private val filter = ThreadLocal.withInitial<(String) -> Boolean> {
        { it.endsWith(SCRIPT_EXTENSION) || it.endsWith(CELL_EXTENSION) }
    }

    /** Returns the innermost script line on the call stack; null outside scripts. */
    public fun here(): ScriptPlace? {
        val isScript = filter.get()
        return walker.walk { frames ->
            frames
                .filter { frame -> frame.lineNumber > 0 && frame.fileName?.let(isScript) == true }
                .findFirst()
                .map { ScriptPlace(it.fileName, it.lineNumber) }
                .orElse(null)
        }
    }

    /** Runs [block] treating files whose names [isScript] accepts as scripts. */
    public fun <T> within(
        isScript: (String) -> Boolean,
        block: () -> T,
    ): T {
        val outer = filter.get()
        filter.set(isScript)
        try {
            return block()
        } finally {
            filter.set(outer)
        }
    }

    internal fun line(): Int? = here()?.line
}
