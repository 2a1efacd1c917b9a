package dev.kausal.run.fuzz

import dev.kausal.engine.fuzz.FuzzTarget
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.run.backend.OutcomeBytes
import dev.kausal.run.context.Journal
import dev.kausal.run.context.readJson
import dev.kausal.run.context.writeJson
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import kotlinx.serialization.builtins.ListSerializer
import java.nio.file.Path

private const val OUTCOMES = 12

/** Parts of a journal whose hash is right, and whose content another version may have written. */
enum class JournalPart : FuzzTarget {
    JOURNAL_OUTCOMES {
        override fun valid(): ByteArray =
            OutcomeBytes.of(List(OUTCOMES) { CellOutcome(it / 7.0, it, it / 3.0, 1.0 + it) })

        override fun read(of: Journal): Boolean = of.read("part")?.let { OutcomeBytes.read(it, OUTCOMES) } != null
    },
    JOURNAL_RESULTS {
        override fun valid(): ByteArray = written {
            val axes = listOf(AxisSpec("layer", listOf("0", "1")), AxisSpec("position", listOf("0", "1", "2")))
            val rows = List(2) { example -> List(6) { (it + example) / 7.0 } }
            val examples = listOf("a", "b")
            val result =
                Result("trace", ResultKind.Sweep, "m", axes, examples, listOf(2, 3), rows, mean = rows[0])
            it.writeJson("part", Results.serializer(), Results(results = listOf(result, result.copy(name = "more"))))
        }

        override fun read(of: Journal): Boolean = of.readJson("part", Results.serializer()) != null
    },
    JOURNAL_FLOORS {
        override fun valid(): ByteArray =
            written { it.writeJson("part", floors, List(3) { n -> NoiseFloor(1e-6 * n, 1e-7, n, 4.0, 128) }) }

        override fun read(of: Journal): Boolean = of.readJson("part", floors) != null
    }, ;

    /** Returns the content of a part as a run writes it. */
    abstract fun valid(): ByteArray

    /** Returns whether the part of the journal is taken. */
    abstract fun read(of: Journal): Boolean

    override fun title(): String = name

    override fun seeds(): Int = 1

    override fun seed(seed: Int): ByteArray = valid()

    override fun read(
        seed: Int,
        content: ByteArray,
        folder: Path,
    ): Boolean = read(OnePart().also { it.write("part", content) })

    private companion object {
        val floors = ListSerializer(NoiseFloor.serializer())

        fun written(write: (Journal) -> Unit): ByteArray = OnePart().also(write).content
    }
}

private class OnePart : Journal {
    var content = ByteArray(0)
        private set

    override fun read(part: String): ByteArray = content

    override fun write(
        part: String,
        bytes: ByteArray,
    ) {
        content = bytes
    }
}
