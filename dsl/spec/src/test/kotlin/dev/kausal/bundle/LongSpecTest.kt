package dev.kausal.bundle

import dev.kausal.spec.CellSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.ModelShape
import dev.kausal.spec.ModelSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.Results
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.file.Path

class LongSpecTest :
    FunSpec({
        // As a tree of JSON, the cells would take 170 MB; the text of the spec takes 30 MB.
        test("a spec of many cells is written and read without a tree of them") {
            val java = Path.of(System.getProperty("java.home"), "bin", "java")
            val options = listOf("-Xmx160m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"))
            val folder = tempdir().toPath().resolve("a")
            val process =
                ProcessBuilder(listOf("$java") + options + listOf(LongSpec::class.java.name, "$folder"))
                    .redirectErrorStream(true).start()
            val said = process.inputReader().readText()
            process.waitFor() to said.trim() shouldBe (0 to "60000 cells")
        }
    })

/** Writes a bundle with many cells to the folder that is named, and reads it. */
internal object LongSpec {
    private const val CELLS = 60_000
    private const val SCRIPT = "probe.kausal.kts"

    @JvmStatic
    fun main(words: Array<String>) {
        val contents = BundleContents(
            ExperimentSpec(
                name = "probe",
                script = SCRIPT,
                model = ModelSpec("tiny", "CausalLm", "llama", ModelShape(1, 1, 1, 4, 4, 8, 10, 16)),
                contrasts = emptyList(),
                analyses = listOf(
                    SweepSpec(
                        "swept",
                        "none",
                        metric = MetricSpec.LogitDifference,
                        axes = emptyList(),
                        cells = cells(),
                    ),
                ),
            ),
            Results(results = emptyList()),
            EnvironmentRecord(
                kausal = "0",
                versions = emptyMap(),
                processor = "any",
                threads = 1,
                dtype = "float32",
                command = emptyList(),
                executor = "exact",
                plan = emptyMap(),
                started = "now",
                seconds = emptyMap(),
            ),
            "<!doctype html>",
            SCRIPT,
            "1",
        )
        val bundle = BundleWriter.open(Path.of(words.single()), "probe").use { it.write(contents) }
        println("${(Bundle.read(bundle).spec.analyses.single() as SweepSpec).cells.size} cells")
    }

    private fun cells() =
        List(CELLS) { cell ->
            CellSpec(
                RunSpec.Clean,
                listOf(EditSpec("blocks.0.attn.hook_z", PartSpec.Head(0), PlaceSpec.Position(cell), ValueSpec.Zero)),
            )
        }
}
