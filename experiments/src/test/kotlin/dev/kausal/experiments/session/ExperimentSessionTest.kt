package dev.kausal.experiments.session

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ablate
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.dsl.experiment
import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.dsl.sweep
import dev.kausal.experiments.RunProgress
import dev.kausal.experiments.runExperiment
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries

private const val MODEL = "embedded:facts"

class ExperimentSessionTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun heads(name: String = "heads", answer: String = " Moscow"): ExperimentDeclaration =
            experiment(name) {
                model<CausalLm>(MODEL)
                val facts = contrasts {
                    contrast(
                        "The [Kremlin] is in the city of",
                        answer,
                        "The [British Museum] is in the city of",
                        " London",
                    )
                }
                val needed by sweep(facts, logitDifference) { each(heads) { head -> ablate(head) } }
                report { heatmap(needed) }
            }

        test("runs have the numbers of the command line, and share one model") {
            val typed = runExperiment(MODEL, folder.resolve("typed")) {
                val facts = contrasts {
                    contrast(
                        "The [Kremlin] is in the city of",
                        " Moscow",
                        "The [British Museum] is in the city of",
                        " London",
                    )
                }
                val needed by sweep(facts, logitDifference) { each(heads) { head -> ablate(head) } }
                report { heatmap(needed) }
            }
            ExperimentSession().use { session ->
                val first = session.run(heads(), folder.resolve("first"))
                val second = session.run(heads("again"), folder.resolve("second"))
                session.opened shouldBe 1
                session.withModel(MODEL) { it.config().layers() } shouldBe 4
                session.opened shouldBe 1
                for (run in listOf(first, second)) {
                    run.names shouldContainExactly listOf("needed")
                    run["needed"].perExample shouldContainExactly typed.getValue("needed").perExample
                    run.folder.resolve("report.html").exists() shouldBe true
                }
                first.bundle.environment.command shouldHaveSize 0
            }
        }

        test("results are columns: axes as whole numbers, then numbers") {
            ExperimentSession().use { session ->
                val run = session.run(heads(), folder.resolve("columns"))
                val cells = run.cells("needed")
                cells.rows shouldBe 16
                cells.columns.keys.take(3) shouldContainExactly listOf("layer", "head", "mean")
                cells.columns.getValue("layer").take(5) shouldContainExactly listOf(0, 0, 0, 0, 1)
                cells.columns.getValue("mean") shouldContainExactly run["needed"].mean
                val examples = run.examples("needed")
                examples.columns.keys.take(4) shouldContainExactly listOf("example", "layer", "head", "value")
                examples.columns.getValue("value") shouldContainExactly run["needed"].perExample.single()
                shouldThrow<NoSuchResultException> { run["neded"] }.message shouldContain "Did you mean 'needed'?"
            }
        }

        test("an exception of the progress ends a run without a trace, and the model stays usable") {
            class Enough : RuntimeException()

            val stopping = object : RunProgress {
                override fun note(line: String): Unit = Unit

                override fun begin(stage: String, total: Long?, unit: String) {
                    if (stage == "needed") throw Enough()
                }

                override fun advance(count: Long): Unit = Unit

                override fun end(note: String): Unit = Unit
            }
            val place = folder.resolve("stopped")
            ExperimentSession().use { session ->
                shouldThrow<Enough> { session.run(heads(), place.resolve("out"), stopping) }
                place.listDirectoryEntries() shouldHaveSize 0
                session.run(heads(), place.resolve("out"))["needed"].mean shouldHaveSize 16
                session.opened shouldBe 1
            }
        }

        test("mistakes are told with the text's lines, if it is known") {
            ExperimentSession().use { session ->
                val bare = heads(answer = " Moscow.")
                val found = shouldThrow<ScriptMistakes> { session.run(bare) }
                ExperimentSession.message(found, bare) shouldBe found.message
                val context = ScriptContext(folder, "mine.kausal.kts", text = "the text")
                val told = ScriptContext.use(context) { heads(answer = " Moscow.") }
                ExperimentSession.message(found, told) shouldStartWith "mine.kausal.kts has a mistake:"
            }
        }
    })
