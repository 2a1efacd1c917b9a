package dev.kausal.notebook

import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.host.ScriptLines
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger

/** The notebook's cells as scripts: experiments take their text, and mistakes their lines, from the cell. */
internal object Cells {
    private val number = AtomicInteger()

    /** Number of the current cell. */
    val current: Int get() = number.get()

    /** Makes [code] the script of the experiments that this thread declares from now on. */
    fun begin(code: String, id: Int?) {
        number.set(id ?: (number.get() + 1))
        ScriptContext.enter(ScriptContext(Path.of("").toAbsolutePath(), "cell-$current.kausal.kts", text = code))
    }

    /** Returns what [declare] declares outside of the cell's text: without lines. */
    fun <T> outside(declare: () -> T): T =
        ScriptLines.within({ false }) {
            ScriptContext.use(ScriptContext(Path.of("").toAbsolutePath(), "notebook.kausal.kts"), declare)
        }
}
