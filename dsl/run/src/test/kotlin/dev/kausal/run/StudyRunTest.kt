package dev.kausal.run

import dev.kausal.dsl.on
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.run.context.Journal
import dev.kausal.spec.Results
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlinx.serialization.json.Json
import java.util.function.IntConsumer

/** Whole runs on a small random Llama: both executors, journals. */
class StudyRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("plain and compiled executors agree on every number of a study") {
            val study = headStudy(model)
            val plain = study.run(model, PlainExecutor()).results
            study.run(model).results.zip(plain).forEach { (a, b) ->
                a.perExample.flatten().zip(b.perExample.flatten()).forEach { (x, y) ->
                    withClue(a.name) { (x ?: 0.0) shouldBe (y ?: 0.0).plusOrMinus(1e-3) }
                }
            }
        }

        test("a run that is started again repeats nothing, and gives the same bytes") {
            val study = headStudy(model)
            val journal = Remembering()
            val first = Json.encodeToString(Results.serializer(), study.run(model, journal = journal))
            Json.encodeToString(Results.serializer(), study.run(model)) shouldBe first
            val again = study.run(model, Refusing, journal)
            Json.encodeToString(Results.serializer(), again) shouldBe first
        }

        test("an interrupted run goes on where it stopped") {
            val study = headStudy(model)
            val whole = Counting(BatchedExecutor(1L shl 28))
            val expected = study.run(model, whole)
            val journal = Remembering()
            val dying = Counting(BatchedExecutor(1L shl 28), dieAfter = 1)
            shouldThrow<IllegalStateException> { study.run(model, dying, journal) }
            val rest = Counting(BatchedExecutor(1L shl 28))
            study.run(model, rest, journal) shouldBe expected
            dying.cells + rest.cells shouldBe whole.cells
        }
    })

internal class Remembering : Journal {
    private val parts = HashMap<String, ByteArray>()

    override fun read(part: String): ByteArray? = parts[part]

    override fun write(
        part: String,
        bytes: ByteArray,
    ) {
        parts[part] = bytes
    }
}

private object Refusing : Executor {
    override fun execute(
        model: HookedModel,
        plan: SweepPlan,
        progress: IntConsumer,
    ): List<CellOutcome> = error("nothing should be computed again")

    override fun name(): String = "refusing"
}

private class Counting(
    private val executor: Executor,
    private val dieAfter: Int = Int.MAX_VALUE,
) : Executor {
    var cells = 0
        private set
    private var calls = 0

    override fun execute(
        model: HookedModel,
        plan: SweepPlan,
        progress: IntConsumer,
    ): List<CellOutcome> {
        check(calls++ < dieAfter) { "killed" }
        cells += plan.cells().size
        return executor.execute(model, plan, progress)
    }

    override fun name(): String = executor.name()
}
